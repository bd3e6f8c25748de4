"""This module turns a value of a plan into one text, and says where no text can stand for it."""

from __future__ import annotations

import re
from typing import Any

from driftsync.kinds import spelling
from driftsync.kinds.spec import Property, Shape
from driftsync.language import english as _
from driftsync.model import Secret, Value

SECRET_WORDS = {("user", "Password"): "PasswordHash"}
"""A secret of several parts, and the one word that takes them all: hash, salt, work factor, algorithm (api.md 5.9)."""
HASH = _("A PasswordHash is hash,salt,work factor,algorithm of the user on the primary.")
SECRET_INSIDE = _("a secret is part of the value, and no secret is ever written down")
SEPARATOR_INSIDE = _("an element holds the character that divides the elements")
NOT_A_MOMENT = _("the value is no date, so how the class keeps it is not known")
NOT_FLAT = _("the value has parts that cannot be written as one text")

_HOROLOG = re.compile(r"(?:-?\d+(?:,\d+)?)?")


class CannotBeSaid(ValueError):  # noqa: N818 - it reads as what it says
    """A value has no spelling in the form that is asked for; the message is the reason."""


def spelled(declared: Property, value: Value) -> str:
    """Return a value as one text, as `Create` and `Modify` take it; raises `CannotBeSaid`."""
    if holds_secret(value):
        raise CannotBeSaid(SECRET_INSIDE)
    if declared.shape is Shape.RECORDS and value:
        raise CannotBeSaid(NOT_FLAT)
    parts = list(value) if isinstance(value, (list, tuple, dict)) else []
    divided = {Shape.SET: declared.separator, Shape.LIST: declared.separator, Shape.PAIRS: ",:"}
    if any(mark in str(part) for part in parts for mark in divided.get(declared.shape, "")):
        raise CannotBeSaid(SEPARATOR_INSIDE)
    try:
        text = str(spelling.spelled(declared, elements(value) if declared.shape in _LISTS else value))
    except (ValueError, AttributeError):
        raise CannotBeSaid(NOT_A_MOMENT if declared.shape is Shape.TIME else NOT_FLAT) from None
    if declared.shape is Shape.HOROLOG and not _HOROLOG.fullmatch(text):
        raise CannotBeSaid(NOT_A_MOMENT)
    return str(int(value)) if isinstance(value, bool) else text


_LISTS = frozenset({Shape.SET, Shape.LIST, Shape.PATHS})


def elements(value: Value) -> list[str]:
    """Return the elements of a value, which one element alone may stand for; raises `CannotBeSaid`."""
    if holds_secret(value):
        raise CannotBeSaid(SECRET_INSIDE)
    if value in (None, ""):
        return []
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    if any(isinstance(each, (dict, list)) for each in found):
        raise CannotBeSaid(NOT_FLAT)
    return [str(int(each)) if isinstance(each, bool) else str(each) for each in found]


def holds_secret(value: Any) -> bool:
    """Say whether a secret stands anywhere in a value."""
    if isinstance(value, Secret):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return any(map(holds_secret, inner))
