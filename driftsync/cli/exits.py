"""This module decides how a command ends. The first of 70, 130, 5, 4, 2, 1, 3, 0 that applies is the exit."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftsync.model import Difference, Drift, MirrorReport, ReadinessReport, Report, Standing


class Exit(IntEnum):
    """What the exit codes mean."""

    CLEAN = 0
    DRIFT = 1
    USAGE = 2
    INCOMPLETE = 3
    FAILED = 4
    REFUSED = 5
    INTERNAL = 70
    INTERRUPTED = 130


ORDER = (
    Exit.INTERNAL, Exit.INTERRUPTED, Exit.REFUSED, Exit.FAILED, Exit.USAGE, Exit.DRIFT, Exit.INCOMPLETE, Exit.CLEAN,
)  # fmt: skip


def first_that_applies(exits: Iterable[Exit]) -> Exit:
    """Return the one that outranks the others; clean where there is none."""
    return min(exits, key=ORDER.index, default=Exit.CLEAN)


def exit_of_drift(drift: Drift) -> Exit:
    """Return how a comparison ends."""
    if drift.differences:
        return Exit.DRIFT
    return Exit.CLEAN if drift.complete else Exit.INCOMPLETE


class FailOn(str, Enum):
    """Which differences make a report end with 1."""

    ANY = "any"
    """Every difference that nobody accepted."""
    NEW = "new"
    FAILOVER = "fails-failover"
    APPLICATION = "breaks-application"
    SECURITY = "security"
    HYGIENE = "hygiene"


def exit_of_report(report: Report, fail_on: FailOn = FailOn.ANY) -> Exit:
    """Return how a report ends; a member that could not be read makes it incomplete."""
    exits = [
        Exit.DRIFT for mirror in report.mirrors for drift in mirror.drifts if _fails(mirror, drift, fail_on)
    ]
    if not report.complete:
        exits.append(Exit.INCOMPLETE)
    return first_that_applies(exits)


def exit_of(found: Drift | Report, *, plugin: bool, fail_on: FailOn = FailOn.ANY) -> int:
    """Return how `diff` or `report` ends; a plugin of a monitoring system has codes of its own."""
    if plugin:
        from driftsync.reporting.nagios import state_of

        return state_of(found)
    from driftsync.model import Drift

    return exit_of_drift(found) if isinstance(found, Drift) else exit_of_report(found, fail_on)


def exit_of_readiness(found: ReadinessReport, *, plugin: bool) -> int:
    """Return how `check` ends: what is not known is no all-clear."""
    if plugin:
        from driftsync.reporting.nagios import state_of

        return state_of(found)
    from driftsync.model import Verdict

    ends = {Verdict.READY: Exit.CLEAN, Verdict.NOT_READY: Exit.DRIFT, Verdict.UNKNOWN: Exit.INCOMPLETE}
    return first_that_applies(ends[each.verdict] for each in found.mirrors)


def _fails(mirror: MirrorReport, drift: Drift, fail_on: FailOn) -> bool:
    standings = mirror.night.by_key(drift.member.name) if mirror.night else {}
    return any(_counts(each, standings.get(each.key), fail_on) for each in drift.differences)


def _counts(difference: Difference, standing: Standing | None, fail_on: FailOn) -> bool:
    if standing is not None and standing.accepted is not None:
        return False
    if fail_on is FailOn.ANY:
        return True
    if fail_on is FailOn.NEW:
        return standing is None or standing.new
    from driftsync.model import Severity

    return difference.severity.rank <= Severity(fail_on.value).rank
