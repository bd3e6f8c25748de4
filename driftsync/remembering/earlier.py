"""This module looks back over the runs of a mirror for what checks need: from the newest run, one header at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from driftsync.checks.spec import Past
from driftsync.kinds import folded
from driftsync.model import ASYNC_ROLES, Acknowledgement, Header, MemberRole
from driftsync.remembering.accepting import all_accepted
from driftsync.settings import Thresholds
from driftsync.statuses import row_connected, row_is_async, status_connected
from driftsync.store import ReadingRow, RunRow, Store

HORIZON = timedelta(days=60)
"""Older runs tell nothing of what is ahead: what was purged by then is purged."""


def past_of(
    store: Store,
    mirror: str,
    members: Iterable[str],
    now: datetime,
    thresholds: Thresholds | None = None,
    stated: Iterable[Acknowledgement] = (),
) -> Past | None:
    """Return what the kept runs of a mirror told, `None` where there are none. Raises `StoreError`.

    `stated` is what the reviewed file beside the settings accepts.
    """
    looking = _look_back(store.readings(mirror), members, now, thresholds or Thresholds())
    if not looking.any:
        return None
    return replace(
        looking.past(store.runs(mirror, limit=-1)),
        last_read=looking.last_read,
        accepted=tuple(_still_open(store, mirror, stated)),
    )


def past_of_snapshots(
    headers: Iterable[Header], now: datetime, thresholds: Thresholds | None = None
) -> Past | None:
    """Return what earlier snapshots told, each taken for a run of its own; `None` where there are none."""
    newest = sorted(headers, key=lambda header: header.taken_at, reverse=True)
    readings = [
        ReadingRow(number, header.taken_at, header.member.name, header)
        for number, header in enumerate(newest, 1)
    ]
    looking = _look_back(iter(readings), {each.member for each in readings}, now, thresholds or Thresholds())
    if not looking.any:
        return None
    runs = [
        RunRow(number, header.member.mirror, header.taken_at, header.taken_at, header.member.name, complete=True, differences=0)
        for number, header in enumerate(newest, 1)
        if header.member.role is MemberRole.PRIMARY
    ]  # fmt: skip
    return replace(looking.past(runs), kept=False)


def _look_back(
    readings: Iterator[ReadingRow], members: Iterable[str], now: datetime, thresholds: Thresholds
) -> _LookingBack:
    least = timedelta(minutes=thresholds.forecast_least_minutes)
    looking = _LookingBack(set(members), (now - least).isoformat(), (now - HORIZON).isoformat())
    for reading in readings:
        if not looking.take(reading):
            break
    return looking


def _still_open(store: Store, mirror: str, stated: Iterable[Acknowledgement]) -> Iterable[Acknowledgement]:
    """Return what is accepted of differences that the last run saw."""
    there = {(member, folded(key)) for member, key in store.open_findings(mirror)}
    return (each for each in all_accepted(store, mirror, stated) if (each.member, folded(each.key)) in there)


class _LookingBack:
    """Takes readings, newest first, until nothing older could matter."""

    def __init__(self, members: set[str], old_enough: str, horizon: str) -> None:
        self.members, self.old_enough, self.horizon = members, old_enough, horizon
        self.former: dict[str, Header] = {}
        self.last_read: dict[str, str] = {}
        self.away: dict[str, str] = {}
        self.settled: set[str] = set()
        """Names that a run saw connected: what is older does not matter."""
        self.any = False
        self._found: set[str] = set()
        self._names: set[str] = set()
        self._run = 0

    def past(self, runs: list[RunRow]) -> Past:
        """Return what the readings told, and who was the primary by the runs, newest first."""
        primary, since, before = _primaries(runs)
        return Past(
            former=self.former,
            away_since={name: (moment, name in self.settled) for name, moment in self.away.items()},
            primary=primary,
            primary_since=since,
            primary_before=before,
        )

    def take(self, reading: ReadingRow) -> bool:
        """Take one reading; say whether an older one could still tell something."""
        if reading.run != self._run and self._nothing_open():
            return False
        self._run, self.any = reading.run, True
        if reading.started < self.horizon:
            return False
        header = reading.header
        if header is None:
            return True
        self.last_read.setdefault(reading.member, reading.started)
        if reading.member not in self._found:
            self.former[reading.member] = header
            if header.taken_at <= self.old_enough:
                self._found.add(reading.member)
        for names, connected in _connections(reading.member, header):
            for name in names:
                self._see(name, reading.started, connected=connected)
        return True

    def _see(self, name: str, started: str, *, connected: bool) -> None:
        self._names.add(name)
        if name in self.settled:
            return
        if connected:
            self.settled.add(name)
        else:
            self.away[name] = started

    def _nothing_open(self) -> bool:
        return self.any and self.members <= self._found and self._names <= self.settled


def _connections(member: str, header: Header) -> Iterable[tuple[set[str], bool]]:
    """Yield who was connected, by an async member's own word and by the primary's list; what is not clear is left out."""
    observed = header.facts.observed
    if header.member.role in ASYNC_ROLES:
        connected = status_connected(observed.get("mirror.status"))
        if connected is not None:
            yield {member, header.member.instance} - {""}, connected
    rows = observed.get("mirror.members")
    if header.member.role is MemberRole.PRIMARY and isinstance(rows, list):
        for row in rows:
            connected = row_connected(row) if isinstance(row, dict) else None
            if connected is not None and row_is_async(row) and row.get("MemberName"):
                yield {str(row["MemberName"])}, connected


def _primaries(runs: list[RunRow]) -> tuple[str, str, str]:
    """Return the primary at the last run that knew it, since when, and who was it before."""
    primary = since = ""
    for run in runs:
        if not run.primary:
            continue
        if primary and run.primary != primary:
            return primary, since, run.primary
        primary, since = run.primary, run.started
    return primary, since, ""
