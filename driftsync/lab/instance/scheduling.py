"""This module says when a task of the lab runs next; the lab has no Task Manager, and nothing in it runs by itself."""

from __future__ import annotations

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import as_number
from driftsync.lab.instance.identities import Record

DAILY, ONCE = 0, 0


def next_run(record: Record, day: int, second: int) -> tuple[Value, Value]:
    """Return the day and the second at which a task that runs once a day runs next, nothing where it does not."""
    at = as_number(record.get("DailyStartTime"))
    first = max(as_number(record.get("StartDate")), day)
    if first == day and at <= second:
        first += 1
    last = as_number(record.get("EndDate"))
    return (first, at) if not last or first <= last else ("", "")


def is_once_a_day(record: Record) -> bool:
    """Say whether the lab knows when a task runs: once a day, every day."""
    return (as_number(record.get("TimePeriod")), as_number(record.get("DailyFrequency"))) == (DAILY, ONCE)
