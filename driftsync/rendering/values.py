"""This module turns a value of a plan, which has the one spelling of its shape, into what the classes of IRIS take."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from driftsync.kinds.spec import Property, Shape
from driftsync.language import english as _
from driftsync.model import Secret, Value

DAY_ZERO = datetime(1840, 12, 31, tzinfo=timezone.utc)

SECRET_INSIDE = _("a secret is part of the value, and no secret is ever written down")
SEPARATOR_INSIDE = _("an element holds the character that divides the elements")
NOT_A_MOMENT = _("the value is no date, so how the class keeps it is not known")
NOT_FLAT = _("the value has parts that cannot be written as one text")


class CannotBeSaid(ValueError):  # noqa: N818 - it reads as what it says
    """A value has no spelling in the form that is asked for; the message is the reason."""


def spelled(declared: Property, value: Value) -> str:
    """Return a value as one text, as `Create` and `Modify` take it; raises `CannotBeSaid`."""
    if value is None:
        return ""
    if isinstance(value, Secret):
        raise CannotBeSaid(SECRET_INSIDE)
    match declared.shape:
        case Shape.SET | Shape.LIST:
            return joined(value, declared.separator)
        case Shape.PATHS:
            windows = any("\\" in str(each) or str(each)[1:2] == ":" for each in listed(value))
            return joined(value, ";" if windows else ":")
        case Shape.PAIRS if isinstance(value, dict):
            return joined(
                [f"{_without(name, ':')}:{letters}" for name, letters in sorted(value.items())], ","
            )
        case Shape.HOROLOG:
            return horolog(str(value))
        case Shape.TIME:
            return str(seconds(str(value)))
    if isinstance(value, (dict, list)):
        raise CannotBeSaid(NOT_FLAT)
    if isinstance(value, bool):
        return str(int(value))
    return str(value)


def elements(declared: Property, value: Value) -> list[str]:
    """Return the elements of a set or list; raises `CannotBeSaid` where one is a secret."""
    del declared
    return [_plain(each) for each in listed(value)]


def listed(value: Any) -> list[Any]:
    """Return the elements of a value, which one element alone may stand for."""
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def joined(value: Any, separator: str) -> str:
    """Return elements with a separator between; raises `CannotBeSaid` where one of them holds it."""
    return separator.join(_without(_plain(each), separator) for each in listed(value))


def horolog(moment: str) -> str:
    """Return an ISO 8601 date as the day that `$HOROLOG` counts, a moment with its seconds."""
    if not moment:
        return ""
    try:
        found = datetime.fromisoformat(moment.removesuffix("Z")).replace(tzinfo=timezone.utc)
    except ValueError:
        raise CannotBeSaid(NOT_A_MOMENT) from None
    passed = found - DAY_ZERO
    return f"{passed.days},{passed.seconds}" if "T" in moment else str(passed.days)


def seconds(time: str) -> int | str:
    """Return `HH:MM:SS` as seconds since midnight."""
    if not time:
        return ""
    try:
        hours, minutes, rest = (int(part) for part in time.split(":"))
    except ValueError:
        raise CannotBeSaid(NOT_A_MOMENT) from None
    return (hours * 60 + minutes) * 60 + rest


def _plain(element: Any) -> str:
    if isinstance(element, Secret):
        raise CannotBeSaid(SECRET_INSIDE)
    if isinstance(element, (dict, list)):
        raise CannotBeSaid(NOT_FLAT)
    return str(int(element)) if isinstance(element, bool) else str(element)


def _without(element: str, separator: str) -> str:
    if separator in element:
        raise CannotBeSaid(SEPARATOR_INSIDE)
    return element
