"""Readiness: a healthy mirror is ready, each check finds what it declares, and what could not be read is never good."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from driftsync.checking import check, verdict_of, view_member
from driftsync.checks import manual_checks
from driftsync.checks.spec import Declared, MemberView
from driftsync.comparing import compare
from driftsync.connections import Address, connect
from driftsync.extracting import Wanted, extract
from driftsync.files import SnapshotInMemory, write_snapshot, written_whole
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import parse_key
from driftsync.lab.scenarios import MEMBERS, PASSWORDS, build, own_directories
from driftsync.lab.serving import Server
from driftsync.logs import read_log
from driftsync.model import (
    Coverage,
    Drift,
    Finding,
    Gap,
    Item,
    Member,
    MemberRole,
    Outcome,
    Readiness,
    Snapshot,
    Verdict,
)

A, B, DR, RPT = "A", "B", "DR", "RPT"
PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
Snapshots = dict[str, Snapshot]
Change = Callable[[Snapshots], object]


def read(scenario: str, profile: str = "2024.1") -> Snapshots:
    """Read the four members of a scenario through the driver."""
    found: Snapshots = {}
    for name, state in zip((A, B, DR, RPT), build(scenario, profile).states, strict=True):
        with Server(state.instance) as server:
            address = Address(
                "127.0.0.1", server.port, user="driftsync", password=PASSWORDS["driftsync"], deadline=20.0
            )
            found[name] = extract(
                partial(connect, address, name),
                Member(name=name),
                fingerprinter=Fingerprinter(b"k" * 32),
                wanted=Wanted(
                    directories=own_directories(state.instance.name),
                    logs_since=datetime.now(timezone.utc) - timedelta(days=7),
                ),
            )
    assert len(found) == len(MEMBERS[scenario])
    return found


@pytest.fixture(scope="module")
def clean() -> Snapshots:
    return read("clean")


@pytest.fixture
def members(clean: Snapshots) -> Snapshots:
    return dict(clean)


def assess(
    snapshots: Snapshots,
    unread: Mapping[str, str] | None = None,
    promote: str = "",
    declared: Declared | None = None,
) -> Readiness:
    views = {name: view_member(SnapshotInMemory(each)) for name, each in snapshots.items()}
    drift = drift_of(snapshots)
    return check("HOSPITAL", views, unread=unread or {}, promote=promote, drift=drift, declared=declared)


def drift_of(snapshots: Snapshots) -> Drift | None:
    return compare(snapshots[A], snapshots[B]) if A in snapshots and B in snapshots else None


def worst(readiness: Readiness, name: str) -> Finding:
    found = [each for each in readiness.findings if each.id == name]
    assert found, name
    return min(found, key=lambda each: list(Outcome).index(each.outcome))


def observe(name: str, fact: str, value: Any) -> Change:
    """Let a member say something else."""

    def change(snapshots: Snapshots) -> None:
        header = snapshots[name].header
        facts = msgspec.structs.replace(header.facts, observed={**header.facts.observed, fact: value})
        snapshots[name] = msgspec.structs.replace(
            snapshots[name], header=msgspec.structs.replace(header, facts=facts)
        )

    return change


def role(name: str, value: MemberRole, status: str) -> Change:
    def change(snapshots: Snapshots) -> None:
        header = snapshots[name].header
        member = msgspec.structs.replace(header.member, role=value)
        snapshots[name] = msgspec.structs.replace(
            snapshots[name], header=msgspec.structs.replace(header, member=member)
        )
        observe(name, "mirror.status", status)(snapshots)

    return change


def put(name: str, key: str, **compared: Any) -> Change:
    """Give a member an item, or other values of one."""

    def change(snapshots: Snapshots) -> None:
        wanted = parse_key(key)
        items = {item.key.match: item for item in snapshots[name].items}
        before = items.get(wanted.match)
        items[wanted.match] = Item(
            key=before.key if before else wanted,
            compared={**(before.compared if before else {}), **compared},
            local=before.local if before else {},
        )
        replace_items(snapshots, name, items)

    return change


def drop(name: str, key: str) -> Change:
    def change(snapshots: Snapshots) -> None:
        gone = parse_key(key).match
        items = {item.key.match: item for item in snapshots[name].items if item.key.match != gone}
        replace_items(snapshots, name, items)

    return change


def replace_items(snapshots: Snapshots, name: str, items: dict[str, Item]) -> None:
    header = msgspec.structs.replace(snapshots[name].header, items=len(items))
    snapshots[name] = Snapshot(header=header, items=tuple(items[key] for key in sorted(items)))


def leave(*names: str) -> Change:
    def change(snapshots: Snapshots) -> None:
        for name in names:
            del snapshots[name]

    return change


def each(*changes: Change) -> Change:
    def change(snapshots: Snapshots) -> None:
        for one in changes:
            one(snapshots)

    return change


def every(fact: str, value: Any) -> Change:
    return each(*(observe(name, fact, value) for name in (A, B, DR, RPT)))


def database(status: str) -> list[dict[str, str]]:
    return [{"Name": "EMR", "MirrorStatus": status}]


def no_address_known(name: str) -> Change:
    def change(snapshots: Snapshots) -> None:
        header = snapshots[name].header
        facts = msgspec.structs.replace(header.facts, virtual_address=None)
        snapshots[name] = msgspec.structs.replace(
            snapshots[name], header=msgspec.structs.replace(header, facts=facts)
        )

    return change


def listed_as(name: str, **values: str) -> Change:
    """Let the primary's list of members show another text."""

    def change(snapshots: Snapshots) -> None:
        member = snapshots[name].header.member.instance
        rows = snapshots[A].header.facts.observed["mirror.members"]
        assert isinstance(rows, list)
        observe(
            A, "mirror.members", [{**row, **values} if row["MemberName"] == member else row for row in rows]
        )(snapshots)

    return change


