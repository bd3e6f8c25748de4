"""Every night says whether the backup could take over, where members were asked; a report of files claims nothing."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html
import msgspec
import pytest
from rich.console import Console

from driftsync.checking import check
from driftsync.checks import all_checks
from driftsync.cli.reported import Looking, Reading, report_on
from driftsync.comparing import Scope
from driftsync.delivering import message_of
from driftsync.delivering.changing import digests_of
from driftsync.files import SnapshotInMemory
from driftsync.model import Outcome, Report, Snapshot, Verdict
from driftsync.rehearsing import swap
from driftsync.reporting.output import as_bytes
from driftsync.reporting.readiness import print_blocking, summary_of
from driftsync.reporting.terminal import print_report
from driftsync.settings import read_settings
from tests.nights import FIRST
from tests.test_check_command import clean, members, written  # noqa: F401 - fixtures
from tests.test_checking import drop, observe, put

FILES = Path(__file__).parent.parent / "examples" / "hospital" / "driftsync.toml"
Snapshots = dict[str, Snapshot]
STOPPED = "production:INTEROP/Hosp.Production"


def night(snapshots: Snapshots, folder: Path, scope: Scope | None = None) -> Report:
    """Return the report of members as they were read."""
    settings = read_settings(written(folder, snapshots))
    found = {name: SnapshotInMemory(each) for name, each in snapshots.items()}
    reading = Reading(FIRST, FIRST, found)
    return report_on(
        settings, {"HOSPITAL": reading}, ["HOSPITAL"], Looking(scope or Scope()), store=None, at=FIRST
    )


def told(report: Report) -> str:
    text = io.StringIO()
    print_report(report, Console(file=text, width=200, color_system=None), quiet=True)
    return text.getvalue()


def test_a_healthy_night_says_so_everywhere(members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    report = night(members, tmp_path)
    readiness = report.mirrors[0].readiness
    assert readiness is not None
    assert readiness.verdict is Verdict.READY
    said = "B could take over from A, and the applications would work."
    assert summary_of(readiness).startswith(said)
    assert f"✓ {said}" in told(report)
    assert said in as_bytes(report, "markdown").decode()
    assert json.loads(as_bytes(report, "json"))["mirrors"][0]["readiness"]["verdict"] == "ready"
    assert 'driftsync_ready{mirror="HOSPITAL",member="B"} 1\n' in as_bytes(report, "prometheus").decode()
    (mirror,) = message_of(report).mirrors
    assert (mirror.ready, mirror.readiness.startswith(f"✓ {said}")) == (True, True)


def test_the_page_leads_from_the_answer_to_what_is_behind_it(members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    put("B", STOPPED, AutoStart=False)(members)
    report = night(members, tmp_path)
    tree = lxml.html.fromstring(as_bytes(report, "html"))
    (link,) = tree.xpath("//main/header//ul[@class='ready']//a")
    assert tree.get_element_by_id(link.get("href")[1:]).get("class") == "readiness drift"
    rows = tree.xpath("//table[contains(@class, 'noticed')]//a/@href")
    assert f"B-{STOPPED}" in {unquote(each)[1:] for each in rows}
    assert tree.get_element_by_id(f"B-{STOPPED}") is not None


def test_what_is_not_ready_is_counted_and_worth_telling(members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    before = night(members, tmp_path)
    observe("B", "journal.free_megabytes", 20)(members)
    report = night(members, tmp_path)
    assert (
        "✗ B is not ready to take over from A; the applications would work there. Checks: 1 failed"
        in told(report)
    )
    text = as_bytes(report, "prometheus").decode()
    assert 'driftsync_ready{mirror="HOSPITAL",member="B"} 0\n' in text
    assert 'driftsync_readiness_findings{mirror="HOSPITAL",member="B",outcome="fail"} 1\n' in text
    assert digests_of(before) != digests_of(report)
    assert message_of(report).mirrors[0].ready is False


def test_what_was_not_read_is_not_ready(members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    header = members["B"].header
    facts = {key: value for key, value in header.facts.observed.items() if not key.startswith("log.")}
    members["B"] = msgspec.structs.replace(
        members["B"],
        header=msgspec.structs.replace(header, facts=msgspec.structs.replace(header.facts, observed=facts)),
    )
    report = night(members, tmp_path)
    assert "? Whether B could take over from A is not known" in told(report)
    assert 'driftsync_ready{mirror="HOSPITAL",member="B"} 0\n' in as_bytes(report, "prometheus").decode()
    assert message_of(report).mirrors[0].ready is None


def test_files_claim_nothing(cli: Any) -> None:
    ended = cli("report", "--settings", FILES, "--format", "json", "--no-remember")
    assert all("readiness" not in mirror for mirror in json.loads(ended.out)["mirrors"])
    for shape, word in {
        "html": 'class="readiness',
        "prometheus": "driftsync_ready",
        "terminal": "Checks: ",
    }.items():
        assert word not in cli("report", "--settings", FILES, "--format", shape, "--no-remember").out


def test_some_kinds_are_not_enough_to_answer(members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    for scope in (Scope(only=frozenset({"role"})), Scope(without=frozenset({"role"}))):
        assert night(members, tmp_path, scope).mirrors[0].readiness is None


def test_what_was_accepted_stands_in_nobodys_way(cli: Any, members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    drop("B", "audit-event:Emr/Record/Read")(members)
    put("B", "web-application:/emr", Timeout=7)(members)
    settings = written(tmp_path, members)

    def verdicts() -> list[str]:
        report = json.loads(cli("report", "--settings", settings, "--format", "json").out)
        checked = json.loads(cli("check", "--settings", settings, "--format", "json").out)
        return [
            next(each["outcome"] for each in found["findings"] if each["id"] == "CFG-500")
            for found in (report["mirrors"][0]["readiness"], checked["mirrors"][0])
        ]

    assert verdicts()[0] == verdicts()[1] != "pass"
    words = ["--reason", "a trial", "--owner", "us", "--until", "2999-12-31", "--all-current"]
    assert cli("accept", "--settings", settings, *words).code == 0
    assert verdicts() == ["pass", "pass"]


def test_a_rule_that_stumbles_is_unknown_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_view: object) -> None:
        raise KeyError("Name")

    some = all_checks()[:3]
    broken = (dataclasses.replace(some[1], rule=stumble), some[1])
    monkeypatch.setattr("driftsync.checking.all_checks", lambda: broken)
    findings = [each for each in check("M", {}, unread={}).findings if each.outcome is not Outcome.MANUAL]
    assert [each.outcome for each in findings] == [Outcome.FAIL, Outcome.UNKNOWN]
    assert "KeyError" in findings[1].seen


def test_a_rehearsal_that_stumbles_leaves_the_answer_open(
    members: Snapshots,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumble(*_pair: object) -> None:
        raise ValueError("a date that is none")

    monkeypatch.setattr(swap, "AREAS", (stumble,))
    report = night(members, tmp_path)
    assert "whether the applications would work is not known" in told(report)
    assert report.mirrors[0].drifts


def test_the_demo_prints_what_stands_in_the_way(members: Snapshots, tmp_path: Path) -> None:  # noqa: F811
    put("B", STOPPED, AutoStart=False)(members)
    readiness = night(members, tmp_path).mirrors[0].readiness
    assert readiness is not None
    text = io.StringIO()
    print_blocking(readiness, Console(file=text, width=200, color_system=None))
    assert "CFG-504" in text.getvalue()
    assert "What people would notice" in text.getvalue()
