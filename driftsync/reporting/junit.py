"""This module writes drift and readiness as JUnit XML, which every CI server shows.

Of drift a suite is a member and a test case a kind; of readiness a suite is a mirror and a test case a check.
A difference is a *failure*, what could not be read an *error*; a kind that was not looked at, or whose
differences somebody accepted, is *skipped*.
The shape is what the schemas of Ant and of Jenkins both accept. Names never change from one run to the next,
so that a server can say since when a kind fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import partial
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from driftsync.kinds import all_kinds
from driftsync.model import (
    Coverage,
    Difference,
    Drift,
    Finding,
    Gap,
    Outcome,
    Readiness,
    ReadinessReport,
    Report,
    Severity,
)
from driftsync.reporting import entries, wording
from driftsync.reporting.entries import Compared, counted
from driftsync.version import __version__

UNSEEN = {Coverage.NONE, Coverage.NOT_LOOKED_AT}


class Result(Enum):
    """How a test case ended."""

    PASSED = ""
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


RESULTS = {
    Outcome.FAIL: Result.FAILURE,
    Outcome.UNKNOWN: Result.ERROR,
    Outcome.MANUAL: Result.SKIPPED,
    Outcome.WARN: Result.PASSED,
    Outcome.PASS: Result.PASSED,
}


class Case(NamedTuple):
    """One test case. The lines are made only when they are written: there may be very many."""

    name: str
    result: Result = Result.PASSED
    type: str = ""
    message: str = ""
    lines: Callable[[], Iterable[str]] = list


class Suite(NamedTuple):
    """One suite, and what it was run on."""

    name: str
    package: str
    cases: list[Case]
    about: Mapping[str, str]
    said: Iterable[str] = ()
    """Lines that no test case has a place for."""


def as_junit(found: Drift | Report) -> Iterator[str]:
    """Yield the document in pieces."""
    return _document((_compared(each) for each in entries.comparisons(found)), entries.moment(found))


def readiness_as_junit(found: ReadinessReport) -> Iterator[str]:
    """Yield the document in pieces.

    What fails is a *failure*, what is unknown an *error*, what a person must look at is *skipped*; a warning is a
    failure where it counts, else it stands in the suite's output.
    """
    return _document(map(_checked, found.mirrors), entries.instant(found.taken_at))


def _document(suites: Iterable[Suite], moment: datetime) -> Iterator[str]:
    when = moment.strftime("%Y-%m-%dT%H:%M:%S")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, suite in enumerate(suites):
        yield from _suite(suite, number, when)
    yield "</testsuites>\n"


def _suite(suite: Suite, number: int, when: str) -> Iterator[str]:
    counts = {each: sum(case.result is each for case in suite.cases) for each in Result}
    yield (
        f'  <testsuite id="{number}" name={_name(suite.name)} package={_name(suite.package)}'
        f" hostname={_name(suite.name)}"
        f' timestamp="{when}" time="0" tests="{len(suite.cases)}" failures="{counts[Result.FAILURE]}"'
        f' errors="{counts[Result.ERROR]}" skipped="{counts[Result.SKIPPED]}">\n    <properties>\n'
    )
    for name, value in {"driftsync": __version__, **suite.about}.items():
        yield f'      <property name="{name}" value={quoteattr(value)}/>\n'
    yield "    </properties>\n"
    for case in suite.cases:
        yield from _case(case, f"{suite.package}.{suite.name}")
    said = "".join(f"{escape(line)}\n" for line in suite.said)
    yield f"    <system-out>{said}</system-out>\n" if said else "    <system-out/>\n"
    yield "    <system-err/>\n  </testsuite>\n"


def _case(case: Case, classname: str) -> Iterator[str]:
    head = f'    <testcase classname={_name(classname)} name={_name(case.name)} time="0"'
    if case.result is Result.PASSED:
        yield f"{head}/>\n"
    elif case.result is Result.SKIPPED:
        yield f"{head}>\n      <skipped message={quoteattr(case.message)}/>\n    </testcase>\n"
    else:
        tag = case.result.value
        yield f'{head}>\n      <{tag} type="{case.type}" message={quoteattr(case.message)}>'
        for line in case.lines():
            yield f"{escape(line)}\n"
        yield f"</{tag}>\n    </testcase>\n"


def _compared(compared: Compared) -> Suite:
    about = {"mirror": compared.mirror, "primary": compared.primary, "role": compared.role.value}
    return Suite(compared.member, compared.mirror, list(_cases(compared)), about)


def _checked(readiness: Readiness) -> Suite:
    plain = entries.plain
    return Suite(
        name=plain(readiness.mirror),
        package="readiness",
        cases=[_check(each, strict=readiness.strict) for each in sorted(readiness.findings, key=_case_name)],
        about={
            "mirror": plain(readiness.mirror),
            "primary": plain(readiness.primary),
            "promote": plain(readiness.promote),
            "verdict": readiness.verdict.value,
        },
        said=[
            f"warning: {_case_name(each)}: {plain(each.seen)}"
            for each in readiness.findings
            if each.outcome is Outcome.WARN and not readiness.strict
        ],
    )


def _check(finding: Finding, *, strict: bool) -> Case:
    name, seen = _case_name(finding), entries.plain(finding.seen)
    result = RESULTS[finding.outcome]
    if finding.outcome is Outcome.WARN and strict:
        result = Result.FAILURE
    if result is Result.SKIPPED:
        return Case(name, result, message=f"a person must look: {entries.plain(finding.do)}")
    lines = [entries.plain(each) for each in (finding.seen, finding.why, finding.do, finding.source)]
    return Case(name, result, finding.outcome.value, seen, lambda: lines)


def _case_name(finding: Finding) -> str:
    about = f" {entries.plain(finding.member)}" if finding.member else ""
    return f"{finding.id}{about}: {entries.plain(finding.title)}"


def _cases(compared: Compared) -> Iterator[Case]:
    """Yield what is tested of a member: that it can be read, then every kind, in the order of the table."""
    if compared.drift is None:
        yield Case("readable", Result.ERROR, "unreadable", compared.reason, lambda: [compared.reason])
        return
    yield Case("readable")
    differences = wording.by_kind(compared.drift)
    gaps: dict[str, list[Gap]] = {}
    for gap in compared.gaps:
        gaps.setdefault(gap.kind, []).append(gap)
    coverage = compared.drift.coverage
    for kind in dict.fromkeys([*coverage, *differences, *gaps]):
        name, found, unread = entries.plain(kind) or "(no kind)", differences.get(kind), gaps.get(kind)
        if found:
            yield _drifted(compared, name, found, _why(kind))
        if unread:
            yield _unread(f"{name} (not read)" if found else name, unread)
        elif not found and {coverage[kind].primary, coverage[kind].member} & UNSEEN:
            yield Case(name, Result.SKIPPED, message="not looked at")
        elif not found:
            yield Case(name)


def _drifted(compared: Compared, name: str, found: list[Difference], why: str) -> Case:
    standings = Counter(map(compared.standing, found))
    accepted = standings[entries.ACCEPTED]
    if accepted == len(found):
        return Case(name, Result.SKIPPED, message=f"{counted(accepted, 'difference')}, all accepted")
    counts = [f"{standings[each]} {each}" for each in (entries.NEW, entries.ACCEPTED) if standings[each]]
    told = f" ({', '.join(counts)})" if counts else ""
    worst = min(each.severity.rank for each in found if compared.standing(each) != entries.ACCEPTED)
    message = f"{counted(len(found), 'difference')}{told}, worst: {list(Severity)[worst].value}. {why}"
    return Case(name, Result.FAILURE, "drift", message, partial(_lines, compared, found))


def _lines(compared: Compared, found: list[Difference]) -> Iterator[str]:
    """Yield a line a difference, the new ones first and what was accepted last."""
    for wanted in entries.STANDINGS:
        for each in found:
            if compared.standing(each) == wanted:
                yield entries.line_of(each, compared.standings.get(each.key))


def _unread(name: str, gaps: list[Gap]) -> Case:
    message = f"{counted(len(gaps), 'gap')}: could not be read or compared"
    return Case(name, Result.ERROR, "gap", message, partial(map, entries.line_of_gap, gaps))


def _why(kind: str) -> str:
    declared = all_kinds().get(kind)
    return declared.why if declared else ""


def _name(text: str) -> str:
    """Quote what the schemas want as a token: not empty, and no blanks at its ends or doubled."""
    return quoteattr(" ".join(text.split()) or "-")
