"""This module writes a drift or a report as one HTML page that can be mailed, printed and read anywhere.

Everything the page says is prepared here; the template only arranges it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import quote

import jinja2
import msgspec

from driftsync.kinds import all_kinds
from driftsync.language import N_, _, ngettext
from driftsync.model import (
    Change,
    Changed,
    Clash,
    Coverage,
    Difference,
    Drift,
    Extra,
    MirrorReport,
    Missing,
    Note,
    NoteType,
    Report,
    Severity,
    Unreadable,
)
from driftsync.model.drift import Party
from driftsync.reporting import wording
from driftsync.version import __version__

MEANINGS: Mapping[str, str] = {
    "missing": N_("on the primary only"),
    "extra": N_("on the member only"),
    "changed": N_("on both, with other values"),
    "clash": N_("the same, but must differ"),
    "gaps": N_("not read or not comparable"),
}
WORST_COVERAGE_FIRST = (Coverage.NONE, Coverage.PARTIAL, Coverage.NOT_LOOKED_AT, Coverage.WHOLE)
LONGEST_VALUE = 240
"""Characters of a value that stand open; the rest unfolds."""
FEW_PROPERTIES = 3
"""As many properties of an item on one side stand open."""


@dataclass(frozen=True)
class _Cell:
    """One value, and how it begins where it is too long to stand open."""

    text: str
    start: str = ""

    @classmethod
    def of(cls, text: str) -> _Cell:
        return cls(text, text[: LONGEST_VALUE // 2].rstrip() + " …" if len(text) > LONGEST_VALUE else "")


@dataclass(frozen=True)
class _Change:
    property: str
    primary: _Cell
    member: _Cell
    detail: list[str]
    unlisted: bool


@dataclass(frozen=True)
class _Row:
    id: str
    type: str
    word: str
    sign: str
    severity: Severity
    severity_word: str
    key: str
    product: bool
    noise: bool
    changes: list[_Change]
    properties: list[tuple[str, _Cell]]
    has: str
    """The side that has an item whole, in words."""
    open: bool

    @property
    def href(self) -> str:
        return "#" + quote(self.id)

    @property
    def lines(self) -> int:
        """Table rows that the difference takes."""
        return sum(2 if each.detail else 1 for each in self.changes) or 1


@dataclass(frozen=True)
class _Group:
    kind: str
    title: str
    why: str
    portal: str
    mirrored: str
    rows: list[_Row]


@dataclass(frozen=True)
class _Count:
    code: str
    sign: str
    word: str
    number: int
    meaning: str


@dataclass(frozen=True)
class _Member:
    id: str
    drift: Drift
    role: str
    state: str
    verdict: str
    meaning: list[str]
    counts: list[_Count]
    worst: tuple[str, str] | None
    groups: list[_Group]
    gaps: list[tuple[str, str, list[str]]]
    coverage: list[tuple[str, str, list[str]]]
    notes: list[tuple[str, list[_Note]]]
    parties: list[tuple[str, Party, str]]


@dataclass(frozen=True)
class _Note:
    about: str
    property: str
    primary: str
    member: str
    text: str


@dataclass(frozen=True)
class _Mirror:
    name: str
    primary: str
    members: list[_Member]
    unreadable: list[tuple[str, Unreadable]]


@dataclass(frozen=True)
class _Page:
    language: str
    title: str
    alone: bool
    """Whether the page shows one drift: then its verdict is the page's."""
    state: str
    verdict: str
    meaning: str
    mirrors: list[_Mirror]
    made_at: str
    made_by: str
    types: list[tuple[str, str, int]]
    severities: list[tuple[str, str, int]]
    kinds: list[tuple[str, str, int]]
    noise: int

    @property
    def members(self) -> list[_Member]:
        return [member for mirror in self.mirrors for member in mirror.members]


class _Ids:
    """Gives each thing an anchor that can be read, and that no other thing has."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def of(self, *parts: str) -> str:
        wanted = re.sub(r"[\s\x00-\x1f\"'<>&`]+", "_", "-".join(parts))
        self._taken[wanted] += 1
        return wanted if self._taken[wanted] == 1 else self.of(f"{wanted}-{self._taken[wanted]}")


def as_html(found: Drift | Report) -> str:
    """Return `found` as one page that needs nothing but itself: no network, no script to be readable."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("driftsync.reporting", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, ngettext=ngettext)
    environment.filters["moment"] = _moment
    return environment.get_template("report.html.j2").render(page=_page(found)) + "\n"