def put_local(name: str, key: str, **local: Any) -> Change:
    """Give a member other values of what rightly differs."""

    def change(snapshots: Snapshots) -> None:
        items = {item.key.match: item for item in snapshots[name].items}
        wanted = parse_key(key).match
        items[wanted] = msgspec.structs.replace(items[wanted], local={**items[wanted].local, **local})
        replace_items(snapshots, name, items)

    return change


def unlabelled(name: str, key: str) -> Change:
    """Give a member a database whose label could not be read."""

    def change(snapshots: Snapshots) -> None:
        items = {item.key.match: item for item in snapshots[name].items}
        wanted = parse_key(key)
        items[wanted.match] = Item(key=wanted, compared={}, unread=("MirrorSetName", "ReadOnly"))
        replace_items(snapshots, name, items)

    return change


def logged(name: str, *texts: str, short: str = "") -> Change:
    """Let a member's log tell something, an hour between lines; a severity stands before each text."""
    from driftsync.extracting.logs import facts_of
    from tests.test_logs import NOW, OLD, WEEK, Memory, line

    def change(snapshots: Snapshots) -> None:
        told = OLD + "".join(
            line(text[2:], len(texts) - number, int(text[0])) for number, text in enumerate(texts)
        )
        facts = facts_of(read_log([Memory(told.encode())], WEEK, now=NOW))
        facts["log.window"]["short"] = short
        for fact, value in facts.items():
            observe(name, fact, value)(snapshots)

    return change


