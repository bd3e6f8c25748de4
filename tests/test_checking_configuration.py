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
PAGES = "file:web-application:/emr"
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
    ("CFG-504", FAIL, each(drop(B, PRODUCTION), observe(B, "namespaces.interoperable", {"INTEROP": False}))),
    ("CFG-504", FAIL, each(local(A, PRODUCTION, Status="1"), put(A, PRODUCTION, AutoStart=False))),
    ("CFG-505", FAIL, drop(B, "web-application:/emr")),
    ("CFG-505", FAIL, put(B, "web-application:/emr", Enabled=False)),
    ("CFG-505", FAIL, put(B, "web-application:/emr", Resource=None)),
    ("CFG-505", FAIL, put(B, "web-application:/lab/api", DispatchClass="Hosp.Lab.Old")),
    ("CFG-505", FAIL, each(drop(B, f"{PAGES}/index.csp"), drop(B, f"{PAGES}/style.css"))),
    ("CFG-505", UNKNOWN, unread(B, "web-application:/emr", "Enabled")),
    ("CFG-505", FAIL, each(unread(B, "web-application:/emr", "Enabled"), drop(B, "web-application:/portal"))),
    ("CFG-507", FAIL, put(B, "service:%Service_Mirror", Enabled=False)),
    ("CFG-507", FAIL, put(B, "service:%Service_WebGateway", Enabled=False)),
    ("CFG-507", FAIL, each(put(B, "service:%Service_Bindings", Enabled=False), observe(A, "processes", [{"Routine": "%SYS.BINDSRV"}]))),
    ("CFG-507", WARN, put(B, "service:%Service_Console", Enabled=False)),
    ("CFG-507", WARN, put(B, "service:%Service_Telnet", Enabled=True)),
    ("CFG-508", FAIL, drop(B, "sql-gateway-connection:Accounts")),
    ("CFG-508", FAIL, drop(B, "language-server:PdfServer")),
    ("CFG-508", FAIL, drop(B, "file:sql-gateway-connection:Insurance/postgresql.jar")),
    ("CFG-508", UNKNOWN, unread(B, "sql-gateway-connection:Insurance", "classpath")),
    ("CFG-509", FAIL, put(B, "web-application:/lab/api", DispatchClass="%ZLab.Api")),
    ("CFG-509", FAIL, put(B, "user:nurse", Routine="menu^%ZMENU")),
    ("CFG-509", WARN, each(put(A, "user:nurse", Routine="%ZMENU"), put(B, "user:nurse", Routine="%ZMENU"))),
    ("CFG-510", FAIL, drop(B, f"{PAGES}/style.css")),
    ("CFG-510", WARN, put(B, f"{PAGES}/style.css", Hash="another")),
    ("CFG-510", UNKNOWN, unread(B, f"{PAGES}/style.css", "Hash")),
    ("CFG-511", FAIL, drop(B, "custom-code:Z.Tools.cls")),
    ("CFG-511", FAIL, put(B, "custom-code:%ZSTART.mac", Hash="another")),
    ("CFG-511", FAIL, put(B, "custom-code:ZAUTHORIZE.mac", Hash="here only")),
    ("CFG-511", WARN, put(B, "custom-code:Z.Tools.cls", Hash="another")),
    ("CFG-511", UNKNOWN, unread(B, "custom-code:Z.Tools.cls", "Hash")),
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
    ("an application of the product", "CFG-505", put(B, "web-application:/csp/user", Enabled=False)),
    ("an application that is disabled on the primary", "CFG-505", each(put(A, "web-application:/emr", Enabled=False), drop(B, "web-application:/emr"))),
    ("a driver that another gateway uses as well", "CFG-508", each(*(
        each(put(name, "sql-gateway-connection:Claims", isJDBC=True), local(name, "sql-gateway-connection:Claims", classpath="/opt/jdbc/postgresql.jar")) for name in (A, B)))),
    ("a class in a mirrored database", "CFG-509", put(B, "task:EMR/Night report", TaskClass="Hosp.Task.Other")),
    ("a class of a namespace that begins with Z", "CFG-509", put(B, "task:EMR/Night report", TaskClass="Zentral.Task")),
    ("a class of %Z that is mapped elsewhere", "CFG-509", each(
        put(B, "package-mapping:%ALL/%ZLab", Database="LABCODE"), put(B, "web-application:/lab/api", DispatchClass="%ZLab.Api"))),
    ("a file more on the member", "CFG-510", put(B, f"{PAGES}/left.csp", Hash="left over")),
    ("a routine more on the member", "CFG-511", put(B, "custom-code:ZTRY.mac", Hash="left over")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "name", "change"), BY_DESIGN, ids=[case[0] for case in BY_DESIGN])
def test_what_is_by_design_raises_no_alarm(members: Snapshots, said: str, name: str, change: Change) -> None:
    change(members)
    found = worst(assess(members), name)
    assert found.outcome is PASS, (said, found)


def test_a_mapping_of_all_namespaces_is_told_once(members: Snapshots) -> None:
    drop(B, SHARED)(members)
    assert worst(assess(members), "CFG-501").seen == f"{SHARED} is not there"
