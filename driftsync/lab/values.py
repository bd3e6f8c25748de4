"""This module writes and reads `$LIST` items, the one way in which the superserver protocol spells a value.

An item is a length, a type and data. `encode` writes one; `Items` reads a body item by item and raises
`MalformedError`, which says at which byte and why, for whatever is not an item. Every rule here was read off
the items that the driver (`intersystems-irispython` 5.4.1) writes and accepts.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal, DecimalException
from enum import IntEnum
from typing import Final

from driftsync.lab.contract import Argument, ObjectReference, Value

NULL: Final = b"\x01"
"""SQL's NULL, and an argument that was left out."""
SQL_EMPTY: Final = "\x00"
"""How SQL spells the empty string: without characters it would be NULL."""

BY_REFERENCE: Final = 32
SHORT: Final = 253
"""The most bytes of data whose length, counted with two more, fits one byte."""
MEDIUM: Final = 0xFFFE
"""The most bytes of data whose length, counted with the type, fits two bytes."""
INTEGERS: Final = range(-(2**63), 2**63)
"""What the driver takes for an integer; it writes and reads larger ones as text."""
EXPONENTS: Final = range(-128, 128)


class Type(IntEnum):
    """The second byte of an item."""

    NARROW = 1
    WIDE = 2
    POSITIVE = 4
    NEGATIVE = 5
    POSITIVE_DECIMAL = 6
    NEGATIVE_DECIMAL = 7
    DOUBLE = 8
    """Eight bytes, or a float of four whose lowest zero bytes may be missing."""
    COMPACT_DOUBLE = 9
    """Eight bytes, of which the lowest zero bytes may be missing."""
    OBJECT = 25


class MalformedError(ValueError):
    """Bytes that are no `$LIST` items: where, counted from the first byte of the body, and why."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"byte {offset}: {reason}")
        self.offset = offset
        self.reason = reason


# -- writing --------------------------------------------------------------------------------------------------


def encode(value: Value) -> bytes:
    """Write one item. Text is narrow where Latin-1 can spell it; a float is a decimal, as ObjectScript's are."""
    if isinstance(value, str):
        try:
            return _item(Type.NARROW, value.encode("latin-1"))
        except UnicodeEncodeError:
            return _item(Type.WIDE, value.encode("utf-16-le", "surrogatepass"))
    if value is None:
        return NULL
    if isinstance(value, int):
        if value not in INTEGERS:
            return _item(Type.NARROW, str(int(value)).encode())
        return _item(Type.NEGATIVE if value < 0 else Type.POSITIVE, _integer(int(value)))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, bytes):
        return _item(Type.NARROW, value)
    return _item(Type.OBJECT, f"{value.number}@{value.class_name}".encode())


def encode_all(values: Iterable[Value]) -> bytes:
    """Write items one after another."""
    return b"".join(map(encode, values))


def encode_for_sql(value: Value) -> bytes:
    """Write one item of a row: the empty string is spelled out, and None is NULL."""
    return encode(SQL_EMPTY if value in {"", b""} else value)


def encode_list(values: Iterable[Value]) -> bytes:
    """Write what `$LISTBUILD` returns: an 8-bit string of items."""
    return encode_all(values)


def _item(kind: Type, data: bytes) -> bytes:
    size = len(data)
    if size <= SHORT:
        return bytes((size + 2, kind)) + data
    if size <= MEDIUM:
        return struct.pack("<BHB", 0, size + 1, kind) + data
    return struct.pack("<BHIB", 0, 0, size + 1, kind) + data


