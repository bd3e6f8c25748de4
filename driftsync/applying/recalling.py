"""This module keeps the promise of `--confirm-within`: a task on the member takes the run back unless somebody confirms it.

The task is made before the first write of a run and is gone after its last word: from its making on there is no moment
at which the client could die and nothing would take the run back. Nor is there one at which both do: no write begins
while the task may run, so its time is put off first, also where a run is finished or taken back from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property

from driftsync.applying.failures import Stopped, WriteFailed
from driftsync.applying.journal import Journal
from driftsync.applying.journal_lines import Recall, RecallState, now
from driftsync.applying.recall_task import Clock, RecallTask, Standing, key_of
from driftsync.applying.undoing import undone, why_not
from driftsync.connections.failures import CallFailed
from driftsync.errors import PlanRefusedError, UsageError
from driftsync.extracting.permitted import PermittedConnection
from driftsync.extracting.values import MISREAD
from driftsync.language import english as _
from driftsync.model import Plan
from driftsync.rendering.taking_back import Has, NoWayBackError, Turned, code_of

SETTLING = 120.0
"""Seconds after its time in which the member may still be at it: the Task Manager looks once a minute."""
SHORTEST, LONGEST = timedelta(minutes=2), timedelta(hours=24)
NEAR = 45.0
"""Seconds before the member may begin to take the run back, in which nothing is written any more."""
UNITS = {"s": 1, "m": 60, "h": 3600}
_TIME = re.compile(r"\s*(\d{1,6})\s*([smh])\s*", re.IGNORECASE)


def time_of(text: str) -> timedelta:
    """Return the time that `10m` stands for. Raises `UsageError` for no time, `PlanRefusedError` for one out of bounds."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise UsageError(
            _("{text} is no time to confirm within").format(text=text), hint=_("write 10m, 90s or 2h")
        )
    found = timedelta(seconds=int(match[1]) * UNITS[match[2].lower()])
    if not SHORTEST <= found <= LONGEST:
        raise PlanRefusedError(
            _("a run can be confirmed within {shortest} to {longest}, not {text}").format(
                shortest="2m", longest="24h", text=text
            ),
            hint=_("the Task Manager of the member looks once a minute, and a plan belongs to its day"),
        )
    return found


def must_go_back(plan: Plan) -> None:
    """Raise `PlanRefusedError` for a plan that no member could take back by itself, without asking one."""
    try:
        _code(plan, "0" * 22, [Turned(each, undone(each, None, {})) for each in plan.actions])
    except Stopped as error:
        raise PlanRefusedError(
            _("nothing was written: {why}").format(why=error.message), hint=error.hint
        ) from None


def _code(plan: Plan, run: str, turned: list[Turned], has: Has = lambda _class, _name: True) -> str:
    """Return the code that takes these steps back. Raises `Stopped` where one of them has no way back."""
    hint = _("leave this item out with --keep, or apply without --confirm-within")
    for each in turned:
        if reason := why_not(each.action):
            raise Stopped(
                _("{key} could not be taken back by the member itself: {why}").format(
                    key=each.action.key, why=reason
                ),
                hint=hint,
            )
    try:
        return code_of(plan, run, turned, has)
    except NoWayBackError as error:
        raise Stopped(
            _("the member could not take it back by itself: {why}").format(why=str(error)), hint=hint
        ) from None


