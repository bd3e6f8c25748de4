"""This module holds what was read from one file, before it is joined with the others of its member."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from driftsync.documents.text import printable
from driftsync.kinds.making import RawItem
from driftsync.language import english as _
from driftsync.model import Coverage, Gap, MemberRole, Product


@dataclass
class Document:
    """One file: the raw items in it, how much of each kind it shows, and what it says of the instance."""

    path: Path
    format: str
    items: list[RawItem] = field(default_factory=list)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    product: Product = Product.UNKNOWN
    release: str = ""
    instance: str = ""
    role: MemberRole = MemberRole.UNKNOWN
    mirror: str = ""
    virtual_address: bool | None = None
    taken_at: str = ""
    """When it was taken from the member, where it says so: UTC, ISO 8601."""
    directories: dict[str, str] = field(default_factory=dict)
    """This member's own directories: `{"mgr": "/usr/irissys/mgr/"}`."""
    live: bool = False
    """Whether it is no file but a running member."""
    _nameless: set[str] = field(default_factory=set)

    def saw(self, kind: str, coverage: Coverage) -> None:
        """Note how much of a kind this file shows; what is worse stays."""
        order = [Coverage.NOT_LOOKED_AT, Coverage.WHOLE, Coverage.PARTIAL, Coverage.NONE]
        before = self.coverage.get(kind, Coverage.NOT_LOOKED_AT)
        self.coverage[kind] = max(before, coverage, key=order.index)

    def lost_item(self, kind: str, line: int = 0) -> None:
        """Note an item whose name cannot be known, so that only its kind can be told; the first says it all."""
        if kind in self._nameless:
            return
        self._nameless.add(kind)
        where = f"{printable(self.path)}:{line}" if line else printable(self.path)
        reason = _("{where}: an item whose name is missing, or filled in only later").format(where=where)
        self.gaps.append(Gap(kind=kind, reason=reason))
        self.saw(kind, Coverage.PARTIAL)
