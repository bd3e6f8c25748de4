"""This module says who can do what on one member: effective roles and permissions, and by which services they log in.

It is pure and works on items as a snapshot has them, so that access before and after a plan are computed alike. What
was not read whole raises what the items raise: nothing is assumed of it. Names are compared without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from driftsync.language import english as _
from driftsync.model import Item
from driftsync.normalize import NEVER

KINDS = ("user", "role", "resource", "service", "web-application", "security-settings")
"""What decides on access; all of it must have been read whole."""
ALL = "%all"
EVERYTHING = "RWU"
LETTERS = {1: "R", 2: "W", 4: "U"}
ESTABLISHED = 16 | 32 | 1 | 2 | 4 | 8 | 128 | 256 | 512 | 2048 | 4096 | 8192 | 33554432
"""Bits of `AutheEnabled` by which somebody proves who they are; unauthenticated (64) and tokens are none."""
PASSWORD, LDAP, DELEGATED = 32, 2048 | 4096, 8192
BINDINGS = "%service_bindings"
GATEWAYS = ("%service_webgateway", "%service_csp")
"""The service that web applications come in by, as newer and older releases call it."""
PORTAL = "/csp/sys"
ANY = "*"


class Items(Protocol):
    """What shows the items of one member by kind and key."""

    def items(self, kind: str) -> Mapping[str, Item]:
        """Return all items of a kind by their key. Raises where they were not all read."""


@dataclass(frozen=True)
class Right:
    """One thing that somebody may do: `Payroll` R, or to hold a role."""

    name: str
    letter: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.letter}" if self.letter else self.name


@dataclass(frozen=True)
class Principal:
    """What one account can do."""

    name: str
    """As it is spelled."""
    key: str
    why_not: str
    """Why it cannot log in at all; empty where it can."""
    services: frozenset[str]
    """By which services it can log in, as far as their methods go; addresses of clients are not considered."""
    roles: frozenset[str]
    """Folded; those within roles included, those that are only taken up for a while left out."""
    escalation_roles: frozenset[str]
    permissions: frozenset[Right] = field(repr=False)
    idle: int | None = None
    """Days since it was last used on this member; `None` where it never was."""
    lasts: bool = False
    """Whether IRIS never disables it for not being used."""

    @property
    def logs_in(self) -> bool:
        return not self.why_not

    def outlives(self, limit: int) -> bool:
        """Say whether it is known that a limit of idle days leaves the account alone; 0 is no limit."""
        return not limit or self.lasts or (self.idle is not None and self.idle <= limit)

    @property
    def holds_all(self) -> bool:
        return ALL in self.roles


class Access:
    """Who can do what on one member on one day."""

    def __init__(self, member: Items, today: date) -> None:
        self._users, self._roles = member.items("user"), member.items("role")
        self._resources, self._services = member.items("resource"), member.items("service")
        self._applications, self._settings = (
            member.items("web-application"),
            member.items("security-settings"),
        )
        self._today = today

    @cached_property
    def principals(self) -> Mapping[str, Principal]:
        """Every account by its folded name."""
        return {item.key.identity.casefold(): self._principal(item) for item in self._users.values()}

    @cached_property
    def public(self) -> frozenset[Right]:
        """What everybody may do, without any role."""
        return frozenset(
            Right(name, letter)
            for item in self._resources.values()
            for name in [item.key.identity.casefold()]
            for bit, letter in LETTERS.items()
            if int(item.compared.get("PublicPermission") or 0) & bit
        )

    def closure(self, roles: frozenset[str]) -> frozenset[str]:
        """Return roles with the roles that they grant, however deep; folded."""
        found: set[str] = set()
        waiting = list(roles)
        while waiting:
            role = waiting.pop()
            if role not in found:
                found.add(role)
                waiting += self._granted.get(role, ())
        return frozenset(found)

    @cached_property
    def _granted(self) -> Mapping[str, frozenset[str]]:
        return {item.key.identity.casefold(): _names(item, "GrantedRoles") for item in self._roles.values()}

    @cached_property
    def _escalation_only(self) -> frozenset[str]:
        return frozenset(
            item.key.identity.casefold()
            for item in self._roles.values()
            if item.compared.get("EscalationOnly")
        )

    def _principal(self, item: Item) -> Principal:
        roles = self.closure(_names(item, "Roles") - self._escalation_only)
        services = self.services_for(int(item.compared.get("Flags") or 1))
        return Principal(
            name=item.key.spelled or item.key.identity,
            key=item.key.match,
            why_not=self._why_not(item, roles, services),
            services=services,
            roles=roles,
            escalation_roles=self.closure(
                _names(item, "EscalationRoles") | (_names(item, "Roles") & self._escalation_only)
            )
            - roles,
            permissions=self._permissions(roles),
            idle=self._idle(item),
            lasts=bool(item.compared.get("AccountNeverExpires")),
        )

    def _permissions(self, roles: frozenset[str]) -> frozenset[Right]:
        if ALL in roles:
            return frozenset({Right(ALL)})
        return self.public.union(*(self._of_role.get(role, frozenset()) for role in roles))

    @cached_property
    def _of_role(self) -> Mapping[str, frozenset[Right]]:
        return {
            item.key.identity.casefold(): frozenset(
                Right(str(name).casefold(), letter)
                for name, letters in (item.compared.get("Resources") or {}).items()
                for letter in str(letters)
            )
            for item in self._roles.values()
        }

    # -- logging in ------------------------------------------------------------------------------------------------

    def _why_not(self, item: Item, roles: frozenset[str], services: frozenset[str]) -> str:
        if not item.compared.get("Enabled"):
            return _("the account is disabled")
        lasts = item.compared.get("AccountNeverExpires")
        if expires := expired(item.compared.get("ExpirationDate"), lasts, self._today):
            return _("the account expired on {day}").format(day=expires)
        required = str(self._setting("RequiredRole") or "")
        if required and required.casefold() not in roles and ALL not in roles:
            return _("it lacks the role {role} that every login needs").format(role=required)
        return "" if services else _("no service that is on admits it by any method")

    def _idle(self, item: Item) -> int | None:
        """Return the days since an account was last used here; `None` where it never was, or that is not known."""
        seen = day_of(item, "LoginDateTime")
        return (self._today - seen).days if seen else None

    @property
    def inactive_limit(self) -> int:
        """Days without a login after which IRIS disables an account; 0 for no limit."""
        return int(self._setting("InactiveLimit") or 0)

    def services_for(self, flags: int) -> frozenset[str]:
        """Return the services that admit accounts of an origin (1 password, 2 LDAP, 4 delegated), folded."""
        own = (LDAP if flags & 2 else 0) | (DELEGATED if flags & 4 else 0)
        methods = ESTABLISHED & ~LDAP & ~DELEGATED if flags & 1 else own
        return frozenset(
            name for name, admitted in self._open_services().items() if admitted & (methods | own)
        )

    def _open_services(self) -> Mapping[str, int]:
        """Return the services that are on, with the methods that the system admits too."""
        system = int(self._setting("AutheEnabled") or 0)
        return {
            item.key.identity.casefold(): int(item.compared.get("AutheEnabled") or 0) & system
            for item in self._services.values()
            if item.compared.get("Enabled")
        }

    def _setting(self, name: str) -> Any:
        item = next(iter(self._settings.values()), None)
        return item.compared.get(name) if item else None

    # -- doors -----------------------------------------------------------------------------------------------------

    @cached_property
    def doors(self) -> Mapping[str, frozenset[str]]:
        """What lets the tool and the portal in, by key, with what it admits; what is shut is left out."""
        found: dict[str, frozenset[str]] = {}
        services = self._open_services()
        for name in (BINDINGS, *GATEWAYS):
            if services.get(name, 0) & ESTABLISHED:
                item = next(each for each in self._services.values() if each.key.identity.casefold() == name)
                found[item.key.match] = frozenset(_methods(services[name])) | frozenset(_addresses(item))
        system = int(self._setting("AutheEnabled") or 0)
        for item in self._applications.values():
            name = item.key.identity.casefold()
            if name != PORTAL and not name.startswith(f"{PORTAL}/"):
                continue
            admitted = int(item.compared.get("AutheEnabled") or 0) & system & ESTABLISHED
            if item.compared.get("Enabled") and admitted:
                resource = str(item.compared.get("Resource") or ANY).casefold()
                found[item.key.match] = frozenset({*_methods(admitted), f"resource {resource}"})
        return found


def expired(day: Any, lasts: Any, today: date) -> str:
    """Return the day on which an account expired, nothing where it did not."""
    until = str(day or NEVER)[:10]
    return "" if lasts or until == NEVER or until >= today.isoformat() else until


def day_of(item: Item, name: str) -> date | None:
    """Return the day that a member tells of an account; `None` where it tells none that can be read."""
    told = str(item.local.get(name) or NEVER)[:10]
    try:
        return None if told == NEVER else date.fromisoformat(told)
    except ValueError:
        return None


def narrowed(before: frozenset[str], after: frozenset[str]) -> frozenset[str]:
    """Return what a door admitted before and does not after; where it admits anybody, nobody is turned away."""
    opened = tuple(f"{word} " for word in ("address", "resource") if f"{word} {ANY}" in after)
    return frozenset(each for each in before - after if not (opened and each.startswith(opened)))


def holders_of_all(principals: Mapping[str, Principal]) -> frozenset[str]:
    """Return the accounts that hold `%All` and can log in."""
    return frozenset(name for name, each in principals.items() if each.holds_all and each.logs_in)


def _names(item: Item, name: str) -> frozenset[str]:
    value = item.compared.get(name)
    return frozenset(str(each).casefold() for each in value) if isinstance(value, list) else frozenset()


def _methods(mask: int) -> Iterator[str]:
    return (f"method {1 << bit}" for bit in range(26) if mask & ESTABLISHED & (1 << bit))


def _addresses(item: Item) -> Iterator[str]:
    """Yield whom a service admits: everybody, where no address is listed."""
    listed = item.compared.get("ClientSystems")
    return (f"address {each}" for each in listed) if isinstance(listed, list) else iter((f"address {ANY}",))
