"""This module says which side moved: a three-way comparison of what both last agreed on with what they hold now."""

from __future__ import annotations

from typing import Final

from driftsync.model import Origin
from driftsync.store import Agreed

ABSENT: Final = ""
"""Stands for an item that is not there, where that is known."""


def origin_of(primary_base: Agreed | None, primary: str, member_base: Agreed | None, member: str) -> Origin:
    """Return who moved. A base is what that side held when it was last seen to agree, `None` where it never was.

    The bases of the two may be of different runs: each agreed with whoever was the primary then. The one with the later
    agreement is ahead, and the other stayed behind.
    """
    if member_base is None:
        return Origin.NEVER
    member_moved = member != member_base.digest
    if primary_base is None:
        return Origin.MEMBER if member_moved else Origin.PRIMARY_ALONE
    primary_moved = primary != primary_base.digest
    if primary_base.version != member_base.version:
        if primary_base.run > member_base.run:
            primary_moved = True
        elif not member_moved:
            return Origin.BOTH if primary_moved else Origin.PRIMARY_ALONE
    match primary_moved, member_moved:
        case True, True:
            return Origin.BOTH
        case True, False:
            return Origin.PRIMARY
        case False, True:
            return Origin.MEMBER
    return Origin.NEVER
