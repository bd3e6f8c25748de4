"""This module holds what two members differ in: `Missing`, `Extra`, `Changed`, `Clash`, and the notes."""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.item import Value
from driftsync.model.member import Facts, Member
from driftsync.model.snapshot import Coverage, Extraction, Gap, Source


class Severity(Enum):
    """What a difference would do after a failover, worst first."""

    FAILOVER = "fails-failover"
    APPLICATION = "breaks-application"
    SECURITY = "security"
    HYGIENE = "hygiene"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One property that differs. `expected` is the primary's value, `actual` the member's."""

    property: str
    expected: Value
    actual: Value
    detail: list[str] = []
    """For lists and records: what was added, removed or altered inside, one line each."""
    unlisted: bool = False
    """Whether no declaration lists the property, so that only its fingerprint was compared."""


class Edited(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When an item was last edited on one side and by whom, as far as IRIS keeps it."""

    on_primary: bool
    at: str
    by: str = ""


class _Difference(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    key: str
    kind: str
    severity: Severity
    product: bool = False
    """Whether the item ships with the product; otherwise it is the site's own."""
    edited: list[Edited] = []
    """Only where the members themselves say so."""


class Missing(_Difference, frozen=True, kw_only=True, tag="missing"):
    """The primary has the item, the member has not."""

    expected: dict[str, Value]


class Extra(_Difference, frozen=True, kw_only=True, tag="extra"):
    """The member has the item, the primary has not."""

    actual: dict[str, Value]


class Changed(_Difference, frozen=True, kw_only=True, tag="changed"):
    """Both have the item, with other values."""

    changes: list[Change]


class Clash(_Difference, frozen=True, kw_only=True, tag="clash"):
    """Values that must differ between members are the same; `changes` names them."""

    changes: list[Change]


Difference = Missing | Extra | Changed | Clash


class NoteType(Enum):
    """Why something that differs, or could not be compared, is not drift."""

    VERSION = "version"
    UNLISTED = "unlisted"
    NOT_COMPARABLE = "not-comparable"
    LOCAL = "local"
    EXPECTED = "expected"
    IGNORED = "ignored"
    """A rule of the settings says that it does not matter."""


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something worth knowing beside the differences; never a cause for an exit code."""

    type: NoteType
    kind: str
    text: str
    key: str = ""
    property: str = ""
    by_rule: bool = False
    """Whether a rule of the settings says so."""
    expected: Value = msgspec.UNSET
    actual: Value = msgspec.UNSET


class CoveragePair(msgspec.Struct, frozen=True):
    """How much of a kind each side saw."""

    primary: Coverage
    member: Coverage


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The counts, which are the first thing anybody reads."""

    missing: int
    extra: int
    changed: int
    clash: int
    gaps: int
    compared: int
    """Items that stood on at least one side and were looked at."""
    local: int
    """Local properties that differ, rightly; listed only on request."""
    product: int
    """Of missing and extra: how many ship with the product."""

    @property
    def differences(self) -> int:
        return self.missing + self.extra + self.changed + self.clash


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side of a comparison: who it is and where its snapshot came from."""

    name: str
    member: Member
    facts: Facts
    taken_at: str
    sources: list[Source]
    extraction: Extraction | None = None
    """How it was read, where it was read live."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """All differences of one member from its primary."""

    format_version: int
    complete: bool
    """Whether all that was looked at was read: no gaps."""
    primary: Party
    member: Party
    summary: Summary
    differences: list[Difference]
    gaps: list[Gap]
    coverage: dict[str, CoveragePair]
    notes: list[Note]

    @property
    def clean(self) -> bool:
        """Only with no differences **and** no gaps."""
        return not self.differences and not self.gaps
