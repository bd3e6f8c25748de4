"""This module keeps what a run has written by removing the task that would take it back, or says that it is too late.

Whether the member took a run back is never concluded from the clock: the items are read.
"""

from __future__ import annotations

from dataclasses import dataclass

from driftsync.applying.ground import Carried
from driftsync.applying.journal import Journal
from driftsync.applying.journal_lines import RecallState
from driftsync.applying.settling import Finding, held
from driftsync.applying.working import Work
from driftsync.errors import PlanRefusedError, UsageError
from driftsync.language import english as _
from driftsync.model import RunState, StepState

TO_GO = 5.0
"""Seconds that must be left when a task is removed: it could have begun meanwhile."""


@dataclass(frozen=True)
class Confirmed:
    """What came of it."""

    carried: Carried
    said: str
    late: bool = False
    """Whether it came too late, or the run stands no longer."""
    hint: str = ""


def keep(work: Work, journal: Journal) -> Confirmed:
    """Remove the task of a run in time, or say what became of the run. Raises `UsageError`, `PlanRefusedError`, `Unreadable`."""
    line = journal.recall
    if line is None or (not journal.sent and not journal.waits):
        raise UsageError(
            _("run {run} has nothing to be confirmed").format(run=journal.run),
            hint=_("only a run that was begun with --confirm-within, and has written something, has"),
        )
    if line.recall is RecallState.CONFIRMED:
        return Confirmed(work.carried(journal), _("run {run} was confirmed already").format(run=journal.run))
    if not journal.waits:
        return _ended(work, journal)
    if journal.state is RunState.RUNNING:
        raise PlanRefusedError(
            _("run {run} was cut off, so there is no whole to confirm").format(run=journal.run),
            hint=_(
                "`driftsync sync --resume` finishes it; otherwise the member takes it back at {until}"
            ).format(until=line.until),
        )
    recalling = work.recalling
    standing = recalling.find(journal)
    recalling.clock.ask()
    if standing is None:
        return _confirmed(work, journal) if not _back(work, journal) else _late(work, journal, began=True)
    if standing.started or standing.deadline - recalling.clock.now < TO_GO:
        return _late(work, journal, began=standing.started)
    recalling.withdraw(journal, RecallState.REMOVING)
    recalling.clock.ask()
    if recalling.clock.now >= standing.deadline and _back(work, journal):
        return _late(work, journal, began=True)
    return _confirmed(work, journal)


def _confirmed(work: Work, journal: Journal) -> Confirmed:
    work.recalling.note(journal, RecallState.CONFIRMED)
    if journal.state is RunState.UNCONFIRMED:
        journal.note("ended", RunState.CONFIRMED.value)
    work.audit(journal)
    said = _("run {run} is confirmed: the task that would have taken it back is gone").format(run=journal.run)
    return Confirmed(work.carried(journal), said)


def _ended(work: Work, journal: Journal) -> Confirmed:
    """Say of a run whose task is gone for good what it was: taken back by somebody, or by the member."""
    if journal.state is RunState.RECALLED:
        said = _("run {run} was not confirmed in time: the member has taken it back")
    else:
        said = _("run {run} was taken back")
    return Confirmed(work.carried(journal), said.format(run=journal.run), late=True, hint=_again())


def _again() -> str:
    return _("make a new plan: what it wanted has to be written again")


def _back(work: Work, journal: Journal) -> list[int]:
    """Return the steps of this run whose items stand as before it, by number."""
    work.items.clear()
    return [
        action.number
        for action in work.plan.actions
        if action.number in journal.sent and held(action, work.item(action))
    ]


def _late(work: Work, journal: Journal, *, began: bool) -> Confirmed:
    """Read what the member has done and say it; a task that ran is removed, one that has not begun is left."""
    back = _back(work, journal)
    run, until = journal.run, journal.recall.until if journal.recall else ""
    if not back and not began:
        said = _(
            "too late: the time to confirm run {run} was over at {until}; the member has not taken it back yet"
        ).format(run=run, until=until)
        return Confirmed(
            work.carried(journal), said, late=True,
            hint=_("it does so as soon as its Task Manager gets to it; `driftsync rollback {run}` does it from here").format(run=run),
        )  # fmt: skip
    for number in back:
        journal.step(number, StepState.REVERTED, finding=Finding.BEFORE.value, undoing=True)
    if set(back) == journal.sent:
        journal.note("ended", RunState.RECALLED.value)
        work.recalling.withdraw(journal, RecallState.SPENT)
        said = _(
            "too late: run {run} was not confirmed by {until}, and the member has taken it back; read again, all is as before"
        ).format(run=run, until=until)
        return Confirmed(work.carried(journal), said, late=True, hint=_again())
    journal.note("ended", RunState.FAILED.value)
    left = [action.key for action in work.plan.actions if action.number in journal.sent - set(back)]
    said = _(
        "too late: run {run} was not confirmed by {until}; the member took back {back} of {count} steps, and these stand as the run left them: {keys}"
    ).format(run=run, until=until, back=len(back), count=len(journal.sent), keys=", ".join(left))
    return Confirmed(
        work.carried(journal), said, late=True,
        hint=_("its messages.log says why; `driftsync rollback {run}` takes back the rest").format(run=run),
    )  # fmt: skip
