"""This module asks a member for what is no item but decides whether a failover is safe (mirror.md 3).

Each fact has a name, and either a call, a class query or columns of a table, known to change nothing. What is refused or absent is noted
with the reason and never taken for a good answer; readiness checks decide later what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.interface import BY_REFERENCE
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.values import MISREAD, as_bytes, as_text
from driftsync.kinds.live import ClassQuery
from driftsync.model import FAILOVER_ROLES, OTHER_ROLES, MemberRole
from driftsync.serial_list import decode_list

PRIMARY = frozenset({MemberRole.PRIMARY})
PROMOTABLE = frozenset({MemberRole.DR_ASYNC})
EVERY = frozenset(MemberRole)
MEGABYTES = 1
"""The unit that `GetDirectorySpace` is asked for."""


@dataclass(frozen=True)
class Call:
    """A fact that one class method tells."""

    name: str
    iris_class: str
    method: str
    arguments: tuple[Any, ...] = ()
    roles: frozenset[MemberRole] = EVERY
    listed: bool = False
    """Whether the answer is a `$LIST`."""
    status: bool = False
    """Whether it is a `%Status`, kept as `1`, or `0` and what IRIS says of it, with what came back by reference behind."""


@dataclass(frozen=True)
class Rows:
    """A fact that a class query tells, one record a row."""

    name: str
    query: ClassQuery
    columns: tuple[str, ...] = ()
    """Which columns are kept, all where none is named."""
    roles: frozenset[MemberRole] = EVERY


@dataclass(frozen=True)
class Columns:
    """A fact that a table tells, one record a row."""

    name: str
    table: str
    columns: tuple[str, ...]
    roles: frozenset[MemberRole] = EVERY


Fact = Call | Rows | Columns

FACTS: tuple[Fact, ...] = (
    Call("mirror.status", "%SYSTEM.Mirror", "GetStatus"),
    Call("mirror.member_status", "%SYSTEM.Mirror", "GetMemberStatus", listed=True),
    Call("mirror.member_type", "%SYSTEM.Mirror", "GetMemberType"),
    Call("mirror.arbiter", "%SYSTEM.Mirror", "ArbiterState", roles=FAILOVER_ROLES),
    Call("mirror.failover_ready", "SYS.Mirror", "IsFailoverReady", (60,), FAILOVER_ROLES, listed=True),
    Call("mirror.journal_latency", "SYS.Mirror", "JournalFilesLatency", roles=OTHER_ROLES),
    Call("mirror.database_latency", "SYS.Mirror", "DatabasesLatency", roles=OTHER_ROLES),
    Call("mirror.promote_check", "SYS.Mirror", "PromoteCheck", (BY_REFERENCE, BY_REFERENCE), PROMOTABLE, status=True),
    Call("mirror.agent", "SYS.Mirror", "CheckISCAgent", roles=FAILOVER_ROLES, status=True),
    Rows("mirror.members", ClassQuery("SYS.Mirror", "MemberStatusList", ("", 0))),
    Rows("mirror.databases", ClassQuery("SYS.Mirror", "MirroredDatabaseList", ("*", "*"))),
    Rows("databases", ClassQuery("SYS.Database", "Detail", ("*",))),
    Rows("databases.space", ClassQuery("SYS.Database", "FreeSpace", ("*",))),
    Rows("processes", ClassQuery("%SYS.ProcessQuery", "SS"), ("Routine", "Username", "Nspace")),
    Columns("task.runs", "%SYS.Task", ("Name", "NameSpace", "LastStarted")),
    Call("journal.free_megabytes", "%SYS.Journal.System", "GetFreeSpace"),
    Call("journal.directory", "%SYS.Journal.System", "GetPrimaryDirectory"),
    Call("journal.alternate_directory", "%SYS.Journal.System", "GetAlternateDirectory"),
    Call("journal.encrypted", "%SYS.Journal.System", "IsJournalEncryptionEnabled"),
    Call("licence.expires", "%SYSTEM.License", "KeyExpirationDate"),
    Call("licence.units", "%SYSTEM.License", "KeyLicenseUnits"),
    Call("licence.most_used", "%SYSTEM.License", "LUMaxConsumed"),
    Call("platform.number", "%SYSTEM.Version", "GetNumber"),
    Call("platform.unicode", "%SYSTEM.Version", "IsUnicode"),
    Call("platform.big_endian", "%SYSTEM.Version", "IsBigEndian"),
    Call("platform.memory", "%SYSTEM.Util", "GetPhysicalMemory"),
    Call("platform.time_zone", "%SYSTEM.SYS", "TimeZone"),
    Call("platform.time", "%SYSTEM.SYS", "TimeStamp"),
    Call("configuration.needs_activation", "Config.CPF", "CPFFileNeedsActivation"),
    Call("configuration.pending_restart", "Config.CPF", "PendingRestart"),
)  # fmt: skip


def observe(
    connection: PermittedConnection, role: MemberRole, mirror: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the member said, and why it did not say the rest; a lost connection costs what it was lost on."""
    observed: dict[str, Any] = {}
    unobserved: dict[str, str] = {}
    facts: list[Fact] = [fact for fact in FACTS if role in fact.roles]
    if mirror:
        facts += _of_the_mirror(mirror)
    for fact in facts:
        if role not in fact.roles:
            continue
        try:
            observed[fact.name] = _ask(connection, fact)
        except (CallFailed, ConnectionFailed, *MISREAD) as error:
            unobserved[fact.name] = why(error)
    directory = observed.get("journal.directory")
    if directory:
        _observe_space(connection, as_text(directory), observed, unobserved)
    return observed, unobserved


