"""This module knows the class queries one by one: their columns, and rows that are not simply the records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import as_number, as_text, matches
from driftsync.lab.instance.checking import PERMISSIONS
from driftsync.lab.instance.facts import WITH_EXTENT, all_classes
from driftsync.lab.instance.identities import id_of, key_of_record
from driftsync.lab.instance.mirror import database_rows, missing_databases
from driftsync.lab.instance.texts import date_text, time_text

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

Bound = Mapping[str, Value]
Record = Mapping[str, Any]
Special = Callable[["SimulatedSession", Record], Any]


@dataclass(frozen=True)
class Listing:
    """A query with rows of its own."""

    columns: tuple[str, ...]
    rows: Callable[[SimulatedSession, Bound], Iterable[Record]]


COLUMNS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Security.Roles", "ListAll"): ("Name", "Description", "GrantedRoles", "Resources", "EscalationOnly"),
    ("Security.SSLConfigs", "List"): ("Name", "Description", "Type", "Enabled"),
    ("Security.Servers", "List"): ("Port", "BindAddress", "Enabled", "Description"),
    ("Security.X509Users", "List"): ("LookupKey", "Username", "Enabled", "Comment"),
    ("Security.KMIPServer", "List"): ("Name", "Description", "Host", "Port"),
    ("Security.DocDBs", "List"): ("Name", "Namespace", "Enabled", "Resource", "Description"),
    ("Security.Domains", "List"): ("Name", "Description"),
    ("Security.System", "List"): ("Name", "Description"),
    ("Config.MapMirrors", "List"): ("Name", "MemberType", "MirrorAddress", "AgentAddress", "GUID"),
    ("Config.MapRoutines", "List"): ("Name", "Database"),
    ("Config.MapPackages", "List"): ("Name", "Database"),
    ("Config.Namespaces", "List"): ("Namespace", "Globals", "Routines", "TempGlobals"),
    ("Config.Databases", "MirrorDatabaseList"): ("Name", "Directory", "MirrorStatus"),
    ("Security.SQLAdminPrivilegeSet", "List"): (),
}
"""Columns where the catalogue is silent or incomplete; the empty ones are all properties."""


def _yes(flag: Any) -> str:
    return "Yes" if as_number(flag) else "No"


def permission_text(bits: Any) -> str:
    """Return `RWU` for bits."""
    return "".join(letter for letter in "RWU" if as_number(bits) & PERMISSIONS[letter])


def resources_text(record: Record) -> str:
    """Return the pairs of a role as one text."""
    return ",".join(
        f"{pair['Name']}:{permission_text(pair['Permission'])}" for pair in record.get("Resources", [])
    )


def _public(session: SimulatedSession, record: Record) -> str:
    resource = session.instance.storage.find("Security.Resources", (as_text(record["Name"]).lower(),)) or {}
    return _yes(as_number(resource.get("PublicPermission")) & 4)


SPECIAL: dict[tuple[str, str], Special] = {
    ("", "Enabled"): lambda _s, record: _yes(record.get("Enabled")),
    ("", "EnabledBoolean"): lambda _s, record: as_number(record.get("Enabled")),
    ("Security.Services", "Public"): _public,
    ("Security.Roles", "Resources"): lambda _s, record: resources_text(record),
    ("Security.Roles", "CanBeEdited"): lambda _s, record: int(not as_text(record["Name"]).startswith("%")),
    ("Security.Roles", "EscalationOnly"): lambda _s, record: _yes(record.get("EscalationOnly")),
    ("Security.Users", "LastLoginTime"): lambda _s, record: _moment(record.get("LoginDateTime")),
    ("Security.Users", "Flags"): lambda _s, record: as_number(record.get("Flags"), 1),
    ("Security.Events", "Total"): lambda _s, _record: 0,
    ("Security.Events", "Written"): lambda _s, _record: 0,
    ("Security.Events", "Lost"): lambda _s, _record: 0,
    ("Security.LDAPConfigs", "LDAP Enabled"): lambda _s, record: _yes(
        as_number(record.get("LDAPFlags")) & 64
    ),
    ("Security.Resources", "PublicPermission"): lambda _s, record: permission_text(
        record.get("PublicPermission")
    ),
    ("Config.Namespaces", "Namespace"): lambda _s, record: record["Name"],
    ("Config.MapGlobals", "Global"): lambda _s, record: as_text(record["Name"]).partition("(")[0],
    ("Config.MapGlobals", "Subscript"): lambda _s, record: _subscript(as_text(record["Name"])),
    ("Config.Databases", "MirrorStatus"): lambda s, record: _mirror_status(s, as_text(record["Name"])),
    ("Security.Applications", "Namespace"): lambda _s, record: record.get("NameSpace", ""),
    ("%Library.SQLConnection", "Connection_Name"): lambda _s, record: record.get("Name", ""),
}
"""Columns that are no property, or are spelled otherwise than in the table."""


def _subscript(name: str) -> str:
    head, bracket, rest = name.partition("(")
    del head
    return bracket + rest


def _moment(value: Any) -> str:
    days, comma, seconds = as_text(value).partition(",")
    return f"{date_text(as_number(days))} {time_text(as_number(seconds))}" if comma else ""


def _mirror_status(session: SimulatedSession, name: str) -> str:
    rows = database_rows(session.instance)
    return next((row["MirrorStatus"] for row in rows if row["Name"] == name), "")


NARROWED: dict[tuple[str, str], Callable[[SimulatedSession, Record, Bound], bool]] = {
    ("Security.Applications", "List"): lambda _s, record, bound: _of_type(record, bound),
    ("Security.Applications", "Detail"): lambda _s, record, bound: _of_type(record, bound),
    ("Security.Users", "List"): lambda _s, record, bound: _has_role(record, bound),
    ("Config.Databases", "List"): lambda _s, record, bound: _is_where(record, as_number(bound.get("Flags"))),
    ("Config.Databases", "LocalDatabaseList"): lambda _s, record, _bound: not record.get("Server"),
    ("Config.Databases", "MirrorDatabaseList"): lambda s, record, _bound: bool(_mirror_status(s, as_text(record["Name"]))),
    ("%Library.SQLConnection", "ByName"): lambda _s, record, bound: as_text(record["Name"]).startswith(as_text(bound.get("name"))),
}  # fmt: skip


def _of_type(record: Record, bound: Bound) -> bool:
    wanted = as_number(bound.get("Type"), -1)
    return wanted == -1 or bool(as_number(record.get("Type"), 2) & wanted)


def _has_role(record: Record, bound: Bound) -> bool:
    wanted = as_text(bound.get("Roles")) or "*"
    return wanted == "*" or any(matches(role, wanted) for role in record.get("Roles", []))


def _is_where(record: Record, flags: int) -> bool:
    return flags not in {1, 2} or bool(record.get("Server")) == (flags == 2)  # noqa: PLR2004 - 1 local, 2 remote


# -- queries with rows of their own -------------------------------------------------------------------------------


def _members(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    return session.instance.mirror.member_rows() if session.instance.mirror else []


def _mirrored(session: SimulatedSession, bound: Bound) -> Iterable[Record]:
    wanted = as_text(bound.get("DBName")) or "*"
    return [row for row in database_rows(session.instance) if matches(row["Name"], wanted)]


def _missing(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    return [{"MirrorDBName": name} for name in missing_databases(session.instance)]


def _asyncs(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    return [row for row in _members(session, {}) if row["CurrentRole"] == "Async"]


def _pending_names(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    mirror = session.instance.mirror
    return [
        {"MemberName": name, "DN": f"CN={name},O=New"} for name in (mirror.pending_names if mirror else [])
    ]


def _nothing(_session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    return []


def _journals(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    """Yield the mirror journal files that are kept, one a day; the columns are a guess."""
    instance = session.instance
    if instance.mirror is None:
        return
    for days in range(instance.oldest_journal_days, -1, -1):
        day = dt.datetime.now(tz=dt.timezone.utc) - dt.timedelta(days=days)
        yield {
            "Name": f"MIRROR-{instance.mirror.name}-{day:%Y%m%d}.001",
            "Size": 1 << 28,
            "CreationTime": f"{day:%Y-%m-%d %H:%M:%S}",
        }


def _namespaces(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    storage = session.instance.storage
    return [
        {"Nsp": record["Name"], "Status": 1, "Remote": 0}
        for record in storage.rows("Config.Namespaces")
        if record["Name"] != "%ALL" and storage.is_live("Config.Namespaces", (record["Name"],))
    ]


def _databases(session: SimulatedSession, bound: Bound) -> Iterable[Record]:
    for label in session.instance.storage.rows("SYS.Database"):
        if matches(as_text(label["Directory"]), as_text(bound.get("Mask")) or "*"):
            size = as_number(label.get("Size"), 1)
            yield {
                **label, "MaxSize": label.get("MaxSize") or "Unlimited", "Status": "Mounted/RW" if label.get("Mounted") else "Unmounted",
                "Resource": label.get("ResourceName"), "Encrypted": _yes(label.get("EncryptedDB")), "DatabaseName": "",
                "Available": f"{size // 4}MB", "% Free": 25, "Free": size // 4, "DiskFreeSpace": f"{session.instance.disk_free_megabytes.get(as_text(label['Directory']), size * 20)}MB", "ReadOnly": _yes(label.get("ReadOnly")),
            }  # fmt: skip


def _tasks(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    for task in session.instance.storage.rows("%SYS.Task"):
        day = task.get("DayNextScheduled")
        yield {
            "ID": task["ID"], "Task Name": task["Name"], "Description": task.get("Description", ""),
            "TaskClass": task.get("TaskClass", ""), "Namespace": task.get("NameSpace", ""),
            "Suspended": _yes(task.get("Suspended")), "Priority": ("Normal", "Low", "High")[as_number(task.get("Priority")) % 3],
            "Run Interval": as_text(task.get("TimePeriod")), "Next Scheduled Date": date_text(day) if isinstance(day, int) else "",
            "Next Scheduled Time": "", "Last Started": task.get("LastStarted", ""), "Last Finished": task.get("LastFinished", ""),
            "Last Status": task.get("Status", ""), "Last Result": task.get("Error", ""),
        }  # fmt: skip


TASK_MANAGER = "%SYS.TaskSuper.1"
"""The routine of the process that runs as `TASKMGR` (list of processes in the Security Administration Guide)."""


def _processes(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
    instance = session.instance
    system = ["CONTROL", "WRTDMN", "GARCOL", "JRNDMN", "EXPDMN", "MONITOR", "CLNDMN", TASK_MANAGER, "RECEIVE"]
    if instance.mirror:
        role = instance.mirror.state_of(instance).status
        system += ["Mirror Master"]
        system += (
            ["Mirror Primary", "Mirror Svr"]
            if role == "PRIMARY"
            else ["Mirror JrnRead", "Mirror Dejour", "Mirror Prefetch"]
        )
        system += ["Mirror Arbiter"] if instance.mirror.arbiter and role in {"PRIMARY", "BACKUP"} else []
    running = [name for name in system if name not in instance.ended_processes]
    for number, name in enumerate(running, 2):
        yield {
            "Job": number,
            "Process": 700 + number,
            "Pid": 700 + number,
            "Username": "TASKMGR" if name == TASK_MANAGER else "",
            "Nspace": "%SYS",
            "Routine": name,
            "State": "RUNW",
        }
    for job, other in sorted(instance.sessions.items()):
        yield {
            "Job": job,
            "Process": job,
            "Pid": job,
            "Username": other.login.user,
            "Nspace": other.namespace,
            "Routine": "%SYS.SERVER",
            "State": "RUN",
        }


def _routines(session: SimulatedSession, bound: Bound) -> Iterable[Record]:
    wanted = as_text(bound.get("spec") or bound.get("Spec")) or "*"
    namespace = (as_text(bound.get("Nsp")) or session.namespace).upper()
    for element in session.instance.code:
        if element.namespace == namespace and matches(element.name, wanted.replace("*.*", "*")):
            kind = element.name.rpartition(".")[2].upper()
            row = {
                "Name": element.name,
                "Size": len(element.source),
                "Date": "2024-06-01 10:00:00",
                "Language": "",
                "Type": kind,
            }
            yield row if kind != "CLS" else {**row, "Type": "CLS"}


def _locales(session: SimulatedSession, bound: Bound) -> Iterable[Record]:
    rows = session.instance.storage.rows("Config.NLS.Locales")
    return [record for record in rows if matches(as_text(record["Name"]), as_text(bound.get("Names")) or "*")]


def _files(session: SimulatedSession, bound: Bound) -> Iterable[Record]:
    """Yield what a directory holds; `wildcards` are patterns divided by semicolons."""
    files = session.instance.files
    start = files.full_path(as_text(bound.get("directory"))).rstrip("/") + "/"
    patterns = (as_text(bound.get("wildcards")) or "*").split(";")
    directories: dict[str, None] = {}
    for path in files.below(start):
        name, slash, _rest = path[len(start) :].partition("/")
        if slash:
            directories[name] = None
        elif any(matches(name, pattern) for pattern in patterns):
            size = len(files.find(path) or b"")
            yield {
                "Name": path,
                "Type": "F",
                "Size": size,
                "DateModified": "2024-06-01 10:00:00",
                "ItemName": name,
            }
    if as_number(bound.get("includedirs")):
        for name in directories:
            yield {"Name": f"{start}{name}", "Type": "D", "Size": "", "DateModified": "", "ItemName": name}


def _extent(class_name: str) -> Listing:
    def rows(session: SimulatedSession, _bound: Bound) -> Iterable[Record]:
        facts = all_classes()[class_name]
        for record in session.instance.storage.rows(class_name):
            yield {"ID": id_of(key_of_record(facts, record))}

    return Listing(("ID",), rows)


_SS = ("Job", "Process", "Username", "Nspace", "Routine", "State")
_DETAIL = (
    "Directory",
    "MaxSize",
    "Size",
    "Status",
    "Resource",
    "Encrypted",
    "ExpansionSize",
    "MirrorSetName",
    "MirrorDBName",
    "ReadOnly",
)
_MEMBER = ("MemberName", "CurrentRole", "CurrentStatus", "JournalLatency", "DatabaseLatency", "JournalTimeLatency", "DatabaseTimeLatency",
           "DisplayType", "DisplayStatus")  # fmt: skip

LISTINGS: dict[tuple[str, str], Listing] = {
    ("SYS.Mirror", "MemberStatusList"): Listing(_MEMBER, _members),
    ("SYS.Mirror", "AsyncMemberList"): Listing(_MEMBER, _asyncs),
    ("SYS.Mirror", "MirroredDatabaseList"): Listing(("Name", "Directory", "MirrorName", "MirrorStatus", "Latency"), _mirrored),
    ("SYS.Mirror", "MirroredDatabaseDisplay"): Listing(("Name", "Directory", "MirrorName", "MirrorStatus", "LastDejournalRecord"), _mirrored),
    ("SYS.Mirror", "MissingMirroredDatabases"): Listing(("MirrorDBName",), _missing),
    ("SYS.Mirror", "PendingDNUpdates"): Listing(("MemberName", "DN"), _pending_names),
    ("SYS.Mirror", "JournalList"): Listing(("Name", "Size", "CreationTime"), _journals),
    ("SYS.Mirror", "PendingNewMembers"): Listing(("MemberName", "DN"), _nothing),
    ("SYS.Database", "Detail"): Listing(_DETAIL, _databases),
    ("SYS.Database", "List"): Listing(("Directory", "Size", "Status", "Resource", "Encrypted", "Mirrored"), _databases),
    ("SYS.Database", "FreeSpace"): Listing(("DatabaseName", "Directory", "MaxSize", "Size", "ExpansionSize", "Available", "% Free", "DiskFreeSpace", "Status", "Free"), _databases),
    ("%SYS.Namespace", "List"): Listing(("Nsp", "Status", "Remote"), _namespaces),
    ("%SYS.Task", "TaskListDetail"): Listing(("ID", "Task Name", "Description", "TaskClass", "Namespace", "Suspended", "Priority", "Run Interval", "Next Scheduled Date", "Next Scheduled Time", "Last Started", "Last Finished", "Last Status", "Last Result"), _tasks),
    ("%SYS.ProcessQuery", "SS"): Listing(_SS, _processes),
    ("%SYS.ProcessQuery", "CONTROLPANEL"): Listing(_SS, _processes),
    ("%SYS.ProcessQuery", "ListPids"): Listing(("Process",), _processes),
    ("%Library.Routine", "RoutineList"): Listing(("Name", "Date", "Size", "Language", "Type"), _routines),
    ("%Library.Routine", "RoutinesSortByField"): Listing(("Name", "Date", "Size", "Language", "Type"), _routines),
    ("%Library.RoutineMgr", "StudioOpenDialog"): Listing(("Name", "Date", "Size", "Type"), _routines),
    ("%Library.File", "FileSet"): Listing(("Name", "Type", "Size", "DateModified", "ItemName"), _files),
    **{(name, "Extent"): _extent(name) for name in WITH_EXTENT},
    ("Config.NLS.Locales", "List"): Listing(("Name", "Description"), _locales),
}  # fmt: skip
"""Queries over something else than the records of their class; columns without a source are the lab's own guess."""
