"""This module is the parent's end of a connection: it waits as long as the deadline and then ends the child.

Nothing in the driver bounds a call on a silent server, and a nonsense reply can crash it (wire.md); so each connection
lives in a child process. A silent member costs its deadline and no more, Ctrl-C works, a crash is an error like others.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from importlib.metadata import version
from typing import Any

from driftsync.connections import failures
from driftsync.connections.interface import Address, Answer, ObjectHandle, Table
from driftsync.connections.iris import serve
from driftsync.connections.time_limit import TimeLimit
from driftsync.connections.tls import settings_file
from driftsync.interrupting import unheard
from driftsync.language import english as _

GRACE = 60.0
"""Seconds that the child may take to start and to import the driver, on a slow disk."""
SLICE = 0.5
"""Seconds after which somebody who waits looks whether the whole was ended meanwhile."""


def driver_version() -> str:
    """Return the version of the installed driver without loading it."""
    return version("intersystems-irispython")


def connect(address: Address, member: str, limit: TimeLimit | None = None) -> GuardedConnection:
    """Open a connection to `member`; raises one of `failures.ConnectionFailed` within the deadline."""
    return GuardedConnection(address, member, limit)


class GuardedConnection:
    """A `Connection` whose driver runs in a child process."""

    def __init__(self, address: Address, member: str, limit: TimeLimit | None = None) -> None:
        self.address, self.member = address, member
        self._limit = limit or TimeLimit()
        self._limit.check(member)
        self.calls = 0
        with settings_file(address.authority) as environment:
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._child = context.Process(target=serve, args=(theirs, address, environment), daemon=True)
            with unheard():
                self._child.start()
            theirs.close()
            answer, value = self._receive(_("starting the driver"), GRACE)
            if answer == "started":
                answer, value = self._receive(_("connecting"), address.deadline)
        if answer == "refused":
            self.close()
            raise failures.connecting(self._name, str(value))
        self.version = str(value)

    @property
    def _name(self) -> str:
        return f"{self.member} ({self.address})"

    def query(self, sql: str, *parameters: Any) -> Table:
        what = _("querying {table}").format(table=_table(sql))
        columns, rows = self._ask(what, "query", sql, parameters)
        return Table(tuple(columns), tuple(rows))

    def call(self, class_name: str, method: str, *arguments: Any) -> Answer:
        value, returned = self._ask(
            _("calling {what}").format(what=f"{class_name}.{method}()"), "call", class_name, method, arguments
        )
        return Answer(value, tuple(returned))

    def invoke(self, target: ObjectHandle, method: str, *arguments: Any) -> Answer:
        value, returned = self._ask(
            _("calling {what}").format(what=f"{method}()"), "invoke", target, method, arguments
        )
        return Answer(value, tuple(returned))

    def get(self, target: ObjectHandle, name: str) -> Any:
        return self._ask(_("reading {what}").format(what=name), "get", target, name)

    def set(self, target: ObjectHandle, name: str, value: Any) -> None:
        self._ask(_("setting {what}").format(what=name), "set", target, name, value)

    def execute(self, sql: str) -> None:
        self._ask(_("carrying out a statement"), "execute", sql)

    def lock(self, name: str, *subscripts: str) -> bool:
        return bool(self._ask(_("locking {what}").format(what=name), "lock", name, subscripts))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._child.join(0.5)
        if self._child.is_alive():
            self._child.kill()
            self._child.join(0.5)

    def __enter__(self) -> GuardedConnection:  # noqa: PYI034 - `Self` is of Python 3.11
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _ask(self, what: str, name: str, *arguments: Any) -> Any:
        self.calls += 1
        try:
            self._pipe.send((name, arguments))
        except (OSError, ValueError):
            raise self._gone(what) from None
        answer, value = self._receive(what, self.address.deadline)
        if answer == "failed":
            error = failures.calling(self._name, what, str(value))
            if isinstance(error, failures.ConnectionFailed):
                self.close()
            raise error
        return value

    def _receive(self, what: str, seconds: float) -> tuple[str, Any]:
        started = time.monotonic()
        try:
            while (left := min(started + seconds - time.monotonic(), self._limit.left)) > 0:
                if self._pipe.poll(min(left, SLICE)):
                    answer: tuple[str, Any] = self._pipe.recv()
                    return answer
        except (EOFError, OSError):
            raise self._gone(what) from None
        except BaseException:
            self._child.kill()
            raise
        self._child.kill()
        self.close()
        self._limit.check(self.member)
        raise failures.MemberSilent(
            _("{member}: no answer within {seconds:g} s while {what}").format(
                member=self._name, seconds=seconds, what=what
            ),
            hint=_("the member may hang or be overloaded; look at its messages.log before trying again"),
        )

    def _gone(self, what: str) -> failures.ConnectionFailed:
        self.close()
        if self._limit.left <= 0:
            return self._limit.error(self.member)
        return failures.DriverCrashed(
            _("{member}: the driver ended while {what}").format(member=self._name, what=what),
            hint=_(
                "the answer of the member could not be understood; compare the driver's version with the member's"
            ),
            details=_("exit status {status}").format(status=self._child.exitcode),
        )


def _table(sql: str) -> str:
    """Return the name after FROM, which is all that an error may say of a statement."""
    words = sql.split()
    return next((words[at + 1] for at, word in enumerate(words[:-1]) if word.upper() == "FROM"), "?")