def _page(found: Drift | Report) -> _Page:
    ids = _Ids()
    if isinstance(found, Drift):
        mirrors = [_Mirror("", found.primary.name, [_member(found, ids)], [])]
        made_at, made_by = max(found.primary.taken_at, found.member.taken_at), __version__
        title = _("{member} against {primary}").format(member=found.member.name, primary=found.primary.name)
    else:
        mirrors = [_mirror(each, ids) for each in found.mirrors]
        made_at, made_by = found.taken_at, found.driftsync
        title = ", ".join(each.name for each in found.mirrors)
    drifts = [member.drift for mirror in mirrors for member in mirror.members]
    lost = sum(len(mirror.unreadable) for mirror in mirrors)
    all_of_it = [each for drift in drifts for each in drift.differences]
    by_type = Counter(type(each) for each in all_of_it)
    by_severity = Counter(each.severity for each in all_of_it)
    by_kind = Counter(each.kind for each in all_of_it)
    return _Page(
        language=_("en"),  # translators: the code of your language, zh-CN for instance
        title=title,
        alone=isinstance(found, Drift),
        state=_state(drifts, lost),
        verdict=_verdict(drifts, lost),
        meaning=_meaning(drifts, lost),
        mirrors=mirrors,
        made_at=made_at,
        made_by=made_by,
        types=[(each.__name__.lower(), _(word), by_type[each]) for each, word in wording.TYPES.items()],
        severities=[
            (each.value, _(word), by_severity[each])
            for each, word in wording.SEVERITIES.items()
            if by_severity[each]
        ],
        kinds=sorted(((kind, wording.title_of(kind), by_kind[kind]) for kind in by_kind), key=lambda x: x[1]),
        noise=sum(wording.is_noise(each) for each in all_of_it),
    )


def _state(drifts: Iterable[Drift], lost: int) -> str:
    """Say in one word how loud a page or a member is: `drift`, `gap` or `clean`."""
    drifts = list(drifts)
    if any(drift.differences for drift in drifts):
        return "drift"
    return "clean" if drifts and not lost and all(drift.clean for drift in drifts) else "gap"


def _verdict(drifts: list[Drift], lost: int) -> str:
    """Say in one line what matters most of many members."""
    parts = []
    differing = sum(bool(drift.differences) for drift in drifts)
    if differing:
        parts.append(
            ngettext(
                "{count} of {all} members differs from its primary",
                "{count} of {all} members differ from their primary",
                differing,
            ).format(count=differing, all=len(drifts))
        )
    if lost:
        parts.append(
            ngettext(
                "{count} member could not be read or compared",
                "{count} members could not be read or compared",
                lost,
            ).format(count=lost)
        )
    silent = sum(bool(drift.gaps and not drift.differences) for drift in drifts)
    if silent:
        parts.append(
            ngettext(
                "{count} member could only be compared in part",
                "{count} members could only be compared in part",
                silent,
            ).format(count=silent)
        )
    if not drifts and not lost:
        return _("there was no member to compare")
    return _(", ").join(parts) or ngettext(
        "no drift: {count} member agrees with its primary",
        "no drift: {count} members agree with their primary",
        len(drifts),
    ).format(count=len(drifts))


def _meaning(drifts: list[Drift], lost: int) -> str:
    """Say what the worst of many members would mean after a failover."""
    worst = _worst(difference for drift in drifts for difference in drift.differences)
    if worst:
        return _(wording.CONSEQUENCES[worst])
    if lost or not all(drift.clean for drift in drifts):
        return _("No difference was found, but not everything could be looked at: this is no all-clear.")
    return wording.consequence(drifts[0]) if drifts else ""


def _worst(differences: Iterable[Difference]) -> Severity | None:
    return min((each.severity for each in differences), key=lambda each: each.rank, default=None)


def _mirror(mirror: MirrorReport, ids: _Ids) -> _Mirror:
    unreadable = [(ids.of(mirror.name, each.member), each) for each in mirror.unreadable]
    return _Mirror(mirror.name, mirror.primary, [_member(each, ids) for each in mirror.drifts], unreadable)


