"""This module holds one instance in a mirror, and what is known of it beyond its items."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec


class MemberRole(Enum):
    """What a member is in its mirror."""

    PRIMARY = "primary"
    BACKUP = "backup"
    FAILOVER = "failover"
    """Primary or backup: a file does not say which of the two."""
    DR_ASYNC = "dr-async"
    REPORTING_ASYNC = "reporting-async"
    UNKNOWN = "unknown"

    @property
    def takes_over(self) -> bool:
        """Whether the member is one of the two that fail over to each other."""
        return self in {MemberRole.PRIMARY, MemberRole.BACKUP, MemberRole.FAILOVER}

    @property
    def reports_only(self) -> bool:
        """Whether the member is never promoted, so that much may rightly be missing there."""
        return self is MemberRole.REPORTING_ASYNC


FAILOVER_ROLES = frozenset(role for role in MemberRole if role.takes_over)
ASYNC_ROLES = frozenset({MemberRole.DR_ASYNC, MemberRole.REPORTING_ASYNC})
OTHER_ROLES = frozenset(MemberRole) - {MemberRole.PRIMARY}
"""Everybody but the primary."""


class Product(Enum):
    """The product line, which decides how system databases and settings are called."""

    IRIS = "IRIS"
    CACHE = "Caché"
    UNKNOWN = ""


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One instance, by the name the user gave it (or that of its folder or file)."""

    name: str
    role: MemberRole = MemberRole.UNKNOWN
    mirror: str = ""
    instance: str = ""
    """The mirror member name as the instance itself states it (`[MirrorMember] SystemName`)."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a snapshot knows of the instance that is not an item."""

    product: Product = Product.UNKNOWN
    release: str = ""
    """The CPF schema version or `VersionSystem` (`2023.3`); empty where no file says."""
    virtual_address: bool | None = None
    """Whether clients reach the mirror through a virtual address; `None` where no file says."""
    paths: dict[str, str] = {}
    """Names that were put in place of this member's own directories: `{"mgr": "/usr/irissys/mgr/"}`."""
    observed: dict[str, Any] = {}
    """What a live member said of itself beyond its items: `{"mirror.status": "BACKUP"}`."""
    unobserved: dict[str, str] = {}
    """What it was asked and did not say, and why. Never taken for a good answer."""