LOST, BACK = "2 Arbiter connection lost", "0 Connected to arbiter arbiter|2188"
NO_BACKUP = "2 MirrorServer: Connection to HOSPB/IRIS (backup) terminated"
NO_ASYNC = "1 MirrorServer: Connection to HOSPDR/IRIS (async member) terminated"
NO_PRIMARY = "2 Async member for HOSPITAL started but failed to connect to primary"
TO_AGENT = "0 Switched from Arbiter Controlled to Agent Controlled failover on request from primary"
TO_ARBITER = "0 Switched from Agent Controlled to Arbiter Controlled failover on request from primary"
PRIMARY = "2 Becoming primary mirror server"
NEITHER = "2 Failed to become either Primary or Backup at startup"
NO_ADDRESS = "2 AddVirtualAddress failed, cannot become primary"
CATCHUP, DOWN = (
    "0 Mirror Catchup started for /data/emr/",
    "2 Previous system shutdown was abnormal, ^SHUTDOWN forced down",
)
MIRROR = "mirror:HOSPITAL"
CASES: list[tuple[str, Outcome, Change]] = [
    ("MIR-001", FAIL, observe(B, "mirror.failover_ready", [0, "The backup is not active"])),
    ("MIR-002", FAIL, role(B, MemberRole.PRIMARY, "PRIMARY")),
    ("MIR-003", WARN, role(B, MemberRole.FAILOVER, "SYNCHRONIZING")),
    ("MIR-003", FAIL, role(B, MemberRole.FAILOVER, "CRASHED")),
    ("MIR-003", FAIL, listed_as(B, CurrentStatus="Down")),
    ("MIR-003", PASS, listed_as(B, CurrentStatus="活动")),
    ("MIR-004", PASS, listed_as(B, JournalTimeLatency="活动")),
    ("MIR-004", WARN, listed_as(B, JournalTimeLatency="被捕获")),
    ("MIR-004", FAIL, listed_as(B, JournalTimeLatency="12 seconds behind")),
    ("MIR-004", FAIL, listed_as(B, JournalTimeLatency="Disconnected on 2026-11-20 22:10:00")),
    ("MIR-004", UNKNOWN, listed_as(B, JournalTimeLatency="ça va")),
    ("MIR-007", WARN, observe(B, "mirror.arbiter", "This member is not connected")),
    ("MIR-007", UNKNOWN, observe(B, "mirror.arbiter", "7")),
    ("MIR-008", FAIL, observe(A, "mirror.arbiter", "Only this member is connected")),
    ("MIR-008", FAIL, logged(A, TO_AGENT)),
    ("MIR-008", PASS, logged(A, TO_AGENT, TO_ARBITER)),
    ("MIR-013", UNKNOWN, observe(B, "databases", [{"Directory": "/data/emr/", "Status": "?"}])),
    ("MIR-014", PASS, each(put(A, "database:TEMP", GlobalJournalState=2), put(A, "namespace:EMR", TempGlobals="TEMP", Globals="TEMP"))),
    ("MIR-014", PASS, put(A, "namespace:EMR", Routines="IRISLIB")),
    ("MIR-014", WARN, each(put(A, "database:NEW", GlobalJournalState=3), put(A, "package-mapping:EMR/Hosp.New", Database="NEW"))),
    ("MIR-014", UNKNOWN, each(unlabelled(A, "database:NEW"), put(A, "package-mapping:EMR/Hosp.New", Database="NEW"))),
    ("MIR-018", UNKNOWN, observe(DR, "mirror.promote_check", "?")),
    ("MIR-019", FAIL, put_local(B, "mirror-member:this", ValidatedMember=False)),
    ("MIR-019", PASS, put_local(RPT, "mirror-member:this", ValidatedMember=False)),
    ("MIR-021", FAIL, drop(B, "custom-code:ZMIRROR.mac")),
    ("MIR-021", FAIL, put(B, "custom-code:ZMIRROR.mac", Hash="another")),
    ("MIR-005", FAIL, listed_as(DR, DatabaseTimeLatency="Some databases need attention")),
    ("MIR-011", UNKNOWN, observe(DR, "mirror.databases", database("Good enough"))),
    ("MIR-005", WARN, observe(B, "mirror.database_latency", 12)),
    ("MIR-005", FAIL, observe(DR, "mirror.database_latency", 3600)),
    ("MIR-005", FAIL, observe(B, "mirror.database_latency", -1)),
    ("MIR-006", WARN, observe(DR, "mirror.journal_latency", 300)),
    ("MIR-006", FAIL, observe(RPT, "mirror.status", "STOPPED")),
    ("MIR-006", FAIL, observe(RPT, "mirror.status", "MULTIASYNC^1/2")),
    ("MIR-008", FAIL, observe(B, "mirror.failover_mode", "Agent Controlled")),
    ("MIR-008", PASS, observe(A, "mirror.failover_mode", "仲裁程序受控制")),
    ("MIR-009", FAIL, put(A, MIRROR, DefinedPrimary="HOSPA/IRIS")),
    ("MIR-010", FAIL, observe(A, "mirror.member_status", ["Primary", "Trouble"])),
    ("MIR-011", WARN, each(observe(B, "mirror.databases", database("Needs Catchup")), put(B, "database:EMR", MountRequired=False))),
    ("MIR-011", FAIL, each(observe(B, "mirror.databases", database("Needs Catchup")), put(B, "database:EMR", MountRequired=True))),
    ("MIR-011", FAIL, observe(DR, "mirror.databases", database("Database Dismounted"))),
    ("MIR-012", FAIL, observe(DR, "mirror.missing_databases", [{"MirrorDBName": "LAB"}])),
    ("MIR-020", WARN, put(A, MIRROR, QOSTimeout=2000)),
    ("MIR-022", FAIL, observe(B, "processes", [{"Routine": "Mirror Master"}])),
    ("PLT-101", FAIL, observe(B, "platform.number", "2024.1.1")),
    ("PLT-101", WARN, observe(DR, "platform.number", "2024.1.1")),
    ("PLT-101", FAIL, each(every("platform.number", "2025.2.0"), observe(DR, "platform.number", "2024.1.1"))),
    ("PLT-102", FAIL, observe(B, "platform.unicode", 0)),
    ("PLT-102", FAIL, each(drop(B, "nls-locale:enuw"), put(B, "nls-locale:chsw"))),
    ("PLT-104", WARN, put(A, MIRROR, ArbiterNode="")),
    ("PLT-104", FAIL, each(put(A, MIRROR, ArbiterNode="hosp-b|2188"), put(A, "mirror-member-map:HOSPITAL/HOSPB/IRIS", AgentAddress="hosp-b", MemberType=0))),
    ("PLT-108", WARN, put(B, "instance-setting:Startup/DefaultPort", Value=51773)),
    ("PLT-103", FAIL, observe(A, "mirror.agent", "0 ERROR #2090: agent is older")),
    ("PLT-105b", UNKNOWN, no_address_known(A)),
    ("PLT-108", UNKNOWN, drop(B, "instance-setting:config/MaxServerConn")),
    ("PLT-110", FAIL, put(B, "instance-setting:config/globals", Value=["0", "0", "1024", "0", "0", "0"])),
    ("PLT-110", UNKNOWN, put(B, "instance-setting:config/routines", Value="many")),
    ("PLT-109", WARN, observe(B, "platform.time", "60000,0")),
    ("PLT-109", FAIL, observe(B, "platform.time_zone", "-480")),
    ("PLT-110", WARN, each(put(A, "instance-setting:config/gmheap", Value=1000), put(B, "instance-setting:config/gmheap", Value=900))),
    ("PLT-110", FAIL, each(put(A, "instance-setting:config/gmheap", Value=1000), put(B, "instance-setting:config/gmheap", Value=500))),
    ("LIC-201", WARN, observe(B, "licence.expires", 67901)),
    ("LIC-201", FAIL, observe(B, "licence.expires", 60000)),
    ("LIC-201", PASS, every("licence.expires", "")),
    ("LIC-202", FAIL, observe(A, "licence.most_used", 500)),
    ("SSL-203", FAIL, observe(B, "mirror.certificates", "0 the certificate has expired")),
    ("KEY-206", FAIL, put(B, "database:EMR", EncryptedDB=True, EncryptionKeyID="NOT-ACTIVE")),
    ("KEY-206", FAIL, each(observe(A, "journal.encrypted", 1), drop(B, "encryption-key:0A1B2C3D-0000-4000-8000-00000000EMR1"))),
    ("KEY-207", WARN, each(every("journal.encrypted", 1), observe(B, "journal.encrypted", 0))),
    ("KEY-207", FAIL, each(every("journal.encrypted", 1), observe(RPT, "journal.encrypted", 0))),
    ("SSL-204", UNKNOWN, observe(B, "certificates", [{"Name": "X", "File": "/x", "Until": "", "Unread": "refused"}])),
    ("SSL-204", FAIL, observe(B, "certificates", [{"Name": "X", "Until": "2020-01-01 00:00:00"}, {"Name": "Y", "Unread": "refused"}])),
    ("SSL-204", PASS, every("certificates", [])),
    ("KEY-206", FAIL, each(every("journal.encrypted", 1), put_local(A, "security-settings:SYSTEM", DBEncJournalKeyID="K1"))),
    ("KEY-207", FAIL, each(every("journal.encrypted", 1), put(A, MIRROR, UseSSL=False))),
    ("JRN-302", WARN, observe(B, "mirror.journals", [{"Name": "MIRROR-H-20260101.001"}])),
    ("JRN-302", UNKNOWN, observe(B, "mirror.journals", [{"Name": "?"}])),
    ("JRN-302", WARN, logged(A, "2 Preserving all mirror journal files for offline failover member")),
    ("JRN-304", WARN, observe(B, "databases.space", [{"Directory": "/data/emr/", "Size": "4GB", "ExpansionSize": "0", "DiskFreeSpace": "9GB"}])),
    ("JRN-304", PASS, observe(B, "databases.space", [{"Directory": "/data/emr/", "Size": "600", "ExpansionSize": "100", "DiskFreeSpace": "1TB"}])),
    ("JRN-304", UNKNOWN, observe(B, "databases.space", [{"Directory": "/data/emr/", "Size": "600", "DiskFreeSpace": "plenty"}])),
    ("JRN-306", PASS, logged(DR, CATCHUP, "0 Mirror Catchup completed for /data/emr/", DOWN)),
    ("JRN-306", PASS, logged(DR, DOWN, CATCHUP)),
    ("JRN-306", WARN, logged(DR, CATCHUP, DOWN, "0 Mirror Catchup completed for /data/emr/")),
    ("JRN-301", WARN, observe(B, "journal.free_megabytes", 200)),
    ("JRN-301", FAIL, observe(A, "journal.free_megabytes", 20)),
    ("JRN-303", WARN, observe(B, "journal.alternate_directory", "/journal/hosp-b")),
    ("JRN-303", FAIL, observe(B, "journal.directory", "")),
    ("LOG-401", FAIL, logged(B, LOST)),
    ("LOG-401", FAIL, logged(B, LOST, BACK, LOST)),
    ("LOG-401", WARN, logged(B, LOST, BACK)),
    ("LOG-401", WARN, logged(B, LOST, TO_ARBITER)),
    ("LOG-402", FAIL, logged(A, NO_BACKUP)),
    ("LOG-402", FAIL, logged(A, NO_BACKUP, "0 MirrorServer: Connected to async member HOSPDR/IRIS")),
    ("LOG-402", WARN, logged(A, NO_BACKUP, "0 MirrorServer: Connected to backup HOSPB/IRIS")),
    ("LOG-403", WARN, logged(A, NO_ASYNC)),
    ("LOG-403", WARN, logged(A, NO_ASYNC, "0 MirrorServer: Connected to async member HOSPDR/IRIS")),
    ("LOG-404", FAIL, logged(DR, NO_PRIMARY)),
    ("LOG-404", WARN, logged(DR, NO_PRIMARY, "0 MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)")),
    ("LOG-405", WARN, logged(A, TO_AGENT)),
    ("LOG-405", PASS, logged(A, TO_AGENT, TO_ARBITER)),
    ("LOG-406", WARN, logged(A, PRIMARY)),
    ("LOG-407", WARN, logged(A, "2 Preserving all mirror journal files for offline failover member")),
    ("LOG-408", FAIL, logged(B, "2 Could not open mirror journal log to read checksum")),
    ("LOG-409", FAIL, logged(A, "2 Server^MIRRORCOMM(d): Failed to notify HOSPB/IRIS for mirror configuration change")),
    ("LOG-410", FAIL, logged(B, NEITHER)),
    ("LOG-410", WARN, logged(B, NEITHER, "0 Found HOSPA/IRIS as primary, becoming backup")),
    ("LOG-411", WARN, logged(B, "2 Previous system shutdown was abnormal, ^SHUTDOWN forced down")),
    ("LOG-412", FAIL, logged(B, PRIMARY, NO_ADDRESS)),
    ("LOG-412", PASS, logged(B, NO_ADDRESS, NO_ADDRESS, PRIMARY)),
    ("LOG-413", WARN, logged(B, "1 Production Hosp.Production is already running")),
    ("LOG-414", WARN, logged(B, "1 Mirrored database /data/emr/ is not encrypted here")),
    ("LOG-415", WARN, logged(B, "2 There are 3 licence units left", "2 There are 1 licence units left")),
    ("LOG-416", WARN, logged(B, short="bound")),
    ("LOG-416", UNKNOWN, logged(B, short="rotated")),
    ("LOG-416", UNKNOWN, logged(B, short="stale")),
    ("LOG-401", UNKNOWN, logged(B, short="alerts")),
    ("LOG-401", FAIL, logged(B, LOST, short="rotated")),
]  # fmt: skip


