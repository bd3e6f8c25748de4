"""Plans are carried out on members of the lab, through the driver, and taken back; the lab counts what was written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from driftsync.applying.carrying_out import Carried, Ground, apply, resume, roll_back
from driftsync.applying.failures import NotPermittedError
from driftsync.applying.journal import Journal, JournalError, journal_of, journals
from driftsync.applying.permitted import Writer, is_permitted
from driftsync.applying.settling import Finding, between, settle
from driftsync.comparing import compare
from driftsync.connections import Address, connect
from driftsync.errors import PlanRefusedError
from driftsync.files import SnapshotInMemory
from driftsync.kinds import all_kinds
from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import Action, Hazard, Plan, RunState, Snapshot, Sort, StepState, Terms
from driftsync.planning import Wish, plan, use_plan
from tests.costs import watched
from tests.live import BACKUP, EVERYTHING, KEY, PRIMARY, PROFILES, compared, found, member_of, read
from tests.mending import everything

SMALL = ("resource", "role", "web-application", "global-mapping")
"""Kinds that cost little to read."""

SECRETS_REPLACED = {"ldap-configuration:hospital.example", "task:EMR/Send claims", "security-settings:SYSTEM"}
SHAKEN = {
    "user:analyser",  # held a role that was not there; it cannot hold it again
    "user:lara",
}


class Pair:
    """A primary and a backup that listen, and the snapshots that a plan is made from."""

    def __init__(
        self,
        mirror: SimulatedMirror,
        folder: Path,
        *,
        kinds: tuple[str, ...] = SMALL,
        scenario: str = "clean",
        snapshots: tuple[Snapshot, Snapshot] | None = None,
    ) -> None:
        self.mirror, self.folder, self.kinds, self.scenario = mirror, folder, kinds, scenario
        self.primary, self.member = member_of(mirror, PRIMARY), member_of(mirror, BACKUP)
        self.servers: dict[str, Server] = {}
        self.rule, self.before = snapshots or (self.read(self.primary), self.read(self.member))
        self.member.writes.reset()
        self.primary.writes.reset()

    def read(self, instance: SimulatedInstance) -> Snapshot:
        return read(instance, user=EVERYTHING, scenario=self.scenario, kinds=self.kinds).snapshot

    def plan(self) -> Plan:
        return everything(self.rule, self.before, only=self.kinds)

    def opener(self, name: str) -> Callable[[], Any]:
        port = self.servers[name].port
        address = Address("127.0.0.1", port, user=EVERYTHING, password=PASSWORDS[EVERYTHING], deadline=20.0)
        return lambda: connect(address, name)

    @property
    def ground(self) -> Ground:
        return Ground(
            self.opener(BACKUP),
            self.opener(PRIMARY),
            self.folder,
            KEY,
            self.before.header.facts.paths,
            self.rule.header.facts.paths,
            unsettled=timedelta(),
        )

    def apply(self, plan: Plan | None = None, **words: Any) -> Carried:
        return apply(plan or self.plan(), dataclasses.replace(self.ground, **words))

    def roll_back(self, run: str) -> Carried:
        return roll_back(run, lambda _plan: self.ground, self.folder)

    def resume(self, run: str) -> Carried:
        return resume(run, lambda _plan: self.ground, self.folder)

    @property
    def written(self) -> int:
        return self.member.writes.total + self.primary.writes.total

    def differences(self) -> dict[str, str]:
        return found(compare(self.rule, self.read(self.member)))


@contextmanager
def serving(pair: Pair) -> Iterator[Pair]:
    with Server(pair.primary) as primary, Server(pair.member) as member:
        pair.servers = {PRIMARY: primary, BACKUP: member}
        yield pair
        assert primary.failures == member.failures == []


def with_extras(mirror: SimulatedMirror) -> SimulatedMirror:
    """Give the primary a few items that the backup lacks."""
    primary, backup = member_of(mirror, PRIMARY), member_of(mirror, BACKUP)
    primary.add("Security.Resources", Name="Made_Read", PublicPermission=1, Type=31)
    pairs = [{"Name": "Made_Read", "Permission": 5}, {"Name": "%DB_EMR", "Permission": 1}]
    primary.add(
        "Security.Roles", Name="MadeRole", Description="made", Resources=pairs, GrantedRoles=["Nurse"]
    )
    primary.add(
        "Config.MapGlobals",
        Namespace="EMR",
        Name="Made",
        Database="LAB",
        Collation=5,
        SectionHeader="Map.EMR",
    )
    backup.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 111})
    return mirror


@cache
def read_with_extras() -> tuple[Snapshot, Snapshot]:
    """Read both members once, for all files that ask: each test has a mirror of its own that is just like it."""
    made = Pair(with_extras(build("clean")), Path())
    return made.rule, made.before


@pytest.fixture
def snapshots() -> tuple[Snapshot, Snapshot]:
    return read_with_extras()


@pytest.fixture
def pair(tmp_path: Path, snapshots: tuple[Snapshot, Snapshot]) -> Iterator[Pair]:
    with serving(Pair(with_extras(build("clean")), tmp_path / "runs", snapshots=snapshots)) as made:
        yield made


def planned(rule: Snapshot, member: Snapshot) -> Plan:
    """Return the plan of somebody who wants everything as the primary has it, but for one last account with %All."""
    drift = compare(rule, member)
    kinds = list(all_kinds())
    terms = Terms(
        adopt=kinds,
        prune=kinds,
        prune_limit=1000,
        overwrite=[each.key for each in drift.differences if each.key != "user:try"],
        keep=["user:try"],
        allow=[Hazard.NEEDS_RESTART],
        include_secrets=True,
    )
    now = datetime.now(timezone.utc)
    return plan(drift, SnapshotInMemory(rule), SnapshotInMemory(member), Wish(terms=terms), now)


@pytest.mark.parametrize(
    "profile",
    [PROFILES[0], *(pytest.param(profile, marks=pytest.mark.soak) for profile in PROFILES[1:])],
)
def test_every_difference_of_the_hospital_is_mended_and_taken_back(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Pair(build("hospital", profile), tmp_path, kinds=(), scenario="hospital")) as pair:
        made = planned(pair.rule, pair.before)
        assert len({(action.kind, action.sort) for action in made.actions}) > 70
        secrets = {action.key for action in made.actions if action.secrets}
        assert secrets > SECRETS_REPLACED
        costs = watched(monkeypatch, pair.servers)
        carried = pair.apply(made)
        assert len({key.partition(":")[0] for key in costs}) > 60
        assert {key: over for key, over in costs.items() if over > 0} == {}
        outcomes = carried.run.outcomes
        assert [(each.key, each.reason) for each in outcomes if each.state is not StepState.VERIFIED] == []
        assert (carried.run.state, carried.run.remaining, carried.run.compared_again) == (
            RunState.DONE,
            [],
            True,
        )
        assert pair.primary.writes.total == 0
        left = planned(pair.rule, pair.read(pair.member))
        assert left.actions == []
        returned = pair.roll_back(carried.run.id)
        failed = {
            each.key: each.reason for each in returned.run.outcomes if each.state is not StepState.REVERTED
        }
        assert failed.keys() == SECRETS_REPLACED
        assert all("cannot be undone" in reason for reason in failed.values())
        (told,) = {each.reason for each in returned.run.outcomes if each.state is StepState.REVERTED} - {""}
        assert "named although it was not there" in told
        assert all(key in told for key in SHAKEN)
        former, now = compared(pair.before), compared(pair.read(pair.member))
        changed = {key for key in former.keys() | now.keys() if former.get(key) != now.get(key)}
        assert changed <= SECRETS_REPLACED | SHAKEN
        assert_no_secrets(pair)


def assert_no_secrets(pair: Pair) -> None:
    """See that what was carried from the primary stands in no journal."""
    journal = next(journals(pair.folder)).read_bytes()
    canaries = [b"not-a-real-secret", *(
        value.encode() for value in PASSWORDS.values()
    )]  # fmt: skip
    for user in pair.primary.storage.rows("Security.Users"):
        canaries += [
            user[name].hex().encode() for name in ("Password", "Salt") if isinstance(user.get(name), bytes)
        ]
    assert len(canaries) > 10
    assert [each for each in canaries if each and each.lower() in journal.lower()] == []


def test_applying_twice_does_nothing_the_second_time(pair: Pair) -> None:
    plan = pair.plan()
    assert [action.sort.value for action in plan.actions].count("create") == 3
    first = pair.apply(plan)
    assert first.run.state is RunState.DONE
    assert pair.differences() == {}
    pair.member.writes.reset()
    with pytest.raises(PlanRefusedError, match="nothing of plan test is left to be done"):
        pair.apply(plan)
    assert pair.written == 0


class TestRefusals:
    """Each with the row of mirror.md 4 that it belongs to; nothing at all is written."""

    def refused(self, pair: Pair, text: str, plan: Plan | None = None, **words: Any) -> None:
        with pytest.raises(PlanRefusedError) as caught:
            pair.apply(plan, **words)
        assert text in caught.value.message
        assert caught.value.exit_code == 5
        assert pair.written == 0

    def test_wrong_direction_the_roles_were_swapped(self, pair: Pair) -> None:
        pair.mirror.fail_over()
        self.refused(pair, "no longer what it was")

    @pytest.mark.parametrize("status", ["TRANSITION", "SYNCHRONIZING", "WAITING", "PRIMARY"])
    def test_failover_in_the_middle(self, pair: Pair, status: str) -> None:
        plan = pair.plan()
        pair.mirror.state_of(pair.member).status = status
        self.refused(pair, "no longer what it was" if status == "PRIMARY" else "", plan)

    def test_the_role_moves_after_the_first_look(self, pair: Pair) -> None:
        plan = pair.plan()
        state = pair.mirror.state_of(pair.member)

        def leave() -> None:
            state.status = "SYNCHRONIZING"

        with_copy = pair.member.files.changes
        server = pair.servers[BACKUP]
        seen: list[int] = []
        original = server.counts.received

        def received(session: Any, request: Any) -> int:
            number = original(session, request)
            if (
                pair.member.files.changes > with_copy and not seen
            ):  # the copy of the CPF is the last before the first write
                seen.append(number)
                leave()
            return number

        server.counts.received = received  # type: ignore[method-assign]
        self.refused(pair, "SYNCHRONIZING", plan)

    def test_load_on_the_backup_it_is_no_longer_active(self, pair: Pair) -> None:
        pair.mirror.state_of(pair.member).in_trouble = True
        self.refused(pair, "not Active in journal transfer")

    def test_load_on_the_backup_it_falls_behind_between_two_writes(self, pair: Pair) -> None:
        state = pair.mirror.state_of(pair.member)

        def first_step(_done: int) -> None:
            state.in_trouble = True

        carried = pair.apply(progress=first_step)
        states = [each.state for each in carried.run.outcomes]
        assert states == [StepState.VERIFIED, StepState.FAILED, StepState.PLANNED, StepState.PLANNED]
        assert carried.run.state is RunState.FAILED
        assert pair.written == 1
        state.in_trouble = False
        assert pair.resume(carried.run.id).run.state is RunState.DONE
        assert pair.differences() == {}

    def test_stale_plan_the_target_was_edited(self, pair: Pair) -> None:
        pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 112})
        self.refused(pair, "no longer as it was")

    def test_somebody_made_what_the_plan_would_make(self, pair: Pair) -> None:
        pair.member.add("Security.Resources", Name="Made_Read", PublicPermission=7, Type=31)
        self.refused(pair, "no longer as it was")

    def test_the_cpf_awaits_activation(self, pair: Pair) -> None:
        pair.member.cpf_edited = True
        self.refused(pair, "awaits activation")

    def test_the_cpf_cannot_be_copied(self, pair: Pair) -> None:
        pair.member.faults.disk_full = True
        self.refused(pair, "could not be copied")

    def test_the_primary_became_that_only_lately(self, pair: Pair) -> None:
        self.became_primary(pair)
        self.refused(pair, "became primary only at", unsettled=timedelta(hours=2))

    @staticmethod
    def became_primary(pair: Pair) -> None:
        import datetime as dt

        now = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=10)
        line = f"{now:%m/%d/%y-%H:%M:%S}:000 (1234) 0 [Generic.Event] Becoming primary mirror server\n"
        pair.primary.files.put("messages.log", line.encode())

    def test_a_partial_read_is_no_emptiness(self, pair: Pair) -> None:
        plan = pair.plan()
        pair.member.faults = dataclasses.replace(
            pair.member.faults, absent_classes=frozenset({"Security.Roles"})
        )
        self.refused(pair, "", plan)

    def test_another_run_holds_the_lock_of_the_member(self, pair: Pair) -> None:
        other = pair.opener(BACKUP)()
        assert other.lock("driftsync", "applying")
        try:
            self.refused(pair, "somebody else is writing")
        finally:
            other.close()

    def test_another_process_of_this_user_is_writing(self, pair: Pair) -> None:
        from driftsync.applying.locking import client_lock

        plan = pair.plan()
        with client_lock(pair.folder, plan.mirror):
            self.refused(pair, "another driftsync")


class Killed(BaseException):
    """Ends a run as nothing that it catches would."""


class TestAPlanIsUsedOnce:
    """It counts as used from its first write on: a run that was refused before has not used it up."""

    @staticmethod
    def spend(plan: Plan) -> None:
        use_plan(plan, datetime.now(timezone.utc))

    def refused(self, pair: Pair, plan: Plan, text: str) -> None:
        with pytest.raises(PlanRefusedError, match=text):
            pair.apply(plan, spend=self.spend)
        assert pair.written == 0

    def test_a_run_that_was_refused_has_not_used_it_and_one_that_wrote_has(self, pair: Pair) -> None:
        plan = pair.plan()
        other = pair.opener(BACKUP)()
        assert other.lock("driftsync", "applying")
        self.refused(pair, plan, "somebody else is writing")
        other.close()
        pair.member.cpf_edited = True
        self.refused(pair, plan, "awaits activation")
        pair.member.cpf_edited = False
        pair.mirror.fail_over()
        self.refused(pair, plan, "no longer what it was")
        pair.mirror.fail_over()
        run = pair.apply(plan, spend=self.spend).run
        assert run.state is RunState.DONE
        assert pair.roll_back(run.id).run.state is RunState.REVERTED
        pair.member.writes.reset()
        self.refused(pair, plan, "used already")

    def test_killed_between_its_mark_and_the_first_write_it_is_used(self, pair: Pair) -> None:
        plan = pair.plan()

        def killed(given: Plan) -> None:
            self.spend(given)
            raise Killed

        with pytest.raises(Killed):
            pair.apply(plan, spend=killed)
        self.refused(pair, plan, "used already")
        assert not Journal.read(next(journals(pair.folder))).touched

    def test_of_two_clients_that_both_found_it_unused_one_writes(self, pair: Pair) -> None:
        plan = pair.plan()

        def later(given: Plan) -> None:
            self.spend(given)  # the other was quicker
            self.spend(given)

        with pytest.raises(PlanRefusedError, match="used already"):
            pair.apply(plan, spend=later)
        assert pair.written == 0
        assert Journal.read(next(journals(pair.folder))).state is RunState.FAILED


def test_a_dated_copy_of_the_cpf_lies_beside_it_before_the_first_write_to_the_configuration(
    pair: Pair,
) -> None:
    carried = pair.apply()
    copy = pair.member.files.read(f"{pair.member.cpf_file}_driftsync_{carried.run.id}").decode()
    assert "[ConfigFile]" in copy
    assert "Global_Made=" not in copy


def test_a_refused_step_ends_the_run_and_what_was_done_can_be_taken_back(pair: Pair) -> None:
    plan = pair.plan()
    broken = [
        msgspec.structs.replace(action, sets={**action.sets, "Timeout": -5})
        if action.kind == "web-application"
        else action
        for action in plan.actions
    ]
    carried = pair.apply(msgspec.structs.replace(plan, actions=broken))
    assert carried.run.state is RunState.FAILED
    states = {each.key: each.state for each in carried.run.outcomes}
    assert states["web-application:/emr"] is StepState.FAILED
    assert "#7204" in next(each.reason for each in carried.run.outcomes if each.reason)
    assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
    assert compared(pair.read(pair.member)) == compared(pair.before)


def test_what_somebody_changed_after_the_run_is_not_taken_back(pair: Pair) -> None:
    carried = pair.apply()
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 5})
    returned = pair.roll_back(carried.run.id)
    assert returned.run.state is RunState.FAILED
    left = {each.key: each.reason for each in returned.run.outcomes if each.state is not StepState.REVERTED}
    assert left == {"web-application:/emr": "somebody changed it after the run: it was left as it is"}


@pytest.mark.parametrize("timeout", [5, 900], ids=["otherwise", "as the plan would"])
def test_what_somebody_changed_before_its_step_is_neither_written_nor_taken_back(
    pair: Pair, timeout: int
) -> None:
    """The rule has 900."""

    def edit(done: int) -> None:
        if done == 1:
            pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": timeout})

    carried = pair.apply(progress=edit)
    assert carried.run.state is RunState.FAILED
    returned = pair.roll_back(carried.run.id).run
    assert returned.state is RunState.REVERTED
    states = {each.key: each.state for each in returned.outcomes}
    assert states.pop("web-application:/emr") is StepState.PLANNED
    assert set(states.values()) == {StepState.REVERTED}
    assert pair.member.where("Security.Applications", Name="/emr")["Timeout"] == timeout


def test_what_somebody_made_after_its_step_was_refused_is_not_taken_back(pair: Pair) -> None:
    plan = pair.plan()
    broken = [
        msgspec.structs.replace(action, sets={**action.sets, "Timeout": -5})
        if action.kind == "web-application"
        else action
        for action in plan.actions
    ]
    carried = pair.apply(msgspec.structs.replace(plan, actions=broken))
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 5})
    assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
    assert pair.member.where("Security.Applications", Name="/emr")["Timeout"] == 5


def test_a_step_cut_off_in_the_middle_is_told_from_what_somebody_made_of_it_later(pair: Pair) -> None:
    action = next(each for each in pair.plan().actions if each.key == "web-application:/emr")
    item = next(each for each in pair.before.items if str(each.key) == action.key)
    two = msgspec.structs.replace(
        action, sets={**action.sets, "Recurse": 2}, before={**action.before, "Recurse": 1}
    )
    half = msgspec.structs.replace(item, compared={**item.compared, "Timeout": 900, "Recurse": 1})
    later = msgspec.structs.replace(item, compared={**item.compared, "Timeout": 5, "Recurse": 2})
    assert between(two, half)
    assert not between(two, later)


def test_a_role_is_changed_in_place_and_never_made_anew(tmp_path: Path) -> None:
    mirror = build("clean")
    backup = member_of(mirror, BACKUP)
    pairs = [{"Name": "Emr_Read", "Permission": 1}, {"Name": "%DB_USER", "Permission": 3}]
    backup.change("Security.Roles", {"Name": "Nurse"}, {"Resources": pairs, "GrantedRoles": ["Doctor"]})
    with serving(Pair(mirror, tmp_path, kinds=("role",))) as pair:
        carried = pair.apply()
        assert carried.run.state is RunState.DONE
        assert dict(pair.member.writes.done) == {"Security.Roles.%Save": 1}
        assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
        assert dict(pair.member.writes.done) == {"Security.Roles.%Save": 2}
        assert compared(pair.read(backup)) == compared(pair.before)


@pytest.mark.parametrize("somebody", [False, True], ids=["nobody", "an LDAP user"])
def test_an_ldap_configuration_that_a_run_made_goes_again_unless_an_account_may_have_come_from_it(
    tmp_path: Path, somebody: bool
) -> None:
    mirror = build("clean")
    required = {"LDAPBaseDN": "dc=new", "LDAPBaseDNForGroups": "dc=new", "LDAPSearchUsername": "cn=new"}
    member_of(mirror, PRIMARY).add("Security.LDAPConfigs", Name="new.example", **required)
    with serving(Pair(mirror, tmp_path, kinds=("ldap-configuration",))) as pair:
        carried = pair.apply()
        assert carried.run.state is RunState.DONE
        if somebody:
            pair.member.add("Security.Users", Name="nora", Flags=2)
        returned = pair.roll_back(carried.run.id).run
        there = ("new.example",) in pair.member.storage.table("Security.LDAPConfigs")
        assert (there, [each.reason for each in returned.outcomes]) == (
            (True, ["it cannot be undone: deleting it might delete user:nora as well"])
            if somebody
            else (False, [""])
        )
        assert ("nora",) in pair.member.storage.table("Security.Users") or not somebody


def test_a_role_that_somebody_was_given_since_the_plan_is_not_deleted_from_under_him(tmp_path: Path) -> None:
    mirror = build("clean")
    member_of(mirror, BACKUP).add("Security.Roles", Name="Left", Resources=[], GrantedRoles=[])
    with serving(Pair(mirror, tmp_path, kinds=("role",))) as pair:
        made = pair.plan()
        assert [(action.key, action.sort) for action in made.actions] == [("role:Left", Sort.DELETE)]
        pair.member.change("Security.Users", {"Name": "nina"}, {"Roles": ["Nurse", "Left"]})
        with pytest.raises(PlanRefusedError, match="user:nina holds role:Left by now"):
            pair.apply(made)
        assert pair.written == 0


class TestDoors:
    """Widen, log in anew, narrow."""

    def narrowing(self, pair: Pair) -> Plan:
        plan = pair.plan()
        hazards = [Hazard.REMOVES_ACCESS]
        return msgspec.structs.replace(
            plan,
            actions=[
                msgspec.structs.replace(action, hazards=hazards) if action.sort is Sort.CHANGE else action
                for action in plan.actions
            ],
        )

    @staticmethod
    def shut_after_the_first_login(pair: Pair) -> tuple[Callable[[], Any], list[int]]:
        """Return what opens the member once, and what was written at each try."""
        ground, tried = pair.ground, []

        def member() -> Any:
            tried.append(pair.written)
            if len(tried) > 1:
                pair.member.faults.wrong_password = True
            return ground.member()

        return member, tried

    def test_nothing_is_taken_away_before_a_new_login_has_worked(self, pair: Pair) -> None:
        member, tried = self.shut_after_the_first_login(pair)
        carried = pair.apply(self.narrowing(pair), member=member)
        assert carried.run.state is RunState.FAILED
        states = {each.key: (each.state, each.reason) for each in carried.run.outcomes}
        state, reason = states["web-application:/emr"]
        assert state is StepState.FAILED
        assert "a new login" in reason
        assert len(tried) == 2
        assert pair.member.where("Security.Applications", Name="/emr")["Timeout"] == 111

    def test_one_new_login_is_enough(self, pair: Pair) -> None:
        before = len(pair.servers[BACKUP].counts.sessions)
        assert pair.apply(self.narrowing(pair)).run.state is RunState.DONE
        assert len(pair.servers[BACKUP].counts.sessions) == before + 2

    def test_to_take_back_what_widened_is_to_narrow(self, pair: Pair) -> None:
        plan = pair.plan()
        actions = [
            msgspec.structs.replace(action, hazards=[Hazard.GRANTS_ACCESS])
            for action in plan.actions
            if action.kind == "web-application"
        ]
        run = pair.apply(msgspec.structs.replace(plan, actions=actions)).run
        assert run.state is RunState.DONE
        member, tried = self.shut_after_the_first_login(pair)
        again = dataclasses.replace(pair.ground, member=member)
        returned = roll_back(run.id, lambda _plan: again, pair.folder).run
        assert returned.state is RunState.FAILED
        assert "a new login" in returned.outcomes[0].reason
        assert (tried, pair.written) == ([1, 1], 1)


def test_an_audit_event_is_written_where_the_site_has_defined_one(pair: Pair) -> None:
    pair.member.add("Security.Events", Source="driftsync", Type="sync", Name="run", Enabled=1)
    pair.apply()
    assert pair.member.where("Security.Events", Source="driftsync")["Written"] == 1


def test_a_second_undo_does_nothing(pair: Pair) -> None:
    carried = pair.apply()
    assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
    pair.member.writes.reset()
    assert pair.roll_back(carried.run.id).writes == 0
    assert pair.written == 0


class TestMappings:
    def test_one_activation_for_each_namespace_and_few_round_trips(self, tmp_path: Path) -> None:
        mirror = build("clean")
        primary = member_of(mirror, PRIMARY)
        for number in range(60):
            primary.add(
                "Config.MapGlobals", Namespace=("EMR", "LAB")[number % 2], Name=f"Made{number}", Database="LAB",
                Collation=5, SectionHeader="",
            )  # fmt: skip
        with serving(Pair(mirror, tmp_path, kinds=("global-mapping",))) as pair:
            plan = pair.plan()
            assert len(plan.actions) == 60
            sets = sum(len(action.sets) + len(action.identity) + 1 for action in plan.actions)  # and Flags
            server = pair.servers[BACKUP]
            carried = pair.apply(plan)
            assert carried.run.state is RunState.DONE
            assert pair.member.activations == {"EMR": 1, "LAB": 1}
            assert all(
                pair.member.storage.is_live("Config.MapGlobals", (ns, f"Made{n}"))
                for n, ns in ((0, "EMR"), (59, "LAB"))
            )
            whole = server.round_trips + pair.servers[PRIMARY].round_trips
            assert (
                whole <= 5 * 60 + sets + 80
            )  # what is asked once: roles, dictionary, the kind before and after
            assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
            assert pair.member.activations == {"EMR": 2, "LAB": 2}


class TestJournal:
    def test_what_was_cut_off_by_a_crash_does_not_count(self, tmp_path: Path, pair: Pair) -> None:
        plan = pair.plan()
        journal = Journal.begin(tmp_path / "j", "20260101T000000-abcdef", plan)
        journal.step(1, StepState.SENDING)
        journal.close()
        whole = journal.path.read_bytes()
        journal.path.write_bytes(whole + b'{"number":1,"state":"wri')
        assert Journal.read(journal.path).steps[1].state is StepState.SENDING
        again = Journal.reopen(journal.path)
        again.step(1, StepState.WRITTEN)
        again.close()
        assert Journal.read(journal.path).steps[1].state is StepState.WRITTEN
        assert Journal.read(journal.path).plan == plan

    def test_it_belongs_to_its_owner_and_only_runs_are_found(self, tmp_path: Path, pair: Pair) -> None:
        carried = pair.apply()
        path = journal_of(pair.folder, carried.run.id)
        assert path.stat().st_mode & 0o077 == 0
        assert list(journals(pair.folder)) == [path]
        for name in ("nothing", "../../etc/passwd", ""):
            with pytest.raises(JournalError):
                journal_of(pair.folder, name)
        (tmp_path / "x.jsonl").write_text("{}\n")
        with pytest.raises(JournalError, match="no record"):
            Journal.read(tmp_path / "x.jsonl")

    def test_without_a_place_for_the_journal_nothing_is_written(self, pair: Pair, tmp_path: Path) -> None:
        taken = tmp_path / "file"
        taken.write_text("x")
        with pytest.raises(PlanRefusedError, match="cannot be used"):
            pair.apply(folder=taken)
        assert pair.written == 0


class TestWhatMayBeCalled:
    @pytest.mark.parametrize(
        ("class_name", "method"),
        [
            ("SYS.Database", "DeleteDatabase"),
            ("Security.System", "ImportAll"),
            ("Security.Users", "Import"),
            ("%Studio.General", "Execute"),
            ("SYS.Mirror", "AddDatabase"),
            ("Config.CPF", "Merge"),
            ("%Library.File", "Delete"),
            ("Security.Roles", "%KillExtent"),
        ],
    )
    def test_nothing_that_destroys_or_runs_code(self, class_name: str, method: str) -> None:
        assert not is_permitted(class_name, method)

    def test_no_statement_but_grant_and_revoke(self) -> None:
        writer = Writer(None)  # type: ignore[arg-type]
        for statement in ("DELETE FROM Security.Users", "GRANT x TO y; DROP TABLE z", "DROP USER x"):
            with pytest.raises(NotPermittedError):
                writer.execute(statement)
        with pytest.raises(NotPermittedError):
            writer.invoke(None, "%DeleteId")  # type: ignore[arg-type]


def test_an_item_says_what_became_of_a_step() -> None:
    from driftsync.files import digest_of_item
    from driftsync.model import Item, ItemKey

    def item(timeout: int) -> Item:
        return Item(key=ItemKey("web-application", "", "/a"), compared={"Timeout": timeout})

    action = Action(
        number=1, sort=Sort.CHANGE, kind="web-application", key="web-application:/a", identity={"Name": "/a"},
        sets={"Timeout": 2}, before={"Timeout": 1}, digest_before=digest_of_item(item(1)),
    )  # fmt: skip
    assert settle(action, item(1)) is Finding.BEFORE
    assert settle(action, item(2)) is Finding.AFTER
    assert settle(action, item(3)) is Finding.NEITHER
    assert settle(action, None) is Finding.NEITHER
