"""This module works out the properties that IRIS computes when they are asked for."""

from __future__ import annotations

from typing import Any

from driftsync.lab.instance.identities import Record
from driftsync.lab.instance.texts import date_text, time_text

GATEWAY_FIELDS = {
    "Java": ("ClassPath", "JavaHome", "JVMArgs"),
    "JDBC": ("ClassPath", "JavaHome", "JVMArgs"),
    "XSLT": ("ClassPath", "JavaHome", "JVMArgs"),
    "ML": ("ClassPath", "JavaHome", "JVMArgs"),
    ".NET": ("DotNetVersion", "FilePath", "Exec32"),
    "ODBC": ("DotNetVersion", "FilePath", "Exec32"),
    "Python": ("PythonOptions", "PythonPath", ""),
    "R": ("PythonOptions", "PythonPath", ""),
    "Remote": ("Address", "", ""),
}
"""Which names `Field1` to `Field3` of an external language server go by, by its type (expected, api.md 2.1)."""

_PERIODS = ("Daily", "Weekly", "Monthly", "Monthly Special", "Run After", "On Demand")


def computed_value(class_name: str, name: str, record: Record) -> Any:
    """Return the value of a computed property; what is not stored and not computed is empty."""
    if class_name == "Config.Gateways":
        fields = GATEWAY_FIELDS.get(str(record.get("Type")), ("", "", ""))
        return record.get(f"Field{fields.index(name) + 1}", "") if name in fields else ""
    if class_name == "%SYS.Task":
        return _task(name, record)
    if class_name == "Security.SQLPrivileges":
        return "||".join(
            str(record.get(part, "")) for part in ("Namespace", "SQLObject", "Privilege", "Grantee")
        )
    return record.get(name, "")


def gateway_field(type_: str, name: str) -> str:
    """Return the stored property behind a name that only some types have; nothing where it has no meaning."""
    fields = GATEWAY_FIELDS.get(type_, ())
    return f"Field{fields.index(name) + 1}" if name in fields else ""


def _task(name: str, record: Record) -> Any:
    match name:
        case "DisplayInterval" | "DisplayRun":
            period = str(record.get("TimePeriod", ""))
            return _PERIODS[int(period)] if period.isdigit() and int(period) < len(_PERIODS) else ""
        case "DisplayStartDate" | "DisplayEndDate" | "DisplayDayNextScheduled":
            days = record.get(name.removeprefix("Display"), "")
            return date_text(days) if isinstance(days, int) else ""
        case "DisplayNextScheduled":
            days, seconds = record.get("DayNextScheduled", ""), record.get("TimeNextScheduled", "")
            return f"{date_text(days)} {time_text(seconds or 0)}" if isinstance(days, int) else ""
        case "DisplayRunAfter":
            return record.get("RunAfterGUID", "")
        case "DisplayStarted" | "DisplayFinished":
            return record.get(f"Last{name.removeprefix('Display')}", "")
        case "DisplayStatus":
            return "Success" if str(record.get("Status", "1")) == "1" else str(record.get("Error", ""))
    return record.get(name, "")
