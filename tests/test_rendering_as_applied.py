"""A rendering, carried out by readers of its own, leaves a member exactly as `sync --apply` of the same plan leaves it.

What it names as unsaid is the difference: no more, and no less.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import build
from driftsync.model import Plan, RunState, Snapshot, Sort
from driftsync.rendering import Form, Rendered
from tests.live import BACKUP, EVERYTHING, PRIMARY, PROFILES, member_of, read
from tests.running_renderings import carried_out
from tests.test_applying import Pair, planned, serving

CARRIED_OUT = [form for form in Form if form is not Form.CHECKLIST]
Values = Mapping[str, Mapping[str, Any]]
Differences = dict[str, set[str]]
WHOLE = {"the item itself"}


@dataclass(frozen=True)
class Applied:
    """One plan for the backup of the hospital, and the backup before it and after `sync --apply`."""

    profile: str
    plan: Plan
    before: Values
    after: Values

    def member(self, name: str = BACKUP) -> SimulatedInstance:
        """Return a member just as the one that the plan was made for."""
        return member_of(build("hospital", self.profile), name)

    def carried_out(self, form: Form, plan: Plan | None = None) -> tuple[Rendered, SimulatedInstance]:
        member = self.member()
        return carried_out(plan or self.plan, form, member, self.member(PRIMARY)), member


def values(snapshot: Snapshot, plan: Plan) -> Values:
    """Return what is compared of every item, and what is each host's own where the plan sets it."""
    own = {(action.key, name) for action in plan.actions for name in action.sets}
    return {
        str(item.key): {
            **item.compared,
            **item.unlisted,
            **{name: value for name, value in item.local.items() if (str(item.key), name) in own},
        }
        for item in snapshot.items
    }


def whole(instance: SimulatedInstance) -> Snapshot:
    return read(instance, user=EVERYTHING, scenario="hospital", deadline=60).snapshot


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(profile, marks=[] if profile == PROFILES[-1] else pytest.mark.soak)
        for profile in PROFILES
    ],
)
def applied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    mirror = build("hospital", request.param)
    with serving(Pair(mirror, tmp_path_factory.mktemp("runs"), kinds=(), scenario="hospital")) as pair:
        plan = planned(pair.rule, pair.before)
        carried = pair.apply(plan)
        assert (carried.run.state, carried.run.remaining) == (RunState.DONE, [])
        yield Applied(request.param, plan, values(pair.before, plan), values(pair.read(pair.member), plan))


def differing(one: Values, other: Values) -> Differences:
    """Return what differs between two states of a member, property by property."""
    found: Differences = {}
    for key in one.keys() | other.keys():
        if key not in one or key not in other:
            found[key] = WHOLE
        elif names := {
            name for name in one[key].keys() | other[key].keys() if one[key].get(name) != other[key].get(name)
        }:
            found[key] = names
    return found


def named(plan: Plan, rendered: Rendered) -> Differences:
    """Return what a rendering names as unsaid of the actions of a plan."""
    actions = {str(action.number): action for action in plan.actions}
    found: Differences = {}
    for each in rendered.unsaid:
        action = actions.get(each.step.label)
        if action is None:
            continue
        all_of_it = WHOLE if action.sort is not Sort.CHANGE else {*action.sets, *action.secrets}
        found.setdefault(action.key, set()).update(each.properties or all_of_it)
    return found


MOVING = {"LastModifiedDateTime", "LastModifiedUsername"}


def tables(instance: SimulatedInstance) -> dict[Any, Any]:
    """Return all that a member holds."""
    return {
        (name, key): {part: value for part, value in record.items() if part not in MOVING}
        for name, table in copy.deepcopy(instance.storage._tables).items()
        for key, record in table.items()
    }


@pytest.mark.parametrize("form", CARRIED_OUT, ids=lambda form: form.value)
def test_what_it_names_as_unsaid_is_all_that_differs(applied: Applied, form: Form) -> None:
    rendered, member = applied.carried_out(form)
    now = values(whole(member), applied.plan)
    wanted = named(applied.plan, rendered)
    if form is Form.MANIFEST:
        wanted |= {
            action.key: {"Password"}
            for action in applied.plan.actions
            if action.kind == "user" and action.sort is Sort.CREATE
        }
    assert differing(applied.after, now) == wanted
    left = {key for key in wanted if wanted[key] == WHOLE}
    assert {key: now.get(key) for key in left} == {key: applied.before.get(key) for key in left}
    if form is not Form.TASK_XML:  # it says that every import makes its tasks again
        before = tables(member)
        carried_out(applied.plan, form, member, applied.member(PRIMARY))
        assert tables(member) == before


def test_config_api_changes_what_is_there_as_the_plan_does(applied: Applied) -> None:
    found = (action for action in applied.plan.actions if action.sort is Sort.CHANGE)
    changes = [msgspec.structs.replace(action, number=place) for place, action in enumerate(found, 1)]
    plan = msgspec.structs.replace(applied.plan, actions=changes, withheld=[])
    rendered, member = applied.carried_out(Form.CONFIG_API, plan)
    now, unsaid = values(whole(member), applied.plan), named(plan, rendered)
    said = {action.key: {*action.sets, *action.secrets} - unsaid.get(action.key, set()) for action in changes}
    assert differing(applied.before, now) == {key: names for key, names in said.items() if names}
    assert len(differing(applied.before, now)) > 15
    assert all(
        now[key].get(name) == applied.after[key].get(name) for key, names in said.items() for name in names
    )
