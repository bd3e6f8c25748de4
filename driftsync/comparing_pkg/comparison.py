"""This module compares a member with its primary: Snapshot × Snapshot → Drift, in constant memory.

Two sorted snapshots are walked in lockstep. Equal bytes are equal items; only lines that differ are looked into,
and only the lists and records among the properties that differ meet deepdiff.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from driftsync.differing import PropertyVerdict, Verdict, worst_of
from driftsync.errors import ProductMismatchError, SnapshotError
from driftsync.files import LINE_DECODER, SnapshotInMemory, damaged_line, decode_values
from driftsync.kinds import all_kinds, parse_key
from driftsync.kinds.spec import Expectation, Kind, Treat
from driftsync.language import _, ngettext
from driftsync.model import (
    FORMAT_VERSION,
    Change,
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
    Product,
    Severity,
    Snapshot,
    Summary,
)
from driftsync.model.drift import Party

EMPTY = b"{}"


class Lines(Protocol):
    """A snapshot that can be walked: a file, or one in memory."""

    header: Header
    place: str

    def lines(self) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class Scope:
    """What is looked at: all kinds, some, or all but some; and whether the product's own items count."""

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    site_only: bool = False

    def holds(self, kind: str) -> bool:
        return kind not in self.without and (not self.only or kind in self.only)

    def holds_gap(self, gap: Gap) -> bool:
        """Say whether a gap is about what is looked at; one that belongs to no kind counts without `only`."""
        return self.holds(gap.kind) if gap.kind else not self.only


