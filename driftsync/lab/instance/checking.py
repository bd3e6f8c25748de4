"""This module does what setters and validation do: one spelling for a value, and the errors for a wrong one."""

from __future__ import annotations

import re
from typing import Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.errors import StatusError
from driftsync.lab.instance.facts import CODED, ClassFacts, PropertyFacts
from driftsync.lab.instance.identities import Record
from driftsync.lab.instance.release import Release
from driftsync.lab.values import decode

PERMISSIONS = {"R": 1, "W": 2, "U": 4, "READ": 1, "WRITE": 2, "USE": 4}

UPPER = {
    "Config.Namespaces": {
        "Name",
        "Globals",
        "Routines",
        "TempGlobals",
        "Library",
        "SysGlobals",
        "SysRoutines",
    },
    "Config.Databases": {"Name", "Server"},
    "Config.MapGlobals": {"Namespace", "Database", "LockDatabase"},
    "Config.MapRoutines": {"Namespace", "Database"},
    "Config.MapPackages": {"Namespace", "Database"},
    "Config.MapMirrors": {"ID", "Name"},
    "Config.ECPServers": {"Name"},
    "Config.Mirrors": {"Name"},
    "Config.LicenseServers": {"Name"},
    "Config.Archives": {"Name"},
    "Config.ComPorts": {"Name"},
    "Security.Applications": {"NameSpace"},
    "Security.Users": {"NameSpace"},
    "Security.DocDBs": {"Namespace"},
    "Security.SQLPrivileges": {"Namespace"},
    "Security.SQLAdminPrivilegeSet": {"Namespace"},
    "%SYS.Task": {"NameSpace"},
}
"""Properties that setters write in upper case."""


def permission_bits(text: str) -> int:
    """Return the bits of `RWU` or of `READ,WRITE,USE`."""
    words = [word.strip().upper() for word in text.split(",")]
    if all(word in PERMISSIONS for word in words):
        return sum({PERMISSIONS[word] for word in words})
    return sum({PERMISSIONS.get(letter, 0) for letter in text.upper()})


def normalised(facts: ClassFacts, found: PropertyFacts, value: Value) -> Any:
    """Return the value as the setter of the property keeps it."""
    if value is None:
        value = ""
    if isinstance(value, bool):
        value = int(value)
    if found.short_type == "List" and isinstance(value, bytes):
        return decode(value)
    if isinstance(value, str):
        return _text(facts, found, value)
    if (
        isinstance(value, float)
        and found.short_type in {"Integer", "Boolean", "BooleanYN"}
        and value.is_integer()
    ):
        return int(value)
    return value


def _text(facts: ClassFacts, found: PropertyFacts, value: str) -> Any:
    kind = found.short_type
    if found.name in UPPER.get(facts.name, ()):
        return value.upper()
    if kind == "SysPath":
        return system_path(value)
    if kind == "Permission" and value and not value.isdigit():
        return permission_bits(value)
    if found.holds_number and re.fullmatch(r"[-+]?\d{1,18}", value):
        return int(value)
    if found.name == "Name" and facts.name == "Config.MapGlobals":
        return subscripts(value)
    return value


def system_path(path: str) -> str:
    """Return a directory as `%SysPath` keeps it; the name of a remote database stays as it is."""
    if not path or path.startswith(":") or path.endswith(("/", "\\")):
        return path
    return path + ("\\" if re.match(r"[A-Za-z]:\\", path) else "/")


def subscripts(name: str) -> str:
    """Return the name of a global mapping without the blanks that may stand around its subscripts."""
    head, bracket, rest = name.partition("(")
    return head.strip() + bracket + re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", rest)


def check(facts: ClassFacts, record: Record, release: Release) -> None:
    """Raise every error that `%ValidateObject` would return."""
    errors: list[tuple[Value, ...]] = []
    for found in release.properties(facts):
        if found.name not in record or found.calculated:
            continue
        value = record[found.name]
        empty_is_one = found.params.get("MINLEN") == "0"  # of an address to bind to: any of the host
        if found.required and not (found.relationship or empty_is_one) and value in ("", None):
            errors.append((5659, f"{facts.name}::{found.name}"))
        elif not isinstance(value, (dict, list, bytes)) and value not in ("", None):
            for error in _wrong(found, value):
                errors += [error, (5802, f"{facts.name}:{found.name}", str(value))]
    if errors:
        raise StatusError(*errors)


def _wrong(found: PropertyFacts, value: Any) -> list[tuple[Value, ...]]:
    """Return the first error of one value, if any."""
    params, text = found.params, str(value)
    if found.is_flag and text not in {"0", "1"}:
        return [(7206, text)]
    if found.is_number and not re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
        return [(7207, text)]
    if found.is_number or found.short_type in CODED:
        number = float(text) if re.fullmatch(r"[-+]?\d+(\.\d+)?", text) else 0
        if params.get("MAXVAL") and number > float(params["MAXVAL"]):
            return [(7203, text, params["MAXVAL"])]
        if params.get("MINVAL") and number < float(params["MINVAL"]) and not _allowed(found, number):
            return [(7204, text, params["MINVAL"])]
    else:
        if params.get("MAXLEN") and len(text) > int(params["MAXLEN"]):
            return [(7201, text, params["MAXLEN"])]
        if params.get("MINLEN") and len(text) < int(params["MINLEN"]):
            return [(7202, text, params["MINLEN"])]
    values = params.get("VALUELIST", "")
    if values and text not in re.split(re.escape(values[0]), values[1:]):
        return [(7205, text, values)]
    return []


def _allowed(found: PropertyFacts, number: float) -> bool:
    """Say whether the initial value lies outside the declared range on purpose, as `bbsiz` = -1 does."""
    return found.initial.lstrip("-").isdigit() and number == float(found.initial)
