"""This module decides how a command ends. The first of 70, 130, 5, 4, 2, 1, 3, 0 that applies is the exit."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftsync.model import Drift, Report


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


def exit_of_report(report: Report) -> Exit:
    """Return how a report ends; a member that could not be read makes it incomplete."""
    exits = [exit_of_drift(drift) for mirror in report.mirrors for drift in mirror.drifts]
    if not report.complete:
        exits.append(Exit.INCOMPLETE)
    return first_that_applies(exits)


def exit_of(found: Drift | Report, *, plugin: bool) -> int:
    """Return how `diff` or `report` ends; a plugin of a monitoring system has codes of its own."""
    if plugin:
        from driftsync.reporting.nagios import state_of

        return state_of(found)
    from driftsync.model import Drift

    return exit_of_drift(found) if isinstance(found, Drift) else exit_of_report(found)
