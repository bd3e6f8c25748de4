"""This module says when an item was last edited on each side and by whom, where the members keep that; it guesses nothing."""

from __future__ import annotations

from driftsync.files import decode_values
from driftsync.kinds.spec import Kind
from driftsync.model import Edited, Line
from driftsync.normalize import NEVER


def edited(kind: Kind, primary: Line | None, member: Line | None) -> list[Edited]:
    """Return what the two sides say of the last edit of one item."""
    at, by = kind.edited
    found: list[Edited] = []
    if not at:
        return found
    for line, on_primary in ((primary, True), (member, False)):
        local = decode_values(line.local) if line is not None else {}
        moment, who = local.get(at), local.get(by) if by else ""
        if isinstance(moment, str) and moment and not moment.startswith(NEVER):
            found.append(Edited(on_primary=on_primary, at=moment, by=who if isinstance(who, str) else ""))
    return found
