"""This module says who could not log in after the swap and why, and which services would turn clients away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from driftsync.language import english as _
from driftsync.model import Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, consequence, name_of

NEVER = "1840-12-31"
"""What an account that does not expire holds."""


def logins(pair: Pair) -> Iterator[Consequence]:
    """Yield accounts that work on the old primary and would not on the new one."""
    limit = _inactive_limit(pair)
    for item in pair.missing("user"):
        if item.compared.get("Enabled"):
            yield _locked_out(item, _("there is no such account"))
    for before, after in pair.both("user"):
        if not before.compared.get("Enabled"):
            continue
        if reason := _why_not(pair, before, after, limit):
            yield _locked_out(after, reason)
            continue
        roles = set(before.compared.get("Roles") or ()) - set(after.compared.get("Roles") or ())
        if roles:
            yield consequence(
                Effect.BREAKS,
                name_of(after),
                _("would work without the roles {roles}").format(roles=", ".join(sorted(roles))),
                after,
            )
        elif _older(after, before):
            yield consequence(
                Effect.CHANGES,
                name_of(after),
                _(
                    "may need an older password: it was changed on the primary on {there}, here on {here}"
                ).format(
                    there=_day(before, "PasswordChangedDateTime"),
                    here=_day(after, "PasswordChangedDateTime") or _("no known day"),
                ),
                after,
            )


def _locked_out(item: Item, reason: str) -> Consequence:
    return consequence(
        Effect.BREAKS, name_of(item), _("could not log in: {reason}").format(reason=reason), item
    )


def _why_not(pair: Pair, before: Item, after: Item, limit: int) -> str:
    if not after.compared.get("Enabled"):
        return _("the account is disabled")
    expires = str(after.compared.get("ExpirationDate") or NEVER)[:10]
    lasts = after.compared.get("AccountNeverExpires") or expires == NEVER
    if (
        not lasts
        and expires < pair.today.isoformat()
        and str(before.compared.get("ExpirationDate")) != expires
    ):
        return _("the account expired on {day}").format(day=expires)
    seen, there = _day(after, "LoginDateTime"), _day(before, "LoginDateTime")
    if limit and seen and there and not after.compared.get("AccountNeverExpires"):
        idle = (pair.today - date.fromisoformat(seen)).days
        elsewhere = (pair.today - date.fromisoformat(there)).days
        if idle > limit >= elsewhere:
            return _("the account was not used here for {days} days, the limit is {limit}").format(
                days=idle, limit=limit
            )
    return ""


def _inactive_limit(pair: Pair) -> int:
    value = pair.new.value("security-settings", "security-settings:SYSTEM", "InactiveLimit")
    return int(value or 0)


def _day(item: Item, name: str) -> str:
    return str(item.local.get(name) or "")[:10]


def _older(after: Item, before: Item) -> bool:
    here, there = _day(after, "PasswordChangedDateTime"), _day(before, "PasswordChangedDateTime")
    return bool(there) and here < there


def services(pair: Pair) -> Iterator[Consequence]:
    """Yield services that would be closed, or closed to somebody."""
    for before, after in pair.both("service"):
        if not before.compared.get("Enabled"):
            continue
        who = _("clients of {service}").format(service=name_of(after))
        if not after.compared.get("Enabled"):
            yield consequence(Effect.BREAKS, who, _("would be refused: the service is off"), after)
            continue
        lost = set(map(str, before.compared.get("ClientSystems") or ())) - set(
            map(str, after.compared.get("ClientSystems") or ())
        )
        if lost and after.compared.get("ClientSystems"):
            yield consequence(
                Effect.BREAKS,
                who,
                _("would be refused from {addresses}").format(addresses=", ".join(sorted(lost))),
                after,
            )
        methods = int(before.compared.get("AutheEnabled") or 0) & ~int(
            after.compared.get("AutheEnabled") or 0
        )
        if methods:
            yield consequence(
                Effect.BREAKS, who, _("could not log in as they do today: a method is off"), after
            )
