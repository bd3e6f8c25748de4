"""This module writes a drift, a report or readiness as one HTML page that can be mailed, printed and read anywhere.

What the page says is prepared here, what it looks like stands in the template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import partial
from typing import NamedTuple

import jinja2

from driftsync.language import _, chosen, ngettext, translated
from driftsync.model import Difference, Drift, MirrorReport, ReadinessReport, Report, Standing, Unreadable
from driftsync.reporting import html_nights, nights, wording
from driftsync.reporting.html_members import FEW_PROPERTIES, Ids, MemberShown, code_of, member_of, rank_of
from driftsync.reporting.html_nights import NEW, NightShown
from driftsync.reporting.html_readiness import ReadinessShown, readiness_of, worst_first
from driftsync.version import __version__

HTML_LANGUAGES = {"en": "en", "zh_CN": "zh-Hans-CN"}
"""What a browser calls the language of the page: it chooses fonts, line breaks and voices by it."""


class _Mirror(NamedTuple):
    name: str
    primary: str
    members: list[MemberShown]
    unreadable: list[tuple[str, Unreadable]]
    night: NightShown | None = None


@dataclass(frozen=True)
class _Page:
    title: str
    made_at: str
    made_by: str
    mirrors: list[_Mirror]
    alone: bool
    """Whether the page shows one drift: then its verdict is the page's."""
    passed_by: tuple[str, ...] = ()
    """Of mirrors that are not in the report and that a night has passed by, a sentence each."""
    readiness: tuple[ReadinessShown, ...] = ()
    """The answer for each mirror that could be asked, the worst first."""
    checked: bool = False
    """Whether the page is about readiness alone."""

    @property
    def members(self) -> list[MemberShown]:
        return [member for mirror in self.mirrors for member in mirror.members]

    @property
    def told(self) -> list[_Mirror]:
        """The mirrors of which a night is known, those with news first."""
        known = [mirror for mirror in self.mirrors if mirror.night]
        return sorted(known, key=lambda mirror: mirror.night is not None and mirror.night.quiet)

    @property
    def remembers(self) -> bool:
        """Whether it is known how each difference stands."""
        return any(row.standing for member in self.members for row in member.rows)

    @property
    def standings(self) -> list[tuple[str, str, int]]:
        counts = {code: sum(each.standing(code) for each in self.members) for code in html_nights.STANDINGS}
        return [(code, _(word), counts[code]) for code, word in html_nights.STANDINGS.items()]

    @property
    def differences(self) -> list[Difference]:
        return [difference for member in self.members for difference in member.drift.differences]

    @property
    def noise(self) -> int:
        return sum(map(wording.is_noise, self.differences))

    @property
    def types(self) -> list[tuple[str, str, int]]:
        counts = Counter(type(each) for each in self.differences)
        return [(code_of(each), _(word), counts[each]) for each, word in wording.TYPES.items()]

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
        """What matters most of all members: how loud (`drift`, `accepted`, `gap`, `clean`), and the sentence."""
        drifts = [member.drift for member in self.members]
        differing = sum("drift" in member.states for member in self.members)
        accepted = sum("accepted" in member.states for member in self.members)
        new = sum(member.standing(NEW) for member in self.members)
        lost = sum(len(mirror.unreadable) for mirror in self.mirrors)
        partly = sum(bool(drift.gaps) for drift in drifts)
        sentences = [
            (
                "drift" if new else "",
                ngettext("{count} new difference", "{count} new differences", new).format(count=new),
            ),
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
            (
                "accepted" if accepted else "",
                ngettext(
                    "{count} member differs only in what was accepted",
                    "{count} members differ only in what was accepted",
                    accepted,
                ).format(count=accepted),
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
            worst = min(differing, key=lambda each: (each.member.member.role.reports_only, rank_of(each)))
            accepted = [_("All of it was accepted for a time.")] if "drift" not in states else []
            return [
                wording.consequence(worst),
                *accepted,
                *([_(wording.MAY_HIDE)] if "gap" in states else []),
            ]
        if states == {"clean"}:
            return [_("In everything that was looked at, each member would serve as its primary does today.")]
        return [_("No difference was found, but not everything could be looked at: this is no all-clear.")]


def as_html(found: Drift | Report | ReadinessReport) -> str:
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
    environment.globals.update(SIGNS=html_nights.SIGNS)
    environment.filters["moment"] = wording.moment
    ids = Ids()
    if isinstance(found, Drift):
        title = _("{member} against {primary}").format(member=found.member.name, primary=found.primary.name)
        read_at = max(found.primary.taken_at, found.member.taken_at)
        only = _Mirror("", found.primary.name, [member_of(found, ids, lambda _key: None)], [])
        page = _Page(title, read_at, __version__, [only], alone=True)
    elif isinstance(found, ReadinessReport):
        title = ", ".join(each.mirror for each in found.mirrors)
        shown = tuple(worst_first(readiness_of(each, ids) for each in found.mirrors))
        page = _Page(title, found.taken_at, found.driftsync, [], alone=False, readiness=shown, checked=True)
    else:
        title = ", ".join(each.name for each in found.mirrors)
        mirrors = [_mirror(each, ids, _day(found.taken_at)) for each in found.mirrors]
        asked = zip(found.mirrors, mirrors, strict=True)
        ready = [readiness_of(each.readiness, ids, _rows(own, each)) for each, own in asked if each.readiness]
        passed_by = tuple(nights.without_run_in_words(found.without_run))
        page = _Page(
            title,
            found.taken_at,
            found.driftsync,
            mirrors,
            alone=False,
            passed_by=passed_by,
            readiness=tuple(worst_first(ready)),
        )
    return (
        environment.get_template("report.html.j2").render(page=page, language=HTML_LANGUAGES[chosen()]) + "\n"
    )


def _mirror(mirror: MirrorReport, ids: Ids, today: date) -> _Mirror:
    unreadable = [(ids.of("member", each.member), each) for each in mirror.unreadable]
    members = []
    for drift in mirror.drifts:
        known = mirror.night.by_key(drift.member.name) if mirror.night else {}
        members.append(member_of(drift, ids, partial(_standing, mirror, known, today)))
    night = html_nights.night_of(
        mirror, ((member.drift.member.name, row) for member in members for row in member.rows)
    )
    return _Mirror(mirror.name, mirror.primary, members, unreadable, night)


def _rows(shown: _Mirror, mirror: MirrorReport) -> dict[str, str]:
    """Return the anchors of the differences of who would be promoted, by key."""
    promoted = mirror.readiness.promote if mirror.readiness else ""
    return {
        row.difference.key: row.id
        for member in shown.members
        if member.drift.member.name == promoted
        for row in member.rows
    }


def _standing(
    mirror: MirrorReport, known: Mapping[str, Standing], today: date, key: str
) -> html_nights.StandingShown | None:
    return html_nights.standing_of(known.get(key), mirror.night, today)


def _day(moment: str) -> date:
    """Return the day of the report, from which days left are counted; today where it does not say."""
    try:
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(timezone.utc).date()
    except ValueError:
        return datetime.now(timezone.utc).date()