def _observe_space(
    connection: PermittedConnection, directory: str, observed: dict[str, Any], unobserved: dict[str, str]
) -> None:
    """Ask how many megabytes of the journals' disk are free, and how many it has."""
    name = "journal.space"
    call = Call(
        name,
        "%Library.File",
        "GetDirectorySpace",
        (directory, BY_REFERENCE, BY_REFERENCE, MEGABYTES),
        status=True,
    )
    try:
        said, free, total = _ask(connection, call)
        if said != "1":
            raise ValueError("no answer")
        observed[name] = [float(free), float(total)]
    except (CallFailed, ConnectionFailed, *MISREAD) as error:
        unobserved[name] = why(error)


def _of_the_mirror(mirror: str) -> list[Fact]:
    """Return the facts that are asked with the mirror's name."""
    return [
        Call("mirror.certificates", "SYS.Mirror", "VerifyMirrorSSLCertificates", (mirror, 1), FAILOVER_ROLES, status=True),
        Rows("mirror.missing_databases", ClassQuery("SYS.Mirror", "MissingMirroredDatabases", (mirror,))),
        Rows("mirror.pending_names", ClassQuery("SYS.Mirror", "PendingDNUpdates", (mirror,)), roles=PRIMARY),
        Rows("mirror.journals", ClassQuery("SYS.Mirror", "JournalList", (mirror,)), roles=FAILOVER_ROLES),
    ]  # fmt: skip


def _ask(connection: PermittedConnection, fact: Fact) -> Any:
    if isinstance(fact, Columns):
        sql = f"SELECT {', '.join(fact.columns)} FROM {fact.table}"  # noqa: S608 - of this module
        return [
            {name: _plain(value) for name, value in zip(fact.columns, row, strict=True)}
            for row in connection.query(sql).rows
        ]
    if isinstance(fact, Rows):
        table = connection.query(f"SELECT * FROM {fact.query}")  # noqa: S608 - of this module
        kept = fact.columns or table.columns
        return [
            {name: _plain(value) for name, value in record.items() if name in kept}
            for record in table.records()
        ]
    answer = connection.call(fact.iris_class, fact.method, *fact.arguments)
    value = answer.value
    if fact.status:
        told = [_said(connection, value), *(as_text(each) for each in answer.returned)]
        return told if fact.arguments.count(BY_REFERENCE) else told[0]
    if fact.listed:
        return [_plain(each) for each in decode_list(as_bytes(value or ""))]
    return _plain(value)


def _said(connection: PermittedConnection, status: Any) -> str:
    """Return `1` for a status that is good, else `0` and its text as far as IRIS gives it."""
    said = as_text(status)
    if said in {"1", "True"}:
        return "1"
    if not said.startswith("0"):
        raise ValueError("no status")
    try:
        text = as_text(connection.call("%SYSTEM.Status", "GetErrorText", status).value)
    except CallFailed:
        text = ""
    return f"0 {' '.join(text.split())}".strip()


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, ObjectHandle)):
        raise ValueError("a value of another sort")
    return value if value is None or isinstance(value, (int, float, bool)) else as_text(value)
