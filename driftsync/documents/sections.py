"""This module splits a CPF or a merge file into sections and entries, and knows every trap of that grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from driftsync.documents.text import numbered_lines
from driftsync.errors import DocumentError
from driftsync.language import english as _

_SECTION = re.compile(r"^\[([^\[\]]+)\]$")
_MAPPING = re.compile(r'[^"=]*(?:"[^"]*"[^"=]*)*=')
"""Up to the first `=` outside quotes."""
_COMMENTS = ("#", ";", "//")


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
    unfinished: int = 0
    """The number of a last line without a line end, which may have been cut; 0 where there is none."""
    fragment: bool = False
    """Whether that line is not even `[Section]` or `key=value`."""

    def get(self, name: str) -> Section | None:
        return self.by_name.get(name.lower())

    @property
    def last(self) -> Section | None:
        return next(reversed(self.by_name.values()), None)

    def forget_unfinished(self) -> None:
        """Leave out the entry whose value may have been cut."""
        if self.last and self.last.entries and self.last.entries[-1].line == self.unfinished:
            self.last.entries.pop()


def split_sections(path: Path, text: str, *, first_line: int = 1) -> Sections:
    """Split the text of a CPF or a merge file.

    Only whole-line comments are comments: `#` and `;` occur inside values. The first `=` outside quotes
    divides, for a subscript may hold one. Raises `DocumentError` for a line that is nothing of this, and for
    a section or key that stands twice with different content.
    """
    found = Sections(path, {})
    current: Section | None = None
    comment_since = 0
    last = text.count("\n") + 1
    for count, raw in numbered_lines(path, text):
        number, line = count + first_line - 1, raw.strip()
        if not comment_since and line.startswith("/*"):
            comment_since, line = number, line[2:]
        if comment_since:
            _inside, closed, after = line.partition("*/")
            comment_since, line = (0, after.strip()) if closed else (comment_since, "")
        if not line or line.startswith(_COMMENTS):
            continue
        if count == last:
            found.unfinished = number
        if match := _SECTION.match(line):
            current = _open(found, match[1].strip(), number)
        elif current is None:
            raise DocumentError(
                path,
                _("stands before the first [Section]"),
                line=number,
                hint=_("this does not look like a CPF or a configuration merge file"),
            )
        elif entry := _entry(current.name, line, number):
            current.entries.append(entry)
        elif found.unfinished:
            found.fragment = True
        else:
            raise not_understood(path, number)
    if comment_since:
        raise DocumentError(
            path,
            _("a comment begins here and is never closed"),
            line=comment_since,
            hint=_("what follows cannot be told from the comment; end it with */"),
        )
    _refuse_contradictions(found)
    return found


def not_understood(path: Path, line: int) -> DocumentError:
    """Say that a line is nothing of this grammar, without quoting it."""
    return DocumentError(
        path,
        _("is neither [Section], key=value nor a comment"),
        line=line,
        hint=_("the file is damaged or was edited; take it from the member again"),
    )


def _open(found: Sections, name: str, number: int) -> Section:
    before = found.get(name)
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
    if section.lower().startswith("map."):
        key = _MAPPING.match(line)
        at = key.end() - 1 if key else -1
    else:
        at = line.find(":" if section.lower() == "actions" else "=")
    if at <= 0:
        return None
    return Entry(line[:at].strip(), line[at + 1 :].strip(), number)


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
