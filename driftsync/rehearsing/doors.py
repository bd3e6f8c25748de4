"""This module says which doors would be closed after the swap, or open that are closed today: services, ports, methods."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.spec import known
from driftsync.kinds.words import AUTHENTICATION
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item
from driftsync.rehearsing.logins import LDAP_ENABLED
from driftsync.rehearsing.pair import Pair, joined, listed, name_of, number


def doors(pair: Pair) -> Iterator[Consequence]:
    """Yield services and ports that would turn clients away, or let them in where today none come in."""
    yield from pair.each(_service, pair.both("service"))
    yield from pair.each(_gone_port, pair.missing("superserver"))
    yield from pair.each(_new_port, pair.added("superserver"))


def _service(pair: Pair, services: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = services
    who = _("clients of {service}").format(service=name_of(after))
    if not known(before, "Enabled"):
        if known(after, "Enabled"):
            what = _("could come in: the service is off on the old primary")
            yield pair.consequence(Effect.STARTS, Audience.USERS, who, what, after, "Enabled")
        else:
            pair.settle(after.key.match)  # a door that is closed on both: who may open it matters to nobody
        return
    if not known(after, "Enabled"):
        pair.settle(after.key.match)
        what = _("would be refused: the service is off")
        yield pair.consequence(Effect.BREAKS, Audience.USERS, who, what, after, "Enabled")
        return
    if what := _closed_to(before, after):
        yield pair.consequence(Effect.BREAKS, Audience.USERS, who, what, after, "ClientSystems")
    if methods := methods_of(number(before, "AutheEnabled") & ~number(after, "AutheEnabled")):
        what = _("could not log in as they do today: {methods} is off").format(methods=methods)
        yield pair.consequence(Effect.BREAKS, Audience.USERS, who, what, after, "AutheEnabled")


def _closed_to(before: Item, after: Item) -> str:
    """Say for whom a service would be closed by its list of addresses; an empty list admits everybody."""
    there, here = _addresses(before), _addresses(after)
    if here and not there:
        return _("would be refused unless they come from {addresses}").format(addresses=joined(sorted(here)))
    if here and there - here:
        return _("would be refused from {addresses}").format(addresses=joined(sorted(there - here)))
    return ""


def _addresses(item: Item) -> set[str]:
    return {each.partition("|")[0] for each in listed(item, "ClientSystems")}


def methods_of(mask: int) -> str:
    """Return the words for login methods."""
    return joined(dict.fromkeys(word for bit, word in AUTHENTICATION.items() if mask & int(bit)))


def _gone_port(pair: Pair, item: Item) -> Iterator[Consequence]:
    if known(item, "Enabled"):
        who = _("clients on port {port}").format(port=name_of(item))
        what = _("would find nobody listening")
        yield pair.consequence(Effect.BREAKS, Audience.USERS, who, what, item)


def _new_port(pair: Pair, item: Item) -> Iterator[Consequence]:
    if known(item, "Enabled"):
        who = _("clients on port {port}").format(port=name_of(item))
        what = _("could come in: the old primary does not listen there")
        yield pair.consequence(Effect.STARTS, Audience.USERS, who, what, item)


def methods(pair: Pair) -> Iterator[Consequence]:
    """Yield what the settings of the whole instance close."""
    yield from pair.each(_system, pair.both("security-settings"))
    yield from pair.each(_ldap, pair.both("ldap-configuration"))


def _system(pair: Pair, settings: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = settings
    off = methods_of(number(before, "AutheEnabled") & ~number(after, "AutheEnabled"))
    if off:
        yield pair.consequence(
            Effect.BREAKS,
            Audience.USERS,
            _("whoever logs in by {methods}").format(methods=off),
            _("would be refused everywhere: the method is off for the whole instance"),
            after,
            "AutheEnabled",
        )
    role = str(known(after, "RequiredRole") or "")
    if role and role != known(before, "RequiredRole"):
        yield pair.consequence(
            Effect.BREAKS,
            Audience.USERS,
            _("whoever logs in"),
            _("would be refused without the role {role}").format(role=role),
            after,
            "RequiredRole",
        )
    here, there = number(after, "InactiveLimit"), number(before, "InactiveLimit")
    if here and (not there or here < there):
        yield pair.consequence(
            Effect.BREAKS,
            Audience.USERS,
            _("whoever logs in rarely"),
            (
                _("would be disabled after {here} days without a login instead of {there}")
                if there
                else _("would be disabled after {here} days without a login, today never")
            ).format(here=here, there=there),
            after,
            "InactiveLimit",
        )


def _ldap(pair: Pair, configurations: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = configurations
    if number(before, "LDAPFlags") & LDAP_ENABLED and not number(after, "LDAPFlags") & LDAP_ENABLED:
        yield pair.consequence(
            Effect.BREAKS,
            Audience.USERS,
            _("whoever logs in through {name}").format(name=name_of(after)),
            _("could not log in: the configuration is switched off"),
            after,
            "LDAPFlags",
        )
