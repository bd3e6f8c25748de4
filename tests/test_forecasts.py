"""What two readings foretell: hours until a disk is full, days until journals are purged, tasks that fell idle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from driftsync.checking import check, view_member
from driftsync.checks.forecasts import CLIFF, FULL, hours_until_full
from driftsync.checks.idle_tasks import IDLE
from driftsync.checks.spec import MemberView, Past, Result, Unanswered, View
from driftsync.errors import StoreError
from driftsync.files import SnapshotInMemory, write_lines
from driftsync.kinds import parse_key
from driftsync.lab.scenarios import build
from driftsync.model import (
    FORMAT_VERSION,
    Coverage,
    Facts,
    Header,
    Item,
    Member,
    MemberRole,
    Outcome,
    Verdict,
)
from driftsync.remembering import past_of
from driftsync.settings import Thresholds
from driftsync.store import MemberRead, Store
from tests.live import BACKUP, DR, PRIMARY, member_of, read

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
COVERED = {("FOR-601", WARN), ("FOR-601", FAIL), ("FOR-602", WARN), ("FOR-602", FAIL), ("FOR-603", WARN)}
"""Outcomes that are shown here, for the test of all checks."""


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def header(
    name: str, role: MemberRole, observed: Mapping[str, Any], taken: datetime = NOW, **more: Any
) -> Header:
    return Header(
        format_version=FORMAT_VERSION,
        driftsync="test",
        member=Member(name=name, role=role, instance=f"{name}/IRIS", mirror="M"),
        taken_at=taken.isoformat(),
        items=0,
        facts=Facts(observed={"journal.directory": "/j", **observed}),
        coverage={"task": Coverage.WHOLE},
        **more,
    )


def member(name: str, role: MemberRole, *items: Item, **observed: Any) -> MemberView:
    told = {key.replace("__", "."): value for key, value in observed.items()}
    return MemberView(header(name, role, told), {"task": {str(item.key): item for item in items}})


def view(*members: MemberView, past: Past | None = None, **unread: str) -> View:
    primary = next((each for each in members if each.role is MemberRole.PRIMARY), None)
    return View("M", primary, None, members, unread, past=past)


def asked(rule: Any, *about: Any) -> Result:
    try:
        found: Result = rule(*about)
    except Unanswered as reason:
        return Result(UNKNOWN, str(reason))
    return found


# -- the journal disk ------------------------------------------------------------------------------------------------


def full(free: Any, before: Any, span: timedelta = timedelta(hours=24), **former: Any) -> Result:
    here = member("A", MemberRole.PRIMARY, journal__free_megabytes=free)
    told = {"journal.free_megabytes": before, **former}
    told = {key: value for key, value in told.items() if value is not None}
    past = Past(former={"A": header("A", MemberRole.PRIMARY, told, NOW - span)})
    return asked(FULL.rule, view(here, past=past), here)


@pytest.mark.parametrize(
    ("free", "before", "outcome", "words"),
    [
        (50_000, 50_100, PASS, "full in 12000 hours"),
        (40_000, 80_000, WARN, "full in 24 hours"),
        (10_000, 80_000, FAIL, "full in 3 hours"),
        (0, 80_000, FAIL, "full in 0 hours"),
        (50_000, 50_000, PASS, "as 24 hours before"),
        (50_000, 20_000, PASS, "30000 MB more than 24 hours before: journals were purged"),
        (50_000, None, UNKNOWN, "journal.free_megabytes"),
        (50_000, "much", UNKNOWN, "no number"),
    ],
)
def test_hours_until_the_disk_is_full(free: int, before: Any, outcome: Outcome, words: str) -> None:
    found = full(free, before)
    assert found.outcome is outcome
    assert words in found.seen


@pytest.mark.parametrize("span", [timedelta(minutes=59), timedelta(0), timedelta(hours=-3)])
def test_noise_gives_no_verdict(span: timedelta) -> None:
    found = full(10, 80_000, span)
    assert (found.outcome, "too short to tell" in found.seen) == (PASS, True)


def test_another_directory_is_not_compared() -> None:
    found = full(10_000, 80_000, **{"journal.directory": "/elsewhere"})
    assert (found.outcome, "another directory" in found.seen) == (PASS, True)


def test_a_first_reading_foretells_nothing_and_is_no_danger() -> None:
    here = member("A", MemberRole.PRIMARY, journal__free_megabytes=500)
    found = asked(FULL.rule, view(here), here)
    assert (found.outcome, "a first reading" in found.seen) == (PASS, True)


def test_earlier_runs_that_cannot_be_looked_at_are_unknown() -> None:
    here = member("A", MemberRole.PRIMARY, journal__free_megabytes=500)
    assert asked(FULL.rule, view(here, past=Past(untold="the store is damaged")), here).outcome is UNKNOWN


def test_thresholds_are_adjustable() -> None:
    here = member("A", MemberRole.PRIMARY, journal__free_megabytes=40_000)
    past = Past(
        former={"A": header("A", MemberRole.PRIMARY, {"journal.free_megabytes": 80_000}, ago(days=1))}
    )
    seen = replace(view(here, past=past), thresholds=Thresholds(journal_fail_hours=24))
    assert asked(FULL.rule, seen, here).outcome is FAIL


megabytes = st.integers(0, 10**8)


@given(megabytes, megabytes, st.integers(1, 10**6), st.floats(1, 10_000))
def test_more_free_space_never_gives_fewer_hours(before: int, now: int, more: int, hours: float) -> None:
    less, greater = hours_until_full(before, now, hours), hours_until_full(before, now + more, hours)
    assert greater is None or (less is not None and greater >= less)


@given(megabytes, megabytes, st.floats(1, 10_000))
def test_units_do_not_matter(before: int, now: int, hours: float) -> None:
    left = hours_until_full(before, now, hours)
    assert hours_until_full(before * 1024, now * 1024, hours) == left
    days = hours_until_full(before, now, hours / 24)
    assert (days is None) == (left is None)
    assert left is None or days is None or days * 24 == pytest.approx(left)


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.integers(1, 1000))
def test_at_a_steady_rate_the_hour_is_the_same_whenever_one_looks(now: int, rate: int, hours: int) -> None:
    assume(now > rate)
    first = hours_until_full(now + rate * hours, now, hours)
    assert first == pytest.approx(now / rate)


# -- the cliff -------------------------------------------------------------------------------------------------------


def row(
    name: str, status: str, journal: str = "Caught up", kind: str = "Disaster Recovery"
) -> dict[str, str]:
    role = "Async" if kind != "Failover" else "Backup"
    return {"MemberName": f"{name}/IRIS", "CurrentRole": role, "DisplayType": kind, "DisplayStatus": status,
            "JournalTimeLatency": journal}  # fmt: skip


def event(id: str, about: str, last: datetime, place: int = 1, sort: str = "found") -> dict[str, Any]:
    moment = last.replace(tzinfo=None).isoformat()
    return {
        "id": id,
        "sort": sort,
        "about": about,
        "first": moment,
        "last": moment,
        "count": 1,
        "place": place,
    }


def cliff(
    *rows: dict[str, str], status: str = "", past: Past | None = None, events: Any = (), zone: str = "0"
) -> Result:
    primary = member("A", MemberRole.PRIMARY, mirror__members=list(rows), log__events=list(events),
                     platform__time_zone=zone)  # fmt: skip
    others = [member("DR", MemberRole.DR_ASYNC, mirror__status=status)] if status else []
    return asked(CLIFF.rule, view(primary, *others, past=past))


def away(moment: datetime, *, bounded: bool = True) -> Past:
    return Past(away_since={"DR": (moment.isoformat(), bounded)})


@pytest.mark.parametrize(
    ("found", "outcome", "words"),
    [
        (cliff(), PASS, "0 async members"),
        (cliff(row("DR", "Connected")), PASS, "1 async"),
        (cliff(row("DR", "已连接", "被捕获")), PASS, "1 async"),
        (cliff(row("DR", "Connected"), status="CONNECTED"), PASS, "1 async"),
        (cliff(row("B", "Down", kind="Failover")), PASS, "0 async"),
        (cliff(row("DR", "Connected"), status="SYNCHRONIZING"), PASS, "1 async"),
        (cliff(row("DR", "Down"), status="STOPPED", past=away(ago(days=3))), WARN, "11 days until"),
        (cliff(row("DR", "Down"), status="STOPPED", past=away(ago(days=3), bounded=False)), WARN, "or before"),
        (cliff(row("DR", "Down"), status="STOPPED", past=away(ago(days=11))), FAIL, "3 days until"),
        (cliff(row("DR", "Down"), status="STOPPED", past=away(ago(days=15))), FAIL, "may be purged by now"),
        (cliff(row("DR", "Down"), status="STOPPED"), UNKNOWN, "nobody can tell since when"),
        (cliff(row("DR", "Connected", "Disconnected on 2026-11-10 13:00:00")), WARN, "4 days"),
        (cliff(row("DR", "Connected", "Disconnected on 2026-11-10 11:00:00")), FAIL, "3 days"),
        (cliff(row("DR", "Connected", "Disconnected on 2026-11-10 19:00:00"), zone="-480"), FAIL, "3 days"),
        (cliff(row("DR", "Ohne Verbindung", "?")), UNKNOWN, "not understood"),
        (cliff(row("DR", "Down"), events=[event("LOG-403", "DR/IRIS", ago(days=2))]), WARN, "12 days"),
        (cliff(row("DR", "Down"), past=away(ago(days=1)), events=[event("LOG-403", "DR/IRIS", ago(days=2))]), WARN, "12 days"),
        (cliff(row("DR", "Down"), events=[event("LOG-403", "DR/IRIS", ago(days=2)), event("LOG-403", "*", ago(days=1), 2, "ended")]), UNKNOWN, "since when"),
        (cliff(status="MULTIASYNC^1/2"), UNKNOWN, "not understood"),
        (cliff(row("DR", "Connected"), status="MULTIASYNC^1/2"), PASS, "1 async"),
    ],
)  # fmt: skip
def test_the_cliff_of_an_async_member(found: Result, outcome: Outcome, words: str) -> None:
    assert (found.outcome, found.seen) == (outcome, found.seen)
    assert words in found.seen


def test_a_list_that_was_refused_is_never_a_pass() -> None:
    primary = member("A", MemberRole.PRIMARY)
    async_member = member("DR", MemberRole.DR_ASYNC, mirror__status="CONNECTED")
    assert asked(CLIFF.rule, view(primary, async_member)).outcome is UNKNOWN
    assert asked(CLIFF.rule, view(async_member)).outcome is UNKNOWN


@given(st.floats(0, 30), st.floats(0, 30))
def test_a_longer_absence_is_never_better(days: float, more: float) -> None:
    order = [PASS, WARN, FAIL]
    shorter = cliff(row("DR", "Down"), past=Past(away_since={"DR/IRIS": (ago(days=days).isoformat(), True)}))
    longer = cliff(
        row("DR", "Down"), past=Past(away_since={"DR/IRIS": (ago(days=days + more).isoformat(), True)})
    )
    assert order.index(longer.outcome) >= order.index(shorter.outcome) >= order.index(WARN)


# -- idle tasks ------------------------------------------------------------------------------------------------------


SWITCHED = ago(days=3)


def task(name: str = "Night report", **values: Any) -> Item:
    compared = {"TaskClass": "Hosp.Task", "MirrorStatus": 1, "TimePeriod": 0, "TimePeriodEvery": 1, "Type": 2}
    return Item(key=parse_key(f"task:EMR/{name}"), compared={**compared, **values})


def idle(*items: Item, last: Any = "2026-11-10 02:00:00", switched: datetime = SWITCHED, past: Past | None = None,
         runs: bool = True) -> Result:  # fmt: skip
    told = [{"Name": "night REPORT", "NameSpace": "EMR", "LastStarted": last}]
    primary = member("A", MemberRole.PRIMARY, *items, platform__time_zone="0",
                     log__events=[event("LOG-406", "", switched)], **({"task__runs": told} if runs else {}))  # fmt: skip
    return asked(IDLE.rule, view(primary, past=past))


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (idle(task()), WARN),
        (idle(task(), last=""), WARN),
        (idle(task(), last="67880,7200"), WARN),
        (idle(task(), last="2026-11-19 02:00:00"), PASS),
        (idle(task(), last="67893,7200"), PASS),
        (idle(task(), last="yesterday"), UNKNOWN),
        (idle(task("Unlisted")), UNKNOWN),
        (idle(task(), runs=False), UNKNOWN),
        (idle(task(), switched=ago(hours=24)), PASS),
        (idle(task(), switched=ago(hours=26)), WARN),
        (idle(task(TimePeriod=1)), PASS),
        (idle(task(TimePeriod=1), switched=ago(days=8)), WARN),
        (idle(task(TimePeriod=1, TimePeriodEvery=2), switched=ago(days=8)), PASS),
        (idle(task(TimePeriod=5), switched=ago(days=40)), PASS),
        (idle(task(MirrorStatus=2)), PASS),
        (idle(task(Suspended=1)), PASS),
        (idle(task(Type=0)), PASS),
        (idle(task(MirrorStatus=3)), WARN),
        (idle(task(), switched=ago(days=2), past=Past(primary="A", primary_since=ago(hours=2).isoformat(), primary_before="B")), PASS),
        (idle(task(), switched=ago(days=2), past=Past(primary="B")), PASS),
    ],
)  # fmt: skip
def test_tasks_that_fell_idle(found: Result, outcome: Outcome) -> None:
    assert (found.outcome, found.seen) == (outcome, found.seen)


def test_a_task_that_begins_later_is_not_due_yet() -> None:
    later = Item(key=task().key, compared=task().compared, local={"StartDate": "67894"})
    assert idle(later).outcome is PASS


def test_without_a_switch_nothing_is_idle() -> None:
    primary = member("A", MemberRole.PRIMARY, task(), log__events=[])
    assert asked(IDLE.rule, view(primary)).outcome is PASS
    assert asked(IDLE.rule, view(member("A", MemberRole.PRIMARY, task()))).outcome is UNKNOWN


# -- what earlier runs told ------------------------------------------------------------------------------------------


class Runs:
    """A store, and runs that are put into it."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)

    def add(self, at: datetime, primary: str = "A", **headers: Header | None) -> None:
        with self.store.writing():
            run = self.store.add_run("M", at, at, primary, differences=0, complete=True, version="test")
            for name, one in headers.items():
                kept = msgspec.structs.replace(one, taken_at=at.isoformat()) if one else None
                self.store.add_reading(run, MemberRead(name, "", kept, error="" if one else "silent"))

    def past(self, *members: str) -> Past | None:
        return past_of(self.store, "M", members or ("A", "DR"), NOW)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "store.sqlite")


