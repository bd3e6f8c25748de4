"""This module says who could do less after the swap: what roles allow, what everybody may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.spec import known
from driftsync.kinds.words import PERMISSIONS
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, joined, lost, name_of, number


def permissions(pair: Pair) -> Iterator[Consequence]:
    """Yield roles and resources that would allow less than today."""
    yield from pair.each(_gone_role, pair.missing("role"))
    yield from pair.each(_role, pair.both("role"))
    yield from pair.each(_resource, pair.both("resource"))


def _holders(item: Item) -> str:
    return _("holders of the role {role}").format(role=name_of(item))


def _gone_role(pair: Pair, item: Item) -> Iterator[Consequence]:
    what = _("could no longer do what it allows: it is not there")
    yield pair.consequence(Effect.BREAKS, Audience.USERS, _holders(item), what, item)


def _role(pair: Pair, roles: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = roles
    if less := _less(known(before, "Resources") or {}, known(after, "Resources") or {}):
        what = _("would be refused: the role does not allow {resources}").format(resources=joined(less))
        yield pair.consequence(Effect.BREAKS, Audience.USERS, _holders(after), what, after, "Resources")
    if granted := lost(before, after, "GrantedRoles"):
        what = _("would be without the roles {roles}, which it grants").format(roles=joined(granted))
        yield pair.consequence(Effect.BREAKS, Audience.USERS, _holders(after), what, after, "GrantedRoles")


def _less(there: Mapping[str, object], here: Mapping[str, object]) -> list[str]:
    """Return `resource:letters` for each permission that only the old primary's role holds."""
    found = []
    for resource, letters in sorted(there.items()):
        gone = [letter for letter in str(letters) if letter not in str(here.get(resource, ""))]
        if gone:
            found.append(f"{resource}:{''.join(gone)}")
    return found


def _resource(pair: Pair, resources: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = resources
    gone = number(before, "PublicPermission") & ~number(after, "PublicPermission")
    if gone:
        what = _("would be refused: not everybody may use {resource}:{letters} there").format(
            resource=name_of(after), letters=_letters(gone)
        )
        who = _("whoever has no role for it")
        yield pair.consequence(Effect.BREAKS, Audience.USERS, who, what, after, "PublicPermission")
    more = number(after, "PublicPermission") & ~number(before, "PublicPermission")
    if more and not gone:
        what = _("could use {resource}:{letters} without any role").format(
            resource=name_of(after), letters=_letters(more)
        )
        yield pair.consequence(
            Effect.CHANGES, Audience.USERS, _("everybody"), what, after, "PublicPermission"
        )


def _letters(mask: int) -> str:
    return "".join(letter for bit, letter in PERMISSIONS.items() if mask & int(bit))
