"""This module walks the lines of one snapshot, decoding each at most once and checking their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from driftsync.errors import SnapshotError
from driftsync.files import LINE_DECODER, damaged_line
from driftsync.language import english as _
from driftsync.model import Header, Line


class Lines(Protocol):
    """A snapshot that can be walked: a file, or one in memory."""

    header: Header
    place: str

    def lines(self) -> Iterator[bytes]: ...


class Reader:
    """One side's lines, decoded at most once each, their order checked."""

    def __init__(self, source: Lines) -> None:
        self._place = source.place
        self._lines = iter(source.lines())
        self.number = 1
        self.raw: bytes | None = None
        self._line: Line | None = None
        self._last = ""
        self.advance()

    @property
    def line(self) -> Line:
        if self._line is None:
            try:
                self._line = LINE_DECODER.decode(self.raw or b"")
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise damaged_line(self._place, self.number) from None
            self._check_order(self._line)
        return self._line

    def advance(self, same_as: Line | None = None) -> None:
        if same_as is not None and self._line is None:
            self._check_order(same_as)
        self.raw, self._line = next(self._lines, None), None
        self.number += 1

    def _check_order(self, line: Line) -> None:
        if line.key <= self._last:
            raise SnapshotError(
                self._place,
                _("items are not in the order of their keys, or one stands twice"),
                line=self.number,
                hint=_("the file was edited; make the snapshot again with `driftsync snapshot`"),
            )
        self._last = line.key
