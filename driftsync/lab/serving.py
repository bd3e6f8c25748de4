"""This module serves one instance on a port of the loopback interface, to as many connections as come.

In a test:

    with Server(instance) as server:
        connection = iris.connect("127.0.0.1", server.port, "%SYS", "user", "password", sharedmemory=False)
        print(server.round_trips)
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Final

from driftsync.lab.contract import FailsOver, Instance
from driftsync.lab.conversing import Conversation
from driftsync.lab.counting import Counts, Tally
from driftsync.lab.faults import CRASHING, Deed, WireFaults, nonsense
from driftsync.lab.protocol import Answer, NonsenseError, Request, frame, receive

HANDSHAKE_SECONDS: Final = 10.0
ENDING_SECONDS: Final = 1.0
"""How long `close` waits for each connection to notice."""


class Server:
    """One member's superserver. Listens from the moment it is made, so that its port is known."""

    def __init__(
        self,
        instance: Instance,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        faults: WireFaults | None = None,
        hooks: Mapping[int, Callable[[], None]] | None = None,
        role_change: Callable[[], None] | None = None,
    ) -> None:
        """Listen on a port, any free one for 0. Raises `ValueError` for an address that others can reach.

        `hooks` are called when the message of that number has come, before it is answered. `role_change` is what
        the fault of that name calls; without it, the instance's own `fail_over`.
        """
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the lab listens on this computer alone, not on {host}")
        self.instance = instance
        self.faults = faults or WireFaults()
        self.hooks: dict[int, Callable[[], None]] = dict(hooks or {})
        self.role_change = role_change or (instance.fail_over if isinstance(instance, FailsOver) else None)
        self.counts = Counts()
        self.failures: list[str] = []
        """Tracebacks of what was no error of ObjectScript or SQL but a mistake of the lab."""
        self._tls = tls
        self._busy = threading.RLock()
        self._closing = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._open_lock = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=64)
        self._listener.settimeout(0.2)  # elsewhere than on Linux nothing wakes `accept`
        self.host: str = host
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name=f"lab-{self.port}", daemon=True)

    def __enter__(self) -> Server:  # noqa: PYI034 - `Self` is of Python 3.11
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def messages(self) -> int:
        """All messages in both directions, over all connections."""
        return self.counts.total.messages

    @property
    def round_trips(self) -> int:
        """All requests for which the driver waited, over all connections."""
        return self.counts.total.round_trips

    def start(self) -> None:
        """Accept connections, in threads of this process."""
        self._listener.settimeout(0.2)  # elsewhere than on Linux nothing wakes `accept`
        self._accepting.start()

    def fail_over(self) -> None:
        """Let the instance fail over, between two calls of its sessions."""
        if isinstance(self.instance, FailsOver):
            with self._busy:
                self.instance.fail_over()

    def close(self) -> None:
        """End every connection and stop listening; nothing is answered any more."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes `accept` on Linux
        self._listener.close()
        with self._open_lock:
            open_now = dict(self._open)
        for stream in open_now:
            _end(stream)
        for thread in open_now.values():
            thread.join(ENDING_SECONDS)
        if self._accepting.is_alive():
            self._accepting.join(ENDING_SECONDS)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                stream, _address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self._closing.is_set():
                stream.close()
                return
            stream.settimeout(None)
            with contextlib.suppress(OSError):
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(stream,), daemon=True)
            with self._open_lock:
                self._open[stream] = thread
            thread.start()

    def _serve(self, stream: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError, NonsenseError):  # `ssl` raises OSError too
                if self._tls is None:
                    self._converse(stream)
                else:
                    stream.settimeout(HANDSHAKE_SECONDS)
                    with self._tls.wrap_socket(stream, server_side=True, suppress_ragged_eofs=True) as secure:
                        self._replace(stream, secure)
                        secure.settimeout(None)
                        stream = secure
                        self._converse(secure)
        finally:
            with self._open_lock:
                self._open.pop(stream, None)
            _end(stream)
            stream.close()

    def _replace(self, plain: socket.socket, secure: socket.socket) -> None:
        """Remember the wrapped socket: wrapping detaches the plain one, so that `close` could not end it."""
        with self._open_lock:
            self._open[secure] = self._open.pop(plain)

    def _converse(self, stream: socket.socket) -> None:
        job, tally = self.counts.opened()
        conversation = Conversation(self.instance, job, failures=self.failures)
        try:
            while not (conversation.over or self._closing.is_set()):
                request = receive(stream)
                if request is None or not self._handle(conversation, tally, request, stream):
                    return
        finally:
            with self._busy:
                conversation.close()

    def _handle(
        self, conversation: Conversation, tally: Tally, request: Request, stream: socket.socket
    ) -> bool:
        """Answer one request, or do what the faults say; return whether the conversation goes on."""
        number = self.counts.received(tally, request)
        deed = self.faults.deed(number)
        if number in self.hooks:
            self.hooks[number]()
        if number in self.faults.role_change_at and self.role_change is not None:
            with self._busy:
                self.role_change()
        if self.faults.latency:
            self._closing.wait(self.faults.latency)
        if deed is Deed.HANG:
            self._closing.wait()
        if deed in {Deed.HANG, Deed.DROP}:
            return False
        if deed is Deed.NONSENSE:
            stream.sendall(nonsense(number))
            return True
        with self._busy:
            answers = conversation.answer(request)
        for answer in answers:
            body = {Deed.GARBLED: nonsense(number), Deed.CRASH: CRASHING}.get(deed, answer.body)
            self.counts.sent(tally, len(body))
            stream.sendall(frame(request, Answer(answer.status, body)))
        return True


def _end(stream: socket.socket) -> None:
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)
