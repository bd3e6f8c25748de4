"""This module holds the two members of a rehearsal, and makes consequences of what is found about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from driftsync.checks.spec import MemberView
from driftsync.kinds import all_kinds
from driftsync.language import english as _
from driftsync.model import Consequence, Effect, Item


@dataclass(frozen=True)
class Pair:
    """Who is (or was) the primary, and who would be. Asking for a kind that was not read raises `Unanswered`."""

    old: MemberView
    new: MemberView
    today: date

    def old_items(self, kind: str) -> Mapping[str, Item]:
        return self.old.items(kind)

    def new_items(self, kind: str) -> Mapping[str, Item]:
        return self.new.items(kind)

    def missing(self, kind: str) -> Iterator[Item]:
        """Yield what only the old primary has."""
        there = self.new_items(kind)
        return (item for key, item in self.old_items(kind).items() if key not in there)

    def both(self, kind: str) -> Iterator[tuple[Item, Item]]:
        """Yield what both have: the old primary's first."""
        there = self.new_items(kind)
        return ((item, there[key]) for key, item in self.old_items(kind).items() if key in there)

    def shipped(self, item: Item) -> bool:
        """Say whether the product brings an item."""
        kind = all_kinds()[item.key.kind]
        return kind.built_in(item.key.namespace, item.key.identity, item.compared)


def consequence(effect: Effect, who: str, what: str, item: Item) -> Consequence:
    """Return a consequence with the item behind it and the page where that is set."""
    return Consequence(
        effect=effect, who=who, what=what, key=str(item.key), portal=_(all_kinds()[item.key.kind].portal)
    )


def name_of(item: Item) -> str:
    """Return what an administrator calls an item."""
    return item.key.spelled or item.key.identity
