"""This module writes records as IRIS exports them: XML without attributes, empty properties left out."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from driftsync.lab.instance.facts import ClassFacts, PropertyFacts
from driftsync.lab.instance.identities import Record
from driftsync.lab.instance.release import Release
from driftsync.lab.instance.storage import facts_of
from driftsync.lab.instance.texts import date_text, time_text
from driftsync.lab.values import encode_list

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

ORDER = (
    ("Security.LDAPConfigs", 15), ("Security.System", 0), ("Security.DocDBs", 14), ("Security.Events", 1),
    ("Security.Services", 2), ("%SYS.PhoneProviders", 9), ("Security.Resources", 4), ("Security.Roles", 5),
    ("Security.Users", 6), ("Security.X509Users", 13), ("Security.SQLPrivileges", 12),
    ("Security.SQLAdminPrivilegeSet", 12), ("Security.SQLRoleGrantOption", 12), ("Security.Applications", 7),
    ("Security.SSLConfigs", 8), ("%SYS.X509Credentials", 10), ("Security.KMIPServer", 16), ("Security.Servers", 17),
)  # fmt: skip
"""The classes of `ExportAll` in the order of the file, with the bit of `Flags` that asks for them."""

TASK_ORDER = [
    "Name",
    "RunAsUser",
    "EmailOnCompletion",
    "EmailOnError",
    "EmailOnExpiration",
    "EmailOutput",
    "EndDate",
    "Expires",
    "ExpiresDays",
    "ExpiresHours",
    "ExpiresMinutes",
    "OpenOutputFile",
    "OutputFilename",
    "OutputDirectory",
    "OutputFileIsBinary",
    "SuspendOnError",
    "Suspended",
    "Priority",
    "TaskClass",
    "Settings",
    "IsBatch",
    "NameSpace",
    "TimePeriod",
    "TimePeriodEvery",
    "TimePeriodDay",
    "DailyFrequency",
    "DailyFrequencyTime",
    "DailyIncrement",
    "DailyStartTime",
    "DailyEndTime",
    "JobGUID",
    "RunAfterGUID",
    "StartDate",
    "MirrorStatus",
    "Type",
    "RescheduleOnStart",
    "DeleteAfterRun",
    "SuspendTerminated",
    "SkipAuditOnReschedule",
    "Description",
]
"""The properties of an exported task, in order as far as an export shows it (formats.md 4)."""


def record_text(facts: ClassFacts, record: Record, release: Release, top: str = "", indent: str = "") -> str:
    """Return one record; without an indent it is one line, as `XMLExportToString` writes it."""
    name = top or facts.name.rpartition(".")[2]
    line = "\n" if indent else ""
    body = "".join(_properties(facts, record, release, indent * 2, line))
    return f"{indent}<{name}>{line}{body}{indent}</{name}>{line}"


def _properties(facts: ClassFacts, record: Record, release: Release, indent: str, line: str) -> Iterator[str]:
    for found in sorted(release.properties(facts), key=lambda one: one.name):
        shown = found.xmlprojection != "none" and not found.private
        if found.transient or found.calculated or not shown or found.params.get("XMLIO") == "IN":
            continue
        value = record.get(found.name, "")
        if value in ("", [], {}, None):
            continue
        tag = found.params.get("XMLNAME", found.name)
        if found.relationship and isinstance(value, list):
            children = facts_of("Security.Resource")
            inner = "".join(
                f"{indent}  {record_text(children, child, release)}{line}"
                if line
                else record_text(children, child, release)
                for child in value
            )
            yield f"{indent}<{tag}>{line}{inner}{indent if line else ''}</{tag}>{line}"
        elif isinstance(value, list) and found.collection:
            inner = "".join(
                f"{indent}  <{tag}Item>{escape(str(element))}</{tag}Item>{line}"
                if line
                else f"<{tag}Item>{escape(str(element))}</{tag}Item>"
                for element in value
            )
            yield f"{indent}<{tag}>{line}{inner}{indent if line else ''}</{tag}>{line}"
        elif not isinstance(value, dict) and not found.relationship:
            yield f"{indent}<{tag}>{escape(xml_value(found, value))}</{tag}>{line}"


def xml_value(found: PropertyFacts, value: Any) -> str:
    """Return a value in XSD format."""
    kind = found.short_type
    if isinstance(value, list):
        value = encode_list(value)
    if kind in {"Binary", "Password"} and isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if found.is_flag and str(value) in {"0", "1"}:
        return "true" if int(value) else "false"
    if kind == "Date" and isinstance(value, int):
        return date_text(value)
    if kind == "Time" and isinstance(value, int):
        return time_text(value)
    return str(value)


def class_export(facts: ClassFacts, records: Iterable[Record], release: Release) -> str:
    """Return `<RolesExport>` with its records."""
    name = f"{facts.name.rpartition('.')[2]}Export"
    body = "".join(record_text(facts, record, release, indent="  ") for record in records)
    return f"<{name}>\n{body}</{name}>\n" if body else f"<{name}/>\n"


def security_export(parts: Iterable[str]) -> str:
    """Return the file of `ExportAll`."""
    return f"{HEAD}<SecurityExport>\n{''.join(parts)}</SecurityExport>\n"


def task_export(records: Iterable[Record]) -> str:
    """Return the file of `ExportTasks`: no line break after the root, blank lines between tasks, none at the end."""
    facts = facts_of("%SYS.Task")
    texts = []
    for record in records:
        lines = []
        for name in TASK_ORDER:
            found, value = facts.properties[name], record.get(name, "")
            if isinstance(value, list) and value:
                items = "".join(f"<{name}Item>{escape(str(element))}</{name}Item>" for element in value)
                lines.append(f"<{name}>{items}</{name}>\n")
            elif value not in ("", [], None):
                lines.append(f"<{name}>{escape(xml_value(found, value))}</{name}>\n")
        texts.append("<Task>\n" + "".join(lines) + "</Task>\n")
    return f"{HEAD}<Tasks>" + "\n".join(texts) + "</Tasks>"
