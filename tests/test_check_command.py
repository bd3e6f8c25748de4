"""`driftsync check` for people and machines: every format says the same verdict, and what is unknown passes in none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from driftsync.cli.exits import Exit, exit_of_readiness
from driftsync.model import (
    FORMAT_VERSION,
    Finding,
    Measure,
    Outcome,
    Readiness,
    ReadinessReport,
    Snapshot,
    Verdict,
)
from driftsync.reporting.nagios import State, state_of
from driftsync.reporting.output import as_bytes
from tests.test_checking import observe, put, read, written

NOON = "2026-01-31T12:00:00+00:00"
JUNIT = etree.XMLSchema(etree.parse(str(Path(__file__).parent / "formats" / "junit.xsd")))
SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "readiness.json").read_text(encoding="utf-8"))
PLUGIN = re.compile(
    r"DRIFTSYNC (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \| ([a-z]+=\d+;;;0 ?){5}"
    r"( ?'[^'=|\n]+'=-?\d+(s|MB)?;-?\d+:?;-?\d+:?;0)*\n"
)
"""`'label'=value[UOM];[warn];[crit];[min]`, as the guidelines for plugins have it."""
PASS, WARN, FAIL, UNKNOWN, MANUAL = (
    Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.MANUAL,
)  # fmt: skip
VERDICTS = {FAIL: Verdict.NOT_READY, UNKNOWN: Verdict.UNKNOWN}


def finding(
    outcome: Outcome, name: str = "MIR-001", member: str = "B", measure: Measure | None = None
) -> Finding:
    return Finding(
        id=name, title="A title", outcome=outcome, seen="was seen", why="because", do="do this", source="a class",
        member=member, measure=measure,
    )  # fmt: skip


def report(*found: Finding, verdict: Verdict = Verdict.READY, strict: bool = False) -> ReadinessReport:
    mirror = Readiness(
        format_version=FORMAT_VERSION, driftsync="test", taken_at=NOON, mirror="M", primary="A", promote="B",
        verdict=verdict, findings=list(found), strict=strict,
    )  # fmt: skip
    return ReadinessReport(
        format_version=FORMAT_VERSION, driftsync="test", taken_at=NOON, mirrors=[mirror],
        complete=all(each.outcome is not UNKNOWN for each in found),
    )  # fmt: skip


def junit(found: ReadinessReport) -> Any:
    document = etree.fromstring(as_bytes(found, "junit"))
    JUNIT.assertValid(document)
    return document


def nagios(found: ReadinessReport) -> str:
    line = as_bytes(found, "nagios").decode()
    assert PLUGIN.fullmatch(line), line
    return line


def test_junit_has_a_suite_a_mirror_and_a_case_a_finding() -> None:
    outcomes = {FAIL: "failure", UNKNOWN: "error", MANUAL: "skipped", WARN: None, PASS: None}
    found = [finding(outcome, f"MIR-{number:03}") for number, outcome in enumerate(outcomes)]
    (suite,) = junit(report(*found, verdict=Verdict.NOT_READY))
    cases = suite.findall("testcase")
    assert [case[0].tag if len(case) else None for case in cases] == list(outcomes.values())
    assert suite.findtext("system-out") == "warning: MIR-003 B: A title: was seen\n"
    assert {each.get("name"): each.get("value") for each in suite.find("properties")}[
        "verdict"
    ] == "not-ready"


def test_junit_counts_a_warning_as_failure_where_it_counts() -> None:
    (suite,) = junit(report(finding(WARN), verdict=Verdict.NOT_READY, strict=True))
    assert (suite.get("failures"), suite.findtext("system-out")) == ("1", "")


@pytest.mark.parametrize(
    ("outcome", "strict", "state", "code"),
    [
        (PASS, False, State.OK, Exit.CLEAN),
        (MANUAL, True, State.OK, Exit.CLEAN),
        (WARN, False, State.WARNING, Exit.CLEAN),
        (WARN, True, State.CRITICAL, Exit.DRIFT),
        (UNKNOWN, False, State.UNKNOWN, Exit.INCOMPLETE),
        (FAIL, False, State.CRITICAL, Exit.DRIFT),
    ],
)
def test_the_codes_of_a_plugin_and_of_the_command(
    outcome: Outcome, strict: bool, state: State, code: Exit
) -> None:
    verdict = VERDICTS.get(outcome, Verdict.READY)
    if outcome is WARN and strict:
        verdict = Verdict.NOT_READY
    found = report(finding(outcome), verdict=verdict, strict=strict)
    assert (state_of(found), exit_of_readiness(found, plugin=True)) == (state, state)
    assert exit_of_readiness(found, plugin=False) is code
    assert nagios(found).startswith(f"DRIFTSYNC {state.name} - M: B ")


def test_a_plugin_gives_numbers_with_their_thresholds() -> None:
    free = Measure(name="journal_free", value=120, unit="MB", warn=250, fail=50, falling=True)
    late = Measure(name="database_latency", value=4, unit="s", warn=0, fail=60)
    line = nagios(report(finding(WARN, measure=free), finding(WARN, "MIR-005", "D'R", late)))
    assert "'M/B/journal_free'=120MB;250:;50:;0" in line
    assert "'M/D_R/database_latency'=4s;0;60;0" in line
    assert "fail=0;;;0 unknown=0;;;0 warn=2;;;0 manual=0;;;0 pass=0;;;0 " in line


def test_a_plugin_of_no_mirror_knows_nothing() -> None:
    assert state_of(msgspec.structs.replace(report(), mirrors=[])) is State.UNKNOWN


@given(st.text(), st.text(), st.text())
def test_whatever_a_member_says_every_format_stays_valid(name: str, seen: str, source: str) -> None:
    one = msgspec.structs.replace(finding(FAIL, member=name), seen=seen, source=source)
    measured = finding(WARN, "MIR-005", name, Measure(name="x", value=1, warn=0, fail=2))
    found = report(one, measured, verdict=Verdict.NOT_READY)
    junit(found)
    nagios(found)


# -- the command -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clean() -> dict[str, Snapshot]:
    return read("clean")


@pytest.fixture
def members(clean: dict[str, Snapshot]) -> dict[str, Snapshot]:
    return dict(clean)


def test_one_reading_in_every_format(cli: Any, tmp_path: Path, members: dict[str, Snapshot]) -> None:
    put("B", "production:INTEROP/Hosp.Production", AutoStart=False)(members)
    settings = written(tmp_path, members)
    outputs = [tmp_path / f"out.{ending}" for ending in ("json", "xml")]
    words = [word for path in outputs for word in ("-o", path)]
    ended = cli("check", "--settings", settings, "-o", "-", *words, "--format", "nagios")
    assert (ended.code, ended.out.startswith("DRIFTSYNC CRITICAL - HOSPITAL: B not-ready, ")) == (2, True)
    found = json.loads(outputs[0].read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert (found["complete"], found["mirrors"][0]["verdict"]) == (True, "not-ready")
    assert found["mirrors"][0]["rehearsal"]["consequences"]
    document = etree.parse(str(outputs[1]))
    JUNIT.assertValid(document)
    assert {case.get("name")[:9] for case in document.xpath("//testcase[failure]")} >= {"CFG-504 B"}


def test_numbers_that_were_seen_have_a_curve(cli: Any, tmp_path: Path, members: dict[str, Snapshot]) -> None:
    observe("B", "journal.free_megabytes", 20)(members)
    ended = cli("check", "--settings", written(tmp_path, members), "--format", "nagios")
    assert "'HOSPITAL/B/journal_free'=20MB;250:;50:;0" in ended.out
    assert re.search(r"'HOSPITAL/A/licence_days'=\d+;8:;6:;0", ended.out)
    assert "'HOSPITAL/B/database_latency'=0s;0;60;0" in ended.out


def test_strict_ends_with_1(cli: Any, tmp_path: Path, members: dict[str, Snapshot]) -> None:
    observe("B", "configuration.pending_restart", 1)(members)
    settings = written(tmp_path, members)
    assert cli("check", "--settings", settings).code == 0
    assert cli("check", "--settings", settings, "--format", "nagios").code == State.WARNING
    ended = cli("check", "--settings", settings, "--strict", "--format", "json")
    assert (ended.code, json.loads(ended.out)["mirrors"][0]["strict"]) == (1, True)


def test_what_people_would_notice_is_counted(cli: Any, tmp_path: Path, members: dict[str, Snapshot]) -> None:
    put("B", "user:nina", Enabled=False)(members)
    ended = cli("check", "--settings", written(tmp_path, members))
    assert "What people would notice: ✗ " in ended.out


@pytest.mark.parametrize("words", [["--format", "sarif"], ["-o", "x.prom"], ["--format", "markdown"]])
def test_a_format_that_it_does_not_know(cli: Any, tmp_path: Path, words: list[str]) -> None:
    ended = cli("check", "--settings", tmp_path / "driftsync.toml", *words)
    assert (ended.code, ended.out) == (2, "")
    assert "it has: terminal, json" in ended.err
    assert not (tmp_path / "x.prom").exists()


@pytest.mark.parametrize("command", ["members", "history", "doctor", "rehearse", "kinds"])
def test_other_commands_refuse_what_they_do_not_know(cli: Any, command: str) -> None:
    ended = cli(command, "--format", "nagios-like")
    assert ended.code == 2
    ended = cli(command, "--format", "sarif")
    assert (ended.code, "no format sarif" in ended.err) == (2, True)
