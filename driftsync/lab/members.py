"""This module runs the members of a lab, each in a process of its own, and stops them all when it ends.

    with RunningMembers([Place("IRISA", make=partial(make_instance, "IRISA")), …]) as members:
        print(members.ports)

A member ends with its parent, however that ends: it reads from a pipe that closes then.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from driftsync.errors import DriftsyncError
from driftsync.interrupting import unheard
from driftsync.lab.certificates import Certificates
from driftsync.lab.contract import FailsOver, Instance
from driftsync.lab.counting import Tally
from driftsync.lab.faults import WireFaults
from driftsync.lab.serving import Server
from driftsync.language import english as _

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

STARTING_SECONDS: Final = 60.0
ENDING_SECONDS: Final = 1.5
ANSWERING_SECONDS: Final = 5.0

LISTENING, FAILED, ROLE_CHANGE, COUNTS = "listening", "failed", "role-change", "counts"
FAIL_OVER, COUNT, END = "fail-over", "count", "end"


class LabError(DriftsyncError):
    """A member of the lab cannot be started."""


@dataclass(frozen=True)
class Place:
    """One member to run: what makes its instance, in its own process, and where it listens."""

    name: str
    make: Callable[[], Instance]
    """A function of a module, or a `functools.partial` of one, with arguments that can be pickled."""
    port: int = 0
    """0 for any free port."""
    faults: WireFaults = field(default_factory=WireFaults)
    certificates: Certificates | None = None
    """With them, the member speaks TLS."""


class _Member:
    """The parent's view of one member."""

    def __init__(self, place: Place) -> None:
        context = multiprocessing.get_context("spawn")
        self.place = place
        self.port = 0
        self.answers: SimpleQueue[Any] = SimpleQueue()
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_run, args=(place, theirs), name=f"lab-{place.name}", daemon=True
        )
        with unheard():
            self.process.start()
        theirs.close()  # so that the end of the child is the end of the pipe

    def tell(self, word: str) -> None:
        with contextlib.suppress(OSError):
            self.pipe.send(word)

    def wait_until_listening(self, deadline: float) -> None:
        reason = _("it did not listen in time")
        if self.pipe.poll(max(0.0, deadline - time.monotonic())):
            try:
                word, value = self.pipe.recv()
            except (EOFError, OSError):
                word, value = FAILED, _("its process ended")
            if word == LISTENING:
                self.port = value
                return
            reason = value
        raise LabError(
            _("member {name} of the lab could not be started: {reason}").format(
                name=self.place.name, reason=reason
            ),
            hint=_("another port may be free: leave --port-base out") if self.place.port else "",
        )


class RunningMembers:
    """Members that listen from the moment this is made, until `close`."""

    def __init__(self, places: Iterable[Place], *, seconds: float = STARTING_SECONDS) -> None:
        """Start all members side by side; raises `LabError` when one does not listen within `seconds`."""
        self._members: list[_Member] = []
        self._watching: list[threading.Thread] = []
        try:
            self._members.extend(map(_Member, places))
            deadline = time.monotonic() + seconds
            for member in self._members:
                member.wait_until_listening(deadline)
        except BaseException:
            self.close()
            raise
        for member in self._members:
            thread = threading.Thread(target=self._watch, args=(member,), daemon=True)
            thread.start()
            self._watching.append(thread)

    def __enter__(self) -> RunningMembers:  # noqa: PYI034 - `Self` is of Python 3.11
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def ports(self) -> dict[str, int]:
        """Where each member listens, by name."""
        return {member.place.name: member.port for member in self._members}

    @property
    def alive(self) -> dict[str, bool]:
        """Which members still run, by name."""
        return {member.place.name: member.process.is_alive() for member in self._members}

    def fail_over(self) -> None:
        """Tell every member that the mirror fails over."""
        for member in self._members:
            member.tell(FAIL_OVER)

    def counts(self) -> dict[str, Tally]:
        """Ask every living member what it has exchanged."""
        found: dict[str, Tally] = {}
        for member in self._members:
            member.tell(COUNT)
        for member in self._members:
            with contextlib.suppress(Empty):
                answer = member.answers.get(timeout=ANSWERING_SECONDS if member.process.is_alive() else 0.1)
                found[member.place.name] = answer
        return found

    def kill(self, name: str) -> None:
        """End one member at once, as a crash would."""
        for member in self._members:
            if member.place.name == name:
                member.process.kill()
                member.process.join(ENDING_SECONDS)

    def wait(self) -> None:
        """Wait until every member has ended, or for Ctrl-C."""
        while any(self.alive.values()):
            time.sleep(0.1)

    def close(self) -> None:
        """End all members, those that do not follow by force; returns within two seconds."""
        for member in self._members:
            member.tell(END)
        deadline = time.monotonic() + ENDING_SECONDS
        for member in self._members:
            member.process.join(max(0.0, deadline - time.monotonic()))
            if member.process.is_alive():
                member.process.kill()
                member.process.join(ENDING_SECONDS)
        for thread in self._watching:
            thread.join(ENDING_SECONDS)
        for member in self._members:
            member.pipe.close()

    def _watch(self, member: _Member) -> None:
        """Take what one member says; a role change at one is a role change of the mirror."""
        while True:
            try:
                word, value = member.pipe.recv()
            except (EOFError, OSError):
                return
            if word == COUNTS:
                member.answers.put(value)
            elif word == ROLE_CHANGE:
                for other in self._members:
                    if other is not member:
                        other.tell(FAIL_OVER)


def _run(place: Place, pipe: Connection) -> None:
    """Be one member: serve until the parent says so, or is gone."""
    lock = threading.Lock()

    def say(word: str, value: object = None) -> None:
        with lock, contextlib.suppress(OSError):
            pipe.send((word, value))

    try:
        instance = place.make()

        def change_role() -> None:
            if isinstance(instance, FailsOver):
                instance.fail_over()
            say(ROLE_CHANGE)

        server = Server(
            instance,
            port=place.port,
            tls=place.certificates.server_context() if place.certificates else None,
            faults=place.faults,
            role_change=change_role,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent reports it
        say(FAILED, f"{type(error).__name__}: {error}")
        return
    with server:
        say(LISTENING, server.port)
        while True:
            try:
                word = pipe.recv()
            except (EOFError, OSError):
                return
            if word == END:
                return
            if word == COUNT:
                say(COUNTS, server.counts.total)
            elif word == FAIL_OVER:
                server.fail_over()