def of_primary(*rows: dict[str, str]) -> Header:
    return header("A", MemberRole.PRIMARY, {"mirror.members": list(rows)})


def of_async(status: str) -> Header:
    return header("DR", MemberRole.DR_ASYNC, {"mirror.status": status})


def test_no_run_tells_nothing(runs: Runs) -> None:
    assert runs.past() is None


def test_the_newest_reading_that_is_old_enough_is_compared(runs: Runs) -> None:
    for days in (3, 1):
        runs.add(ago(days=days), A=of_primary())
    runs.add(ago(minutes=5), A=of_primary(), DR=of_async("CONNECTED"))
    past = runs.past()
    assert past is not None
    assert past.former["A"].taken_at == ago(days=1).isoformat()
    assert past.former["DR"].taken_at == ago(minutes=5).isoformat()


def test_since_which_run_a_member_is_away(runs: Runs) -> None:
    runs.add(ago(days=9), DR=of_async("STOPPED"))
    runs.add(ago(days=8), DR=of_async("CONNECTED"))
    runs.add(ago(days=7), DR=of_async("STOPPED"))
    runs.add(ago(days=6), DR=None)
    runs.add(ago(days=5), A=of_primary(row("DR", "Down"), row("R", "Down", kind="Read-Only Reporting")))
    past = runs.past()
    assert past is not None
    assert past.away_since["DR"] == (ago(days=7).isoformat(), True)
    assert past.away_since["R/IRIS"] == (ago(days=5).isoformat(), False)


