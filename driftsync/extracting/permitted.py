"""This module lets through only what is known to change nothing on a member, and counts what it costs.

A read-only command must not be able to write, whatever a kind declares (api.md 10). Each method stands here with
its class; SQL is SELECT alone. Round trips are counted as the driver makes them: two for a statement (prepare and
execute, further pages apart), one for a call (wire.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from driftsync.connections import Address, Answer, Connection, ObjectHandle, Table
from driftsync.connections.failures import ConnectionFailed, DriverCrashed, MemberSilent
from driftsync.language import english as _

Found = TypeVar("Found")

READERS: dict[str, frozenset[str]] = {
    "Config.*": frozenset({"GetList"}),
    "Config.CPF": frozenset({"CPFFileNeedsActivation", "PendingRestart"}),
    "Security.*": frozenset({"%OpenId", "Exists"}),
    "SYS.Database": frozenset({"%OpenId"}),
    "SYS.Mirror": frozenset(
        {
            "DatabasesLatency",
            "DistanceFromPrimaryDatabases",
            "DistanceFromPrimaryJournalFiles",
            "IsFailoverReady",
            "IsMirrorStarted",
            "JournalFilesLatency",
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
    "%SYSTEM.Encryption": frozenset({"ListEncryptionKeys"}),
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
    "%SYSTEM.SYS": frozenset({"Horolog", "TimeStamp", "TimeZone"}),
    "%SYSTEM.Util": frozenset({"GetPhysicalMemory", "InstallDirectory", "ManagerDirectory", "NumberOfCPUs"}),
    "%SYSTEM.Version": frozenset({"GetNumber", "GetVersion", "IsBigEndian", "IsUnicode", "SystemMode"}),
    "%SYS.Journal.System": frozenset(
        {"GetAlternateDirectory", "GetFreeSpace", "GetPrimaryDirectory", "IsJournalEncryptionEnabled"}
    ),
    "%SYS.NLS.Locale": frozenset({"%New"}),
    "%SYS.X509Credentials": frozenset({"Exists"}),
    "%SYS.PhoneProviders": frozenset({"%OpenId"}),
    "%Library.EnsembleMgr": frozenset({"IsEnsembleNamespace"}),
    "%Library.File": frozenset({"DirectoryExists", "Exists", "GetFileSHA256Hash"}),
    "%Library.Routine": frozenset({"%OpenId"}),
    "Ens.Director": frozenset({"GetAutoStart", "GetProductionStatus"}),
    "OAuth2.Client": frozenset({"Open"}),
    "OAuth2.ServerDefinition": frozenset({"Open", "OpenByIssuer"}),
    "OAuth2.Server.Configuration": frozenset({"Open"}),
}
"""Class → methods. `Exists`, `Open` and `%OpenId` bring an object into the session; nothing here saves one.

`SetNamespace` moves this session alone; `%New` of a locale is how IRIS shows the current one (api.md 5.24).
"""

OF_OBJECTS = frozenset({"Count", "GetAt", "Next", "Read", "XMLExportToString"})
"""Methods of open objects."""

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
        self._reconnections = 0
        self._generation = 0
        self.round_trips = 0
        self.namespace = "%SYS"

    @property
    def generation(self) -> int:
        """Which connection this is: handles of an earlier one mean nothing."""
        return self._generation

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
        return self._opened().version

    def query(self, sql: str, *parameters: Any) -> Table:
        """Carry out a SELECT. Raises `CallFailed` or `ConnectionFailed`."""
        if not _SELECT.match(sql) or ";" in sql:
            raise NotPermittedError(sql.split(maxsplit=1)[0])
        self.round_trips += 2
        return self._guarded(lambda opened: opened.query(sql, *parameters))

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
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> Connection:
        if self._lost is not None:
            raise self._lost
        if self._connection is None:
            self._connection = self._open()
            self._generation += 1
            self.namespace = "%SYS"
        return self._connection

    def _guarded(self, ask: Callable[[Connection], Found]) -> Found:
        try:
            return ask(self._opened())
        except ConnectionFailed as error:
            self._connection = None
            self._reconnections += 1
            if self._reconnections > RECONNECTIONS or isinstance(error, MemberSilent):
                self._lost = error
            raise


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
