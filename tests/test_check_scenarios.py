"""Every check has a mirror in the lab for each outcome that it declares, and one in which it cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from functools import cache, partial
from typing import NamedTuple

import pytest

from driftsync.checking import check, pair_of, view_member
from driftsync.checks import all_checks
from driftsync.checks.spec import Check, Declared
from driftsync.cli.lab import Scenario
from driftsync.comparing import compare
from driftsync.connections import Address, connect
from driftsync.connections.failures import ConnectionFailed
from driftsync.extracting import Wanted, extract
from driftsync.files import SnapshotInMemory
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import PASSWORDS, SCENARIOS, build
from driftsync.lab.scenarios.ailments import Ailment, all_ailments
from driftsync.lab.serving import Server
from driftsync.model import Finding, Member, Outcome, Readiness, Snapshot, Verdict
from tests.live import KEY, READER, own_directories
from tests.test_checking_configuration import AFTER_RUNS
from tests.test_forecasts import COVERED as FORESEEN

NEED_RUNS = {"FOR-601", "CFG-513", "CFG-514"}
"""Checks of which a single reading shows nothing: their cases have runs before it."""


DECLARED = {
    "clean": Declared(data_check=f"{datetime.now(timezone.utc).date().isoformat()} matched"),
    "ailing": Declared(data_check="2024-02-29 matched"),
    "silent": Declared(data_check_unread="no such file"),
}
"""What no member tells: when the data was last compared."""


WEEK = datetime.now(timezone.utc) - timedelta(days=7)


class Seen(NamedTuple):
    """What `driftsync check` finds in one scenario."""

    readiness: Readiness

    def of(self, check_id: str, member: str = "") -> list[Finding]:
        return [
            each
            for each in self.readiness.findings
            if each.id == check_id and (not member or each.member == member)
        ]


def read_one(instance: SimulatedInstance) -> Snapshot | str:
    wanted = Wanted(directories=own_directories(instance.name), logs_since=WEEK)
    with Server(instance) as server:
        address = Address("127.0.0.1", server.port, user=READER, password=PASSWORDS[READER], deadline=20.0)
        try:
            return extract(
                partial(connect, address, instance.name),
                Member(name=instance.name),
                fingerprinter=KEY,
                wanted=wanted,
            )
        except ConnectionFailed as error:
            return error.message


@cache
def read_all(scenario: str, profile: str = "2024.1") -> Mapping[str, Snapshot | str]:
    """Read all members of a scenario once, side by side."""
    members = [state.instance for state in build(scenario, profile).states]
    with ThreadPoolExecutor(len(members)) as threads:
        return dict(zip([one.name for one in members], threads.map(read_one, members), strict=True))


@cache
def seen(scenario: str) -> Seen:
    """Return what the checks find in a scenario."""
    return Seen(assess(read_all(scenario), DECLARED.get(scenario, Declared())))


def assess(read: Mapping[str, Snapshot | str], declared: Declared) -> Readiness:
    lines = {name: SnapshotInMemory(one) for name, one in read.items() if isinstance(one, Snapshot)}
    views = {name: view_member(one) for name, one in lines.items()}
    primary, promoted = pair_of({name: one.role for name, one in views.items()})
    drift = compare(lines[primary], lines[promoted]) if primary and promoted else None
    unread = {name: one for name, one in read.items() if isinstance(one, str)}
    return check("HOSPITAL", views, unread=unread, drift=drift, declared=declared)


def checked(each: Ailment) -> str:
    return f"{each.check}-{each.outcome}-{each.group or each.member.partition('/')[0]}"


@pytest.mark.parametrize("ailment", all_ailments(), ids=checked)
def test_what_is_planted_is_found_as_what_it_is(ailment: Ailment) -> None:
    found = seen(ailment.scenario).of(ailment.check, ailment.member)
    assert [each.outcome.value for each in found] == [ailment.outcome], found


@pytest.mark.parametrize("declared", all_checks(), ids=lambda each: each.id)
def test_every_outcome_of_a_check_has_a_scenario(declared: Check) -> None:
    shown = {each.outcome for each in all_ailments() if each.check == declared.id}
    if declared.id in NEED_RUNS:
        shown |= {outcome.value for name, outcome in FORESEEN | AFTER_RUNS if name == declared.id}
    lacking = {(declared.id, each.value) for each in declared.outcomes - {Outcome.PASS}} - {
        (declared.id, each) for each in shown
    }
    assert not lacking


@pytest.mark.parametrize("declared", all_checks(), ids=lambda each: each.id)
def test_a_healthy_mirror_passes_every_check(declared: Check) -> None:
    found = seen("clean").of(declared.id)
    assert {each.outcome for each in found} == {Outcome.PASS}, found


@pytest.mark.parametrize("declared", all_checks(), ids=lambda each: each.id)
def test_what_members_do_not_tell_is_unknown(declared: Check) -> None:
    found = seen("silent").of(declared.id)
    assert {each.outcome for each in found} == {Outcome.UNKNOWN}, found


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [("clean", Verdict.READY), ("failing", Verdict.NOT_READY), ("silent", Verdict.UNKNOWN)],
)
def test_the_verdict_follows(scenario: str, verdict: Verdict) -> None:
    assert seen(scenario).readiness.verdict is verdict


@pytest.mark.parametrize("profile", ["2022.1", "2025.2"])
def test_a_healthy_mirror_is_ready_whatever_its_release(profile: str) -> None:
    readiness = assess(read_all("clean", profile), DECLARED["clean"])
    assert readiness.verdict is Verdict.READY
    assert {each.outcome for each in readiness.findings} == {Outcome.PASS, Outcome.MANUAL}


HOSPITAL = {
    "HOSPA/IRIS": "JRN-302 LOG-403 LOG-407 LOG-415",
    "HOSPB/IRIS": "CFG-500 CFG-501 CFG-502 CFG-503 CFG-503c CFG-504 CFG-505 CFG-506 CFG-506b CFG-506c CFG-507 CFG-508 "
    "CFG-509 CFG-510 CFG-511 CFG-513 CFG-515 CFG-520 KEY-206 LOG-401 LOG-405 LOG-411 LOG-415 MIR-021 PLT-102 PLT-110",
    "HOSPDR/IRIS": "CFG-513 CFG-516 LOG-404 MIR-005",
    "": "CFG-517",
}
"""What is planted in `hospital`, by whom it is about; its reporting member may have its own."""


def test_the_hospital_names_exactly_what_was_planted_there() -> None:
    found: dict[str, list[str]] = {}
    for each in seen("hospital").readiness.findings:
        if each.outcome not in {Outcome.PASS, Outcome.MANUAL}:
            found.setdefault(each.member, []).append(each.id)
    assert {name: sorted(ids) for name, ids in found.items()} == {
        name: sorted(ids.split()) for name, ids in HOSPITAL.items()
    }


def test_a_task_of_the_product_may_run_on_any_member() -> None:
    """False alarm to avoid (mirror.md 3): the agent of IRIS for Health is set to *any* by design."""
    finding = seen("ailing").of("MIR-016", "HOSPA/IRIS")[0]
    assert (finding.outcome, finding.seen) == (Outcome.PASS, "HSSYS is mirrored and its agent runs")


def test_the_lab_serves_every_scenario() -> None:
    assert {each.value for each in Scenario} == set(SCENARIOS)
