"""This module gathers what a comparison finds and makes a `Drift` of it: counts, gaps, coverage, notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from driftsync.comparing.scope import Scope, Side
from driftsync.files import decode_values
from driftsync.kinds import all_kinds
from driftsync.language import english as _
from driftsync.language import english_plural as ngettext
from driftsync.model import (
    FORMAT_VERSION,
    Changed,
    Clash,
    Coverage,
    CoveragePair,
    Difference,
    Drift,
    Extra,
    Gap,
    Header,
    Line,
    Missing,
    Note,
    NoteType,
    Summary,
)
from driftsync.model.drift import Party
from driftsync.normalize import release_parts

SEEN = frozenset({Coverage.WHOLE, Coverage.PARTIAL})


class Findings:
    """What was found so far. The comparison fills it, item by item."""

    def __init__(self, a: Side, b: Side, scope: Scope) -> None:
        self._a, self._b, self._scope = a, b, scope
        self.differences: list[Difference] = []
        self.notes: list[Note] = []
        self.compared = 0
        self.local = 0
        self.product = 0
        self.one_sided: Counter[tuple[str, bool]] = Counter()
        """(kind, whether extra) → items on one side only of which nothing follows, for coverage is not whole."""
        self.half_stated: Counter[str] = Counter()
        """Kind → properties that only one side states, because its file does not state all of them."""
        self._unlisted: Counter[tuple[str, str]] = Counter()

    def name_unlisted(self, kind: str, *lines: Line) -> None:
        """Count the unlisted properties of one item, seen on one side or on both."""
        for name in {name for line in lines for name in decode_values(line.unlisted)}:
            self._unlisted[kind, name] += 1

    def drift(self) -> Drift:
        """Return everything as one noun, sorted by the table of kinds and by key."""
        gaps, notes = self._gaps(), [*self.notes, *self._counted_notes()]
        order = {name: position for position, name in enumerate(all_kinds())}
        differences = sorted(self.differences, key=lambda each: (order[each.kind], each.key))
        counts = Counter(type(each) for each in differences)
        return Drift(
            format_version=FORMAT_VERSION,
            complete=not gaps,
            primary=_party(self._a.source.header),
            member=_party(self._b.source.header),
            summary=Summary(
                missing=counts[Missing],
                extra=counts[Extra],
                changed=counts[Changed],
                clash=counts[Clash],
                gaps=len(gaps),
                compared=self.compared,
                local=self.local,
                product=self.product,
            ),
            differences=differences,
            gaps=gaps,
            coverage={
                name: CoveragePair(self._scoped_coverage(self._a, name), self._scoped_coverage(self._b, name))
                for name in all_kinds()
            },
            notes=sorted(
                notes, key=lambda note: (note.type.value, order[note.kind], note.key, note.property)
            ),
        )

    def _scoped_coverage(self, side: Side, kind: str) -> Coverage:
        return side.coverage(kind) if self._scope.holds(kind) else Coverage.NOT_LOOKED_AT

    def _gaps(self) -> list[Gap]:
        stated = [
            msgspec.structs.replace(gap, member=side.name)
            for side in (self._a, self._b)
            for gap in side.source.header.gaps
            if self._scope.holds_gap(gap, side.source.header)
        ]
        kinds = (name for name in all_kinds() if self._scope.holds(name))
        return stated + [gap for name in kinds for gap in self._gaps_of_kind(name)]

    def _half_stated_gap(self, name: str) -> Iterator[Gap]:
        """Yield a gap for what one side does not state of an item: it may be anything there."""
        if count := self.half_stated[name]:
            reason = ngettext(
                "{count} property is stated by one side only, because the other's file does not state all of them",
                "{count} properties are stated by one side only, because the other's file does not state all of them",
                count,
            ).format(count=count)
            yield Gap(kind=name, reason=reason)

    def _before_its_time(self, side: Side, kind: str) -> bool:
        """Say whether a side's release is known and has no such kind yet."""
        release = release_parts(side.source.header.facts.release)
        since = release_parts(all_kinds()[kind].since)
        return bool(release and since) and release < since

    def _gaps_of_kind(self, name: str) -> Iterator[Gap]:
        yield from self._half_stated_gap(name)
        for side, other, extra in ((self._b, self._a, False), (self._a, self._b, True)):
            count = self.one_sided[name, extra]
            if side.coverage(name) is Coverage.NOT_LOOKED_AT and self._before_its_time(side, name):
                continue
            if side.coverage(name) is Coverage.NOT_LOOKED_AT and other.coverage(name) in SEEN:
                reason = ngettext(
                    "no file of {side} shows this kind; {other} has {count} item",
                    "no file of {side} shows this kind; {other} has {count} items",
                    count,
                ).format(side=side.name, other=other.name, count=count)
            elif count:
                reason = ngettext(
                    "{count} item of {other} is not in the files of {side}, and one of the two shows this kind only in part (--whole {kind} takes it as whole)",
                    "{count} items of {other} are not in the files of {side}, and one of the two shows this kind only in part (--whole {kind} takes it as whole)",
                    count,
                ).format(side=side.name, other=other.name, count=count, kind=name)
            else:
                continue
            yield Gap(kind=name, member=side.name, reason=reason)

    def _counted_notes(self) -> Iterator[Note]:
        for kind in filter(self._scope.holds, all_kinds()):
            for side, other in ((self._a, self._b), (self._b, self._a)):
                blind = side.coverage(kind) is Coverage.NOT_LOOKED_AT and other.coverage(kind) in SEEN
                if blind and self._before_its_time(side, kind):
                    text = _("the release of {side} has no such items yet").format(side=side.name)
                    yield Note(type=NoteType.VERSION, kind=kind, text=text)
        for (kind, name), count in sorted(self._unlisted.items()):
            text = ngettext(
                "no declaration lists this property; compared by fingerprint on {count} item",
                "no declaration lists this property; compared by fingerprint on {count} items",
                count,
            ).format(count=count)
            yield Note(type=NoteType.UNLISTED, kind=kind, property=name, text=text)


def _party(header: Header) -> Party:
    return Party(
        name=header.member.name,
        member=header.member,
        facts=msgspec.structs.replace(header.facts, observed={}),
        taken_at=header.taken_at,
        sources=list(header.sources),
        extraction=header.extraction,
    )
