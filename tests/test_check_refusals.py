"""What a member refuses is never good: with every class refused in turn, the verdict is never *ready*."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

import msgspec
import pytest

from driftsync.connections import connect
from driftsync.connections.failures import ConnectionFailed
from driftsync.connections.interface import Address
from driftsync.extracting import Wanted, extract
from driftsync.extracting.facts import FACTS, Call, Rows
from driftsync.extracting.privileges import classes_of
from driftsync.kinds import all_kinds
from driftsync.lab.faults import parse_instance_faults
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import Member, Outcome, Snapshot, Verdict
from tests.live import BACKUP, KEY, READER, member_of, own_directories
from tests.test_check_scenarios import DECLARED, WEEK, assess, read_all

BESIDE = ("%Library.File", "%Stream.FileBinary", "%SYSTEM.Encryption")
"""What is asked besides the table of facts: disks and files, logs, certificates and keys."""


def classes_of_facts() -> list[str]:
    told = [
        each.iris_class if isinstance(each, Call) else each.query.iris_class
        for each in FACTS
        if isinstance(each, (Call, Rows))
    ]
    return sorted({*told, *BESIDE})


@cache
def clean() -> dict[str, Snapshot]:
    return {name: one for name, one in read_all("clean").items() if isinstance(one, Snapshot)}


def refusing(name: str, kinds: Iterable[str]) -> Snapshot | str:
    """Read the backup while it refuses a class, its facts and some kinds; without its version nothing is read."""
    instance = member_of(build("clean"), BACKUP)
    instance.faults = parse_instance_faults([f"refuse:{name}"])
    wanted = Wanted(kinds=frozenset(kinds), directories=own_directories(BACKUP), logs_since=WEEK)
    with Server(instance) as server:
        address = Address("127.0.0.1", server.port, user=READER, password=PASSWORDS[READER], deadline=20.0)
        try:
            return extract(
                partial(connect, address, BACKUP), Member(name=BACKUP), fingerprinter=KEY, wanted=wanted
            )
        except ConnectionFailed as error:
            return error.message


def joined(read: Snapshot | str, whole: Snapshot) -> Snapshot | str:
    """Return what was read, and of the kinds that were not asked what another reading found."""
    if isinstance(read, str):
        return read
    kinds = set(read.header.coverage)
    items = [each for each in whole.items if each.key.kind not in kinds] + list(read.items)
    observed = {**read.header.facts.observed}
    if "tls-configuration" not in kinds:
        observed["certificates"] = whole.header.facts.observed["certificates"]
    header = msgspec.structs.replace(
        read.header,
        coverage={**whole.header.coverage, **read.header.coverage},
        facts=msgspec.structs.replace(
            read.header.facts, observed=observed, virtual_address=whole.header.facts.virtual_address
        ),
        items=len(items),
    )
    return Snapshot(header=header, items=tuple(sorted(items, key=lambda each: each.key.match)))


@pytest.mark.parametrize("name", classes_of_facts())
def test_a_class_of_facts_that_the_backup_refuses_is_never_ready(name: str) -> None:
    kinds = {"%SYSTEM.Encryption": ["tls-configuration", "encryption-key"]}.get(name, ["com-port"])
    members = {**clean(), BACKUP: joined(refusing(name, kinds), clean()[BACKUP])}
    readiness = assess(members, DECLARED["clean"])
    assert readiness.verdict is not Verdict.READY
    assert [each for each in readiness.findings if each.outcome in {Outcome.UNKNOWN, Outcome.FAIL}]


def classes_of_kinds() -> list[str]:
    """Return every class that an established route of a kind asks; an unsure one says nothing by its absence."""
    unsure = {
        name for kind in all_kinds().values() for route in kind.live
        if getattr(route, "unsure", False) for name in route.classes
    }  # fmt: skip
    return sorted({name for kind in all_kinds().values() for name in classes_of(kind)} - unsure)


@pytest.mark.soak
@pytest.mark.parametrize("name", classes_of_kinds())
def test_a_class_that_the_backup_refuses_is_never_ready(name: str) -> None:
    members = {**clean(), BACKUP: refusing(name, ())}
    assert assess(members, DECLARED["clean"]).verdict is not Verdict.READY
