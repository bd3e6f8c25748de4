"""What no step of a plan shows is looked at before the first write: whom it locks out by now, who else is at work, who is silent."""

# ruff: noqa: F811 - fixtures of another module are named as the arguments that take them

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from driftsync.access import KINDS
from driftsync.applying.finding_files import paths_in
from driftsync.checks.viewing import view_member
from driftsync.connections import Address, connect
from driftsync.errors import PlanRefusedError
from driftsync.extracting.reach import Reach
from driftsync.extracting.single import SingleReader
from driftsync.files import SnapshotInMemory, digest_of_item
from driftsync.kinds import all_kinds
from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.scenarios.ailments.mirror_state import health_product
from driftsync.lab.serving import Server
from driftsync.model import Hazard, Plan, RunState, Snapshot, Terms
from driftsync.planning.around import around
from driftsync.rendering.heading import hazards_of, heading
from driftsync.statuses import not_following
from tests.live import BACKUP, DR, EVERYTHING, KEY, PRIMARY, member_of
from tests.test_applying import Pair, pair, planned, serving, snapshots  # noqa: F401 - fixtures
from tests.test_planning import planned as on_paper
from tests.test_planning import sides

GONE = Address("127.0.0.1", 9, deadline=2.0)


def refused(pair: Pair, text: str, plan: Plan | None = None, **words: Any) -> None:
    """See that a plan is refused with these words, and that nothing at all was written."""
    with pytest.raises(PlanRefusedError, match=text) as caught:
        pair.apply(plan, **words)
    assert (caught.value.exit_code, pair.written) == (5, 0)
    assert caught.value.hint


def allowing(plan: Plan, *hazards: Hazard) -> Plan:
    return msgspec.structs.replace(plan, terms=Terms(allow=list(hazards)))


class TestTheAgent:
    """Which steps the Mirror Monitor Agent owes no client can see: somebody has to look, and to say so."""

    def test_where_it_is_or_might_be_nothing_is_written_unless_that_is_allowed_by_name(
        self, pair: Pair
    ) -> None:
        pair.member.faults.refused_classes.add("%SYS.Task")
        refused(pair, "whether the Mirror Monitor Agent is at work on HOSPB/IRIS could not be read")
        pair.member.faults.refused_classes.clear()
        words = {"Name": "Mirror Monitor Launch Task", "NameSpace": "%SYS", "TaskClass": "HS.Util.Other"}
        pair.member.add("%SYS.Task", **words)
        refused(pair, "has the Mirror Monitor Agent .task:%SYS/")
        health_product(pair.mirror)
        refused(pair, "has the Mirror Monitor Agent .database:HSSYS.* which steps it owes")
        plan = allowing(pair.plan(), Hazard.AGENT_AT_WORK)
        assert pair.apply(plan).run.state is RunState.DONE

    def test_a_run_that_was_cut_off_is_not_finished_beside_it_but_may_be_taken_back(self, pair: Pair) -> None:
        def stop(done: int) -> None:
            pair.mirror.state_of(pair.member).in_trouble = done == 1

        run = pair.apply(progress=stop).run
        pair.mirror.state_of(pair.member).in_trouble = False
        health_product(pair.mirror)
        with pytest.raises(PlanRefusedError, match="no client can see which steps it owes"):
            pair.resume(run.id)
        assert pair.written == 1
        assert pair.roll_back(run.id).run.state is RunState.REVERTED

    def test_a_plan_says_so_whether_it_was_seen_or_could_not_be(
        self, snapshots: tuple[Snapshot, Snapshot]
    ) -> None:
        member = view_member(SnapshotInMemory(snapshots[1]))  # only a few kinds were read: no tasks
        told = around(member, {})
        assert "could not be read" in told[Hazard.AGENT_AT_WORK]
        header = msgspec.structs.replace(member.header, extraction=None)
        assert around(replace(member, header=header), {}) == {}, "what is made of files is never applied"

    def test_whoever_reads_the_plan_is_told(self) -> None:
        primary, member = sides(
            {"resource": [{"Name": "New"}]},
            {"database": [{"Name": "HSSYS", "Directory": "/data/hssys/"}], "task": []},
        )
        made = on_paper(primary, member)
        assert made.beside == made.hazards[-1:] == [Hazard.AGENT_AT_WORK]
        assert "(database:HSSYS)" in made.warnings[0]
        assert hazards_of(made)[-1] == (Hazard.AGENT_AT_WORK, len(made.actions))
        text = "\n".join(heading(made, (), str))
        assert "agent-at-work (1)" in text
        assert "which steps it owes" in text


