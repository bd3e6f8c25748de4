"""This module holds the answer to one question: if this member became primary now, would it work?"""

from __future__ import annotations

from enum import Enum

import msgspec


class Outcome(Enum):
    """What a check found, worst first."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    """Could not be read. Never a pass."""
    WARN = "warn"
    MANUAL = "manual"
    """What no remote client can see: a person must look. Never changes the verdict."""
    PASS = "pass"  # noqa: S105 - a word of the vocabulary


class Verdict(Enum):
    """Whether the member could take over."""

    READY = "ready"
    NOT_READY = "not-ready"
    UNKNOWN = "unknown"


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer of one check, for one member or for the mirror as a whole."""

    id: str
    title: str
    outcome: Outcome
    seen: str
    """What was seen, in a clause."""
    why: str
    do: str
    source: str
    member: str = ""
    """Empty where it is about the mirror."""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """All findings of one mirror for one member that would be promoted."""

    format_version: int
    driftsync: str
    taken_at: str
    mirror: str
    primary: str
    promote: str
    verdict: Verdict
    findings: list[Finding]

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the verdict from being *ready*."""
        return [each for each in self.findings if each.outcome in {Outcome.FAIL, Outcome.UNKNOWN}]