def written(folder: Path, snapshots: Snapshots) -> Path:
    """Write snapshots and the settings of their mirror; return the path of the settings."""
    lines = ['[mirror.HOSPITAL]\nprimary = "A"\n']
    for name, snapshot in snapshots.items():
        with written_whole(folder / f"{name}.jsonl") as file:
            write_snapshot(snapshot, file)
        lines.append(f'[member.{name}]\nsource = "{name}.jsonl"\n')
    path = folder / "driftsync.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def finds(members: Snapshots, name: str, outcome: Outcome, change: Change) -> None:
    """See that a check comes to an outcome once something was changed."""
    change(members)
    readiness = assess(members)
    assert worst(readiness, name).outcome is outcome, worst(readiness, name)
    if outcome is FAIL:
        assert readiness.verdict is Verdict.NOT_READY


@pytest.mark.parametrize(
    ("name", "outcome", "change"), CASES, ids=[f"{case[0]}-{case[1].value}" for case in CASES]
)
def test_a_check_finds_what_it_declares(
    members: Snapshots, name: str, outcome: Outcome, change: Change
) -> None:
    finds(members, name, outcome, change)


def purging_tasks(snapshot: Snapshot) -> list[str]:
    return [
        str(item.key) for item in snapshot.items if item.compared.get("TaskClass") == "%SYS.Task.PurgeJournal"
    ]


