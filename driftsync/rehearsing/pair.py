"""This module holds the two members of a rehearsal, and makes consequences of what is found about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from driftsync.checks.spec import MemberView, Unanswered, known
from driftsync.kinds import all_kinds
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Drift, Effect, Item, MemberRole
from driftsync.rehearsing.repairing import command_for, explanation_of

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Pair:
    """Who is (or was) the primary, and who would be. Asking for a kind that was not read raises `Unanswered`."""

    old: MemberView
    new: MemberView
    drift: Drift
    today: date
    blind: dict[str, None] = field(default_factory=dict)
    """What could not be judged, in the order in which it was met."""
    _told: set[tuple[str, str]] = field(default_factory=set)

    @cached_property
    def differing(self) -> frozenset[str]:
        """The keys of everything that differs: what agrees has nothing to be repaired."""
        return frozenset(each.key for each in self.drift.differences)

    def old_items(self, kind: str) -> Mapping[str, Item]:
        return self.old.items(kind)

    def new_items(self, kind: str) -> Mapping[str, Item]:
        return self.new.items(kind)

    def missing(self, kind: str) -> list[Item]:
        """Return what only the old primary has."""
        there = self.new_items(kind)
        return [item for key, item in self.old_items(kind).items() if key not in there]

    def added(self, kind: str) -> list[Item]:
        """Return what only the new primary has."""
        there = self.old_items(kind)
        return [item for key, item in self.new_items(kind).items() if key not in there]

    def both(self, kind: str) -> list[tuple[Item, Item]]:
        """Return what both have: the old primary's first."""
        there = self.new_items(kind)
        return [(item, there[key]) for key, item in self.old_items(kind).items() if key in there]

    def each(
        self, judge: Callable[[Pair, Subject], Iterator[Consequence]], subjects: Iterable[Subject]
    ) -> Iterator[Consequence]:
        """Yield what `judge` finds about each; one that cannot be judged leaves the others alone."""
        for subject in subjects:
            try:
                yield from judge(self, subject)
            except Unanswered as reason:
                self.blind[str(reason)] = None

    def consequence(
        self, effect: Effect, audience: Audience, who: str, what: str, item: Item, *properties: str
    ) -> Consequence:
        """Return a consequence with the item behind it; no properties stand for the item as a whole."""
        kind = all_kinds()[item.key.kind]
        key = str(item.key)
        plannable = key in self.differing and self.new.role is not MemberRole.PRIMARY
        return Consequence(
            effect=effect,
            audience=audience,
            who=who,
            what=what,
            key=key,
            properties=list(properties),
            why=_(kind.why),
            portal=_(kind.portal),
            repair=(
                command_for(self.new.name, key) if plannable else explanation_of(key, kind.name, properties)
            ),
        )

    def settle(self, match: str, *properties: str) -> None:
        """Note that an item, or some of its properties, has been told or that nobody would notice it."""
        self._told.update((match, name) for name in properties or ("",))

    def settled(self, match: str, name: str = "") -> bool:
        """Say whether nothing more is to be told of an item, or of one of its properties."""
        return (match, "") in self._told or (match, name) in self._told


def name_of(item: Item) -> str:
    """Return what an administrator calls an item."""
    return item.key.spelled or item.key.identity


def number(item: Item, name: str) -> int:
    return int(known(item, name) or 0)


def listed(item: Item, name: str) -> list[str]:
    """Return a property that is a list or a set of names."""
    return [str(each) for each in known(item, name) or ()]


def lost(before: Item, after: Item, name: str) -> list[str]:
    """Return the names in a list of the old primary's that the new one's lacks."""
    return sorted(set(listed(before, name)) - set(listed(after, name)))


def joined(names: Iterable[str], most: int = 8) -> str:
    """Return some names and how many more there are."""
    found = list(names)
    return ", ".join(found[:most]) + (f" (+{len(found) - most})" if len(found) > most else "")
