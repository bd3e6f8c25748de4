"""This module is one run on open connections: what it knows of both members, and how one step is taken."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from driftsync.applying.batching import is_batched
from driftsync.applying.failures import Stopped, WriteFailed
from driftsync.applying.finding_files import Files
from driftsync.applying.ground import Carried, Ground
from driftsync.applying.guarding import Guard
from driftsync.applying.holding import holds_again, moved_by, must_be_free, named_already
from driftsync.applying.journal import Journal
from driftsync.applying.journal_lines import now
from driftsync.applying.permitted import Writer
from driftsync.applying.recall_task import RecallTask
from driftsync.applying.recalling import Recalling
from driftsync.applying.runs import run_of
from driftsync.applying.secrets_of import SecretsOf
from driftsync.applying.settling import Finding, between, digest_of_secrets, settle, unequal
from driftsync.applying.surveying import must_lock_out_nobody, narrows, nobody_else_may_be_at_work
from driftsync.applying.traces import copy_cpf, write_audit_event
from driftsync.applying.undoing import kept_of, undone
from driftsync.applying.watching import MirrorWatch, Side
from driftsync.applying.writing import ActionWriter
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.interface import WritableConnection
from driftsync.errors import PlanRefusedError
from driftsync.extracting.reach import Reach
from driftsync.extracting.single import SingleReader, Unreadable
from driftsync.extracting.values import MISREAD
from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds, parse_key
from driftsync.kinds.written import ByObject, in_cpf
from driftsync.language import english as _
from driftsync.model import Action, Item, Plan, RunState, Sort, StepState
from driftsync.rendering.taking_back import Turned


class Taken(Enum):
    """What became of one step."""

    DONE = "done"
    FAILED = "failed"
    """The member refused it."""
    STOPPED = "stopped"
    """Something was not as it was: nothing was sent."""


class Work:
    """One run on open connections."""

    def __init__(
        self, plan: Plan, ground: Ground, connection: WritableConnection, member: Reach, primary: Reach
    ) -> None:
        self.plan, self.ground, self.member, self.primary = plan, ground, member, primary
        self._writer = Writer(connection)
        self.reader = SingleReader(member, ground.fingerprinter, ground.member_directories)
        self._model = SingleReader(primary, ground.fingerprinter, ground.primary_directories)
        self._third = [
            Side(name, Reach(opener), mirror=plan.mirror) for name, opener in ground.others.items()
        ]
        self._watch = watch = MirrorWatch(
            plan, Side(plan.member.name, member), Side(plan.primary.name, primary), self._third
        )
        self.guard = Guard(plan, watch, self.reader, self._model)
        self._actions = ActionWriter(
            self._writer, member, SecretsOf(primary, self._writer, member, self._lacks), self._elsewhere
        )
        self._others: list[Writer] = []
        task = RecallTask(member.connection, self._writer, plan.member.name)
        self.recalling = Recalling(plan, task, member.connection)
        self.items: dict[str, dict[str, Item]] = {}
        self.models: dict[str, Mapping[str, Item]] = {}
        self._written: list[str] = []
        self._moved: dict[str, str] = {}
        """Whoever a statement of this run gave a role, or took one from → the property that lists the roles."""
        self._logged_in = False
        self.unproven = ""
        self.sent = 0

    def close(self) -> None:
        """Close what was opened beside the two connections."""
        for each in self._others:
            each.close()
        for other in self._third:
            other.reach.close()

    def _elsewhere(self) -> Writer:
        self._others.append(Writer(self.ground.member()))
        return self._others[-1]

    # -- before the first write ----------------------------------------------------------------------------------

    def check_all(self) -> None:
        """Raise `Stopped` unless every item of the plan is as it was when the plan was made, or as it is to be.

        The rule's items must be as they were, without exception.
        """
        self.models |= self._rules()
        seen: set[str] = set()
        for action in self.plan.actions:
            self.guard.ruled(action)
            item = self.item(action)
            as_planned = digest_of_item(item) == action.digest_before or action.key in seen
            if not as_planned and self.finding(action) is not Finding.AFTER:
                raise Stopped(
                    _("{key} is no longer as it was when the plan was made").format(key=action.key),
                    hint=_("somebody changed it meanwhile: make a new plan"),
                )
            seen.add(action.key)

    def must_have_something_to_do(self) -> None:
        """Raise `PlanRefusedError` where every item is as the plan wants it already."""
        found = set(map(self.finding, self.plan.actions))
        if found == {Finding.AFTER}:
            raise PlanRefusedError(
                _("nothing of plan {id} is left to be done: the member is as it wants it already").format(
                    id=self.plan.id
                ),
                hint=_("it was used from elsewhere, or somebody did by hand what it says: plan anew"),
            )

    def survey(self) -> None:
        """Raise `Stopped` or `PlanRefusedError` where something goes on at the member that is in no item of the plan."""
        self.guard.cpf()
        if self._writes_to_cpf:
            self.guard.cpf(of_rule=True)
        nobody_else_may_be_at_work(self.plan, self.reader)
        rules = self._rules()
        must_lock_out_nobody(self.plan, rules, self._all_of, self.ground.protected)
        names = (self.plan.member.name, self.plan.primary.name)
        files = Files(self.member.connection, self.primary.connection, names)
        for action in self.plan.actions:
            kind = all_kinds()[action.kind]
            files.must_be_there(kind, action, rules[kind.name].get(self.reader.key(kind, action.identity)))

    def _rules(self) -> dict[str, Mapping[str, Item]]:
        return {name: self.guard.rules(name) for name in {each.kind for each in self.plan.actions}}

    def copy_cpf(self, run: str) -> str:
        """Copy the CPF beside itself, under the name of the run, where the plan writes to the configuration."""
        return copy_cpf(self._writer, run) if self._writes_to_cpf else ""

    @property
    def _writes_to_cpf(self) -> bool:
        return any(in_cpf(all_kinds()[action.kind].iris_class) for action in self.plan.actions)

    def way_back(self, run: str, journal: Journal | None = None) -> str:
        """Return the code that takes this run back on the member. Raises `Stopped` where there is none."""

        def has(class_name: str, name: str) -> bool:
            known = self.member.dictionary.properties(class_name)
            return not known or name in known

        return self.recalling.look_first(run, self._turned(journal), has)

    def _turned(self, journal: Journal | None) -> list[Turned]:
        """Return what this run does or has done, each step with what takes it back; what was so before it is not its own."""
        found = []
        for action in self.plan.actions:
            item = self.item(action)
            sent = journal is not None and action.number in journal.sent
            if not sent and settle(action, item, self.model_of(action)) is Finding.AFTER:
                continue
            kept = (journal.kept.get(action.number) if journal else None) or kept_of(action, item)
            found.append(Turned(action, undone(action, None, kept)))
        return found

    # -- steps -----------------------------------------------------------------------------------------------

    def settle(self, journal: Journal, *, finishing: bool = False) -> None:
        """Let each item say what became of a step that was in the air, failed, or is not proven yet.

        `finishing` also brings to life what may only have been saved.
        """
        for action in self.plan.actions:
            step = journal.steps.get(action.number)
            if step is None or step.state in {StepState.PLANNED, StepState.VERIFIED, StepState.REVERTED}:
                continue
            if action.number not in journal.sent:  # what it holds is not of this run
                journal.step(action.number, StepState.PLANNED)
                continue
            finding = self.finding(action, journal)
            if finding is Finding.AFTER:
                if (
                    reason := self._lifeless(action)
                    if finishing and step.state is not StepState.WRITTEN
                    else ""
                ):
                    journal.step(action.number, StepState.FAILED, reason, finding=finding.value)
                    continue
                journal.step(action.number, StepState.WRITTEN, finding=finding.value)
            elif finding is Finding.BEFORE:
                state = StepState.REVERTED if step.undoing else StepState.PLANNED
                if step.undoing and (reason := self._left_half(action)):
                    journal.step(action.number, StepState.FAILED, reason, undoing=True)
                    continue
                journal.step(action.number, state, finding=finding.value)
            else:
                reason = _("after the interruption it is neither as it was nor as it was to be")
                if action.sort is Sort.CREATE and not between(action, self.item(action)):
                    reason = _(
                        "what is there by this name is not what this step makes: it is somebody else's"
                    )
                journal.step(action.number, StepState.FAILED, step.reason or reason, finding=finding.value)

    def finding(self, action: Action, journal: Journal | None = None) -> Finding:
        """Let an item say which side of a step it is on, by what was intended when the step was sent.

        What a later step of the plan deletes is after an earlier one as well once it is gone. Raises `Unreadable`.
        """
        item = self.item(action)
        if item is None and action.sort is Sort.CHANGE and self._goes(action):
            return Finding.AFTER
        intended = journal.intended.get(action.number, "") if journal else ""
        return settle(action, item, self.model_of(action), intended)

    def _goes(self, action: Action) -> bool:
        return any(each.key == action.key and each.sort is Sort.DELETE for each in self.plan.actions)

    def _lifeless(self, action: Action) -> str:
        """Bring to life what may only have been saved when the run was cut off; return why it cannot be."""
        written = all_kinds()[action.kind].written
        if not isinstance(written, ByObject) or not written.activates:
            return ""
        try:
            self.guard.before(action, digest=digest_of_item(self.item(action)))
            self._actions.enliven(action)
        except (Stopped, WriteFailed, CallFailed) as error:
            return error.message
        return ""

    def _left_half(self, action: Action) -> str:
        """Finish what may be missing of a step that was taken back when the run was cut off; return why it cannot be."""
        try:
            self._actions.keep_role(action, held=holds_again(action, self.plan))
        except (WriteFailed, CallFailed) as error:
            return error.message
        return ""

    def take(
        self, journal: Journal, planned: Action, action: Action, *, activate: bool, undoing: bool = False
    ) -> Taken:
        """Look again and take one step. Raises `PlanRefusedError` where it may not be taken and nothing was written yet."""
        try:
            if narrows(action):
                self.log_in_anew()
            self.recalling.before(journal)
            kept = {}
            if not undoing:
                must_be_free(action, self.reader)
                kept = {**kept_of(action, self.item(action)), **named_already(action, self.reader)}
            handle = self.guard.before(
                action, digest=self.expected(action), activate=activate, undoing=undoing
            )
            if not journal.touched:
                self.ground.spend(self.plan)
        except PlanRefusedError:
            journal.note("ended", RunState.FAILED.value)
            raise
        except (Stopped, Unreadable, CallFailed) as error:
            if not journal.touched:
                journal.note("ended", RunState.FAILED.value)
                raise PlanRefusedError(
                    _("nothing was written: {why}").format(why=error.message), hint=error.hint
                ) from error
            journal.step(planned.number, StepState.FAILED, error.message, undoing=undoing)
            return Taken.STOPPED
        intended = digest_of_secrets(action, self.model_of(action))
        journal.step(planned.number, StepState.SENDING, undoing=undoing, kept=kept, intended=intended)
        self.sent += 1
        try:
            self._actions.write(action, activate=activate, handle=handle, undoing=undoing)
            if undoing:
                self._actions.keep_role(action, held=holds_again(planned, self.plan))
        except (WriteFailed, CallFailed) as error:
            refused = isinstance(error, WriteFailed) and not self._actions.committed
            return self._failed(journal, planned, error.message, undoing=undoing, refused=refused)
        except MISREAD:  # never the message: a value might stand in it
            reason = _(
                "a value of this step has another form than its class takes, or its answer made no sense"
            )
            return self._failed(journal, planned, reason, undoing=undoing)
        self._written.append(action.key)
        self._moved |= moved_by(action)
        journal.step(planned.number, StepState.WRITTEN, undoing=undoing)
        if is_batched(action) and activate:
            journal.note("activated")
        return Taken.DONE

    def _failed(
        self, journal: Journal, planned: Action, reason: str, *, undoing: bool, refused: bool = False
    ) -> Taken:
        """Note that a step failed, and whether nothing of it has arrived: then it is never taken back.

        Where the member `refused` the first call that would have kept anything, what is there is not of this run.
        """
        self.items.pop(planned.kind, None)
        journal.step(planned.number, StepState.FAILED, reason, undoing=undoing)
        if undoing:
            return Taken.FAILED
        try:
            finding = Finding.BEFORE if refused else self.finding(planned, journal)
        except (Unreadable, CallFailed):
            return Taken.FAILED
        if finding is Finding.BEFORE:
            journal.step(planned.number, StepState.FAILED, reason, finding=finding.value)
        return Taken.FAILED

    def log_in_anew(self) -> None:
        """Show, before the first step that takes something away, that this account still gets in. Raises `Stopped`."""
        if self._logged_in:
            return
        try:
            self.ground.member().close()
        except ConnectionFailed as error:
            raise Stopped(
                _("a new login on {member} failed before anything was taken away: {why}").format(
                    member=self.plan.member.name, why=error.message
                ),
                hint=_("`driftsync rollback` takes back what was done so far"),
            ) from error
        self._logged_in = True

    def audit(self, journal: Journal) -> None:
        """Write an audit event of the run where the site has defined one."""
        said = f"run {journal.run}: {journal.state.value}, plan {self.plan.id}, {self.sent} steps"
        write_audit_event(self.member.connection, self._writer, said)

    def expected(self, action: Action) -> str:
        """Return the digest that an item must have before a step: that of the plan, unless this run has written it since."""
        moved = self._moved.get(parse_key(action.key).match)
        if action.key not in self._written and not moved:
            return action.digest_before
        item = self.reader.one(all_kinds()[action.kind], action.identity).item
        if moved and item is not None and not set(unequal(action.before, item)) <= {moved}:
            return action.digest_before  # somebody changed more than what a statement of this run has moved
        return digest_of_item(item)

    def activate(self, journal: Journal) -> None:
        """Bring to life what was saved for a batch whose last step was not taken."""
        if not journal.unactivated:
            return
        self.guard.cpf()
        self._writer.must(self._writer.call("Config.CPF", "Write").value)
        self._writer.must(self._writer.call("Config.CPF", "Activate").value)
        journal.note("activated")

    def overtaken(self, journal: Journal, action: Action) -> bool:
        """Say whether a later step of the same item was taken: what it holds is then that one's."""
        return any(
            other.key == action.key and other.number > action.number and other.number in journal.sent
            for other in self.plan.actions
        )

    # -- both ----------------------------------------------------------------------------------------------------

    def item(self, action: Action) -> Item | None:
        """Return the member's item as the last reading of its kind has it. Raises `Unreadable`."""
        kind = all_kinds()[action.kind]
        return self._all_of(kind.name).get(self.reader.key(kind, action.identity))

    def _all_of(self, name: str) -> Mapping[str, Item]:
        if name not in self.items:
            self.items[name] = self.reader.whole(all_kinds()[name])
        return self.items[name]

    def model_of(self, action: Action) -> Item | None:
        """Return the primary's item, which only a secret is compared with."""
        if not action.secrets:
            return None
        kind = all_kinds()[action.kind]
        if kind.name not in self.models:
            self.models[kind.name] = self._model.whole(kind)
        return self.models[kind.name].get(self._model.key(kind, action.identity))

    def _lacks(self, action: Action, name: str) -> bool:
        item = self.model_of(action)
        return item is not None and name not in item.compared and name not in item.unread

    def state(self, journal: Journal, action: Action) -> StepState:
        step = journal.steps.get(action.number)
        return step.state if step else StepState.PLANNED

    def carried(self, journal: Journal) -> Carried:
        run = run_of(journal, ended_at=now(), compared_again=not self.unproven)
        written = sum(each.round_trips for each in (self._writer, *self._others))
        read = (self.member, self.primary, *(other.reach for other in self._third))
        trips = written + sum(each.round_trips for each in read)
        return Carried(run, trips, self.sent, self._watch.told)
