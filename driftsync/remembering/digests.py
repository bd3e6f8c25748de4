"""This module gives items and differences the digests by which a later run knows them again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from urllib.parse import quote, unquote

from driftsync.files import ENCODER, LINE_DECODER, decode_values, digest_of_line
from driftsync.model import Change, Difference, Extra, Missing, Value

LeftOut = Callable[[str], Sequence[str]]
"""From the key of an item to patterns of its properties that the settings leave out of every comparison."""
WHOLE_ITEM = ""
"""Stands for a property where the item as a whole is on one side only."""
ENOUGH = 16
"""Hexadecimal digits that tell the values of one property apart."""


def nothing(_key: str) -> Sequence[str]:
    """Leave nothing out."""
    return ()


@dataclass
class Digests:
    """The items of one member, each by its digest."""

    by_key: dict[str, str] = field(default_factory=dict)
    unread: dict[str, frozenset[str]] = field(default_factory=dict)
    """Of items that were not read whole: the properties that were not read; empty for those of a partial source."""


def digests_of(lines: Iterable[bytes], left_out: LeftOut = nothing) -> Digests:
    """Return the digest of what is compared of each item."""
    found = Digests()
    for line in lines:
        decoded = LINE_DECODER.decode(line)
        parts = (bytes(decoded.compared), bytes(decoded.unlisted))
        tag = ""
        if patterns := left_out(decoded.key):
            tag = tag_of(patterns)
            parts = tuple(
                ENCODER.encode(_without(decode_values(each), patterns))
                for each in (decoded.compared, decoded.unlisted)
            )  # type: ignore[assignment]
        found.by_key[decoded.key] = digest_of_line(*parts) + tag
        if decoded.unread or decoded.partial:
            found.unread[decoded.key] = frozenset(decoded.unread)
    return found


def tag_of(patterns: Sequence[str]) -> str:
    """Return what marks a digest that leaves properties out: it can be compared only with one that leaves out the same."""
    return f"|{sha256(' '.join(patterns).encode()).hexdigest()[:8]}" if patterns else ""


def digest_of(differences: Iterable[Difference], left_out: LeftOut = nothing) -> str:
    """Return what the differences of one item are known by: for each property the values of both sides.

    Which of the sides is the primary does not count, so the mirror image that a role swap makes of a difference is
    the same difference.
    """
    parts: dict[str, str] = {}
    for each in differences:
        if isinstance(each, Missing | Extra):
            values = each.expected if isinstance(each, Missing) else each.actual
            parts[WHOLE_ITEM] = _short(ENCODER.encode(_without(values, left_out(each.key))))
        else:
            parts.update({change.property: _of_change(change) for change in each.changes})
    return _joined(parts)


def same(one: str, other: str, unread: AbstractSet[str] | None = None) -> bool:
    """Say whether two digests of differences tell the same, as far as it could be read.

    `unread` are properties that one side did not show this time; `None` means that all was read.
    """
    if unread is None or one == other:
        return one == other
    first, second = _parts(one), _parts(other)
    if first.keys() == second.keys() == {WHOLE_ITEM}:
        return True
    return _without_names(first, unread) == _without_names(second, unread)


def carried_on(old: str, new: str, unread: AbstractSet[str] | None) -> str:
    """Return the digest to keep: of what could not be read this time, what was known before."""
    if unread is None or not old:
        return new
    if same(old, new, unread):
        return old
    before = _parts(old)
    return _joined({**{name: before[name] for name in before.keys() & unread}, **_parts(new)})


def properties_of(digest: str) -> AbstractSet[str]:
    """Return the properties that a difference is about; `WHOLE_ITEM` where it is about the item."""
    return _parts(digest).keys()


def _of_change(change: Change) -> str:
    return _short(b"\0".join(sorted((ENCODER.encode(change.expected), ENCODER.encode(change.actual)))))


def _short(content: bytes) -> str:
    return sha256(content).hexdigest()[:ENOUGH]


def _joined(parts: dict[str, str]) -> str:
    return " ".join(f"{quote(name, safe='$/')}={value}" for name, value in sorted(parts.items()))


def _parts(digest: str) -> dict[str, str]:
    pairs = (part.rpartition("=") for part in digest.split())
    return {unquote(name): value for name, _equals, value in pairs}


def _without(values: dict[str, Value], patterns: Sequence[str]) -> dict[str, Value]:
    return {
        name: value
        for name, value in values.items()
        if not any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _without_names(parts: dict[str, str], names: AbstractSet[str]) -> dict[str, str]:
    return {name: value for name, value in parts.items() if name not in names}
