"""This module makes of a snapshot's lines what checks and plans look at: items by kind and key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from driftsync.checks.spec import MemberView
from driftsync.files import LINE_DECODER, decode_values, kind_of_line
from driftsync.kinds import parse_key
from driftsync.model import Header, Item


class Lines(Protocol):
    """A snapshot that can be walked, line by line."""

    header: Header

    def lines(self) -> Iterator[bytes]: ...


def view_member(lines: Lines) -> MemberView:
    """Return one member as checks see it."""
    items: dict[str, dict[str, Item]] = {}
    for line in lines.lines():
        kind = kind_of_line(line)
        decoded = LINE_DECODER.decode(line)
        items.setdefault(kind, {})[decoded.key] = Item(
            key=parse_key(decoded.spelled or decoded.key),
            compared=decode_values(decoded.compared),
            local=decode_values(decoded.local),
            unlisted=decode_values(decoded.unlisted),
            unread=decoded.unread,
            partial=decoded.partial,
        )
    return MemberView(lines.header, items)
