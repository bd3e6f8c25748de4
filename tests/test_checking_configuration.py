"""Configuration that decides whether applications work after the switch: each check finds what it declares, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from driftsync.checks import all_checks
from driftsync.model import Outcome, Verdict
from tests.test_checking import (
    DR,
    FAIL,
    PASS,
    UNKNOWN,
    WARN,
    A,
    B,
    Change,
    Snapshots,
    assess,
    clean,
    drop,
    each,
    members,
    observe,
    put,
    replace_items,
    worst,
)

__all__ = ["clean", "members"]

REPORT = "task:EMR/Night report"
PRODUCTION = "production:INTEROP/Hosp.Production"
RANGE = "global-mapping:EMR/Visit(1):(500000)"
SHARED = "global-mapping:%ALL/HospShared*"
PURGE = "task:INTEROP/Purge messages"
PURGING = {"TaskClass": "Ens.Util.Tasks.Purge", "RunAsUser": "_SYSTEM", "Type": 0, "Suspended": 0}
STARTS = "instance-setting:Startup/EnsembleAutoStart"


def local(name: str, key: str, **values: object) -> Change:
    """Let a member have other local values of an item."""

    def change(snapshots: Snapshots) -> None:
        items = {item.key.match: item for item in snapshots[name].items}
        [wanted] = [match for match, item in items.items() if str(item.key) == key]
        item = items[wanted]
        items[wanted] = msgspec.structs.replace(item, local={**item.local, **values})
        replace_items(snapshots, name, items)

    return change


def unread(name: str, key: str, *properties: str) -> Change:
    """Let properties of an item be unreadable."""

    def change(snapshots: Snapshots) -> None:
        items = {item.key.match: item for item in snapshots[name].items}
        [wanted] = [match for match, item in items.items() if str(item.key) == key]
        item = items[wanted]
        kept = {name: value for name, value in item.compared.items() if name not in properties}
        items[wanted] = msgspec.structs.replace(item, compared=kept, unread=properties)
        replace_items(snapshots, name, items)

    return change


CASES: list[tuple[str, Outcome, Change]] = [
    ("CFG-500", WARN, put(B, "audit-event:Emr/Record/Read", Description="another")),
    ("CFG-500", FAIL, drop(B, "role:Nurse")),
    ("CFG-502", FAIL, drop(B, "database:EMRCODE")),
    ("CFG-503", FAIL, put(B, "task:EMR/Night report", MirrorStatus=None)),
    ("CFG-503b", FAIL, put(B, "task:EMR/Night report", MirrorStatus=1, RunAsUser="nobody")),
    ("CFG-503b", FAIL, each(put(B, "task:EMR/Night report", MirrorStatus=1, RunAsUser="nurse"), put(B, "user:nurse", Enabled=False))),
    ("CFG-504", FAIL, put(B, "production:INTEROP/Hosp.Production", AutoStart=False)),
    ("CFG-509", FAIL, drop(B, "role:LabTech")),
    ("CFG-509", WARN, each(drop(A, "role:LabTech"), drop(B, "role:LabTech"))),
    ("CFG-515", FAIL, drop(B, "resource:%DB_EMR")),
    ("CFG-520", WARN, observe(B, "configuration.pending_restart", 1)),
    ("CFG-520", WARN, observe(A, "configuration.needs_activation", 1)),
    ("CFG-501", FAIL, drop(B, "namespace:LAB")),
    ("CFG-501", FAIL, put(B, "namespace:LAB", Globals="EMR")),
    ("CFG-501", FAIL, drop(B, RANGE)),
    ("CFG-501", FAIL, each(drop(B, RANGE), put(B, "global-mapping:EMR/Visit(1):(400000)", Database="ARCHIVE2019", Collation=5))),
    ("CFG-501", FAIL, put(B, RANGE, Collation=0)),
    ("CFG-501", FAIL, put(B, "package-mapping:LAB/Hosp.Patient", Database="LABCODE")),
    ("CFG-501", FAIL, put(B, "routine-mapping:LAB/EXTRA*", Database="LABCODE")),
    ("CFG-501", FAIL, drop(B, SHARED)),
    ("CFG-501", UNKNOWN, unread(B, RANGE, "Database")),
    ("CFG-502", FAIL, put(B, "database:EMR", MirrorSetName=None, MirrorDBName=None)),
    ("CFG-502", FAIL, local(B, "database:ARCHIVE2019", Mounted=False)),
    ("CFG-502", UNKNOWN, local(B, "database:ARCHIVE2019", Mounted=None)),
    ("CFG-503", UNKNOWN, unread(B, REPORT, "MirrorStatus")),
    ("CFG-503b", UNKNOWN, unread(B, REPORT, "RunAsUser")),
    ("CFG-503c", FAIL, drop(B, REPORT)),
    ("CFG-503c", FAIL, put(B, REPORT, Suspended=1)),
    ("CFG-503c", FAIL, put(B, REPORT, MirrorStatus=2)),
    ("CFG-503c", UNKNOWN, unread(B, REPORT, "Suspended")),
    ("CFG-503d", WARN, put(DR, PURGE, **PURGING, MirrorStatus=3)),
    ("CFG-504", FAIL, drop(B, PRODUCTION)),
    ("CFG-504", FAIL, put(B, STARTS, Value=False)),
    ("CFG-504", UNKNOWN, unread(B, PRODUCTION, "AutoStart")),
    ("CFG-516", FAIL, put(A, "database:INTEROPSECONDARY")),
    ("CFG-516", FAIL, each(put(DR, "database:CREDENTIALS"), put(DR, "global-mapping:INTEROP/Ens.SecondaryData.Password", Database="CREDENTIALS"))),
    ("CFG-516", WARN, put(A, "database:LABSECONDARY")),
    ("CFG-517", FAIL, put(DR, STARTS, Value=False)),
    ("CFG-517", FAIL, put(DR, PRODUCTION, AutoStart=False)),
    ("CFG-517", UNKNOWN, unread(DR, PRODUCTION, "AutoStart")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "outcome", "change"), CASES, ids=[f"{case[0]}-{case[1].value}" for case in CASES]
)
def test_a_check_finds_what_it_declares(
    members: Snapshots, name: str, outcome: Outcome, change: Change
) -> None:
    change(members)
    readiness = assess(members)
    assert worst(readiness, name).outcome is outcome, worst(readiness, name)
    if outcome is FAIL:
        assert readiness.verdict is Verdict.NOT_READY


def test_every_declared_outcome_has_a_case() -> None:
    covered = {(name, outcome) for name, outcome, _change in CASES}
    declared = [one for one in all_checks() if one.id.startswith("CFG-")]
    lacking = [
        (one.id, outcome.value)
        for one in declared
        for outcome in one.outcomes - {PASS}
        if (one.id, outcome) not in covered
    ]
    assert not lacking


BY_DESIGN: list[tuple[str, str, Change]] = [
    ("a task of the product set to any in a mirrored namespace", "CFG-503d", put(A, "task:EMR/Purge Tasks", TaskClass="%SYS.Task.PurgeTaskHistory", Type=0, MirrorStatus=3)),
    ("a task of the product that says nothing", "CFG-503", put(B, "task:%SYS/Security Scan", MirrorStatus=None)),
    ("a task of the product whose owner is no account", "CFG-503b", put(B, "task:%SYS/Security Scan", MirrorStatus=1)),
    ("a purge that is suspended everywhere", "CFG-503d", put(A, PURGE, **{**PURGING, "Suspended": 1}, MirrorStatus=3)),
    ("a task that is suspended on the primary too", "CFG-503c", each(put(A, REPORT, Suspended=1), put(B, REPORT, Suspended=1))),
    ("the same mirrored database under another local name", "CFG-501", each(
        drop(B, "database:LAB"), put(B, "database:LABDATA", MirrorSetName="HOSPITAL", MirrorDBName="LAB", MountRequired=True),
        put(B, "namespace:LAB", Globals="LABDATA"),
        put(B, "global-mapping:EMR/LabResult", Database="LABDATA", LockDatabase="LABDATA"))),
    ("what %ALL maps in part leads to each namespace's own", "CFG-501", each(
        put(B, "global-mapping:%ALL/Patient", Database="%DEFAULTDB"), put(A, "global-mapping:%ALL/Patient", Database="%DEFAULTDB"))),
    ("%DEFAULTDB is a database everywhere", "CFG-502", put(B, "global-mapping:%ALL/Patient", Database="%DEFAULTDB")),
    ("a mapping of the product that only one release has", "CFG-501", put(B, "global-mapping:INTEROP/EnsNew", Database="ENSLIB")),
    ("a mapping that %ALL overrules", "CFG-501", put(B, "global-mapping:EMR/HospShared*", Database="LAB")),
    ("a database that is mounted on neither", "CFG-502", each(local(A, "database:ARCHIVE2019", Mounted=False), local(B, "database:ARCHIVE2019", Mounted=False))),
    ("the credentials of a namespace that is not mirrored", "CFG-516", put(A, "database:USERSECONDARY")),
    ("credentials that are mirrored", "CFG-516", put(A, "database:INTEROPSECONDARY", MirrorSetName="HOSPITAL", MirrorDBName="INTEROPSECONDARY")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "name", "change"), BY_DESIGN, ids=[case[0] for case in BY_DESIGN])
def test_what_is_by_design_raises_no_alarm(members: Snapshots, said: str, name: str, change: Change) -> None:
    change(members)
    found = worst(assess(members), name)
    assert found.outcome is PASS, (said, found)


def test_a_mapping_of_all_namespaces_is_told_once(members: Snapshots) -> None:
    drop(B, SHARED)(members)
    assert worst(assess(members), "CFG-501").seen == f"{SHARED} is not there"
