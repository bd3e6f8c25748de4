"""This module writes a drift or a report as one HTML page that can be mailed, printed and read anywhere.

What the page says is prepared here, what it looks like stands in the template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import NamedTuple

import jinja2
import msgspec

from driftsync.kinds import all_kinds
from driftsync.language import N_, _, chosen, ngettext, translated
from driftsync.model import (
    Change,
    Changed,
    Clash,
    Coverage,
    Difference,
    Drift,
    MirrorReport,
    Missing,
    NoteType,
    Report,
    Severity,
    Unreadable,
)
from driftsync.model.drift import Party
from driftsync.reporting import wording
from driftsync.version import __version__

MEANINGS = {
    "missing": N_("on the primary only"),
    "extra": N_("on the member only"),
    "changed": N_("on both, with other values"),
    "clash": N_("the same, but must differ"),
    "gaps": N_("not read or not comparable"),
}
"""What is counted of a member, by its name in `Summary`."""
HTML_LANGUAGES = {"en": "en", "zh_CN": "zh-Hans-CN"}
"""What a browser calls the language of the page: it chooses fonts, line breaks and voices by it."""
LEAST_SEEN_FIRST = (Coverage.NONE, Coverage.PARTIAL, Coverage.NOT_LOOKED_AT, Coverage.WHOLE)
FEW_PROPERTIES = 3
"""As many properties of a missing or extra item stand open; more unfold in a line of their own."""


class _Row(NamedTuple):
    id: str
    difference: Difference
    changes: list[tuple[Change, str, str]]
    """Each with both values in words."""
    properties: list[tuple[str, str]]
    """Of an item that only one side has."""

    @property
    def type(self) -> str:
        return _code(type(self.difference))

    @property
    def lines(self) -> int:
        """Return how many table rows the difference takes."""
        if self.properties:
            return 2 if len(self.properties) > FEW_PROPERTIES else 1
        return sum(2 if change.detail else 1 for change, _primary, _member in self.changes) or 1


class _Group(NamedTuple):
    kind: str
    title: str
    why: str
    portal: str
    mirrored: str
    rows: list[_Row]


class _Note(NamedTuple):
    about: str
    property: str
    primary: str
    member: str
    text: str


class _Member(NamedTuple):
    id: str
    drift: Drift
    states: list[str]
    meaning: list[str]
    counts: list[tuple[str, str, str, int, str]]
    """Of each: code, sign, word, number, what it means."""
    worst: Severity | None
    groups: list[_Group]
    gaps: list[tuple[str, str, list[str]]]
    coverage: list[tuple[str, str, list[str]]]
    notes: list[tuple[str, list[_Note]]]
    parties: list[tuple[str, Party, str]]


class _Mirror(NamedTuple):
    name: str
    primary: str
    members: list[_Member]
    unreadable: list[tuple[str, Unreadable]]


@dataclass(frozen=True)
class _Page:
    title: str
    made_at: str
    made_by: str
    mirrors: list[_Mirror]
    alone: bool
    """Whether the page shows one drift: then its verdict is the page's."""

    @property
    def members(self) -> list[_Member]:
        return [member for mirror in self.mirrors for member in mirror.members]

    @property
    def differences(self) -> list[Difference]:
        return [difference for member in self.members for difference in member.drift.differences]

    @property
    def noise(self) -> int:
        return sum(map(wording.is_noise, self.differences))

    @property
    def types(self) -> list[tuple[str, str, int]]:
        counts = Counter(type(each) for each in self.differences)
        return [(_code(each), _(word), counts[each]) for each, word in wording.TYPES.items()]

    @property
    def severities(self) -> list[tuple[str, str, int]]:
        counts = Counter(each.severity for each in self.differences)
        return [(each.value, _(word), counts[each]) for each, word in wording.SEVERITIES.items()]

    @property
    def kinds(self) -> list[tuple[str, str, int]]:
        counts = Counter(each.kind for each in self.differences)
        return sorted(((each, wording.title_of(each), counts[each]) for each in counts), key=lambda x: x[1])

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """What matters most of all members: how loud (`drift`, `gap`, `clean`), and the sentence."""
        drifts = [member.drift for member in self.members]
        differing = sum(bool(drift.differences) for drift in drifts)
        lost = sum(len(mirror.unreadable) for mirror in self.mirrors)
        partly = sum(bool(drift.gaps) for drift in drifts)
        sentences = [
            (
                "drift" if differing else "",
                ngettext(
                    "{count} of {all} members differs from its primary",
                    "{count} of {all} members differ from their primary",
                    differing,
                ).format(count=differing, all=len(drifts) + lost),
            ),
            (
                "gap" if lost else "",
                ngettext(
                    "{count} member could not be read or compared at all",
                    "{count} members could not be read or compared at all",
                    lost,
                ).format(count=lost),
            ),
            (
                "gap" if partly else "",
                ngettext(
                    "{count} member could be compared only in part",
                    "{count} members could be compared only in part",
                    partly,
                ).format(count=partly),
            ),
            (
                "clean" if drifts and all(drift.clean for drift in drifts) and not lost else "",
                ngettext(
                    "no drift: {count} member agrees with its primary",
                    "no drift: {count} members agree with their primary",
                    len(drifts),
                ).format(count=len(drifts)),
            ),
            ("gap" if not drifts and not lost else "", _("there was no member to compare")),
        ]
        return [(state, sentence) for state, sentence in sentences if state]

    @property
    def meaning(self) -> list[str]:
        """What the worst of all members would mean after a failover."""
        drifts = [member.drift for member in self.members]
        differing = [drift for drift in drifts if drift.differences]
        states = {state for state, _sentence in self.verdicts}
        if differing:
            # a member that never takes over decides only where no other differs
            worst = min(differing, key=lambda each: (each.member.member.role.reports_only, _rank(each)))
            return [wording.consequence(worst), *([_(wording.MAY_HIDE)] if "gap" in states else [])]
        if states == {"clean"}:
            return [_("In everything that was looked at, each member would serve as its primary does today.")]
        return [_("No difference was found, but not everything could be looked at: this is no all-clear.")]


