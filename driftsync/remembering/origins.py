"""This module says which side moved: a three-way comparison of what both last agreed on with what they hold now."""

from __future__ import annotations

from typing import Final

from driftsync.model import Origin

ABSENT: Final = ""
"""Stands for an item that is not there, where that is known."""
UNKNOWN: Final = "?"
"""Stands for a side that has never been seen to agree with the other."""


def origin_of(primary_base: str, primary: str, member_base: str, member: str) -> Origin:
    """Return who moved. A base is what that side held when it last agreed with its counterpart, else `UNKNOWN`.

    The bases of the two sides may be of different nights, after the role of primary went from one to another.
    """
    if primary_base == UNKNOWN and member_base == UNKNOWN:
        return Origin.NEVER
    primary_moved = primary_base not in (UNKNOWN, primary)
    member_moved = member_base not in (UNKNOWN, member)
    if primary_moved and member_moved:
        return Origin.BOTH
    if primary_moved:
        return Origin.PRIMARY
    if member_moved:
        return Origin.MEMBER
    if primary_base == UNKNOWN:
        return Origin.PRIMARY_ALONE
    return Origin.NEVER
