"""Members of the lab, read through the real driver over real sockets, as tests need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from driftsync.connections import Address, connect
from driftsync.extracting import Wanted, extract
from driftsync.fingerprinting import Fingerprinter
from driftsync.lab.faults import parse_instance_faults, parse_wire_faults
from driftsync.lab.instance import Faults, SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import Drift, Member, Snapshot

PROFILES = ("2022.1", "2024.1", "2025.2")
EVERYTHING, READER = "_SYSTEM", "driftsync"
ACCOUNTS = (EVERYTHING, READER)
KEY = Fingerprinter(b"k" * 32)
PRIMARY, BACKUP, DR, REPORTING = "HOSPA/IRIS", "HOSPB/IRIS", "HOSPDR/IRIS", "HOSPRPT/IRIS"


class Reading(NamedTuple):
    """What came of reading one member, and what it cost."""

    snapshot: Snapshot
    round_trips: int
    pages: int
    messages: int


def own_directories(name: str) -> dict[str, str]:
    """Return what the settings of the hospital say in `[member.NAME.paths]`."""
    host = name.partition("/")[0].lower().replace("hosp", "hosp-")
    return {"journal": f"/journal/{host}", "journal2": f"/journal2/{host}"}


def member_of(mirror: SimulatedMirror, name: str) -> SimulatedInstance:
    return next(state.instance for state in mirror.states if state.instance.name == name)


@contextmanager
def served(
    instance: SimulatedInstance, faults: Iterable[str] = (), *, user: str = READER, deadline: float = 20.0
) -> Iterator[tuple[Server, Address]]:
    """Serve one member in this process."""
    with Server(instance, faults=parse_wire_faults(faults)) as server:
        yield (
            server,
            Address("127.0.0.1", server.port, user=user, password=PASSWORDS[user], deadline=deadline),
        )


def read(
    instance: SimulatedInstance,
    *faults: str,
    user: str = READER,
    deadline: float = 20.0,
    wanted: Wanted | None = None,
    directories: Mapping[str, str] | None = None,
) -> Reading:
    """Read one member. The lab itself must not have failed: an answer that it cannot give proves nothing."""
    instance.faults = parse_instance_faults(faults) if faults else Faults()
    wanted = wanted or Wanted(
        directories=own_directories(instance.name) if directories is None else directories
    )
    with served(instance, faults, user=user, deadline=deadline) as (server, address):
        snapshot = extract(
            partial(connect, address, instance.name),
            Member(name=instance.name),
            fingerprinter=KEY,
            wanted=wanted,
        )
        total = server.counts.total
        assert server.failures == []
        return Reading(snapshot, total.round_trips, total.pages, total.requests.total())


def read_mirror(scenario: str, profile: str, user: str) -> dict[str, Snapshot]:
    """Read all four members of a scenario."""
    mirror = build(scenario, profile)
    return {state.instance.name: read(state.instance, user=user).snapshot for state in mirror.states}


def found(drift: Drift) -> dict[str, str]:
    """Return key → sort of every difference."""
    return {each.key: type(each).__name__.lower() for each in drift.differences}
