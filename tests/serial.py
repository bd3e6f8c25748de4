"""An encoder of `$LIST` for tests, written from the description of the format alone."""

from __future__ import annotations


def encode_list(*values: str | int) -> bytes:
    return b"".join(_element(value) for value in values)


def encode_pairs(pairs: dict[str, str]) -> bytes:
    return encode_list(*(part for pair in pairs.items() for part in pair))


def _element(value: str | int) -> bytes:
    if isinstance(value, int):
        if value >= 0:
            return _framed(4, value.to_bytes((value.bit_length() + 7) // 8, "little"))
        rest = -value - 1
        return _framed(
            5, bytes(byte ^ 0xFF for byte in rest.to_bytes((rest.bit_length() + 7) // 8, "little"))
        )
    try:
        return _framed(1, value.encode("latin-1"))
    except UnicodeEncodeError:
        return _framed(2, value.encode("utf-16-le"))


def _framed(kind: int, data: bytes) -> bytes:
    if len(data) <= 253:
        return bytes([len(data) + 2, kind]) + data
    if len(data) + 1 <= 0xFFFF:
        return b"\0" + (len(data) + 1).to_bytes(2, "little") + bytes([kind]) + data
    return b"\0\0\0" + (len(data) + 1).to_bytes(4, "little") + bytes([kind]) + data
