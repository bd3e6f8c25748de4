"""This module holds what a role swap would do to the people who work with the applications."""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.member import MemberRole


class Effect(Enum):
    """What would happen, worst first."""

    BREAKS = "breaks"
    STOPS = "stops"
    STARTS = "starts"
    CHANGES = "changes"


class Audience(Enum):
    """Who would notice, those first on whom most others depend."""

    EVERYBODY = "everybody"
    USERS = "users"
    WEB = "web-applications"
    PROGRAMS = "programs"
    INTERFACES = "interfaces"
    TASKS = "tasks"
    OPERATORS = "operators"


class Consequence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that somebody would notice, and the item behind it."""

    effect: Effect
    audience: Audience
    who: str
    """Who of them would notice."""
    what: str
    key: str
    """The item behind it; the name of a fact where it is none (`licence.units`)."""
    properties: list[str] = []
    """Which properties of the item cause it; empty for the item as a whole."""
    why: str = ""
    """Why the kind matters after a failover."""
    portal: str
    """Where it is set, so that it can be repaired."""
    repair: str = ""
    """The command that leads to the repair."""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """All consequences of promoting one member in place of another."""

    format_version: int
    driftsync: str
    taken_at: str
    primary: str
    """Who is the primary, or was it."""
    primary_taken_at: str
    """When it was read."""
    promote: str
    promote_role: MemberRole
    """What the member is today."""
    promote_taken_at: str
    consequences: list[Consequence]
    blind: list[str]
    """What could not be read whole on both sides: nothing is known of its consequences."""
    not_looked_at: list[str]
    """Kinds that neither side shows, because there is no way to read them."""

    @property
    def harmless(self) -> bool:
        """Only where nothing would break, stop or start, and everything could be looked at."""
        return not self.blind and all(each.effect is Effect.CHANGES for each in self.consequences)