def _member(drift: Drift, ids: _Ids) -> _Member:
    summary, name = drift.summary, drift.member.name
    signs = {each.__name__.lower(): (wording.SIGNS[each], _(word)) for each, word in wording.TYPES.items()}
    signs["gaps"] = ("?", _("gaps"))
    worst = _worst(drift.differences)
    meaning = [wording.consequence(drift)]
    if drift.differences and drift.gaps:
        meaning.append(_("What could not be read or compared may hide more."))
    return _Member(
        id=ids.of("member", name),
        drift=drift,
        role=_(wording.ROLES[drift.member.member.role]),
        state=_state([drift], 0),
        verdict=wording.verdict(drift),
        meaning=meaning,
        counts=[
            _Count(code, *signs[code], getattr(summary, code), _(words)) for code, words in MEANINGS.items()
        ],
        worst=(worst.value, _(wording.SEVERITIES[worst])) if worst else None,
        groups=[_group(kind, each, name, ids) for kind, each in wording.by_kind(drift).items()],
        gaps=wording.folded_gaps(drift.gaps),
        coverage=_coverage(drift),
        notes=_notes(drift.notes),
        parties=[(side, party, _release(party)) for side, party in _sides(drift)],
    )


def _sides(drift: Drift) -> list[tuple[str, Party]]:
    return [(_("primary"), drift.primary), (_("member"), drift.member)]


def _release(party: Party) -> str:
    return f"{party.facts.product.value} {party.facts.release}".strip()


def _group(kind: str, differences: list[Difference], member: str, ids: _Ids) -> _Group:
    declared = all_kinds().get(kind)
    mirrored = _(wording.REPLICATED[declared.replicated]) if declared else _("not known")
    if declared and declared.replicated_how:
        mirrored = f"{mirrored}. {_(declared.replicated_how)}"
    return _Group(
        kind=kind,
        title=wording.title_of(kind),
        why=_(declared.why) if declared else "",
        portal=wording.portal_of(declared) if declared else "",
        mirrored=mirrored,
        rows=[_row(each, ids.of(member, each.key)) for each in differences],
    )


def _row(difference: Difference, anchor: str) -> _Row:
    key, kind = difference.key, difference.kind
    changes: list[_Change] = []
    properties: list[tuple[str, str]] = []
    has = ""
    match difference:
        case Changed() | Clash():
            changes = [_change(each, kind, key) for each in difference.changes]
        case Missing():
            has, properties = "primary", wording.show_item(difference.expected, kind, key)
        case Extra():
            has, properties = "member", wording.show_item(difference.actual, kind, key)
    return _Row(
        id=anchor,
        type=type(difference).__name__.lower(),
        word=_(wording.TYPES[type(difference)]),
        sign=wording.SIGNS[type(difference)],
        severity=difference.severity,
        severity_word=_(wording.SEVERITIES[difference.severity]),
        key=key,
        product=difference.product,
        noise=wording.is_noise(difference),
        changes=changes,
        properties=[(name, _Cell.of(value)) for name, value in properties],
        has=has,
        open=len(properties) <= FEW_PROPERTIES,
    )


def _change(change: Change, kind: str, key: str) -> _Change:
    expected, actual = wording.show_change(change, kind, key)
    return _Change(change.property, _Cell.of(expected), _Cell.of(actual), change.detail, change.unlisted)


def _coverage(drift: Drift) -> list[tuple[str, str, list[str]]]:
    """Group kinds by how much each side saw of them, the least first."""
    pairs: dict[tuple[Coverage, Coverage], list[str]] = {}
    for kind, pair in drift.coverage.items():
        pairs.setdefault((pair.primary, pair.member), []).append(wording.title_of(kind))
    rank = WORST_COVERAGE_FIRST.index
    return [
        (_(wording.COVERAGES[primary]), _(wording.COVERAGES[member]), kinds)
        for (primary, member), kinds in sorted(
            pairs.items(), key=lambda each: tuple(sorted(map(rank, each[0])))
        )
    ]


def _notes(notes: Iterable[Note]) -> list[tuple[str, list[_Note]]]:
    groups: dict[NoteType, list[_Note]] = {}
    for note in notes:
        title = wording.NOTES[note.type]
        declared = wording.property_of(note.kind, note.property, note.key)
        primary, member = (
            "" if value is msgspec.UNSET else wording.show(value, declared)
            for value in (note.expected, note.actual)
        )
        text = "" if note.text in {title, _(title)} else note.text
        about = note.key or wording.title_of(note.kind)
        groups.setdefault(note.type, []).append(_Note(about, note.property, primary, member, text))
    return [(_(wording.NOTES[each]), listed) for each, listed in groups.items()]


def _moment(text: str) -> str:
    """Write a moment as a person reads it, in UTC; what is no moment stays as it is."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    if moment.tzinfo is None:
        return moment.strftime("%Y-%m-%d %H:%M")
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
