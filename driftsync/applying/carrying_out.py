"""This module carries a plan out on one member: locks, a look before each write, the journal, and the proof afterwards.

One member at a time. Whatever stops it before its first write is `PlanRefused` (nothing was written); what stops it
later leaves a journal from which `resume` finishes and `roll_back` returns.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path

from driftsync.applying.batching import closes_batch, is_batched
from driftsync.applying.failures import PlanRefused, Stopped, WriteFailed
from driftsync.applying.guarding import UNSETTLED, Guard, Side
from driftsync.applying.journal import Journal, journal_of, now
from driftsync.applying.locking import client_lock, lock_member
from driftsync.applying.permitted import Writer
from driftsync.applying.secrets_of import SecretsOf
from driftsync.applying.settling import Finding, held, settle, unequal, wanted_by
from driftsync.applying.undoing import kept_of, undone, why_not
from driftsync.applying.writing import ActionWriter
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.interface import WritableConnection
from driftsync.extracting.reach import Reach
from driftsync.extracting.single import SingleReader, Unreadable
from driftsync.files import digest_of_item
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import all_kinds
from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import FORMAT_VERSION, Action, Item, Plan, Run, RunState, Sort, StepState
from driftsync.version import __version__

HOLDERS = frozenset({"role", "user"})
Opener = Callable[[], WritableConnection]
Progress = Callable[[int], None]
"""Told how many steps were taken."""


@dataclass(frozen=True)
class Ground:
    """Where a run takes place: how both members are reached, and where its journal is kept."""

    member: Opener
    primary: Opener
    folder: Path
    fingerprinter: Fingerprinter
    member_directories: Mapping[str, str] = field(default_factory=dict)
    """The names for a member's own directories, as its snapshot had them when the plan was made."""
    primary_directories: Mapping[str, str] = field(default_factory=dict)
    unsettled: timedelta = UNSETTLED
    progress: Progress = lambda _done: None


@dataclass(frozen=True)
class Carried:
    """A run and what it cost."""

    run: Run
    round_trips: int
    writes: int
    """Steps that were sent to the member, this time."""


def apply(plan: Plan, ground: Ground) -> Carried:
    """Carry a plan out. Raises `PlanRefused`, with nothing written, where it may not begin."""
    run = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    with _locked(ground, plan), _opened(plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=ground.unsettled)
            work.check_all()
            copied = work.copy_cpf(run)
        journal = Journal.begin(ground.folder, run, plan)
        if copied:
            journal.note("cpf-copy", copied)
        return work.go_on(journal)


