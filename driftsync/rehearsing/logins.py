"""This module says who could not log in after the swap and why, and who could who cannot today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from driftsync.access import Access, day_of, expired, holders_of_all
from driftsync.checks.spec import known, shipped
from driftsync.kinds.users import ORIGINS, brought_by_login
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item, Secret, SecretAnswer
from driftsync.rehearsing.pair import Pair, joined, lost, name_of, number

DECIDING = {
    "user": ("Enabled", "Roles", "ExpirationDate", "AccountNeverExpires", "Flags"),
    "role": ("GrantedRoles", "EscalationOnly"),
    "service": ("Enabled", "AutheEnabled"),
    "security-settings": ("AutheEnabled", "RequiredRole"),
}
"""Kind → properties that decide who is admitted at all."""
LDAP, DELEGATED = (int(bit) for bit, word in ORIGINS.items() if word != "password user")
LDAP_ENABLED = 64
DELEGATE = "custom-code:ZAUTHENTICATE.mac"


def logins(pair: Pair) -> Iterator[Consequence]:
    """Yield accounts that work on the old primary and would not, or not as today, on the new one; and the reverse."""
    yield from pair.each(_absent, pair.missing("user"))
    yield from pair.each(_there, pair.both("user"))
    yield from pair.each(_new, pair.added("user"))


def _absent(pair: Pair, item: Item) -> Iterator[Consequence]:
    if not _usable(item, pair.today):
        return
    if not brought_by_login(item.compared):
        yield _locked_out(pair, item, _("the account is not there"))
    elif number(item, "Flags") & LDAP and not _asks_ldap(pair):
        yield _locked_out(pair, item, _("no LDAP configuration is switched on there"))
    elif number(item, "Flags") & DELEGATED and DELEGATE not in pair.new_items("custom-code"):
        yield _locked_out(pair, item, _("ZAUTHENTICATE, which lets it in, is not there"))


def _asks_ldap(pair: Pair) -> bool:
    return any(
        number(each, "LDAPFlags") & LDAP_ENABLED for each in pair.new_items("ldap-configuration").values()
    )


def _there(pair: Pair, accounts: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = accounts
    if not _usable(before, pair.today):
        if not known(before, "Enabled") and _usable(after, pair.today):
            yield _let_in(pair, after, _("the account is disabled on the old primary"), "Enabled")
        return
    if found := _why_not(pair, before, after):
        yield _locked_out(pair, after, *found)
        return
    if roles := lost(before, after, "Roles"):
        what = _("would work without the roles {roles}").format(roles=joined(roles))
        yield _of(pair, Effect.BREAKS, after, what, "Roles")
    elif roles := lost(after, before, "Roles"):
        what = _("would have the roles {roles} as well").format(roles=joined(roles))
        yield _of(pair, Effect.CHANGES, after, what, "Roles")
    if number(after, "AutheEnabled") & ~number(before, "AutheEnabled"):
        yield _of(pair, Effect.BREAKS, after, _("would be asked for a second factor"), "AutheEnabled")
    yield from _password(pair, before, after)


def _password(pair: Pair, before: Item, after: Item) -> Iterator[Consequence]:
    """Yield what becomes of today's password: hashes say it where they can be compared, else the dates do."""
    mine, theirs = before.compared.get("Password"), after.compared.get("Password")
    answer = SecretAnswer.NOT_COMPARABLE
    if isinstance(mine, Secret) and isinstance(theirs, Secret):
        answer = mine.against(theirs)
    if answer is SecretAnswer.SAME:
        return
    there, here = _day(before, "PasswordChangedDateTime"), _day(after, "PasswordChangedDateTime")
    if there and here < there:
        what = _("may need an older password: it was changed on the primary on {there}, here on {here}")
        what = what.format(there=there, here=here or _("no known day"))
        yield _of(pair, Effect.BREAKS, after, what, "Password")
    elif answer is SecretAnswer.DIFFERENT:
        yield _of(pair, Effect.BREAKS, after, _("would need another password than today"), "Password")


