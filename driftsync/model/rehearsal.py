"""This module holds what a role swap would do to the people who work with the applications."""

from __future__ import annotations

from enum import Enum

import msgspec


class Effect(Enum):
    """What would happen, worst first."""

    BREAKS = "breaks"
    STOPS = "stops"
    STARTS = "starts"
    CHANGES = "changes"


class Consequence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody would notice, and the item behind it."""

    effect: Effect
    who: str
    """Who would notice."""
    what: str
    key: str
    portal: str
    """Where it is set, so that it can be repaired."""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """All consequences of promoting one member in place of another."""

    format_version: int
    driftsync: str
    taken_at: str
    primary: str
    promote: str
    consequences: list[Consequence]
    blind: list[str]
    """Kinds that could not be read whole on both sides: nothing is known of their consequences."""

    @property
    def harmless(self) -> bool:
        """Only where nothing would break or stop, and everything could be looked at."""
        return not self.blind and all(
            each.effect in {Effect.STARTS, Effect.CHANGES} for each in self.consequences
        )