def test_a_member_that_is_back_is_not_away(runs: Runs) -> None:
    runs.add(ago(days=2), DR=of_async("STOPPED"))
    runs.add(ago(days=1), DR=of_async("CONNECTED"))
    past = runs.past()
    assert past is not None
    assert past.away_since == {}


def test_since_when_the_primary_is_it(runs: Runs) -> None:
    for days, primary in ((5, "A"), (4, "B"), (3, "A"), (2, ""), (1, "A")):
        runs.add(ago(days=days), primary, A=of_primary())
    past = runs.past()
    assert past is not None
    assert (past.primary, past.primary_since, past.primary_before) == ("A", ago(days=3).isoformat(), "B")


def test_a_damaged_header_is_told(runs: Runs) -> None:
    runs.add(ago(days=1), A=of_primary())
    runs.store._execute("UPDATE reading SET header = x'7b'")
    with pytest.raises(StoreError, match="damaged"):
        runs.past()


# -- through the lab -------------------------------------------------------------------------------------------------


def test_two_readings_of_the_lab_foretell_what_changed_in_between() -> None:
    mirror = build("clean", "2024.1")
    names = (PRIMARY, BACKUP, DR)
    kinds = ["task", "mirror"]

    def views() -> dict[str, MemberView]:
        return {
            name: view_member(SnapshotInMemory(read(member_of(mirror, name), kinds=kinds).snapshot))
            for name in names
        }

    first = views()
    taken = (datetime.fromisoformat(first[PRIMARY].header.taken_at) - timedelta(hours=24)).isoformat()
    past = Past(
        former={name: msgspec.structs.replace(each.header, taken_at=taken) for name, each in first.items()},
        away_since={DR: ((datetime.now(timezone.utc) - timedelta(days=12)).isoformat(), True)},
        primary=PRIMARY, primary_since="2026-11-01T00:00:00+00:00", primary_before=BACKUP,
    )  # fmt: skip
    before = {
        each.id: each
        for each in check("HOSPITAL", first, unread={}, past=past).findings
        if each.member in {"", PRIMARY}
    }
    assert before["FOR-601"].seen == "51200 MB free, as 24 hours before"
    assert (before["FOR-602"].outcome, before["FOR-603"].outcome) == (PASS, PASS)
    member_of(mirror, PRIMARY).journal_free_megabytes = 12_800
    member_of(mirror, PRIMARY).change(
        "%SYS.Task", {"Name": "Send claims"}, {"LastStarted": "2026-10-31 02:15:00"}
    )
    away = mirror.state_of(member_of(mirror, DR))
    away.status, away.away_days = "STOPPED", 12
    readiness = check("HOSPITAL", views(), unread={}, past=past)
    after = {each.id: each for each in readiness.findings if each.member in {"", PRIMARY}}
    assert (after["FOR-601"].outcome, "full in 8 hours" in after["FOR-601"].seen) == (FAIL, True)
    assert after["FOR-602"].outcome is FAIL
    assert after["FOR-602"].seen.startswith(f"{DR}: not connected since")
    assert after["FOR-603"].outcome is WARN
    assert after["FOR-603"].seen.endswith("task:EMR/Send claims")
    assert readiness.verdict is Verdict.NOT_READY


