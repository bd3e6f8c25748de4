"""This module holds what the store gives and takes: runs, readings, findings, agreements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from driftsync.model import Header, Severity


@dataclass(frozen=True)
class RunRow:
    """One run over one mirror."""

    id: int
    mirror: str
    started: str
    ended: str
    primary: str
    complete: bool
    differences: int


@dataclass(frozen=True)
class Found:
    """One difference as it is remembered."""

    member: str
    key: str
    kind: str
    type: str
    severity: Severity
    digest: str
    since: str = ""
    last_seen: str = ""
    turned: bool = False
    """Whether it is one of the primary's own, turned round; or was, until that became the primary."""


@dataclass(frozen=True)
class Agreed:
    """What a member held when it was last found equal with a primary. An empty digest: nothing, on both sides."""

    version: str
    """What stands for the content on all members that agreed on it, however each of them spells it."""
    digest: str
    """Of the item as this member has it."""
    run: int


@dataclass(frozen=True)
class MemberRead:
    """One member of a run: its snapshot, or why there is none."""

    member: str
    role: str
    header: Header | None = None
    lines: Iterable[bytes] = field(default=(), repr=False)
    error: str = ""


@dataclass(frozen=True)
class ReadingRow:
    """One member of a run as it is kept, without its items."""

    run: int
    started: str
    member: str
    header: Header | None
    """`None` where the member could not be read."""


@dataclass(frozen=True)
class Before:
    """What the store holds of a member from its last run: which kinds it saw whole, and its items."""

    header: Header
    lines: tuple[bytes, ...] = field(repr=False)
    run: int
