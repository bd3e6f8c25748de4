"""This module is the seam inside the lab: what the protocol server asks of a simulated instance.

`serving` speaks the superserver protocol and knows nothing of IRIS; `instance` knows the system classes and nothing
of sockets. Both meet here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, runtime_checkable


@dataclass(frozen=True)
class ObjectReference:
    """An object opened in one session; numbers are not used again within it."""

    number: int
    class_name: str


Value: TypeAlias = bool | int | float | str | bytes | ObjectReference | None
"""What travels in one `$LIST` item. `bytes` is an 8-bit string (a `$LIST` or a `%Status`); `str` is text.

The wire does not tell the two apart: an argument that the driver sends as bytes arrives as `str`, one character a
byte, and `.encode("latin-1")` is the way back. `True` arrives as 1, and `None` in a native call as the empty string.
"""


@dataclass(frozen=True)
class Argument:
    """One argument of a call, and whether the caller wants it back."""

    value: Value
    by_reference: bool = False


@dataclass(frozen=True)
class Reply:
    """The answer to a call: its value, then one value for each by-reference argument, in order."""

    value: Value = None
    returned: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a result; `sql_type` is the ODBC number (12 VARCHAR, 4 INTEGER, -7 BIT, 8 DOUBLE)."""

    name: str
    sql_type: int = 12
    table: str = ""
    schema: str = ""


@dataclass(frozen=True)
class ResultSet:
    """The answer to a SELECT; rows are drawn as they are sent."""

    columns: Sequence[Column]
    rows: Iterator[Sequence[Value]] = field(repr=False)


class ObjectScriptError(Exception):
    """What IRIS raises in a native call: `<CLASS DOES NOT EXIST>zx+1^%SYS *No.Such`."""


class SqlError(Exception):
    """A failed statement: SQLCODE (negative) and its message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LoginRefused(Exception):  # noqa: N818 - a refusal is an answer
    """The user may not enter: the message that the driver shows."""


class Session(Protocol):
    """What one connection can do."""

    def class_method(self, class_name: str, method: str, arguments: Sequence[Argument]) -> Reply: ...
    def method(self, target: ObjectReference, method: str, arguments: Sequence[Argument]) -> Reply: ...
    def get(self, target: ObjectReference, name: str) -> Value: ...
    def set(self, target: ObjectReference, name: str, value: Value) -> None: ...
    def function(self, function: str, routine: str, arguments: Sequence[Argument]) -> Reply: ...
    def query(self, sql: str, parameters: Sequence[Value]) -> ResultSet:
        """Carry out a SELECT; raises `SqlError`.

        The driver prepares every statement first and wants its columns then: a session that is no `Describes` is
        asked here with a NULL for each parameter, and no row of that answer is drawn. Rows are drawn a page at a
        time, between other calls of the session. An empty string among parameters and rows is SQL's empty string,
        None is NULL.
        """
        ...

    def execute(self, sql: str, parameters: Sequence[Value]) -> int:
        """Carry out anything but a SELECT; return the rows affected."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Describes(Protocol):
    """A session that knows the columns of a SELECT before it is carried out."""

    def describe(self, sql: str, parameters: int) -> Sequence[Column]:
        """Return the columns of a statement with so many parameters, whose values are not known; raises `SqlError`."""
        ...


@runtime_checkable
class Locks(Protocol):
    """A session that can lock names."""

    def lock(self, name: str, mode: str) -> None:
        """Lock a name; raises `ObjectScriptError` (`<TIMEOUT>`) where another session holds it."""
        ...

    def unlock(self, name: str) -> None: ...
    def release_locks(self) -> None: ...


class Instance(Protocol):
    """One simulated member. Its server makes one call at a time, but from the thread of each connection."""

    name: str
    version: str
    """`$ZVERSION`, as the driver sees it."""

    def login(self, user: str, password: str, namespace: str) -> Session:
        """Open a session; raises `LoginRefused`."""
        ...


@runtime_checkable
class FailsOver(Protocol):
    """An instance whose mirror can fail over; the lab calls it on every member, in each member's own process."""

    def fail_over(self) -> None:
        """Take the role that is this member's after the failover; called while sessions are open."""
        ...
