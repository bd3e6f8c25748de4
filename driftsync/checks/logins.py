"""This module declares the checks of who may do what: who could log in after the switch, with what, and who should not.

`driftsync.access` works out effective roles and logins of each member; here they are set against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from driftsync.access import Access, Principal
from driftsync.checks.moments import taken
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    shipped,
    warned,
)
from driftsync.kinds.users import brought_by_login
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome

DECIDING = ("Enabled", "Roles", "ExpirationDate", "AccountNeverExpires")
GRANTED = ("role", "resource", "sql-privilege", "sql-admin-privilege", "sql-role-grant")
FIRST_ACCOUNT = "user:_system"
INSTALLING = timedelta(minutes=10)
"""After the first account: what was made then is the installation's, the account of the installing OS user among it."""


def _logins(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    before, after = (Access(each, taken(member).date()) for each in (primary, member))
    there = member.items("user")
    accounts = [
        (item, there.get(item.key.match), who)
        for item in primary.items("user").values()
        for who in [before.principals[item.key.identity.casefold()]]
        if who.logs_in and not _idle(before, who, item, taken(primary).date())
    ]
    lost = gather(_locked_out(*each, after, taken(member).date()) for each in accounts)
    if lost:
        return failed(listed(lost))
    older = gather(_older(item, other) for item, other, _who in accounts if other is not None)
    if older:
        return warned(_("an older password: {names}").format(names=listed(older)))
    return passed(_("{count} accounts could log in as today").format(count=len(accounts)))


def _locked_out(item: Item, other: Item | None, today: Principal, after: Access, day: date) -> Iterator[str]:
    """Yield why somebody could not log in, or not with the same roles; roles of LDAP come with the login."""
    elsewhere = brought_by_login(item.compared)
    if other is None:
        if not elsewhere:
            yield _shut_out(today, _("there is no such account"))
        return
    for name in DECIDING:
        known(item, name)
        known(other, name)
    then = after.principals[item.key.identity.casefold()]
    if not then.logs_in:
        yield _shut_out(today, then.why_not)
    elif days := _idle(after, then, other, day):
        said = _("the account was not used here for {days} days, the limit is {limit}")
        yield _shut_out(today, said.format(days=days, limit=after.inactive_limit))
    elif not elsewhere and (roles := today.roles - then.roles):
        yield _("{name} would work without the roles {roles}").format(
            name=today.name, roles=listed(sorted(_spelled(roles, item)))
        )


def _shut_out(who: Principal, reason: str) -> str:
    return _("{name} could not log in: {reason}").format(name=who.name, reason=reason)


def _idle(access: Access, who: Principal, item: Item, day: date) -> int:
    """Return for how many days an account was not used, where IRIS disables it for that; else 0.

    One that was never used counts from the day it was made (api.md 10).
    """
    days, made = who.idle, _made(item)
    if days is None and made is not None:
        days = (day - made.date()).days
    limited = access.inactive_limit and not who.lasts
    return days if limited and days is not None and days > access.inactive_limit else 0


def _spelled(roles: frozenset[str], item: Item) -> list[str]:
    """Return roles as the account spells them; those within roles are only known folded."""
    spelled = {str(each).casefold(): str(each) for each in item.compared.get("Roles") or ()}
    return [spelled.get(each, each) for each in roles]


def _older(item: Item, other: Item) -> Iterator[str]:
    name = "PasswordChangedDateTime"
    there, here = (str(known(each, name) or "")[:10] for each in (item, other))
    if there and here < there and not brought_by_login(item.compared):
        yield _("{name}: set on {here}, on the primary on {there}").format(
            name=item.key.spelled or item.key.identity, here=here or _("no known day"), there=there
        )


LOGINS = Check(
    id="CFG-506",
    title=N_("Everybody could log in as today"),
    why=N_("After the switch nobody can work whose account is missing, disabled, expired or without a role."),
    do=N_(
        "Create or enable the accounts on the member with their roles; have older passwords set anew there."
    ),
    source="Security.Users, Security.Roles, Security.Services, Security.System; mirror.md 3.6, api.md 10",
    about=About.PROMOTED,
    rule=_logins,
    outcomes=PASS_WARN_FAIL,
)


def _granted(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    asked = [
        kind for kind in GRANTED if kind in primary.header.coverage or kind in member.header.coverage
    ] or GRANTED
    lost = gather(_missing(kind, primary, member) for kind in asked)
    return failed(listed(lost)) if lost else passed(_("every one of the primary's is there"))


def _missing(kind: str, primary: MemberView, member: MemberView) -> Iterator[str]:
    there = member.items(kind)
    for key, item in primary.items(kind).items():
        if key not in there and not shipped(item):
            yield str(item.key)


PRIVILEGES = Check(
    id="CFG-506b",
    title=N_("Roles, resources and SQL privileges are there"),
    why=N_("Applications answer 'access denied' where a role, a resource or an SQL privilege is missing."),
    do=N_("Create them on the member, resources first, then roles, then SQL privileges."),
    source="Security.Roles, Security.Resources, Security.SQLPrivileges; mirror.md 3.6",
    about=About.PROMOTED,
    rule=_granted,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _privileged(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    before, after = (Access(each, taken(member).date()).principals for each in (primary, member))
    accounts = member.items("user")
    more = [
        who.name
        for name, who in after.items()
        if who.holds_all
        and who.logs_in
        and not (name in before and before[name].holds_all)
        and not _of_the_installation(accounts[who.key], accounts)
    ]
    if more:
        return warned(_("%All on this member only: {names}").format(names=listed(sorted(more))))
    return passed(_("nobody holds %All who does not on the primary"))


def _of_the_installation(item: Item, accounts: Mapping[str, Item]) -> bool:
    """Say whether an account is the product's, or was made together with the first one."""
    if shipped(item):
        return True
    first, made = _made(accounts.get(FIRST_ACCOUNT)), _made(item)
    return first is not None and made is not None and abs(made - first) <= INSTALLING


def _made(item: Item | None) -> datetime | None:
    try:
        return (
            datetime.fromisoformat(str(item.local.get("CreateDateTime")).removesuffix("Z")) if item else None
        )
    except ValueError:
        return None


PRIVILEGED = Check(
    id="CFG-506c",
    title=N_("Nobody is privileged on the would-be primary alone"),
    why=N_("An account with %All that the primary does not have is a door that nobody watches."),
    do=N_("Ask who made it and what for; disable it, or create it on the primary as well."),
    source="Security.Users, Security.Roles; mirror.md 3.6",
    about=About.PROMOTED,
    rule=_privileged,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)
