"""This module spells logical values as SQL shows them: in ODBC format, and in display format.

The words of the bit masks follow the portal; which text a release gives exactly is not proven (api.md 9.6).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.facts import PropertyFacts
from driftsync.lab.values import encode_list

_EPOCH = dt.date(1840, 12, 31)

AUTHENTICATION = {
    0: "Kerberos Credentials Cache", 1: "Kerberos", 2: "Kerberos API", 3: "Kerberos Key Table", 4: "Operating System",
    5: "Password", 6: "Unauthenticated", 7: "Kerberos", 8: "Kerberos with Encryption", 9: "Kerberos with Packet Integrity",
    10: "System", 11: "LDAP", 12: "LDAP Cache Credentials", 13: "Delegated", 14: "Login Token",
    20: "Two-factor SMS", 21: "Two-factor PW", 25: "Mutual TLS",
}  # fmt: skip

_BITS: Mapping[str, Mapping[int, str]] = {
    "Authentication": AUTHENTICATION,
    "Permission": {0: "R", 1: "W", 2: "U"},
    "ResourceType": {0: "System", 1: "Database", 2: "Service", 3: "Application", 4: "DeepSee", 31: "User"},
    "ApplicationType": {0: "System", 1: "CSP", 2: "Privileged Routine", 3: "Client"},
    "LDAPFlags": {0: "ActiveDirectory", 1: "TLS", 3: "Groups", 4: "Nested", 5: "Universal", 6: "Enabled", 7: "KerberosOnly"},
    "Protocol": {2: "SSLv3", 3: "TLSv1.0", 4: "TLSv1.1", 5: "TLSv1.2"},
    "ServiceCapabilities": {0: "Enable", 1: "Public", 2: "Authentication", 3: "ClientSystems", 7: "Windows", 8: "UNIX"},
}  # fmt: skip

_WORDS: Mapping[str, Mapping[int, str]] = {
    "BooleanYN": {0: "No", 1: "Yes"},
    "PrivateKeyType": {1: "DSA", 2: "RSA"},
    "SSLType": {0: "Client", 1: "Server"},
    "TLSVersion": {2: "SSLv3", 4: "TLSv1.0", 8: "TLSv1.1", 16: "TLSv1.2", 32: "TLSv1.3"},
}

SECURITY_TEXTS = frozenset({*_BITS, *_WORDS})
"""Datatypes whose ODBC format is text although they hold numbers."""


def in_odbc(found: PropertyFacts, value: Any) -> Value:
    """Return what a plain SELECT through the driver gives; nothing is None, an empty list the empty text."""
    if isinstance(value, list):
        return ",".join(str(element) for element in value)
    if value in ("", None):
        return None
    kind = found.short_type
    if isinstance(value, int):
        if kind in _WORDS:
            return _WORDS[kind].get(value, str(value))
        if kind in _BITS:
            separator = "" if kind == "Permission" else ","
            return separator.join(word for bit, word in _BITS[kind].items() if value >> bit & 1)
        if kind == "Boolean":
            return bool(value)
        if kind == "Date":
            return date_text(value)
        if kind == "Time":
            return time_text(value)
    if kind == "Password":
        return "*****"
    return value if isinstance(value, (int, float, bytes)) else str(value)


def in_display(found: PropertyFacts, value: Any) -> Value:
    """Return what `%EXTERNAL` gives."""
    values, words = found.params.get("VALUELIST"), found.params.get("DISPLAYLIST")
    if values and words:
        choices = dict(zip(values[1:].split(values[0]), words[1:].split(words[0]), strict=False))
        if str(value) in choices:
            return choices[str(value)]
    if found.short_type == "Date" and isinstance(value, int):
        return (_EPOCH + dt.timedelta(days=value)).strftime("%m/%d/%Y")
    return in_odbc(found, value)


def in_logical(value: Any) -> Value:
    """Return what `%INTERNAL` gives; a list is the bytes of its `$LIST`."""
    if isinstance(value, list):
        return encode_list(value) if value else ""
    return None if value in ("", None) else value


def date_text(days: int) -> str:
    """Return `2024-03-01` for the first number of `$HOROLOG`."""
    return (_EPOCH + dt.timedelta(days=days)).isoformat()


def time_text(seconds: int) -> str:
    """Return `00:30:00` for seconds since midnight."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def days_of(date: str) -> int:
    """Return the first number of `$HOROLOG` for `2024-03-01`."""
    return (dt.date.fromisoformat(date) - _EPOCH).days


def seconds_of(time: str) -> int:
    """Return seconds since midnight for `00:30:00`."""
    hours, minutes, seconds = (int(part) for part in time.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def sql_type(found: PropertyFacts) -> int:
    """Return the ODBC number of the type that a plain SELECT gives."""
    if found.collection or found.short_type in SECURITY_TEXTS:
        return 12
    if found.short_type == "Boolean":
        return -7
    if found.short_type in {"Integer", "TinyInt"}:
        return 4
    return 12
