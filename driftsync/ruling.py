"""This module applies the rules of the settings to a drift: what is meant to differ is noted, never hidden.

    Drift × rules → Drift, which rules were used, which contradict each other

A rule names what it is about (kind, key, property, member, role) and what follows (`ignore`, `local` or a severity).
Where several fit, the first in the file counts; one that says something else is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec

from driftsync.comparing import severity_of
from driftsync.kinds import parse_key
from driftsync.language import english as _
from driftsync.model import (
    Change,
    Changed,
    Clash,
    Difference,
    Drift,
    Extra,
    MemberRole,
    Missing,
    Note,
    NoteType,
    Severity,
    Summary,
)
from driftsync.settings import RuleSettings, Then

NOTES = {Then.IGNORE: NoteType.IGNORED, Then.LOCAL: NoteType.LOCAL}


@dataclass
class Use:
    """What came of the rules in one run or more."""

    used: set[int] = field(default_factory=set)
    """Rules, by their place, that fitted something."""
    contradictions: dict[tuple[int, int], str] = field(default_factory=dict)
    """Two rules, the one that counted first, and the item or property of which they say different things."""


def rule(drift: Drift, rules: Sequence[RuleSettings], use: Use) -> Drift:
    """Return what is left of a drift under the rules; `use` is told what became of them."""
    if not rules:
        return drift
    ruling = _Ruling(drift, rules, use)
    left = [each for difference in drift.differences for each in ruling.of(difference)]
    counts = Counter(type(each) for each in left)
    product = sum(each.product for each in drift.differences if isinstance(each, Missing | Extra)) - sum(
        each.product for each in left if isinstance(each, Missing | Extra)
    )
    before = drift.summary
    return msgspec.structs.replace(
        drift,
        differences=left,
        notes=[*drift.notes, *ruling.notes],
        summary=Summary(
            missing=counts[Missing],
            extra=counts[Extra],
            changed=counts[Changed],
            clash=counts[Clash],
            gaps=before.gaps,
            compared=before.compared,
            local=before.local + sum(note.type is NoteType.LOCAL for note in ruling.notes),
            product=before.product - product,
        ),
    )


class LeftOut:
    """Which properties the rules leave out of every comparison, whatever the member."""

    def __init__(self, rules: Iterable[RuleSettings]) -> None:
        self._rules = [
            each for each in rules if each.then in NOTES and each.property and not (each.member or each.role)
        ]
        self._of = lru_cache(maxsize=None)(self._patterns)

    def __call__(self, key: str) -> Sequence[str]:
        return self._of(key) if self._rules else ()

    def _patterns(self, key: str) -> tuple[str, ...]:
        kind = key.partition(":")[0]
        return tuple(sorted({each.property for each in self._rules if _is_about(each, kind, key)}))


def remarks_on(rules: Sequence[RuleSettings], use: Use, *, blind: AbstractSet[str] | None) -> list[str]:
    """Say which rules contradict each other, and which fitted nothing.

    `blind` are the kinds of which not everything was seen: nothing is said of a rule that may be about them. `None`
    means that some member was not seen at all.
    """
    remarks = [
        _("rules {first} and {second} say different things of {what}: the first counts").format(
            first=_named(rules, first), second=_named(rules, second), what=what
        )
        for (first, second), what in sorted(use.contradictions.items())
    ]
    if blind is not None:
        remarks += [
            _("rule {rule} fits nothing that differs: take it out when it is not needed any more").format(
                rule=_named(rules, number)
            )
            for number, each in enumerate(rules)
            if number not in use.used and (each.kind or each.key.partition(":")[0]) not in blind
        ]
    return remarks


class _Ruling:
    def __init__(self, drift: Drift, rules: Sequence[RuleSettings], use: Use) -> None:
        self.use, self.notes = use, list[Note]()
        member, role = drift.member.name, drift.member.member.role
        self.rules = [(number, each) for number, each in enumerate(rules) if _is_for(each, member, role)]
        self.drift = drift

    def of(self, difference: Difference) -> list[Difference]:
        """Return the difference as it is left, or nothing."""
        fitting = [
            (number, each) for number, each in self.rules if _is_about(each, difference.kind, difference.key)
        ]
        if not fitting:
            return [difference]
        if isinstance(difference, Missing | Extra):
            return self._one_sided(difference, fitting)
        return self._changed(difference, fitting)

    def _one_sided(
        self, difference: Missing | Extra, fitting: list[tuple[int, RuleSettings]]
    ) -> list[Difference]:
        found = self._first([pair for pair in fitting if not pair[1].property], difference.key)
        if found is None:
            return [difference]
        if severity := found.severity:
            return [msgspec.structs.replace(difference, severity=severity)]
        self.notes.append(
            Note(
                type=NOTES[found.then],
                kind=difference.kind,
                key=difference.key,
                text=found.because,
                by_rule=True,
                expected=difference.expected if isinstance(difference, Missing) else msgspec.UNSET,
                actual=difference.actual if isinstance(difference, Extra) else msgspec.UNSET,
            )
        )
        return []

    def _changed(
        self, difference: Changed | Clash, fitting: list[tuple[int, RuleSettings]]
    ) -> list[Difference]:
        left: list[Change] = []
        severities: list[Severity] = []
        stated = False
        for change in difference.changes:
            about = [pair for pair in fitting if fnmatchcase(change.property, pair[1].property or "*")]
            found = self._first(about, f"{difference.key} {change.property}")
            if found is not None and found.then in NOTES:
                self.notes.append(
                    Note(
                        type=NOTES[found.then],
                        kind=difference.kind,
                        key=difference.key,
                        property=change.property,
                        text=found.because,
                        by_rule=True,
                        expected=change.expected,
                        actual=change.actual,
                    )
                )
                continue
            left.append(change)
            own = found.severity if found is not None else None
            stated = stated or own is not None
            severities.append(own or severity_of(difference, change))
        if not left:
            return []
        unchanged = len(left) == len(difference.changes) and not stated
        severity = difference.severity if unchanged else min(severities, key=lambda each: each.rank)
        return [msgspec.structs.replace(difference, changes=left, severity=severity)]

    def _first(self, fitting: list[tuple[int, RuleSettings]], what: str) -> RuleSettings | None:
        """Return the rule that counts, noting the ones that say something else."""
        if not fitting:
            return None
        first, counts = fitting[0]
        for number, each in fitting:
            self.use.used.add(number)
            if each.then is not counts.then:
                self.use.contradictions.setdefault((first, number), what)
        return counts


def _is_for(each: RuleSettings, member: str, role: MemberRole) -> bool:
    return each.member in {"", member} and each.role in {None, role}


def _is_about(each: RuleSettings, kind: str, key: str) -> bool:
    if each.kind not in {"", kind}:
        return False
    return not each.key or fnmatchcase(key, each.key) or fnmatchcase(parse_key(key).match, each.key)


def _named(rules: Sequence[RuleSettings], number: int) -> str:
    """Say which rule it is: its place in the file, and why it is there."""
    return f"{number + 1} ({rules[number].because})"
