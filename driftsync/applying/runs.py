"""This module tells from the journals alone what became of runs: of one, and of those that were cut off before they were kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from driftsync.applying.journal import Journal, JournalError, NeverBegunError, journals
from driftsync.applying.recall_task import key_of
from driftsync.model import FORMAT_VERSION, Run
from driftsync.version import __version__


def run_of(journal: Journal, *, ended_at: str = "", compared_again: bool = False) -> Run:
    """Return what became of a run, as far as its journal knows."""
    outcomes = journal.outcomes()
    return Run(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        id=journal.run,
        plan=journal.plan.id,
        mirror=journal.plan.mirror,
        member=journal.plan.member.name,
        state=journal.state,
        started_at=journal.beginning.started_at,
        ended_at=ended_at,
        confirm_by=journal.recall.until if journal.recall and journal.waits else "",
        confirm_task=key_of(journal.run) if journal.waits else "",
        outcomes=outcomes,
        remaining=[each.key for each in outcomes if each.state is not journal.state.wanted],
        compared_again=compared_again,
    )


def cut_off(folder: Path, kept: Collection[str], limit: int) -> Iterator[tuple[str, Run | None]]:
    """Yield the runs that may have written and that nothing kept, the latest first; `None` where the journal is damaged."""
    unkept = [path for path in journals(folder) if path.stem not in kept]
    for path in unkept[:limit]:
        try:
            journal = Journal.read(path)
        except NeverBegunError:
            continue
        except JournalError:
            yield path.stem, None
            continue
        if journal.touched or journal.waits:
            yield path.stem, run_of(journal)
