"""What writing costs: five thousand mappings on one member, one activation a namespace, round trips counted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from driftsync.lab.scenarios import build
from driftsync.model import RunState
from tests.live import BACKUP, PRIMARY, member_of
from tests.test_applying import Pair, serving

pytestmark = pytest.mark.bench

MAPPINGS = 5_000
ONCE = 200
"""Round trips that do not grow with the number of steps: roles, dictionary, the kind before and after."""


def test_five_thousand_mappings(tmp_path: Path) -> None:
    mirror = build("clean")
    primary = member_of(mirror, PRIMARY)
    for number in range(MAPPINGS):
        primary.add(
            "Config.MapGlobals", Namespace=("EMR", "LAB")[number % 2], Name=f"Made{number:04}", Database="LAB",
            Collation=5, SectionHeader="",
        )  # fmt: skip
    with serving(Pair(mirror, tmp_path, kinds=("global-mapping",))) as pair:
        plan = pair.plan()
        assert len(plan.actions) == MAPPINGS
        sets = sum(len(action.sets) + len(action.identity) + 1 for action in plan.actions)  # and Flags
        started = time.perf_counter()
        carried = pair.apply(plan)
        seconds = time.perf_counter() - started
        assert carried.run.state is RunState.DONE
        trips = sum(pair.servers[name].round_trips for name in (PRIMARY, BACKUP))
        own = (trips - sets) / MAPPINGS
        print(
            f"\n{MAPPINGS:,} mappings: {seconds:.0f} s, {trips:,} round trips, {own:.2f} a step beside its properties"
        )
        print(f"activations: {dict(pair.member.activations)}")
        assert pair.member.activations == {"EMR": 1, "LAB": 1}
        assert trips <= 6 * MAPPINGS + sets + ONCE