def test_a_journal_that_nobody_purges(members: Snapshots) -> None:
    [task] = purging_tasks(members[B])
    put(B, task, Suspended=1)(members)
    assert worst(assess(members), "JRN-305").outcome is FAIL
    drop(B, task)(members)
    assert worst(assess(members), "JRN-305").outcome is FAIL


def test_a_healthy_mirror_is_ready_with_nothing_but_the_manual_list(clean: Snapshots) -> None:
    readiness = assess(clean)
    assert readiness.verdict is Verdict.READY
    assert readiness.promote == B
    assert {each.outcome for each in readiness.findings} == {PASS, Outcome.MANUAL}
    assert {each.id for each in readiness.findings if each.outcome is Outcome.MANUAL} == {
        *(each.id for each in manual_checks()),
        "JRN-307",
    }


FACTS = sorted(
    {
        "mirror.status", "mirror.members", "mirror.member_status", "mirror.failover_ready", "mirror.database_latency", "mirror.databases",
        "mirror.missing_databases", "mirror.certificates", "processes", "journal.free_megabytes", "journal.directory",
        "journal.encrypted", "licence.expires", "licence.units", "platform.number", "platform.unicode",
        "platform.time", "platform.time_zone", "log.window", "log.events", "configuration.needs_activation", "configuration.pending_restart",
    }
)  # fmt: skip


