"""This module reads what shall go wrong on purpose, one word for each fault.

    latency=20             20 ms before each answer         drop@30       the connection ends at the 30th message
    hang, hang@12          silence, from the 12th on        nonsense@5    bytes that are no message, instead of the 5th answer
    role-change@40         the mirror fails over            garbled@5     a well-formed answer with a body of nonsense
    crash@5                an answer that crashes the driver 5.4.1 where it reads a value, as no real server sends it
    refuse:Security.Users  the class is refused             absent:Config.Gateways   the class is not there
    refuse:Security.*      all of these are refused         absent:Config.SQL:GetList   the query, method or property is not
    no-procedure:SYS.Mirror:MemberStatusList                the query is there, but SQL cannot call it
    disk-full              nothing can be written           wrong-password           no login succeeds
    expired-certificate    the server's certificate is out of date (with TLS)

Messages are counted from 1 over all connections of one member, in the order of their arrival.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from driftsync.errors import UsageError
from driftsync.language import english as _

if TYPE_CHECKING:
    from driftsync.lab.instance.faults import Faults

_WORD = re.compile(r"(?P<name>[a-z]+(?:-[a-z]+)*)(?:(?P<sign>[@=:])(?P<value>.+))?\Z")
_CLASS = re.compile(r"%?[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_]+)*(?P<many>\.\*)?(?P<part>:%?[A-Za-z0-9]+)?\Z")

SIGNS: Final = {
    "latency": "=", "drop": "@", "hang": "@?", "nonsense": "@", "garbled": "@", "crash": "@", "role-change": "@",
    "refuse": ":", "absent": ":", "no-procedure": ":", "disk-full": "", "wrong-password": "", "expired-certificate": "",
}  # fmt: skip
"""The words, and what stands between each and its number or class."""


class Deed(Enum):
    """What the server does with one message instead of answering it."""

    ANSWER = "answer"
    DROP = "drop"
    HANG = "hang"
    NONSENSE = "nonsense"
    GARBLED = "garbled"
    CRASH = "crash"


@dataclass(frozen=True)
class WireFaults:
    """What goes wrong between the driver and a server."""

    latency: float = 0.0
    """Seconds before each answer."""
    drop_at: frozenset[int] = frozenset()
    hang_from: int = 0
    """The first message that is not answered any more; 0 for none."""
    nonsense_at: frozenset[int] = frozenset()
    garbled_at: frozenset[int] = frozenset()
    crash_at: frozenset[int] = frozenset()
    role_change_at: frozenset[int] = frozenset()
    expired_certificate: bool = False

    def deed(self, number: int) -> Deed:
        """Say what happens to the message of this number."""
        if self.hang_from and number >= self.hang_from:
            return Deed.HANG
        for messages, deed in (
            (self.drop_at, Deed.DROP),
            (self.nonsense_at, Deed.NONSENSE),
            (self.garbled_at, Deed.GARBLED),
            (self.crash_at, Deed.CRASH),
        ):
            if number in messages:
                return deed
        return Deed.ANSWER


def parse_wire_faults(words: Iterable[str]) -> WireFaults:
    """Read what concerns the server from words such as `drop@30`, alone or several between commas.

    Every word is checked, those for the instance too; raises `UsageError`.
    """
    found = _read_all(words)

    def numbers(name: str) -> frozenset[int]:
        return frozenset(map(int, found.get(name, ())))

    return WireFaults(
        latency=max((float(value) for value in found.get("latency", ())), default=0.0) / 1000,
        drop_at=numbers("drop"),
        hang_from=min((int(value or 1) for value in found.get("hang", ())), default=0),
        nonsense_at=numbers("nonsense"),
        garbled_at=numbers("garbled"),
        crash_at=numbers("crash"),
        role_change_at=numbers("role-change"),
        expired_certificate="expired-certificate" in found,
    )


def parse_instance_faults(words: Iterable[str]) -> Faults:
    """Read what concerns the instance from the same words; raises `UsageError`."""
    from driftsync.lab.instance.faults import Faults  # brings the whole instance with it

    found = _read_all(words)
    absent = set(found.get("absent", ()))
    parts = {name for name in absent if ":" in name}
    return Faults(
        refused_classes=set(found.get("refuse", ())),
        absent_classes=absent - parts,
        absent_queries=parts,
        absent_methods=set(parts),
        absent_properties=set(parts),
        not_procedures=set(found.get("no-procedure", ())),
        disk_full="disk-full" in found,
        wrong_password="wrong-password" in found,
    )


CRASHING: Final = b"\x02\x06"
"""A decimal without its scale."""


def nonsense(number: int) -> bytes:
    """Return bytes that mean nothing, the same ones each time for one message."""
    return random.Random(number).randbytes(64)  # noqa: S311 - nothing secret


def _read_all(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in (part.strip() for each in words for part in each.split(",") if part.strip()):
        name, value = _read(word)
        found.setdefault(name, []).append(value)
    return found


def _read(word: str) -> tuple[str, str]:
    match = _WORD.match(word)
    sign = SIGNS.get(match["name"]) if match else None
    if match is None or sign is None:
        raise _unusable(word, _("there is no such fault"))
    given, value = match["sign"] or "", match["value"] or ""
    if given != sign.rstrip("?") and not (sign.endswith("?") and not given):
        example = {
            "@": "@30",
            "=": "=20",
            ":": ":Security.Users:List" if match["name"] == "no-procedure" else ":Security.Users",
            "": "",
        }[sign.rstrip("?")]
        raise _unusable(word, _("it is written {form}").format(form=match["name"] + example))
    if given == ":":
        named = _CLASS.match(value)
        if named is None:
            raise _unusable(word, _("{value} is not the name of a class").format(value=repr(value)))
        if named["many"] and match["name"] != "refuse":
            raise _unusable(word, _("only refuse takes a pattern"))
        if bool(named["part"]) != (match["name"] == "no-procedure") and match["name"] != "absent":
            raise _unusable(word, _("refuse takes a class, no-procedure takes CLASS:QUERY"))
    if given == "@" and not (value.isascii() and value.isdigit() and int(value)):
        raise _unusable(word, _("messages are counted 1, 2, 3 …"))
    if given == "=" and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", value):
        raise _unusable(word, _("a number of milliseconds is expected"))
    return match["name"], value


def _unusable(word: str, reason: str) -> UsageError:
    return UsageError(
        _("fault {word}: {reason}").format(word=repr(word), reason=reason),
        hint=_("faults are: {words}").format(
            words=", ".join(
                name + {"@": "@N", "@?": "[@N]", "=": "=MS", ":": ":CLASS", "": ""}[sign]
                for name, sign in SIGNS.items()
            )
        ),
    )
