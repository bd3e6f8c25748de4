"""This module carries a plan out on one member: locks, a look before each write, the journal, and the proof afterwards.

One member at a time. Whatever stops it before its first write is `PlanRefusedError` (nothing was written); what stops it
later leaves a journal from which `resume` finishes and `roll_back` returns.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from driftsync.applying.failures import Stopped, WriteFailed
from driftsync.applying.going_back import go_back
from driftsync.applying.going_on import go_on
from driftsync.applying.ground import Carried, Ground, Opener
from driftsync.applying.journal import Journal, journal_of
from driftsync.applying.locking import client_lock, lock_member
from driftsync.applying.working import Work
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.interface import WritableConnection
from driftsync.errors import PlanRefusedError
from driftsync.extracting.reach import Reach
from driftsync.extracting.single import Unreadable
from driftsync.language import english as _
from driftsync.model import Plan


def apply(plan: Plan, ground: Ground) -> Carried:
    """Carry a plan out. Raises `PlanRefusedError`, with nothing written, where it may not begin."""
    run = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    with _locked(ground, plan), _opened(plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=ground.unsettled)
            work.check_all()
            copied = work.copy_cpf(run)
        journal = Journal.begin(ground.folder, run, plan)
        if copied:
            journal.note("cpf-copy", copied)
        return go_on(work, journal)


def resume(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Carried:
    """Finish a run whose process died, or that was stopped."""
    journal = Journal.reopen(journal_of(folder, run))
    ground = ground_of(journal.plan)
    with _locked(ground, journal.plan), _opened(journal.plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=timedelta())
        work.settle(journal)
        return go_on(work, journal)


def roll_back(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Carried:
    """Take back every step of a run that was carried out, in reverse order."""
    journal = Journal.reopen(journal_of(folder, run))
    ground = ground_of(journal.plan)
    with _locked(ground, journal.plan), _opened(journal.plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=timedelta())
        work.settle(journal)
        return go_back(work, journal)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what stops a run into a refusal: nothing has been written yet."""
    try:
        yield
    except PlanRefusedError:
        raise
    except (Stopped, WriteFailed, Unreadable, CallFailed) as error:
        raise PlanRefusedError(
            _("nothing was written: {why}").format(why=error.message), hint=error.hint, details=error.details
        ) from error


@contextmanager
def _locked(ground: Ground, plan: Plan) -> Iterator[None]:
    with client_lock(ground.folder, plan.mirror, plan.member.name):
        yield


@contextmanager
def _opened(plan: Plan, ground: Ground) -> Iterator[Work]:
    """Open both members, the member with its lock held; both are closed again, and the lock is free."""
    connection = ground.member()
    primary: Reach | None = None
    try:
        lock_member(connection, plan.member.name)
        member = Reach(_once(connection))
        primary = member if plan.terms.to_primary else Reach(ground.primary)
        yield Work(plan, ground, connection, member, primary)
    finally:
        connection.close()
        if primary is not None:
            primary.close()


def _once(connection: WritableConnection) -> Opener:
    """Return what gives this connection and no other: with it the lock would be lost."""
    given: list[WritableConnection] = []

    def give() -> WritableConnection:
        if given:
            raise ConnectionFailed(
                _("the connection to the member was lost, and with it its lock"),
                hint=_(
                    "`driftsync sync --resume` settles what was in the air, `driftsync rollback` takes it back"
                ),
            )
        given.append(connection)
        return connection

    return give
