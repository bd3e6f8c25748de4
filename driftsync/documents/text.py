"""This module reads a text file into numbered lines, whatever its encoding and line ends."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from driftsync.errors import DocumentError
from driftsync.language import _

LONGEST_LINE = 1 << 20
"""Characters. The longest line of a real CPF has a few hundred."""

LARGEST_FILE = 1 << 30
"""Bytes. A diagnostic report has tens of megabytes; an export of 10,000 users, twenty."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises `DocumentError` where it is empty, too large or unreadable."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise DocumentError(path, _("is larger than 1 GB; no export of an instance is"))
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            path,
            _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
            hint=_("check the path and your permission to read it"),
        ) from None
    if not content.strip(b"\r\n\t \0") or not content.strip():
        raise DocumentError(
            path,
            _("is empty"),
            line=1,
            hint=_("an export that failed often leaves an empty file; export it again"),
        )
    return content


def decode(path: Path, content: bytes) -> tuple[str, str]:
    """Return the text and a remark about its encoding: UTF-8 first, Latin-1 where that fails.

    Raises `DocumentError` for what is no text at all.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), ""
            except UnicodeDecodeError as error:
                raise DocumentError(
                    path,
                    _("is not the {encoding} that its first bytes promise").format(encoding=encoding.upper()),
                    line=content[: error.start].count(b"\n") + 1,
                    hint=_("save it as UTF-8, or take it from the member again"),
                ) from None
    zero = content.find(b"\0")
    if zero >= 0:
        raise DocumentError(
            path,
            _("is no text: it holds a zero byte"),
            line=content[:zero].count(b"\n") + 1,
            hint=_("give a CPF, a security or task export, config-api JSON, or a folder of them"),
        )
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return content.decode("latin-1"), _("not UTF-8 (line {line}): read as Latin-1").format(line=line)


def numbered_lines(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line without its end); raises `DocumentError` for one that is far too long."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise DocumentError(
                path,
                _("this line has {count} characters; no line of such a file is that long").format(
                    count=len(line)
                ),
                line=number,
                hint=_("the file is damaged; take it from the member again"),
            )
        yield number, line
