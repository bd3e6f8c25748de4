"""What reading running members costs: four of them side by side against the slowest one alone, with latency."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from driftsync.connections import Address, connect
from driftsync.extracting import Wanted, extract
from driftsync.lab.faults import parse_wire_faults
from driftsync.lab.members import Place, RunningMembers
from driftsync.lab.scenarios import MEMBERS, PASSWORDS, make_member
from driftsync.model import Member, Snapshot
from tests.live import KEY, READER

pytestmark = pytest.mark.bench

LATENCY = 20
"""Milliseconds before each answer."""
GOAL = 1.3
PROFILE = "2022.1"


def reading(ports: dict[str, int], name: str) -> Snapshot:
    address = Address("127.0.0.1", ports[name], user=READER, password=PASSWORDS[READER], deadline=20.0)
    return extract(lambda: connect(address, name), Member(name=name), fingerprinter=KEY, wanted=Wanted())


def seconds(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


@pytest.mark.parametrize("scenario", ["hospital", "large"])
def test_four_members_take_hardly_longer_than_the_slowest(scenario: str) -> None:
    names = MEMBERS[scenario]
    places = [
        Place(
            name,
            make=partial(make_member, scenario, name, PROFILE),
            faults=parse_wire_faults([f"latency={LATENCY}"]),
        )
        for name in names
    ]
    with RunningMembers(places) as running:
        ports = running.ports
        reading(ports, names[0])  # warms the lab and the disk up
        alone = {name: min(seconds(partial(reading, ports, name)) for _round in range(2)) for name in names}

        def all_four() -> list[Snapshot]:
            with ThreadPoolExecutor(len(names)) as threads:
                return list(threads.map(partial(reading, ports), names))

        together = min(seconds(all_four) for _round in range(2))
        snapshots = all_four()
    slowest = max(alone.values())
    trips = {
        snapshot.header.member.name: snapshot.header.extraction.round_trips
        for snapshot in snapshots
        if snapshot.header.extraction
    }
    print(
        f"\nfour members of {scenario}, {PROFILE}, {LATENCY} ms: together {together:.1f} s, the slowest alone {slowest:.1f} s"
    )
    print(f"times the slowest alone: {together / slowest:.2f}  (goal ≤ {GOAL}); round trips {trips}", end="")
    assert together <= GOAL * slowest