class Recalling:
    """The task of one run, on open connections; without a task that was asked for it does nothing."""

    def __init__(self, plan: Plan, task: RecallTask, connection: PermittedConnection) -> None:
        self._plan, self._task, self._connection = plan, task, connection

    @cached_property
    def clock(self) -> Clock:
        """The member's clock, which a run without a task never asks for."""
        return Clock(self._connection)

    def look_first(self, run: str, turned: list[Turned], has: Has) -> str:
        """Return the code, before anything is written. Raises `Stopped` where the member could not carry it out."""
        code = _code(self._plan, run, turned, has)
        self._task.must_be_possible()
        for other in self._task.others(run):
            raise Stopped(
                _("run {run} waits to be confirmed on this member").format(run=other),
                hint=_("`driftsync confirm {run}` or `driftsync rollback {run}` first").format(run=other),
            )
        return code

    def arm(self, journal: Journal, code: str, within: timedelta) -> None:
        """Make the task, and read it again. Raises `PlanRefusedError` where it is not as it has to be; it is gone then."""
        seconds = int(within.total_seconds())
        deadline = self.clock.after(seconds)
        self.note(journal, RecallState.PLANNED, within=seconds, deadline=deadline)
        try:
            standing = self._task.find(journal.run)
            self.note(journal, RecallState.SENDING, within=seconds, deadline=deadline)
            if standing is not None:  # of an earlier attempt whose process died
                self._task.remove(standing, journal.run)
            self._task.make(journal.run, code, deadline)
            self.note(journal, RecallState.WRITTEN, within=seconds, deadline=deadline)
            self._verify(journal, code, deadline)
        except (Stopped, WriteFailed, CallFailed, *MISREAD) as error:
            why = getattr(error, "message", _("its answer made no sense"))
            raise PlanRefusedError(
                _(
                    "nothing was written: the task that would take the run back could not be made: {why}"
                ).format(why=why),
                hint=_("see to that, or apply without --confirm-within"),
            ) from error

    def _verify(self, journal: Journal, code: str, deadline: int) -> None:
        standing = self._task.find(journal.run)
        if standing is None:
            raise Stopped(_("the task that takes the run back is not on the member"))
        if names := self._task.unequal(standing, code, deadline):
            raise Stopped(
                _("read again, the task that takes the run back is not as it has to be: {names}").format(
                    names=", ".join(names)
                )
            )
        self.note(journal, RecallState.VERIFIED, task=standing.id, deadline=deadline)

    def put_off(self, journal: Journal) -> None:
        """Set the time of the task anew, with one save, and read it again. Raises `Stopped` where it may have begun."""
        try:
            standing = self._standing(journal)
            self.clock.ask()
            deadline = self.clock.after(journal.recall.within if journal.recall else 0)
            self.note(journal, RecallState.SENDING, deadline=deadline)
            self._task.move(standing, deadline)
            self._verify(journal, "", deadline)
        except (WriteFailed, CallFailed, *MISREAD) as error:
            why = getattr(error, "message", _("its answer made no sense"))
            raise Stopped(
                _("the time of the task that takes the run back could not be set: {why}").format(why=why)
            ) from error

    def _standing(self, journal: Journal) -> Standing:
        """Return the task where it still waits. Raises `Stopped` where it has begun, is about to, or is gone."""
        standing = self._task.find(journal.run)
        if standing is None:
            raise Stopped(
                _("the task that takes run {run} back is not on the member any more").format(run=journal.run),
                hint=_("see who deleted it: nothing on the member would take the run back"),
            )
        self.clock.ask()
        if standing.started or standing.deadline - self.clock.now < NEAR:
            raise self._over(journal)
        return standing

    def _over(self, journal: Journal) -> Stopped:
        return Stopped(
            _("the time to confirm run {run} is over: the member takes it back by itself").format(
                run=journal.run
            ),
            hint=_("wait two minutes, then `driftsync confirm {run}` says what became of it").format(
                run=journal.run
            ),
        )

    def again(self, journal: Journal, code: Callable[[], str]) -> None:
        """Let the task of a run that goes on wait anew, or make it again. Raises `Stopped` where it may have begun."""
        line = journal.recall
        if line is None or line.recall in {RecallState.CONFIRMED, RecallState.WITHDRAWN}:
            return
        if line.recall is RecallState.SPENT:
            raise self._over(journal)
        if line.task and self._task.find(journal.run) is not None:
            self.put_off(journal)
        else:
            self.arm(journal, code(), timedelta(seconds=line.within))

    def give_way(self, journal: Journal) -> None:
        """Let the task wait while the run is taken back from here; remove it where its time is long over.

        Raises `Stopped` while the member may be taking it back itself.
        """
        if not journal.waits:
            return
        standing = self._task.find(journal.run)
        self.clock.ask()
        if standing is None or self.clock.now - standing.deadline > SETTLING:
            self.withdraw(journal, RecallState.SPENT)
        else:
            self.put_off(journal)

    def before(self, journal: Journal) -> None:
        """Put the time off where half of it is over, before one write. Raises `Stopped` where no write may begin."""
        line = journal.recall
        if line is None or not line.recall.may_stand:
            return
        left = line.deadline - self.clock.now
        if left < line.within / 2 or line.recall is not RecallState.VERIFIED:
            self.put_off(journal)

    def withdraw(self, journal: Journal, state: RecallState = RecallState.WITHDRAWN) -> None:
        """Delete the task, and read that it is gone. Raises `Stopped` where that cannot be said."""
        if not journal.waits:
            return
        try:
            standing = self._task.find(journal.run)
            if standing is not None:
                self.note(journal, RecallState.REMOVING, deadline=standing.deadline)
                self._task.remove(standing, journal.run)
        except (WriteFailed, CallFailed, *MISREAD) as error:
            why = getattr(error, "message", _("its answer made no sense"))
            raise Stopped(
                _("{key} could not be deleted: {why}").format(key=key_of(journal.run), why=why),
                hint=_("delete it in the portal: System Operation > Task Manager > View Task Schedule"),
            ) from error
        if state is not RecallState.REMOVING:
            self.note(journal, state)

    def find(self, journal: Journal) -> Standing | None:
        """Read the task of the run."""
        return self._task.find(journal.run)

    def note(
        self, journal: Journal, state: RecallState, *, within: int = 0, task: str = "", deadline: int = 0
    ) -> None:
        """Note how far the task has come, with what was known of it before."""
        known = journal.recall
        last = deadline or (known.deadline if known else 0)
        journal.recalled(
            Recall(
                recall=state,
                at=now(),
                task=task or (known.task if known else ""),
                within=within or (known.within if known else 0),
                deadline=last,
                until=self.clock.utc(last),
            )
        )
