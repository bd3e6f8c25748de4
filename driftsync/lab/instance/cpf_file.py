"""This module writes the configuration parameter file (CPF) of a simulated member from its `Config.*` records.

Sections and positions follow formats.md 1.2 and 1.3; where a position has no known name, it stays empty.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from driftsync.lab.instance.identities import Record
from driftsync.lab.instance.storage import facts_of

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance

MIRRORS = (
    "GUID ACKRequirement AgentContactRequiredForTakeover DefinedPrimary QOSTimeout RequireAuthentication UseSSL "
    "VirtualAddress TroubleTimeout ArbiterNode CompressionForFailoverMembers CompressionForAsyncMembers "
    "AllowParallelDejournaling CompressionTypeForFailoverMembers CompressionTypeForAsyncMembers"
)
ROWS: dict[str, tuple[str, str]] = {
    "ECPServers": (",", "Address Port MirrorConnection SSLConfig BatchMode"),
    "Databases": (",", "Directory Server MountRequired ClusterMountMode MountAtStartup StreamLocation"),
    "Namespaces": (",", "Globals Routines TempGlobals"),
    "Mirrors": (",", MIRRORS),
    "WorkQueues": (",", "DefaultWorkers MaxActiveWorkers MaxWorkers MaxTotalWorkers AlwaysQueue"),
    "Gateways": (",", "Type Port Resource Field1 Field2 Field3 - - - UseSharedMemory"),
    "DeviceSubTypes": (
        "^",
        "RightMargin FormFeed ScreenLength Backspace CursorControl EraseEOF EraseEOL ZU22FormFeed ZU22Backspace",
    ),
    "Devices": ("^", "PhysicalDevice Type SubType Prompt OpenParameters AlternateDevice Description Alias"),
    "MagTapes": ("^", "SystemDevice"),
    "ComPorts": ("^", "BaudRate Parity DataBits StopBits ModemControl FlowControl DTR ZAError"),
    "LicenseServers": (",", "Address Port KeyDirectory"),
    "Archives": (",", "Type Location"),
    "SqlSysDatatypes": ("\n", "Datatype"),
    "SqlUserDatatypes": ("\n", "Datatype"),
}
"""Sections with one item a line: what divides the positions, and their properties."""

ORDER = [
    "ConfigFile",
    "ECPServers",
    "Databases",
    "Namespaces",
    "Map",
    "MirrorMember",
    "Mirrors",
    "MapMirrors",
    "Journal",
    "Startup",
    "WorkQueues",
    "Logging",
    "Archives",
    "Gateways",
    "DeviceSubTypes",
    "Devices",
    "MagTapes",
    "ComPorts",
    "config",
    "Miscellaneous",
    "ECP",
    "Cluster",
    "LicenseServers",
    "Monitor",
    "IO",
    "SQL",
    "SqlSysDatatypes",
    "SqlUserDatatypes",
    "Telnet",
    "Conversions",
]
"""The order of the file; what is neither a table above nor a map is a section of `key=value` lines."""

MAP_MIRRORS = [
    "AgentAddress",
    "AgentPort",
    "ConnectsTo",
    "ECPAddress",
    "GUID",
    "InstanceDirectory",
    "MemberType",
    "MirrorAddress",
    "MirrorSSPort",
    "SSLComputerName",
    "EncryptCommunication",
    "PreferredArbiter",
    "DejournalFilter",
    "AsyncMemberType",
]
MAPPINGS = {
    "Config.MapGlobals": "Global_",
    "Config.MapRoutines": "Routine_",
    "Config.MapPackages": "Package_",
}

_OF_THE_CLASS = {"Name", "Comments", "CPFFile", "CPFName", "Flags", "SectionHeader"}
_PARTS = {"ConsoleFile", "OsType", "Platform", "ZFSize", "ZFString"} | {
    f"globals{size}kb" for size in (2, 4, 8, 16, 32, 64)
}
"""Properties that stand in the file only as part of another: `globals=0,0,4096,0,0,0`."""


def cpf_text(instance: SimulatedInstance) -> str:
    """Return the active CPF of a member."""
    sections = [section for name in ORDER for section in _sections(instance, name)]
    return "\n".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections)


def _sections(instance: SimulatedInstance, name: str) -> Iterator[tuple[str, list[str]]]:
    storage = instance.storage
    if name == "Map":
        yield from _mappings(instance)
    elif name == "MapMirrors":
        for mirror in sorted({str(row["ID"]) for row in storage.rows("Config.MapMirrors")}):
            rows = [row for row in storage.rows("Config.MapMirrors") if row["ID"] == mirror]
            yield f"MapMirrors.{mirror}", [_line(_named_in_base64(row), ",", MAP_MIRRORS) for row in rows]
    elif instance.release.has_class(f"Config.{name}"):
        rows = list(storage.rows(f"Config.{name}"))
        if name in ROWS:
            separator, fields = ROWS[name]
            lines = [_line(_as_written(name, row), separator, fields.split()) for row in rows]
            if lines or name not in {"Mirrors", "Archives", "ComPorts", "SqlUserDatatypes", "ECPServers"}:
                yield name, lines
        else:
            yield name, list(_settings(instance, name, rows[0] if rows else {}))


def _mappings(instance: SimulatedInstance) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for class_name, prefix in MAPPINGS.items():
        for row in instance.storage.rows(class_name):
            value = str(row["Database"])
            lock, collation = str(row.get("LockDatabase", "")), str(row.get("Collation", ""))
            if lock or collation not in {"", "5"}:
                value += f",{'' if collation == '5' else collation},{lock}".rstrip(",")
            found.setdefault(str(row["Namespace"]), []).append(f"{prefix}{row['Name']}={value}")
    for namespace in sorted(found):
        yield f"Map.{namespace}", found[namespace]


def _as_written(section: str, row: Record) -> Record:
    """Leave out what follows from other positions, so that it drops off the end of the line."""
    if section == "Namespaces" and row.get("TempGlobals") == "IRISTEMP":
        return {
            **row,
            "TempGlobals": "",
            "Routines": "" if row["Routines"] == row["Globals"] else row["Routines"],
        }
    if section == "Databases":
        return {**row, **{name: "" for name, value in row.items() if value in (0, "0")}}
    return row


def _named_in_base64(row: Record) -> Record:
    """Write the name of a certificate in base64, for it holds commas."""
    return {**row, "SSLComputerName": base64.b64encode(str(row["SSLComputerName"]).encode()).decode()}


def _line(row: Record, separator: str, fields: list[str]) -> str:
    values = ["" if name == "-" else str(row.get(name, "")) for name in fields]
    while values and not values[-1]:
        values.pop()
    return f"{row['Name']}={separator.join(values)}"


def _settings(instance: SimulatedInstance, section: str, row: Record) -> Iterator[str]:
    for found in instance.release.properties(facts_of(f"Config.{section}")):
        name = found.name
        hidden = name in _OF_THE_CLASS | _PARTS or found.transient or name.endswith("Present")
        if hidden or name not in row or not _is_there(row, name):
            continue
        yield f"{name}={row[name]}"


def _is_there(row: dict[str, Any], name: str) -> bool:
    """Say whether an optional setting is in the file."""
    return bool(row.get(f"{name}Present", 1))
