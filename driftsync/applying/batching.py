"""This module says which actions are activated together: mappings of one namespace and class, one after another."""

from __future__ import annotations

from collections.abc import Sequence

from driftsync.kinds import all_kinds
from driftsync.kinds.written import ByObject
from driftsync.model import Action


def is_batched(action: Action) -> bool:
    """Say whether an action is saved first and brought to life together with others."""
    written = all_kinds()[action.kind].written
    return isinstance(written, ByObject) and written.batched


def batch_of(action: Action) -> str:
    """Return what an action is activated with: its kind and namespace."""
    return f"{action.kind}:{action.identity.get('Namespace', '').upper()}"


def closes_batch(actions: Sequence[Action], place: int) -> bool:
    """Say whether an action brings itself to life, and with it all of its batch before it."""
    action = actions[place]
    if not is_batched(action):
        return True
    for later in actions[place + 1 :]:
        if not is_batched(later):
            return True
        if batch_of(later) == batch_of(action):
            return False
    return True
