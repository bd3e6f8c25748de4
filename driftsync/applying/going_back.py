"""This module takes back what a run has carried out, the last step first, and proves it by reading again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.applying.batching import closes_batch
from driftsync.applying.ground import Carried
from driftsync.applying.holding import in_the_way, named_before
from driftsync.applying.journal import Journal
from driftsync.applying.settling import Finding, between, held, unequal
from driftsync.applying.undoing import stays_away, undone, why_not
from driftsync.applying.working import Taken, Work
from driftsync.extracting.single import Unreadable
from driftsync.files import digest_of_item
from driftsync.language import english as _
from driftsync.model import Action, RunState, Sort, StepState


def go_back(work: Work, journal: Journal) -> Carried:
    """Take back what was carried out, the last step first."""
    _go_back(work, journal)
    work.audit(journal)
    return work.carried(journal)


def _go_back(work: Work, journal: Journal) -> None:
    for action in work.plan.actions:
        if action.number not in journal.sent and work.state(journal, action) is not StepState.REVERTED:
            journal.step(action.number, StepState.PLANNED, undoing=True)  # this run has done nothing to it
    taken = [
        action
        for action in reversed(work.plan.actions)
        if work.state(journal, action) in {StepState.WRITTEN, StepState.VERIFIED, StepState.FAILED}
    ]
    turned = [undone(action, work.item(action), journal.kept.get(action.number, {})) for action in taken]
    stopped = False
    for place, (action, back) in enumerate(zip(taken, turned, strict=True)):
        item = work.item(action)
        finding = work.finding(action, journal)
        if finding is Finding.BEFORE and (not action.secrets or item is None):
            journal.step(action.number, StepState.REVERTED, finding=finding.value, undoing=True)
            continue
        half = work.state(journal, action) is StepState.FAILED and between(action, item)
        changed = finding is Finding.NEITHER and not half
        if changed and not work.overtaken(journal, action):
            reason = _("somebody changed it after the run: it was left as it is")
            if work.state(journal, action) is StepState.FAILED and action.sort is Sort.CREATE:
                reason = _("what is there by this name is not what this step makes: it is somebody else's")
            journal.step(action.number, StepState.FAILED, reason, undoing=True)
            continue
        if never := _never(work, action, back, journal.kept.get(action.number, {})):
            journal.step(action.number, StepState.FAILED, never, undoing=True)
            continue
        taken_back = work.take(journal, action, back, activate=closes_batch(turned, place), undoing=True)
        if taken_back is Taken.STOPPED:
            stopped = True
            break
        work.ground.progress(place + 1)
    work.activate(journal)
    _prove(work, journal)
    left = [
        action
        for action in work.plan.actions
        if work.state(journal, action) not in {StepState.REVERTED, StepState.PLANNED}
    ]
    journal.note("ended", (RunState.FAILED if left else RunState.REVERTED).value)
    if not stopped:  # else the member still takes back what is left
        work.recalling.withdraw(journal)


def _never(work: Work, action: Action, back: Action, kept: Mapping[str, Any]) -> str:
    """Say why a step is not taken back at all, nothing where something of it can be."""
    if action.sort is Sort.CHANGE and work.item(action) is None:
        gone = (each for each in work.plan.actions if each.key == action.key and each.sort is Sort.DELETE)
        return why_not(next(gone, action)) or _("it is gone")
    if action.sort is Sort.CREATE:
        return why_not(action) or in_the_way(action, work.reader, kept)
    return why_not(action) if stays_away(action) or (action.sort is Sort.CHANGE and not back.sets) else ""


def _prove(work: Work, journal: Journal) -> None:
    """Read again, and say of each step that was taken back whether the item is as it was."""
    work.items.clear()
    for action in work.plan.actions:
        step = journal.steps.get(action.number)
        if step is None or step.state is not StepState.WRITTEN or not step.undoing:
            continue
        try:
            item = work.item(action)
        except Unreadable as error:
            work.unproven = error.message
            continue
        exact = digest_of_item(item) == action.digest_before
        if not held(action, item):
            names = unequal(action.before, item) if item else [action.key]
            reason = _("read again, it is not as it was: {names}").format(names=", ".join(names))
            journal.step(action.number, StepState.FAILED, reason, undoing=True)
        elif action.sort is Sort.DELETE and not exact:
            reason = why_not(action) or _("read again, it is not as it was: {names}").format(names=action.key)
            journal.step(action.number, StepState.FAILED, reason, undoing=True)
        elif action.sort is not Sort.DELETE and why_not(action):
            journal.step(action.number, StepState.FAILED, why_not(action), undoing=True)
        else:
            reason = named_before(journal.kept.get(action.number, {}))
            journal.step(action.number, StepState.REVERTED, reason, undoing=True)
