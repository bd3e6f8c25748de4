"""This module says what makes a record of a class the one that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from driftsync.lab.instance.facts import ClassFacts

Record = dict[str, Any]
"""Logical values by property: text, number, list (a collection or a relationship), dict (an array or an embedded object)."""

Key = tuple[str, ...]


def _same(text: str) -> str:
    return text


FOLDED = frozenset({
    "Security.Applications", "Security.DocDBs", "Security.Domains", "Security.Events", "Security.LDAPConfigs",
    "Security.Resources", "Security.Roles", "Security.Services", "Security.System", "Security.Users",
})  # fmt: skip
"""Classes whose names are the same in any case: their key is the lower-case name (api.md 5; the IDKEY is assumed)."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "Security.Events": ("Source", "Type", "Name"),
    "Security.DocDBs": ("Namespace", "Name"),
    "Security.Servers": ("Port", "BindAddress"),
    "Security.SQLPrivileges": ("Namespace", "SQLObject", "Privilege", "Grantee", "Grantor"),
    "Security.SQLAdminPrivilegeSet": ("Namespace", "Grantee"),
    "Security.SQLRoleGrantOption": ("UserOrRole", "RoleGranted"),
    "Security.X509Users": ("LookupKey",),
    "Config.MapGlobals": ("Namespace", "Name"),
    "Config.MapRoutines": ("Namespace", "Name"),
    "Config.MapPackages": ("Namespace", "Name"),
    "Config.MapMirrors": ("ID", "Name"),
    "Config.MapShadows": ("ID", "Name"),
    "%SYS.X509Credentials": ("Alias",),
    "%SYS.Task.Config": ("ParamName",),
    "OAuth2.Client": ("ApplicationName",),
    "OAuth2.Server.Client": ("ClientId",),
    "OAuth2.Server.Configuration": ("Key",),
    "SYS.Database": ("Directory",),
}
"""Properties of the key where it is not `Name` alone."""

COUNTED: Mapping[str, str] = {
    "%SYS.Task": "",
    "%SYS.Task.History": "",
    "%Library.SQLConnection": "Name",
    "OAuth2.ServerDefinition": "IssuerEndpoint",
    "OAuth2.Client.Metadata": "",
    "OAuth2.Server.Metadata": "",
}
"""Classes whose ID is a number that each instance counts by itself, and the property that must be unique."""


def parts_of(facts: ClassFacts) -> tuple[str, ...]:
    """Return the properties that make up the key."""
    return PARTS.get(facts.name, ("Name",))


def fold_of(facts: ClassFacts) -> Callable[[str], str]:
    """Return how a part of the key is spelled in it."""
    if facts.name in FOLDED:
        return str.lower
    if facts.parameters.get("CAPITALNAME") == "1":
        return str.upper
    return _same


def key_of(facts: ClassFacts, parts: Sequence[Any]) -> Key:
    """Return the key that stands for these parts."""
    if facts.single:
        return (facts.name.rpartition(".")[2].upper(),)
    fold = fold_of(facts)
    texts = [fold("" if part is None else str(part)) for part in parts]
    if facts.name.startswith("Config.Map") and texts:
        texts[0] = texts[0].upper()
    return tuple(texts)


def key_of_record(facts: ClassFacts, record: Record) -> Key:
    """Return the key of a record, which has its number if the class counts."""
    if facts.name in COUNTED:
        return (str(record.get("ID", "")),)
    return key_of(facts, [record.get(part, "") for part in parts_of(facts)])


def id_of(key: Key) -> str:
    """Return the text that `%Id()` gives and `%OpenId` takes."""
    return "||".join(key)
