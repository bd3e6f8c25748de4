"""This package is the table: every kind of item that a mirror does not carry, one declaration each.

To add a kind, add a file with a declaration and name its module below; keys, parsing, comparison, secrecy,
order, `driftsync kinds`, `driftsync explain`, the README's table and the cases that tests demand follow.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from driftsync.errors import SpecError
from driftsync.kinds.places import Place
from driftsync.kinds.spec import Kind, Property
from driftsync.model import ItemKey

_MODULES = (
    "namespaces", "mappings", "databases", "web_applications", "services", "resources", "roles", "users",
    "sql_privileges", "tasks", "sql_gateways", "language_servers", "tls_configurations", "superservers",
    "audit_events", "security_settings", "ldap_configurations", "certificates", "oauth2",
    "document_databases", "instance_settings", "network", "devices", "data_types", "code", "mirrors",
)  # fmt: skip


@cache
def all_kinds() -> dict[str, Kind]:
    """Return every kind by name, in the order in which reports show them."""
    found: dict[str, Kind] = {}
    for name in _MODULES:
        module = import_module(f"driftsync.kinds.{name}")
        for value in vars(module).values():
            if isinstance(value, Kind):
                if value.name in found and found[value.name] is not value:
                    raise SpecError(value.name, "name", "is declared twice")
                found[value.name] = value
    for kind in found.values():
        for other in kind.creation_after():
            if other not in found:
                raise SpecError(kind.name, "refers_to", f"{other} is no kind")
    return found


def declaration(kind: Kind, namespace: str, identity: str, name: str) -> Property | None:
    """Return how a property of one item is declared: by its kind, or by itself where every item is a setting."""
    if kind.per_item and name == "Value":
        return kind.per_item(namespace, identity)
    return kind.declared(name)


@cache
def places() -> tuple[tuple[Kind, Place], ...]:
    """Return every place in a document where items of some kind stand."""
    return tuple((kind, place) for kind in all_kinds().values() for place in kind.places)


def parse_key(text: str) -> ItemKey:
    """Read a printed key, folding it as its kind folds names; raises `ValueError` where it is none."""
    name = text.partition(":")[0]
    if name not in all_kinds():
        raise ValueError(text)
    kind = all_kinds()[name]
    key = ItemKey.parse(text, namespaced=bool(kind.identity.namespace))
    from driftsync.kinds.making import folded_key

    return folded_key(kind, key.namespace, key.identity)


def folded(text: str) -> str:
    """Return a printed key as it is compared; one of a kind that this driftsync does not know stays as it is."""
    try:
        return parse_key(text).match
    except ValueError:
        return text


@cache
def creation_order() -> tuple[str, ...]:
    """Return the names of kinds so that each stands after all that it refers to.

    Raises `SpecError` where declarations refer to each other in a circle.
    """
    order: list[str] = []
    waiting = dict(all_kinds())
    while waiting:
        ready = [name for name, kind in waiting.items() if kind.creation_after() <= set(order)]
        if not ready:
            raise SpecError(next(iter(waiting)), "refers_to", "kinds refer to each other in a circle")
        order.extend(ready)
        for name in ready:
            del waiting[name]
    return tuple(order)
