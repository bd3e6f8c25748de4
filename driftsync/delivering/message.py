"""This module holds what there is to say of a report: counts, members, and the worst differences by name."""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model import FORMAT_VERSION, MemberRole, Severity
from driftsync.version import __version__


class State(Enum):
    """How loud something is."""

    CLEAN = "clean"
    DRIFT = "drift"
    GAP = "gap"
    """Nothing differs in what could be compared, but not everything could be."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One difference as a message tells it: what differs, never the values."""

    member: str
    key: str
    kind: str
    type: str
    severity: Severity
    properties: list[str] = []
    new: bool | None = None


class MemberTold(msgspec.Struct, frozen=True, kw_only=True):
    """One member: how it stands against its primary."""

    name: str
    role: MemberRole
    state: State
    verdict: str
    """The sentence that matters most; of a member that could not be read, why."""
    read: bool = True
    missing: int = 0
    extra: int = 0
    changed: int = 0
    clash: int = 0
    gaps: int = 0
    accepted: int = 0
    worst: Severity | None = None


class MirrorTold(msgspec.Struct, frozen=True, kw_only=True):
    """One mirror and its members."""

    name: str
    primary: str
    members: list[MemberTold]
    ready: bool | None = None
    """Whether the backup could take over by every check; null where that is not known or was not asked."""
    readiness: str = ""
    """The answer in a sentence; empty where it was not asked."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say; a webhook is sent exactly this, templates see it as `message`."""

    format_version: int = FORMAT_VERSION
    driftsync: str = __version__
    test: bool = False
    """Whether it only tries out a channel."""
    subject: str
    state: State
    complete: bool
    taken_at: str
    link: str = ""
    mirrors: list[MirrorTold] = []
    open: int = 0
    """Differences that nobody has accepted."""
    new: int | None = None
    """Of the open ones, those that no run before had; null where there was none, or none is kept."""
    accepted: int = 0
    resolved: int = 0
    """Differences of the run before that are gone."""
    worst: Severity | None = None
    differences: list[Told] = []
    """The open ones, worst first, at most 200."""
    more: int = 0
    """Open ones that are not listed here."""
