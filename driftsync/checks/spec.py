"""This module holds the words in which a check is declared, and what it may look at.

A rule asks a `View` for facts and items. What could not be read raises there, so that no rule can take silence for a
good answer: the check is then *unknown*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any

from driftsync.kinds import all_kinds
from driftsync.language import CLAUSE, N_
from driftsync.language import english as _
from driftsync.language import english_plural as ngettext
from driftsync.model import (
    FAILOVER_ROLES,
    Acknowledgement,
    Coverage,
    Header,
    Item,
    Measure,
    MemberRole,
    Outcome,
)
from driftsync.settings import Thresholds

TAKES_OVER = FAILOVER_ROLES | {MemberRole.DR_ASYNC}
"""Who may be the primary one day."""

SWITCHES = {"1": True, "True": True, "0": False, "False": False}
"""How IRIS says that something is on or off."""

THIS_RUN = N_("this run")
"""The source of what is known of a member because it could not be read."""


class Unanswered(Exception):  # noqa: N818 - named for what happened
    """Something that a rule needs could not be read."""


class ForAPerson(Exception):  # noqa: N818 - named for what happened
    """Nobody said what a rule would look at: it stays a thing that a person must look at."""


@dataclass(frozen=True)
class Result:
    """What a rule found."""

    outcome: Outcome
    seen: str
    measure: Measure | None = None


def passed(seen: str, measure: Measure | None = None) -> Result:
    return Result(Outcome.PASS, seen, measure)


def warned(seen: str, measure: Measure | None = None) -> Result:
    return Result(Outcome.WARN, seen, measure)


def failed(seen: str, measure: Measure | None = None) -> Result:
    return Result(Outcome.FAIL, seen, measure)


@dataclass(frozen=True)
class MemberView:
    """One member as its snapshot shows it."""

    header: Header
    _items: Mapping[str, Mapping[str, Item]] = field(repr=False)
    """Kind → key → item."""

    @property
    def name(self) -> str:
        return self.header.member.name

    @property
    def role(self) -> MemberRole:
        return self.header.member.role

    def fact(self, name: str) -> Any:
        """Return what the member said. Raises `Unanswered` where it did not."""
        facts = self.header.facts
        if name in facts.observed:
            return facts.observed[name]
        reason = facts.unobserved.get(name) or facts.unobserved.get("") or _("it was not asked")
        raise Unanswered(_("{fact}: {reason}").format(fact=name, reason=reason))

    def number(self, name: str) -> int:
        """Return a fact as a number. Raises `Unanswered` for anything else."""
        try:
            return int(float(str(self.fact(name))))
        except (ValueError, OverflowError):
            raise Unanswered(
                _("{fact}: {value} is no number").format(fact=name, value=self.fact(name))
            ) from None

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return a fact as records. Raises `Unanswered` where it is none."""
        found = self.fact(name)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise Unanswered(_("{fact}: no list").format(fact=name))
        return found

    def switch(self, name: str) -> bool:
        """Return a fact that is on or off. Raises `Unanswered` for anything else."""
        found = str(self.fact(name))
        if found not in SWITCHES:
            raise Unanswered(_("{fact}: {value} is neither 0 nor 1").format(fact=name, value=repr(found)))
        return SWITCHES[found]

    def text(self, name: str) -> str:
        """Return a fact as text, empty where IRIS has none. Raises `Unanswered` for anything else."""
        found = self.fact(name)
        if found is not None and not isinstance(found, str):
            raise Unanswered(_("{fact}: {value} is no text").format(fact=name, value=repr(found)))
        return found or ""

    def items(self, kind: str) -> Mapping[str, Item]:
        """Return all items of a kind. Raises `Unanswered` where they were not all read."""
        if self.header.coverage.get(kind) is not Coverage.WHOLE:
            raise Unanswered(_("{kind} could not be read whole").format(kind=kind))
        for gap in self.header.gaps:
            if gap.kind == kind and not gap.property:
                raise Unanswered(_("{kind}: {reason}").format(kind=kind, reason=gap.reason))
        return self._items.get(kind, {})

    def all_of(self, kind: str) -> Mapping[str, Item]:
        """Return the items of a kind that were read, whether that was all of them or not."""
        return self._items.get(kind, {})

    def found(self, kind: str, key: str) -> Item | None:
        """Return an item if it was read; where not all were, its absence says nothing."""
        return self._items.get(kind, {}).get(key)

    def value(self, kind: str, key: str, name: str = "Value") -> Any:
        """Return one property of an item, `None` where the item or the property is empty."""
        item = self.items(kind).get(key)
        if item is None:
            return None
        return known(item, name)


