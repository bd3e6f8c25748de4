"""This module notices nights without a run: of a mirror that was read, and of one that was not even tried."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from driftsync.model import WithoutRun
from driftsync.store import RunRow, Store


def nights_missed(previous: RunRow | None, today: date) -> int:
    """Return how many nights had no run since the one before."""
    if previous is None:
        return 0
    return max(0, (today - datetime.fromisoformat(previous.ended).date()).days - 1)


def without_run(store: Store, mirrors: Iterable[str], today: date) -> list[WithoutRun]:
    """Return those of `mirrors`, none of which is read this time, that a night at least has passed by."""
    found = []
    for name in mirrors:
        last = store.last_run(name)
        if last is None or nights_missed(last, today):
            found.append(WithoutRun(mirror=name, last=last.ended if last else ""))
    return found
