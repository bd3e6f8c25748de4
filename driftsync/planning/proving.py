"""This module proves that a plan locks nobody out: access before and after it, for every account of the member.

What protects the way back is never given up: the tool's own account, whoever holds `%All`, the accounts of IRIS itself,
those of the settings, `%Service_Bindings` and the portal. What others lose is a hazard, and told. Where what decides on
access could not be read there is no proof, and what might narrow it is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec.structs import replace

from driftsync.access import KINDS, Access, Principal, Right, holders_of_all, narrowed
from driftsync.checks.spec import MemberView, Unanswered
from driftsync.errors import PlanRefusedError
from driftsync.kinds import parse_key
from driftsync.language import english as _
from driftsync.model import Action, Hazard, Sort
from driftsync.planning.afterwards import afterwards
from driftsync.planning.drafts import Drafts

OF_IRIS = frozenset({"_system", "admin", "cspsystem", "hs_services"})
SHOWN = 3
"""Rights that are told by name; of more, how many."""
NAMED = 8
"""Accounts that are told by name; of more, how many."""
WHO = "{name}"
"""Stands for the accounts that lose something, until all that lose the same are known."""


def withhold_what_has_no_proof(drafts: Drafts, member: MemberView, today: date) -> None:
    """Withhold what might narrow somebody's access where access itself could not be read."""
    try:
        Access(member, today)
        for kind in KINDS:
            read_whole(member, kind)
    except Unanswered as reason:
        why = (
            _("it decides on access, and whether it locks somebody out cannot be proven: {reason}").format(
                reason=reason
            ),
            _("`driftsync doctor` says what stands in the way"),
        )
        for action in [
            each for each in drafts.actions if each.kind in KINDS and each.sort is not Sort.CREATE
        ]:
            drafts.take_back(action, why)


def read_whole(member: MemberView, kind: str) -> None:
    """Raise `Unanswered` for a property of an item that could not be read: it might be what decides."""
    for item in member.items(kind).values():
        if item.unread or item.partial:
            raise Unanswered(_("{key} could not be read whole").format(key=item.key))


def prove(
    actions: list[Action], primary: MemberView, member: MemberView, *, protected: Iterable[str], today: date
) -> tuple[list[Action], list[str]]:
    """Return the actions with what they shut out as a hazard, and what others lose, one sentence each.

    Raises `PlanRefusedError`, with the path that leads there, where a protected account or a door would be lost.
    """
    if not any(each.kind in KINDS and each.sort is not Sort.CREATE for each in actions):
        return actions, []
    before, after = Access(member, today), Access(afterwards(primary, member, actions), today)
    kept = {*OF_IRIS, *(name.casefold() for name in protected), *holders_of_all(before.principals)}
    spelled = _spellings(member)
    refused = _doors(before.doors, after.doors, spelled)
    told: dict[str, list[str]] = {}
    shut_out: set[int] = set()
    closed = before.public - after.public
    for name, was in before.principals.items():
        if not was.logs_in:
            continue
        now = after.principals.get(name)
        path = dict.fromkeys(each.key for each in actions if _touches(each, was, now))
        by = ", ".join(path) or "?"
        line = _lost(was, now, by, spelled) or _idle(was, before.inactive_limit, after.inactive_limit, by)
        if not line:
            continue
        if name in kept and not _only_public(was, now, closed):
            refused.append(_of(line, [was.name]))
            continue
        told.setdefault(line, []).append(was.name)
        if now is None or not now.logs_in:
            shut_out |= {each.number for each in actions if each.key in path}
    if refused:
        raise PlanRefusedError(
            _("this plan would lock out what must stay open: {what}").format(what="; ".join(refused)),
            hint=_(
                "leave that out with --keep KEY, or mend it on the page of the portal with a way back at hand"
            ),
        )
    return [_with_lock_out(each) if each.number in shut_out else each for each in actions], [
        _of(line, names) for line, names in told.items()
    ]


def _of(line: str, names: list[str]) -> str:
    """Return what is lost with who loses it: all accounts that lose the same stand in one sentence."""
    return line.replace(WHO, _some(names, NAMED), 1)


def _some(texts: list[str], most: int) -> str:
    return ", ".join(texts[:most]) + (f" (+{len(texts) - most})" if len(texts) > most else "")


def _with_lock_out(action: Action) -> Action:
    there = {*action.hazards, Hazard.LOCKS_OUT}
    return replace(action, hazards=[hazard for hazard in Hazard if hazard in there])


def _spellings(member: MemberView) -> Mapping[str, str]:
    """Return how names are spelled that are compared folded: keys of doors, roles, resources."""
    keys = [item.key for kind in KINDS for item in member.items(kind).values()]
    names = {
        key.identity.casefold(): key.spelled or key.identity
        for key in keys
        if key.kind in {"role", "resource"}
    }
    return {**names, **{key.match: str(key) for key in keys}}


def _doors(
    before: Mapping[str, frozenset[str]], after: Mapping[str, frozenset[str]], spelled: Mapping[str, str]
) -> list[str]:
    refused = []
    for door, admitted in before.items():
        key = spelled.get(door, door)
        if door not in after:
            refused.append(_("{key} would be closed").format(key=key))
        elif lost := narrowed(admitted, after[door]):
            refused.append(
                _("{key} would no longer admit {what}").format(key=key, what=", ".join(sorted(lost)))
            )
    return refused


def _lost(was: Principal, now: Principal | None, path: str, spelled: Mapping[str, str]) -> str:
    """Say what an account loses and by what, with `WHO` for its name; empty where it loses nothing."""
    if now is None:
        return _("{name} would be gone, by {path}").format(name=WHO, path=path)
    if not now.logs_in:
        return _("{name} could no longer log in, by {path}: {reason}").format(
            name=WHO, path=path, reason=now.why_not
        )
    if now.holds_all:
        return ""
    roles = frozenset(map(Right, was.roles - now.roles))
    lost = roles | (was.permissions - now.permissions)
    rights = sorted(str(Right(spelled.get(each.name, each.name), each.letter)) for each in lost)
    if not rights:
        return ""
    return _("{name} would lose {what}, by {path}").format(name=WHO, what=_some(rights, SHOWN), path=path)


def _idle(was: Principal, old: int, new: int, path: str) -> str:
    """Say whether a lower limit of idle days may disable an account that the old one leaves alone."""
    if was.outlives(new) or 0 < old <= new:
        return ""
    return _("{name} would be disabled as unused for more than {limit} days, by {path}").format(
        name=WHO, limit=new, path=path
    )


def _touches(action: Action, was: Principal, now: Principal | None) -> bool:
    """Say whether an action may be what takes something from an account."""
    key = parse_key(action.key)
    name = key.identity.casefold()
    if action.kind not in KINDS or action.sort is Sort.CREATE:
        return False
    if action.kind == "user":
        return key.match == was.key
    if action.kind == "role":
        return name in was.roles
    lost = was.permissions - (now.permissions if now else frozenset())
    if action.kind == "resource":
        return any(right.name == name for right in lost)
    if now is None or now.logs_in:
        return action.kind == "security-settings" and now is not None and not lost
    if action.kind == "service":
        return name in was.services - now.services
    return action.kind == "security-settings"


def _only_public(was: Principal, now: Principal | None, closed: frozenset[Right]) -> bool:
    """Say whether all that is lost is what everybody could do with a resource of the site: nobody's own right."""
    if now is None or not now.logs_in or was.roles - now.roles:
        return False
    lost = was.permissions - now.permissions
    return bool(lost) and all(right in closed and not right.name.startswith("%") for right in lost)