def narrower() -> SimulatedMirror:
    """Return a mirror whose backup admits accounts of the operating system too, and whose role there holds more."""
    mirror = build("clean")
    backup = member_of(mirror, BACKUP)
    backup.change("Security.System", {"Name": "SYSTEM"}, {"AutheEnabled": 32 + 16})
    pairs = backup.where("Security.Roles", Name="Nurse")["Resources"]
    more = [*pairs, {"Name": "%Admin_Operate", "Permission": 4}]
    backup.change("Security.Roles", {"Name": "Nurse"}, {"Resources": more})
    return mirror


def test_what_a_plan_would_lock_out_by_now_is_proven_on_the_member_as_it_is(tmp_path: Path) -> None:
    """What else was changed there since the plan is in none of its items."""
    with serving(Pair(narrower(), tmp_path, kinds=(*KINDS, "mirror", "mirror-member-map"))) as pair:
        plan, member = planned(pair.rule, pair.before), pair.member
        assert {each.key for each in plan.actions} == {"security-settings:SYSTEM", "role:Nurse"}

        for class_name, name, key in (
            ("Security.Services", "%Service_Bindings", "service:%Service_Bindings"),
            ("Security.Applications", "/csp/sys", "web-application:/csp/sys"),
        ):
            before = member.where(class_name, Name=name)["AutheEnabled"]
            member.change(class_name, {"Name": name}, {"AutheEnabled": 32 + 16})
            refused(pair, f"{key} would no longer admit method 16", plan)
            member.change(class_name, {"Name": name}, {"AutheEnabled": before})

        member.faults.refused_classes.add("Security.Users")
        refused(pair, "cannot be proven any more", plan)
        member.faults.refused_classes.clear()

        member.add_user("robot", "not-a-real-secret-robot", ["Nurse"])
        refused(pair, "robot would lose", plan, protected=frozenset({"Robot"}))


class TestASilentMember:
    """Of whoever does not say itself that it is no primary, both sides have to show that it follows one."""

    SILENT: ClassVar = {"HOSPDR": partial(connect, GONE, "HOSPDR")}

    def test_where_both_lists_show_it_connected_that_is_told_and_else_it_is_refused(self, pair: Pair) -> None:
        state = pair.mirror.state_of(member_of(pair.mirror, DR))
        for name, value in (("away_days", 3), ("status", "WAITING")):
            before = getattr(state, name)
            setattr(state, name, value)
            refused(pair, "a primary too could not be seen: HOSPDR/IRIS", others=self.SILENT)
            setattr(state, name, before)
        carried = pair.apply(others=self.SILENT)
        assert carried.run.state is RunState.DONE
        told = "HOSPDR did not answer: that it is no primary is known only from the lists of the others"
        assert carried.told == (told,)

    def test_whoever_says_it_itself_needs_nobody_to_vouch_and_to_take_back_nobody_has_to(
        self, pair: Pair
    ) -> None:
        state = pair.mirror.state_of(member_of(pair.mirror, DR))
        state.away_days = 3
        with Server(state.instance) as server:
            answering = Address(
                "127.0.0.1", server.port, user=EVERYTHING, password=PASSWORDS[EVERYTHING], deadline=20.0
            )
            others = {"HOSPDR": partial(connect, answering, "HOSPDR")}
            state.status = "TRANSITION"
            refused(pair, "HOSPDR is TRANSITION", others=others)
            state.status = "CONNECTED"
            run = pair.apply(others=others).run
        assert run.state is RunState.DONE
        returned = pair.roll_back(run.id)
        assert returned.run.state is RunState.REVERTED, "it was done before somebody was silent"
        assert "HOSPDR/IRIS (Connected)" in returned.told[0]

    def test_what_one_list_lacks_or_calls_otherwise_is_not_shown(self) -> None:
        connected = {"MemberName": "C", "CurrentRole": "Async", "DisplayStatus": "Connected"}
        sides = [
            {"MemberName": name, "CurrentRole": role} for name, role in (("A", "Primary"), ("B", "Backup"))
        ]
        whole = [*sides, connected]
        assert not_following((whole, whole), ("a", "B")) == {}
        assert not_following((whole, sides), ("A", "B")) == {"C": ""}
        for words in (
            {"CurrentRole": "Primary"},
            {"CurrentRole": "?"},
            {"DisplayStatus": "Waiting"},
            {"DisplayStatus": "?"},
        ):
            assert not_following((whole, [*sides, connected | words]), ("A", "B"))


