"""This module says what an item is in the eyes of an action: still as before, as wanted, or neither of the two."""

from __future__ import annotations

from enum import Enum
from typing import Any

from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds
from driftsync.kinds.written import ByObject
from driftsync.model import Action, Item, Sort

UNKNOWN = object()
"""Equal to nothing: a secret whose value on the primary could not be seen."""


class Finding(Enum):
    """What an item says of an action that may or may not have been carried out."""

    BEFORE = "before"
    AFTER = "after"
    NEITHER = "neither"


def settle(action: Action, item: Item | None, model: Item | None = None) -> Finding:
    """Say which side of an action an item is on; what is both (nothing to do) counts as after.

    `model` is the primary's item: whether a secret arrived is seen by the fingerprints of both.
    """
    if holds(action, item, model):
        return Finding.AFTER
    if digest_of_item(item) == action.digest_before:
        return Finding.BEFORE
    return Finding.BEFORE if not action.secrets and held(action, item) else Finding.NEITHER


def holds(action: Action, item: Item | None, model: Item | None = None) -> bool:
    """Say whether an item is as the action wants it, in every property that it writes."""
    if action.sort is Sort.DELETE:
        return item is None
    return item is not None and not unequal(wanted_by(action, model), item)


def wanted_by(action: Action, model: Item | None) -> dict[str, Any]:
    """Return what an action writes; of a secret, the fingerprint that it has on the primary."""
    secrets = {name: model.compared.get(name) if model else UNKNOWN for name in action.secrets}
    return {**action.sets, **secrets}


def held(action: Action, item: Item | None) -> bool:
    """Say whether an item is, in every property that the action sets, as it was."""
    if action.sort is Sort.CREATE:
        return item is None
    return item is not None and not unequal(action.before, item)


def between(action: Action, item: Item | None) -> bool:
    """Say whether an item may be what a step left half done: each property as it was or as it was to be, none otherwise."""
    if (
        action.sort is not Sort.CHANGE
        or item is None
        or not isinstance(all_kinds()[action.kind].written, ByObject)
    ):
        return True
    return not (set(unequal(action.sets, item)) & set(unequal(action.before, item)) & set(action.sets))


def unequal(wanted: dict[str, Any], item: Item) -> list[str]:
    """Return the properties that an item does not hold as they are wanted; empty and absent are the same.

    A path is wanted as this host has it, and an item compares it with its directories replaced: the raw one is among
    what is local. Of what is local altogether `True` says only that it is there.
    """
    return [
        name
        for name, value in wanted.items()
        if _plain(item.compared.get(name)) != _plain(value)
        and (name not in item.local or (value is not True and _raw(item.local[name]) != _raw(value)))
    ]


def _plain(value: Any) -> Any:
    return None if value in (None, "", [], {}, False) else value


def _raw(value: Any) -> Any:
    if isinstance(value, list):
        return _raw((";" if any(":" in str(each)[:3] for each in value) else ":").join(map(str, value)))
    return value.rstrip("/\\") if isinstance(value, str) else value
