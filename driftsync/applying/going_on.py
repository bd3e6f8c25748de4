"""This module takes the steps of a plan that were not taken yet, then proves all of them by reading again."""

from __future__ import annotations

from driftsync.applying.batching import closes_batch
from driftsync.applying.failures import Stopped
from driftsync.applying.ground import Carried
from driftsync.applying.journal import Journal
from driftsync.applying.settling import Finding, unequal, wanted_by
from driftsync.applying.working import Taken, Work
from driftsync.extracting.single import Unreadable
from driftsync.language import english as _
from driftsync.model import RunState, StepState


def go_on(work: Work, journal: Journal) -> Carried:
    """Take every step that was not taken yet, then prove all of them."""
    _go_on(work, journal)
    work.audit(journal)
    return work.carried(journal)


def _go_on(work: Work, journal: Journal) -> None:
    actions = work.plan.actions
    for place, action in enumerate(actions):
        step = journal.steps.get(action.number)
        if step is not None and step.state is StepState.FAILED:
            break
        if step is not None and step.state is not StepState.PLANNED:
            continue
        if work.finding(action, journal) is Finding.AFTER:
            journal.step(action.number, StepState.WRITTEN, finding=Finding.AFTER.value)
            continue
        if work.take(journal, action, action, activate=closes_batch(actions, place)) is not Taken.DONE:
            break
        work.ground.progress(place + 1)
    work.activate(journal)
    _prove(work, journal)
    done = all(work.state(journal, action) is StepState.VERIFIED for action in actions)
    _let_it_wait(work, journal)
    state = RunState.UNCONFIRMED if journal.waits else RunState.DONE
    journal.note("ended", (state if done else RunState.FAILED).value)


def _let_it_wait(work: Work, journal: Journal) -> None:
    """Count the time to confirm from now on; where nothing was written there is nothing to confirm."""
    if not journal.waits:
        return
    if not journal.sent:
        work.recalling.withdraw(journal)
        return
    try:
        work.recalling.put_off(journal)
    except Stopped as error:
        work.unproven = (
            error.message
        )  # its last time stands, or it has begun: `confirm` reads what became of it


def _prove(work: Work, journal: Journal) -> None:
    """Read every kind that was written to again, once, and say of each step whether it holds."""
    work.items.clear()
    work.models.clear()
    for action in work.plan.actions:
        if work.state(journal, action) is not StepState.WRITTEN:
            continue
        try:
            item, model = work.item(action), work.model_of(action)
        except Unreadable as error:
            work.unproven = error.message
            continue
        if work.finding(action, journal) is Finding.AFTER or work.overtaken(journal, action):
            journal.step(action.number, StepState.VERIFIED)
            continue
        names = unequal(wanted_by(action, model), item) if item else [action.key]
        journal.step(
            action.number,
            StepState.FAILED,
            _("read again, it does not hold what was written: {names}").format(names=", ".join(names)),
        )
