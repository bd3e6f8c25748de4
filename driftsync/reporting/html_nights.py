"""This module prepares for the HTML page what nights know: what is new, what is gone, how each difference stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from driftsync.language import N_, _, ngettext
from driftsync.model import MirrorReport, Night, Origin, Standing
from driftsync.reporting import nights

if TYPE_CHECKING:
    from driftsync.reporting.html_members import Row

NEW, OPEN, ACCEPTED, REOPENED, CONFLICT = "new", "open", "accepted", "reopened", "conflict"
STANDINGS: Mapping[str, str] = {
    NEW: N_("new"),
    REOPENED: N_("open again"),
    OPEN: N_("open since earlier"),
    CONFLICT: N_("a conflict"),
    ACCEPTED: N_("accepted"),
}
"""How a difference can stand, by its code in the page; one difference may have several."""
SIGNS: Mapping[str, str] = {NEW: "●", REOPENED: "↻", OPEN: "○", ACCEPTED: "✓"}
SOON = 14
"""Days before its end from which on an acknowledgement is said to end soon."""


class StandingShown(NamedTuple):
    """How one difference stands, in words."""

    codes: list[str]
    sign: str
    badge: str
    origin: str
    """Who moved; empty where that says nothing, at the first run and of what was accepted."""
    accepted_by: str
    reason: str
    soon: bool

    @property
    def code(self) -> str:
        return self.codes[0]

    @property
    def conflict(self) -> bool:
        return CONFLICT in self.codes


class NightShown(NamedTuple):
    """What one run of one mirror looks like beside the one before."""

    sentences: list[str]
    warnings: list[str]
    """What makes the night itself doubtful: nights without a run, another primary, a store that failed."""
    new: list[tuple[str, Row]]
    """Each with the member it is on; conflicts first, then the worst."""
    resolved: list[str]

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to tell beyond the sentence."""
        return not (self.new or self.resolved or self.warnings)


def standing_of(standing: Standing | None, night: Night | None, today: date) -> StandingShown | None:
    """Put the standing of a difference into words; `None` where no store was used."""
    if standing is None or night is None:
        return None
    says_nothing = standing.origin is Origin.NEVER and not standing.new
    origin = _(nights.ORIGINS[standing.origin]) if night.previous and not says_nothing else ""
    conflict = [CONFLICT] if night.previous and nights.is_conflict(standing) else []
    if standing.accepted:
        given, left = standing.accepted, nights.days_left(standing, today)
        return StandingShown(
            [ACCEPTED, *conflict],
            SIGNS[ACCEPTED],
            _("accepted"),
            "",
            ngettext(
                "until {until} (for {count} more day) by {owner}",
                "until {until} (for {count} more days) by {owner}",
                left,
            ).format(until=given.until, count=left, owner=given.owner),
            given.reason,
            left <= SOON,
        )
    code, badge = _badge(standing, first=not night.previous)
    if standing.reopened:
        origin = "; ".join(filter(None, (_(nights.REOPENED[standing.reopened]), origin)))
    codes = [code, *([NEW] if code == REOPENED else []), *conflict]
    return StandingShown(codes, SIGNS[code], badge, origin, "", "", soon=False)


def _badge(standing: Standing, *, first: bool) -> tuple[str, str]:
    if standing.reopened:
        return REOPENED, _("OPEN AGAIN")
    if first:
        return OPEN, _("first seen")
    if standing.new:
        return NEW, _("NEW")
    return OPEN, _("since {day}").format(day=standing.since[:10])


def night_of(mirror: MirrorReport, rows: Iterable[tuple[str, Row]]) -> NightShown | None:
    """Prepare what stands on top of a mirror, from the rows of its members."""
    failed = nights.not_kept_in_words(mirror)
    night = mirror.night
    if night is None:
        return NightShown([], [failed], [], []) if failed else None
    sentence, *warnings = nights.summary_of(mirror)
    new = [(member, row) for member, row in rows if row.standing and NEW in row.standing.codes]
    new.sort(
        key=lambda each: (
            not (each[1].standing and each[1].standing.conflict),
            each[1].difference.severity.rank,
        )
    )
    return NightShown([sentence], warnings, new, list(map(nights.resolved_in_words, night.resolved)))
