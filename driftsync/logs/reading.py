"""This module reads logs backwards, block by block, until the window's beginning lies behind it.

A block is searched for literals, which costs next to nothing where there are none; only records that have one are
looked at. Memory is a block and one record, however large the log or a line of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftsync.language import english as _
from driftsync.logs.events import LogRead, Tallies, Window, told
from driftsync.logs.lines import HEAD, LIMIT, Record, first_head, moment_of, record_at
from driftsync.logs.patterns import LITERALS
from driftsync.logs.sources import Source, is_alerts

BLOCK = 1024 * 1024
OLD_ENOUGH = 256 * 1024
"""Bytes older than the window after which reading ends: a clock that once went wrong is no beginning."""
LASTING = timedelta(days=7)
"""How far back is looked at least for what may still last: a connection that was lost and did not come back."""
STALE = timedelta(hours=26)
"""How old the last line of a copied log may be: IRIS writes at least when it switches the journal, once a day."""
MOST_CONTAINERS = 8
_LINES_UP = 200


class LogUnreadable(Exception):  # noqa: N818 - named for what happened
    """A log of which nothing could be understood."""


@dataclass(frozen=True)
class Block:
    """Whole records, the last one perhaps cut at `LIMIT`; `start` is where the first one's head stands in the log."""

    start: int
    data: bytes


def blocks_backwards(source: Source, begin: int = 0, size: int = BLOCK) -> Iterator[Block]:
    """Return the log from its end to `begin`, in blocks that begin with a head.

    What stands before the first head of a block belongs to the record above it and is carried there.
    """
    end, carried = source.size, b""
    while end > begin:
        start = max(begin, end - size)
        data = source.read(start, end - start) + carried
        line = 0 if start == 0 else data.find(b"\n") + 1
        head = first_head(data, line) if line or start == 0 else -1
        if head >= 0:
            yield Block(start + head, data[head:])
            carried = data[: min(head, LIMIT)]
        else:
            carried = data[:LIMIT]
        end = start


def records_in(data: bytes) -> Iterator[tuple[int, Record]]:
    """Return the records of a block that have one of the literals, each once, in order."""
    places: list[int] = []
    for literal in LITERALS:
        at = data.find(literal)
        while at >= 0:
            places.append(at)
            at = data.find(literal, at + 1)
    done = 0
    for place in sorted(places):
        if place < done:
            continue
        start = _head_above(data, place)
        record, done = record_at(data, start)
        if record is not None:
            yield start, record


def _head_above(data: bytes, place: int) -> int:
    start = place
    while start > 0:
        start = data.rfind(b"\n", 0, start) + 1
        if HEAD.match(data, start):
            return start
        start -= 1
    return 0


def read_log(
    sources: Sequence[Source],
    since: datetime,
    *,
    most: int = 0,
    now: datetime | None = None,
    copied: bool = False,
    block: int = BLOCK,
) -> LogRead:
    """Read a member's logs, newest first, back to `since`; raises `LogUnreadable`, and `OSError` of a source.

    `most` bounds the bytes that are read (0: no bound). `now` is the member's own time; a `copied` log that ends long
    before it is no witness of the time until then.
    """
    back = min(since, (now or since) - LASTING)
    tallies = Tallies(since, back)
    seen = _Seen(back)
    for number, source in enumerate(sources):
        base = sum(each.size for each in sources[number + 1 :])
        begin = max(0, source.size - (most - seen.read)) if most else 0
        seen.walk(source, begin, base, tallies, block)
        if seen.reached or begin:
            break
    if seen.first is None or seen.last is None:
        raise LogUnreadable(_("no line of the log could be understood"))
    if len(seen.containers) > 1:
        raise LogUnreadable(
            _("the log holds the lines of several containers: {names}").format(
                names=", ".join(sorted(seen.containers))
            )
        )
    window = Window(
        files=[each.name for each in sources],
        since=told(since),
        begins=told(seen.first),
        ends=told(seen.last),
        size=sum(each.size for each in sources),
        read=seen.read,
        short=_short(
            seen, since, now if copied else None, alerts=all(is_alerts(each.name) for each in sources)
        ),
    )
    return LogRead(window=window, events=tallies.events())


def _short(seen: _Seen, since: datetime, now: datetime | None, *, alerts: bool) -> str:
    if alerts:
        return "alerts"
    if now is not None and seen.last is not None and seen.last < now - STALE:
        return "stale"
    if seen.reached or (seen.first is not None and seen.first <= since):
        return ""
    return "bound" if seen.bounded else "rotated"


class _Seen:
    """How far reading came."""

    def __init__(self, back: datetime) -> None:
        self._back = back
        self.read = 0
        self.first: datetime | None = None
        """Of the line that stands first of all that were read, whatever the clock did."""
        self.last: datetime | None = None
        self.reached = False
        """Whether all that stands before is older than what is looked for."""
        self.bounded = False
        self.containers: set[str] = set()

    def walk(self, source: Source, begin: int, base: int, tallies: Tallies, size: int) -> None:
        self.bounded = begin > 0
        old, lowest = 0, source.size
        for block in blocks_backwards(source, begin, size):
            self.read += lowest - block.start
            lowest = block.start
            for place, record in records_in(block.data):
                tallies.add(base + block.start + place, record)
                self._container(record.container)
            first, last = self._sample(block.data, 0), self._sample(block.data, self._last_head(block.data))
            self.first = first or self.first
            self.last = self.last or last or first
            is_old = all(each is not None and each < self._back for each in (first, last))
            old = old + len(block.data) if is_old else 0
            if old >= OLD_ENOUGH:
                self.reached = True
                return

    def _sample(self, data: bytes, place: int) -> datetime | None:
        head = HEAD.match(data, place)
        if head is None:
            return None
        self._container(head[1] or b"")
        return moment_of(head)

    def _container(self, name: bytes) -> None:
        if name and len(self.containers) < MOST_CONTAINERS:
            self.containers.add(name.decode("latin-1").strip())

    @staticmethod
    def _last_head(data: bytes) -> int:
        start = len(data)
        for _line in range(_LINES_UP):
            start = data.rfind(b"\n", 0, start) + 1
            if start == 0 or HEAD.match(data, start):
                return start
            start -= 1
        return 0
