"""This module says drift in the one line, and with the exit code, that Nagios, Icinga and their kin expect of a plugin."""

from __future__ import annotations

from collections import Counter
from enum import IntEnum

from driftsync.model import Drift, Finding, Outcome, Readiness, ReadinessReport, Report, Severity, Verdict
from driftsync.reporting import entries
from driftsync.reporting.entries import Compared, counted

NAMED = 8
"""Members that are named in the line; NRPE cuts what is longer than a kilobyte."""
LONGEST = 120
"""Letters that a reason may have in the line."""


class State(IntEnum):
    """What the exit codes of a plugin mean."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_LABEL = str.maketrans("'=|", "___")
ORDER = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)
"""The first that applies to some member is the state, as with `driftsync check`: what is not known may be worse."""
CRITICAL = {Severity.FAILOVER, Severity.APPLICATION}


VERDICTS = {Verdict.NOT_READY: State.CRITICAL, Verdict.UNKNOWN: State.UNKNOWN}
BLOCKING = 3
"""Findings of a mirror that are named in the line."""


def state_of(found: Drift | Report | ReadinessReport) -> State:
    """Return the state of everything that was compared or checked; incomplete is never OK."""
    if isinstance(found, ReadinessReport):
        return min(map(_readiness_state, found.mirrors), key=ORDER.index, default=State.UNKNOWN)
    states = [_state(each) for each in entries.comparisons(found)]
    if not found.complete:
        states.append(State.UNKNOWN)
    return min(states, key=ORDER.index, default=State.OK)


def as_nagios(found: Drift | Report) -> str:
    """Return one line: state, members that are not in order (the worst first), performance data."""
    members = list(entries.comparisons(found))
    ill = sorted(
        (each for each in members if _state(each) is not State.OK),
        key=lambda each: ORDER.index(_state(each)),
    )
    said = [_said(each) for each in ill[:NAMED]]
    if len(ill) > NAMED:
        said.append(f"and {counted(len(ill) - NAMED, 'more member')}")
    compared = sum(each.drift.summary.compared for each in members if each.drift)
    accepted = sum(len(each.differences) - len(each.unaccepted) for each in members)
    agreed = f"no drift but {counted(accepted, 'accepted difference')}" if accepted else "no drift"
    text = (
        "; ".join(said)
        or f"{agreed}: {counted(len(members), 'member')}, {counted(compared, 'item')} compared"
    )
    return f"{plugin_line(state_of(found), text)} | {_performance(members, compared)}\n"


def readiness_as_nagios(found: ReadinessReport) -> str:
    """Return one line: state, each mirror with what blocks it, performance data with thresholds."""
    said = [
        _readiness_said(each)
        for each in sorted(found.mirrors, key=lambda each: ORDER.index(_readiness_state(each)))
    ]
    if len(said) > NAMED:
        said = [*said[:NAMED], f"and {counted(len(said) - NAMED, 'more mirror')}"]
    counts = Counter(finding.outcome for each in found.mirrors for finding in each.findings)
    data = [f"{outcome.value}={counts[outcome]};;;0" for outcome in Outcome]
    data += sorted(
        _measured(each, finding) for each in found.mirrors for finding in each.findings if finding.measure
    )
    return f"{plugin_line(state_of(found), '; '.join(said))} | {' '.join(data)}\n"


def plugin_line(state: State, text: str) -> str:
    """Return the line without performance data; a bar would end the text, a line end the line."""
    return f"DRIFTSYNC {state.name} - {entries.plain(text).replace('|', '¦')}"


def _state(member: Compared) -> State:
    if member.drift is None:
        return State.UNKNOWN
    worst = entries.worst(member.unaccepted)
    if worst in CRITICAL:
        return State.CRITICAL
    if member.gaps:
        return State.UNKNOWN
    return State.WARNING if worst else State.OK


def _said(member: Compared) -> str:
    name = member.member if member.mirror == entries.NO_MIRROR else f"{member.mirror}/{member.member}"
    if member.drift is None:
        reason = member.reason if len(member.reason) <= LONGEST else f"{member.reason[:LONGEST]}…"
        return f"{name} could not be read: {reason}"
    found = member.unaccepted
    worst, new = entries.worst(found), sum(member.standing(each) == entries.NEW for each in found)
    told = f"{new} new, " if new else ""
    parts = [f"{counted(len(found), 'difference')} ({told}worst: {worst.value})"] if worst else []
    if member.gaps:
        parts.append(counted(len(member.gaps), "gap"))
    return f"{name} {', '.join(parts)}"


def _performance(members: list[Compared], compared: int) -> str:
    standings = Counter(
        member.standing(difference) for member in members for difference in member.differences
    )
    counts = {
        "differences": sum(len(each.unaccepted) for each in members),
        entries.NEW: standings[entries.NEW],
        entries.ACCEPTED: standings[entries.ACCEPTED],
        "gaps": sum(len(each.gaps) for each in members),
        "unreadable": sum(each.drift is None for each in members),
        "compared": compared,
    }
    counts |= {
        severity.value: sum(
            difference.severity is severity for each in members for difference in each.unaccepted
        )
        for severity in Severity
    }
    return " ".join(f"{name}={count};;;0" for name, count in counts.items())


def _readiness_state(readiness: Readiness) -> State:
    warned = any(each.outcome is Outcome.WARN for each in readiness.findings)
    return VERDICTS.get(readiness.verdict, State.WARNING if warned else State.OK)


def _readiness_said(readiness: Readiness) -> str:
    ill = readiness.blocking or [each for each in readiness.findings if each.outcome is Outcome.WARN]
    said = [f"{readiness.mirror}: {readiness.promote or '?'} {readiness.verdict.value}"]
    said += [f"{each.id} {each.member}".rstrip() for each in ill[:BLOCKING]]
    if len(ill) > BLOCKING:
        said.append(f"and {counted(len(ill) - BLOCKING, 'more finding')}")
    return ", ".join(said)


def _measured(readiness: Readiness, finding: Finding) -> str:
    """Return a number with its thresholds as ranges: `10:` is left below ten, `10` above it."""
    measure = finding.measure
    if measure is None:
        return ""
    label = entries.plain(f"{readiness.mirror}/{finding.member}/{measure.name}").translate(_LABEL)
    colon = ":" if measure.falling else ""
    return f"'{label}'={measure.value}{measure.unit};{measure.warn}{colon};{measure.fail}{colon};0"
