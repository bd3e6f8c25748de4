"""Servers on the loopback address that record what is delivered to them, and misbehave on request."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Recorder:
    """Answers from a list, the last one for ever; an answer is a status and a body, or something done to the socket."""

    answers: list[tuple[int, str] | Callable[[BaseHTTPRequestHandler], None]]
    received: list[Received] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    port: int = 0


@contextmanager
def http_server(
    *answers: tuple[int, str] | Callable[[BaseHTTPRequestHandler], None],
    tls: ssl.SSLContext | None = None,
    **headers: str,
) -> Iterator[Recorder]:
    recorder = Recorder(list(answers) or [(200, "")], headers=headers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            said = {name.lower(): value for name, value in self.headers.items()}
            recorder.received.append(Received(self.path, said, self.rfile.read(length)))
            answer = recorder.answers.pop(0) if len(recorder.answers) > 1 else recorder.answers[0]
            if callable(answer):
                answer(self)
                return
            status, body = answer
            self.send_response(status)
            for name, value in recorder.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_CONNECT(self) -> None:
            said = {name.lower(): value for name, value in self.headers.items()}
            recorder.received.append(Received(self.path, said, b""))
            if recorder.answers[0] != (200, ""):
                self.send_error(recorder.answers[0][0])  # type: ignore[index]
                return
            host, _colon, port = self.path.rpartition(":")
            there = socket.create_connection((host, int(port)))
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pump, args=(there, self.connection), daemon=True)
            back.start()
            with there:
                pump(self.connection, there)
                back.join(5)
            self.close_connection = True

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_words: None  # type: ignore[method-assign]
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    recorder.port = server.server_address[1]
    recorder.url = f"http{'s' if tls else ''}://127.0.0.1:{recorder.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)
    handler.close_connection = True


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, so that no single read takes too long."""
    try:
        for each in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 40:
            handler.wfile.write(bytes([each]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    handler.close_connection = True


def drop(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    handler.close_connection = True


class Mailbox:
    """What a mail server has taken; refuses the recipients and the senders it is told to refuse."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.logins: list[tuple[str, str]] = []
        self.refuse: dict[str, str] = {}
        self.data_answers: list[str] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        if self.data_answers:
            return self.data_answers.pop(0)
        self.mails.append((envelope, session.ssl is not None))
        return "250 OK"


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, direct: bool = False, password: str = "", **words: Any
) -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        box.logins.append((data.login.decode(), data.password.decode()))
        good = data.password.decode() == password
        return AuthResult(
            success=good, handled=False, message=None if good else f"535 {data.password.decode()} is wrong"
        )

    if tls and not direct:
        words |= {"tls_context": tls, "require_starttls": True}
    if password:
        words |= {"authenticator": authenticate, "auth_required": True}
    controller = Controller(box, hostname="127.0.0.1", port=0, ssl_context=tls if direct else None, **words)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    try:
        yield box, controller.port
    finally:
        controller.stop()