def resume(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Carried:
    """Finish a run whose process died, or that was stopped."""
    journal = Journal.reopen(journal_of(folder, run))
    ground = ground_of(journal.plan)
    with _locked(ground, journal.plan), _opened(journal.plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=timedelta())
        work.settle(journal)
        return work.go_on(journal)


def roll_back(run: str, ground_of: Callable[[Plan], Ground], folder: Path) -> Carried:
    """Take back every step of a run that was carried out, in reverse order."""
    journal = Journal.reopen(journal_of(folder, run))
    ground = ground_of(journal.plan)
    with _locked(ground, journal.plan), _opened(journal.plan, ground) as work:
        with _refusing():
            work.guard.look_first(unsettled=timedelta())
        work.settle(journal)
        return work.go_back(journal)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what stops a run into a refusal: nothing has been written yet."""
    try:
        yield
    except PlanRefused:
        raise
    except (Stopped, WriteFailed, Unreadable, CallFailed) as error:
        raise PlanRefused(
            _("nothing was written: {why}").format(why=error.message), hint=error.hint, details=error.details
        ) from error


@contextmanager
def _locked(ground: Ground, plan: Plan) -> Iterator[None]:
    with client_lock(ground.folder, plan.mirror, plan.member.name):
        yield


@contextmanager
def _opened(plan: Plan, ground: Ground) -> Iterator[_Work]:
    """Open both members, the member with its lock held; both are closed again, and the lock is free."""
    connection = ground.member()
    primary: Reach | None = None
    try:
        lock_member(connection, plan.member.name)
        member = Reach(_once(connection))
        primary = member if plan.terms.to_primary else Reach(ground.primary)
        yield _Work(plan, ground, connection, member, primary)
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


class Taken(Enum):
    """What became of one step."""

    DONE = "done"
    FAILED = "failed"
    """The member refused it."""
    STOPPED = "stopped"
    """Something was not as it was: nothing was sent."""


class _Work:
    """One run on open connections."""

    def __init__(
        self, plan: Plan, ground: Ground, connection: WritableConnection, member: Reach, primary: Reach
    ) -> None:
        self._plan, self._ground, self._member, self._primary = plan, ground, member, primary
        self._writer = Writer(connection)
        self._reader = SingleReader(member, ground.fingerprinter, ground.member_directories)
        self._model = SingleReader(primary, ground.fingerprinter, ground.primary_directories)
        side = Side(plan.member.name, member)
        other = side if plan.terms.to_primary else Side(plan.primary.name, primary)
        self.guard = Guard(plan, side, other, self._reader)
        self._actions = ActionWriter(self._writer, member, SecretsOf(primary, self._writer, member))
        self._items: dict[str, dict[str, Item]] = {}
        self._models: dict[str, dict[str, Item]] = {}
        self._written: list[str] = []
        self._granted = False
        """Whether a statement was taken back: roles and users then hold other roles than when taking back began."""
        self._unproven = ""
        self._sent = 0

    # -- before the first write ----------------------------------------------------------------------------------

    def check_all(self) -> None:
        """Raise `Stopped` unless every item of the plan is as it was when the plan was made, or as it is to be."""
        seen: set[str] = set()
        for action in self._plan.actions:
            item = self._item(action)
            as_planned = _digest(item) == action.digest_before or action.key in seen
            if not as_planned and settle(action, item, self._model_of(action)) is not Finding.AFTER:
                raise Stopped(
                    _("{key} is no longer as it was when the plan was made").format(key=action.key),
                    hint=_("somebody changed it meanwhile: make a new plan"),
                )
            seen.add(action.key)
        if any(_is_configuration(action) for action in self._plan.actions):
            self.guard.cpf()

    def copy_cpf(self, run: str) -> str:
        """Copy the CPF beside itself, under the name of the run, where the plan writes to the configuration."""
        if not any(_is_configuration(action) for action in self._plan.actions):
            return ""
        made = self._writer.made(self._writer.call("Config.Namespaces", "%New").value)
        place = str(self._writer.get(made, "CPFFile"))
        copy = f"{place}_driftsync_{run}"
        if not place or not self._writer.call("%Library.File", "CopyFile", place, copy).value:
            raise Stopped(
                _("the CPF could not be copied to {path}").format(path=copy),
                hint=_(
                    "make room beside it, or let the account write there: without a copy nothing is written"
                ),
            )
        return copy

    # -- forward -------------------------------------------------------------------------------------------------

    def settle(self, journal: Journal) -> None:
        """Let each item say what became of a step that was in the air, failed, or is not proven yet."""
        for action in self._plan.actions:
            step = journal.steps.get(action.number)
            if step is None or step.state in {StepState.PLANNED, StepState.VERIFIED, StepState.REVERTED}:
                continue
            finding = settle(action, self._item(action), self._model_of(action))
            if finding is Finding.AFTER:
                journal.step(action.number, StepState.WRITTEN, finding=finding.value)
            elif finding is Finding.BEFORE:
                state = StepState.REVERTED if step.undoing else StepState.PLANNED
                journal.step(action.number, state, finding=finding.value)
            else:
                reason = _("after the interruption it is neither as it was nor as it was to be")
                journal.step(action.number, StepState.FAILED, step.reason or reason, finding=finding.value)

    def go_on(self, journal: Journal) -> Carried:
        """Take every step that was not taken yet, then prove all of them."""
        try:
            self._go_on(journal)
        finally:
            journal.close()
        return self._carried(journal)

    def _go_on(self, journal: Journal) -> None:
        actions = self._plan.actions
        for place, action in enumerate(actions):
            step = journal.steps.get(action.number)
            if step is not None and step.state is StepState.FAILED:
                break
            if step is not None and step.state is not StepState.PLANNED:
                continue
            if settle(action, self._item(action), self._model_of(action)) is Finding.AFTER:
                journal.step(action.number, StepState.WRITTEN, finding=Finding.AFTER.value)
                continue
            if self._take(journal, action, action, activate=closes_batch(actions, place)) is not Taken.DONE:
                break
            self._ground.progress(place + 1)
        self._activate(journal)
        self._prove(journal)
        done = all(self._state(journal, action) is StepState.VERIFIED for action in actions)
        journal.note("ended", (RunState.DONE if done else RunState.FAILED).value)

    def _take(
        self, journal: Journal, planned: Action, action: Action, *, activate: bool, undoing: bool = False
    ) -> Taken:
        """Look again and take one step. Raises `PlanRefused` where it may not be taken and nothing was written yet."""
        try:
            handle = self.guard.before(action, digest=self._expected(action))
        except (Stopped, CallFailed) as error:
            if not journal.touched:
                journal.note("ended", RunState.FAILED.value)
                raise PlanRefused(
                    _("nothing was written: {why}").format(why=error.message), hint=error.hint
                ) from error
            journal.step(planned.number, StepState.FAILED, error.message, undoing=undoing)
            return Taken.STOPPED
        kept = {} if undoing else kept_of(action, self._item(action))
        journal.step(planned.number, StepState.SENDING, undoing=undoing, kept=kept)
        self._sent += 1
        try:
            self._actions.write(action, activate=activate, handle=handle)
        except (WriteFailed, CallFailed) as error:
            self._items.pop(action.kind, None)
            journal.step(planned.number, StepState.FAILED, error.message, undoing=undoing)
            return Taken.FAILED
        self._written.append(action.key)
        self._granted |= undoing and isinstance(all_kinds()[action.kind].written, ByStatement)
        journal.step(planned.number, StepState.WRITTEN, undoing=undoing)
        if is_batched(action) and activate:
            journal.note("activated")
        return Taken.DONE

    def _expected(self, action: Action) -> str:
        """Return the digest that an item must have before a step: that of the plan, unless this run has written it since."""
        if action.key not in self._written and not (self._granted and action.kind in HOLDERS):
            return action.digest_before
        kind = all_kinds()[action.kind]
        return _digest(self._reader.one(kind, action.identity).item)

    def _activate(self, journal: Journal) -> None:
        """Bring to life what was saved for a batch whose last step was not taken."""
        if not journal.unactivated:
            return
        self.guard.cpf()
        self._writer.must(self._writer.call("Config.CPF", "Write").value)
        self._writer.must(self._writer.call("Config.CPF", "Activate").value)
        journal.note("activated")

    def _prove(self, journal: Journal) -> None:
        """Read every kind that was written to again, once, and say of each step whether it holds."""
        self._items.clear()
        self._models.clear()
        for action in self._plan.actions:
            if self._state(journal, action) is not StepState.WRITTEN:
                continue
            try:
                item, model = self._item(action), self._model_of(action)
            except Unreadable as error:
                self._unproven = error.message
                continue
            if settle(action, item, model) is Finding.AFTER or self._overtaken(journal, action):
                journal.step(action.number, StepState.VERIFIED)
                continue
            names = unequal(wanted_by(action, model), item) if item else [action.key]
            journal.step(
                action.number,
                StepState.FAILED,
                _("read again, it does not hold what was written: {names}").format(names=", ".join(names)),
            )

    def _overtaken(self, journal: Journal, action: Action) -> bool:
        """Say whether a later step of the same item was taken: what it holds is then that one's."""
        return any(
            other.key == action.key and other.number > action.number and journal.steps.get(other.number)
            for other in self._plan.actions
        )

    # -- backward ------------------------------------------------------------------------------------------------

    def go_back(self, journal: Journal) -> Carried:
        """Take back what was carried out, the last step first."""
        try:
            self._go_back(journal)
        finally:
            journal.close()
        return self._carried(journal)

    def _go_back(self, journal: Journal) -> None:
        taken = [
            action
            for action in reversed(self._plan.actions)
            if self._state(journal, action) in {StepState.WRITTEN, StepState.VERIFIED, StepState.FAILED}
        ]
        turned = [undone(action, self._item(action), journal.kept.get(action.number, {})) for action in taken]
        for place, (action, back) in enumerate(zip(taken, turned, strict=True)):
            item = self._item(action)
            finding = settle(action, item, self._model_of(action))
            if finding is Finding.BEFORE and not action.secrets:
                journal.step(action.number, StepState.REVERTED, finding=finding.value, undoing=True)
                continue
            changed = self._state(journal, action) is not StepState.FAILED and finding is Finding.NEITHER
            if changed and not self._overtaken(journal, action):
                reason = _("somebody changed it after the run: it was left as it is")
                journal.step(action.number, StepState.FAILED, reason, undoing=True)
                continue
            if why_not(action) and (not back.sets or action.sort is Sort.DELETE):
                journal.step(action.number, StepState.FAILED, why_not(action), undoing=True)
                continue
            taken_back = self._take(journal, action, back, activate=closes_batch(turned, place), undoing=True)
            if taken_back is Taken.STOPPED:
                break
            self._ground.progress(place + 1)
        self._activate(journal)
        self._prove_return(journal)
        left = [
            action
            for action in self._plan.actions
            if self._state(journal, action) not in {StepState.REVERTED, StepState.PLANNED}
        ]
        journal.note("ended", (RunState.FAILED if left else RunState.REVERTED).value)

    def _prove_return(self, journal: Journal) -> None:
        """Read again, and say of each step that was taken back whether the item is as it was."""
        self._items.clear()
        for action in self._plan.actions:
            step = journal.steps.get(action.number)
            if step is None or step.state is not StepState.WRITTEN or not step.undoing:
                continue
            item = self._item(action)
            if not held(action, item):
                names = unequal(action.before, item) if item else [action.key]
                reason = _("read again, it is not as it was: {names}").format(names=", ".join(names))
                journal.step(action.number, StepState.FAILED, reason, undoing=True)
            elif why_not(action):
                journal.step(action.number, StepState.FAILED, why_not(action), undoing=True)
            else:
                journal.step(action.number, StepState.REVERTED, undoing=True)

    # -- both ----------------------------------------------------------------------------------------------------

    def _item(self, action: Action) -> Item | None:
        """Return the member's item as the last reading of its kind has it. Raises `Unreadable`."""
        kind = all_kinds()[action.kind]
        if kind.name not in self._items:
            self._items[kind.name] = self._reader.whole(kind)
        return self._items[kind.name].get(self._reader.key(kind, action.identity))

    def _model_of(self, action: Action) -> Item | None:
        """Return the primary's item, which only a secret is compared with."""
        if not action.secrets:
            return None
        kind = all_kinds()[action.kind]
        if kind.name not in self._models:
            self._models[kind.name] = self._model.whole(kind)
        return self._models[kind.name].get(self._model.key(kind, action.identity))

    def _state(self, journal: Journal, action: Action) -> StepState:
        step = journal.steps.get(action.number)
        return step.state if step else StepState.PLANNED

    def _carried(self, journal: Journal) -> Carried:
        outcomes = journal.outcomes()
        wanted = StepState.REVERTED if journal.state is RunState.REVERTED else StepState.VERIFIED
        run = Run(
            format_version=FORMAT_VERSION,
            driftsync=__version__,
            id=journal.run,
            plan=self._plan.id,
            mirror=self._plan.mirror,
            member=self._plan.member.name,
            state=journal.state,
            started_at=journal.beginning.started_at,
            ended_at=now(),
            outcomes=outcomes,
            remaining=[each.key for each in outcomes if each.state is not wanted],
            compared_again=not self._unproven,
        )
        trips = self._writer.round_trips + self._member.round_trips
        trips += 0 if self._primary is self._member else self._primary.round_trips
        return Carried(run, trips, self._sent)


def _digest(item: Item | None) -> str:
    return digest_of_item(item) if item else ""


def _is_configuration(action: Action) -> bool:
    return all_kinds()[action.kind].iris_class.startswith("Config.")
