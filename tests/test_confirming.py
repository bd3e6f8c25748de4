"""`--confirm-within`: a task on the member takes the run back by itself, whatever becomes of the client, unless it is confirmed."""

# ruff: noqa: F811 - fixtures of another module are named as the arguments that take them

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from driftsync.applying import recall_task
from driftsync.applying.carrying_out import confirm, roll_back
from driftsync.applying.confirming import Confirmed
from driftsync.applying.journal import Journal, journal_of, journals
from driftsync.applying.journal_lines import RecallState
from driftsync.applying.recalling import must_go_back, time_of
from driftsync.applying.undoing import undone
from driftsync.errors import PlanRefusedError, UsageError
from driftsync.lab.faults import parse_instance_faults
from driftsync.lab.instance import calling, saving
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.protocol import Request
from driftsync.model import Hazard, Plan, RunState, Sort, StepState
from driftsync.planning import write_plan
from driftsync.rendering.taking_back import Turned, code_of
from tests.live import BACKUP, PRIMARY
from tests.plans import action
from tests.plans import plan as plan_by_hand
from tests.task_manager import let_time_pass, tasks
from tests.test_applying import Pair, pair, serving, snapshots, with_extras  # noqa: F401 - fixtures

TEN = timedelta(minutes=10)
CLASSES = ("Security.Resources", "Security.Roles", "Security.Applications", "Config.MapGlobals")
WRITING = (b"%Save", b"\x01Create")
"""What the request of a write holds that commits it."""
SHORT = 1000
"""Bytes of a request below which these words are no part of a code that is handed over."""
ROOT = Path(__file__).parent.parent


def records(pair: Pair) -> dict[str, Any]:
    """Return what the member holds; saving fills in more of a web application than what is compared."""
    found = {
        name: {key: dict(record) for key, record in pair.member.storage.table(name).items()}
        for name in CLASSES
    }
    found["Security.Applications"] = {
        key: record["Timeout"] for key, record in found["Security.Applications"].items()
    }
    return found


def confirmed(pair: Pair, run: str) -> Confirmed:
    return confirm(run, lambda _plan: pair.ground, pair.folder)


def journal(pair: Pair) -> Journal:
    return Journal.read(next(journals(pair.folder)))


def test_the_task_waits_before_the_first_write_and_a_run_that_is_confirmed_stays(pair: Pair) -> None:
    seen: list[Any] = []

    def written(done: int) -> None:
        seen.append((done, [task["Name"] for task in tasks(pair.member)]))

    carried = pair.apply(within=TEN, progress=written)
    run = carried.run
    name = f"driftsync takes {run.id} back"
    assert (run.state, run.confirm_task, bool(run.confirm_by)) == (
        RunState.UNCONFIRMED,
        f"task:%SYS/{name}",
        True,
    )
    assert seen[0] == (1, [name])
    first = next(name for name in pair.member.writes.done if not name.startswith("%Library.File"))
    assert first == "%SYS.Task.%Save"
    states = [
        line.split('"')[3]
        for line in journal_of(pair.folder, run.id).read_text().splitlines()
        if '{"recall"' in line
    ]
    assert states == ["planned", "sending", "written", "verified", "sending", "verified"]
    assert pair.differences() == {}

    found = confirmed(pair, run.id)
    assert (found.late, found.carried.run.state, tasks(pair.member)) == (False, RunState.CONFIRMED, [])
    assert journal(pair).recall.recall is RecallState.CONFIRMED  # type: ignore[union-attr]
    after = records(pair)
    assert let_time_pass(pair.member, hours=25) == []
    assert records(pair) == after
    again = confirmed(pair, run.id)
    assert (again.late, "already" in again.said) == (False, True)


def test_a_run_that_nobody_confirms_is_taken_back_by_the_member(pair: Pair) -> None:
    before = records(pair)
    carried = pair.apply(within=TEN)
    assert records(pair) != before
    assert let_time_pass(pair.member, minutes=9) == []
    (ran,) = let_time_pass(pair.member, minutes=3)
    assert (ran["back"], ran.get("said")) == (len(carried.run.outcomes), None)
    assert records(pair) == before

    found = confirmed(pair, carried.run.id)
    assert (found.late, found.carried.run.state) == (True, RunState.RECALLED)
    assert "the member has taken it back" in found.said
    assert {each.state for each in found.carried.run.outcomes} == {StepState.REVERTED}
    assert tasks(pair.member) == []
    assert confirmed(pair, carried.run.id).late
    with pytest.raises(PlanRefusedError, match="taken back"):
        pair.resume(carried.run.id)
    assert records(pair) == before


