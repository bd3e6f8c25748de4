"""`--confirm-within`: a task on the member takes the run back by itself, whatever becomes of the client, unless it is confirmed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from driftsync.applying.carrying_out import confirm, roll_back
from driftsync.applying.confirming import Confirmed
from driftsync.applying.journal import Journal, RecallState, journal_of, journals
from driftsync.applying.recalling import must_go_back, time_of
from driftsync.errors import PlanRefusedError, UsageError
from driftsync.lab.faults import parse_instance_faults
from driftsync.lab.scenarios import build
from driftsync.model import Action, Hazard, Plan, RunState, Snapshot, Sort, StepState
from tests.live import BACKUP
from tests.plans import action
from tests.task_manager import let_time_pass, tasks
from tests.test_applying import Pair, serving, with_extras

TEN = timedelta(minutes=10)
CLASSES = ("Security.Resources", "Security.Roles", "Security.Applications", "Config.MapGlobals")
ENDS = {"WriteToConsoleLog"}


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, Snapshot]:
    """Read both members once: each test has a mirror of its own that is just like it."""
    made = Pair(with_extras(build("clean")), tmp_path_factory.mktemp("runs"))
    return made.rule, made.before


@pytest.fixture
def pair(tmp_path: Path, snapshots: tuple[Snapshot, Snapshot]) -> Iterator[Pair]:
    with serving(Pair(with_extras(build("clean")), tmp_path / "runs", snapshots=snapshots)) as made:
        yield made


def records(pair: Pair) -> dict[str, Any]:
    """Return what the member holds; saving fills in more of a web application than what is compared."""
    found = {name: {key: dict(record) for key, record in pair.member.storage.table(name).items()} for name in CLASSES}
    found["Security.Applications"] = {key: record["Timeout"] for key, record in found["Security.Applications"].items()}
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
    assert (run.state, run.confirm_task, bool(run.confirm_by)) == (RunState.UNCONFIRMED, f"task:%SYS/{name}", True)
    assert seen[0] == (1, [name])
    first = next(name for name in pair.member.writes.done if not name.startswith("%Library.File"))
    assert first == "%SYS.Task.%Save"
    states = [line.split('"')[3] for line in journal_of(pair.folder, run.id).read_text().splitlines() if '{"recall"' in line]
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
    print(ran.get("said"))
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
        deadlines.extend(task["DayNextScheduled"] * 86400 + task["TimeNextScheduled"] for task in tasks(pair.member))

    ground = dataclasses.replace(pair.ground, progress=taken)
    returned = roll_back(carried.run.id, lambda _plan: ground, pair.folder)
    day, second = (float(part) for part in pair.member.moment().split(","))
    assert deadlines and min(deadlines) - (day * 86400 + second) > 500
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
    pair.apply(plan)
    carried = pair.apply(plan, within=TEN)
    assert (carried.run.state, carried.run.confirm_by, tasks(pair.member)) == (RunState.DONE, "", [])
    with pytest.raises(UsageError, match="nothing to be confirmed"):
        first = sorted(pair.folder.glob("*.jsonl"))[0].stem
        confirmed(pair, first)


def test_what_was_as_wanted_before_the_run_is_not_taken_back_with_it(pair: Pair) -> None:
    plan = pair.plan()
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": plan.actions[-1].sets.get("Timeout", 900)})
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
    assert [time_of(each) for each in ("10m", "2h", "120s", "24H")] == [TEN, timedelta(hours=2), timedelta(minutes=2), timedelta(hours=24)]