def _integer(value: int) -> bytes:
    """Spell an integer in as few bytes as keep its sign apart: none for 0 and −1."""
    rest = -value - 1 if value < 0 else value
    data = rest.to_bytes((rest.bit_length() + 7) // 8, "little")
    return bytes(byte ^ 0xFF for byte in data) if value < 0 else data


def _float(value: float) -> bytes:
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    if isinstance(exponent, int) and exponent in EXPONENTS:
        whole = int("".join(map(str, digits)))
        if whole and -whole in INTEGERS:
            kind = Type.NEGATIVE_DECIMAL if sign else Type.POSITIVE_DECIMAL
            return _item(kind, struct.pack("b", exponent) + _integer(-whole if sign else whole))
    return _item(Type.DOUBLE, struct.pack("<d", value))


# -- reading --------------------------------------------------------------------------------------------------


class Items:
    """The items of one body, read in order."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.offset = 0

    @property
    def ended(self) -> bool:
        """Say whether every byte was read."""
        return self.offset >= len(self.body)

    def __iter__(self) -> Iterator[Argument]:
        while not self.ended:
            yield self.argument()

    def argument(self) -> Argument:
        """Read one item and whether it is passed by reference."""
        start = self.offset
        if start >= len(self.body):
            raise MalformedError(start, "an item is missing")
        if self.body[start] == NULL[0]:
            self.offset = start + 1
            return Argument(None)
        kind, first, size = self._head(start)
        self.offset = first + size
        plain = kind - BY_REFERENCE if BY_REFERENCE < kind < 2 * BY_REFERENCE else kind
        value = _value(plain, self.body[first : first + size], start)
        return Argument(value, by_reference=plain != kind)

    def value(self) -> Value:
        """Read one item."""
        return self.argument().value

    def text(self) -> str:
        """Read one item that must be text; None reads as no characters."""
        start, value = self.offset, self.value()
        if isinstance(value, (ObjectReference, bytes)):
            raise MalformedError(start, f"text is expected, not {value!r}")
        return "" if value is None else str(value)

    def number(self) -> int:
        """Read one item that must be a whole number; None and no characters read as 0, as in ObjectScript."""
        start, value = self.offset, self.value()
        if value is None or value == "":
            return 0
        try:
            return int(value)  # type: ignore[arg-type]  # an object is refused below
        except (TypeError, ValueError, OverflowError):
            raise MalformedError(start, f"a number is expected, not {value!r}") from None

    def values(self, count: int) -> list[Value]:
        """Read so many items."""
        if count < 0 or count > len(self.body) - self.offset:
            raise MalformedError(self.offset, f"{count} items cannot be in the rest of the body")
        return [self.value() for _ in range(count)]

    def _head(self, start: int) -> tuple[int, int, int]:
        """Return the type, where the data begin, and how many bytes they are."""
        body, end = self.body, len(self.body)
        if body[start]:
            place, size = start + 1, body[start] - 1
        elif end - start >= 3 and (size := int.from_bytes(body[start + 1 : start + 3], "little")):  # noqa: PLR2004
            place = start + 3
        elif end - start >= 7:  # noqa: PLR2004 - the length of the longest head, without the type
            place, size = start + 7, int.from_bytes(body[start + 3 : start + 7], "little")
        else:
            raise MalformedError(start, "the length of the item is cut off")
        if not size:
            raise MalformedError(start, "an item of no bytes has no type")
        if place + size > end:
            announced = place + size - start
            raise MalformedError(start, f"{announced} bytes are announced, {end - start} are there")
        return body[place], place + 1, size - 1


def decode(data: bytes) -> list[Value]:
    """Read all the items of a body, or the elements of a `$LIST`."""
    return [argument.value for argument in Items(data)]


def _value(kind: int, data: bytes, start: int) -> Value:
    if kind == Type.NARROW:
        return data.decode("latin-1")
    if kind == Type.WIDE:
        if len(data) % 2:
            raise MalformedError(start, "wide text has an odd number of bytes")
        return data.decode("utf-16-le", "surrogatepass")
    if kind in {Type.POSITIVE, Type.NEGATIVE}:
        return _whole(data, start, negative=kind == Type.NEGATIVE)
    if kind in {Type.POSITIVE_DECIMAL, Type.NEGATIVE_DECIMAL}:
        return _decimal(data, start, negative=kind == Type.NEGATIVE_DECIMAL)
    if kind in {Type.DOUBLE, Type.COMPACT_DOUBLE}:
        return _double(data, start, compact=kind == Type.COMPACT_DOUBLE)
    if kind == Type.OBJECT:
        number, _, class_name = data.decode("latin-1").partition("@")
        if not (number.isascii() and number.isdigit()):
            raise MalformedError(start, f"{data[:40]!r} is no object reference")
        return ObjectReference(int(number), class_name)
    raise MalformedError(start, f"there is no type {kind}")


def _whole(data: bytes, start: int, *, negative: bool) -> int:
    if len(data) > 8:  # noqa: PLR2004 - 64 bits
        raise MalformedError(start, f"an integer of {len(data)} bytes is too long")
    if negative:
        return -int.from_bytes(bytes(byte ^ 0xFF for byte in data), "little") - 1
    return int.from_bytes(data, "little")


def _decimal(data: bytes, start: int, *, negative: bool) -> int | float:
    if not data:
        raise MalformedError(start, "a decimal has no scale")
    exponent = struct.unpack("b", data[:1])[0]
    whole = _whole(data[1:], start, negative=negative)
    try:
        value = Decimal(whole).scaleb(exponent)
    except DecimalException:
        raise MalformedError(start, f"{whole} × 10^{exponent} is no number") from None
    return int(value) if exponent == 0 else float(value)


def _double(data: bytes, start: int, *, compact: bool) -> float:
    whole = 8 if compact or len(data) == 8 else 4  # noqa: PLR2004 - a double and a float
    if len(data) > whole:
        raise MalformedError(start, f"a floating-point number of {len(data)} bytes is too long")
    padded = data.rjust(whole, b"\x00")
    return float(struct.unpack("<d" if whole == 8 else "<f", padded)[0])  # noqa: PLR2004
