"""This module spells values in ObjectScript: ASCII alone, so that no character set can change them."""

from __future__ import annotations

import re

from driftsync.language import english as _
from driftsync.rendering.heading import one_line
from driftsync.rendering.values import CannotBeSaid

LONGEST = 30_000
"""Characters of one line of a routine."""
TOO_LONG = _("the value is longer than a line of a routine may be")

_RUN = re.compile(r"[ -~]+|[^ -~]")
_NUMBER = re.compile(r"0|-?[1-9]\d{0,14}")
_NAME = re.compile(r"%?[A-Za-z][A-Za-z0-9]*")


def literal(text: str) -> str:
    """Return an expression whose value is `text`; raises `CannotBeSaid` where no line can hold it."""
    parts = [
        '"' + part.replace('"', '""') + '"' if " " <= part[0] <= "~" else _characters(part)
        for part in _RUN.findall(text)
    ]
    made = "_".join(_joined(parts)) if parts else '""'
    if len(made) > LONGEST:
        raise CannotBeSaid(TOO_LONG)
    return made


def value(text: str) -> str:
    """Return an expression for a value that may be a number."""
    return text if _NUMBER.fullmatch(text) else literal(text)


def member(name: str) -> str:
    """Return the name of a property behind a dot, in quotes where it is no plain name."""
    return name if _NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def comment(text: str) -> str:
    """Return what may stand in a comment: one line of ASCII."""
    return "".join(letter if " " <= letter <= "~" else f"\\u{ord(letter):04x}" for letter in one_line(text))


def _characters(letter: str) -> str:
    """Return `$char` of a letter; beyond the first plane `$wchar` takes what is one letter in two places."""
    return f"$char({ord(letter)})" if ord(letter) < 1 << 16 else f"$wchar({ord(letter)})"


def _joined(parts: list[str]) -> list[str]:
    """Join neighbouring `$char(…)`."""
    found: list[str] = []
    for part in parts:
        if part.startswith("$char(") and found and found[-1].startswith("$char("):
            found[-1] = f"{found[-1][:-1]},{part[6:]}"
        else:
            found.append(part)
    return found
