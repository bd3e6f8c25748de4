"""This module reads and compares the mirrors of the settings side by side; one that fails never hides another.

A mirror is compared as soon as its last member was read and its snapshots are let go then: memory grows with how many
members are read at once, and by each mirror's report alone. The store is written by this thread alone.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timezone

from driftsync.cli import progress
from driftsync.cli.assessing import is_asked
from driftsync.cli.log_files import window_after
from driftsync.cli.memory import accepted_beside
from driftsync.cli.reading import Read, SideBySide, warn_of
from driftsync.cli.reported import Looking, Reading, Reports, companions_of, mirrors_to_read
from driftsync.comparing import Scope
from driftsync.connections import TimeLimit
from driftsync.errors import UsageError
from driftsync.kinds import all_kinds
from driftsync.language import english as _
from driftsync.model import Report
from driftsync.remembering import without_run
from driftsync.settings import Settings
from driftsync.store import Store


def wanted_mirrors(settings: Settings, wanted: list[str]) -> list[str]:
    """Return the mirrors that are meant, all where none is named; raises `UsageError` for one that is not there."""
    unknown = [name for name in wanted if name not in settings.mirror]
    if unknown or not settings.mirror:
        raise UsageError(
            _("{path} has no mirror {name}").format(path=settings.path, name=", ".join(unknown)).rstrip(),
            hint=_("it has: {names}").format(
                names=", ".join(settings.mirror) or _("none; see examples/driftsync.toml")
            ),
        )
    return wanted or list(settings.mirror)


def compare_mirrors(
    settings: Settings,
    wanted: list[str],
    scope: Scope,
    *,
    show_local: bool,
    cross_product: bool,
    quiet: bool,
    store: Store | None = None,
    parallel: int = 0,
) -> Report:
    """Return the drift of every member, seen against earlier runs where there is a `store`.

    `parallel` members are read at once, 0 for as many as the settings say. Raises `UsageError` for a mirror that is
    not in the settings.
    """
    names = list(dict.fromkeys(wanted_mirrors(settings, wanted)))
    looking = Looking(
        scope,
        show_local=show_local,
        cross_product=cross_product,
        stated=tuple(accepted_beside(settings)) if store is not None else (),
    )
    reports = Reports(settings, looking, store)
    to_read = mirrors_to_read(settings, names)
    warn_of((member for name in to_read for member in settings.members_of(name)), settings, quiet=quiet)
    with (
        progress.board(len(all_kinds()), len(to_read), quiet=quiet) as board,
        SideBySide(settings, scope, board, parallel=parallel) as reading,
    ):
        _SeveralMirrors(
            settings, reports, names, to_read, reading, board, store, logs=is_asked(scope)
        ).finish()
    now = datetime.now(timezone.utc)
    passed_by = [name for name in settings.mirror if name not in names]
    absent = without_run(store, passed_by, now.date()) if store is not None else []
    return reports.report(names, now, without_run=absent)


@dataclass
class _Open:
    """A mirror whose members are being read."""

    limit: TimeLimit
    started: datetime
    members: dict[str, Future[Read]]


class _SeveralMirrors:
    def __init__(
        self,
        settings: Settings,
        reports: Reports,
        wanted: list[str],
        to_read: list[str],
        reading: SideBySide,
        board: progress.Board,
        store: Store | None,
        *,
        logs: bool,
    ) -> None:
        self._store, self._logs = store, logs
        self._settings, self._reports, self._reading, self._board = settings, reports, reading, board
        self._companions = {name: companions_of(settings, name, to_read) for name in wanted}
        self._queue = deque(to_read)
        self._open: dict[str, _Open] = {}
        self._read: dict[str, Reading] = {}
        self._waiting = list(wanted)

    def finish(self) -> None:
        """Read all mirrors, and compare each as soon as it and those that share a member with it were read."""
        while self._queue or self._open:
            self._open_more()
            done = [name for name, each in self._open.items() if all(f.done() for f in each.members.values())]
            for name in done:
                self._take(name)
            self._compare_what_is_ready()
            if not done:
                self._reading.wait()

    def _open_more(self) -> None:
        """Open as many mirrors as keep all readers busy while one is compared, and no more: each costs memory."""
        enough = 2 * self._reading.parallel
        while self._queue and self._reading.open < enough and len(self._open) <= self._reading.parallel:
            name = self._queue.popleft()
            limit = TimeLimit(self._settings.time_limit_of(name))
            since = window_after(self._store.last_run(name) if self._store else None) if self._logs else None
            self._open[name] = _Open(
                limit,
                datetime.now(timezone.utc),
                {
                    member: self._reading.read(member, limit, since)
                    for member in self._settings.members_of(name)
                },
            )

    def _take(self, name: str) -> None:
        opened = self._open.pop(name)
        self._reading.forget(opened.limit)
        found = {member: each.result() for member, each in opened.members.items()}
        self._read[name] = Reading(opened.started, datetime.now(timezone.utc), found)

    def _compare_what_is_ready(self) -> None:
        for name in [each for each in self._waiting if self._companions[each] <= self._read.keys()]:
            self._reports.add({each: self._read[each] for each in self._companions[name]}, name)
            self._waiting.remove(name)
            self._board.mirror_done(name)
        needed = {each for name in self._waiting for each in self._companions[name]}
        self._read = {name: reading for name, reading in self._read.items() if name in needed}
