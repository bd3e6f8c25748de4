"""This module holds one conversation: what a session answers to each request, without a socket.

Whatever goes wrong inside the instance is an answer too: the conversation goes on, and `failures` tells the
tests what was no ObjectScript or SQL error but a mistake of ours.
"""

from __future__ import annotations

import struct
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from driftsync.lab import protocol
from driftsync.lab.contract import (
    Argument,
    Instance,
    Locks,
    LoginRefused,
    ObjectReference,
    ObjectScriptError,
    Reply,
    Session,
    SqlError,
    Value,
)
from driftsync.lab.protocol import Answer, Code, Request, unscramble
from driftsync.lab.statements import FATAL, Statements
from driftsync.lab.values import Items, MalformedError, encode, encode_all


@dataclass
class Conversation:
    """One connection, from its handshake to its end."""

    instance: Instance
    job: int
    user: str = ""
    over: bool = False
    failures: list[str] = field(default_factory=list)
    _session: Session | None = None
    _statements: Statements | None = None
    _objects: dict[int, ObjectReference] = field(default_factory=dict)

    def answer(self, request: Request) -> list[Answer]:
        """Answer one request; no answer where the driver does not wait for one."""
        if request.code == Code.DISCONNECT:
            self.over = True
            return []
        try:
            if request.code == Code.HANDSHAKE:
                return [_handshake(request.body)]
            if request.code == Code.CONNECT:
                return [self._connect(Items(request.body))]
            return self._in_session(request)
        except MalformedError as error:
            return self._failed(request, f"<LIST>The body of {request.name} is malformed: {error}")
        except ObjectScriptError as error:
            return self._failed(request, str(error))
        except Exception as error:  # noqa: BLE001 - a mistake in the instance must not end the connection
            self.failures.append(traceback.format_exc())
            return self._failed(request, f"<SYSTEM>The lab failed: {type(error).__name__}: {error}")

    def close(self) -> None:
        """End the session."""
        session, self._session, self._statements = self._session, None, None
        if session is not None:
            session.close()

    def _failed(self, request: Request, message: str) -> list[Answer]:
        if request.code in Code.UNANSWERED:
            return []
        if self._statements is not None and request.code[1] != protocol.NATIVE:
            return self._statements.failed(SqlError(FATAL, message))
        return [_refusal(message)]

    def _connect(self, items: Items) -> Answer:
        self.close()
        namespace, user, password = items.text(), unscramble(items.text()), unscramble(items.text())
        try:
            session = self.instance.login(user, password, namespace)
        except LoginRefused as refused:
            return _refusal(str(refused))
        self.user, self._session, self._statements = user, session, Statements(session)
        return Answer(
            protocol.OK,
            # version, delimited identifiers, –, isolation level, job, how SQL spells the empty string, features
            encode_all([self.instance.version, 1, 0, 0, str(self.job), 0, 0]),
        )

    def _in_session(self, request: Request) -> list[Answer]:
        session, statements = self._session, self._statements
        if session is None or statements is None:
            return self._failed(request, "<PROTECT>Nobody has logged in on this connection")
        if request.code[1] == protocol.NATIVE:
            return [Answer(protocol.NATIVE_SUCCESS, self._native(session, request))]
        answers = statements.answer(request)
        if answers is not None:
            return answers
        if request.code in {Code.COMMIT, Code.ROLLBACK}:
            return [Answer()]
        return self._failed(request, f"<FUNCTION>The lab does not know the function {request.name}")

    def _native(self, session: Session, request: Request) -> bytes:
        items = Items(request.body)
        match request.code:
            case Code.CLASS_METHOD | Code.CLASS_METHOD_VOID:
                name, method, arguments = items.text(), items.text(), self._arguments(items)
                reply = session.class_method(name, method, arguments)
            case Code.METHOD | Code.METHOD_VOID:
                target, method, arguments = self._target(items), items.text(), self._arguments(items)
                reply = session.method(target, method, arguments)
            case Code.FUNCTION | Code.PROCEDURE:
                function, routine, arguments = items.text(), items.text(), self._arguments(items)
                reply = session.function(function, routine, arguments)
            case Code.GET:
                target, name = self._target(items), items.text()
                return self._encoded(session.get(target, name))
            case Code.SET:
                target, name = self._target(items), items.text()
                session.set(target, name, self._known(items.value()))
                return b""
            case Code.LOCK | Code.UNLOCK | Code.RELEASE if isinstance(session, Locks):
                return _locked(session, request.code, items)
            case code if code in Code.GLOBALS:
                name = items.text().removeprefix("^")
                raise ObjectScriptError(f"<PROTECT>zx+1^%SYS.NATIVE ^{name}")
            case _:
                raise ObjectScriptError(f"<FUNCTION>The lab does not know the native call {request.name}")
        returned = b"".join(map(self._encoded, _returned(arguments, reply)))
        is_void = request.code in {Code.CLASS_METHOD_VOID, Code.METHOD_VOID, Code.PROCEDURE}
        return returned if is_void else self._encoded(reply.value) + returned

    def _arguments(self, items: Items) -> list[Argument]:
        read = [items.argument() for _ in range(items.number())]
        return [Argument(self._known(each.value), each.by_reference) for each in read]

    def _target(self, items: Items) -> ObjectReference:
        value = self._known(items.value())
        if not isinstance(value, ObjectReference):
            raise ObjectScriptError("<INVALID OREF>zx+1^%SYS.NATIVE")
        return value

    def _known(self, value: Value) -> Value:
        """Give an object its class: the driver sends the number alone."""
        if not isinstance(value, ObjectReference):
            return value
        try:
            return self._objects[value.number]
        except KeyError:
            raise ObjectScriptError(f"<INVALID OREF>zx+1^%SYS.NATIVE *{value.number}") from None

    def _encoded(self, value: Value) -> bytes:
        if isinstance(value, ObjectReference):
            self._objects[value.number] = value
        return encode(value)


def _locked(session: Locks, code: bytes, items: Items) -> bytes:
    """Lock or unlock: a name, its subscripts, and a mode."""
    if code == Code.RELEASE:
        session.release_locks()
        return b""
    name = items.text()
    subscripts = ",".join(items.text() for _ in range(items.number()))
    name += f"({subscripts})" if subscripts else ""
    if code == Code.LOCK:
        session.lock(name, items.text())
    else:
        session.unlock(name)
    return b""


def _handshake(body: bytes) -> Answer:
    if len(body) < 2:  # noqa: PLR2004 - the version
        raise MalformedError(0, "the protocol version is missing")
    version = min(protocol.VERSION, int.from_bytes(body[:2], "little"))
    return Answer(protocol.OK, struct.pack("<HH", version, 1) + encode(protocol.LOCALE))


def _returned(arguments: Sequence[Argument], reply: Reply) -> list[Value]:
    """Return one value for each argument by reference, whatever the instance gave: one missing crashes the driver."""
    passed = [each.value for each in arguments if each.by_reference]
    return [*reply.returned[: len(passed)], *passed[len(reply.returned) :]]


def _refusal(message: str) -> Answer:
    return Answer(protocol.REFUSED, encode(message))