def _new(pair: Pair, item: Item) -> Iterator[Consequence]:
    if _usable(item, pair.today) and not brought_by_login(item.compared) and not shipped(item):
        yield _let_in(pair, item, _("the old primary has no such account"))


def admission(pair: Pair) -> Iterator[Consequence]:
    """Yield accounts that no door would admit, and that nobody could administer the new primary."""
    for member in (pair.old, pair.new):
        for kind, names in DECIDING.items():
            for item in member.items(kind).values():
                for name in names:
                    known(item, name)  # what was not read decides nothing
    old, new = Access(pair.old, pair.today), Access(pair.new, pair.today)
    yield from pair.each(_admitted, ((old, new, *each) for each in pair.both("user")))
    rulers = holders_of_all(old.principals)
    if rulers and not holders_of_all(new.principals):
        lost_rulers = sorted(old.principals[each].name for each in rulers)
        yield pair.consequence(
            Effect.BREAKS,
            Audience.EVERYBODY,
            _("administrators"),
            _(
                "could not repair anything: of those with %All on the old primary ({users}) none could log in"
            ).format(users=joined(lost_rulers)),
            pair.old_items("user")[old.principals[min(rulers)].key],
            "Roles",
        )


def _admitted(pair: Pair, found: tuple[Access, Access, Item, Item]) -> Iterator[Consequence]:
    old, new, before, after = found
    if pair.settled(after.key.match):
        return
    there, here = (each.principals[before.key.identity.casefold()] for each in (old, new))
    if there.logs_in and not here.logs_in:
        yield _locked_out(pair, after, here.why_not)


def _usable(item: Item, today: date) -> bool:
    return bool(known(item, "Enabled")) and not _expired(item, today)


def _expired(item: Item, today: date) -> str:
    """Return the day on which an account expired, nothing where it did not."""
    return expired(known(item, "ExpirationDate"), known(item, "AccountNeverExpires"), today)


def _why_not(pair: Pair, before: Item, after: Item) -> tuple[str, ...]:
    """Return why nobody could log in with an account, and the properties behind it; nothing where one could."""
    if not known(after, "Enabled"):
        return (_("the account is disabled"), "Enabled")
    if day := _expired(after, pair.today):
        return (_("the account expired on {day}").format(day=day), "ExpirationDate", "AccountNeverExpires")
    if reason := _idle(pair, before, after):
        return (reason, "LoginDateTime")
    return ()


def _idle(pair: Pair, before: Item, after: Item) -> str:
    """Say that an account would be disabled because it was not used on this member."""
    limit = int(pair.new.value("security-settings", "security-settings:SYSTEM", "InactiveLimit") or 0)
    seen, there = _used(after), _used(before)
    if not (limit and seen and there) or known(after, "AccountNeverExpires"):
        return ""
    idle, elsewhere = (pair.today - seen).days, (pair.today - there).days
    allowed = int(pair.old.value("security-settings", "security-settings:SYSTEM", "InactiveLimit") or 0)
    if idle <= limit or (allowed and elsewhere > allowed):
        return ""
    return _("the account was not used here for {days} days, the limit is {limit}").format(
        days=idle, limit=limit
    )


def _used(item: Item) -> date | None:
    """Return when an account was last used on a member; when it was made, where it never was."""
    return day_of(item, "LoginDateTime") or day_of(item, "CreateDateTime")


def _day(item: Item, name: str) -> str:
    return str(item.local.get(name) or "")[:10]


def _locked_out(pair: Pair, item: Item, reason: str, *properties: str) -> Consequence:
    pair.settle(item.key.match)
    what = _("could not log in: {reason}").format(reason=reason)
    return _of(pair, Effect.BREAKS, item, what, *properties)


def _let_in(pair: Pair, item: Item, reason: str, *properties: str) -> Consequence:
    pair.settle(item.key.match)
    what = _("could log in: {reason}").format(reason=reason)
    return _of(pair, Effect.STARTS, item, what, *properties)


def _of(pair: Pair, effect: Effect, item: Item, what: str, *properties: str) -> Consequence:
    return pair.consequence(effect, Audience.USERS, name_of(item), what, item, *properties)
