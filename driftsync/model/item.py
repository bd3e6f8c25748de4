"""This module holds one configured thing on one member."""

from __future__ import annotations

from typing import Any

import msgspec

from driftsync.model.key import ItemKey

Value = Any
"""None, bool, int, float, str, `Secret`, or a list or dict of them: whatever JSON and a secret can say."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One configured thing on one member, its values already in their one spelling.

    A property that is empty is left out: in an export, absent and empty are the same.
    """

    key: ItemKey
    compared: dict[str, Value] = {}
    local: dict[str, Value] = {}
    """What rightly differs, raw paths, and evidence such as the date of the last password change."""
    unlisted: dict[str, Value] = {}
    """Properties that no declaration lists, by fingerprint: they might be secrets."""
    unread: tuple[str, ...] = ()
    """Properties that could not be read: never equal to anything."""
    partial: bool = False
    """Whether the source states only some properties, so that an absent one says nothing."""
