"""This module finds in which database a global, routine or package lies in the end, on both members of a rehearsal.

The mapping of exactly that name wins, then that of the whole global or of an outer package, then the longest pattern,
then the namespace itself; which mappings hold in a namespace, `checks.resolving` knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from driftsync.checks.resolving import OWN_DATABASE, Mapped, Place, place_of, places
from driftsync.checks.spec import MemberView, Unanswered, known
from driftsync.kinds.mappings import FOR_ALL
from driftsync.model import Item
from driftsync.rehearsing.pair import Pair

OWN = {"global-mapping": "Globals", "routine-mapping": "Routines", "package-mapping": "Routines"}


class Finder:
    """Where one member looks for things."""

    def __init__(self, member: MemberView) -> None:
        self._member = member
        self._mapped: dict[str, Mapped] = {}
        self._maps: dict[tuple[str, str], dict[str, Item]] = {}
        try:
            self._places: Mapping[str, Place] = places(member)
        except Unanswered:
            self._places = {}  # databases are then told apart by their local names alone

    def place(self, kind: str, namespace: str, name: str) -> Place:
        """Return the database; a nameless one for what `%ALL` leaves to each namespace. Raises `Unanswered`."""
        maps = self._of(kind, namespace)
        found = next((maps[each] for each in _candidates(kind, name) if each in maps), None)
        target = str(known(found, "Database") or "") if found else ""
        if not target or target.upper() == OWN_DATABASE:
            target = self._own(kind, namespace)
        return self.named(target)

    def named(self, database: str) -> Place:
        """Return the database that is called so."""
        return place_of(self._places, database)

    def _own(self, kind: str, namespace: str) -> str:
        item = self._member.items("namespace").get(f"namespace:{namespace.upper()}")
        if item is None or namespace == FOR_ALL:
            return ""
        return str(known(item, OWN[kind]) or known(item, "Globals") or "")

    def _of(self, kind: str, namespace: str) -> dict[str, Item]:
        if kind not in self._mapped:
            self._mapped[kind] = Mapped(self._member, kind)
        if (kind, namespace) not in self._maps:
            self._maps[kind, namespace] = self._mapped[kind].within(namespace)
        return self._maps[kind, namespace]


def _candidates(kind: str, name: str) -> Iterator[str]:
    """Yield the names under which something may be mapped, the most special first."""
    yield name
    if kind == "package-mapping":
        while "." in name:
            name = name.rpartition(".")[0]
            yield name
        return
    root = name.partition("(")[0]
    if root != name:
        yield root
    stem, _star, ending = root.partition("*")
    if not ending and "_" in stem and kind == "routine-mapping":
        stem, _underscore, sort = stem.rpartition("_")
        ending = f"_{sort}"
    for length in range(len(stem), -1, -1):
        if ending:
            yield f"{stem[:length]}*{ending}"
        yield f"{stem[:length]}*"


@dataclass(frozen=True)
class Resolver:
    """Both members."""

    old: Finder
    new: Finder

    @classmethod
    def of(cls, pair: Pair) -> Resolver:
        return cls(Finder(pair.old), Finder(pair.new))