def forget(fact: str, reason: str) -> Callable[[Snapshots, str], None]:
    """Let a member not say something."""

    def change(snapshots: Snapshots, name: str) -> None:
        header = snapshots[name].header
        observed = {key: value for key, value in header.facts.observed.items() if key != fact}
        facts = msgspec.structs.replace(header.facts, observed=observed, unobserved={fact: reason})
        snapshots[name] = msgspec.structs.replace(
            snapshots[name], header=msgspec.structs.replace(header, facts=facts)
        )

    return change


@pytest.mark.parametrize("fact", FACTS)
def test_what_the_backup_did_not_say_is_never_good(members: Snapshots, fact: str) -> None:
    for name in (A, B):
        forget(fact, "refused")(members, name)
    readiness = assess(members)
    assert readiness.verdict is not Verdict.READY
    assert any("refused" in each.seen for each in readiness.blocking)


@pytest.mark.parametrize(
    "kind",
    ["database", "global-mapping", "instance-setting", "mirror", "namespace", "nls-locale", "production", "resource",
     "task", "user", "encryption-key", "mirror-member-map"],
)  # fmt: skip
def test_a_kind_that_could_not_be_read_is_never_good(members: Snapshots, kind: str) -> None:
    for name in (A, B):
        header = members[name].header
        blind = msgspec.structs.replace(
            header,
            coverage={**header.coverage, kind: Coverage.NONE},
            gaps=[*header.gaps, Gap(kind=kind, reason="refused")],
        )
        kept = tuple(item for item in members[name].items if item.key.kind != kind)
        members[name] = Snapshot(header=msgspec.structs.replace(blind, items=len(kept)), items=kept)
    readiness = assess(members)
    assert readiness.verdict is not Verdict.READY


def test_a_member_that_could_not_be_read_leaves_the_answer_open(members: Snapshots) -> None:
    leave(RPT)(members)
    assert assess(members, {RPT: "no answer within 30 s"}).verdict is Verdict.UNKNOWN


def test_without_a_primary_nothing_is_ready(members: Snapshots) -> None:
    leave(A)(members)
    readiness = assess(members, {A: "cannot be reached"})
    assert readiness.verdict is not Verdict.READY
    assert worst(readiness, "MIR-002").outcome is UNKNOWN


def test_the_vendors_verdict_counts_only_for_a_pair(members: Snapshots) -> None:
    """False alarm to avoid (mirror.md 3): it always fails with a single failover member, and on asyncs."""
    leave(B)(members)
    observe(A, "mirror.failover_ready", [0, "no backup"])(members)
    assert worst(assess(members), "MIR-001").outcome is PASS
    assert not [
        each for each in assess(members).findings if each.id == "MIR-001" and each.member in {DR, RPT}
    ]


