"""This module decodes and encodes `$LIST`, the serial form in which IRIS keeps a list of values.

Each element is a length, a type and its data. Lengths up to 255 take one byte; a first byte 0 is followed by
two bytes of length, and where those are 0 as well, by four (formats.md 4; wire.md).
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal

WORD_BYTES = 8
"""IRIS has no number of more bytes, an exponent aside."""


def decode_list(data: bytes) -> list[str | int | float]:
    """Return the elements; an undefined or null element is an empty text. Raises `ValueError` for other bytes."""
    return list(_elements(data))


def decode_pairs(data: bytes) -> dict[str, str | int | float]:
    """Return `name,value,name,value` as a dictionary."""
    elements = decode_list(data)
    if len(elements) % 2:
        raise ValueError("a name without a value")
    return {str(name): value for name, value in zip(elements[::2], elements[1::2], strict=True)}


def encode_list(elements: Iterable[str | float | None]) -> bytes:
    """Return the bytes of a list of texts and whole numbers; other numbers are written as text, as IRIS allows."""
    return b"".join(map(_encoded, elements))


def _encoded(value: str | float | None) -> bytes:
    if isinstance(value, bool):
        value = int(value)
    if value is None:
        return b"\x01"
    if isinstance(value, int) and 0 <= value < 1 << 63:
        data, kind = value.to_bytes((value.bit_length() + 7) // 8, "little"), 4
    else:
        text = str(value)
        try:
            data, kind = text.encode("latin-1"), 1
        except UnicodeEncodeError:
            data, kind = text.encode("utf-16-le"), 2
    body = bytes([kind]) + data
    if len(body) + 1 < 1 << 8:
        return bytes([len(body) + 1]) + body
    if len(body) < 1 << 16:
        return b"\0" + len(body).to_bytes(2, "little") + body
    return b"\0\0\0" + len(body).to_bytes(4, "little") + body


def bytes_of(value: object) -> bytes:
    """Return the bytes of a `$LIST` as the driver hands it over: a text has one character for each of them."""
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


def decode_get_list(value: object) -> dict[str, str | int | float]:
    """Return the properties out of the answer of `Config.*.GetList()`: a status, then pairs of name and value.

    The class says `$lb(status, $lb($lb(name, value), …))`; the pairs may also follow the status one by one (api.md 1.9).
    Raises `ValueError` where the status is an error, or the bytes are not of this form.
    """
    elements = decode_list(bytes_of(value))
    if not elements or str(elements[0]) != "1":
        raise ValueError("GetList gave no properties")
    if len(elements) == 2:  # noqa: PLR2004 - one list of pairs, or one pair
        with contextlib.suppress(ValueError):
            return _properties(decode_list(bytes_of(elements[1])))
    return _properties(elements[1:])


def _properties(pairs: list[str | int | float]) -> dict[str, str | int | float]:
    decoded = [decode_list(bytes_of(pair)) for pair in pairs]
    return {str(pair[0]): pair[1] if len(pair) > 1 else "" for pair in decoded if pair}


def _elements(data: bytes) -> Iterator[str | int | float]:
    position = 0
    while position < len(data):
        length, head = _length(data, position)
        if length < head or position + length > len(data):
            raise ValueError("an element is longer than the list")
        body = data[position + head : position + length]
        yield _value(body[0], body[1:]) if body else ""
        position += length


def _length(data: bytes, position: int) -> tuple[int, int]:
    """Return (length of the whole element, bytes of it that say so)."""
    first = data[position]
    if first:
        return first, 1
    short = int.from_bytes(data[position + 1 : position + 3], "little")
    if short:
        return short + 3, 3
    long = int.from_bytes(data[position + 3 : position + 7], "little")
    if not long:
        raise ValueError("an element without a length")
    return long + 7, 7


def _value(kind: int, data: bytes) -> str | int | float:
    match kind:
        case 1:
            return data.decode("latin-1")
        case 2:
            return data.decode("utf-16-le")
        case 4:
            return _integer(data, negative=False)
        case 5:
            return _integer(data, negative=True)
        case 6 | 7 if data:
            return _decimal(data, negative=kind == 7)  # noqa: PLR2004 - the type of negative decimals
        case 8 | 9:
            return _double(data)
    raise ValueError("an element of an unknown type")


def _integer(data: bytes, *, negative: bool) -> int:
    if len(data) > WORD_BYTES:
        raise ValueError("a number is too long")
    value = int.from_bytes(data, "little")
    return value - (1 << (8 * len(data))) if negative else value


def _decimal(data: bytes, *, negative: bool) -> int | float:
    exponent = struct.unpack("b", data[:1])[0]
    value = Decimal(_integer(data[1:], negative=negative)).scaleb(exponent)
    return int(value) if value == value.to_integral_value() else float(value)


def _double(data: bytes) -> float:
    if len(data) == 4:  # noqa: PLR2004 - single precision
        return float(struct.unpack("<f", data)[0])
    if len(data) > WORD_BYTES:
        raise ValueError("a floating-point number is too long")
    return float(struct.unpack("<d", data.rjust(WORD_BYTES, b"\0"))[0])
