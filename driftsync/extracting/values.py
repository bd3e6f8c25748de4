"""This module turns what the driver returns into raw values, in the spelling that the exports have."""

from __future__ import annotations

import base64
import re
from typing import Any

from driftsync.extracting.dictionary import PropertyFacts
from driftsync.kinds.making import RawValue
from driftsync.serial_list import decode_list

PLAIN = (str, int, float, bool)
CLASS_NAME = re.compile(r"%?[^\W\d_][^\W_]*(\.[^\W_]+)*")
MISREAD = (ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What an answer that makes no sense can bring about."""


def as_raw(value: Any, facts: PropertyFacts | None = None) -> RawValue:
    """Return a raw value: a `$LIST` as a list of texts, bytes in base64, NULL as nothing.

    Raises `ValueError` for what is none of these.
    """
    if value is None or value == "":
        return None
    if facts is not None and facts.is_list:
        return [str(each) for each in elements(value)]
    if facts is not None and facts.is_binary:
        return base64.b64encode(as_bytes(value)).decode()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    if not isinstance(value, PLAIN):
        raise ValueError("a value of another sort")
    return value


def as_bytes(value: Any) -> bytes:
    """Return the bytes of a `$LIST` or of binary data, which the driver gives as Latin-1 text."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("latin-1")
    raise ValueError("no bytes")


def elements(value: Any) -> list[Any]:
    """Return the elements of a `$LIST`, however the driver gives it. Raises `ValueError` for other bytes."""
    if isinstance(value, list):
        return value
    return list(decode_list(as_bytes(value)))


def as_text(value: Any) -> str:
    """Return a plain value as text; raises `ValueError` for anything else."""
    if value is None:
        return ""
    if isinstance(value, PLAIN):
        return str(value)
    raise ValueError("no text")


def as_name(value: Any) -> str:
    """Return what an item is called; raises `ValueError` for an item without a name."""
    name = as_text(value)
    if not name:
        raise ValueError("no name")
    return name


def as_class_name(value: Any) -> str:
    """Return the name of a class, empty for none; raises `ValueError` for a text that no class can be called."""
    name = as_text(value)
    if name and not CLASS_NAME.fullmatch(name):
        raise ValueError("not the name of a class")
    return name


def as_flag(value: Any) -> bool:
    """Return a yes or no; raises `ValueError` for anything else, which is no answer and not a no."""
    said = {"0": False, "False": False, "1": True, "True": True}
    if str(value) not in said:
        raise ValueError("neither yes nor no")
    return said[str(value)]


def is_ok(status: Any) -> bool:
    """Say whether a `%Status` is a success: 1, or anything but an encoded `0 …` (api.md 2.3)."""
    return status in (1, True) or str(status)[:1] == "1"
