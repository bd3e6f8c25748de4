"""This module says where a run takes place and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from driftsync.applying.guarding import UNSETTLED
from driftsync.connections.interface import WritableConnection
from driftsync.fingerprinting import Fingerprinter
from driftsync.model import Plan, Run

Opener = Callable[[], WritableConnection]
Progress = Callable[[int], None]
"""Told how many steps were taken."""


@dataclass(frozen=True)
class Ground:
    """Where a run takes place: how both members are reached, and where its journal is kept."""

    member: Opener
    primary: Opener
    folder: Path
    fingerprinter: Fingerprinter
    member_directories: Mapping[str, str] = field(default_factory=dict)
    """The names that the settings give to a member's own directories, beside those that it tells itself."""
    primary_directories: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Opener] = field(default_factory=dict)
    """Further members of the mirror, by name: whoever else says that it is the primary stops a run."""
    unsettled: timedelta = UNSETTLED
    progress: Progress = lambda _done: None
    within: timedelta | None = None
    """How long the member waits to take a run back by itself unless it is confirmed; `None`: it never does."""
    protected: frozenset[str] = frozenset()
    """Accounts that must not lose anything, beside those that always must not: the tool's own, those of the settings."""
    spend: Callable[[Plan], None] = lambda _plan: None
    """Told right before the first write of a run that its plan is used from here on; raises `PlanRefusedError`."""


@dataclass(frozen=True)
class Carried:
    """A run and what it cost."""

    run: Run
    round_trips: int
    writes: int
    """Steps that were sent to the member, this time."""
    told: tuple[str, ...] = ()
    """What was not as it should be on the way and did not stop the run."""
