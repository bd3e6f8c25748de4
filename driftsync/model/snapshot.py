"""This module holds one member at one moment: facts, items, gaps, and how much was seen of each kind."""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.item import Item
from driftsync.model.member import Facts, Member


class Coverage(Enum):
    """How much of a kind a snapshot saw. `Missing` and `Extra` follow only between whole coverages."""

    WHOLE = "whole"
    PARTIAL = "partial"
    NONE = "none"
    NOT_LOOKED_AT = "not looked at"


class Gap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What could not be read, and why. Unreadable is never empty and never equal.

    The fields narrow it down as far as it applies: a whole kind, one namespace of it, one item, one
    property. `member` names whose side it is on.
    """

    reason: str
    kind: str = ""
    namespace: str = ""
    key: str = ""
    property: str = ""
    member: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One document that a snapshot was read from."""

    path: str
    format: str
    """What the content was recognised as: `cpf`, `security-export`, `task-export` …"""
    remark: str = ""
    """What a reader should know: another encoding, what the file could not show."""


class KindReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one kind of a live member was read."""

    route: str = ""
    closed: list[str] = []
    """Why routes that would have been preferred were not taken."""
    round_trips: int = 0
    seconds: float = 0.0


class Extraction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a live member was read: what it cost, and by which routes."""

    driver: str
    """The version of the driver."""
    version: str
    """`$ZVERSION` of the member."""
    round_trips: int
    """Two for a statement, one for a call; further pages of a long answer come on top."""
    seconds: float
    kinds: dict[str, KindReading] = {}


class Header(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag_field="format",
    tag="driftsync-snapshot",
):
    """The first line of a snapshot file: everything but the items. Its first key tells what the file is."""

    format_version: int
    driftsync: str
    member: Member
    taken_at: str
    """UTC, ISO 8601."""
    items: int
    """How many items follow, so that a file that was cut is noticed."""
    facts: Facts
    coverage: dict[str, Coverage]
    """Kind → coverage; a kind that is not here was not looked at."""
    sources: list[Source] = []
    gaps: list[Gap] = []
    extraction: Extraction | None = None
    """Only of a live member."""


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One item as it stands in a snapshot file; the parts stay encoded until they are needed."""

    key: str
    spelled: str = ""
    """The key as it is printed, only where folding changed it."""
    compared: msgspec.Raw
    local: msgspec.Raw = msgspec.Raw(b"{}")
    unlisted: msgspec.Raw = msgspec.Raw(b"{}")
    unread: tuple[str, ...] = ()
    partial: bool = False


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """One member at one moment. Items are sorted by key, one item a key."""

    header: Header
    items: tuple[Item, ...]
