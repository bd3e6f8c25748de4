"""This module holds the answer to one question: if this member became primary now, would it work?"""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.rehearsal import Rehearsal


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


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number behind a finding, for whoever draws curves: days, megabytes, seconds."""

    name: str
    value: int
    unit: str = ""
    """`s`, `MB`, or empty where it counts something."""
    warn: int
    fail: int
    falling: bool = False
    """Whether little is bad: then *below* `warn` and `fail` it is one; otherwise *above* them."""


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
    measure: Measure | None = None
    """The number behind it, where there is one."""


class Readiness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All findings of one mirror for one member that would be promoted."""

    format_version: int
    driftsync: str
    taken_at: str
    mirror: str
    primary: str
    promote: str
    verdict: Verdict
    findings: list[Finding]
    strict: bool = False
    """Whether a warning counts as *not ready*."""
    rehearsal: Rehearsal | None = None
    """What people would notice; `None` where one of the two members could not be read."""

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the verdict from being *ready*."""
        return [each for each in self.findings if each.outcome in {Outcome.FAIL, Outcome.UNKNOWN}]


class ReadinessReport(msgspec.Struct, frozen=True, kw_only=True):
    """One mirror or many, as `driftsync check` answers for them."""

    format_version: int
    driftsync: str
    taken_at: str
    complete: bool
    """Whether every check of every mirror could be answered."""
    mirrors: list[Readiness]
