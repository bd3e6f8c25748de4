"""This module frames the messages of the superserver protocol and names its function codes.

Every message has a header of 14 bytes, little-endian: the length of the body, a number that the reply echoes, the
number of a statement that the reply echoes, and two bytes that are a function code in a request and a status in a reply.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

HEADER: Final = struct.Struct("<III2s")
REPLY_HEADER: Final = struct.Struct("<IIIH")
LARGEST: Final = 64 * 1024 * 1024
"""A longer request is nonsense: its length was never a length."""
CHUNK: Final = 1024 * 1024

VERSION: Final = 69
"""The protocol version that the driver 5.4.1 speaks."""
LOCALE: Final = "enuw"
"""A server whose characters are Unicode."""

NATIVE: Final = 0xC2
"""The second byte of the function code of every native call."""
NATIVE_SUCCESS: Final = 0xCA00
OK: Final = 0
END_OF_ROWS: Final = 100
REFUSED: Final = 417
"""The status of a refused login, used for every other refusal too: the driver shows the text that comes with it."""


class Code:
    """Function codes: what a request asks for."""

    HANDSHAKE: Final = b"HS"
    CONNECT: Final = b"CN"
    DISCONNECT: Final = b"DC"

    PREPARE: Final = b"PP"
    QUERY: Final = b"PQ"
    UPDATE: Final = b"PU"
    DIRECT_QUERY: Final = b"DQ"
    DIRECT_UPDATE: Final = b"DU"
    FETCH: Final = b"FD"
    ERROR_TEXT: Final = b"OE"
    COMMIT: Final = b"TC"
    ROLLBACK: Final = b"TR"
    AUTOCOMMIT_ON: Final = b"AN"
    AUTOCOMMIT_OFF: Final = b"AF"

    CLASS_METHOD: Final = b"\x4b\xc2"
    CLASS_METHOD_VOID: Final = b"\x4c\xc2"
    METHOD: Final = b"\x5b\xc2"
    METHOD_VOID: Final = b"\x5c\xc2"
    GET: Final = b"\x5d\xc2"
    SET: Final = b"\x5e\xc2"
    FUNCTION: Final = b"\x48\xc2"
    PROCEDURE: Final = b"\x5a\xc2"

    LOCK: Final = b"\x4e\xc2"
    UNLOCK: Final = b"\x4f\xc2"
    RELEASE: Final = b"\x50\xc2"
    """Of all locks of the session."""

    GLOBALS: Final = frozenset((b"\x41\xc2", b"\x42\xc2", b"\x43\xc2", b"\x45\xc2", b"\x49\xc2"))
    """Get, set, kill, order and data of a global."""
    UNANSWERED: Final = frozenset((DISCONNECT, AUTOCOMMIT_ON, AUTOCOMMIT_OFF))
    """What the driver sends without waiting: a reply would be taken for that of its next request."""


class Request(NamedTuple):
    """One message from the driver."""

    number: int
    statement: int
    code: bytes
    body: bytes

    @property
    def name(self) -> str:
        """The function code as people read it: `PQ`, `4BC2`."""
        return self.code.decode("ascii") if self.code.isalpha() else self.code.hex().upper()


@dataclass(frozen=True)
class Answer:
    """One message to the driver, without what it echoes."""

    status: int = OK
    body: bytes = b""


class Stream(Protocol):
    """What a socket must do here, with TLS and without."""

    def recv_into(self, buffer: memoryview, /) -> int: ...
    def sendall(self, data: bytes, /) -> None: ...


class NonsenseError(Exception):
    """What arrived cannot be a message, and nothing after it can be understood."""


def receive(stream: Stream) -> Request | None:
    """Wait for a whole request; None where the other side has ended. Raises `NonsenseError` and `OSError`."""
    head = _exactly(stream, HEADER.size)
    if len(head) < HEADER.size:
        return None
    length, number, statement, code = HEADER.unpack(head)
    if length > LARGEST:
        raise NonsenseError(f"a request of {length:,} bytes")
    body = _exactly(stream, length)
    return None if len(body) < length else Request(number, statement, code, body)


def frame(request: Request, answer: Answer) -> bytes:
    """Write `answer` as the reply to `request`."""
    head = REPLY_HEADER.pack(len(answer.body), request.number, request.statement, answer.status & 0xFFFF)
    return head + answer.body


def _exactly(stream: Stream, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end; memory grows with what arrives, not with what was announced."""
    received = bytearray()
    while len(received) < size:
        part = bytearray(min(CHUNK, size - len(received)))
        count = stream.recv_into(memoryview(part))
        if not count:
            break
        received += part[:count]
    return bytes(received)


def scramble(plain: str) -> str:
    """Hide a user name or a password as the driver does, which protects nothing.

    Only the lower eight bits of a character are turned; the driver sends the result as wide text where it must.
    """
    last = len(plain) - 1
    return "".join(_turned(character, last - place) for place, character in enumerate(plain))[::-1]


def unscramble(hidden: str) -> str:
    """Undo `scramble`."""
    return "".join(_turned_back(character, place) for place, character in enumerate(hidden))[::-1]


def _turned(character: str, place: int) -> str:
    number = ord(character)
    low = ((number & 0xFF ^ 0xA7) + place) & 0xFF
    return chr(number & ~0xFF | (low << 5 | low >> 3) & 0xFF)


def _turned_back(character: str, place: int) -> str:
    number = ord(character)
    low = (number >> 5 & 0x07 | number << 3) & 0xFF
    return chr(number & ~0xFF | ((low - place) & 0xFF) ^ 0xA7)
