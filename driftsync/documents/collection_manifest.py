"""This module reads the manifest of a collection: who it was taken from, its sections, and whether it was finished."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from driftsync.documents.text import read_bytes
from driftsync.errors import DocumentError
from driftsync.language import english as _
from driftsync.language import visible

MANIFEST = "manifest.jsonl"
FORMAT_NAME = "driftsync-collection"
FORMAT_VERSION = 1
FIRST_BYTES = b'{"format":"driftsync-collection"'


class State(Enum):
    """How a section ended."""

    WHOLE = "whole"
    ABSENT = "absent"
    """The release has no such class."""
    FAILED = "failed"


@dataclass
class Section:
    """One file of a collection, as the script ended it."""

    name: str
    file: str
    count: int
    state: State
    reason: str = ""
    lost: bool = False
    """Whether reading found less than the script wrote, or the script could not read all."""

    def problem(self, read: int) -> str:
        """Say what is wrong with a section of which so many lines were read, nothing where all is well."""
        if self.state is State.FAILED:
            return _("the script could not read all of it: {reason}").format(reason=self.reason or "?")
        if read != self.count:
            return _("{read} of {count} lines are there: the file was cut or edited").format(
                read=read, count=self.count
            )
        return ""


@dataclass
class Manifest:
    """What a collection says of itself."""

    instance: str = ""
    host: str = ""
    mirror: str = ""
    mirror_status: str = ""
    version: str = ""
    locale: str = ""
    taken_at: str = ""
    sections: list[Section] = field(default_factory=list)
    complete: bool = False

    def section(self, name: str) -> Section | None:
        return next((each for each in self.sections if each.name == name), None)


class _Head(msgspec.Struct):
    format: str
    format_version: int
    instance: str = ""
    host: str = ""
    mirror: str = ""
    mirror_status: str = ""
    version: str = ""
    locale: str = ""
    taken_at: str = ""


class _SectionLine(msgspec.Struct):
    section: str
    file: str
    count: int
    status: str
    reason: str = ""


def read_manifest(path: Path) -> Manifest:
    """Read the manifest; raises `DocumentError` for a head that is damaged or of a format that is not known."""
    lines = read_bytes(path).splitlines()
    head = _head(path, lines[0] if lines else b"")
    manifest = Manifest()
    for name in ("instance", "host", "mirror", "mirror_status", "version", "locale", "taken_at"):
        setattr(manifest, name, visible(getattr(head, name)))
    for number, line in enumerate(lines[1:], 2):
        try:
            made = msgspec.json.decode(line)
            if isinstance(made, dict) and "end" in made:
                manifest.complete = _is_end(made, manifest, last=number == len(lines))
            else:
                manifest.sections.append(_section(msgspec.convert(made, _SectionLine)))
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            break  # a line that was cut: what follows is lost, and so is the end
    return manifest


def _head(path: Path, line: bytes) -> _Head:
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        head = _Head("", 0)
    if head.format != FORMAT_NAME:
        raise DocumentError(
            path,
            _("does not begin as the manifest of a collection does"),
            line=1,
            hint=_("the file is damaged; carry the folder over again, or run the script again"),
        )
    if head.format_version != FORMAT_VERSION:
        raise DocumentError(
            path,
            _("is of format version {found}; this driftsync reads {known}").format(
                found=head.format_version, known=FORMAT_VERSION
            ),
            line=1,
            hint=_("use the script and the driftsync of the same version"),
        )
    return head


def _section(line: _SectionLine) -> Section:
    if Path(line.file).name != line.file or "\\" in line.file:
        raise ValueError("a section lies outside the folder")
    return Section(line.section, line.file, line.count, State(line.status), visible(line.reason))


def _is_end(line: dict[str, Any], manifest: Manifest, *, last: bool) -> bool:
    return last and line.get("end") is True and line.get("sections") == len(manifest.sections)