def test_check_looks_back_into_the_store(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIFTSYNC_STORE", raising=False)
    settings = tmp_path / "driftsync.toml"
    settings.write_text(
        '[store]\npath = "store.sqlite"\n[mirror.M]\nprimary = "A"\n'
        '[member.A]\nsource = "A.jsonl"\n[member.B]\nsource = "B.jsonl"\n',
        encoding="utf-8",
    )

    def holds(free: int, taken: datetime) -> None:
        for name, role in (("A", MemberRole.PRIMARY), ("B", MemberRole.BACKUP)):
            with (tmp_path / f"{name}.jsonl").open("wb") as file:
                write_lines(header(name, role, {"journal.free_megabytes": free}, taken), (), file)

    def seen(*words: str) -> set[tuple[str, str]]:
        ended = cli("check", "--settings", settings, "--format", "json", *words)
        found = json.loads(ended.out)["mirrors"][0]["findings"]
        return {(each["outcome"], each["seen"]) for each in found if each["id"] == "FOR-601"}

    holds(80_000, ago(days=1))
    assert seen() == {("pass", "80000 MB free; a first reading, nothing to compare it with")}
    cli("report", "--settings", settings)
    holds(20_000, NOW)
    assert seen() == {("fail", "20000 MB free, 60000 MB less than 24 hours before: full in 8 hours")}
    holds(80_000, ago(days=2))
    (tmp_path / "A.jsonl").rename(tmp_path / "earlier.jsonl")
    holds(20_000, NOW)
    words = ("--before", f"A={tmp_path / 'earlier.jsonl'}")
    assert ("warn", "20000 MB free, 60000 MB less than 48 hours before: full in 16 hours") in seen(*words)
    assert ("fail", "20000 MB free, 60000 MB less than 24 hours before: full in 8 hours") in seen(*words)
    assert cli("check", "--settings", settings, "--before", f"A={settings}").code == 2
    monkeypatch.setenv("DRIFTSYNC_STORE", str(tmp_path / "none.sqlite"))
    assert seen(*words) == {
        ("warn", "20000 MB free, 60000 MB less than 48 hours before: full in 16 hours"),
        ("pass", "20000 MB free; a first reading, nothing to compare it with"),
    }
    monkeypatch.delenv("DRIFTSYNC_STORE")
    (tmp_path / "store.sqlite").write_bytes(b"no store")
    assert {outcome for outcome, _seen in seen()} == {"unknown"}
