"""This module gives each value that IRIS can spell two ways its one spelling. Pure functions, nothing else.

Every function takes what a file or a driver returned and gives the canonical value, or `None` for empty.
It raises `ValueError`, never naming the value (which might be a secret), where the value has another shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

TRUE = frozenset({"1", "true", "yes", "on", "y"})
FALSE = frozenset({"0", "false", "no", "off", "n"})

NEVER = "1840-12-31"
"""Day 0 of `$HOROLOG`, as text: IRIS writes it where it knows of no day."""
_HOROLOG_ZERO = datetime(1840, 12, 31)  # noqa: DTZ001 - day 0 of $HOROLOG; UTC is added when printed
SECONDS_OF_A_DAY = 86_400
LAST_DAY = 2_980_013
"""Day 0 is 31 December 1840; this one is 31 December 9999."""
LARGEST_NUMBER = 2**63
"""Beyond it IRIS has no integer, and neither a snapshot nor its readers do."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_WINDOWS_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|[^/]*\\)")
_DOUBLED = re.compile(r"(?<!^)(?<!\w\w:)/{2,}")
"""Separators that count as one: neither at the beginning (`//server`) nor after a scheme (`s3://`)."""
_URL = re.compile(
    r"(?P<scheme>(?:jdbc:)?[A-Za-z][\w+.-]{0,19}:(?:(?:thin|oci8?|sqlserver|loadbalance|replication|tcp):)?)"
    r"(?P<user>[^;?]*@)?//(?P<name>[^;?]*@)?"
    r"(?P<place>[\w.-]+(?::[0-9]{1,5})?(?:/[\w.-]*)*)(?P<rest>[;?…][^@]*)?",
    re.IGNORECASE,
)
"""An `@` after `;` or `?` may belong to a password that holds one of these, so such a URL is not shown at all."""
_MACROS: Mapping[str, int] = {
    "authek5ccache": 1, "authek5prompt": 2, "authek5api": 4, "authek5keytab": 8, "autheos": 16,
    "authepassword": 32, "autheunauthenticated": 64, "authesystem": 1024, "autheldap": 2048,
    "authedelegated": 8192, "authelogintoken": 16384,
}  # fmt: skip
"""`$$$Authe…` macros that merge files may use, without the dollars."""


def text(raw: Any) -> str | None:
    """Give a text with line ends as LF; `True` and `False` become 1 and 0 as IRIS stores them."""
    if isinstance(raw, bool):
        raw = int(raw)
    if isinstance(raw, (list, dict)):
        raise ValueError("a list where one text belongs")
    value = "" if raw is None else str(raw).replace("\r\n", "\n").replace("\r", "\n")
    return value or None


def number(raw: Any) -> int | float | None:
    """Give an integer where it is one, a float otherwise: `08`, `8` and `8.0` are the same."""
    word = _word(raw)
    if not word:
        return None
    if word.lower() in {"true", "false"}:
        return int(word.lower() == "true")
    if not _NUMBER.fullmatch(word):
        raise ValueError("not a number")
    value = float(word)
    if abs(value) > LARGEST_NUMBER:
        raise ValueError("a number beyond all that IRIS has")
    if _INTEGER.fullmatch(word):
        return int(word.partition(".")[0])
    return int(value) if value.is_integer() else value


def flag(raw: Any) -> bool | None:
    """Give true or false for 1/0, true/false, yes/no and on/off."""
    word = _word(raw).lower()
    if not word:
        return None
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("neither true nor false")


def choice(raw: Any, words: Mapping[str, str]) -> int | str | None:
    """Give the code of an enumeration, whether the code or its word was written."""
    word = _word(raw)
    if not word:
        return None
    code = next((code for code, name in words.items() if name.lower() == word.lower()), word)
    if code not in words and code.lower() in {"true", "false"}:
        return int(code.lower() == "true")
    return _integer(code) if _INTEGER.fullmatch(code) else code


def mask(raw: Any, words: Mapping[str, str]) -> int | None:
    """Give a bit mask as one number, from a number, `RWU`, `READ,WRITE` or `$$$AutheOS+$$$AuthePassword`."""
    word = _word(raw)
    if not word:
        return None
    if word.lower() in {"true", "false"}:
        return int(word.lower() == "true")
    if _INTEGER.fullmatch(word):
        return _integer(word)
    bits = {name.lower(): int(bit) for bit, name in words.items()}
    if set(word.lower()) <= set(bits):
        return sum(bits[letter] for letter in set(word.lower()))
    total = 0
    for part in re.split(r"[,+|]", word.lower()):
        name = part.strip().lstrip("$")
        known = _MACROS.get(
            name, bits.get(name, bits.get(name[:1]) if name in {"read", "write", "use"} else None)
        )
        if known is None:
            raise ValueError("not a bit mask")
        total |= known
    return total


def release_parts(release: str) -> tuple[int, ...]:
    """Give the first two numbers of a release, which order it: `2024.1.3` is 2024 and 1; empty where unknown."""
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])


def is_path(text: str) -> bool:
    """Say whether a text is one absolute path and nothing beside it."""
    return bool(re.fullmatch(r"(?:/|[A-Za-z]:[\\/]|\\\\)[^\s=;,]*", text))


def names(raw: Any, separator: str = ",", inner: str = "") -> list[str] | None:
    """Give a set as a sorted list without repetitions and without empty elements."""
    return sorted({_inside(each, inner) for each in ordered(raw, separator) or () if each}) or None


