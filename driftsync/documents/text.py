"""This module reads a text file into numbered lines, whatever its encoding and line ends."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from driftsync.errors import DocumentError
from driftsync.language import english as _

LONGEST_LINE = 1 << 20
"""Characters. The longest line of a real CPF has a few hundred."""

MOST_LINES = 2_000_000
"""A CPF with 100,000 mappings is rare."""

LARGEST_FILE = 1 << 29
"""Bytes. A diagnostic report has tens of megabytes; an export of 10,000 users, twenty."""

ENOUGH_TO_KNOW = 10_000
"""Runs of bytes above 127 that are looked at to guess an encoding."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SOMETHING = re.compile(rb"[^\s\0]")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises `DocumentError` where it is empty, too large or unreadable."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise DocumentError(
                path, _("is no regular file"), hint=_("save what it holds in a file and give that")
            )
        if found.st_size > LARGEST_FILE:
            raise DocumentError(
                path,
                _("is larger than {size} MB; no export of an instance is").format(size=LARGEST_FILE >> 20),
                hint=_("give a CPF, a security or task export, config-api JSON, or a folder of them"),
            )
        content = path.read_bytes()
    except OSError as error:
        raise not_readable(path, error) from None
    if not _SOMETHING.search(content):
        raise DocumentError(
            path,
            _("is empty"),
            line=1,
            hint=_("an export that failed often leaves an empty file; export it again"),
        )
    return content


def not_readable(path: Path, error: OSError) -> DocumentError:
    """Say that the operating system does not give a file or a folder away."""
    return DocumentError(
        path,
        _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
        hint=_("check the path and your permission to read it"),
    )


def decode(path: Path, content: bytes) -> tuple[str, str]:
    """Return the text, its line ends as LF, and a remark about its encoding: UTF-8 first, then GBK or Latin-1.

    Raises `DocumentError` for what is no text at all, or ends in the middle of a character.
    """
    text, remark = _decoded(path, content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    zero = text.find("\0")
    if zero >= 0:
        raise DocumentError(
            path,
            _("is no text: it holds a zero byte"),
            line=text.count("\n", 0, zero) + 1,
            hint=_("give a CPF, a security or task export, config-api JSON, or a folder of them"),
        )
    return text, remark


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    promised = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "")
    try:
        return content.decode(promised or "utf-8"), ""
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        if promised:
            raise DocumentError(
                path,
                _("is not the {encoding} that its first bytes promise").format(
                    encoding=promised.removesuffix("-sig").upper()
                ),
                line=line,
                hint=_("save it as UTF-8, or take it from the member again"),
            ) from None
        if error.reason == "unexpected end of data":
            raise _cut_in_character(path, line) from None
    remark = _("not UTF-8 (line {line}): read as {encoding}")
    if _looks_chinese(content):
        try:
            return content.decode("gb18030"), remark.format(line=line, encoding="GBK")
        except UnicodeDecodeError as error:
            if error.reason == "incomplete multibyte sequence":
                raise _cut_in_character(path, content.count(b"\n") + 1) from None
    return content.decode("latin-1"), remark.format(line=line, encoding="Latin-1")


def _looks_chinese(content: bytes) -> bool:
    """Say whether bytes above 127 mostly stand together, as in GBK; the letters of Latin-1 stand alone."""
    first = islice(_HIGH_BYTES.finditer(content), ENOUGH_TO_KNOW)
    together = [len(match[0]) > 1 for match in first]
    return sum(together) * 2 > len(together)


def _cut_in_character(path: Path, line: int) -> DocumentError:
    return DocumentError(
        path,
        _("ends in the middle of a character: it was cut"),
        line=line,
        hint=_("take it from the member again"),
    )


def numbered_lines(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line without its end); raises `DocumentError` for far too many or too long ones."""
    damaged = _("the file is damaged; take it from the member again")
    count = text.count("\n") + 1
    if count > MOST_LINES:
        reason = _("has {count} lines; no file of this sort has so many").format(count=count)
        raise DocumentError(path, reason, hint=damaged)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            reason = _("this line has {count} characters; no line of such a file is that long").format(
                count=len(line)
            )
            raise DocumentError(path, reason, line=number, hint=damaged)
        yield number, line


def printable(text: Path | str) -> str:
    """Return a path so that it can be printed and stored even where its name is not valid UTF-8."""
    return str(text).encode("utf-8", "backslashreplace").decode()
