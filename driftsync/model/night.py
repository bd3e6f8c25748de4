"""This module holds what one night knows beyond its comparison: what is new, since when, who moved, what was accepted."""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.drift import Severity


class Origin(Enum):
    """Which side moved since both last agreed on an item."""

    PRIMARY = "changed-on-primary"
    MEMBER = "changed-on-member"
    """A conflict: somebody changed it where it is not the rule."""
    BOTH = "changed-on-both"
    NEVER = "never-equal"
    """They have never been seen to agree."""
    PRIMARY_ALONE = "primary-alone"
    """The member is as the mirror was; the present primary never was so. Seen after a role swap."""


class Reopened(Enum):
    """Why an acknowledgement no longer counts."""

    EXPIRED = "expired"
    CHANGED = "changed"


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody's word that a difference is known and may stay, until when and why. Pinned to the values seen."""

    mirror: str
    member: str
    key: str
    reason: str
    owner: str
    until: str
    """ISO date; the last day on which it counts."""
    accepted_at: str
    seen: str
    """Digest of the difference: another value on either side ends the acknowledgement."""


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one difference beside the difference itself."""

    member: str
    key: str
    new: bool
    """Not there, not so, or accepted, at the last run that could have seen it."""
    altered: bool = False
    """There at the last run, but with other values."""
    since: str
    """When it was first seen, UTC, ISO 8601."""
    origin: Origin
    accepted: Acknowledgement | None = None
    reopened: Reopened | None = None
    """Why an acknowledgement no longer counts."""


class Resolved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A difference of an earlier run that this run looked for and did not find."""

    member: str
    key: str
    kind: str
    type: str
    severity: Severity
    since: str
    because: str = ""
    """Why it counts no more although the sides still differ: a rule of the settings, another release."""


class Night(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run over one mirror, seen against the runs before it."""

    run: int
    at: str
    """When the run ended, UTC, ISO 8601."""
    previous: str = ""
    """When the run before it ended; empty for the first."""
    primary_before: str = ""
    """Who was the primary then, where it was another one."""
    missed: int = 0
    """Nights without a run since then."""
    unseen: int = 0
    """Differences of earlier runs that this one could not look for; they stay open."""
    standings: list[Standing] = []
    resolved: list[Resolved] = []

    def by_key(self, member: str) -> dict[str, Standing]:
        """Return what is known of the differences of one member, by key."""
        return {each.key: each for each in self.standings if each.member == member}
