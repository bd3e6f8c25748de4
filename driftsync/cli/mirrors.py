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
from driftsync.cli.memory import accepted_beside
from driftsync.cli.mirror import Wish, report_of
from driftsync.cli.reading import Read, SideBySide, warn_of
from driftsync.comparing import Scope
from driftsync.connections import TimeLimit
from driftsync.errors import UsageError
from driftsync.kinds import all_kinds
from driftsync.language import _
from driftsync.model import FORMAT_VERSION, MirrorReport, Report
from driftsync.remembering import without_run
from driftsync.settings import Settings
from driftsync.store import Store
from driftsync.version import __version__


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
    unknown = [name for name in wanted if name not in settings.mirror]
    if unknown or not settings.mirror:
        raise UsageError(
            _("{path} has no mirror {name}").format(path=settings.path, name=", ".join(unknown)).rstrip(),
            hint=_("it has: {names}").format(
                names=", ".join(settings.mirror) or _("none; see examples/driftsync.toml")
            ),
        )
    names = list(dict.fromkeys(wanted)) or list(settings.mirror)
    wish = Wish(
        settings,
        scope,
        show_local=show_local,
        cross_product=cross_product,
        store=store,
        stated=tuple(accepted_beside(settings)) if store is not None else (),
    )
    warn_of((member for name in names for member in settings.members_of(name)), settings, quiet=quiet)
    with (
        progress.board(len(all_kinds()), len(names), quiet=quiet) as board,
        SideBySide(settings, scope, board, parallel=parallel) as reading,
    ):
        done = _SeveralMirrors(wish, names, reading, board).finish()
    now = datetime.now(timezone.utc)
    passed_by = [name for name in settings.mirror if name not in names]
    return Report(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=now.isoformat(timespec="seconds"),
        complete=all(
            not mirror.unreadable and not mirror.not_kept and all(drift.complete for drift in mirror.drifts)
            for mirror in done
        ),
        mirrors=done,
        without_run=without_run(store, passed_by, now.date()) if store is not None else [],
    )


@dataclass
class _Open:
    """A mirror whose members are being read."""

    limit: TimeLimit
    started: datetime
    members: dict[str, Future[Read]]


class _SeveralMirrors:
    def __init__(self, wish: Wish, names: list[str], reading: SideBySide, board: progress.Board) -> None:
        self._wish, self._names, self._reading, self._board = wish, names, reading, board
        self._queue = deque(names)
        self._open: dict[str, _Open] = {}
        self._done: dict[str, MirrorReport] = {}

    def finish(self) -> list[MirrorReport]:
        """Return what came of each mirror, in the order in which they were asked for."""
        while self._queue or self._open:
            self._open_more()
            read = [name for name, each in self._open.items() if all(f.done() for f in each.members.values())]
            for name in read:
                self._compare(name)
            if not read:
                self._reading.wait()
        return [self._done[name] for name in self._names]

    def _open_more(self) -> None:
        """Open as many mirrors as keep all readers busy while one is compared, and no more: each costs memory."""
        enough = 2 * self._reading.parallel
        while self._queue and self._reading.open < enough and len(self._open) <= self._reading.parallel:
            name = self._queue.popleft()
            limit = TimeLimit(self._wish.settings.time_limit_of(name))
            members = self._wish.settings.members_of(name)
            self._open[name] = _Open(
                limit,
                datetime.now(timezone.utc),
                {member: self._reading.read(member, limit) for member in members},
            )

    def _compare(self, name: str) -> None:
        opened = self._open.pop(name)
        self._reading.forget(opened.limit)
        read = {member: found.result() for member, found in opened.members.items()}
        self._done[name] = report_of(self._wish, name, read, opened.started)
        self._board.mirror_done(name)
