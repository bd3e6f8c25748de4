"""This module takes a plan apart into steps to be written down, and holds what a rendering could not say of them.

A step is an action, or something withheld that somebody else may still carry out. Every property of every step is
either said by a rendering or listed in it as unsaid, with the reason and a way that would work: nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any

from driftsync.kinds import all_kinds, declaration
from driftsync.kinds.spec import WHETHER_SET, Kind, Property, Treat
from driftsync.language import english as _
from driftsync.model import Action, Hazard, Plan, Sort, Value, Withheld

OWN_FILE = _("which file or device this is, only whoever knows the member's host can say")
SECRET = _("it is a secret, and no secret is ever written down")
NO_WAY = _("IRIS gives no way to set it")
NOT_LISTED = _("no declaration lists the property, so how it is written is not known")
NOT_READ = _("it must be written with every new item, and its value is not known")

ROWS = frozenset({"Debug"})
"""Sections whose class has one row a setting, so that a setting is no property of an object."""


@dataclass(frozen=True)
class Step:
    """One thing to do, with its declaration."""

    label: str
    """The number of the action; `w1`, `w2` … for what was withheld and is shown for somebody else."""
    about: Action | Withheld
    goes_on: bool = False
    """Whether the next step is another mapping of the same namespace, so that both are activated together."""

    @cached_property
    def kind(self) -> Kind:
        return all_kinds()[self.about.kind]

    @property
    def key(self) -> str:
        return self.about.key

    @property
    def sort(self) -> Sort:
        return self.about.sort

    @property
    def is_row(self) -> bool:
        """Return whether it is a setting that stands in a row of its own."""
        return self.names.get("Section") in ROWS

    @property
    def title(self) -> str:
        """Return sign and key: `+ role:Payroll`."""
        return f"{self.sort.sign} {self.key}"

    @property
    def withheld(self) -> str:
        """Return why it is not to be done without a second thought, nothing of an action."""
        return self.about.reason if isinstance(self.about, Withheld) else ""

    @property
    def hazards(self) -> list[Hazard]:
        """Return what somebody must know before it is carried out."""
        if isinstance(self.about, Action):
            return self.about.hazards
        return [self.about.needs] if self.about.needs else []

    @property
    def remarks(self) -> list[str]:
        """Return its hazards by their names, and what the plan notes of it."""
        listed = ", ".join(hazard.value for hazard in self.hazards)
        note = self.about.note if isinstance(self.about, Action) else ""
        return [each for each in (listed, note) if each]

    @property
    def names(self) -> Mapping[str, str]:
        """Return the properties that name the item, its namespace among them."""
        return self.about.identity

    @property
    def page(self) -> str:
        """Return the page of the portal on which the item is set."""
        name, pages = self.kind.pages_by or ("", {})
        return pages.get(self.names.get(name, ""), self.kind.portal)

    def declared(self, name: str) -> Property | None:
        """Return how a property of this item is declared."""
        identity = self.names.get(self.kind.identity.properties[-1], "") if self.kind.per_item else ""
        section = self.names.get(self.kind.identity.namespace, "")
        return declaration(self.kind, section, identity, name)

    @cached_property
    def settings(self) -> dict[str, Value]:
        """Return what is to be written, names aside; what every new item must state stands in it even if empty.

        What must be stated and cannot be empty is left out where it is not known: see `not_known`.
        """
        named = {*self.kind.identity.properties, self.kind.identity.namespace}
        found = {name: value for name, value in self.about.sets.items() if name not in named}
        if self.sort is Sort.CREATE:
            for name in self.kind.stated:
                if found.get(name) is None and self.may_be_empty(name):
                    found[name] = ""
        return found

    @property
    def not_known(self) -> list[str]:
        """Return what every new item must state, and this one does not."""
        if self.sort is not Sort.CREATE:
            return []
        return [name for name in self.kind.stated if self.settings.get(name) is None]

    def may_be_empty(self, name: str) -> bool:
        """Say whether an empty text is a value of the property: a resource is none, a method of login is one."""
        declared = self.declared(name)
        return declared is not None and not declared.values

    def implied(self, name: str, value: Value) -> bool:
        """Say whether a new item has this value without being told: a default, or that of another property."""
        declared = self.declared(name)
        if declared is None or self.sort is not Sort.CREATE:
            return False
        if declared.default_from:
            return bool(self.settings.get(declared.default_from) == value)
        return bool(
            value in (None, "", False, [], {}) if declared.default is None else value == declared.default
        )


@dataclass(frozen=True)
class Unsaid:
    """What a rendering cannot say of a step, and why."""

    step: Step
    reason: str
    properties: tuple[str, ...] = ()
    """Empty where it is about the step as a whole."""
    do: str = ""
    """The way that would work."""


@dataclass(frozen=True)
class Said:
    """What one rendering makes of one step: its own form of text or data, `None` where it can say nothing."""

    step: Step
    body: Any = None
    unsaid: tuple[Unsaid, ...] = ()
    secrets: tuple[str, ...] = field(default=())
    """Secrets for which a placeholder stands."""

    @property
    def whole(self) -> bool:
        return self.body is not None and not self.unsaid


def nothing(step: Step, reason: str) -> Said:
    """Say that a rendering cannot say a step at all."""
    return Said(step, unsaid=(Unsaid(step, reason),))


def steps_of(plan: Plan) -> list[Step]:
    """Return the actions in their order, then what was withheld and may be carried out by somebody else."""
    found = [Step(str(action.number), action) for action in plan.actions]
    shown = [withheld for withheld in plan.withheld if withheld.rendered]
    found += [Step(f"w{place}", withheld) for place, withheld in enumerate(shown, 1)]
    return [replace(one, goes_on=_together(one, next_one)) for one, next_one in zip_longest(found, found[1:])]


def _together(one: Step, other: Step | None) -> bool:
    return (
        other is not None
        and one.about.kind == other.about.kind
        and one.about.namespace == other.about.namespace
        and Sort.DELETE not in {one.sort, other.sort}
    )


def writable(step: Step) -> tuple[dict[str, Value], list[Unsaid]]:
    """Divide what a step sets into what can be written at all, and what nobody can write from here."""
    said: dict[str, Value] = {}
    unsaid: list[Unsaid] = []
    for name, value in step.settings.items():
        declared = step.declared(name)
        if name.endswith(WHETHER_SET):
            unsaid.append(Unsaid(step, OWN_FILE, (name,)))
        elif declared is None:
            unsaid.append(Unsaid(step, NOT_LISTED, (name,)))
        elif declared.treat is Treat.SECRET:
            unsaid.append(Unsaid(step, SECRET, (name,)))
        elif declared.treat is Treat.READ_ONLY:
            unsaid.append(Unsaid(step, NO_WAY, (name,)))
        else:
            said[name] = value
    return said, unsaid


def every_property(step: Step) -> Iterator[str]:
    """Yield the names of all that a step is about, secrets included."""
    yield from step.settings
    yield from step.about.secrets
