"""This module carries a plan out on one member: locks, a look before each write, the journal, and the proof afterwards.

One member at a time. Whatever stops it before its first write is `PlanRefusedError` (nothing was written); what stops it
later leaves a journal from which `resume` finishes and `roll_back` returns.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

from driftsync.applying.confirming import Confirmed, keep
from driftsync.applying.failures import Stopped, WriteFailed
from driftsync.applying.going_back import go_back
from driftsync.applying.going_on import go_on
from driftsync.applying.ground import Carried, Ground, Opener
from driftsync.applying.journal import Journal, JournalError, begun, journal_of
from driftsync.applying.locking import client_lock, lock_member
from driftsync.applying.recalling import LONGEST, SETTLING
from driftsync.applying.working import Work
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.interface import WritableConnection
from driftsync.errors import InterruptedRunError, PlanRefusedError
from driftsync.extracting.reach import Reach
from driftsync.extracting.single import Unreadable
from driftsync.language import english as _
from driftsync.model import Plan, RunState, StepState


def apply(plan: Plan, ground: Ground) -> Carried:
    """Carry a plan out. Raises `PlanRefusedError`, with nothing written, where it may not begin."""
    _nobody_waits(plan, ground)
    run = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    with _locked(ground, plan), _opened(plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=ground.unsettled)
            work.survey()
            work.check_all()
            code = work.way_back(run) if ground.within else ""
            work.must_have_something_to_do()
            copied = work.copy_cpf(run)
            journal = Journal.begin(ground.folder, run, plan)
        with _kept(journal):
            if copied:
                journal.note("cpf-copy", copied)
            with _withdrawn(work, journal):
                if ground.within:
                    work.recalling.arm(journal, code, ground.within)
                return go_on(work, journal)


def resume(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Carried:
    """Finish a run whose process died, or that was stopped. Raises `PlanRefusedError` for one that is being taken back."""
    with _again(run, ground_of, folder, unsettled=timedelta()) as (work, journal):
        if any(step.undoing or step.state is StepState.REVERTED for step in journal.steps.values()):
            raise PlanRefusedError(
                _("run {run} is being taken back, so it is not finished").format(run=run),
                hint=_("`driftsync rollback {run}` takes back the rest").format(run=run),
            )
        work.settle(journal, finishing=True)
        with _refusing(again=True):
            work.survey()
            work.recalling.again(journal, lambda: work.way_back(run, journal))
        with _withdrawn(work, journal):
            return go_on(work, journal)


def roll_back(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Carried:
    """Take back every step of a run that was carried out, in reverse order."""
    with _again(run, ground_of, folder) as (work, journal):
        work.settle(journal)
        with _refusing(again=True):
            work.recalling.give_way(journal)
        return go_back(work, journal)


def confirm(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Confirmed:
    """Keep what a run has written: remove the task that would take it back. The primary is not asked for anything."""
    path = journal_of(folder, run)
    plan = Journal.read(path).plan
    ground = ground_of(plan)
    with _locked(ground, plan), _opened(plan, ground) as work:
        journal = Journal.reopen(path)
        with _kept(journal):
            return keep(work, journal)


def _nobody_waits(plan: Plan, ground: Ground) -> None:
    """Raise `PlanRefusedError` while an earlier run waits to be confirmed: two ways back would cross."""
    lately = time.time() - LONGEST.total_seconds() - SETTLING
    for journal in begun(ground.folder, since=lately):
        line = journal.recall
        if journal.plan.member.name == plan.member.name and line and journal.waits and line.until > _now():
            raise PlanRefusedError(
                _("run {run} waits to be confirmed until {until}").format(run=journal.run, until=line.until),
                hint=_("`driftsync confirm {run}` or `driftsync rollback {run}` first").format(
                    run=journal.run
                ),
            )


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def _again(
    run: str, ground_of: Callable[[Plan], Ground], folder: Path, *, unsettled: timedelta | None = None
) -> Iterator[tuple[Work, Journal]]:
    """Open an earlier run once more, with its locks, after a first look."""
    path = journal_of(folder, run)
    plan = Journal.read(path).plan
    ground = ground_of(plan)
    with _locked(ground, plan), _opened(plan, ground) as work:
        with _refusing(again=True):
            work.guard.look_first(unsettled=unsettled)
        journal = Journal.reopen(path)
        with _kept(journal):
            yield work, journal


@contextmanager
def _withdrawn(work: Work, journal: Journal) -> Iterator[None]:
    """Remove the task again where the run was refused before its first write: there is nothing to take back."""
    try:
        yield
    except PlanRefusedError:
        work.recalling.withdraw(journal)
        journal.note("ended", RunState.FAILED.value)
        raise


@contextmanager
def _kept(journal: Journal) -> Iterator[None]:
    """Close a journal at the end, and say how to go on where a connection, or the journal itself, was lost, or somebody interrupted it."""
    try:
        yield
    except KeyboardInterrupt:
        if not journal.touched and not journal.waits:
            with suppress(JournalError):
                journal.note("ended", RunState.FAILED.value)
            raise InterruptedRunError(_("interrupted; nothing was written to any member")) from None
        raise InterruptedRunError(
            _("run {run} was interrupted").format(run=journal.run), hint=_then(journal)
        ) from None
    except (ConnectionFailed, JournalError) as error:
        if not journal.touched and not journal.waits:
            with suppress(JournalError):
                journal.note("ended", RunState.FAILED.value)
            raise PlanRefusedError(
                _("nothing was written: {why}").format(why=error.message), hint=error.hint
            ) from error
        raise Stopped(
            _("run {run} was cut off: {why}").format(run=journal.run, why=error.message),
            hint=_then(journal),
            details=error.details,
        ) from error
    finally:
        journal.close()


def _then(journal: Journal) -> str:
    """Say how to go on after a connection was lost."""
    if journal.recall is not None and journal.waits:
        return _(
            "the member takes it back by itself at {until}; `driftsync sync --resume` goes on, `driftsync rollback {run}` takes it back at once"
        ).format(until=journal.recall.until, run=journal.run)
    return _(
        "`driftsync sync --resume` settles what was in the air, `driftsync rollback {run}` takes it back"
    ).format(run=journal.run)


@contextmanager
def _refusing(*, again: bool = False) -> Iterator[None]:
    """Turn what stops a run into a refusal: nothing has been written yet, or nothing more where it is not the first time."""
    try:
        yield
    except PlanRefusedError:
        raise
    except (Stopped, WriteFailed, Unreadable, CallFailed, ConnectionFailed, JournalError) as error:
        said = _("nothing more was written: {why}") if again else _("nothing was written: {why}")
        raise PlanRefusedError(
            said.format(why=error.message), hint=error.hint, details=error.details
        ) from error


@contextmanager
def _locked(ground: Ground, plan: Plan) -> Iterator[None]:
    with client_lock(ground.folder, plan.mirror):
        yield


@contextmanager
def _opened(plan: Plan, ground: Ground) -> Iterator[Work]:
    """Open both members, the member with its lock held; both are closed again, and the lock is free."""
    connection = ground.member()
    primary: Reach | None = None
    work: Work | None = None
    try:
        lock_member(connection, plan.member.name)
        member = Reach(_once(connection))
        primary = Reach(ground.primary)
        work = Work(plan, ground, connection, member, primary)
        yield work
    finally:
        if work is not None:
            work.close()
        connection.close()
        if primary is not None:
            primary.close()


def _once(connection: WritableConnection) -> Opener:
    """Return what gives this connection and no other: with it the lock would be lost."""
    given: list[WritableConnection] = []

    def give() -> WritableConnection:
        if given:
            raise ConnectionFailed(_("the connection to the member was lost, and with it its lock"))
        given.append(connection)
        return connection

    return give
