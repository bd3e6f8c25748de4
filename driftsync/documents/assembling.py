"""This module makes one member's snapshot of any number of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from driftsync.documents import config_api, merge_file, security_export
from driftsync.documents.collection import is_collection, read_collection
from driftsync.documents.document import Document
from driftsync.documents.recognising import UnknownFormatError, is_snapshot, read_document
from driftsync.documents.text import not_readable, printable
from driftsync.errors import ConflictError, DocumentError
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import all_kinds
from driftsync.kinds.making import Maker, RawItem, moves_by_itself
from driftsync.kinds.places import Action, ConfigApi, CpfRows, CpfSection, CpfSettings, Record
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import (
    FORMAT_VERSION,
    Coverage,
    Extraction,
    Facts,
    Gap,
    Header,
    Item,
    Member,
    MemberRole,
    Product,
    Snapshot,
    Source,
)
from driftsync.version import __version__

PLACES = {
    merge_file.FORMAT: (Action, CpfRows, CpfSection, CpfSettings),
    config_api.FORMAT: (ConfigApi,),
}
"""Where a document of many kinds can hold items: what the user declares whole may then be empty there."""

Progress = Callable[[int], None]
"""Told how many files were read so far."""


def read_member(
    source: Path,
    *,
    fingerprinter: Fingerprinter,
    member: Member | None = None,
    directories: dict[str, str] | None = None,
    whole: Iterable[str] = (),
    progress: Progress = lambda _done: None,
) -> Snapshot:
    """Read a file, or a folder with any number of them, as one member.

    `directories` are names for this member's own directories, beside those its CPF shows; `whole` names kinds
    (or `all`) whose partial files the user declares to be whole. Raises `DocumentError` for a file that cannot
    be understood and `ConflictError` where two of them disagree.
    """
    documents, passed_over = _read_all(source, progress)
    declared = frozenset(whole)
    for document in documents:
        _declare_whole(document, declared)
    own = {name: place for document in documents for name, place in document.directories.items()}
    own.update(directories or {})
    return assemble(source, documents, fingerprinter, member=member, directories=own, passed_over=passed_over)


def _read_all(source: Path, progress: Progress) -> tuple[list[Document], list[Source]]:
    try:
        there = source.exists()
    except OSError as error:
        raise not_readable(source, error) from None
    if not there:
        raise DocumentError(
            source,
            _("there is no such file or folder, and no member of that name in the settings"),
            hint=_("check the path, or name the settings file with --settings"),
        )
    if not source.is_dir():
        progress(0)
        return [read_document(source)], []
    if is_collection(source):
        progress(0)
        return [read_collection(source)], []
    documents: list[Document] = []
    passed_over: list[Source] = []
    for path in _files_in(source):
        if path.name.startswith(".") or path.is_dir():
            continue
        progress(len(documents))
        if is_snapshot(path):
            raise DocumentError(
                path,
                _("is a snapshot inside a folder of exports"),
                line=1,
                hint=_("compare the snapshot itself, or move it out of the folder"),
            )
        try:
            documents.append(read_document(path))
        except UnknownFormatError as error:
            passed_over.append(Source(path=printable(path), format="passed over", remark=error.reason))
    if not documents:
        raise DocumentError(
            source,
            _("no file in this folder is an export of a member"),
            hint=_("put the CPF, the security export and the task export of one member into it"),
        )
    return documents, passed_over


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise not_readable(folder, error) from None


def _declare_whole(document: Document, whole: frozenset[str]) -> None:
    """Take the user's word that a file holds all items of a kind; one that it could hold and does not is empty."""
    lost = {gap.kind for gap in document.gaps}
    for name, kind in all_kinds().items():
        seen = document.coverage.get(name)
        declared = name in whole or ("all" in whole and seen is Coverage.PARTIAL)
        if (
            declared
            and name not in lost
            and (seen is Coverage.PARTIAL or (seen is None and _may_be_empty(document, kind)))
        ):
            document.coverage[name] = Coverage.WHOLE


def _may_be_empty(document: Document, kind: Kind) -> bool:
    """Say whether a file of this sort can hold items of a kind without showing that it holds none."""
    if document.format == security_export.FORMAT:
        return any(isinstance(place, Record) and place.tag in security_export.GUESTS for place in kind.places)
    return any(isinstance(place, PLACES.get(document.format, ())) for place in kind.places)


def assemble(
    source: Path,
    documents: list[Document],
    fingerprinter: Fingerprinter,
    *,
    member: Member | None,
    directories: dict[str, str],
    passed_over: Iterable[Source] = (),
    extraction: Extraction | None = None,
    observed: Mapping[str, object] | None = None,
    unobserved: Mapping[str, str] | None = None,
) -> Snapshot:
    """Make the items of all documents of one member, and one snapshot of them.

    Raises `ConflictError` where two files disagree; a running member that contradicts itself is a gap.
    """
    maker = Maker(fingerprinter, directories)
    collected = _Collected()
    gaps: list[Gap] = []
    for document in documents:
        for raw in document.items:
            if moves_by_itself(raw):
                continue
            try:
                item, item_gaps = maker.make(raw)
            except ValueError:
                document.lost_item(raw.kind.name, raw.line)
                continue
            gaps.extend(item_gaps)
            collected.add(item, document, raw)
    gaps += collected.ambiguous
    gaps += [gap for document in documents for gap in document.gaps]
    items = collected.sorted_items()
    coverage = _joined_coverage(documents)
    header = Header(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        member=_member(source, documents, member),
        taken_at=_first(document.taken_at for document in documents)
        or datetime.now(timezone.utc).isoformat(timespec="seconds"),
        items=len(items),
        facts=msgspec.structs.replace(
            _facts(documents, directories), observed=dict(observed or {}), unobserved=dict(unobserved or {})
        ),
        coverage={name: coverage[name] for name in all_kinds() if name in coverage},
        sources=[*(_source(document) for document in documents), *passed_over],
        extraction=extraction,
        gaps=sorted(
            dict.fromkeys(gaps), key=lambda gap: (gap.kind, gap.namespace, gap.key, gap.property, gap.reason)
        ),
    )
    return Snapshot(header=header, items=items)


