"""This module puts actions into the order in which they are carried out, and numbers them.

What is named comes before what names it, and is deleted after it. What grants comes before what takes away, so that a
run never locks itself out half way; deletions come last.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from msgspec.structs import replace

from driftsync.kinds import creation_order, parse_key
from driftsync.kinds.references import key_named, names_of, references
from driftsync.kinds.statements import role_and_holder
from driftsync.language import english as _
from driftsync.model import Action, Hazard, Sort
from driftsync.planning.drafts import Drafts
from driftsync.planning.needing import NAMING, needs_of
from driftsync.planning.role_grants import keys_of_holder

GRANTS, NEUTRAL, TAKES_AWAY, DELETES = range(4)
FIRST = ("security-settings", "tls-configuration", "ldap-configuration")
"""Kinds that others are validated against (api.md 4), so that they come first where nothing else decides."""


def phase_of(action: Action) -> int:
    """Return when an action has its turn: what both grants and takes away waits with what takes away."""
    if action.sort is Sort.DELETE:
        return DELETES
    if Hazard.REMOVES_ACCESS in action.hazards:
        return TAKES_AWAY
    return GRANTS if action.sort is Sort.CREATE or Hazard.GRANTS_ACCESS in action.hazards else NEUTRAL


def order(drafts: Drafts) -> list[Action]:
    """Return the actions numbered and in order; those that name each other in a circle are withheld."""
    actions = drafts.actions
    after = _edges(actions)
    waiting = {place: set(before) for place, before in after.items()}
    followers: dict[int, list[int]] = {place: [] for place in after}
    for place, before in after.items():
        for each in before:
            followers[each].append(place)
    ready = [(_rank(actions[place]), place) for place, before in waiting.items() if not before]
    heapq.heapify(ready)
    numbers: dict[int, int] = {}
    while ready:
        _first, place = heapq.heappop(ready)
        numbers[place] = len(numbers) + 1
        for follower in followers[place]:
            waiting[follower].discard(place)
            if not waiting[follower]:
                heapq.heappush(ready, (_rank(actions[follower]), follower))
    circle = [action for place, action in enumerate(actions) if place not in numbers]
    ordered = [
        replace(actions[place], number=number, after=sorted(numbers[each] for each in after[place]))
        for place, number in numbers.items()
    ]
    for action in circle:
        drafts.take_back(
            action, (_("what it names leads back to itself"), _("make the first of them by hand"))
        )
    return ordered


def _rank(action: Action) -> tuple[int, int, str, int]:
    phase = phase_of(action)
    place = creation_order().index(action.kind)
    if action.kind in FIRST and phase in {GRANTS, NEUTRAL}:
        place = FIRST.index(action.kind) - len(FIRST)
    backwards = phase in {TAKES_AWAY, DELETES}
    return phase, -place if backwards else place, parse_key(action.key).match, action.sort is Sort.DELETE


def _edges(actions: list[Action]) -> Mapping[int, set[int]]:
    """Return, for each action by its place, the places of those that come before it."""
    made = {
        parse_key(each.key).match: place for place, each in enumerate(actions) if each.sort is not Sort.DELETE
    }
    gone = {
        parse_key(each.key).match: place for place, each in enumerate(actions) if each.sort is Sort.DELETE
    }
    after: dict[int, set[int]] = {place: set() for place in range(len(actions))}
    for place, action in enumerate(actions):
        match = parse_key(action.key).match
        for need in needs_of(action):
            after[place] |= {
                made[key] for key in need.keys if key in made and actions[made[key]].sort is Sort.CREATE
            }
        if named := role_and_holder(
            action
        ):  # it finds the role given, or taken, by the step about who holds it
            after[place] |= {made[key] for key in keys_of_holder(named[1]) if key in made}
        if action.sort is Sort.DELETE and match in made:
            after[place].add(made[match])
        for key in _named_before(action):
            if key in gone and gone[key] != place:
                after[gone[key]].add(place)
    return after


def _named_before(action: Action) -> set[str]:
    """Return what an action's item named and need not name any more: that is deleted after it."""
    if action.sort is Sort.CREATE:
        return set()
    key, found = parse_key(action.key), set()
    for kind, declared in references():
        if kind.name == action.kind and declared.name in action.before:
            found |= {
                key_named(declared.refers_to, name)
                for name in names_of(action.before[declared.name], declared)
            }
    if action.sort is Sort.DELETE:
        found |= {key_named("role", action.identity[each]) for each in NAMING if each in action.identity}
        if action.namespace:
            found.add(key_named("namespace", action.namespace))
        if action.kind == "global-mapping" and "(" in key.identity:
            found.add(f"{action.kind}:{key.namespace}/{key.identity.partition('(')[0]}")
    return found
