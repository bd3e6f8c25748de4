"""This module reads several members side by side: running ones through their driver, others from their files."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType

from driftsync.cli import progress
from driftsync.cli.unexpected import told
from driftsync.comparing import Lines, Scope
from driftsync.connections import TimeLimit, open_member, warnings_of
from driftsync.documents import read_member
from driftsync.documents.recognising import is_snapshot
from driftsync.errors import DriftsyncError
from driftsync.extracting import Wanted, extract
from driftsync.files import SnapshotFile, SnapshotInMemory
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.settings import Settings

LISTENING_SECONDS = 0.5
"""How long a wait may last before Ctrl-C is heard, where a lock cannot be interrupted."""

Read = Lines | DriftsyncError
"""A member that was read, or why it could not be."""


class SideBySide:
    """Members of the settings being read, so many at once, in the order in which they are asked for.

    An error or Ctrl-C inside the `with` ends all of them at once: a driver that waits for a silent member does not
    hear Ctrl-C itself.
    """

    def __init__(
        self,
        settings: Settings,
        scope: Scope,
        board: progress.Board,
        *,
        parallel: int = 0,
        whole: Iterable[str] = (),
    ) -> None:
        self._settings, self._scope, self._board, self._whole = settings, scope, board, list(whole)
        self.parallel = parallel or settings.report.parallel
        self._threads = ThreadPoolExecutor(self.parallel)
        self._limits: set[TimeLimit] = set()
        self._open: set[Future[Read]] = set()

    def __enter__(self) -> SideBySide:  # noqa: PYI034 - `Self` is of Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for limit in self._limits:
                limit.end()
            end_drivers()
        self._threads.shutdown(cancel_futures=True)

    @property
    def open(self) -> int:
        """How many members are being read, or wait for their turn."""
        self._open = {each for each in self._open if not each.done()}
        return len(self._open)

    def read(self, name: str, limit: TimeLimit, logs_since: datetime | None = None) -> Future[Read]:
        """Read a member when its turn comes; the time of `limit` runs from the first that is read under it."""
        self._limits.add(limit)
        found = self._threads.submit(self._one, name, limit, logs_since)
        self._open.add(found)
        return found

    def forget(self, limit: TimeLimit) -> None:
        """Let go of a limit under which nothing is read any more."""
        self._limits.discard(limit)

    def wait(self) -> None:
        """Wait until one member more was read, and no longer than Ctrl-C may wait to be heard."""
        wait(self._open, LISTENING_SECONDS, FIRST_COMPLETED)

    def _one(self, name: str, limit: TimeLimit, logs_since: datetime | None) -> Read:
        limit.begin()
        try:
            limit.check(name)
            with self._board.member(name) as tell:

                def going_on(done: int) -> None:
                    limit.check(name)
                    tell(done)

                found = read_configured(
                    name,
                    self._settings,
                    self._scope,
                    whole=self._whole,
                    tell=going_on,
                    limit=limit,
                    logs_since=logs_since,
                )
            limit.check(name)
        except DriftsyncError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a mistake at one member must not hide the others
            return told(error)
        return found


def end_drivers() -> None:
    """End all drivers at once: one that waits for a silent member does not hear Ctrl-C itself."""
    for child in multiprocessing.active_children():
        if not child.name.startswith("lab-"):
            child.kill()


@contextmanager
def ended_by_interruption() -> Iterator[None]:
    """End the drivers when somebody interrupts what stands inside."""
    try:
        yield
    except BaseException:
        end_drivers()
        raise


def read_members(
    names: list[str],
    settings: Settings,
    scope: Scope,
    *,
    whole: list[str],
    quiet: bool,
    logs_since: datetime | None = None,
) -> dict[str, Read]:
    """Read members of the settings; one that cannot be read at all is its error."""
    warn_of(names, settings, quiet=quiet)
    limit = TimeLimit()
    with (
        progress.board(len(all_kinds()), quiet=quiet) as board,
        SideBySide(settings, scope, board, whole=whole) as reading,
    ):
        waiting = {name: reading.read(name, limit, logs_since) for name in names}
        while reading.open:
            reading.wait()
        return {name: found.result() for name, found in waiting.items()}


def warn_of(names: Iterable[str], settings: Settings, *, quiet: bool) -> None:
    """Say once on stderr what is not safe about how these members are reached."""
    if not quiet:
        progress.warn(
            sentence
            for name in names
            if settings.is_live(name)
            for sentence in warnings_of(settings.login_of(name))
        )


def read_configured(
    name: str,
    settings: Settings,
    scope: Scope,
    *,
    whole: list[str],
    tell: progress.Tell,
    limit: TimeLimit | None = None,
    logs_since: datetime | None = None,
) -> Lines:
    """Read one member of the settings. Raises what reading it raises."""
    member = settings.member[name]
    if settings.is_live(name):
        login = settings.login_of(name)
        return SnapshotInMemory(
            extract(
                lambda: open_member(login, name, settings.path.parent, limit=limit),
                settings.stated(name),
                fingerprinter=own_fingerprinter(),
                wanted=Wanted(
                    kinds=scope.only,
                    without=scope.without,
                    files=login.files,
                    directories=member.paths,
                    connections_for=login.connections_for,
                    logs_since=logs_since,
                ),
                progress=tell,
            )
        )
    source = settings.source_of(name)
    if is_snapshot(source):
        return SnapshotFile(source)
    return SnapshotInMemory(
        read_member(
            source,
            fingerprinter=own_fingerprinter(),
            member=settings.stated(name),
            directories=member.paths,
            whole=[*member.whole, *whole],
            progress=tell,
        )
    )
