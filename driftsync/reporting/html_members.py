"""This module prepares one member for the HTML page: its counts, its differences by kind, its gaps, what it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from driftsync.kinds import all_kinds
from driftsync.language import N_, _, translated
from driftsync.model import (
    Change,
    Changed,
    Clash,
    Coverage,
    Difference,
    Drift,
    Missing,
    NoteType,
    Severity,
)
from driftsync.model.drift import Party
from driftsync.reporting import wording
from driftsync.reporting.html_nights import ACCEPTED, StandingShown

MEANINGS = {
    "missing": N_("on the primary only"),
    "extra": N_("on the member only"),
    "changed": N_("on both, with other values"),
    "clash": N_("the same, but must differ"),
    "gaps": N_("not read or not comparable"),
}
"""What is counted of a member, by its name in `Summary`."""
LEAST_SEEN_FIRST = (Coverage.NONE, Coverage.PARTIAL, Coverage.NOT_LOOKED_AT, Coverage.WHOLE)
FEW_PROPERTIES = 3
"""As many properties of a missing or extra item stand open; more unfold in a line of their own."""


class Row(NamedTuple):
    id: str
    difference: Difference
    changes: list[tuple[Change, str, str]]
    """Each with both values in words."""
    properties: list[tuple[str, str]]
    """Of an item that only one side has."""
    standing: StandingShown | None

    @property
    def accepted(self) -> bool:
        return self.standing is not None and self.standing.code == ACCEPTED

    @property
    def type(self) -> str:
        return code_of(type(self.difference))

    @property
    def lines(self) -> int:
        """Return how many table rows the difference takes."""
        if self.properties:
            return 2 if len(self.properties) > FEW_PROPERTIES else 1
        return sum(2 if change.detail else 1 for change, _primary, _member in self.changes) or 1


class Group(NamedTuple):
    kind: str
    title: str
    why: str
    portal: str
    mirrored: str
    rows: list[Row]
    """Those that nobody accepted."""
    accepted: list[Row]


class FellBack(NamedTuple):
    """Kinds that were not read by the route that is preferred, or what a member did not say, and why."""

    what: str
    route: str
    why: str


class PartyShown(NamedTuple):
    side: str
    party: Party
    release: str
    read: str
    """How it was read and what that cost, where it was read live."""
    fell_back: list[FellBack]
    unsaid: list[tuple[str, str]]


class NoteShown(NamedTuple):
    about: str
    property: str
    primary: str
    member: str
    text: str


class MemberShown(NamedTuple):
    id: str
    drift: Drift
    states: list[str]
    meaning: list[str]
    counts: list[tuple[str, str, str, int, str]]
    """Of each: code, sign, word, number, what it means."""
    worst: Severity | None
    groups: list[Group]
    gaps: list[tuple[str, str, list[str]]]
    coverage: list[tuple[str, str, list[str]]]
    notes: list[tuple[str, list[NoteShown]]]
    parties: list[PartyShown]

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in (*group.rows, *group.accepted)]

    @property
    def accepted(self) -> list[Row]:
        return [row for group in self.groups for row in group.accepted]

    @property
    def open(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    def standing(self, code: str) -> int:
        """Return how many differences stand so."""
        return sum(row.standing is not None and code in row.standing.codes for row in self.rows)


class Ids:
    """Gives each thing an anchor that can be read, and that no other thing has.

    The template derives others with a tilde, which is therefore in none of these.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, *parts: str) -> str:
        wanted = re.sub(r"[\s\x00-\x1f\"'<>&`~]+", "_", "-".join(parts))
        anchor, number = wanted, 1
        while anchor in self._taken:
            number += 1
            anchor = f"{wanted}-{number}"
        self._taken.add(anchor)
        return anchor


def code_of(type: type[Difference]) -> str:
    """Return what a type of difference is called in classes and fields."""
    return type.__name__.lower()


def worst_of(differences: Iterable[Difference]) -> Severity | None:
    return min((each.severity for each in differences), key=lambda each: each.rank, default=None)


def rank_of(drift: Drift) -> int:
    worst = worst_of(drift.differences)
    return worst.rank if worst else len(Severity)


