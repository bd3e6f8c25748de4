"""This module says what a connection to one member can do, and with what it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Address:
    """How one member is reached. The password is never part of a repr."""

    host: str
    port: int
    deadline: float
    """Seconds for one call. Nothing in the driver bounds a call on a silent server (wire.md)."""
    namespace: str = "%SYS"
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = ""
    """The name of a configuration in the driver's TLS settings; empty connects without TLS."""
    authority: Path | None = None
    """With it, driftsync writes those settings itself, for the time of connecting."""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Table:
    """The answer to a SELECT. Values are text, numbers, bytes or None; a `%List` is a list."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...] = field(repr=False)

    def records(self) -> list[dict[str, Any]]:
        """Return each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Answer:
    """The answer to a call: its value and what came back by reference, in order."""

    value: Any = field(repr=False)
    returned: tuple[Any, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ObjectHandle:
    """An object that is open on the member; it ends with its connection."""

    number: int


BY_REFERENCE = "\0by-reference"
"""Stands for an argument that the member fills in."""


class Connection(Protocol):
    """One open connection. Every method raises `ConnectionFailed`, or one of its kinds, within the deadline."""

    @property
    def address(self) -> Address: ...

    @property
    def version(self) -> str:
        """`$ZVERSION` as the member states it."""
        ...

    @property
    def calls(self) -> int:
        """Requests that were made so far."""
        ...

    def query(self, sql: str, *parameters: Any) -> Table:
        """Carry out a SELECT and fetch all of it."""
        ...

    def call(self, class_name: str, method: str, *arguments: Any) -> Answer:
        """Call a class method; `BY_REFERENCE` among the arguments comes back in `Answer.returned`."""
        ...

    def invoke(self, target: ObjectHandle, method: str, *arguments: Any) -> Answer:
        """Call a method of an open object."""
        ...

    def get(self, target: ObjectHandle, name: str) -> Any:
        """Return one property of an open object; an object comes as a handle."""
        ...

    def close(self) -> None:
        """End the connection; never raises and never waits longer than a second."""
        ...


class WritableConnection(Connection, Protocol):
    """A connection that can also change what is on the member. Only `applying` asks for one."""

    def set(self, target: ObjectHandle, name: str, value: Any) -> None:
        """Set one property of an open object; nothing is kept before the object is saved."""
        ...

    def execute(self, sql: str) -> None:
        """Carry out a statement that is no SELECT."""
        ...

    def lock(self, name: str, *subscripts: str) -> bool:
        """Lock a name on the member without waiting; it is free again when the connection ends, however it ends.

        Returns whether this connection has it now: false where another process holds it.
        """
        ...


Arguments = Sequence[Any]
