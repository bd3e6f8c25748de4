"""This module holds what a comparison may conclude: its scope, and what each side cannot say."""

from __future__ import annotations

from dataclasses import dataclass, field

from driftsync.comparing.walking import Lines
from driftsync.kinds import parse_key
from driftsync.model import Coverage, Gap, Header


@dataclass(frozen=True)
class Scope:
    """What is looked at: all kinds, some, or all but some; and whether the product's own items count."""

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    site_only: bool = False

    def holds(self, kind: str) -> bool:
        return kind not in self.without and (not self.only or kind in self.only)

    def holds_gap(self, gap: Gap, header: Header) -> bool:
        """Say whether a gap is about what is looked at.

        One that belongs to no kind counts without `only`; of a running member it tells of the whole reading (its
        role changed meanwhile), and counts always.
        """
        return self.holds(gap.kind) if gap.kind else header.extraction is not None or not self.only


@dataclass
class Side:
    """What one side cannot say: kinds, namespaces and items for which absence means nothing."""

    source: Lines
    blind_kinds: set[str] = field(default_factory=set)
    blind_namespaces: set[tuple[str, str]] = field(default_factory=set)
    blind_keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for gap in self.source.header.gaps:
            if gap.property or not gap.kind:
                continue
            if gap.key:
                self.blind_keys.add(parse_key(gap.key).match)
            elif gap.namespace:
                self.blind_namespaces.add((gap.kind, gap.namespace))
            else:
                self.blind_kinds.add(gap.kind)

    @property
    def name(self) -> str:
        return self.source.header.member.name

    def coverage(self, kind: str) -> Coverage:
        return self.source.header.coverage.get(kind, Coverage.NOT_LOOKED_AT)

    def explains(self, kind: str, namespace: str, key: str) -> bool:
        """Say whether a gap already tells why this item cannot be judged."""
        return (
            kind in self.blind_kinds or (kind, namespace) in self.blind_namespaces or key in self.blind_keys
        )
