"""This module names the hazards of an action: whose access it widens or narrows, what acts at once, what has no way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftsync.kinds import all_kinds, declaration, parse_key
from driftsync.kinds.spec import Kind, Property, Shape
from driftsync.kinds.sql_privileges import ADMINISTRATIVE
from driftsync.kinds.superservers import SUPERSERVER
from driftsync.kinds.written import ByObject
from driftsync.model import Action, Hazard, Item, Sort
from driftsync.planning.values import holds_secret

ANSWERS = frozenset(
    {"Enabled"} | {each.name for each in SUPERSERVER.properties if each.name.startswith("Enable")}
)
"""What a superserver answers to."""
OPENS = {
    "user": frozenset({"Enabled", "Roles", "EscalationRoles", "AccountNeverExpires", "PasswordNeverExpires"}),
    "role": frozenset({"Resources", "GrantedRoles"}),
    "resource": frozenset({"PublicPermission"}),
    "service": frozenset({"Enabled", "AutheEnabled"}),
    "web-application": frozenset({"Enabled", "AutheEnabled", "MatchRoles"}),
    "security-settings": frozenset(
        {"AutheEnabled", "PercentGlobalWrite", "InactiveLimit", "InvalidLoginLimit"}
    ),
    "docdb-application": frozenset({"Enabled"}),
    "superserver": ANSWERS,
    "oauth2-client": frozenset({"Enabled", "AcceptNonStandardImplicitIdToken"}),
    "oauth2-server-configuration": frozenset(
        {"AllowUnsupportedScope", "AllowPublicClientRefresh", "CustomizationRoles"}
    ),
    "x509-user": frozenset({"Enabled"}),
    "sql-privilege": frozenset({"Grantable"}),
    "sql-role-grant": frozenset({"Grantable"}),
    "sql-admin-privilege": frozenset(ADMINISTRATIVE),
}
"""Kind → properties of which more means that more is allowed."""
CLOSES = {
    "user": frozenset({"AutheEnabled"}),
    "role": frozenset({"EscalationOnly"}),
    "security-settings": frozenset({"RequiredRole", "InvalidLoginAction"}),
    "superserver": frozenset({"SSLSupportLevel"}),
    "oauth2-server-configuration": frozenset(
        {"AudRequired", "ForcePKCEForPublicClients", "ForcePKCEForConfidentialClients"}
    ),
    "tls-configuration": frozenset({"VerifyPeer", "TLSMinVersion"}),
}
"""Kind → properties of which more means that less is allowed."""
LISTED = {
    "service": frozenset({"ClientSystems"}),
    "language-server": frozenset({"AllowedIPAddresses"}),
    "x509-credentials": frozenset({"OwnerList"}),
}
"""Kind → properties that admit everybody where they are empty, and only whom they list otherwise."""
EITHER = {
    "user": frozenset({"ExpirationDate", "Password"}),
    "web-application": frozenset({"Resource"}),
    "docdb-application": frozenset({"Resource"}),
    "language-server": frozenset({"Resource"}),
    "database": frozenset({"ResourceName", "ReadOnly"}),
    "x509-user": frozenset({"Username"}),
    "ldap-configuration": frozenset(
        {"LDAPFlags", "LDAPHostNames", "LDAPBaseDN", "LDAPBaseDNForGroups", "LDAPGroupId"}
    ),
    "tls-configuration": frozenset({"Enabled", "TLSMaxVersion", "CipherList", "Ciphersuites"}),
    "security-settings": frozenset({"DefaultSecurityDomain", "SecurityDomains"}),
    "superserver": frozenset({"SSLConfig"}),
    "oauth2-client": frozenset({"ServerDefinition", "ClientType"}),
    "oauth2-server-definition": frozenset({"ServerCredentials"}),
    "oauth2-server-configuration": frozenset(
        {"AuthenticateClass", "ValidateUserClass", "GenerateTokenClass", "SupportedGrantTypes"}
    ),
    "x509-credentials": frozenset({"PeerNames"}),
}
"""Kind → properties of which nobody can say beforehand whom they let in or shut out."""
LIMITS, NO_LIMIT = frozenset({"InactiveLimit", "InvalidLoginLimit"}), 2**31
HELD_BY_EXISTING = frozenset(
    {"user", "role", "web-application", "docdb-application", "x509-user", "sql-privilege", "sql-role-grant",
     "sql-admin-privilege"}
)  # fmt: skip
"""Kinds whose items let somebody do something by being there."""


def lost_with(kind: Kind, item: Item) -> list[str]:
    """Return the properties without which a deleted item would be made again: nobody has them, or can set them."""
    if kind.name == "user":
        return ["Password"]
    left = kind.written.leaves if isinstance(kind.written, ByObject) else {}
    names = [name for name, value in item.compared.items() if holds_secret(value) or (name in left and value)]
    return sorted({*names, *item.unlisted, *item.unread})


def hazards_of(action: Action, compared: Mapping[str, Any], lost: Iterable[str] = ()) -> list[Hazard]:
    """Return the hazards of one action; `compared` is what the item as a whole would be, or was.

    `lost` is what a rollback could not bring back of it.
    """
    kind = all_kinds()[action.kind]
    there = set(_access(action, kind))
    if _acts_at_once(action, kind, compared):
        there.add(Hazard.AT_ONCE)
    if any(_restarts(kind, action, name) for name in action.sets):
        there.add(Hazard.NEEDS_RESTART)
    if action.secrets:
        there.add(Hazard.NEEDS_SECRET)
    if (action.sort is Sort.CHANGE and action.secrets) or list(lost) or _stays(action, kind):
        there.add(Hazard.NO_WAY_BACK)
    return [hazard for hazard in Hazard if hazard in there]


def _stays(action: Action, kind: Kind) -> bool:
    """Say whether an item is made and never deleted again, not even by the run that made it."""
    written = kind.written
    return action.sort is Sort.CREATE and isinstance(written, ByObject) and not written.taken_back_by


def _access(action: Action, kind: Kind) -> Iterator[Hazard]:
    if action.sort is not Sort.CHANGE and kind.name in HELD_BY_EXISTING:
        yield Hazard.GRANTS_ACCESS if action.sort is Sort.CREATE else Hazard.REMOVES_ACCESS
    if action.sort is Sort.DELETE and kind.name == "resource":
        yield Hazard.REMOVES_ACCESS
    if action.sort is Sort.CHANGE and any(name in EITHER.get(kind.name, ()) for name in action.secrets):
        yield from (Hazard.GRANTS_ACCESS, Hazard.REMOVES_ACCESS)
    for name, after in action.sets.items():
        before = action.before.get(name)
        if before == after or (action.sort is Sort.CREATE and not after):
            continue
        if name in EITHER.get(kind.name, ()) and action.sort is Sort.CHANGE:
            yield from (Hazard.GRANTS_ACCESS, Hazard.REMOVES_ACCESS)
            continue
        if name in LIMITS:
            before, after = _limit(before), _limit(after)  # noqa: PLW2901
        bits = (declared := declared_of(action, name)) is not None and declared.shape is Shape.MASK
        more, less = _more(before, after, bits=bits), _more(after, before, bits=bits)
        if name in LISTED.get(kind.name, ()):
            more, less = (not after or more) and bool(before), (not before or less) and bool(after)
        elif name in CLOSES.get(kind.name, ()):
            more, less = less, more
        elif name not in OPENS.get(kind.name, ()):
            continue
        if more:
            yield Hazard.GRANTS_ACCESS
        if less and action.sort is Sort.CHANGE:
            yield Hazard.REMOVES_ACCESS


def _limit(value: Any) -> int:
    """Return a limit as a number; 0 stands for none at all."""
    return int(value or 0) or NO_LIMIT


def _more(before: Any, after: Any, *, bits: bool) -> bool:
    """Say whether `after` holds something that `before` does not."""
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        return any(set(str(letters)) - set(str(old.get(name, ""))) for name, letters in new.items())
    if isinstance(before, list) or isinstance(after, list):
        return bool(
            {str(each).casefold() for each in after or ()} - {str(each).casefold() for each in before or ()}
        )
    if isinstance(before, str) or isinstance(after, str):
        return bool(after) and before != after
    old, new = int(before or 0), int(after or 0)
    return bool(new & ~old) if bits else new > old


def _acts_at_once(action: Action, kind: Kind, compared: Mapping[str, Any]) -> bool:
    if kind.written is None or not kind.written.at_once:
        return False
    return kind.name != "task" or compared.get("Suspended") in (None, 0, "0") or action.sort is Sort.DELETE


def _restarts(kind: Kind, action: Action, name: str) -> bool:
    declared = declared_of(action, name)
    return bool(declared and declared.restart) or (
        kind.per_item is not None and action.namespace in {"config", "Startup", "Cluster"}
    )


def declared_of(action: Action, name: str) -> Property | None:
    """Return how a property of an action's item is declared."""
    key = parse_key(action.key)
    return declaration(all_kinds()[action.kind], key.namespace, key.identity, name)
