"""This module knows what an action needs: items that it names and that must be there first, or must no longer name it.

What cannot be had is withheld, and whatever needs that in turn; so a plan never stops half way for a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.kinds import all_kinds, declaration, parse_key
from driftsync.kinds.mappings import FOR_ALL
from driftsync.kinds.references import key_named, names_of, references
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Action, Item, ItemKey, Sort
from driftsync.planning.afterwards import afterwards
from driftsync.planning.drafts import Drafts
from driftsync.planning.values import identity_of
from driftsync.planning.whose import Why

NO_ITEMS = ("%", "^^", ":", "*")
"""What a value begins with that names no item: pseudo databases, directories, wildcards."""
GRANTEES = frozenset({"sql-privilege", "sql-admin-privilege", "sql-role-grant"})
NAMING = ("Grantee", "UserOrRole", "RoleGranted")
"""Parts of their names that name roles."""


@dataclass(frozen=True)
class Need:
    """One item that an action names; of `either` kinds one is enough."""

    keys: tuple[str, ...]
    said: str
    """The first of them as the action spells it."""

    def __str__(self) -> str:
        return self.said


def _need(name: str, *kinds: str) -> Need:
    """Return what an action needs that names an item, of the first of these kinds or another."""
    return Need(tuple(key_named(kind, name) for kind in kinds), f"{kinds[0]}:{name}")


def needs_of(action: Action) -> Iterator[Need]:
    """Yield what has to be there before an action; a deletion needs nothing."""
    if action.sort is Sort.DELETE:
        return
    kind, key = all_kinds()[action.kind], parse_key(action.key)
    for name, value in action.sets.items():
        declared = declaration(kind, key.namespace, key.identity, name)
        if declared is None or not declared.refers_to or value == action.before.get(name):
            continue
        old = {each.casefold() for each in names_of(action.before.get(name), declared)}
        for each in names_of(value, declared):
            if each.casefold() not in old and _is_item(declared.refers_to, each):
                yield _need(each, declared.refers_to)
    if action.sort is Sort.CREATE:
        yield from _named_by_key(action, kind, key)


def _named_by_key(action: Action, kind: Kind, key: ItemKey) -> Iterator[Need]:
    """Yield what the name of a new item tells: its namespace, the whole global, who is granted something."""
    if key.namespace and "namespace" in kind.creation_after() and key.namespace != FOR_ALL:
        yield _need(key.namespace, "namespace")
    if kind.name == "global-mapping" and "(" in key.identity:
        whole = key.identity.partition("(")[0]
        global_ = ItemKey(kind.name, key.namespace, whole)
        yield Need((global_.match,), str(global_))
    if kind.name in GRANTEES:
        who = action.identity.get("Grantee") or action.identity.get("UserOrRole") or ""
        yield _need(who, "role", "user")
    if kind.name == "sql-role-grant":
        yield _need(action.identity["RoleGranted"], "role")


def _is_item(kind: str, name: str) -> bool:
    return kind in {"role", "resource", "task"} or not name.startswith(NO_ITEMS) or name.upper() == "%SYS"


def withhold_what_lacks(drafts: Drafts, primary: MemberView, member: MemberView) -> None:
    """Withhold actions that need what the member neither has nor gets, until nothing is left to withhold."""
    while True:
        made = {parse_key(each.key).match for each in drafts.actions if each.sort is Sort.CREATE}
        gone = {parse_key(each.key).match for each in drafts.actions if each.sort is Sort.DELETE}
        lacking = [
            (action, why)
            for action in drafts.actions
            for need in needs_of(action)
            if (why := _lacks(need, made, gone, primary, member))
        ]
        if not lacking:
            return
        for action, why in lacking:
            if action in drafts.actions:
                drafts.take_back(action, why)


def _lacks(need: Need, made: set[str], gone: set[str], primary: MemberView, member: MemberView) -> Why | None:
    unread = ""
    for key in need.keys:
        kind = key.partition(":")[0]
        if key in made:
            return None
        try:
            if key in member.items(kind) and key not in gone:
                return None
        except Unanswered as reason:
            if member.found(kind, key) is not None and key not in gone:
                return None
            unread = str(reason)
    if _neither(need, primary, gone):
        return None
    if unread:
        return (
            _("it needs {key}, and whether that is there is not known: {reason}").format(
                key=need, reason=unread
            ),
            _("`driftsync doctor` says what stands in the way"),
        )
    return (
        _("it needs {key}, which the member lacks and this plan does not make").format(key=need),
        _("see to {key} first").format(key=need),
    )


def _neither(need: Need, primary: MemberView, gone: set[str]) -> bool:
    """Say whether the primary itself lives without what is named; a subscript's whole global IRIS adds itself."""
    try:
        return all(key not in primary.items(key.partition(":")[0]) and key not in gone for key in need.keys)
    except Unanswered:
        return False


def withhold_what_is_named(drafts: Drafts, primary: MemberView, member: MemberView) -> None:
    """Withhold deletions of what something on the member would still name, or of which that is not known."""
    while True:
        deleted = [each for each in drafts.actions if each.sort is Sort.DELETE]
        if not deleted:
            return
        after = afterwards(primary, member, drafts.actions)
        found = [(action, why) for action in deleted if (why := _still_named(action, after))]
        if not found:
            return
        for action, why in found:
            for each in [each for each in drafts.actions if each.key == action.key]:
                drafts.take_back(each, why)


def _still_named(action: Action, after: MemberView) -> Why | None:
    key = parse_key(action.key)
    for kind, declared in references():
        if declared.refers_to != action.kind:
            continue
        try:
            items: Iterable[Item] = after.items(kind.name).values()
        except Unanswered as reason:
            return _not_read(reason)
        for item in items:
            if any(
                key_named(action.kind, name) == key.match
                for name in names_of(item.compared.get(declared.name), declared)
            ):
                return _named(str(item.key))
    if action.kind == "role" and (named := _granted_to(key, after)) is not None:
        return named
    for kind in all_kinds().values():
        if action.kind == "namespace" and kind.identity.namespace and "namespace" in kind.refers_to:
            inside = [each for each in after.all_of(kind.name).values() if each.key.namespace == key.identity]
            if inside:
                return _named(str(inside[0].key))
    return None


def _granted_to(role: ItemKey, after: MemberView) -> Why | None:
    """Return why a role is not deleted to which a privilege is still granted, or that this is not known."""
    for name in sorted(GRANTEES):
        kind = all_kinds()[name]
        try:
            items = after.items(name).values()
        except Unanswered as reason:
            return _not_read(reason)
        for item in items:
            parts = identity_of(kind, item.key)
            if any(key_named("role", parts[each]) == role.match for each in NAMING if each in parts):
                return _named(str(item.key))
    return None


def _not_read(reason: Unanswered) -> Why:
    return (
        _("what names it could not be read whole: {reason}").format(reason=reason),
        _("`driftsync doctor` says what stands in the way"),
    )


def _named(key: str) -> Why:
    return (
        _("it is still named by {key}").format(key=key),
        _("see to {key} first").format(key=key),
    )