class _Ids:
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


def as_html(found: Drift | Report) -> str:
    """Return `found` as one page that needs nothing but itself: no network, and no script to be readable."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("driftsync.reporting", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=_, translated=translated, ngettext=ngettext, wording=wording, FEW=FEW_PROPERTIES
    )
    environment.filters["moment"] = _moment
    ids = _Ids()
    if isinstance(found, Drift):
        title = _("{member} against {primary}").format(member=found.member.name, primary=found.primary.name)
        read_at = max(found.primary.taken_at, found.member.taken_at)
        only = _Mirror("", found.primary.name, [_member(found, ids)], [])
        page = _Page(title, read_at, __version__, [only], alone=True)
    else:
        title = ", ".join(each.name for each in found.mirrors)
        mirrors = [_mirror(each, ids) for each in found.mirrors]
        page = _Page(title, found.taken_at, found.driftsync, mirrors, alone=False)
    return (
        environment.get_template("report.html.j2").render(page=page, language=HTML_LANGUAGES[chosen()]) + "\n"
    )


def _code(type: type[Difference]) -> str:
    """Return what a type of difference is called in classes and fields."""
    return type.__name__.lower()


def _worst(differences: Iterable[Difference]) -> Severity | None:
    return min((each.severity for each in differences), key=lambda each: each.rank, default=None)


def _rank(drift: Drift) -> int:
    worst = _worst(drift.differences)
    return worst.rank if worst else len(Severity)


def _mirror(mirror: MirrorReport, ids: _Ids) -> _Mirror:
    unreadable = [(ids.of("member", each.member), each) for each in mirror.unreadable]
    return _Mirror(mirror.name, mirror.primary, [_member(each, ids) for each in mirror.drifts], unreadable)


def _member(drift: Drift, ids: _Ids) -> _Member:
    name = drift.member.name
    signs = {_code(each): (wording.SIGNS[each], _(word)) for each, word in wording.TYPES.items()}
    signs["gaps"] = ("?", _("gaps"))
    states = [state for state, holds in (("drift", drift.differences), ("gap", drift.gaps)) if holds]
    return _Member(
        id=ids.of("member", name),
        drift=drift,
        states=states or ["clean"],
        meaning=wording.meaning(drift),
        counts=[(code, *signs[code], getattr(drift.summary, code), _(MEANINGS[code])) for code in MEANINGS],
        worst=_worst(drift.differences),
        groups=[_group(kind, each, name, ids) for kind, each in wording.by_kind(drift).items()],
        gaps=wording.folded_gaps(drift.gaps),
        coverage=_coverage(drift),
        notes=_notes(drift),
        parties=[
            (side, party, f"{party.facts.product.value} {party.facts.release}".strip())
            for side, party in ((_("primary"), drift.primary), (_("member"), drift.member))
        ],
    )


def _group(kind: str, differences: list[Difference], member: str, ids: _Ids) -> _Group:
    rows = [_row(each, ids.of(member, each.key)) for each in differences]
    declared = all_kinds().get(kind)
    if declared is None:
        return _Group(kind, kind, "", "", _("not known"), rows)
    how = _(wording.REPLICATED[declared.replicated])
    mirrored = (
        _("{first}. {second}").format(first=how, second=_(declared.replicated_how))
        if declared.replicated_how
        else how
    )
    title, portal = wording.title_of(kind), wording.portal_of(declared)
    return _Group(kind, title, _(declared.why), portal, mirrored, rows)


def _row(difference: Difference, anchor: str) -> _Row:
    key, kind = difference.key, difference.kind
    if isinstance(difference, (Changed, Clash)):
        changes = [(each, *wording.show_change(each, kind, key)) for each in difference.changes]
        return _Row(anchor, difference, changes, [])
    item = difference.expected if isinstance(difference, Missing) else difference.actual
    return _Row(anchor, difference, [], wording.show_item(item, kind, key))


def _coverage(drift: Drift) -> list[tuple[str, str, list[str]]]:
    """Group kinds by how much each side saw of them, the least first."""
    pairs: dict[tuple[Coverage, Coverage], list[str]] = {}
    for kind, pair in drift.coverage.items():
        pairs.setdefault((pair.primary, pair.member), []).append(wording.title_of(kind))
    return [
        (_(wording.COVERAGES[pair[0]]), _(wording.COVERAGES[pair[1]]), pairs[pair])
        for pair in sorted(pairs, key=lambda pair: sorted(map(LEAST_SEEN_FIRST.index, pair)))
    ]


def _notes(drift: Drift) -> list[tuple[str, list[_Note]]]:
    """Group notes by type; a text that only repeats its type is left out."""
    groups: dict[NoteType, list[_Note]] = {}
    for note in drift.notes:
        declared = wording.property_of(note.kind, note.property, note.key)
        primary, member = (
            "" if value is msgspec.UNSET else wording.show(value, declared)
            for value in (note.expected, note.actual)
        )
        title = wording.NOTES[note.type]
        text = "" if note.text == title else translated(note.text)
        about = note.key or wording.title_of(note.kind)
        groups.setdefault(note.type, []).append(_Note(about, note.property, primary, member, text))
    return [(_(wording.NOTES[each]), listed) for each, listed in groups.items()]


def _moment(text: str) -> str:
    """Write a moment as a person reads it; what is no moment stays as it is."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    if moment.tzinfo is None:
        return moment.strftime("%Y-%m-%d %H:%M")
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