def test_without_the_method_for_the_arbiter_the_vendors_verdict_vouches_or_nothing_does(
    members: Snapshots,
) -> None:
    for name in (A, B):
        forget("mirror.arbiter", "no such method")(members, name)
    assert worst(assess(members), "MIR-007").outcome is PASS
    observe(A, "mirror.failover_ready", [0, "agent controlled"])(members)
    assert worst(assess(members), "MIR-007").outcome is UNKNOWN
    assert worst(assess(members), "MIR-008").outcome is UNKNOWN


def test_a_promoted_async_needs_an_interface_for_the_virtual_address(members: Snapshots) -> None:
    assert worst(assess(members), "MIR-018").outcome is PASS
    assert worst(assess(members, promote=DR), "MIR-018").outcome is WARN


def test_an_upgrade_that_is_declared_is_no_failure(members: Snapshots) -> None:
    """False alarm to avoid (mirror.md 3): while it lasts, failover members run different releases."""
    observe(B, "platform.number", "2024.1.1")(members)
    today = datetime.fromisoformat(members[B].header.taken_at).date()

    def outcome(first: int, last: int) -> Outcome:
        window = today + timedelta(days=first), today + timedelta(days=last)
        return worst(assess(members, declared=Declared(upgrade=window)), "PLT-101").outcome

    assert [outcome(0, 0), outcome(-1, 3), outcome(1, 3), outcome(-3, -1)] == [WARN, WARN, FAIL, FAIL]


@pytest.mark.parametrize(
    ("noted", "outcome"),
    [("2020-01-01 matched", WARN), ("2099-01-01 matched", PASS), ("2099-01-01 unmatched", WARN), ("2099-01-01", WARN),
     ("matched", UNKNOWN), ("2099-13-01 matched", UNKNOWN)],
)  # fmt: skip
def test_a_comparison_of_the_data_is_what_people_note(
    members: Snapshots, noted: str, outcome: Outcome
) -> None:
    readiness = assess(members, declared=Declared(data_check=noted))
    assert worst(readiness, "JRN-307").outcome is outcome
    assert worst(assess(members), "JRN-307").outcome is Outcome.MANUAL
    assert worst(assess(members, declared=Declared(data_check_unread="gone")), "JRN-307").outcome is UNKNOWN


def test_strict_counts_warnings(members: Snapshots) -> None:
    put(A, MIRROR, QOSTimeout=2000)(members)
    put(B, MIRROR, QOSTimeout=2000)(members)
    findings = assess(members).findings
    assert verdict_of(findings) is Verdict.READY
    assert verdict_of(findings, strict=True) is Verdict.NOT_READY


def test_a_promoted_async_is_judged_instead_of_the_backup(members: Snapshots) -> None:
    observe(DR, "licence.units", 1)(members)
    observe(A, "licence.most_used", 50)(members)
    assert worst(assess(members), "LIC-202").outcome is PASS
    assert worst(assess(members, promote=DR), "LIC-202").outcome is FAIL


def test_no_rule_answers_for_an_empty_member() -> None:
    """A member of which nothing is known answers no check with a pass, MIR-002 and the pair's absence aside."""
    empty = read("clean")[B]
    header = msgspec.structs.replace(
        empty.header,
        items=0,
        coverage={},
        facts=msgspec.structs.replace(empty.header.facts, observed={}, unobserved={}),
    )
    view = MemberView(header, {})
    readiness = check("HOSPITAL", {B: view}, unread={A: "?"})
    assert not [each for each in readiness.findings if each.outcome is PASS]
    assert readiness.verdict is not Verdict.READY


def test_a_role_change_is_no_failure(members: Snapshots) -> None:
    logged(B, PRIMARY)(members)
    assert assess(members).verdict is Verdict.READY


def test_severe_lines_are_counted_by_sort(members: Snapshots) -> None:
    logged(B, *(f"2 There are {left} licence units left" for left in range(9)), "3 no room")(members)
    seen = worst(assess(members), "LOG-415").seen
    assert seen.startswith("10 lines of 2 sorts")
    assert "1× no room; 9× There are 8 licence units left" in seen


