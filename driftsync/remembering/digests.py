"""This module gives items and differences the digests by which a later run knows them again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from driftsync.files import ENCODER, LINE_DECODER
from driftsync.model import Changed, Clash, Difference, Extra, Missing


def digests_of(lines: Iterable[bytes]) -> tuple[dict[str, str], set[str]]:
    """Return the digest of what is compared of each item, by key, and the keys of items not read whole."""
    digests: dict[str, str] = {}
    unsure: set[str] = set()
    for line in lines:
        decoded = LINE_DECODER.decode(line)
        digests[decoded.key] = sha256(bytes(decoded.compared) + b"\0" + bytes(decoded.unlisted)).hexdigest()
        if decoded.unread or decoded.partial:
            unsure.add(decoded.key)
    return digests, unsure


def digest_of(difference: Difference) -> str:
    """Return what a difference is known by: the values of both sides, whichever of them is the primary.

    So the mirror image of a difference, which a role swap makes of it, is the same difference.
    """
    match difference:
        case Missing(expected=values) | Extra(actual=values):
            sides = [ENCODER.encode(values), b"absent"]
        case Changed(changes=changes) | Clash(changes=changes):
            sides = [
                b"\0".join(sorted((ENCODER.encode(each.expected), ENCODER.encode(each.actual))))
                + each.property.encode()
                for each in changes
            ]
    return sha256(b"\1".join(sorted(sides))).hexdigest()
