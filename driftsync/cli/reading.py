"""This module reads several members side by side: running ones through their driver, others from their files."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from driftsync.cli import progress
from driftsync.comparing import Lines, Scope
from driftsync.connections import open_member, warnings_of
from driftsync.documents import read_member
from driftsync.documents.recognising import is_snapshot
from driftsync.errors import DriftsyncError
from driftsync.extracting import Wanted, extract
from driftsync.files import SnapshotFile, SnapshotInMemory
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.settings import Settings

AT_ONCE = 16
"""Members that are read at the same time."""


def read_members(
    names: list[str],
    settings: Settings,
    scope: Scope,
    *,
    whole: list[str],
    quiet: bool,
    logs_since: datetime | None = None,
) -> dict[str, Lines | DriftsyncError]:
    """Read members of the settings; one that cannot be read at all is its error."""
    if not quiet:
        progress.warn(
            sentence
            for name in names
            if settings.is_live(name)
            for sentence in warnings_of(settings.login_of(name))
        )

    def one(name: str, tell: progress.Tell) -> Lines | DriftsyncError:
        try:
            return read_configured(name, settings, scope, whole=whole, tell=tell, logs_since=logs_since)
        except DriftsyncError as error:
            return error

    with progress.side_by_side(names, len(all_kinds()), quiet=quiet) as tellers, _ended_by_interruption():
        if len(names) == 1:
            return {names[0]: one(names[0], tellers[names[0]])}
        with ThreadPoolExecutor(min(AT_ONCE, len(names))) as threads:
            waiting = {name: threads.submit(one, name, tellers[name]) for name in names}
            return {name: found.result() for name, found in waiting.items()}


def read_configured(
    name: str,
    settings: Settings,
    scope: Scope,
    *,
    whole: list[str],
    tell: progress.Tell,
    logs_since: datetime | None = None,
) -> Lines:
    """Read one member of the settings. Raises what reading it raises."""
    member = settings.member[name]
    if settings.is_live(name):
        login = settings.login_of(name)
        return SnapshotInMemory(
            extract(
                lambda: open_member(login, name, settings.path.parent),
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


@contextmanager
def _ended_by_interruption() -> Iterator[None]:
    """End the drivers when somebody interrupts: a driver that waits for a silent member ignores Ctrl-C."""
    try:
        yield
    except BaseException:
        for child in multiprocessing.active_children():
            if not child.name.startswith("lab-"):
                child.kill()
        raise
