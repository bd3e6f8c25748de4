"""Members of the lab, read through the real driver over real sockets, as tests need them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from driftsync.connections import Address, Connection, connect
from driftsync.extracting import Wanted, extract
from driftsync.fingerprinting import Fingerprinter
from driftsync.lab.faults import parse_instance_faults, parse_wire_faults
from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
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


def own_directories(name: str, scenario: str = "clean") -> dict[str, str]:
    """Return what the settings of the hospital say in `[member.NAME.paths]`."""
    host = name.partition("/")[0].lower().replace("hosp", "hosp-")
    found = {"journal": f"/journal/{host}", "journal2": f"/journal2/{host}"}
    if scenario == "hospital":
        web, software = ("/srv/web", "/srv") if name == BACKUP else ("/data/web", "/opt")
        found |= {"web": web, "jdbc": f"{software}/jdbc", "pdf": f"{software}/pdf"}
    return found


def member_of(mirror: SimulatedMirror, name: str) -> SimulatedInstance:
    return next(state.instance for state in mirror.states if state.instance.name == name)


def read(
    instance: SimulatedInstance,
    *faults: str,
    user: str = READER,
    deadline: float = 20.0,
    kinds: Iterable[str] = (),
    scenario: str = "clean",
    opened: Callable[[Connection], Connection] = lambda connection: connection,
) -> Reading:
    """Read one member. The lab itself must not have failed: what it answers then proves nothing."""
    instance.faults = parse_instance_faults(faults)
    wanted = Wanted(kinds=frozenset(kinds), directories=own_directories(instance.name, scenario))
    with Server(instance, faults=parse_wire_faults(faults)) as server:
        address = Address("127.0.0.1", server.port, user=user, password=PASSWORDS[user], deadline=deadline)
        snapshot = extract(
            lambda: opened(connect(address, instance.name)),
            Member(name=instance.name),
            fingerprinter=KEY,
            wanted=wanted,
        )
        total = server.counts.total
        assert server.failures == []
        return Reading(snapshot, total.round_trips, total.pages, total.requests.total())


def read_mirror(scenario: str, profile: str, user: str) -> dict[str, Snapshot]:
    """Read all four members of a scenario, side by side."""
    members = [state.instance for state in build(scenario, profile).states]
    with ThreadPoolExecutor(len(members)) as threads:
        found = threads.map(lambda one: read(one, user=user, scenario=scenario).snapshot, members)
        return {member.name: snapshot for member, snapshot in zip(members, found, strict=True)}


def found(drift: Drift) -> dict[str, str]:
    """Return key → sort of every difference."""
    return {each.key: type(each).__name__.lower() for each in drift.differences}


def compared(snapshot: Snapshot) -> dict[str, object]:
    """Return what is compared of every item; local properties, such as the last login, are left out."""
    return {str(item.key): (item.compared, item.unlisted, item.unread) for item in snapshot.items}