class _Collected:
    """Items by key, and what to do when one key comes twice."""

    def __init__(self) -> None:
        self._items: dict[str, tuple[Item, Document, RawItem]] = {}
        self.ambiguous: list[Gap] = []
        self._refused: set[str] = set()

    def sorted_items(self) -> tuple[Item, ...]:
        return tuple(self._items[key][0] for key in sorted(self._items) if key not in self._refused)

    def add(self, item: Item, document: Document, raw: RawItem) -> None:
        key = item.key.match
        before = self._items.get(key)
        if before is None:
            self._items[key] = (item, document, raw)
            return
        if key in self._refused:
            return
        first, first_document, first_raw = before
        joined = _join(first, item)
        same_name = document is first_document and (raw.kind.name == "task" or document.live)
        if joined is None and raw.kind.name == "sql-privilege" and document is first_document:
            joined = max(first, item, key=lambda each: each.compared.get("Grantable", 0))
        left_out = document is first_document and joined is None and raw.kind.identity.leaves_out
        if same_name or left_out:
            self._refuse(item, document, first_raw, raw)
        elif joined is None:
            raise ConflictError(
                document.path,
                _("{key} has another {property} here than in {other}").format(
                    key=item.key,
                    property=_disagreeing(first, item),
                    other=f"{first_document.path}:{first_raw.line}"
                    if first_raw.line
                    else first_document.path,
                ),
                line=raw.line,
                hint=_("a folder holds the files of one member at one time; take the older file out"),
            )
        else:
            self._items[key] = (joined, first_document, first_raw)

    def _refuse(self, item: Item, document: Document, first: RawItem, second: RawItem) -> None:
        """Refuse to guess which of two things of one name is meant: both become one gap."""
        self._refused.add(item.key.match)
        self.ambiguous.append(
            Gap(
                kind=item.key.kind,
                namespace=item.key.namespace,
                key=str(item.key),
                reason=_("two of this name; which of them is meant cannot be known")
                if document.live
                else _(
                    "{path}: two of this name at lines {first} and {second}; "
                    "which of them is meant cannot be known"
                ).format(path=printable(document.path), first=first.line, second=second.line),
            )
        )


def _join(first: Item, second: Item) -> Item | None:
    """Join what two documents say of one item; `None` where they contradict each other."""
    if _disagreeing(first, second):
        return None
    return Item(
        key=first.key,
        compared={**first.compared, **second.compared},
        local={**first.local, **second.local},
        unlisted={**first.unlisted, **second.unlisted},
        unread=tuple(sorted({*first.unread, *second.unread})),
        partial=first.partial and second.partial,
    )


def _disagreeing(first: Item, second: Item) -> str:
    """Return the first property on which two documents disagree, empty where there is none.

    Where both state the item as a whole, a property that one leaves out is empty there.
    """
    partial = first.partial or second.partial
    for mine, theirs in ((first.compared, second.compared), (first.unlisted, second.unlisted)):
        names = mine.keys() & theirs.keys() if partial else mine.keys() | theirs.keys()
        for name in sorted(names):
            if mine.get(name) != theirs.get(name):
                return str(name)
    return ""


def _joined_coverage(documents: list[Document]) -> dict[str, Coverage]:
    """Take the best view that any document has of a kind, unless one of them lost part of it."""
    order = [Coverage.NOT_LOOKED_AT, Coverage.NONE, Coverage.PARTIAL, Coverage.WHOLE]
    joined: dict[str, Coverage] = {}
    for document in documents:
        for kind, coverage in document.coverage.items():
            joined[kind] = max(joined.get(kind, Coverage.NOT_LOOKED_AT), coverage, key=order.index)
    return joined


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _member(source: Path, documents: list[Document], member: Member | None) -> Member:
    name = member.name if member else printable(source.resolve().name if source.is_dir() else source.stem)
    read = next((document.role for document in documents if document.role is not MemberRole.UNKNOWN), None)
    stated = member.role if member else MemberRole.UNKNOWN
    role = stated if read in (None, MemberRole.FAILOVER) and stated is not MemberRole.UNKNOWN else read
    return Member(
        name=name,
        role=role or MemberRole.UNKNOWN,
        mirror=_first(document.mirror for document in documents) or (member.mirror if member else ""),
        instance=_first(document.instance for document in documents),
    )


def _facts(documents: list[Document], directories: dict[str, str]) -> Facts:
    products = {document.product for document in documents if document.product is not Product.UNKNOWN}
    addresses = [document.virtual_address for document in documents if document.virtual_address is not None]
    return Facts(
        product=next(iter(products), Product.UNKNOWN),
        release=_first(document.release for document in documents),
        virtual_address=addresses[0] if addresses else None,
        paths=directories,
    )


def _source(document: Document) -> Source:
    return Source(path=printable(document.path), format=document.format, remark="; ".join(document.remarks))
