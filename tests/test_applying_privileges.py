"""GRANT and REVOKE on a member of the lab: rights on tables, administrative ones; what each costs, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from driftsync.access import KINDS
from driftsync.applying.failures import Stopped
from driftsync.applying.writing import ActionWriter
from driftsync.connections.failures import ConnectionFailed
from driftsync.kinds import all_kinds, statements
from driftsync.kinds.written import ByStatement
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import build
from driftsync.model import Action, RunState, Sort
from tests.live import BACKUP, PRIMARY, compared, member_of
from tests.test_applying import Pair, planned, serving

RIGHTS, SETS = "Security.SQLPrivileges", "Security.SQLAdminPrivilegeSet"
PROOF, DEFINITION = sorted(KINDS), ("mirror", "mirror-member-map")
"""What a plan must have seen: who can do what, and which mirror it is."""
OPTIONS = "Security.SQLRoleGrantOption"
MANY = 10


def right(instance: SimulatedInstance, table: str, grantable: int = 0, namespace: str = "EMR") -> None:
    instance.add(
        RIGHTS, Namespace=namespace, SQLObject=f"1,Emr.{table}", Privilege="s", Grantee="Nurse", Grantor="_SYSTEM",
        Grantable=grantable,
    )  # fmt: skip


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    mirror = build("clean")
    primary, backup = member_of(mirror, PRIMARY), member_of(mirror, BACKUP)
    right(primary, "Ward")
    right(primary, "Narrowed")
    right(backup, "Narrowed", 1)
    right(primary, "Widened", 1)
    right(backup, "Widened")
    right(backup, "Left")
    primary.add(SETS, Namespace="LAB", Grantee="Nurse", CreateTable=1, CreateView=2)
    primary.change(SETS, {"Namespace": "EMR", "Grantee": "Doctor"}, {"NoCheck": 2, "DropView": 1})
    backup.change(
        SETS, {"Namespace": "EMR", "Grantee": "Doctor"}, {"CreateTable": 2, "DropView": 2, "NoCheck": 1}
    )
    backup.add(SETS, Namespace="EMR", Grantee="Nurse", DropTable=1, UseModel=2)
    with serving(Pair(mirror, tmp_path, kinds=("sql-privilege", "sql-admin-privilege"))) as made:
        yield made


def test_rights_are_given_narrowed_widened_and_taken_and_all_of_it_is_taken_back(pair: Pair) -> None:
    sorts = {(action.kind, action.sort) for action in pair.plan().actions}
    assert sorts == {(kind, sort) for kind in ("sql-privilege", "sql-admin-privilege") for sort in Sort}
    carried = pair.apply()
    assert carried.run.state is RunState.DONE
    assert pair.differences() == {}
    assert pair.member.where(RIGHTS, SQLObject="1,Emr.Narrowed")["Grantable"] == 0
    held = pair.member.where(SETS, Namespace="EMR", Grantee="Doctor")
    assert (held["CreateTable"], held["DropView"], held["NoCheck"]) == (0, 1, 2)
    assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
    assert compared(pair.read(pair.member)) == compared(pair.before)


def test_a_set_of_which_the_last_privilege_was_revoked_is_none(pair: Pair) -> None:
    assert pair.apply().run.state is RunState.DONE
    assert (
        pair.member.where(SETS, Namespace="EMR", Grantee="Nurse")["DropTable"] == 0
    )  # its row is still there
    assert "sql-admin-privilege:EMR/nurse" not in compared(pair.read(pair.member))


def cost(folder: Path, count: int) -> int:
    """Return the round trips of a run that gives so many privileges, at the servers of both members."""
    mirror = build("clean")
    for number in range(count):
        namespace = ("EMR", "LAB")[number >= count // 2]
        right(member_of(mirror, PRIMARY), f"Table{number:02}", number % 2, namespace=namespace)
    with serving(Pair(mirror, folder, kinds=("sql-privilege",))) as pair:
        plan = pair.plan()
        assert len(plan.actions) == count
        before = sum(server.round_trips for server in pair.servers.values())
        assert pair.apply(plan).run.state is RunState.DONE
        assert len(pair.servers[BACKUP].counts.sessions) == 2  # the one that reads never leaves %SYS
        return sum(server.round_trips for server in pair.servers.values()) - before


def test_a_privilege_costs_four_round_trips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The primary and what it holds, the status of the member, the right there, the statement."""
    monkeypatch.setattr("driftsync.applying.guarding.RULE_SECONDS", 3600.0)
    monkeypatch.setattr("driftsync.applying.watching.OTHERS_SECONDS", 3600.0)
    assert cost(tmp_path / "twice", 2 * MANY) - cost(tmp_path / "once", MANY) == 4 * MANY


