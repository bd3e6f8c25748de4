"""This module compares a member with its primary: Snapshot × Snapshot → Drift.

Two sorted snapshots are walked in lockstep. Equal bytes are equal items; only lines that differ are looked into,
and only the lists and records among the properties that differ meet deepdiff.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from driftsync.comparing.editing import edited
from driftsync.comparing.findings import Findings
from driftsync.comparing.judging import PropertyVerdict, Verdict, worst_of
from driftsync.comparing.scope import Scope, Side
from driftsync.comparing.walking import Lines, Reader
from driftsync.errors import ProductMismatchError, SnapshotError
from driftsync.files import SnapshotInMemory, decode_values
from driftsync.kinds import all_kinds, declaration
from driftsync.kinds.spec import Expectation, Kind, Treat
from driftsync.language import english as _
from driftsync.model import (
    Change,
    Changed,
    Clash,
    Coverage,
    Drift,
    Extra,
    Line,
    Missing,
    Note,
    NoteType,
    Product,
    Severity,
    Snapshot,
)

EMPTY = msgspec.Raw(b"{}")


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
    return comparison.found.drift()


class _Comparison:
    def __init__(self, a: Lines, b: Lines, scope: Scope, *, show_local: bool) -> None:
        self.a, self.b = Side(a), Side(b)
        self.scope, self.show_local = scope, show_local
        self.kinds = all_kinds()
        self.found = Findings(self.a, self.b, scope)
        same_snapshot = a.header.member == b.header.member and a.header.sources == b.header.sources
        self.verdicts = PropertyVerdict(a.header, b.header, same_member=same_snapshot)
        self.must_look = {name for name, kind in self.kinds.items() if kind.must_differ}

    # -- walking ------------------------------------------------------------------------------------------

    def walk(self, progress: Callable[[int], None] | None) -> None:
        left, right = Reader(self.a.source), Reader(self.b.source)
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
        self.found.compared += 1
        if line.unlisted != EMPTY:
            self.found.name_unlisted(kind, line)
        if kind in self.must_look:
            self._look_into(self.kinds[kind], line, line)

    def _pair(self, a: Line, b: Line) -> None:
        name = a.key.partition(":")[0]
        if not self.scope.holds(name):
            return
        self.found.compared += 1
        if a.unlisted != EMPTY or b.unlisted != EMPTY:
            self.found.name_unlisted(name, a, b)
        if a.local != b.local:
            self.found.local += 1
            if self.show_local:
                self._note_local(a, b)
        same = a.compared == b.compared and a.unlisted == b.unlisted
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
                    self.found.half_stated[kind.name] += 1
                case Verdict.NOTE:
                    self._note_change(kind, shown, verdict.note, verdict.change, verdict.text)
        if clashes:
            self.found.differences.append(
                Clash(
                    key=shown,
                    kind=kind.name,
                    severity=worst_of(severities),
                    changes=clashes,
                    edited=edited(kind, a, b),
                )
            )
        if not changes:
            return
        severity = self._as_bad_as_it_gets(
            Severity.HYGIENE if expectation is Expectation.OPTIONAL else worst_of(severities)
        )
        product = kind.built_in(namespace, identity, decode_values(a.compared))
        self.found.differences.append(
            Changed(
                key=shown,
                kind=kind.name,
                severity=severity,
                product=product,
                changes=changes,
                edited=edited(kind, a, b),
            )
        )

    def _note_change(self, kind: Kind, key: str, note: NoteType, change: Change, text: str) -> None:
        self.found.notes.append(
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
                declared = declaration(kind, namespace, identity, name)
                change = Change(property=name, expected=expected.get(name), actual=actual.get(name))
                because = (
                    _(declared.because)
                    if declared and declared.because
                    else _("the path as it is on each member")
                )
                self._note_change(kind, a.spelled or a.key, NoteType.LOCAL, change, because)

    # -- one item on one side -----------------------------------------------------------------------------

    def _one_sided(self, line: Line, *, extra: bool) -> None:
        name = line.key.partition(":")[0]
        if not self.scope.holds(name):
            return
        self.found.compared += 1
        if line.unlisted != EMPTY:
            self.found.name_unlisted(name, line)
        kind = self._kind(name)
        namespace, identity = _parts(kind, line.key)
        if not self._both_whole(kind.name, namespace, line.key):
            absent = self.a if extra else self.b
            if not absent.explains(kind.name, namespace, line.key):
                self.found.one_sided[kind.name, extra] += 1
            return
        if kind.per_item and kind.per_item(namespace, identity).treat is Treat.LOCAL:
            self.found.local += 1
            return
        values = decode_values(line.compared)
        product = kind.built_in(namespace, identity, values)
        shown = line.spelled or line.key
        excuse = self._excuse(kind, namespace, identity, values, product=product)
        if excuse:
            note, text = excuse
            expected, actual = (msgspec.UNSET, values) if extra else (values, msgspec.UNSET)
            self.found.notes.append(
                Note(type=note, kind=kind.name, key=shown, text=text, expected=expected, actual=actual)
            )
            return
        self.found.product += product
        if product and self.scope.site_only:
            return
        severity = self._as_bad_as_it_gets(self.verdicts.severity_of_item(kind, namespace, identity))
        known = edited(kind, None, line) if extra else edited(kind, line, None)
        words: dict[str, Any] = {
            "key": shown,
            "kind": kind.name,
            "severity": severity,
            "product": product,
            "edited": known,
        }
        self.found.differences.append(
            Extra(actual=values, **words) if extra else Missing(expected=values, **words)
        )

    def _both_whole(self, kind: str, namespace: str, key: str) -> bool:
        return all(
            side.coverage(kind) is Coverage.WHOLE and not side.explains(kind, namespace, key)
            for side in (self.a, self.b)
        )

    def _excuse(
        self, kind: Kind, namespace: str, identity: str, values: dict[str, Any], *, product: bool
    ) -> tuple[NoteType, str] | None:
        """Say why an item that stands on one side only is no drift, `None` where it is."""
        if self._is_version(kind, namespace, identity, product=product):
            return NoteType.VERSION, _("only one of the two releases has it")
        if kind.compared_if and self.verdicts.known_false(kind.compared_if):
            return NoteType.LOCAL, _("no virtual address is in use, so each member may have its own")
        if kind.by_itself and kind.by_itself(values):
            return NoteType.EXPECTED, _("IRIS makes it by itself when it is needed")
        if self._expectation(kind) is not Expectation.SAME:
            return NoteType.EXPECTED, _("need not be the same on a member of this role")
        return None

    def _is_version(self, kind: Kind, namespace: str, identity: str, *, product: bool) -> bool:
        """Say whether an item stands on one side only because the releases differ."""
        if not self.verdicts.other_release or f"{namespace}/{identity}" in kind.optional_items:
            return False
        return product or kind.per_item is not None

    def _as_bad_as_it_gets(self, severity: Severity) -> Severity:
        """Return the severity on this member: one that never takes over cannot fail a failover."""
        reports_only = self.b.source.header.member.role.reports_only
        return Severity.APPLICATION if reports_only and severity is Severity.FAILOVER else severity

    def _expectation(self, kind: Kind) -> Expectation:
        return kind.expectation.get(self.b.source.header.member.role, Expectation.SAME)


def _parts(kind: Kind, key: str) -> tuple[str, str]:
    """Return namespace and identity of a key in its matching form."""
    rest = key.partition(":")[2]
    if not kind.identity.namespace:
        return "", rest
    namespace, _slash, identity = rest.partition("/")
    return namespace, identity
