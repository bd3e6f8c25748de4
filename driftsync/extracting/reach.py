"""This module holds what every route needs of one member while it is read, and what a route gives back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from queue import SimpleQueue
from typing import TypeVar

from driftsync.connections import Connection
from driftsync.connections.failures import CallFailed
from driftsync.extracting.dictionary import Dictionary
from driftsync.extracting.permitted import PermittedConnection
from driftsync.extracting.values import as_flag
from driftsync.kinds import all_kinds
from driftsync.kinds.making import RawItem
from driftsync.language import english as _
from driftsync.model import Gap
from driftsync.normalize import release_parts

HOME = "%SYS"

Key = TypeVar("Key")
Found = TypeVar("Found")

GUARDED = ("Security.", "OAuth2.", "OpenAM.", "%SYS.X509Credentials", "%SYS.PhoneProviders")
"""Classes whose tables ask for `%All` from `GUARDED_SINCE` on (api.md 1.2)."""
GUARDED_SINCE = (2025, 2)
WORTH_SHARING = 20
"""From how many objects on further connections are worth opening."""
BESIDE = ("SYS.Database", "OAuth2.Client.Metadata", "OAuth2.Server.Metadata", "OAuth2.Endpoint", "Config.MapMirrors",
          "Ens.Director", "OAuth2.Server.Configuration", "OAuth2.Client", "OAuth2.ServerDefinition", "%SYS.Task",
          "Config.Databases", "Config.SqlSysDatatypes", "Config.SqlUserDatatypes", "Config.NLS.Locales")  # fmt: skip
"""Classes that readers of their own ask for."""


class RouteClosed(Exception):  # noqa: N818 - named for what happened
    """A route that this member does not offer; the next one is tried."""

    def __init__(self, reason: str, *, absent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.absent = absent
        """Whether the member has no such thing at all."""


@dataclass
class Read:
    """What one route gave of one kind."""

    items: list[RawItem] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    route: str = ""
    closed: list[str] = field(default_factory=list)
    """Why its reader did not go a way that it would have preferred."""
    whole: bool = True
    """Whether these are all items of the kind."""


class Reach:
    """One member while it is read: its connections, its dictionary, and what several kinds ask for."""

    def __init__(self, open_connection: Callable[[], Connection], connections: int = 1) -> None:
        self.connection = PermittedConnection(open_connection)
        self._open = open_connection
        self.connections = max(1, connections)
        self._others: list[PermittedConnection] = []

    @cached_property
    def dictionary(self) -> Dictionary:
        """What this release has of the classes that kinds name."""
        return Dictionary(self.connection, classes_of_kinds())

    @cached_property
    def release(self) -> tuple[int, ...]:
        """The release as numbers, empty where `$ZVERSION` does not say."""
        return release_parts(release_of(self.connection.version))

    def is_older_than(self, since: str) -> bool:
        """Say whether this release is known to be older than another; without one it is not."""
        wanted = release_parts(since)
        return bool(wanted and self.release and self.release[:2] < wanted)

    @cached_property
    def may_select_guarded(self) -> bool:
        """Whether tables of security data may be read: always before 2025.2, with `%All` from then on.

        It is asked, not tried: failed attempts leave audit records (api.md 7).
        """
        if self.release and self.release[:2] < GUARDED_SINCE:
            return True
        try:
            answer = self.connection.call("%SYSTEM.Security", "Check", "%DB_IRISSECURITY", "READ")
        except CallFailed:
            return False
        try:
            return as_flag(answer.value)
        except ValueError:
            return False

    def sample(self) -> None:
        """From here on, read one of each kind where all would be read: it shows the route, and what it lacks."""
        self.dictionary.properties("")  # the dictionary itself is needed whole
        self.connection.sampling = True

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Read all rows within, though a sample is read: of what others refer to."""
        before, self.connection.sampling = self.connection.sampling, False
        try:
            yield
        finally:
            self.connection.sampling = before

    @property
    def sampling(self) -> bool:
        return self.connection.sampling

    @property
    def round_trips(self) -> int:
        return sum(each.round_trips for each in (self.connection, *self._others))

    def table_is_open(self, class_name: str) -> bool:
        return not class_name.startswith(GUARDED) or self.may_select_guarded

    def enter(self, namespace: str) -> PermittedConnection:
        """Move the session into another namespace; `leave` takes it back to %SYS."""
        try:
            self.connection.call("%SYSTEM.Process", "SetNamespace", namespace)
        except CallFailed:
            self.connection.close()  # nobody knows where the session is; the next one begins in %SYS
            raise
        self.connection.namespace = namespace
        return self.connection

    def leave(self) -> None:
        """Take the session back to %SYS, unless the connection is a new one."""
        if self.connection.namespace == HOME:
            return
        try:
            self.connection.call("%SYSTEM.Process", "SetNamespace", HOME)
            self.connection.namespace = HOME
        except CallFailed:
            self.connection.close()

    def each(self, keys: list[Key], read: Callable[[PermittedConnection, Key], Found]) -> list[Found]:
        """Return what `read` gives for each key, in order, over as many connections as are allowed."""
        wanted = min(self.connections, 1 + len(keys) // WORTH_SHARING)
        if wanted <= 1:
            return [read(self.connection, key) for key in keys]
        while len(self._others) < wanted - 1:
            self._others.append(PermittedConnection(self._open))
        free: SimpleQueue[PermittedConnection] = SimpleQueue()
        for connection in (self.connection, *self._others[: wanted - 1]):
            free.put(connection)

        def one(key: Key) -> Found:
            connection = free.get()
            try:
                return read(connection, key)
            finally:
                free.put(connection)

        with ThreadPoolExecutor(wanted) as pool:
            return list(pool.map(one, keys))

    def close(self) -> None:
        for connection in (self.connection, *self._others):
            connection.close()


def classes_of_kinds() -> set[str]:
    """Return every class that a route names."""
    named = (route.classes for kind in all_kinds().values() for route in kind.live)
    return set(BESIDE).union(*named)


def release_of(version: str) -> str:
    """Return `2024.1` from `$ZVERSION`, empty where it does not stand there."""
    found = re.search(r"\b(\d{4}\.\d+)(?:\.\d+)*\b", version)
    return found[1] if found else ""


def types_unknown(what: str) -> RouteClosed:
    """Return what says that values cannot be told apart: a text, a list and bytes look alike."""
    return RouteClosed(
        _(
            "the dictionary may not be read, so that it is not known what the properties of {what} hold"
        ).format(what=what)
    )


def only_with_all(table: str) -> str:
    """Say why a table of security data is not read."""
    return _("the table {table} may be read with %All only").format(table=table)


def closed(what: str) -> RouteClosed:
    """Return what says that this release has no such thing."""
    return RouteClosed(_("{what} does not exist on this member").format(what=what), absent=True)
