"""This module holds what several kinds share: bit names of authentication, and what the product ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AUTHENTICATION: Mapping[str, str] = {
    "1": "Kerberos cache",
    "2": "Kerberos prompt",
    "4": "Kerberos",
    "8": "Kerberos key tab",
    "16": "operating system",
    "32": "password",
    "64": "unauthenticated",
    "128": "Kerberos",
    "256": "Kerberos with encryption",
    "512": "Kerberos with integrity",
    "1024": "system",
    "2048": "LDAP",
    "4096": "LDAP cache",
    "8192": "delegated",
    "16384": "login token",
    "1048576": "two-factor SMS",
    "2097152": "two-factor one-time password",
    "33554432": "mutual TLS",
}
"""Bit value → method, for `AutheEnabled` (api.md 5.4, 5.6, 5.16)."""

PERMISSIONS: Mapping[str, str] = {"1": "R", "2": "W", "4": "U"}

SYSTEM_DATABASES = frozenset(
    {
        "IRISSYS", "IRISLIB", "IRISTEMP", "IRISLOCALDATA", "IRISAUDIT", "IRISSECURITY", "IRISMETRICS", "ENSLIB",
        "HSLIB", "HSSYS", "HSCUSTOM", "HSSYSLOCALTEMP", "USER",
        "CACHESYS", "CACHELIB", "CACHETEMP", "CACHE", "CACHEAUDIT", "DOCBOOK", "SAMPLES",
    }
)  # fmt: skip
"""Databases that a product installs, IRIS, IRIS for Health and Caché (formats.md 1.5, 1.6)."""

LIBRARY_DATABASES = frozenset({"IRISLIB", "ENSLIB", "HSLIB", "HSSYS", "CACHELIB"})
"""Where the product's own mappings lead."""

SYSTEM_NAMESPACES = frozenset(
    {"%SYS", "USER", "DOCBOOK", "SAMPLES", "HSLIB", "HSSYS", "HSCUSTOM", "HSSYSLOCALTEMP"}
)


def shipped_web_application(_namespace: str, identity: str, properties: Mapping[str, Any]) -> bool:
    """Say whether the product ships a web application: the portal, its services and its REST interfaces."""
    name = identity.casefold()
    return name.startswith(("/csp/sys", "/csp/broker", "/api/", "/isc/", "/ui/interop", "/csp/documatic", "%")) or name in {
        "/csp/user", "/csp/docbook", "/csp/samples", "/oauth2",
    } or bool(int(properties.get("Type") or 0) & 1)  # fmt: skip


def shipped_mapping(_namespace: str, _identity: str, properties: Mapping[str, Any]) -> bool:
    """Say whether a mapping leads into a library that the product installs."""
    return str(properties.get("Database", "")).upper() in LIBRARY_DATABASES