def compare(
    primary: Snapshot | Lines,
    member: Snapshot | Lines,
    *,
    scope: Scope | None = None,
    show_local: bool = False,
    cross_product: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Drift:
    """Return all that differs. *Expected* is the primary's, *actual* the member's, always in this order.

    `progress` is told the number of items walked, every few thousand. Raises `ProductMismatchError` for a
    Caché member against an IRIS member unless `cross_product`, and `SnapshotError` for a damaged file.
    """
    a: Lines = SnapshotInMemory(primary) if isinstance(primary, Snapshot) else primary
    b: Lines = SnapshotInMemory(member) if isinstance(member, Snapshot) else member
    products = {each.header.facts.product for each in (a, b)} - {Product.UNKNOWN}
    if len(products) > 1 and not cross_product:
        raise ProductMismatchError(
            f"{a.header.member.name} ({a.header.facts.product.value})",
            f"{b.header.member.name} ({b.header.facts.product.value})",
        )
    comparison = _Comparison(a, b, scope or Scope(), show_local=show_local)
    comparison.walk(progress)
    return comparison.drift()


@dataclass
class _Side:
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


class _Comparison:
    def __init__(self, a: Lines, b: Lines, scope: Scope, *, show_local: bool) -> None:
        self.a, self.b = _Side(a), _Side(b)
        self.scope, self.show_local = scope, show_local
        self.kinds = all_kinds()
        self.differences: list[Difference] = []
        self.notes: list[Note] = []
        self.gaps: list[Gap] = []
        self.compared = self.local = self.product = 0
        self.one_sided: Counter[tuple[str, bool]] = Counter()
        self.unlisted: Counter[tuple[str, str]] = Counter()
        self.half_stated: Counter[str] = Counter()
        same_snapshot = a.header.member == b.header.member and a.header.sources == b.header.sources
        self.verdicts = PropertyVerdict(a.header.facts, b.header.facts, same_member=same_snapshot)
        self.must_look = {name for name, kind in self.kinds.items() if kind.must_differ}

    # -- walking ------------------------------------------------------------------------------------------

    def walk(self, progress: Callable[[int], None] | None) -> None:
        left, right = _Reader(self.a.source), _Reader(self.b.source)
        while True:
            if left.raw is not None and left.raw == right.raw:
                line = left.line
                self._equal(line)
                left.advance()
                right.advance(same_as=line)
            elif left.raw is None and right.raw is None:
                break
            elif right.raw is None or (left.raw is not None and left.line.key < right.line.key):
                self._one_sided(left.line, extra=False)
                left.advance()
            elif left.raw is None or right.line.key < left.line.key:
                self._one_sided(right.line, extra=True)
                right.advance()
            else:
                self._pair(left.line, right.line)
                left.advance()
                right.advance()
            if progress and not (left.number + right.number) % 10_000:
                progress(left.number + right.number)

    def _equal(self, line: Line) -> None:
        kind = line.key.partition(":")[0]
        if not self.scope.holds(kind):
            return
        self.compared += 1
        if bytes(line.unlisted) != EMPTY:
            self._name_unlisted(kind, line)
        if kind in self.must_look:
            self._look_into(self.kinds[kind], line, line)

    def _pair(self, a: Line, b: Line) -> None:
        name = a.key.partition(":")[0]
        if not self.scope.holds(name):
            return
        self.compared += 1
        for line in (a, b):
            if bytes(line.unlisted) != EMPTY:
                self._name_unlisted(name, line)
        if bytes(a.local) != bytes(b.local):
            self.local += 1
            if self.show_local:
                self._note_local(a, b)
        same = bytes(a.compared) == bytes(b.compared) and bytes(a.unlisted) == bytes(b.unlisted)
        if not same or name in self.must_look:
            self._look_into(self._kind(name), a, b)

    def _kind(self, name: str) -> Kind:
        try:
            return self.kinds[name]
        except KeyError:
            raise SnapshotError(
                self.a.source.place,
                _("kind {name} is not known to this driftsync").format(name=name),
                hint=_("update driftsync, or leave it out with --exclude {name}").format(name=name),
            ) from None

    # -- one item on both sides ---------------------------------------------------------------------------

    def _look_into(self, kind: Kind, a: Line, b: Line) -> None:
        namespace, identity = _parts(kind, a.key)
        changes: list[Change] = []
        clashes: list[Change] = []
        severities: list[Severity] = []
        expectation = self._expectation(kind)
        shown = a.spelled or a.key
        verdicts = self.verdicts.of_item(kind, namespace, identity, a, b)
        for verdict in verdicts:
            match verdict.verdict:
                case Verdict.CHANGED:
                    changes.append(verdict.change)
                    severities.append(verdict.severity)
                case Verdict.CLASH:
                    clashes.append(verdict.change)
                    severities.append(verdict.severity)
                case Verdict.HALF_STATED:
                    self.half_stated[kind.name] += 1
                case Verdict.NOTE:
                    self._note_change(kind, shown, verdict.note, verdict.change, verdict.text)
        if clashes:
            self.differences.append(
                Clash(key=shown, kind=kind.name, severity=worst_of(severities), changes=clashes)
            )
        if not changes:
            return
        if expectation is Expectation.FREE:
            for change in changes:
                self._note_change(
                    kind, shown, NoteType.EXPECTED, change, _("may differ on a member of this role")
                )
            return
        severity = Severity.HYGIENE if expectation is Expectation.OPTIONAL else worst_of(severities)
        product = kind.built_in(namespace, identity, decode_values(a.compared))
        self.differences.append(
            Changed(key=shown, kind=kind.name, severity=severity, product=product, changes=changes)
        )

    def _note_change(self, kind: Kind, key: str, note: NoteType, change: Change, text: str) -> None:
        self.notes.append(
            Note(
                type=note,
                kind=kind.name,
                key=key,
                property=change.property,
                expected=change.expected,
                actual=change.actual,
                text=text,
            )
        )

    def _note_local(self, a: Line, b: Line) -> None:
        kind = self._kind(a.key.partition(":")[0])
        expected, actual = decode_values(a.local), decode_values(b.local)
        namespace, identity = _parts(kind, a.key)
        for name in sorted(expected.keys() | actual.keys()):
            if expected.get(name) != actual.get(name):
                declared = self.verdicts.declared(kind, namespace, identity, name)
                change = Change(property=name, expected=expected.get(name), actual=actual.get(name))
                because = (
                    _(declared.because)
                    if declared and declared.because
                    else _("the path as it is on each member")
                )
                self._note_change(kind, a.spelled or a.key, NoteType.LOCAL, change, because)

    def _name_unlisted(self, kind: str, line: Line) -> None:
        for name in decode_values(line.unlisted):
            self.unlisted[kind, name] += 1

    # -- one item on one side -----------------------------------------------------------------------------

    def _one_sided(self, line: Line, *, extra: bool) -> None:
        name = line.key.partition(":")[0]
        if not self.scope.holds(name):
            return
        self.compared += 1
        if bytes(line.unlisted) != EMPTY:
            self._name_unlisted(name, line)
        kind = self._kind(name)
        namespace, identity = _parts(kind, line.key)
        if not self._both_whole(kind.name, namespace, line.key):
            absent = self.a if extra else self.b
            if not absent.explains(kind.name, namespace, line.key):
                self.one_sided[kind.name, extra] += 1
            return
        if kind.per_item and kind.per_item(namespace, identity).treat is Treat.LOCAL:
            self.local += 1
            return
        values = decode_values(line.compared)
        product = kind.built_in(namespace, identity, values)
        shown = line.spelled or line.key
        if self._is_version(kind, namespace, identity, product=product):
            text = _("only one of the two releases has it")
            side = {"actual": values} if extra else {"expected": values}
            self.notes.append(Note(type=NoteType.VERSION, kind=kind.name, key=shown, text=text, **side))
            return
        if kind.by_itself and kind.by_itself(values):
            text = _("IRIS makes it by itself when it is needed")
            side = {"actual": values} if extra else {"expected": values}
            self.notes.append(Note(type=NoteType.EXPECTED, kind=kind.name, key=shown, text=text, **side))
            return
        if self._expectation(kind) is not Expectation.SAME:
            text = _("need not be the same on a member of this role")
            side = {"actual": values} if extra else {"expected": values}
            self.notes.append(Note(type=NoteType.EXPECTED, kind=kind.name, key=shown, text=text, **side))
            return
        self.product += product
        if product and self.scope.site_only:
            return
        severity = self.verdicts.severity_of_item(kind, namespace, identity)
        words: dict[str, Any] = {"key": shown, "kind": kind.name, "severity": severity, "product": product}
        self.differences.append(Extra(actual=values, **words) if extra else Missing(expected=values, **words))

    def _both_whole(self, kind: str, namespace: str, key: str) -> bool:
        return all(
            side.coverage(kind) is Coverage.WHOLE and not side.explains(kind, namespace, key)
            for side in (self.a, self.b)
        )

    def _is_version(self, kind: Kind, namespace: str, identity: str, *, product: bool) -> bool:
        """Say whether an item stands on one side only because the releases differ."""
        if not self.verdicts.other_release or f"{namespace}/{identity}" in kind.optional_items:
            return False
        return product or kind.per_item is not None

    def _expectation(self, kind: Kind) -> Expectation:
        return kind.expectation.get(self.b.source.header.member.role, Expectation.SAME)

    # -- the result ---------------------------------------------------------------------------------------

    def drift(self) -> Drift:
        self._collect_gaps()
        self._collect_counted_notes()
        order = {name: position for position, name in enumerate(self.kinds)}
        differences = sorted(self.differences, key=lambda each: (order[each.kind], each.key))
        counts = Counter(type(each) for each in differences)
        return Drift(
            format_version=FORMAT_VERSION,
            complete=not self.gaps,
            primary=_party(self.a.source.header),
            member=_party(self.b.source.header),
            summary=Summary(
                missing=counts[Missing],
                extra=counts[Extra],
                changed=counts[Changed],
                clash=counts[Clash],
                gaps=len(self.gaps),
                compared=self.compared,
                local=self.local,
                product=self.product,
            ),
            differences=differences,
            gaps=self.gaps,
            coverage={
                name: CoveragePair(self._scoped_coverage(self.a, name), self._scoped_coverage(self.b, name))
                for name in self.kinds
            },
            notes=sorted(
                self.notes, key=lambda note: (note.type.value, order[note.kind], note.key, note.property)
            ),
        )

    def _scoped_coverage(self, side: _Side, kind: str) -> Coverage:
        return side.coverage(kind) if self.scope.holds(kind) else Coverage.NOT_LOOKED_AT

    def _collect_gaps(self) -> None:
        for side in (self.a, self.b):
            self.gaps.extend(
                msgspec.structs.replace(gap, member=side.name)
                for gap in side.source.header.gaps
                if self.scope.holds_gap(gap)
            )
        for name in self.kinds:
            if self.scope.holds(name):
                self._gap_of_kind(name)

    def _gap_of_kind(self, name: str) -> None:
        for side, other, extra in ((self.b, self.a, False), (self.a, self.b, True)):
            count = self.one_sided[name, extra]
            if (
                side.coverage(name) is Coverage.NOT_LOOKED_AT
                and other.coverage(name) is not Coverage.NOT_LOOKED_AT
            ):
                reason = ngettext(
                    "no file of {side} shows this kind; {other} has {count} item",
                    "no file of {side} shows this kind; {other} has {count} items",
                    count,
                ).format(side=side.name, other=other.name, count=count)
            elif count:
                reason = ngettext(
                    "{count} item of {other} is not in the files of {side}, but one of the two shows this kind only in part",
                    "{count} items of {other} are not in the files of {side}, but one of the two shows this kind only in part",
                    count,
                ).format(side=side.name, other=other.name, count=count)
            else:
                continue
            self.gaps.append(Gap(kind=name, member=side.name, reason=reason))

    def _collect_counted_notes(self) -> None:
        for (kind, name), count in sorted(self.unlisted.items()):
            text = ngettext(
                "no declaration lists this property; compared by fingerprint on {count} item",
                "no declaration lists this property; compared by fingerprint on {count} items",
                count,
            ).format(count=count)
            self.notes.append(Note(type=NoteType.UNLISTED, kind=kind, property=name, text=text))
        for kind, count in sorted(self.half_stated.items()):
            text = ngettext(
                "{count} property is stated by one side only, because its file does not state all of them",
                "{count} properties are stated by one side only, because its file does not state all of them",
                count,
            ).format(count=count)
            self.notes.append(Note(type=NoteType.PARTIAL, kind=kind, text=text))


class _Reader:
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


def _parts(kind: Kind, key: str) -> tuple[str, str]:
    """Return namespace and identity of a key in its matching form."""
    rest = key.partition(":")[2]
    if not kind.identity.namespace:
        return "", rest
    namespace, _slash, identity = rest.partition("/")
    return namespace, identity


def _party(header: Header) -> Party:
    return Party(
        name=header.member.name,
        member=header.member,
        facts=header.facts,
        taken_at=header.taken_at,
        sources=list(header.sources),
    )
