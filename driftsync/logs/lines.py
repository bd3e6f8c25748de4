"""This module knows the grammar of a log: `MM/DD/YY-HH:MM:SS:mmm (pid) severity [Category] text`, and what continues it.

Caché writes no `[Category]`; the log of a container has `name |` before every line. What follows a line without such a
head belongs to it (mirror.md 3.5, formats.md 7).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from driftsync.language import visible

HEAD = re.compile(
    rb"^(?:(?:\x1b\[[0-9;]*m)*([^\n|]{1,120}?) *\|(?:\x1b\[[0-9;]*m)* ?)??"
    rb"(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])/([0-9]{2})-"
    rb"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]):([0-9]{3}) "
    rb"\([0-9A-Fa-f]{1,16}\) ([0-9]) (?:\[[^\]\r\n]{1,80}\] ?)?",
    re.MULTILINE,
)
LIMIT = 64 * 1024
"""Bytes of one record (a line and what continues it) that are looked at; a longer one is cut there."""
SHOWN = 200
"""Characters of an example line that are kept."""
_DECODED = 4 * SHOWN


@dataclass(frozen=True)
class Record:
    """One message: its line and what continues it."""

    moment: datetime
    """In the member's own time: a log names no time zone."""
    severity: int
    text: bytes
    """What stands after the head, continuation lines included."""
    container: bytes = b""


def first_head(data: bytes, start: int = 0) -> int:
    """Return where the first line with a head begins, from a line's beginning at `start` on; -1 where there is none."""
    found = HEAD.search(data, start)
    return found.start() if found else -1


def moment_of(head: re.Match[bytes]) -> datetime | None:
    """Return when a line was written; nothing for a day that no calendar has."""
    month, day, year, hour, minute, second, milli = (int(head[place]) for place in range(2, 9))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, milli * 1000)  # noqa: DTZ001 - local
    except ValueError:
        return None


def record_at(data: bytes, start: int) -> tuple[Record | None, int]:
    """Return the record whose head stands at `start`, and where the next one begins."""
    head = HEAD.match(data, start)
    if head is None:
        raise ValueError("no head of a line")
    after = first_head(data, head.end())
    end = len(data) if after < 0 else after
    moment = moment_of(head)
    if moment is None:
        return None, end
    text = data[head.end() : min(end, start + LIMIT)]
    return Record(moment, int(head[9]), text, head[1] or b""), end


def shortened(text: bytes) -> str:
    """Return the first line of a message for people: decoded, control characters visible, not too long."""
    line = text.partition(b"\n")[0].rstrip(b"\r")
    told = visible(decoded(line[:_DECODED]).replace("\n", " "))
    return told if len(told) <= SHOWN else told[: SHOWN - 1] + "…"


def decoded(raw: bytes) -> str:
    """Return bytes as text: UTF-8, else GB18030, else Latin-1; a character that was cut off at the end is left out."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            if len(raw) == _DECODED and error.start >= len(raw) - 4:
                return raw[: error.start].decode(encoding)
    return raw.decode("latin-1")