class TestRoles:
    """GRANT gives the role as well and REVOKE takes it, so both come only where that changes nothing."""

    @pytest.fixture
    def pair(self, tmp_path: Path) -> Iterator[Pair]:
        mirror = build("clean")
        primary, backup = member_of(mirror, PRIMARY), member_of(mirror, BACKUP)
        backup.remove(OPTIONS, {"UserOrRole": "Doctor"})
        for each in (primary, backup):
            each.add("Security.Roles", Name="Ward", GrantedRoles=["Nurse"], Resources=[])
            each.add("Security.Roles", Name="Held", GrantedRoles=["Nurse"], Resources=[])
        backup.change("Security.Roles", {"Name": "Ward"}, {"GrantedRoles": []})
        primary.add(OPTIONS, UserOrRole="Ward", RoleGranted="Nurse", Grantable=1)
        backup.add(OPTIONS, UserOrRole="Nurse", RoleGranted="LabTech", Grantable=1)
        primary.add(OPTIONS, UserOrRole="analyser", RoleGranted="Nurse", Grantable=1)
        backup.add(OPTIONS, UserOrRole="Held", RoleGranted="Nurse", Grantable=1)
        with serving(Pair(mirror, tmp_path, kinds=("sql-role-grant", *PROOF, *DEFINITION))) as made:
            yield made

    def test_what_would_move_a_role_that_stays_as_it_is_is_left_to_people(self, pair: Pair) -> None:
        made = planned(pair.rule, pair.before)
        assert [(action.sort.value, action.key) for action in made.actions] == [
            ("change", "role:Ward"),
            ("create", "sql-role-grant:Doctor/Nurse"),
            ("create", "sql-role-grant:Ward/Nurse"),
            ("delete", "sql-role-grant:Nurse/LabTech"),
        ]
        reasons = {each.key: each.reason for each in made.withheld}
        assert "is not to hold Nurse" in reasons["sql-role-grant:analyser/Nurse"]
        assert "takes the role itself" in reasons["sql-role-grant:Held/Nurse"]

    def test_nobody_holds_another_role_afterwards_nor_after_the_way_back(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        carried = pair.apply(planned(pair.rule, pair.before))
        assert carried.run.state is RunState.DONE
        assert pair.differences().keys() == {"sql-role-grant:analyser/Nurse", "sql-role-grant:Held/Nurse"}

        def cut(*_arguments: Any, **_words: Any) -> None:
            raise ConnectionFailed("gone")

        with monkeypatch.context() as patched:
            patched.setattr(ActionWriter, "keep_role", cut)  # between REVOKE and giving the role again
            with pytest.raises(Stopped):
                pair.roll_back(carried.run.id)
        assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
        assert compared(pair.read(pair.member)) == compared(pair.before)


class TestStatements:
    def of(self, kind: str, sort: Sort, sets: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
        identity = {"Namespace": "EMR", "Grantee": 'O"Hara'}
        if kind == "sql-privilege":
            identity |= {"SQLObject": "1,Emr.Visit", "Privilege": "a"}
        written = all_kinds()[kind].written
        assert isinstance(written, ByStatement)
        action = Action(
            number=1, sort=sort, kind=kind, key=f"{kind}:EMR/x", identity=identity, sets=dict(sets), before=dict(before),
            digest_before="",
        )  # fmt: skip
        return statements.of(written, action)

    def test_only_the_right_to_pass_it_on_is_taken_where_sql_can_say_so(self) -> None:
        made = self.of("sql-privilege", Sort.CHANGE, {"Grantable": 0}, {"Grantable": 1})
        assert made == ['REVOKE GRANT OPTION FOR %ALTER ON "Emr"."Visit" FROM "O""Hara"']

    def test_privileges_of_one_set_stand_together_and_what_is_lowered_is_taken_first(self) -> None:
        made = self.of(
            "sql-admin-privilege",
            Sort.CHANGE,
            {"CreateTable": 1, "NoCheck": 2, "DropView": 0, "CreateMLConfiguration": 1},
            {"CreateTable": 2, "NoCheck": 1, "DropView": 1},
        )
        assert made == [
            'REVOKE %CREATE_TABLE, %DROP_VIEW FROM "O""Hara"',
            'GRANT %CREATE_TABLE, %CREATE_ML_CONFIGURATION TO "O""Hara"',
            'GRANT %NOCHECK TO "O""Hara" WITH ADMIN OPTION',
        ]

    def test_a_set_that_holds_nothing_cannot_be_granted(self) -> None:
        with pytest.raises(ValueError, match="no privilege is held"):
            self.of("sql-admin-privilege", Sort.CREATE, {"CreateTable": 0}, {})
