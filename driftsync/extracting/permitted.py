"""This module lets through only what is known to change nothing on a member, and counts what it costs.

A read-only command must not be able to write, whatever a kind declares (api.md 10). Each method stands here with
its class; SQL is SELECT alone. Round trips are counted as the driver makes them: one for a statement (further
pages apart), one for a call (wire.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from driftsync.connections import Address, Answer, Connection, ObjectHandle, Table
from driftsync.connections.failures import (
    ConnectionFailed,
    DriverCrashed,
    MemberSilent,
    TimeOver,
)
from driftsync.language import english as _

Found = TypeVar("Found")

READERS: dict[str, frozenset[str]] = {
    "Config.*": frozenset({"GetList"}),
    "Config.CPF": frozenset({"CPFFileNeedsActivation", "PendingRestart"}),
    "Security.*": frozenset({"%OpenId", "Exists"}),
    "SYS.Database": frozenset({"%OpenId"}),
    "SYS.Mirror": frozenset(
        {
            "CheckISCAgent",
            "DatabasesLatency",
            "DistanceFromPrimaryDatabases",
            "DistanceFromPrimaryJournalFiles",
            "IsFailoverReady",
            "IsMirrorStarted",
            "JournalFilesLatency",
            "PromoteCheck",
            "VerifyMirrorSSLCertificates",
        }
    ),
    "%SYSTEM.Mirror": frozenset(
        {
            "ArbiterState",
            "GetMemberStatus",
            "GetMemberType",
            "GetMirrorNames",
            "GetStatus",
            "IsMember",
            "MirrorName",
        }
    ),
    "%SYSTEM.Encryption": frozenset({"ListEncryptionKeys", "X509GetField"}),
    "%SYSTEM.License": frozenset(
        {
            "KeyCoresLicensed",
            "KeyCustomerName",
            "KeyExpirationDate",
            "KeyLicenseUnits",
            "LUConsumed",
            "LUMaxConsumed",
        }
    ),
    "%SYSTEM.Process": frozenset({"NameSpace", "SetNamespace", "UserName"}),
    "%SYSTEM.Security": frozenset({"Check"}),
    "%SYSTEM.SQL.Security": frozenset({"CheckPrivilege"}),
    "%SYSTEM.Status": frozenset({"GetErrorText"}),
    "%SYSTEM.SYS": frozenset({"Horolog", "TimeStamp", "TimeZone"}),
    "%SYSTEM.Util": frozenset({"GetPhysicalMemory", "InstallDirectory", "ManagerDirectory", "NumberOfCPUs"}),
    "%SYSTEM.Version": frozenset({"GetNumber", "GetVersion", "IsBigEndian", "IsUnicode", "SystemMode"}),
    "%SYS.Journal.System": frozenset(
        {"GetAlternateDirectory", "GetFreeSpace", "GetPrimaryDirectory", "IsJournalEncryptionEnabled"}
    ),
    "%Dictionary.CompiledProperty": frozenset({"%OpenId"}),
    "%SYS.NLS.Locale": frozenset({"%New"}),
    "%SYS.X509Credentials": frozenset({"Exists"}),
    "%SYS.PhoneProviders": frozenset({"%OpenId"}),
    "%Library.EnsembleMgr": frozenset({"IsEnsembleNamespace"}),
    "%Library.File": frozenset(
        {"DirectoryExists", "Exists", "GetDirectorySpace", "GetFileSHA256Hash", "GetFileSize"}
    ),
    "%Library.Routine": frozenset({"%OpenId"}),
    "%Stream.FileBinary": frozenset({"%New"}),
    "Ens.Director": frozenset({"GetAutoStart", "GetProductionStatus"}),
    "OAuth2.Client": frozenset({"Open"}),
    "OAuth2.ServerDefinition": frozenset({"Open", "OpenByIssuer"}),
    "OAuth2.Server.Configuration": frozenset({"Open"}),
}
"""Class → methods. `Exists`, `Open` and `%OpenId` bring an object into the session; nothing here saves one.

