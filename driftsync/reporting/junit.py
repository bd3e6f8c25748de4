"""This module writes drift as JUnit XML, which every CI server shows: a suite a member, a test case a kind.

A difference is a *failure*, what could not be read an *error*; a kind that was not looked at, or whose
differences somebody accepted, is *skipped*.
The shape is what the schemas of Ant and of Jenkins both accept. Names never change from one run to the next,
so that a server can say since when a kind fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import partial
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from driftsync.kinds import all_kinds
from driftsync.model import Coverage, Difference, Drift, Gap, Report, Severity
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


class Case(NamedTuple):
    """One test case. The lines are made only when they are written: there may be very many."""

    name: str
    result: Result = Result.PASSED
    type: str = ""
    message: str = ""
    lines: Callable[[], Iterable[str]] = list


def as_junit(found: Drift | Report) -> Iterator[str]:
    """Yield the document in pieces."""
    when = entries.moment(found).strftime("%Y-%m-%dT%H:%M:%S")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for number, compared in enumerate(entries.comparisons(found)):
        yield from _suite(compared, number, when)
    yield "</testsuites>\n"


def _suite(compared: Compared, number: int, when: str) -> Iterator[str]:
    cases = list(_cases(compared))
    counts = {each: sum(case.result is each for case in cases) for each in Result}
    yield (
        f'  <testsuite id="{number}" name={_name(compared.member)} package={_name(compared.mirror)}'
        f" hostname={_name(compared.member)}"
        f' timestamp="{when}" time="0" tests="{len(cases)}" failures="{counts[Result.FAILURE]}"'
        f' errors="{counts[Result.ERROR]}" skipped="{counts[Result.SKIPPED]}">\n    <properties>\n'
    )
    about = {
        "driftsync": __version__,
        "mirror": compared.mirror,
        "primary": compared.primary,
        "role": compared.role.value,
    }
    for name, value in about.items():
        yield f'      <property name="{name}" value={quoteattr(value)}/>\n'
    yield "    </properties>\n"
    for case in cases:
        yield from _case(case, f"{compared.mirror}.{compared.member}")
    yield "    <system-out/>\n    <system-err/>\n  </testsuite>\n"


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
