"""This module knows of a reporting async that belongs to two mirrors: it is expected to hold what either wants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from driftsync.comparing.walking import Lines
from driftsync.files import LINE_DECODER, decode_values
from driftsync.kinds import parse_key
from driftsync.language import english as _
from driftsync.model import Change, Changed, Difference, Drift, Extra, Note, NoteType, Value


def without_what_others_want(drift: Drift, others: Mapping[str, Lines]) -> Drift:
    """Return a drift in which what the primaries of other mirrors have, too, is a note.

    `others` are the snapshots of these primaries by the name of their mirror.
    """
    left = list(drift.differences)
    notes: list[Note] = []
    for mirror, lines in others.items():
        theirs = _items(lines, {parse_key(each.key).match for each in left})
        text = _("mirror {mirror}, to which this member belongs too, has it so").format(mirror=mirror)
        left = [
            kept
            for each in left
            for kept in _left_of(each, theirs.get(parse_key(each.key).match), text, notes)
        ]
    if not notes:
        return drift
    counts = Counter(type(each) for each in left)
    gone = [each for each in drift.differences if isinstance(each, Extra) and each not in left]
    return msgspec.structs.replace(
        drift,
        differences=left,
        notes=[*drift.notes, *notes],
        summary=msgspec.structs.replace(
            drift.summary,
            extra=counts[Extra],
            changed=counts[Changed],
            product=drift.summary.product - sum(each.product for each in gone),
        ),
    )


def _items(lines: Lines, keys: set[str]) -> dict[str, dict[str, Value]]:
    """Return what is compared of some items."""
    found: dict[str, dict[str, Value]] = {}
    for line in lines.lines():
        decoded = LINE_DECODER.decode(line)
        if decoded.key in keys:
            found[decoded.key] = decode_values(decoded.compared)
    return found


def _left_of(
    difference: Difference, theirs: dict[str, Value] | None, text: str, notes: list[Note]
) -> list[Difference]:
    if theirs is None:
        return [difference]
    if isinstance(difference, Extra):
        notes.append(_note(difference, text, actual=difference.actual))
        return []
    if not isinstance(difference, Changed):
        return [difference]
    left: list[Change] = []
    for change in difference.changes:
        if not change.unlisted and theirs.get(change.property) == change.actual:
            notes.append(
                _note(difference, text, change.property, expected=change.expected, actual=change.actual)
            )
        else:
            left.append(change)
    return [msgspec.structs.replace(difference, changes=left)] if left else []


def _note(
    difference: Difference,
    text: str,
    property: str = "",
    *,
    expected: Value = msgspec.UNSET,
    actual: Value = msgspec.UNSET,
) -> Note:
    return Note(
        type=NoteType.EXPECTED,
        kind=difference.kind,
        key=difference.key,
        property=property,
        text=text,
        expected=expected,
        actual=actual,
    )
