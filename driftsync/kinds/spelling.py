"""This module writes the one spelling of a value as the object of a class takes it: the logical format of IRIS."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from driftsync.kinds.spec import Property, Shape
from driftsync.serial_list import encode_list

ZERO = datetime(1840, 12, 31, tzinfo=timezone.utc)
"""Day 0 of $HOROLOG."""


def spelled(declared: Property, value: Any) -> Any:
    """Return what a plain property takes. Raises `ValueError` for a value that is no value of its shape."""
    if value is None:
        return ""
    match declared.shape:
        case Shape.FLAG:
            return int(bool(value))
        case Shape.HOROLOG:
            return horolog(str(value))
        case Shape.TIME:
            return seconds(str(value))
        case Shape.SET | Shape.LIST:
            return declared.separator.join(elements(value))
        case Shape.PATHS:
            paths = elements(value)
            return (";" if any(re.match(r"[A-Za-z]:", path) for path in paths) else ":").join(paths)
        case Shape.PAIRS:
            return ",".join(f"{name}:{letters}" for name, letters in value.items())
        case Shape.RECORDS:
            return encode_list([part for pair in value.items() for part in pair])
    if isinstance(value, (list, dict)):
        raise ValueError("no plain value")
    return value


def elements(value: Any) -> list[str]:
    """Return the elements of a list, none of nothing."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise ValueError("no list")
    return [str(each) for each in value]


def horolog(text: str) -> Any:
    """Return `$HOROLOG` of an ISO date, or date and time; another text stays."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    passed = moment - ZERO
    return passed.days if "T" not in text else f"{passed.days},{passed.seconds}"


def seconds(text: str) -> int:
    """Return seconds since midnight of `HH:MM:SS`."""
    hours, minutes, rest = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + rest
