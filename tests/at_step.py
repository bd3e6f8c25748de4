"""Lets something happen at one step of a run, right after its journal knows how far the step has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from driftsync.applying.journal import Journal
from driftsync.model import StepState


def at_step(
    monkeypatch: pytest.MonkeyPatch, state: StepState, deed: Callable[[], object], number: int = 1
) -> None:
    """Do something once, right after the journal has taken in that a step came into a state."""
    step = Journal.step

    def noted(journal: Journal, given: int, now: StepState, *words: Any, **more: Any) -> None:
        step(journal, given, now, *words, **more)
        if (given, now) == (number, state):
            monkeypatch.setattr(Journal, "step", step)
            deed()

    monkeypatch.setattr(Journal, "step", noted)