def _inside(element: str, inner: str) -> str:
    """Sort the names inside an element: `:%DB_B:%DB_A` after its head, `ip|B,A` after the address."""
    head, mark, rest = element.partition(inner) if inner else (element, "", "")
    between = "," if inner == "|" else inner
    return head + mark + between.join(sorted(rest.split(between), key=str.casefold)) if mark else element


def ordered(raw: Any, separator: str = ",") -> list[str] | None:
    """Give a list in its own order; inner empty elements stay, trailing ones go."""
    if isinstance(raw, dict):
        raise ValueError("a record where a list belongs")
    parts: Iterable[Any] = raw if isinstance(raw, (list, tuple)) else (text(raw) or "").split(separator)
    values = [_word(part) for part in parts]
    while values and not values[-1]:
        values.pop()
    return values or None


def pairs(raw: Any, words: Mapping[str, str]) -> dict[str, str] | None:
    """Give `Resource:RWU,Resource:R`, or records of Name and Permission, as name → sorted letters."""
    if isinstance(raw, Mapping):
        raw = [raw] if "Name" in raw else [f"{name}:{_word(given)}" for name, given in raw.items()]
    if not isinstance(raw, (list, tuple)):
        raw = [part for part in _word(raw).split(",") if part.strip()]
    result: dict[str, int] = {}
    for each in raw:
        if isinstance(each, Mapping):
            name, permission = _word(each.get("Name")), each.get("Permission")
        else:
            name, _, permission = _word(each).rpartition(":") if ":" in _word(each) else (_word(each), "", "")
        if not name.strip():
            raise ValueError("a pair without a name")
        result[name.strip()] = result.get(name.strip(), 0) | (mask(permission, words) or 0)
    return {name: letters(bits, words) for name, bits in sorted(result.items())} or None


def letters(bits: int, words: Mapping[str, str]) -> str:
    """Give the letters of a permission mask: 7 → `RWU`; raises `ValueError` for a bit without a letter."""
    if bits & ~sum(int(bit) for bit in words):
        raise ValueError("a permission of an unknown bit")
    return "".join(name for bit, name in words.items() if bits & int(bit))


def horolog(raw: Any) -> str | None:
    """Give `$HOROLOG` UTC (`67113,4493.87`) as ISO 8601; a text that is no `$HOROLOG` stays."""
    word = _word(raw)
    if not word:
        return None
    match = re.fullmatch(r"([0-9]{1,7})(?:,([0-9]{1,5})(?:\.[0-9]*)?)?", word)
    if not match or int(match[2] or 0) >= SECONDS_OF_A_DAY or int(match[1]) > LAST_DAY:
        return word
    moment = _HOROLOG_ZERO + timedelta(days=int(match[1]), seconds=int(match[2] or 0))
    return moment.isoformat() + "Z" if match[2] is not None else moment.date().isoformat()


def path(raw: Any, directories: Mapping[str, str] | None = None) -> str | None:
    """Give a path with forward slashes, no trailing one, this member's own directories replaced by `${name}`.

    The longest directory wins. Windows paths are compared without regard to case.
    """
    word = _word(raw)
    if not word:
        return None
    plain = _plain(word)
    prefixes = {name: _plain(directory) for name, directory in (directories or {}).items() if directory}
    for name, prefix in sorted(prefixes.items(), key=lambda each: (-len(each[1]), each[0])):
        if plain == prefix:
            return f"${{{name}}}"
        if plain.startswith(prefix.rstrip("/") + "/"):
            return f"${{{name}}}/{plain[len(prefix) :].lstrip('/')}"
    return plain


def paths(raw: Any, directories: Mapping[str, str] | None = None) -> list[str] | None:
    """Give a class path as a list: divided by `;` on Windows, by `:` elsewhere, each path in its one spelling."""
    if isinstance(raw, (list, tuple)):
        parts = [_word(part) for part in raw]
    else:
        word = _word(raw)
        windows = ";" in word or bool(_WINDOWS_PATH.match(word))
        parts = word.split(";" if windows else ":")
    found = [path(part, directories) for part in parts]
    return [part for part in found if part] or None


def time(raw: Any) -> str | None:
    """Give a time of day as `HH:MM:SS`, from that or from seconds since midnight."""
    word = _word(raw)
    if not word:
        return None
    if re.fullmatch(r"[0-9]{1,5}", word) and int(word) < SECONDS_OF_A_DAY:
        minutes, seconds = divmod(int(word), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?(?:\.0*)?", word)
    if not match:
        raise ValueError("not a time of day")
    return f"{int(match[1]):02}:{match[2]}:{match[3] or '00'}"


def _plain(word: str) -> str:
    if _WINDOWS_PATH.match(word):
        word = word.replace("\\", "/").lower()
    while (shorter := word.rstrip("/").rstrip()) != word:
        word = shorter
    return _DOUBLED.sub("/", word) or "/"


def url(raw: Any) -> str | None:
    """Give what of a connection URL can be shown: scheme, host, port and path, and nothing that is not known.

    Parameters, users and passwords, and whatever has another form, become `…`.
    """
    word = _word(raw)
    if not word:
        return None
    match = _URL.fullmatch(word)
    if not match:
        return "…"
    scheme, user, place, rest = match["scheme"], match["user"] or match["name"], match["place"], match["rest"]
    return f"{scheme}//{'…@' if user else ''}{place}" + ("…" if rest else "")


def _integer(word: str) -> int:
    value = number(word)
    if not isinstance(value, int):
        raise ValueError("not an integer")
    return value


def _word(raw: Any) -> str:
    if isinstance(raw, (list, dict)):
        raise ValueError("a list where one value belongs")
    return "" if raw is None else str(raw).strip()