def test_too_late_and_not_taken_back_yet_is_what_is_said(pair: Pair) -> None:
    carried = pair.apply(within=TEN)
    after = records(pair)
    pair.member.clock_ahead += timedelta(minutes=12)
    found = confirmed(pair, carried.run.id)
    assert (found.late, found.carried.run.state) == (True, RunState.UNCONFIRMED)
    assert "not taken it back yet" in found.said
    assert records(pair) == after
    assert len(tasks(pair.member)) == 1


def test_what_the_member_could_not_take_back_is_named(pair: Pair) -> None:
    carried = pair.apply(within=TEN)
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 4711})
    let_time_pass(pair.member, minutes=12)
    found = confirmed(pair, carried.run.id)
    assert (found.late, found.carried.run.state) == (True, RunState.FAILED)
    assert "these stand as the run left them: web-application:/emr" in found.said
    assert b"somebody changed it after the run" in (pair.member.files.find("messages.log") or b"")


def test_rollback_puts_the_time_off_and_removes_the_task_at_its_end(pair: Pair) -> None:
    before = records(pair)
    carried = pair.apply(within=TEN)
    pair.member.clock_ahead += timedelta(minutes=8)
    deadlines = []

    def taken(_done: int) -> None:
        deadlines.extend(
            task["DayNextScheduled"] * 86400 + task["TimeNextScheduled"] for task in tasks(pair.member)
        )

    ground = dataclasses.replace(pair.ground, progress=taken)
    returned = roll_back(carried.run.id, lambda _plan: ground, pair.folder)
    day, second = (float(part) for part in pair.member.moment().split(","))
    assert deadlines
    assert min(deadlines) - (day * 86400 + second) > 500
    assert (returned.run.state, tasks(pair.member), records(pair)) == (RunState.REVERTED, [], before)
    assert returned.run.confirm_by == ""
    assert confirmed(pair, carried.run.id).late


def test_rollback_waits_while_the_member_takes_it_back_itself_and_then_finds_it_done(pair: Pair) -> None:
    before = records(pair)
    carried = pair.apply(within=TEN)
    pair.member.clock_ahead += timedelta(minutes=10, seconds=45)
    pair.member.writes.reset()
    with pytest.raises(PlanRefusedError, match="the member takes it back by itself"):
        pair.roll_back(carried.run.id)
    assert pair.member.writes.total == 0
    let_time_pass(pair.member, minutes=5)
    pair.member.writes.reset()
    returned = pair.roll_back(carried.run.id)
    assert (returned.run.state, returned.writes, tasks(pair.member)) == (RunState.REVERTED, 0, [])
    assert records(pair) == before


def test_a_run_that_wrote_nothing_has_nothing_to_confirm(pair: Pair) -> None:
    plan = pair.plan()
    first = pair.apply(plan).run.id
    with pytest.raises(PlanRefusedError, match="left to be done"):
        pair.apply(plan, within=TEN)
    assert tasks(pair.member) == []
    with pytest.raises(UsageError, match="nothing to be confirmed"):
        confirmed(pair, first)


def test_what_was_as_wanted_before_the_run_is_not_taken_back_with_it(pair: Pair) -> None:
    plan = pair.plan()
    pair.member.change(
        "Security.Applications", {"Name": "/emr"}, {"Timeout": plan.actions[-1].sets.get("Timeout", 900)}
    )
    carried = pair.apply(plan, within=TEN)
    timeout = records(pair)["Security.Applications"]
    assert carried.run.state is RunState.UNCONFIRMED
    let_time_pass(pair.member, minutes=12)
    assert records(pair)["Security.Applications"] == timeout


@pytest.mark.parametrize("asked", ["10 minutes", "", "-1m", "m"])
def test_what_is_no_time(asked: str) -> None:
    with pytest.raises(UsageError):
        time_of(asked)


