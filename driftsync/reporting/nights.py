"""This module says in words what a night knows: what is new, open, resolved and accepted, and which side moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from driftsync.language import N_, _, ngettext
from driftsync.model import MirrorReport, Night, Origin, Resolved, Standing

ORIGINS: Mapping[Origin, str] = {
    Origin.PRIMARY: N_("changed on the primary"),
    Origin.MEMBER: N_("changed on the member: a conflict"),
    Origin.BOTH: N_("changed on both: a conflict"),
    Origin.NEVER: N_("never seen to agree"),
    Origin.PRIMARY_ALONE: N_("the member is as it agreed before; the primary never was"),
}
REOPENED: Mapping[str, str] = {
    "expired": N_("was accepted until a day that is over"),
    "changed": N_("was accepted with other values"),
}
TYPES: Mapping[str, str] = {
    "missing": N_("missing"),
    "extra": N_("extra"),
    "changed": N_("changed"),
    "clash": N_("clash"),
}


def standing_in_words(standing: Standing) -> str:
    """Say in one clause what is known of a difference."""
    origin = _(ORIGINS[standing.origin])
    if standing.accepted:
        return _("accepted by {owner} until {until}: {reason}").format(
            owner=standing.accepted.owner, until=standing.accepted.until, reason=standing.accepted.reason
        )
    if standing.reopened:
        return _("NEW, {why}").format(why=_(REOPENED[standing.reopened]))
    if standing.new:
        return _("NEW, {why}").format(why=origin)
    return _("since {day}, {origin}").format(day=standing.since[:10], origin=origin)


def summary_of(mirror: MirrorReport) -> list[str]:
    """Say in a few sentences how this night compares with the one before; nothing where no store was used."""
    night = mirror.night
    if night is None:
        return []
    sentences = [_counts(night)]
    if night.primary_before:
        sentences.append(
            _("The primary was {before} then and is {now} now.").format(
                before=night.primary_before, now=mirror.primary
            )
        )
    if night.missed:
        sentences.append(
            ngettext(
                "{count} night before this one has no run.",
                "{count} nights before this one have no run.",
                night.missed,
            ).format(count=night.missed)
        )
    return sentences


def _counts(night: Night) -> str:
    if not night.previous:
        return ngettext(
            "First run that is kept: {count} difference.", "First run that is kept: {count} differences.",
            len(night.standings),
        ).format(count=len(night.standings))  # fmt: skip
    accepted = [each for each in night.standings if each.accepted]
    new = sum(each.new and not each.accepted for each in night.standings)
    return _(
        "Since {previous} UTC: {new} new, {open} still open, {resolved} resolved, {accepted} accepted{left}."
    ).format(
        previous=night.previous[:16].replace("T", " "),
        new=new,
        open=len(night.standings) - new - len(accepted),
        resolved=len(night.resolved),
        accepted=len(accepted),
        left=_left(accepted),
    )


def _left(accepted: list[Standing]) -> str:
    days = [days_left(each) for each in accepted]
    if not days:
        return ""
    return ngettext(
        " (the first for {count} more day)", " (the first for {count} more days)", min(days)
    ).format(count=min(days))


def days_left(standing: Standing, today: date | None = None) -> int:
    """Return for how many days an acknowledgement still counts, today included."""
    from datetime import datetime, timezone

    now = today or datetime.now(timezone.utc).date()
    return (date.fromisoformat(standing.accepted.until) - now).days + 1 if standing.accepted else 0


def resolved_in_words(resolved: Resolved) -> str:
    """Say what is no longer there."""
    return _("{key} on {member} ({type} since {day})").format(
        key=resolved.key, member=resolved.member, type=_(TYPES[resolved.type]), day=resolved.since[:10]
    )
