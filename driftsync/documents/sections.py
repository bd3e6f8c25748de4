"""This module splits a CPF or a merge file into sections and entries, and knows every trap of that grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from driftsync.documents.text import numbered_lines
from driftsync.errors import DocumentError
from driftsync.language import _

_SECTION = re.compile(r"^\[([^\[\]]+)\]$")


@dataclass(frozen=True)
class Entry:
    """One `key=value` line. In `[Actions]`, `key` is the verb and `value` what follows the colon."""

    key: str
    value: str = field(repr=False)
    line: int


@dataclass
class Section:
    """One `[Section]` with its entries in the order of the file."""

    name: str
    line: int
    entries: list[Entry] = field(default_factory=list)

    def value(self, key: str) -> str:
        """Return the value of `key` whatever its case, empty where it is not there."""
        return next((each.value for each in self.entries if each.key.lower() == key.lower()), "")


@dataclass
class Sections:
    """A whole file, by lower-case section name."""

    path: Path
    by_name: dict[str, Section]
    cut_at: int = 0
    """The number of a last line that was cut in the middle; 0 where none was."""

    def get(self, name: str) -> Section | None:
        return self.by_name.get(name.lower())


def split_sections(path: Path, text: str, *, first_line: int = 1) -> Sections:
    """Split the text of a CPF or a merge file.

    Only whole-line comments are comments: `#` and `;` occur inside values. The first `=` outside quotes
    divides, for a subscript may hold one. Raises `DocumentError` for a line that is nothing of this, and for
    a section or key that stands twice with different content.
    """
    found = Sections(path, {})
    current: Section | None = None
    in_comment = False
    lines = list(numbered_lines(path, text))
    last = max((number for number, line in lines if line.strip()), default=0)
    ends_whole = text.endswith(("\n", "\r")) or not lines[-1][1].strip()
    for offset, raw in lines:
        number, line = offset + first_line - 1, raw.strip()
        if in_comment or line.startswith("/*"):
            in_comment = "*/" not in line
            continue
        if not line or line.startswith(("#", ";", "//")):
            continue
        if match := _SECTION.match(line):
            current = _open(found, match[1].strip(), number)
        elif current is None:
            raise DocumentError(
                path,
                _("stands before the first [Section]"),
                line=number,
                hint=_("this does not look like a CPF or a configuration merge file"),
            )
        else:
            entry = _entry(current.name, line, number)
            if entry is None and offset == last and not ends_whole:
                found.cut_at = number
            elif entry is None:
                raise DocumentError(
                    path,
                    _("is neither [Section], key=value nor a comment"),
                    line=number,
                    hint=_("the file is damaged or was edited; take it from the member again"),
                )
            else:
                current.entries.append(entry)
    _refuse_contradictions(found)
    if not ends_whole and current and current.name.lower() != "actions" and not found.cut_at:
        found.cut_at = -last
    return found


def _open(found: Sections, name: str, number: int) -> Section:
    before = found.by_name.get(name.lower())
    if before:
        raise DocumentError(
            found.path,
            _("section [{name}] stands here for the second time; the first is at line {first}").format(
                name=name, first=before.line
            ),
            line=number,
            hint=_("which of the two counts cannot be known; take the file from the member again"),
        )
    section = Section(name, number)
    found.by_name[name.lower()] = section
    return section


def _entry(section: str, line: str, number: int) -> Entry | None:
    mark = ":" if section.lower() == "actions" else "="
    at = _outside_quotes(line, mark) if section.lower().startswith("map.") else -1
    if at < 0:
        at = line.find(mark)
    if at <= 0:
        return None
    return Entry(line[:at].strip(), line[at + 1 :].strip(), number)


def _outside_quotes(line: str, mark: str) -> int:
    quoted = False
    for position, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == mark and not quoted:
            return position
    return -1


def _refuse_contradictions(found: Sections) -> None:
    for section in found.by_name.values():
        if section.name.lower() == "actions":
            continue
        seen: dict[str, Entry] = {}
        for entry in section.entries:
            before = seen.setdefault(entry.key, entry)
            if before.value != entry.value:
                raise DocumentError(
                    found.path,
                    _("[{section}] {key} has another value here than at line {first}").format(
                        section=section.name, key=entry.key, first=before.line
                    ),
                    line=entry.line,
                    hint=_("which of the two counts cannot be known; take the file from the member again"),
                )
