"""This module holds a mirror as its running members tell it: who belongs to it, where, and what each says it is."""

from __future__ import annotations

import msgspec

from driftsync.model.member import MemberRole


class Addresses(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the mirror's own definition says a member is. These may be private to the mirror."""

    mirror: str = ""
    """Host and port of the superserver, for the other members."""
    agent: str = ""
    ecp: str = ""


class MemberSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One member, reached or not; what is not known is empty."""

    name: str
    """As the settings call it, else as the mirror does."""
    instance: str = ""
    """The mirror member name as the mirror's definition has it, or the member itself."""
    role: MemberRole = MemberRole.UNKNOWN
    status: str = ""
    """The code of `$SYSTEM.Mirror.GetStatus()`, never a localised text."""
    mirror: str = ""
    release: str = ""
    address: str = ""
    """Where it answered, or was tried."""
    tls: bool = True
    configured: bool = False
    """Whether it stands in the settings; the others are known from the mirror's definition."""
    defined: Addresses | None = None
    """`None` for a member that the mirror's definition lacks, or where no member could tell it."""
    reason: str = ""
    """Why it could not be read; empty for a member that answered."""
    hint: str = ""

    @property
    def answered(self) -> bool:
        """Whether the member itself said what it is."""
        return not self.reason


class MirrorSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One mirror and all its members."""

    name: str
    members: list[MemberSeen]
    problem: str = ""
    """What keeps the members from making a whole: two primaries, none, another mirror."""
    hint: str = ""
    untold: str = ""
    """Why the mirror's own list of members could not be read, so that one may be missing here."""

    @property
    def primary(self) -> MemberSeen | None:
        """Return the member that says it is the primary, where exactly one does."""
        found = [member for member in self.members if member.role is MemberRole.PRIMARY]
        return found[0] if len(found) == 1 else None

    @property
    def complete(self) -> bool:
        """Whether every member answered and they make a whole."""
        return not (self.problem or self.untold) and all(member.answered for member in self.members)


class MembersReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `driftsync members` tells: one mirror or many, at one moment."""

    format_version: int
    driftsync: str
    taken_at: str
    complete: bool
    mirrors: list[MirrorSeen]
