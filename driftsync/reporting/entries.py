"""This module lists what was found, one comparison and one difference at a time, for formats that machines read.

Only keys, names of properties and reasons leave here, never a value: what monitoring and CI keep is
read by more people than a report. All of it is English, so that a rule that matches it matches everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from driftsync.language import visible
from driftsync.model import (
    Changed,
    Clash,
    Difference,
    Drift,
    Extra,
    Gap,
    MemberRole,
    Missing,
    Reopened,
    Report,
    Severity,
    Standing,
)

TYPES: dict[type, str] = {Missing: "missing", Extra: "extra", Changed: "changed", Clash: "clash"}
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
NEW, OPEN, ACCEPTED = STANDINGS = ("new", "open", "accepted")
NO_MIRROR = "-"
"""Stands for the mirror where two members are compared whose files name none."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One member against its primary, or why it could not be compared."""

    mirror: str
    primary: str
    member: str
    drift: Drift | None = None
    reason: str = ""
    """Why there is no drift: the member, or its primary, could not be read."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """What earlier runs say of a difference, by key."""
    resolved: int | None = None
    """Differences of earlier runs that are gone; `None` where no run was kept."""

    @property
    def role(self) -> MemberRole:
        """What the member is in its mirror, as far as that is known."""
        return self.drift.member.member.role if self.drift else MemberRole.UNKNOWN

    @property
    def differences(self) -> list[Difference]:
        """Everything that differs; nothing where there was no comparison."""
        return self.drift.differences if self.drift else []

    @property
    def unaccepted(self) -> list[Difference]:
        """The differences that call for somebody: all but what was accepted."""
        return [each for each in self.differences if self.standing(each) != ACCEPTED]

    def standing(self, difference: Difference) -> str:
        """Return `new`, `open` or `accepted`; `open` where no run was kept."""
        known = self.standings.get(difference.key)
        if known is None:
            return OPEN
        return ACCEPTED if known.accepted else NEW if known.new else OPEN

    @property
    def gaps(self) -> list[Gap]:
        """Everything that could not be read or compared within the member."""
        return self.drift.gaps if self.drift else []


def comparisons(found: Drift | Report) -> Iterator[Compared]:
    """Yield every member that was, or should have been, compared, in the order of the report."""
    if isinstance(found, Drift):
        mirror = found.member.member.mirror or found.primary.member.mirror or NO_MIRROR
        yield Compared(
            mirror=plain(mirror),
            primary=plain(found.primary.name),
            member=plain(found.member.name),
            drift=found,
        )
        return
    for each in found.mirrors:
        mirror, primary = plain(each.name), plain(each.primary)
        for drift in each.drifts:
            name = drift.member.name
            yield Compared(
                mirror=mirror,
                primary=primary,
                member=plain(name),
                drift=drift,
                standings=each.night.by_key(name) if each.night else {},
                resolved=sum(gone.member == name for gone in each.night.resolved) if each.night else None,
            )
        for unreadable in each.unreadable:
            reason = f"{unreadable.reason} ({unreadable.hint})" if unreadable.hint else unreadable.reason
            yield Compared(
                mirror=mirror, primary=primary, member=plain(unreadable.member), reason=plain(reason)
            )


def moment(found: Drift | Report) -> datetime:
    """Return when the report was made; for a single comparison, when the older of its sides was read."""
    if isinstance(found, Report):
        return instant(found.taken_at)
    return min(instant(found.primary.taken_at), instant(found.member.taken_at))


def instant(text: str) -> datetime:
    """Read a time as driftsync writes it, as UTC; one that somebody else wrote into a snapshot may be none: 1970."""
    try:
        read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return datetime.fromtimestamp(0, timezone.utc)
    return read.replace(tzinfo=timezone.utc) if read.tzinfo is None else read.astimezone(timezone.utc)


REOPENED = {
    Reopened.EXPIRED: ": accepted until a day that is over",
    Reopened.CHANGED: ": accepted with other values",
}


def properties_of(difference: Difference) -> list[str]:
    """Return the names of the properties that differ; none where the whole item does."""
    if isinstance(difference, (Changed, Clash)):
        return [plain(change.property) for change in difference.changes]
    return []


def line_of(difference: Difference, standing: Standing | None = None) -> str:
    """Say one difference in one line: what sort, which item, which properties, how bad, what is known of it."""
    names = ", ".join(properties_of(difference))
    what = f"{plain(difference.key)}: {names}" if names else plain(difference.key)
    known = f", {known_of(standing)}" if standing else ""
    return f"{TYPES[type(difference)]} {what} [{difference.severity.value}{known}]"


def known_of(standing: Standing) -> str:
    """Say what earlier runs know of a difference."""
    if standing.accepted:
        given = standing.accepted
        return plain(f"accepted by {given.owner} until {given.until}: {given.reason}")
    if standing.new:
        return "new" + (REOPENED[standing.reopened] if standing.reopened else "")
    return f"since {standing.since[:10]}"


def place_of(gap: Gap) -> str:
    """Say what a gap is about, as narrowly as it is known."""
    if gap.key:
        return plain(f"{gap.key} {gap.property}".strip())
    return plain(f"{gap.kind}:{gap.namespace}" if gap.namespace else gap.kind or "(no kind)")


def line_of_gap(gap: Gap) -> str:
    """Say one gap in one line: on which member, what, and why."""
    about = f"{plain(gap.member)} {place_of(gap)}" if gap.member else place_of(gap)
    return f"{about}: {plain(gap.reason)}"


def worst(differences: list[Difference]) -> Severity | None:
    """Return the worst severity, if anything differs."""
    return min((each.severity for each in differences), key=lambda each: each.rank, default=None)


def counted(count: int, one: str) -> str:
    """Say a number of things in English."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def plain(text: str) -> str:
    """Make visible what XML forbids and what a line or UTF-8 cannot hold."""
    return _NO_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04x}", visible(text))
