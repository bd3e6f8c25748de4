"""This module carries out actions on paper: what a member would hold afterwards, as a snapshot would show it.

The lock-out proof looks at it, and so does the law that a plan closes its own drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from driftsync import normalize
from driftsync.checks.spec import MemberView
from driftsync.kinds import all_kinds, declaration, parse_key
from driftsync.kinds.spec import WHETHER_SET, Kind, Property, Shape, Treat
from driftsync.model import Action, Item, Sort, Value


def afterwards(primary: MemberView, member: MemberView, actions: Iterable[Action]) -> MemberView:
    """Return the member as it would be after `actions`; secrets that are carried are those of the primary."""
    items = {kind: dict(member.all_of(kind)) for kind in all_kinds()}
    paths = member.header.facts.paths
    for action in actions:
        kind, key = all_kinds()[action.kind], parse_key(action.key)
        there = items[kind.name]
        if action.sort is Sort.DELETE:
            there.pop(key.match, None)
            continue
        stated = primary.found(kind.name, key.match)
        held = there.get(key.match) or Item(key=key, compared=_by_itself(kind, key.namespace, stated))
        compared = dict(held.compared)
        for name, value in action.sets.items():
            _set(declaration(kind, key.namespace, key.identity, name), name, value, compared, paths)
        for name in action.secrets:
            if stated is not None and name in stated.compared:
                compared[name] = stated.compared[name]
        there[key.match] = replace(held, compared=compared)
    return MemberView(member.header, items)


def _by_itself(kind: Kind, namespace: str, stated: Item | None) -> dict[str, Value]:
    """Return what IRIS gives a new item by itself."""
    if stated is None:
        return {}
    return {
        name: value
        for name, value in stated.compared.items()
        if (kind.name, name) == ("user", "Flags")
        or (
            (found := declaration(kind, namespace, stated.key.identity, name))
            and found.treat is Treat.READ_ONLY
        )
    }


def _set(
    declared: Property | None,
    name: str,
    value: Value,
    compared: dict[str, Any],
    paths: Mapping[str, str],
) -> None:
    if declared is not None and declared.presence:
        name = f"{name}{WHETHER_SET}"
    if value is None:
        compared.pop(name, None)
        return
    if declared is not None and declared.shape in {Shape.PATH, Shape.GUARDED}:
        value = normalize.path(value, paths)
    elif declared is not None and declared.shape is Shape.PATHS:
        value = normalize.paths(value, paths)
    elif isinstance(value, dict) and declared is not None and declared.shape is Shape.RECORDS:
        value = {
            each: normalize.path(inner, paths) if isinstance(inner, str) else inner
            for each, inner in value.items()
        }
    compared[name] = value