def member_of(drift: Drift, ids: Ids, standing: Callable[[str], StandingShown | None]) -> MemberShown:
    """Prepare one member; `standing` says of a key how its difference stands."""
    name = drift.member.name
    rows = [_row(each, ids.of(name, each.key), standing(each.key)) for each in drift.differences]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.difference.kind, []).append(row)
    left = any(not row.accepted for row in rows)
    signs = {code_of(each): (wording.SIGNS[each], _(word)) for each, word in wording.TYPES.items()}
    signs["gaps"] = ("?", _("gaps"))
    holds = (("drift", left), ("accepted", rows and not left), ("gap", drift.gaps))
    states = [state for state, true in holds if true]
    return MemberShown(
        id=ids.of("member", name),
        drift=drift,
        states=states or ["clean"],
        meaning=wording.meaning(drift),
        counts=[(code, *signs[code], getattr(drift.summary, code), _(MEANINGS[code])) for code in MEANINGS],
        worst=worst_of(drift.differences),
        groups=[_group(kind, each) for kind, each in groups.items()],
        gaps=wording.folded_gaps(drift.gaps),
        coverage=_coverage(drift),
        notes=_notes(drift),
        parties=[_party(_("primary"), drift.primary), _party(_("member"), drift.member)],
    )


def _party(side: str, party: Party) -> PartyShown:
    release = f"{party.facts.product.value} {party.facts.release}".strip()
    how = party.extraction
    unsaid = [(name or _("everything asked"), why) for name, why in party.facts.unobserved.items()]
    if how is None:
        return PartyShown(side, party, release, "", [], unsaid)
    sentence = _("read live in {seconds:.1f} s with {trips} round trips, by driver {driver}")
    fell_back = [
        FellBack(wording.title_of(kind), reading.route, "; ".join(reading.closed))
        for kind, reading in how.kinds.items()
        if reading.closed
    ]
    read = sentence.format(seconds=how.seconds, trips=how.round_trips, driver=how.driver)
    return PartyShown(side, party, release, read, fell_back, unsaid)


def _group(kind: str, every: list[Row]) -> Group:
    rows, accepted = [row for row in every if not row.accepted], [row for row in every if row.accepted]
    declared = all_kinds().get(kind)
    if declared is None:
        return Group(kind, kind, "", "", _("not known"), rows, accepted)
    how = _(wording.REPLICATED[declared.replicated])
    mirrored = (
        _("{first}. {second}").format(first=how, second=_(declared.replicated_how))
        if declared.replicated_how
        else how
    )
    title, portal = wording.title_of(kind), wording.portal_of(declared)
    return Group(kind, title, _(declared.why), portal, mirrored, rows, accepted)


def _row(difference: Difference, anchor: str, standing: StandingShown | None) -> Row:
    key, kind = difference.key, difference.kind
    if isinstance(difference, (Changed, Clash)):
        changes = [(each, *wording.show_change(each, kind, key)) for each in difference.changes]
        return Row(anchor, difference, changes, [], standing)
    item = difference.expected if isinstance(difference, Missing) else difference.actual
    return Row(anchor, difference, [], wording.show_item(item, kind, key), standing)


def _coverage(drift: Drift) -> list[tuple[str, str, list[str]]]:
    """Group kinds by how much each side saw of them, the least first."""
    pairs: dict[tuple[Coverage, Coverage], list[str]] = {}
    for kind, pair in drift.coverage.items():
        pairs.setdefault((pair.primary, pair.member), []).append(wording.title_of(kind))
    return [
        (_(wording.COVERAGES[pair[0]]), _(wording.COVERAGES[pair[1]]), pairs[pair])
        for pair in sorted(pairs, key=lambda pair: sorted(map(LEAST_SEEN_FIRST.index, pair)))
    ]


def _notes(drift: Drift) -> list[tuple[str, list[NoteShown]]]:
    """Group notes by type; a text that only repeats its type is left out."""
    groups: dict[NoteType, list[NoteShown]] = {}
    for note in drift.notes:
        declared = wording.property_of(note.kind, note.property, note.key)
        primary, member = (
            "" if value is msgspec.UNSET else wording.show(value, declared)
            for value in (note.expected, note.actual)
        )
        title = wording.NOTES[note.type]
        text = "" if note.text == title else translated(note.text)
        about = note.key or wording.title_of(note.kind)
        groups.setdefault(note.type, []).append(NoteShown(about, note.property, primary, member, text))
    return [(_(wording.NOTES[each]), listed) for each, listed in groups.items()]