class TestFiles:
    """What is written with a path of this host has to find something there, where the primary does."""

    @pytest.fixture
    def served(self, pair: Pair) -> tuple[Pair, Plan]:
        """Return a plan for an application whose directory only the primary has."""
        for path in ("/data/made/index.html", "/data/made.jar"):
            pair.primary.files.put(path, b"x")
        emr = next(each for each in pair.plan().actions if each.key == "web-application:/emr")
        sets = {"Path": "/data/made/"}
        action = msgspec.structs.replace(emr, sets=sets, before={"Path": emr.before.get("Path")})
        pair.primary.change("Security.Applications", {"Name": "/emr"}, sets)
        rule = SingleReader(Reach(pair.opener(PRIMARY)), KEY, pair.rule.header.facts.paths)
        digest = digest_of_item(rule.one(all_kinds()["web-application"], action.identity).item)
        rule.reach.close()
        action = msgspec.structs.replace(action, digest_rule=digest)
        return pair, msgspec.structs.replace(pair.plan(), actions=[action])

    def test_a_directory_that_only_the_primary_has(self, served: tuple[Pair, Plan]) -> None:
        pair, plan = served
        refused(pair, "web-application:/emr: /data/made/ is not there on HOSPB/IRIS", plan)
        pair.member.faults.refused_classes.add("%Library.File")
        refused(pair, "whether /data/made/ is there could not be asked", plan)
        pair.member.faults.refused_classes.clear()
        pair.primary.files.delete("/data/made/index.html")  # what it does not find either is not judged
        assert pair.apply(plan).run.state is RunState.DONE

    def test_paths_of_one_value(self) -> None:
        assert paths_in(["/a/b.jar", "/c d"]) == ["/a/b.jar", "/c d"]
        assert paths_in("/a/b.jar:/c.jar") == ["/a/b.jar", "/c.jar"]
        assert paths_in("C:\\a b.jar;D:\\b") == ["C:\\a b.jar", "D:\\b"]
        assert (paths_in("C:\\a.jar"), paths_in("//host/share")) == (["C:\\a.jar"], ["//host/share"])
        assert paths_in("relative") == paths_in(None) == paths_in(7) == []


def test_an_edit_of_the_cpf_that_awaits_activation_stops_plans_of_security_too(pair: Pair) -> None:
    plan = pair.plan()
    resources = [each for each in plan.actions if each.kind == "resource"]
    pair.member.cpf_edited = True
    refused(pair, "HOSPB/IRIS: its CPF was edited", msgspec.structs.replace(plan, actions=resources))
    pair.member.cpf_edited, pair.primary.cpf_edited = False, True
    refused(pair, "HOSPA/IRIS: its CPF was edited", plan)


def test_a_plan_that_was_used_from_elsewhere_finds_its_items_otherwise(pair: Pair, tmp_path: Path) -> None:
    """Another client with a copy of the key does not know of it; the member's items do."""
    plan, elsewhere = pair.plan(), {"folder": tmp_path / "other"}
    run = pair.apply(plan).run
    assert run.state is RunState.DONE
    pair.member.writes.reset()
    refused(pair, "nothing of plan test is left to be done", plan, **elsewhere)
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 5})
    refused(pair, "web-application:/emr is no longer as it was", plan, **elsewhere)

    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 900})
    assert pair.roll_back(run.id).run.state is RunState.REVERTED
    again = pair.apply(plan, **elsewhere).run  # every item has the digest again that somebody agreed to
    assert (again.state, again.remaining) == (RunState.DONE, [])
