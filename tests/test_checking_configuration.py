"""Configuration that decides whether applications work after the switch: each check finds what it declares, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest

from driftsync.checking import check, view_member
from driftsync.checks import all_checks
from driftsync.checks.spec import Past
from driftsync.files import SnapshotInMemory
from driftsync.model import Acknowledgement, Coverage, Finding, Gap, Outcome, Severity, Snapshot
from driftsync.remembering import past_of
from driftsync.store import Found, MemberRead, Store
from tests.test_checking import (
    DR,
    FAIL,
    PASS,
    RPT,
    UNKNOWN,
    WARN,
    A,
    B,
    Change,
    Snapshots,
    assess,
    clean,
    drift_of,
    drop,
    each,
    finds,
    members,
    observe,
    put,
    read,
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
AGENT = "Mirror Monitor Launch Task"
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


def gap(name: str, kind: str) -> Change:
    """Let something of a kind be unreadable."""

    def change(snapshots: Snapshots) -> None:
        header = snapshots[name].header
        header = msgspec.structs.replace(header, gaps=[*header.gaps, Gap(kind=kind, reason="refused")])
        snapshots[name] = msgspec.structs.replace(snapshots[name], header=header)

    return change


def blind(name: str, kind: str) -> Change:
    """Let a kind be unreadable as a whole."""

    def change(snapshots: Snapshots) -> None:
        header = snapshots[name].header
        coverage = {**header.coverage, kind: Coverage.NONE}
        items = tuple(item for item in snapshots[name].items if item.key.kind != kind)
        header = msgspec.structs.replace(header, coverage=coverage, items=len(items))
        snapshots[name] = Snapshot(header=header, items=items)

    return change


def agent(minutes: int) -> Change:
    """Let the backup be of a health product whose agent was started so many minutes before it was read."""

    def change(snapshots: Snapshots) -> None:
        put(B, "database:HSSYS")(snapshots)
        put(B, f"task:HSSYS/{AGENT}", TaskClass="HS.Util.Mirror.Task", MirrorStatus=3, Type=0)(snapshots)
        header = snapshots[B].header
        zone = timedelta(minutes=int(header.facts.observed["platform.time_zone"]))
        last = (
            datetime.fromisoformat(header.taken_at).replace(tzinfo=None) - zone - timedelta(minutes=minutes)
        )
        run = {
            "Name": AGENT,
            "NameSpace": "HSSYS",
            "LastStarted": last.isoformat(sep=" ", timespec="seconds"),
        }
        observe(B, "task.runs", [run])(snapshots)

    return change


CASES: list[tuple[str, Outcome, Change]] = [
    ("CFG-500", WARN, put(B, "audit-event:Emr/Record/Read", Description="another")),
    ("CFG-500", FAIL, drop(B, "role:Nurse")),
    ("CFG-502", FAIL, drop(B, "database:EMRCODE")),
    ("CFG-503", FAIL, put(B, "task:EMR/Night report", MirrorStatus=None)),
    ("CFG-503b", FAIL, put(B, "task:EMR/Night report", MirrorStatus=1, RunAsUser="nobody")),
    ("CFG-503b", FAIL, each(put(B, "task:EMR/Night report", MirrorStatus=1, RunAsUser="nina"), put(B, "user:nina", Enabled=False))),
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
    ("CFG-515", UNKNOWN, unread(DR, "database:EMR", "ResourceName")),
    ("CFG-520", WARN, observe(B, "configuration.pending_restart", True)),
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
    ("CFG-506", FAIL, drop(B, "user:nina")),
    ("CFG-506", FAIL, put(B, "user:nina", Enabled=False)),
    ("CFG-506", FAIL, put(B, "user:nina", ExpirationDate="2020-01-01")),
    ("CFG-506", FAIL, put(B, "user:nina", Roles=[])),
    ("CFG-506", FAIL, put(B, "role:Doctor", GrantedRoles=[])),
    ("CFG-506", FAIL, each(local(B, "user:nina", LoginDateTime="2025-01-01T08:00:00Z"), put(B, "security-settings:SYSTEM", InactiveLimit=90))),
    ("CFG-506", WARN, local(B, "user:nina", PasswordChangedDateTime="2024-01-01T08:00:00Z")),
    ("CFG-506", UNKNOWN, unread(B, "user:nina", "Roles")),
    ("CFG-506b", FAIL, drop(B, "sql-privilege:EMR/1,Emr.Visit/s/Nurse")),
    ("CFG-506b", FAIL, drop(B, "resource:Lab_Release")),
    ("CFG-506b", UNKNOWN, blind(B, "sql-privilege")),
    ("CFG-506c", WARN, each(put(B, "user:helper", Enabled=True, Roles=["%All"], Flags=1), local(B, "user:helper", CreateDateTime="2026-01-01T08:00:00Z"))),
    ("CFG-506c", WARN, each(put(B, "role:Doctor", GrantedRoles=["%All"]), *(local(B, f"user:{name}", CreateDateTime="2026-01-01T08:00:00Z") for name in ("dora", "locum")))),
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
    ("CFG-509", FAIL, put(B, "user:nina", Routine="menu^%ZMENU")),
    ("CFG-509", WARN, each(put(A, "user:nina", Routine="%ZMENU"), put(B, "user:nina", Routine="%ZMENU"))),
    ("CFG-510", FAIL, drop(B, f"{PAGES}/style.css")),
    ("CFG-510", WARN, put(B, f"{PAGES}/style.css", Hash="another")),
    ("CFG-510", UNKNOWN, unread(B, f"{PAGES}/style.css", "Hash")),
    ("CFG-511", FAIL, drop(B, "custom-code:Z.Tools.cls")),
    ("CFG-511", FAIL, put(B, "custom-code:%ZSTART.mac", Hash="another")),
    ("CFG-511", FAIL, put(B, "custom-code:ZAUTHORIZE.mac", Hash="here only")),
    ("CFG-511", WARN, put(B, "custom-code:Z.Tools.cls", Hash="another")),
    ("CFG-511", PASS, put(B, "custom-code:ZMIRROR.mac", Hash="another")),  # MIR-021 tells it
    ("CFG-511", UNKNOWN, unread(B, "custom-code:Z.Tools.cls", "Hash")),
    ("CFG-512", UNKNOWN, put(B, "database:HSSYS")),
    ("CFG-512", FAIL, agent(30)),
    ("CFG-512", PASS, agent(5)),
    ("CFG-513", UNKNOWN, gap(B, "file")),
    ("CFG-513", UNKNOWN, blind(B, "user")),
    ("CFG-518", WARN, drop(RPT, "task-manager-settings:SMTPServer")),
    ("CFG-518", UNKNOWN, blind(RPT, "task-manager-settings")),
    ("CFG-521", FAIL, put(B, "instance-setting:config/globals", Value=["0", "0", "65536", "0", "0", "0"])),
    ("CFG-521", FAIL, observe(DR, "platform.memory", 4096)),
    ("CFG-521", UNKNOWN, observe(DR, "platform.memory", 0)),
    ("CFG-521", UNKNOWN, put(DR, "instance-setting:config/gmheap", Value="plenty")),
    ("JRN-308", UNKNOWN, observe(DR, "databases", None)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "outcome", "change"), CASES, ids=[f"{case[0]}-{case[1].value}" for case in CASES]
)
def test_a_check_finds_what_it_declares(
    members: Snapshots, name: str, outcome: Outcome, change: Change
) -> None:
    finds(members, name, outcome, change)


def test_every_declared_outcome_has_a_case() -> None:
    covered = {(name, outcome) for name, outcome, _change in CASES}
    declared = [one for one in all_checks() if one.id.startswith("CFG-")]
    lacking = [
        (one.id, outcome.value)
        for one in declared
        for outcome in one.outcomes - {PASS}
        if (one.id, outcome) not in covered | AFTER_RUNS
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
    ("an account that LDAP makes at the login", "CFG-506", each(put(A, "user:nina", Flags=2), drop(B, "user:nina"))),
    ("an account that is disabled on the primary too", "CFG-506", each(put(A, "user:nina", Enabled=False), put(B, "user:nina", Enabled=False))),
    ("an account that was made lately and never used", "CFG-506", put(B, "security-settings:SYSTEM", InactiveLimit=90)),
    ("a role more on the member", "CFG-506b", put(B, "role:Try", Resources={"%DB_USER": "R"})),
    ("the account of the installing user of the operating system", "CFG-506c", each(
        put(B, "user:root", Enabled=True, Roles=["%All"], Flags=1), local(B, "user:root", CreateDateTime="2026-11-21T08:00:00Z"),
        local(B, "user:_SYSTEM", CreateDateTime="2026-11-21T07:58:00Z"))),
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


def test_an_application_that_is_missing_is_told_once(members: Snapshots) -> None:
    each(drop(B, "web-application:/portal"), drop(B, "file:web-application:/portal/index.html"))(members)
    assert worst(assess(members), "CFG-505").seen == "web-application:/portal is not there"


def test_a_mirror_of_a_guarded_release_is_ready_too() -> None:
    """From 2025.2 security data stand in a database of their own, which is read by other routes."""
    findings = assess(read("clean", "2025.2")).findings
    assert {one.outcome for one in findings} == {PASS, Outcome.MANUAL}


AFTER_RUNS = {("CFG-513", WARN), ("CFG-514", WARN)}
"""What needs earlier runs stands in cases of its own."""


def after(past: Past | None, snapshots: Snapshots, name: str) -> Finding:
    """Return what a check finds where earlier runs told something."""
    views = {name: view_member(SnapshotInMemory(one)) for name, one in snapshots.items()}
    readiness = check("HOSPITAL", views, unread={}, drift=drift_of(snapshots), past=past)
    return worst(readiness, name)


def ago(snapshots: Snapshots, hours: int) -> Mapping[str, str]:
    read = {name: datetime.fromisoformat(one.header.taken_at) for name, one in snapshots.items()}
    return {name: (at - timedelta(hours=hours)).isoformat() for name, at in read.items()}


@pytest.mark.parametrize(("hours", "outcome"), [(25, PASS), (26, WARN), (70, WARN)])
def test_a_night_without_a_run_is_noticed(members: Snapshots, hours: int, outcome: Outcome) -> None:
    found = after(Past(last_read=ago(members, hours)), members, "CFG-513")
    assert (found.outcome, f"{hours} hours" in found.seen) == (outcome, True)


def test_a_member_that_no_kept_run_read(members: Snapshots) -> None:
    last = {name: at for name, at in ago(members, 2).items() if name != DR}
    found = after(Past(last_read=last), members, "CFG-513")
    assert (found.outcome, found.member) == (WARN, DR)


@pytest.mark.parametrize("name", ["CFG-513", "CFG-514"])
def test_runs_that_cannot_be_looked_at_are_unknown(members: Snapshots, name: str) -> None:
    assert after(Past(untold="the store is damaged"), members, name).outcome is UNKNOWN


@pytest.mark.parametrize("name", ["CFG-513", "CFG-514"])
def test_where_no_run_is_kept_it_is_said(members: Snapshots, name: str) -> None:
    found = after(None, members, name)
    assert found.outcome is PASS
    assert "no run is kept" in found.seen


@pytest.mark.parametrize(("days", "outcome"), [(-1, PASS), (0, WARN), (14, WARN), (15, PASS)], ids=str)
def test_what_was_accepted_and_ends_soon_is_named(members: Snapshots, days: int, outcome: Outcome) -> None:
    until = datetime.fromisoformat(members[A].header.taken_at).date() + timedelta(days=days)
    found = after(Past(accepted=(accepted("role:Nurse", until),)), members, "CFG-514")
    assert found.outcome is outcome
    if outcome is WARN:
        assert found.seen == f"role:Nurse on {B}, accepted by Li Wei until {until}"


def accepted(key: str, until: date) -> Acknowledgement:
    words: dict[str, Any] = {"reason": "?", "accepted_at": "2026-01-01T00:00:00+00:00", "seen": "?"}
    return Acknowledgement(
        mirror="HOSPITAL", member=B, key=key, owner="Li Wei", until=until.isoformat(), **words
    )


def test_drift_of_people_calls_for_a_directory(members: Snapshots) -> None:
    """Information: it never changes the verdict."""
    assert "LDAP" not in worst(assess(members), "CFG-519").seen
    each(*(drop(B, f"user:{name}") for name in ("nina", "dora", "lara", "analyser", "locum")))(members)
    found = worst(assess(members), "CFG-519")
    assert (found.outcome, "LDAP or Kerberos" in found.seen) == (PASS, True)
    each(*(drop(B, f"web-application:{name}") for name in ("/emr", "/portal", "/lab/api")))(members)
    put(B, STARTS, Value=False)(members)
    put(B, "audit-event:Emr/Record/Read", Description="another")(members)
    drop(B, PRODUCTION)(members)
    assert "LDAP" not in worst(assess(members), "CFG-519").seen


def test_a_database_that_was_compacted_on_one_member(members: Snapshots) -> None:
    """Information: what is to follow, in its order; no danger for the switch."""
    rows = [
        {**row, "Size": "100"} if row["Directory"] == "/data/emr/" else row
        for row in members[A].header.facts.observed["databases"]
    ]
    observe(A, "databases", rows)(members)
    found = worst(assess(members), "JRN-308")
    assert found.outcome is PASS
    assert f"EMR: 100 MB on {A}, 512 MB on {B}" in found.seen
    assert found.seen.index("planned switch") < found.seen.index("DR asyncs")


def test_the_store_tells_who_was_read_and_what_is_accepted(members: Snapshots, tmp_path: Path) -> None:
    """An acknowledgement of a difference that is no longer there ends unnoticed, and may."""
    now, member = datetime.now(timezone.utc), members[B].header
    with Store(tmp_path / "store.sqlite") as store:
        with store.writing():
            run = store.add_run("HOSPITAL", now, now, A, differences=1, complete=False, version="test")
            store.add_reading(run, MemberRead(B, "", member))
            store.add_reading(run, MemberRead(DR, "", error="silent"))
            there = Found(B, "role:nurse", "role", "missing", Severity.APPLICATION, "?")
            store.see("HOSPITAL", run, now, there, first=now)
            store.acknowledge(accepted("role:Nurse", now.date()))
            store.acknowledge(accepted("role:Doctor", now.date()))
        past = past_of(store, "HOSPITAL", [A, B, DR], now)
    assert past is not None
    assert past.last_read.keys() == {B}
    assert [each.key for each in past.accepted] == ["role:Nurse"]
