"""The line of code that takes a run back on the member: legal, of known classes alone, and it gives the former state."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest

from driftsync.applying.undoing import kept_of, undone, why_not
from driftsync.kinds import all_kinds
from driftsync.lab.faults import parse_instance_faults
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.model import Action, Plan, Snapshot, Sort
from driftsync.rendering import Form, render
from driftsync.rendering.taking_back import NoWayBackError, Turned, code_of
from tests.live import BACKUP, EVERYTHING, PRIMARY, compared, member_of, read
from tests.mending import everything, plan_of
from tests.object_script import calls, parsed, wrong
from tests.plans import action, plan
from tests.running_object_script import OneLine, Routine

PROFILE = "2025.2"
Sides = tuple[Snapshot, Snapshot]
Made = tuple[Plan, dict[str, str]]
RUN = "20261121T100000-abcdef"
SHAKEN = {
    "role:Nurse",  # GRANT Doctor TO Nurse gives the role as well, which the planted row of the privilege did not
    "user:analyser",  # held a role that was not there; it cannot hold it again
    "user:lara",
}


def backup() -> SimulatedInstance:
    return member_of(build("hospital", PROFILE), BACKUP)


def snapshot(instance: SimulatedInstance) -> Snapshot:
    return read(instance, user=EVERYTHING, scenario="hospital", deadline=60).snapshot


@pytest.fixture(scope="module")
def sides() -> Sides:
    return snapshot(member_of(build("hospital", PROFILE), PRIMARY)), snapshot(backup())


def turned(plan: Plan, member: Snapshot) -> list[Turned]:
    items = {str(item.key): item for item in member.items}
    return [
        Turned(each, undone(each, None, kept_of(each, items.get(each.key))))
        for each in plan.actions
    ]  # fmt: skip


def reversible(sides: Sides) -> Made:
    """Return a plan of every step that a line of code can take back, and why the others are none."""
    plan, kept, refused = everything(*sides), [], {}
    for each in plan.actions:
        reason = why_not(each) or ("a secret is carried" if each.secrets else "")
        if not reason:
            try:
                code_of(plan, RUN, turned(plan_of(*sides, [each]), sides[1]))
            except NoWayBackError as error:
                reason = str(error)
        if reason:
            refused[each.key] = reason
        else:
            kept.append(each)
    return plan_of(*sides, kept), refused


@pytest.fixture(scope="module")
def made(sides: Sides) -> Made:
    return reversible(sides)


def pieces(plan: Plan, size: int = 25) -> Sequence[Plan]:
    import msgspec

    return [
        msgspec.structs.replace(plan, actions=plan.actions[place : place + size])
        for place in range(0, len(plan.actions), size)
    ]


def carry_out(plan: Plan, instance: SimulatedInstance) -> None:
    routine = Routine(
        render(plan, Form.ROUTINE).text, instance.login(EVERYTHING, PASSWORDS[EVERYTHING], "%SYS")
    )
    assert routine.call("RUN", {}) == 1, routine.written


def take_back(code: str, instance: SimulatedInstance) -> dict[str, Any]:
    return OneLine(code, instance.login(EVERYTHING, PASSWORDS[EVERYTHING], "%SYS")).run()


def test_it_takes_back_a_run_of_many_kinds(sides: Sides, made: Made) -> None:
    plan, refused = made
    assert all(reason for reason in refused.values())
    assert len({(each.kind, each.sort) for each in plan.actions}) > 50
    instance = backup()
    for piece in pieces(plan):
        carry_out(piece, instance)
    for piece in reversed(pieces(plan)):
        found = take_back(code_of(piece, RUN, turned(piece, sides[1])), instance)
        assert (found["back"], found.get("said", {})) == (len(piece.actions), {})
    former, now = compared(sides[1]), compared(snapshot(instance))
    assert {key for key in former.keys() | now.keys() if former.get(key) != now.get(key)} <= SHAKEN
    log = (instance.files.find("messages.log") or b"").decode()
    assert log.count("is taken back now") == log.count(" steps") == len(pieces(plan))


def test_the_grammar_reads_it_and_the_class_reference_has_every_call(sides: Sides, made: Made) -> None:
    seen = set()
    for piece in pieces(made[0]):
        code = code_of(piece, RUN, turned(piece, sides[1]))
        assert code.isascii()
        assert not set(code) & set("\t\r\n")
        root = parsed(f"ROUTINE %ZX [Type=MAC]\n    {code}\n    quit\n")
        assert wrong(root) == []
        assert wrong(parsed(f"ROUTINE %ZX [Type=MAC]\n    {code[:-1]}\n    quit\n")) != []
        for call in calls(root):
            facts = all_classes()[call.class_name].methods.get(call.method)
            assert facts is not None, call
            variadic = facts.arguments and facts.arguments[-1].name == "%parm"
            assert facts.class_method, call
            assert variadic or call.arguments <= len(facts.arguments), call
            seen.add(call.class_name)
    assert len(seen) > 25


def one(sides: Sides, key: str) -> tuple[Plan, str]:
    """Return the plan of a single step, and the code that takes it back."""
    plan = plan_of(*sides, [each for each in everything(*sides).actions if each.key == key])
    assert plan.actions, key
    return plan, code_of(plan, RUN, turned(plan, sides[1]))


def find(plan: Plan, sort: Sort, kind: str) -> Action:
    return next(each for each in plan.actions if (each.sort, each.kind) == (sort, kind))


def test_what_somebody_changed_after_the_run_stays(sides: Sides, made: Made) -> None:
    step = find(made[0], Sort.CHANGE, "web-application")
    plan, code = one(sides, step.key)
    instance = backup()
    carry_out(plan, instance)
    name = next(iter(step.sets))
    instance.change("Security.Applications", {"Name": step.identity["Name"]}, {name: 4711})
    found = take_back(code, instance)
    assert (found["back"], found["failed"]) == (0, 1)
    assert f"left as it is: {name}" in "".join(found["said"].values())
    assert instance.where("Security.Applications", Name=step.identity["Name"])[name] == 4711


def test_what_somebody_changed_of_a_new_item_keeps_it_from_going(sides: Sides, made: Made) -> None:
    step = find(made[0], Sort.CREATE, "resource")
    plan, code = one(sides, step.key)
    instance = backup()
    carry_out(plan, instance)
    instance.change("Security.Resources", {"Name": step.identity["Name"]}, {"PublicPermission": 2})
    assert take_back(code, instance)["failed"] == 1
    assert instance.where("Security.Resources", Name=step.identity["Name"])["PublicPermission"] == 2


def test_a_run_that_never_came_so_far_leaves_nothing_to_take_back(sides: Sides, made: Made) -> None:
    instance = backup()
    former = copy.deepcopy(instance.storage._tables)
    instance.writes.reset()
    for piece in pieces(made[0]):
        kinds = [
            each
            for each in piece.actions
            if all_kinds()[each.kind].iris_class.startswith(("Config.", "Security.R", "Security.Ap"))
        ]
        short = plan_of(*sides, kinds)
        assert take_back(code_of(short, RUN, turned(short, sides[1])), instance)["failed"] == 0
    assert {name for name in instance.writes.done if name != "%SYS.System.WriteToConsoleLog"} == set()
    assert instance.storage._tables == former


def test_whatever_one_step_says_the_next_is_taken(sides: Sides, made: Made) -> None:
    steps = [find(made[0], Sort.CREATE, "resource"), find(made[0], Sort.CHANGE, "service")]
    plan = plan_of(*sides, steps)
    instance = backup()
    carry_out(plan, instance)
    instance.faults = parse_instance_faults(["absent:Security.Services:Exists"])
    found = take_back(code_of(plan, RUN, turned(plan, sides[1])), instance)
    assert (found["back"], found["failed"]) == (1, 1)
    assert "METHOD DOES NOT EXIST" in "".join(found["said"].values())
    assert instance.storage.find("Security.Resources", (steps[0].identity["Name"].lower(),)) is None


def test_a_member_that_is_the_primary_by_now_is_left_alone(sides: Sides, made: Made) -> None:
    plan, code = one(sides, find(made[0], Sort.CREATE, "resource").key)
    mirror = build("hospital", PROFILE)
    instance = member_of(mirror, BACKUP)
    carry_out(plan, instance)
    mirror.fail_over()
    instance.writes.reset()
    take_back(code, instance)
    assert instance.writes.total == 0
    assert b"this member is the primary now" in (instance.files.find("messages.log") or b"")


def test_too_much_for_one_line_is_refused() -> None:
    many = plan(
        [action("resource", {"Name": f"R{number}"}, sets={"Description": "x" * 200}) for number in range(60)]
    )
    with pytest.raises(NoWayBackError, match="plan for less at a time"):
        code_of(many, RUN, [Turned(each, undone(each, None, {})) for each in many.actions])
