"""This module holds what `driftsync doctor` learns of each member: how it is reached, what may be read, by which way."""

from __future__ import annotations

from enum import Enum

import msgspec

from driftsync.model.member import MemberRole


class Held(Enum):
    """Whether the account has a privilege, as the member itself answered."""

    YES = "yes"
    NO = "no"
    UNTOLD = "cannot be told"


class Privilege(msgspec.Struct, frozen=True, kw_only=True):
    """One privilege that reading needs. It was asked for, never tried."""

    name: str
    """`%Admin_Secure:USE`, `SELECT ON SCHEMA Config`."""
    held: Held
    kinds: list[str]
    """What cannot be read without it, or only in a roundabout way; all kinds for the privilege to connect."""
    reason: str = ""
    """Why it cannot be told."""


class Legible(Enum):
    """Whether a kind can be read on a member."""

    YES = "can be read"
    PARTLY = "can be read in part"
    NO = "cannot be read"
    ABSENT = "does not exist in this release"
    NO_WAY = "no way to read it is known"


class KindExamined(msgspec.Struct, frozen=True, kw_only=True):
    """By which route a kind will be read on a member, or why by none."""

    kind: str
    legible: Legible
    way: str = ""
    """The sort of route: `table`, `class query`, `objects`, `GetList`, `own reader`."""
    route: str = ""
    """The route as a snapshot states it."""
    reasons: list[str] = []
    """Why it cannot be read, or not whole."""
    unread: list[str] = []
    """Properties that this route does not tell."""


class Truth(Enum):
    """What became of a claim about IRIS."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    UNTOLD = "cannot be told"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A claim about IRIS that no document settles, asked of this member."""

    name: str
    claim: str
    verdict: Truth
    detail: str = ""


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """Licence units in use while driftsync is connected."""

    units: int | None = None
    consumed: int | None = None
    """With one connection of driftsync open."""
    consumed_with_two: int | None = None
    """With a second one beside it; `None` where it could not be opened."""


class MemberExamined(msgspec.Struct, frozen=True, kw_only=True):
    """One member; of one that could not be reached, the reason and what is known without it."""

    name: str
    address: str
    """Where it answered, or was tried."""
    tls: bool
    warnings: list[str] = []
    reason: str = ""
    """Why it could not be reached; empty for a member that answered."""
    hint: str = ""
    driver: str = ""
    version: str = ""
    """`$ZVERSION`."""
    role: MemberRole = MemberRole.UNKNOWN
    status: str = ""
    """The code of `$SYSTEM.Mirror.GetStatus()`."""
    untold: str = ""
    """Why it could not be learnt what the member is in its mirror."""
    user: str = ""
    round_trip: float | None = None
    """Seconds from a question to its answer, the middle one of several."""
    clock: float | None = None
    """Seconds that the member's clock is ahead of this computer's."""
    privileges: list[Privilege] = []
    excess: list[str] = []
    """Privileges that the account holds and reading never needs."""
    kinds: list[KindExamined] = []
    facts: list[Fact] = []
    licence: Licence | None = None
    round_trips: int = 0
    seconds: float = 0.0

    @property
    def answered(self) -> bool:
        return not self.reason

    @property
    def complete(self) -> bool:
        """Whether the member answered and all that it has can be read."""
        failing = {Legible.NO, Legible.PARTLY}
        return self.answered and not self.untold and not any(each.legible in failing for each in self.kinds)


class Grants(msgspec.Struct, frozen=True, kw_only=True):
    """A least-privileged account: what to give, and the lines that give it."""

    role: str
    user: str
    resources: list[str]
    """`%Admin_Secure:U`"""
    schemas: list[str]
    objectscript: list[str]
    """In a terminal, in %SYS."""
    sql: list[str]
    """In the SQL shell, in %SYS."""
    elsewhere: list[str]
    """What packages and productions of other namespaces need, in each of them; `NAMESPACE` stands for one."""


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """What `driftsync doctor` tells."""

    format_version: int
    driftsync: str
    taken_at: str
    complete: bool
    members: list[MemberExamined]
    grants: Grants