@dataclass(frozen=True)
class Past:
    """What earlier runs told of a mirror: the headers of their snapshots, and what follows from all of them."""

    former: Mapping[str, Header] = field(default_factory=dict)
    """By member: its newest reading that is old enough to be compared with, else its newest."""
    untold: str = ""
    """Why earlier runs could not be looked at, where there are any."""
    away_since: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """By member and by instance: since which run no run saw it connected, and whether one before that did."""
    primary: str = ""
    """Who was the primary at the last run that knew it."""
    primary_since: str = ""
    """The first of the runs without a break that saw it so."""
    primary_before: str = ""
    """Who was it before, as far as runs know."""
    last_read: Mapping[str, str] = field(default_factory=dict)
    """By member: when the newest run began that could read it."""
    accepted: tuple[Acknowledgement, ...] = ()
    """What is accepted of the differences that were there at the last run."""
    kept: bool = True
    """Whether runs were kept; `False` where only snapshots tell that were given as earlier ones."""


@dataclass(frozen=True)
class Declared:
    """What people say of a mirror, because no member tells it."""

    upgrade: tuple[date, date] | None = None
    """The first and the last day of an upgrade, on which members may differ in their release."""
    data_check: str = ""
    """The last line of the file that notes comparisons of the data; empty where none is kept."""
    data_check_unread: str = ""
    """Why that file could not be read."""


@dataclass(frozen=True)
class View:
    """A mirror as a check sees it: who is the primary, who would be promoted, and everybody."""

    mirror: str
    primary: MemberView | None
    promote: MemberView | None
    members: tuple[MemberView, ...]
    unread: Mapping[str, str]
    """Members that could not be read at all, and why."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    worst_drift: tuple[str, int] | None = None
    """The word for the worst severity among the differences of the member that would be promoted, and how many."""
    drift_gaps: int | None = None
    drift_kinds: Mapping[str, int] = field(default_factory=dict)
    """How many of its differences are of each kind."""
    declared: Declared = field(default_factory=Declared)
    past: Past | None = None
    """`None` where no run was kept yet: then nothing can be foreseen, which is no danger by itself."""

    @cached_property
    def the_primary(self) -> MemberView:
        """Raises `Unanswered` where there is none."""
        if self.primary is None:
            raise Unanswered(_("there is no primary that could be read"))
        return self.primary

    def former(self, member: MemberView) -> MemberView | None:
        """Return an earlier reading of a member, `None` where there is none; raises `Unanswered` where it cannot be had."""
        if self.past is None:
            return None
        if self.past.untold:
            raise Unanswered(_("earlier runs: {reason}").format(reason=self.past.untold))
        header = self.past.former.get(member.name)
        return None if header is None else MemberView(header, {})

    @cached_property
    def the_promoted(self) -> MemberView:
        if self.promote is None:
            raise Unanswered(_("the member that would be promoted could not be read"))
        return self.promote


class About(Enum):
    """What one finding of a check is about."""

    MIRROR = "the mirror"
    EACH = "each member"
    PROMOTED = "the member that would be promoted"


Rule = Callable[[View], Result] | Callable[[View, MemberView], Result]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule of mirror.md 3, declared."""

    id: str
    title: str
    why: str
    do: str
    source: str
    about: About
    rule: Callable[..., Result]
    roles: frozenset[MemberRole] = frozenset(MemberRole)
    """Of `EACH`: for which members it counts."""
    outcomes: frozenset[Outcome]
    """What it can find, *unknown* aside."""


@dataclass(frozen=True, kw_only=True)
class Manual:
    """What a person must look at, because no remote client can."""

    id: str
    title: str
    why: str
    do: str
    source: str


def known(item: Item, name: str) -> Any:
    """Return one property of an item, `None` where it is empty. Raises `Unanswered` where it could not be read."""
    if name in item.unread:
        raise Unanswered(_("{key} {property} could not be read").format(key=item.key, property=name))
    return item.compared.get(name, item.local.get(name))


def shipped(item: Item) -> bool:
    """Say whether the product brings an item."""
    return all_kinds()[item.key.kind].built_in(item.key.namespace, item.key.identity, item.compared)


def gather(parts: Iterable[Iterable[str]]) -> list[str]:
    """Return all that the parts yield. What a part cannot know counts only where no other finds anything.

    Raises the first `Unanswered` then.
    """
    found: list[str] = []
    unanswered: Unanswered | None = None
    for part in parts:
        try:
            for each in part:
                found.append(each)  # noqa: PERF402 - what came before a part broke off is kept
        except Unanswered as reason:
            unanswered = unanswered or reason
    if unanswered is not None and not found:
        raise unanswered
    return found


def can(*outcomes: Outcome) -> frozenset[Outcome]:
    """Declare what a check can find."""
    return frozenset(outcomes)


PASS_WARN_FAIL = can(Outcome.PASS, Outcome.WARN, Outcome.FAIL)


def listed(parts: Iterable[str], most: int = 5) -> str:
    """Return some names, or some clauses, and how many more there are."""
    found = list(parts)
    shown, left = found[:most], max(0, len(found) - most)
    if any(" " in each for each in shown):
        more = [ngettext("and {count} more", "and {count} more", left).format(count=left)] if left else []
        return CLAUSE.join(shown + more)
    return ", ".join(shown) + (f" (+{left})" if left else "")