`SetNamespace` moves this session alone; `%New` of a locale is how IRIS shows the current one (api.md 5.24), and that of
a stream makes an object that is linked to a file and read, never saved.
"""

OF_OBJECTS = frozenset({"Count", "GetAt", "LinkToFile", "MoveTo", "Next", "Read", "XMLExportToString"})
"""Methods of open objects. `LinkToFile` and `MoveTo` say where a stream reads."""

_SELECT = re.compile(r"\s*SELECT\b", re.IGNORECASE)
RECONNECTIONS = 2
"""How often a lost connection is opened again during one extraction."""


class NotPermittedError(AssertionError):
    """Something asked for a call that is not known to change nothing: a mistake in driftsync."""


class PermittedConnection:
    """A connection that reads. It is opened when it is first needed, and again when the driver lost it."""

    def __init__(self, open_connection: Callable[[], Connection]) -> None:
        self._open = open_connection
        self._connection: Connection | None = None
        self._lost: ConnectionFailed | None = None
        self._losses = 0
        self._version = ""
        self.round_trips = 0
        self.namespace = "%SYS"
        self.sampling = False
        """Whether one row is enough of each table: to learn what could be read, not to read it."""

    @property
    def losses(self) -> int:
        """How often the connection was lost."""
        return self._losses

    @property
    def address(self) -> Address:
        """Where the member is reached."""
        return self._opened().address

    @property
    def calls(self) -> int:
        return self.round_trips

    @property
    def version(self) -> str:
        """`$ZVERSION` of the member."""
        if not self._version:
            self._version = self._opened().version
        return self._version

    def query(self, sql: str, *parameters: Any) -> Table:
        """Carry out a SELECT. Raises `CallFailed` or `ConnectionFailed`.

        An answer without rows is asked for once more: the driver takes a broken first row for the end of the rows,
        and nothing may be missing for that reason.
        """
        if not _SELECT.match(sql) or ";" in sql:
            raise NotPermittedError(sql[:10])
        if self.sampling:
            sql = _one_row(sql)
        for _attempt in range(1 if self.sampling else 2):
            self.round_trips += 1
            answer = self._guarded(lambda opened: opened.query(sql, *parameters))
            if answer.rows:
                break
        return answer

    def call(self, class_name: str, method: str, *arguments: Any) -> Answer:
        """Call a class method that changes nothing."""
        if not is_permitted(class_name, method):
            raise NotPermittedError(f"{class_name}.{method}")
        self.round_trips += 1
        return self._guarded(lambda opened: opened.call(class_name, method, *arguments))

    def invoke(self, target: ObjectHandle, method: str, *arguments: Any) -> Answer:
        """Call a method of an open object that changes nothing."""
        if method not in OF_OBJECTS:
            raise NotPermittedError(method)
        self.round_trips += 1
        return self._guarded(lambda opened: opened.invoke(target, method, *arguments))

    def get(self, target: ObjectHandle, name: str) -> Any:
        """Return one property of an open object."""
        self.round_trips += 1
        return self._guarded(lambda opened: opened.get(target, name))

    def close(self) -> None:
        """End the connection; what is asked next opens another, in %SYS."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.namespace = "%SYS"

    def _opened(self) -> Connection:
        if self._lost is not None:
            raise self._lost
        if self._connection is None:
            self._connection = self._open()
            self.namespace = "%SYS"
        return self._connection

    def _guarded(self, ask: Callable[[Connection], Found]) -> Found:
        try:
            return ask(self._opened())
        except ConnectionFailed as error:
            self._connection = None
            self.namespace = "%SYS"
            self._losses += 1
            if self._losses > RECONNECTIONS or isinstance(error, (MemberSilent, TimeOver)):
                self._lost = error
            raise


def _one_row(sql: str) -> str:
    """Return the statement for one row; several listings in one statement are names alone, and stay as they are."""
    return sql if " UNION ALL " in sql else _SELECT.sub("SELECT TOP 1", sql, count=1)


def is_permitted(class_name: str, method: str) -> bool:
    """Say whether a class method is known to change nothing."""
    package = class_name.rpartition(".")[0]
    return method in READERS.get(class_name, frozenset()) or method in READERS.get(
        f"{package}.*", frozenset()
    )


def why(error: Exception) -> str:
    """Return why something could not be read, in one clause, for a gap."""
    if isinstance(error, DriverCrashed):
        return _("the driver could not understand the member's answer and ended")
    message = getattr(error, "message", "")
    return message or _("the member's answer could not be understood ({type})").format(
        type=type(error).__name__
    )
