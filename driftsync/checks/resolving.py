"""This module resolves where names lead on a member.

What `%ALL` maps holds in every namespace, and a mirrored database is known by what the mirror calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from driftsync.checks.spec import MemberView, known
from driftsync.kinds.mappings import FOR_ALL
from driftsync.model import Item

OWN_DATABASE = "%DEFAULTDB"
"""The pseudo database to which `%ALL` leads what it maps in part only: each namespace's own (api.md 10)."""
MAPPINGS = ("global-mapping", "routine-mapping", "package-mapping")
DATABASES_OF_A_NAMESPACE = ("Globals", "Routines", "TempGlobals", "Library", "SysGlobals", "SysRoutines")


@dataclass(frozen=True)
class Place:
    """A database, by its local name and by what the mirror calls it (empty where it is in none)."""

    name: str
    mirrored: str = ""

    def is_as(self, other: Place) -> bool:
        """Say whether two members mean the same database: local names may differ where the mirror's agree."""
        if self.mirrored and other.mirrored:
            return self.mirrored == other.mirrored
        return self.name == other.name


@dataclass(frozen=True)
class Elsewhere:
    """A name that leads elsewhere on one member than on the other, or by other rules."""

    kind: str
    namespace: str
    name: str
    item: Item
    """The mapping of the first member, or the second's where only that has one."""
    before: str
    """The database on the first member; empty where the name is not mapped there."""
    after: str
    only_how: bool = False
    """Whether the database is the same, and only collation or lock database differ."""


def places(member: MemberView) -> Mapping[str, Place]:
    """Return the databases of a member by local name, in upper case."""
    found = {}
    for item in member.items("database").values():
        name = item.key.identity.upper()
        mirror, inside = item.compared.get("MirrorSetName"), item.compared.get("MirrorDBName")
        found[name] = Place(name, f"{mirror}:{inside}".upper() if mirror and inside else "")
    return found


def labelled(member: MemberView, names: Iterable[str]) -> None:
    """Raise `Unanswered` where the label of one of these databases was not read: whether it is mirrored is not known."""
    wanted = {name.upper() for name in names}
    for item in member.items("database").values():
        if item.key.identity.upper() in wanted:
            known(item, "MirrorSetName")
            known(item, "MirrorDBName")


def place_of(databases: Mapping[str, Place], name: Any) -> Place:
    """Return the database of a name, also where the member has none of that name."""
    folded = str(name or "").upper()
    return databases.get(folded, Place(folded))


class Mapped:
    """The mappings of one kind on one member, by the namespaces that they hold in."""

    def __init__(self, member: MemberView, kind: str) -> None:
        self._own: dict[str, dict[str, Item]] = {}
        for item in member.items(kind).values():
            self._own.setdefault(item.key.namespace, {})[item.key.identity] = item

    def within(self, namespace: str) -> dict[str, Item]:
        """Return those that hold in a namespace, by name; one of `%ALL` wins over the namespace's own."""
        return self._own.get(namespace, {}) | self._own.get(FOR_ALL, {})


def led_elsewhere(old: MemberView, new: MemberView, kind: str) -> Iterator[Elsewhere]:
    """Yield mappings by which the namespaces that both members have differ, one of `%ALL` once.

    Names are compared as they stand, subscripts and ranges included.
    """
    before, after = places(old), places(new)
    there = new.items("namespace")
    old_maps, new_maps = Mapped(old, kind), Mapped(new, kind)
    said: set[str] = set()
    for key, namespace in old.items("namespace").items():
        if key not in there or namespace.key.identity == FOR_ALL:
            continue
        name = namespace.key.identity
        here, elsewhere = old_maps.within(name), new_maps.within(name)
        own = "Globals" if kind == "global-mapping" else "Routines"
        for mapped in sorted(here.keys() | elsewhere.keys()):
            first = _leads(before, here.get(mapped), namespace, own)
            second = _leads(after, elsewhere.get(mapped), there[key], own)
            if _agree(first, second):
                continue
            item = here.get(mapped) or elsewhere[mapped]
            if str(item.key) in said:
                continue
            said.add(str(item.key))
            yield Elsewhere(
                kind,
                item.key.namespace,
                mapped,
                item,
                first[0].name if first else "",
                second[0].name if second else "",
                only_how=bool(first and second and first[0].is_as(second[0])),
            )


Leads = tuple[Place, Place, Any]
"""The database, the one where locks are held, and the collation, which counts below whole globals only."""


def _leads(databases: Mapping[str, Place], item: Item | None, namespace: Item, own: str) -> Leads | None:
    if item is None:
        return None
    target = _named(known(item, "Database"), namespace, own)
    locks = _named(known(item, "LockDatabase") or target, namespace, own)
    collation = known(item, "Collation") if "(" in item.key.identity else None
    return place_of(databases, target), place_of(databases, locks), collation


def _named(target: Any, namespace: Item, own: str) -> Any:
    if str(target or "").upper() != OWN_DATABASE:
        return target
    return known(namespace, own) or known(namespace, "Globals")


def _agree(first: Leads | None, second: Leads | None) -> bool:
    if first is None or second is None:
        return first is second
    return first[0].is_as(second[0]) and first[1].is_as(second[1]) and first[2] == second[2]
