"""This module knows who holds what a step makes, gives or takes away: a role, a resource, an account that came from elsewhere.

IRIS takes a deleted role from all users and a deleted resource from all roles, without a word (api.md 4), and GRANT and
REVOKE of a role change whoever they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftsync.applying.failures import Stopped
from driftsync.connections.failures import CallFailed
from driftsync.extracting.single import SingleReader, Unreadable
from driftsync.kinds import all_kinds, parse_key
from driftsync.kinds.holders import HOLDERS
from driftsync.kinds.references import key_named, names_of, references
from driftsync.kinds.statements import role_and_holder
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import Action, Plan, Sort

TAKEN_FROM: Mapping[str, tuple[str, ...]] = {"role": ("user", "role"), "resource": ("role",)}
"""Kind → the kinds whose items lose what is deleted of it."""
NAMED_BY = "NamedBy"
"""What is kept of an item that is made: who named it although it was not there."""


def must_be_free(action: Action, reader: SingleReader) -> None:
    """Raise `Stopped` where somebody would lose what a step deletes; `Unreadable` where that cannot be read.

    What the run itself takes from somebody it has taken by then.
    """
    if action.sort is Sort.DELETE and (holder := next(_holders(action, reader), "")):
        raise Stopped(
            _("{holder} holds {key} by now, and would lose it").format(holder=holder, key=action.key),
            hint=_("take it from there first, or make a new plan"),
        )


def named_already(action: Action, reader: SingleReader) -> dict[str, Any]:
    """Return who names what a step is going to make, to be kept with it; nothing where nobody does or that cannot be read."""
    if action.sort is not Sort.CREATE:
        return {}
    try:
        found = list(_holders(action, reader))
    except (Unreadable, CallFailed):
        return {}
    return {NAMED_BY: found} if found else {}


def named_before(kept: Mapping[str, Any]) -> str:
    """Say what does not come back when what was made is deleted again, nothing where all does."""
    if not kept.get(NAMED_BY):
        return ""
    names = ", ".join(kept[NAMED_BY])
    return _("it was named although it was not there, which cannot be restored: {names}").format(names=names)


def in_the_way(action: Action, reader: SingleReader, kept: Mapping[str, Any]) -> str:
    """Say why what this run has made itself is not deleted again, nothing where it can be."""
    try:
        if holder := next(_holders(action, reader, but_for=kept.get(NAMED_BY, ())), ""):
            return _("it cannot be undone: {holder} holds it, and would lose it").format(holder=holder)
        hangs = _hangs_on(action, reader)
    except (Unreadable, CallFailed) as error:
        return _("it cannot be undone: whether something hangs on it could not be read: {why}").format(
            why=error.message
        )
    return _("it cannot be undone: deleting it might delete {key} as well").format(key=hangs) if hangs else ""


def _holders(action: Action, reader: SingleReader, *, but_for: Iterable[str] = ()) -> Iterator[str]:
    """Yield the keys of the items that name what a step makes or deletes, and lose it with it. Raises `Unreadable`."""
    named = parse_key(action.key).match
    for name in TAKEN_FROM.get(action.kind, ()):
        items = reader.whole(all_kinds()[name])
        declared = [
            each for kind, each in references() if kind.name == name and each.refers_to == action.kind
        ]
        for key, item in items.items():
            if key == named or str(item.key) in but_for:
                continue
            held = (one for each in declared for one in names_of(item.compared.get(each.name), each))
            if any(key_named(action.kind, one) == named for one in held):
                yield str(item.key)


def _hangs_on(action: Action, reader: SingleReader) -> str:
    """Return the key of an item that would go as well, nothing where none would. Raises `Unreadable`."""
    written = all_kinds()[action.kind].written
    if not isinstance(written, ByObject) or written.deletes or written.unless is None:
        return ""
    name, is_so = written.unless
    found = reader.whole(all_kinds()[name]).values()
    return next((str(item.key) for item in found if item.unread or is_so(item.compared)), "")


def moved_by(action: Action) -> dict[str, str]:
    """Return whom a statement gives a role, or takes one from, with the property that lists their roles."""
    named = role_and_holder(action)
    return {key_named(each.kind, named[1]): each.roles for each in HOLDERS} if named else {}


def holds_again(action: Action, plan: Plan) -> bool:
    """Say whether whoever a statement named holds the role once the statement is taken back.

    The steps about users and roles are taken back after it, but whoever the run had deleted was made again before.
    """
    role, who = role_and_holder(action) or ("", "")
    for holder in HOLDERS if who else ():
        for other in plan.actions:
            if other.sort is Sort.DELETE and parse_key(other.key).match == key_named(holder.kind, who):
                listed = other.before.get(holder.roles) or []
                return role.casefold() in {str(each).casefold() for each in listed}
    return action.sort is not Sort.DELETE