@pytest.mark.parametrize("asked", ["119s", "1m", "25h"])
def test_a_time_out_of_bounds_is_refused(asked: str) -> None:
    with pytest.raises(PlanRefusedError):
        time_of(asked)


def test_times() -> None:
    assert [time_of(each) for each in ("10m", "2h", "120s", "24H")] == [
        TEN,
        timedelta(hours=2),
        timedelta(minutes=2),
        timedelta(hours=24),
    ]


class Killing:
    """Lets a child carry a plan out, and kills it at the request that would commit its n-th write."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.seen, self.at, self.lost = pair, 0, 0, False
        self.child: subprocess.Popen[bytes] | None = None
        counts = pair.servers[BACKUP].counts
        self.counted = counts.received
        counts.received = self.received  # type: ignore[method-assign]

    def received(self, session: Any, request: Request) -> int:
        number = self.counted(session, request)
        commits = request.code[1] == 0xC2 and len(request.body) < SHORT
        if self.child is not None and commits and any(word in request.body for word in WRITING):
            self.seen += 1
            if self.seen == self.at:
                self.child.kill()
                if self.lost:
                    raise OSError("the request was lost on its way")
        return number

    def run(self, at: int, *, lost: bool) -> Journal:
        pair = self.pair
        file = pair.folder.parent / "plan.json"
        write_plan(pair.plan(), file)
        told = {
            "member": pair.servers[BACKUP].port, "primary": pair.servers[PRIMARY].port, "plan": str(file),
            "folder": str(pair.folder), "paths": pair.before.header.facts.paths, "within": 600,
        }  # fmt: skip
        self.at, self.lost = at, lost
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.carrying", json.dumps(told)], cwd=ROOT, stderr=subprocess.PIPE
        )
        _out, last = self.child.communicate(timeout=120)
        code, self.child = self.child.returncode, None
        assert code not in {0, 1}, last.decode()
        for _attempt in range(100):
            if not any(pair.member.locks.values()):
                break
            time.sleep(0.05)
        return journal(pair)


@pytest.mark.parametrize(
    ("at", "lost"),
    [
        pytest.param(1, True, marks=pytest.mark.soak),
        (1, False),
        (3, False),
        pytest.param(6, True, marks=pytest.mark.soak),
    ],
)
def test_a_client_that_is_killed_leaves_a_member_that_takes_it_back(pair: Pair, at: int, lost: bool) -> None:
    before = records(pair)
    killed = Killing(pair).run(at, lost=lost)
    assert killed.state is RunState.RUNNING
    assert killed.waits
    with pytest.raises(PlanRefusedError, match="cut off"):
        confirmed(pair, killed.run)
    assert (records(pair) == before) is (at < 2)
    ran = let_time_pass(pair.member, minutes=14)
    assert [each["failed"] for each in ran] == ([] if (at, lost) == (1, True) else [0])
    assert records(pair) == before
    returned = pair.roll_back(killed.run)
    assert (returned.run.state, returned.writes, tasks(pair.member)) == (RunState.REVERTED, 0, [])
    assert records(pair) == before


@pytest.mark.parametrize("at", [pytest.param(1, marks=pytest.mark.soak), 4])
def test_a_client_that_was_killed_goes_on_with_its_task_and_is_confirmed(pair: Pair, at: int) -> None:
    killed = Killing(pair).run(at, lost=False)
    pair.member.clock_ahead += timedelta(minutes=8)
    carried = pair.resume(killed.run)
    assert (carried.run.state, len(tasks(pair.member)), pair.differences()) == (RunState.UNCONFIRMED, 1, {})
    assert let_time_pass(pair.member, minutes=9) == []
    assert confirmed(pair, killed.run).late is False
    assert (tasks(pair.member), pair.differences()) == ([], {})


def test_after_its_time_a_run_that_was_cut_off_is_not_finished(pair: Pair) -> None:
    before = records(pair)
    killed = Killing(pair).run(4, lost=False)
    let_time_pass(pair.member, minutes=12)
    pair.member.writes.reset()
    with pytest.raises(PlanRefusedError, match="the member takes it back by itself"):
        pair.resume(killed.run)
    assert (pair.member.writes.total, records(pair)) == (0, before)


class TestRefusals:
    """`--confirm-within` is refused where nothing on the member could take the run back; nothing is written then."""

    def refused(self, pair: Pair, text: str, plan: Plan | None = None) -> None:
        pair.member.writes.reset()
        with pytest.raises(PlanRefusedError) as caught:
            pair.apply(plan, within=TEN)
        assert text in caught.value.message
        assert caught.value.exit_code == 5
        assert {
            name for name in pair.member.writes.done if not name.startswith(("%Library.File", "%SYS.Task."))
        } == set()
        assert tasks(pair.member) == []

    def test_without_a_task_manager(self, pair: Pair) -> None:
        pair.member.ended_processes.add("%SYS.TaskSuper.1")
        self.refused(pair, "no process of the Task Manager")

    @pytest.mark.parametrize("resource", ["%Admin_Task", "%Admin_Manage"])
    def test_without_the_privilege(self, pair: Pair, resource: str, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = calling._ANSWERS["%SYSTEM.Security", "Check"]

        def answer(call: calling.Call) -> Any:
            return 0 if call.text("ResourceName") == resource else asked(call)

        monkeypatch.setitem(calling._ANSWERS, ("%SYSTEM.Security", "Check"), answer)
        self.refused(pair, f"the account lacks {resource}:USE")

    @pytest.mark.parametrize("words", ["", ",Any,Any,Any"])
    def test_where_the_code_of_any_member_is_not_said(
        self, pair: Pair, words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = all_classes()["%SYS.Task"].properties["MirrorStatus"]
        monkeypatch.setitem(found.params, "DISPLAYLIST", words)
        self.refused(pair, "which code of MirrorStatus")

    def test_where_the_dictionary_is_not_to_be_read(self, pair: Pair) -> None:
        pair.member.faults = parse_instance_faults(["absent:%Dictionary.CompiledProperty:%OpenId"])
        self.refused(pair, "not in this release")

    def test_where_the_task_is_not_read_back_as_it_was_made(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def never(_record: dict[str, Any], _day: int, _second: int) -> tuple[str, str]:
            return "", ""

        monkeypatch.setattr(saving, "next_run", never)
        self.refused(pair, "DayNextScheduled, TimeNextScheduled")

    def test_where_the_settings_come_back_otherwise(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recall_task, "decode_pairs", lambda _bytes: {"ExecuteCode": "quit"})
        self.refused(pair, "not as it has to be: Settings")

    def test_while_another_run_waits_whoever_began_it(self, pair: Pair) -> None:
        first = pair.apply(within=TEN).run
        name = tasks(pair.member)[0]["Name"]
        pair.member.writes.reset()
        for words in ({}, {"within": TEN}):
            with pytest.raises(PlanRefusedError, match=f"run {first.id} waits"):
                pair.apply(**words)
        for path in pair.folder.glob("*.jsonl"):
            path.unlink()  # it was begun on another machine: the member says it
        with pytest.raises(PlanRefusedError, match=f"run {first.id} waits"):
            pair.apply(within=TEN)
        assert (pair.member.writes.total, [each["Name"] for each in tasks(pair.member)]) == (0, [name])


def test_a_plan_with_no_way_back_is_refused_before_anybody_is_asked() -> None:
    secret = action("user", {"Name": "nurse"}, Sort.CHANGE, secrets=["Password"])
    gone = action(
        "role", {"Name": "Old"}, Sort.DELETE, before={"Description": "x"}, hazards=[Hazard.NO_WAY_BACK]
    )
    for each in (secret, gone):
        with pytest.raises(PlanRefusedError, match=each.key):
            must_go_back(plan_by_hand([each]))
    must_go_back(
        plan_by_hand([action("user", {"Name": "new"}, sets={"Enabled": True}, secrets=["Password"])])
    )


def test_no_secret_is_ever_in_the_code(pair: Pair) -> None:
    """A user that the run makes goes again; the password that it was given stands nowhere."""
    new = action("user", {"Name": "new"}, sets={"Enabled": True}, secrets=["Password"])
    plan = plan_by_hand([new])
    code = code_of(plan, "x", [Turned(new, undone(new, None, {}))])
    assert "Password" not in code
    assert 'Security.Users).Delete("new")' in code
