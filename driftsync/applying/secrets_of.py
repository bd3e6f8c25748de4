"""This module reads a secret of the primary at the moment it is written on the member: in memory, from one to the other.

A password is never carried in clear: hash, salt, work factor and algorithm go together, as `PasswordHash` takes them
(api.md 5.9). The key of one-time passwords is never carried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from driftsync.applying.failures import WriteFailed
from driftsync.applying.permitted import Writer
from driftsync.connections.failures import CallFailed
from driftsync.extracting.config import by_list
from driftsync.extracting.objects import opened
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach
from driftsync.extracting.values import MISREAD, as_bytes
from driftsync.kinds import all_kinds
from driftsync.kinds.live import sql_name
from driftsync.kinds.spec import Kind
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import Action

PASSWORD = "PasswordHash"  # noqa: S105 - the name of a property
PARTS = ("Password", "Salt", "PasswordHashWorkFactor", "PasswordHashAlgorithm")
BYTES = frozenset({"Settings"})


class SecretsOf:
    """The secrets of one member, asked for one by one; `writer` is told what an error may not repeat."""

    def __init__(
        self, reach: Reach, writer: Writer, target: Reach, lacks: Callable[[Action, str], bool]
    ) -> None:
        """`lacks` says whether the primary was read and has no such secret: then none is what is carried."""
        self._reach, self._writer, self._target, self._lacks = reach, writer, target, lacks

    def value(self, action: Action, name: str) -> Any:
        """Return what the property takes. Raises `WriteFailed` where it cannot be carried."""
        kind = all_kinds()[action.kind]
        written = kind.written
        if not isinstance(written, ByObject) or name not in written.carries:
            raise WriteFailed(_("{name} is never carried from member to member").format(name=name))
        self._must_be_taken(written.iris_class or kind.iris_class, written.stored_as.get(name, name))
        if self._lacks(action, name):
            return ""
        try:
            value = self._read(kind, written, action, name)
        except (CallFailed, *MISREAD) as error:
            raise WriteFailed(
                _("{name} could not be read on the primary: {why}").format(name=name, why=why(error))
            ) from None
        if value in (None, "", b""):
            raise WriteFailed(_("{name} could not be read on the primary").format(name=name))
        self._writer.secrets.add(value.decode("latin-1") if isinstance(value, bytes) else str(value))
        return value

    def _must_be_taken(self, class_name: str, stored: str) -> None:
        facts = self._target.dictionary.properties(class_name)
        if facts and stored not in facts:
            raise WriteFailed(
                _("this release has no {name}, so that the secret cannot be carried").format(name=stored)
            )

    def _read(self, kind: Kind, written: ByObject, action: Action, name: str) -> Any:
        connection = self._reach.connection
        class_name = written.iris_class or kind.iris_class
        stored = written.stored_as.get(name, name)
        if stored == PASSWORD:
            return self._password(connection, class_name, action)
        if written.opener in {"Exists", "OpenByIssuer"}:
            key = written.literal or tuple(action.identity[each] for each in written.key)
            return connection.get(opened(connection, class_name, written.opener, key), stored)
        if written.opener == "Open":
            return by_list(self._reach, class_name, *(action.identity[each] for each in written.key)).get(
                stored
            )
        facts = self._reach.dictionary.properties(class_name)
        column = facts[stored].column if stored in facts else stored
        named = [each for each in (kind.identity.namespace, *kind.identity.properties) if each]
        marks = " AND ".join(f'"{facts[each].column if each in facts else each}" = ?' for each in named)
        table = {"%Library.SQLConnection": "%Library.sys_SQLConnection"}.get(class_name, sql_name(class_name))
        rows = connection.query(
            f'SELECT %INTERNAL("{column}") FROM {table} WHERE {marks}',  # noqa: S608 - names of a declaration
            *(action.identity[each] for each in named),
        ).rows
        if len(rows) != 1:
            raise ValueError("not one item")
        return as_bytes(rows[0][0]) if stored in BYTES else rows[0][0]

    def _password(self, connection: PermittedConnection, class_name: str, action: Action) -> str:
        """Return `hash,salt,workFactor,algorithm`, the first two in hexadecimal digits."""
        handle = opened(connection, class_name, "Exists", (action.identity["Name"],))
        hashed, salt, factor, algorithm = (connection.get(handle, part) for part in PARTS)
        parts = [as_bytes(hashed).hex(), as_bytes(salt).hex(), str(factor), str(algorithm)]
        if not all(parts):
            raise ValueError("no password")
        return ",".join(parts)
