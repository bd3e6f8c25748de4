"""This module speaks to one member through the driver; it runs in a child process and is the driver's only importer.

Requests come and answers go through a pipe. What the driver raises goes back as text; what it returns as plain values.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from driftsync.connections.interface import BY_REFERENCE, ObjectHandle

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe

    from driftsync.connections.interface import Address


TIMEOUT = "<TIMEOUT>"
"""What the driver raises where a lock is not to be had in time."""
LATER = 5
"""Seconds after the deadline at which the driver would give up by itself: the parent is first."""


def serve(pipe: Pipe, address: Address, environment: dict[str, str]) -> None:
    """Connect, then answer requests until the pipe closes. Runs in the child."""
    os.environ.update(environment)  # before the driver is loaded, which reads some of it
    with contextlib.suppress(
        EOFError, KeyboardInterrupt, OSError
    ):  # the parent is gone: nobody is left to tell
        _serve(pipe, address)


def _serve(pipe: Pipe, address: Address) -> None:
    try:
        import iris

        pipe.send(("started", ""))  # from here on the deadline counts: importing the driver may be slow
        member = _Member(address, iris)
    except BaseException as error:  # noqa: BLE001 - whatever the driver raises is an answer
        pipe.send(("refused", _text(error)))
        return
    pipe.send(("connected", member.version))
    while True:
        name, arguments = pipe.recv()
        try:
            answer = ("answer", getattr(member, name)(*arguments))
        except BaseException as error:  # noqa: BLE001 - whatever the driver raises is an answer
            answer = ("failed", _text(error))
        pipe.send(answer)


class _Member:
    def __init__(self, address: Address, iris: Any) -> None:
        self._iris = iris
        words: dict[str, Any] = {"sslconfig": address.tls} if address.tls else {}
        self._connection = iris.connect(
            hostname=address.host,
            port=address.port,
            namespace=address.namespace,
            username=address.user,
            password=address.password,
            timeout=int(address.deadline) + LATER,
            sharedmemory=False,
            **words,
        )
        self._native = iris.createIRIS(self._connection)
        self._objects: list[Any] = []
        self.version = self._value(self._native.classMethodValue("%SYSTEM.Version", "GetVersion"))

    def query(self, sql: str, parameters: tuple[Any, ...]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return columns and rows. A statement is not prepared first: that would be a round trip of its own, each time."""
        cursor = self._connection.cursor()
        try:
            cursor.direct_execute(sql, list(parameters)) if parameters else cursor.direct_execute(sql)
            columns = tuple(str(each[0]) for each in cursor.description or ())
            return columns, [tuple(self._value(value) for value in row) for row in cursor.fetchall()]
        finally:
            with contextlib.suppress(Exception):
                cursor.close()

    def call(self, class_name: str, method: str, arguments: tuple[Any, ...]) -> tuple[Any, list[Any]]:
        given, references = self._arguments(arguments)
        value = self._native.classMethodValue(class_name, method, *given)
        return self._value(value), [self._referred(each) for each in references]

    def invoke(self, target: ObjectHandle, method: str, arguments: tuple[Any, ...]) -> tuple[Any, list[Any]]:
        given, references = self._arguments(arguments)
        value = self._objects[target.number].invoke(method, *given)
        return self._value(value), [self._referred(each) for each in references]

    def get(self, target: ObjectHandle, name: str) -> Any:
        return self._value(self._objects[target.number].get(name))

    def set(self, target: ObjectHandle, name: str, value: Any) -> None:
        given = self._objects[value.number] if isinstance(value, ObjectHandle) else value
        self._objects[target.number].set(name, given)

    def execute(self, sql: str) -> None:
        cursor = self._connection.cursor()
        try:
            cursor.direct_execute(sql)
        finally:
            with contextlib.suppress(Exception):
                cursor.close()

    def lock(self, name: str, subscripts: tuple[str, ...]) -> bool:
        try:
            self._native.lock("", 0, name, *subscripts)
        except Exception as error:  # the driver has no type of its own for it
            if TIMEOUT in str(error):
                return False
            raise
        return True

    def _arguments(self, arguments: tuple[Any, ...]) -> tuple[list[Any], list[Any]]:
        given: list[Any] = []
        references: list[Any] = []
        for argument in arguments:
            if argument == BY_REFERENCE:
                references.append(self._iris.IRISReference(None))
                given.append(references[-1])
            elif isinstance(argument, ObjectHandle):
                given.append(self._objects[argument.number])
            else:
                given.append(argument)
        return given, references

    def _referred(self, reference: Any) -> Any:
        value = reference.getValue()
        return self._value(value)

    def _value(self, value: Any) -> Any:
        """Return a plain value: an object becomes a handle, a list a list."""
        if isinstance(value, self._iris.IRISList):
            return [self._value(value.get(position + 1)) for position in range(value.count())]
        if value is None or isinstance(value, (str, int, float, bool, bytes)):
            return value
        if hasattr(value, "invoke"):
            self._objects.append(value)
            return ObjectHandle(len(self._objects) - 1)
        return str(value)


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
