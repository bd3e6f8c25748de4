"""This module reads a collection: the folder that the script of `driftsync collect` makes on a member.

The folder holds `manifest.jsonl` (what this is, one line a section, an end), `member.cpf`, and one file of JSON Lines
a section. Secrets were never written; where one was left out its property is unread, told once for all items.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from driftsync import normalize
from driftsync.documents.collection_manifest import MANIFEST, Manifest, Section, State, read_manifest
from driftsync.documents.cpf import read_cpf
from driftsync.documents.document import Document
from driftsync.documents.task_export import follow_run_after, full_name
from driftsync.documents.text import decode, printable, read_bytes
from driftsync.errors import DocumentError
from driftsync.kinds import all_kinds
from driftsync.kinds.making import RawItem, RawValue, key_of
from driftsync.kinds.roots_of_files import Roots, roots_of
from driftsync.kinds.spec import Kind, Treat
from driftsync.language import english as _
from driftsync.model import Coverage, Gap, MemberRole

FORMAT = "collection"
SCRIPT = Path(__file__).with_name("collection.mac")
"""The routine that makes the folder."""
MASK = "driftsync:left-out"
"""What stands in `member.cpf` in place of a value."""

_KIND_OF_SECTION = {"code": "custom-code", "SYS.Database": "database", "%SYS.NLS.Locale": "nls-locale"}
_CLASSES_OF_SECTION = {"code": ("%Library.Routine", "%Dictionary.CompiledClass")}
_STATUS_ROLES = {"PRIMARY": MemberRole.PRIMARY, "BACKUP": MemberRole.BACKUP}
_OF_THE_ENTRY = frozenset({"Directory", "ClusterMountMode", "Resource"})
"""Properties of a label that the entry in the CPF has too, or that repeat another."""
_OF_THE_FILE = ("CPFName", "SectionHeader", "Comments")
"""Where an object of `Config.*` stands in the CPF: never compared (api.md 2.1)."""
_LEFT_OUT = (
    "left out of the collection on purpose: it is a secret, or may hold one. Compare it by an export, or live"
)


class _Line(msgspec.Struct):
    """One item as the script writes it."""

    class_: str = msgspec.field(name="class")
    values: dict[str, Any]
    left_out: list[str] = []


_DECODER = msgspec.json.Decoder(_Line)


@dataclass(frozen=True)
class _Found:
    line: _Line
    number: int


def is_collection(folder: Path) -> bool:
    """Say whether a folder has the manifest of a collection."""
    return folder.is_dir() and (folder / MANIFEST).is_file()


def read_collection(folder: Path) -> Document:
    """Read the folder as one document; raises `DocumentError` where the manifest is damaged or of a newer format."""
    manifest = read_manifest(folder / MANIFEST)
    document = Document(folder, FORMAT, taken_at=manifest.taken_at, mirror=manifest.mirror)
    document.remarks.append(_("secrets were left out on purpose"))
    if not manifest.complete:
        reason = _("the collection was cut short: its manifest has no end; run the script again")
        document.gaps.append(Gap(reason=reason))
    _read_cpf(document, manifest)
    document.role = _STATUS_ROLES.get(manifest.mirror_status, document.role)
    document.instance = document.instance or manifest.instance
    labels: dict[str, _Found] = {}
    for section in manifest.sections:
        if section.name == "CPF":
            continue
        found = list(_lines(document, section))
        if section.name == "SYS.Database":
            labels = {str(each.line.values.get("Directory", "")): each for each in found}
        else:
            _take(document, section, found)
        _coverage(document, section)
    roots = roots_of(document.items, [])
    document.items = [_named_file(_with_label(item, labels), roots) for item in document.items]
    _tell_left_out(document)
    return document


# -- the CPF ---------------------------------------------------------------------------------------------------


def _read_cpf(document: Document, manifest: Manifest) -> None:
    section = manifest.section("CPF")
    path = document.path / (section.file if section else "member.cpf")
    if section is None or not path.is_file():
        document.gaps.append(Gap(reason=_("the collection has no copy of the CPF")))
        return
    text, _remark = decode(path, read_bytes(path))
    try:
        read = read_cpf(path, text)
    except DocumentError as error:
        document.gaps.append(Gap(reason=_("the copy of the CPF is damaged: {why}").format(why=error.reason)))
        return
    problem = section.problem(text.count("\n"))
    if problem:
        document.gaps.append(Gap(reason=f"{printable(path)}: {problem}"))
    document.items += [_without_masks(item) for item in read.items]
    document.gaps += read.gaps
    document.coverage |= read.coverage
    for name in ("product", "release", "instance", "role", "virtual_address", "directories"):
        setattr(document, name, getattr(read, name))
    document.mirror = read.mirror or document.mirror


def _without_masks(item: RawItem) -> RawItem:
    masked = tuple(name for name, value in item.values.items() if value == MASK)
    if not masked:
        return item
    values = {name: value for name, value in item.values.items() if name not in masked}
    return replace(item, values=values, left_out=masked)


def _with_label(item: RawItem, labels: dict[str, _Found]) -> RawItem:
    """Join what the file of a local database says of itself to its entry in the CPF."""
    found = labels.get(str(item.values.get("Directory", ""))) if item.kind.name == "database" else None
    if found is None or item.values.get("Server"):
        return item
    label = {name: value for name, value in found.line.values.items() if name not in _OF_THE_ENTRY}
    return replace(item, values={**label, **item.values}, left_out=(*item.left_out, *found.line.left_out))


def _named_file(item: RawItem, roots: Roots) -> RawItem:
    """Call a file after what it belongs to; the script knows its path only."""
    if item.kind.name != "file" or not item.values.get("Path"):
        return item
    path = str(item.values["Path"])
    return replace(item, values={**item.values, "Path": roots.name_of(path), "Location": path})


# -- sections ----------------------------------------------------------------------------------------------------


def _lines(document: Document, section: Section) -> Iterator[_Found]:
    """Yield the items of a section; what is lost of it is a gap of its kind, and never the end of reading."""
    path = document.path / section.file
    try:
        empty = path.is_file() and not path.stat().st_size  # which rightly says that there is nothing
        content = b"" if empty else read_bytes(path)
    except (DocumentError, OSError):
        _lost(document, section, _("the file {file} is missing or cannot be read").format(file=section.file))
        return
    read = damaged = 0
    for number, raw in enumerate(content.splitlines(), 1):
        try:
            line = _DECODER.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            damaged += 1
            continue
        read += 1
        yield _Found(line, number)
    problem = section.problem(read)
    if not problem and damaged:
        problem = _("{count} lines are damaged").format(count=damaged)
    if problem:
        _lost(document, section, f"{printable(section.file)}: {problem}")


def _lost(document: Document, section: Section, reason: str) -> None:
    kind = _kind_of_section(section.name)
    section.lost = True
    document.gaps.append(Gap(kind=kind.name if kind else "", reason=reason))


def _coverage(document: Document, section: Section) -> None:
    kind = _kind_of_section(section.name)
    if kind is None or section.name == "SYS.Database":
        return
    if section.lost:
        document.coverage[kind.name] = Coverage.PARTIAL
    elif section.state is State.WHOLE:
        document.coverage[kind.name] = Coverage.WHOLE


def _take(document: Document, section: Section, found: list[_Found]) -> None:
    kind = _kind_of_section(section.name)
    if kind is None:
        reason = _("section {name} of the collection is covered by no kind").format(name=section.name)
        document.gaps.append(Gap(reason=reason))
        return
    if section.name == "Config.Gateways" and (found or section.state is State.WHOLE) and not section.lost:
        # The objects say more of language servers than their lines in the CPF.
        document.items = [item for item in document.items if item.kind is not kind]
    elif section.name == "Config.Gateways":
        return
    names = _task_names(found) if kind.name == "task" else {}
    for each in found:
        if each.line.class_ not in _CLASSES_OF_SECTION.get(section.name, (section.name,)):
            document.lost_item(kind.name, each.number)
            section.lost = True
            continue
        values: dict[str, RawValue] = dict(each.line.values)
        unread: list[str] = []
        if kind.name == "task":
            follow_run_after(values, names, unread)
            values["StartDate"] = normalize.horolog(values.get("StartDate"))
        for name in _OF_THE_FILE:
            values.pop(name, None)
        left = tuple(dict.fromkeys(name for name in map(_joined(kind), each.line.left_out) if name))
        document.items.append(RawItem(kind, values, each.number, unread=tuple(unread), left_out=left))


def _task_names(found: list[_Found]) -> dict[str, str]:
    values = [each.line.values for each in found]
    return {str(task["JobGUID"]): full_name(task) for task in values if task.get("JobGUID")}


def _joined(kind: Kind) -> Any:
    """Return what names the property of a kind that a left out one belongs to, nothing where it does not count."""

    def name_of(name: str) -> str:
        declared = kind.declared(name)
        if declared is None:
            return name
        if not declared.kept:
            return ""
        return declared.part_of or name if declared.treat is Treat.SECRET else name

    return name_of


def _tell_left_out(document: Document) -> None:
    """Note each property that was left out once, however many items have it; of settings, each is its own."""
    told: dict[tuple[str, str, str, str], Gap] = {}
    for item in document.items:
        for name in item.left_out:
            where: dict[str, str] = {}
            if item.kind.per_item:
                key = key_of(item.kind, item.values)
                where = {"namespace": key.namespace, "key": str(key)}
            place = (item.kind.name, where.get("namespace", ""), where.get("key", ""), name)
            told[place] = Gap(kind=item.kind.name, property=name, reason=_(_LEFT_OUT), **where)
    document.gaps += told.values()


@cache
def _kinds_by_class() -> dict[str, Kind]:
    return {kind.iris_class: kind for kind in all_kinds().values()}


def _kind_of_section(name: str) -> Kind | None:
    known = _KIND_OF_SECTION.get(name)
    return all_kinds()[known] if known else _kinds_by_class().get(name)
