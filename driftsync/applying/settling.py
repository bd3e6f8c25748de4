"""This module says what an item is in the eyes of an action: still as before, as wanted, or neither of the two."""

from __future__ import annotations

from enum import Enum
from hashlib import sha256
from typing import Any

from driftsync.files import ENCODER, digest_of_item
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


def settle(action: Action, item: Item | None, model: Item | None = None, intended: str = "") -> Finding:
    """Say which side of an action an item is on; what is both (nothing to do) counts as after.

    `model` is the primary's item: whether a secret arrived is seen by the fingerprints of both, or by those that were
    `intended` when the step was sent, should the primary have others by now.
    """
    if holds(action, item, model) or (intended and item is not None and _arrived(action, item, intended)):
        return Finding.AFTER
    if digest_of_item(item) == action.digest_before:
        return Finding.BEFORE
    return Finding.BEFORE if not action.secrets and held(action, item) else Finding.NEITHER


def digest_of_secrets(action: Action, item: Item | None) -> str:
    """Return what the secrets of an action are known by, as an item has them; nothing where it writes none."""
    if not action.secrets or item is None:
        return ""
    found = {name: item.compared.get(name) for name in sorted(action.secrets)}
    return sha256(ENCODER.encode(found)).hexdigest()


def _arrived(action: Action, item: Item, intended: str) -> bool:
    return not unequal(action.sets, item) and digest_of_secrets(action, item) == intended


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
    """Say whether an item may be what a step of ours left half done; what else it is, somebody else has made of it.

    An object is saved whole or not at all, so a half is only what one call makes and another completes, or what several
    statements give: each property then is as it was, as it was to be, or empty.
    """
    written = all_kinds()[action.kind].written
    if item is None:
        return action.sort is not Sort.CHANGE or not isinstance(written, ByObject)
    strange = {
        name
        for name in (*action.sets, *action.before)
        if name not in action.sets or name in unequal(action.sets, item)
        if name not in action.before or name in unequal(action.before, item)
    }
    if not isinstance(written, ByObject):
        return all(_plain(item.compared.get(name)) in (None, 0) for name in strange)
    if action.sort is Sort.CHANGE:
        return not strange
    if written.creates in {"", "%New"}:
        return False
    return all(
        name not in written.arguments and _plain(item.compared.get(name)) in (None, 0) for name in strange
    )


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
