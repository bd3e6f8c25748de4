"""This module knows which property of an item names an item of another kind, and what it names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from driftsync.kinds import all_kinds
from driftsync.kinds.making import folded_key
from driftsync.kinds.spec import Kind, Property, Shape
from driftsync.model import Item


@cache
def references() -> tuple[tuple[Kind, Property], ...]:
    """Return every property that names an item of another kind which is told by its name alone."""
    return tuple(
        (kind, each)
        for kind in all_kinds().values()
        for each in kind.properties
        if each.refers_to and each.kept and len(all_kinds()[each.refers_to].identity.properties) == 1
    )


def names_in(item: Item, declared: Property) -> Iterator[str]:
    """Yield the names that one property of an item holds; none where it only follows another property."""
    value = item.compared.get(declared.name, item.local.get(declared.name))
    if not (declared.default_from and value == item.compared.get(declared.default_from)):
        yield from names_of(value, declared)


def names_of(value: Any, declared: Property) -> Iterator[str]:
    """Yield the names that a value of a property holds."""
    if not value:
        return
    if declared.shape is Shape.PAIRS and isinstance(value, dict):
        yield from value
    elif isinstance(value, list):
        for element in value:
            yield from (part for part in str(element).split(declared.inner or "\0") if part)
    else:
        yield str(value)


def key_named(kind: str, name: str) -> str:
    """Return the key, as keys are compared, of the item that a name stands for."""
    declared = all_kinds()[kind]
    namespace = ""
    if declared.identity.namespace:
        namespace, _slash, name = name.partition("/")
    return folded_key(declared, namespace, name).match
