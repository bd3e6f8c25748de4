"""This module lets through the calls by which a plan is carried out, checks every status, and counts round trips.

It is no wider than the declarations of `kinds` need. What destroys more than one item (`SYS.Database.Delete`, imports,
`%KillExtent`), what runs code, and every statement but GRANT and REVOKE is not on it, whatever a plan says. The settings
of one class of tasks are: with its own code in them a member takes a run back by itself (`recall_task`).
"""

from __future__ import annotations

import re
from typing import Any

from driftsync.applying.failures import NotPermittedError, WriteFailed
from driftsync.connections import Answer, ObjectHandle
from driftsync.connections.failures import CallFailed
from driftsync.connections.interface import WritableConnection
from driftsync.extracting.values import is_ok
from driftsync.language import english as _

WRITERS: dict[str, frozenset[str]] = {
    "Security.*": frozenset({"%New", "Exists", "Create", "Delete"}),
    "Config.*": frozenset({"%New", "Open", "Delete"}),
    "Config.CPF": frozenset({"Write", "Activate"}),
    "Config.NLS.*": frozenset(),
    "SYS.Database": frozenset({"%OpenId"}),
    "%SYS.Task": frozenset({"%New", "%OpenId", "%DeleteId"}),
    "%SYS.Task.RunLegacyTask": frozenset({"%New"}),
    "%SYS.X509Credentials": frozenset({"Exists"}),
    "OAuth2.ServerDefinition": frozenset({"%New", "OpenByIssuer", "DeleteId"}),
    "OAuth2.Client": frozenset({"%New", "Open", "DeleteId"}),
    "OAuth2.Server.Configuration": frozenset({"Open"}),
    "OAuth2.Server.Metadata": frozenset({"%New"}),
    "OAuth2.Client.Metadata": frozenset({"%New"}),
    "OAuth2.Endpoint": frozenset({"%New"}),
    "%SYS.PhoneProviders": frozenset({"%New", "%OpenId", "Exists", "Delete"}),
    "%Library.SQLConnection": frozenset({"%New", "NameIndexOpen", "NameIndexDelete"}),
    "%Library.File": frozenset({"CopyFile"}),
    "%SYSTEM.Process": frozenset({"SetNamespace"}),
    "%SYSTEM.Security": frozenset({"Audit"}),
    "%SYSTEM.Status": frozenset({"GetErrorText"}),
}
"""Methods by class; the entry of a class alone counts before that of its package."""

OF_OBJECTS = frozenset(
    {"%Id", "%Save", "Save", "GetSettings", "Activate", "Insert", "Clear", "Remove", "GetAt", "Count"}
)
_STATEMENT = re.compile(r"\s*(?:GRANT|REVOKE)\s[^;]*\Z", re.IGNORECASE)


def is_permitted(class_name: str, method: str) -> bool:
    """Say whether writing needs this class method."""
    package = class_name.rpartition(".")[0]
    return method in WRITERS.get(class_name, WRITERS.get(f"{package}.*", frozenset()))


class Writer:
    """The writing half of one connection; reading goes through `extracting.permitted` over the same one."""

    def __init__(self, connection: WritableConnection) -> None:
        self._connection = connection
        self.round_trips = 0
        self.secrets: set[str] = set()
        """What was carried in memory: an error of the member that repeats it is not shown."""

    def call(self, class_name: str, method: str, *arguments: Any) -> Answer:
        """Call a class method."""
        if not is_permitted(class_name, method):
            raise NotPermittedError(f"{class_name}.{method}")
        self.round_trips += 1
        return self._connection.call(class_name, method, *arguments)

    def invoke(self, target: ObjectHandle, method: str, *arguments: Any) -> Answer:
        """Call a method of an open object."""
        if method not in OF_OBJECTS:
            raise NotPermittedError(method)
        self.round_trips += 1
        return self._connection.invoke(target, method, *arguments)

    def get(self, target: ObjectHandle, name: str) -> Any:
        """Return one property of an open object."""
        self.round_trips += 1
        return self._connection.get(target, name)

    def set(self, target: ObjectHandle, name: str, value: Any) -> None:
        """Set one property of an open object."""
        self.round_trips += 1
        self._connection.set(target, name, value)

    def execute(self, sql: str) -> None:
        """Carry out GRANT or REVOKE."""
        if not _STATEMENT.match(sql):
            raise NotPermittedError(sql[:10])
        self.round_trips += 1
        self._connection.execute(sql)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def must(self, status: Any) -> None:
        """Raise `WriteFailed` with what IRIS says, unless a `%Status` is a success."""
        if is_ok(status):
            return
        given = status.encode("latin-1", "replace") if isinstance(status, str) else status
        try:
            text = str(self.call("%SYSTEM.Status", "GetErrorText", given).value)
        except CallFailed:
            text = ""
        if not text or any(each in text for each in self.secrets if each):
            text = _("the member gave a reason that may hold a secret, or none")
        raise WriteFailed(" ".join(text.split()))

    def made(self, handle: Any) -> ObjectHandle:
        """Return an object that was brought or made. Raises `WriteFailed` where there is none."""
        if isinstance(handle, ObjectHandle):
            return handle
        raise WriteFailed(_("the member gave no object"))
