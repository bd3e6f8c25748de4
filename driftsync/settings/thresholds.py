"""This module holds `[check]`: where a warning begins and where a failure does, the vendor's own as defaults (mirror.md 3)."""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[check]`: what `driftsync check` takes for a warning and what for a failure."""

    licence_warn_days: Count = 7
    licence_fail_days: Count = 5
    journal_warn_megabytes: Count = 250
    journal_fail_megabytes: Count = 50
    journal_low_percent: Percent = 20
    """Free of the journals' disk, below which journals that are kept for somebody are a failure."""
    dejournal_warn_seconds: Count = 60
    certificate_warn_days: Count = 30
    certificate_fail_days: Count = 7
    memory_fail_percent: Percent = 75
    clock_seconds: Count = 30
    qos_milliseconds: Count = 8000
    database_size_percent: Annotated[int, msgspec.Meta(ge=100)] = 200
    """Of the primary's size, above which a database takes much more room than it needs."""
    data_check_days: Count = 30
    """How old a comparison of the data may be."""
    run_hours: Count = 26
    """Since the last kept run that could read a member: a night and two hours."""
    accepted_warn_days: Count = 14
    journal_warn_hours: Count = 48
    """Until the journal disk is full; these two are ours, the vendor names none."""
    journal_fail_hours: Count = 12
    forecast_least_minutes: Count = 60
    """Between two readings; less is noise."""
    purge_days: Count = 14
    """After which the journals that a disconnected async member lacks are purged (`JrnPurgeDefaultWaitDuration`)."""
    purge_fail_days: Count = 4
    """So many days before that it is too late to wait any longer."""


ORDERED = (
    ("licence_fail_days", "licence_warn_days"),
    ("journal_fail_megabytes", "journal_warn_megabytes"),
    ("certificate_fail_days", "certificate_warn_days"),
    ("journal_fail_hours", "journal_warn_hours"),
    ("purge_fail_days", "purge_days"),
)
"""The first is never above the second: a failure is worse than a warning."""


def out_of_order(thresholds: Thresholds) -> tuple[str, str] | None:
    """Return two that contradict each other, `None` where none do."""
    return next(
        (pair for pair in ORDERED if getattr(thresholds, pair[0]) > getattr(thresholds, pair[1])), None
    )
