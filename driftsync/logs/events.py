"""This module counts what was found in a log: first, last, how often, and one line to show, in bounded memory."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from driftsync.logs.lines import Record, decoded, shortened
from driftsync.logs.patterns import FOUND, OTHER, SEVERE, marks_in

MOST_PARTNERS = 64
MOST_SORTS = 500
"""Sorts of severe lines that are told apart; what comes after is counted together."""
KEPT_SORTS = 10
"""Sorts of severe lines that are kept, the most frequent."""
_VARYING = re.compile(rb"0x[0-9A-Fa-f]+|[0-9]+")
_COMPARED = 160


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened how often."""

    id: str
    sort: str = FOUND
    """`found`, or `ended` for what ends it."""
    about: str = ""
    """The partner whose connection it is, `*` for all."""
    first: str
    last: str
    count: int
    severity: int = 0
    line: str = ""
    """The last such line, shortened."""
    place: int = 0
    """Where the last one stands: of two events the one with the higher place was later, whatever the clock did."""


class Window(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was looked at. Moments are in the member's own time."""

    files: list[str]
    since: str
    begins: str
    """When the earliest line that was read was written."""
    ends: str
    size: int
    read: int
    """Bytes."""
    short: str = ""
    """Why not all of the window was seen: `rotated`, `bound`, `alerts`, `stale`; empty where it was."""


class LogRead(msgspec.Struct, frozen=True, kw_only=True):
    """What one log told."""

    window: Window
    events: list[Event]


class _Tally:
    def __init__(self) -> None:
        self.count = self.severity = 0
        self.first: tuple[int, datetime] | None = None
        self.last: tuple[int, datetime] | None = None
        self.text = b""

    def add(self, place: int, record: Record) -> None:
        self.count += 1
        self.severity = max(self.severity, record.severity)
        if self.first is None or place < self.first[0]:
            self.first = place, record.moment
        if self.last is None or place > self.last[0]:
            self.last = place, record.moment
            self.text = record.text[:2048]

    def event(self, id: str, sort: str, about: bytes) -> Event:
        assert self.first is not None  # noqa: S101 - a tally begins with its first record
        assert self.last is not None  # noqa: S101
        return Event(
            id=id,
            sort=sort,
            about=decoded(about),
            first=told(self.first[1]),
            last=told(self.last[1]),
            count=self.count,
            severity=self.severity,
            line=shortened(self.text),
            place=self.last[0],
        )


class Tallies:
    """Counts the records of one log, in whatever order they come."""

    def __init__(self, since: datetime, lasting_since: datetime) -> None:
        self._since, self._lasting_since = since, lasting_since
        self._marks: dict[tuple[str, str, bytes], _Tally] = {}
        self._others: dict[bytes, _Tally] = {}

    def add(self, place: int, record: Record) -> None:
        """Count a record that stands at `place`."""
        if record.moment < self._lasting_since:
            return
        known = False
        for mark, about in marks_in(record.text):
            known = True
            if not mark.lasting and record.moment < self._since:
                continue
            key = (mark.id, mark.sort, about)
            if key not in self._marks and len(self._marks) >= MOST_PARTNERS * 16:
                key = (mark.id, mark.sort, b"")
            self._marks.setdefault(key, _Tally()).add(place, record)
        if not known and record.severity >= SEVERE and record.moment >= self._since:
            sort = _VARYING.sub(b"#", record.text.partition(b"\n")[0].rstrip()[:_COMPARED])
            if sort not in self._others and len(self._others) >= MOST_SORTS:
                sort = b""
            self._others.setdefault(sort, _Tally()).add(place, record)

    def events(self) -> list[Event]:
        """Return what was counted, in a fixed order; of other severe lines the most frequent, and the rest together."""
        found = [tally.event(*key) for key, tally in sorted(self._marks.items())]
        others = sorted(
            (tally.event(OTHER, FOUND, b"") for tally in self._others.values()),
            key=lambda each: (-each.severity, -each.count, each.place),
        )
        found += others[:KEPT_SORTS]
        rest = others[KEPT_SORTS:]
        if rest:
            found.append(
                Event(
                    id=OTHER,
                    about=f"+{len(rest)}",
                    first=min(each.first for each in rest),
                    last=max(each.last for each in rest),
                    count=sum(each.count for each in rest),
                    severity=max(each.severity for each in rest),
                )
            )
        return found


def told(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