def test_nothing_of_a_log_that_is_not_whole_passes(members: Snapshots) -> None:
    logged(B, short="rotated")(members)
    readiness = assess(members)
    assert not [
        each
        for each in readiness.findings
        if each.id.startswith("LOG-") and each.member == B and each.outcome is PASS
    ]
    assert readiness.verdict is Verdict.UNKNOWN


OLDEST = "01/01/24-00:00:00:000 (1) 0 [Utility.Event] Journaling switched to: /j/1\n"


def recently(*texts: str) -> str:
    """Return lines of the last two hours in the time of this machine, as a copied log has them."""
    lines = []
    for number, text in enumerate(texts):
        moment = datetime.now(timezone.utc).astimezone() - timedelta(minutes=110 - number)
        lines.append(f"{moment:%m/%d/%y-%H:%M:%S}:000 (1) {text[0]} [Utility.Event] {text[2:]}\n")
    return "".join(lines)


class TestCommand:
    """`driftsync check` on files: what a file cannot show is unknown, and the exit says so."""

    def test_snapshots_of_a_healthy_mirror(self, cli: Any, tmp_path: Path, clean: Snapshots) -> None:
        settings = written(tmp_path, clean)
        ended = cli("check", "--settings", settings)
        assert (ended.code, "is ready to take over" in ended.out) == (0, True)
        assert cli("check", "--settings", settings, "--format", "nagios").out.startswith("DRIFTSYNC OK")
        found = json.loads(cli("check", "--settings", settings, "--format", "json").out)
        assert found["mirrors"][0]["verdict"] == "ready"

    def test_a_failing_one(self, cli: Any, tmp_path: Path, members: Snapshots) -> None:
        put(B, "production:INTEROP/Hosp.Production", AutoStart=False)(members)
        settings = written(tmp_path, members)
        ended = cli("check", "--settings", settings)
        assert ended.code == 1
        assert "CFG-504" in ended.out
        assert cli("check", "--settings", settings, "--format", "nagios").code == 2

    def test_copied_logs(self, cli: Any, tmp_path: Path, clean: Snapshots) -> None:
        settings = written(tmp_path, clean)
        copy = tmp_path / "messages.log"
        copy.write_text(OLDEST + recently("2 Arbiter connection lost"), encoding="utf-8")
        ended = cli("check", "--settings", settings, "--log", f"B={copy}")
        assert (ended.code, "LOG-401" in ended.out) == (1, True)
        copy.write_text(
            OLDEST + recently("2 Arbiter connection lost", "0 Connected to arbiter"), encoding="utf-8"
        )
        assert cli("check", "--settings", settings, "--log", f"B={copy}").code == 0
        copy.write_text(recently("0 fine"), encoding="utf-8")
        ended = cli("check", "--settings", settings, "--log", f"B={copy}")
        assert ended.code == 3
        together = next(line for line in ended.out.splitlines() if "LOG-401, LOG-402" in line)
        assert "LOG-401" not in ended.out.replace(together, "")
        assert cli("check", "--settings", settings, "--log", f"B={copy}", "--since", "1h").code == 0

    def test_a_copy_that_is_no_log_is_unknown(self, cli: Any, tmp_path: Path, clean: Snapshots) -> None:
        copy = tmp_path / "messages.log"
        copy.write_bytes(b"\0" * 5000)
        ended = cli("check", "--settings", written(tmp_path, clean), "--log", f"B={copy}", "--format", "json")
        assert ended.code == 3
        unknown = [
            each["id"]
            for each in json.loads(ended.out)["mirrors"][0]["findings"]
            if each["outcome"] == "unknown"
        ]
        assert len([each for each in unknown if each.startswith("LOG-")]) == 16
        assert {each for each in unknown if not each.startswith("LOG-")} == {"JRN-302", "JRN-306"}

    @pytest.mark.parametrize(
        "words",
        [
            ["--log", "B"],
            ["--log", "NOBODY=x"],
            ["--log", "B=not-there"],
            ["--since", "yesterday"],
            ["--since", "999999999d"],
        ],
    )
    def test_wrong_words(self, cli: Any, tmp_path: Path, clean: Snapshots, words: list[str]) -> None:
        assert cli("check", "--settings", written(tmp_path, clean), *words).code == 2

    def test_a_promoted_stranger_is_refused(self, cli: Any, tmp_path: Path, clean: Snapshots) -> None:
        ended = cli("check", "--settings", written(tmp_path, clean), "--promote", "NOBODY")
        assert ended.code == 2
        assert "NOBODY" in ended.err
