"""This module says in words what a night knows: what is new, open, resolved and accepted, and which side moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from driftsync.language import N_, _, ngettext, translated
from driftsync.model import MirrorReport, Night, Origin, Reopened, Resolved, Standing, WithoutRun
from driftsync.reporting.wording import clauses

ORIGINS: Mapping[Origin, str] = {
    Origin.PRIMARY: N_("changed on the primary"),
    Origin.MEMBER: N_("changed on the member: a conflict"),
    Origin.BOTH: N_("changed on both: a conflict"),
    Origin.NEVER: N_("never seen to agree"),
    Origin.PRIMARY_ALONE: N_("the member is as the mirror was; this primary never was so"),
}
REOPENED: Mapping[Reopened, str] = {
    Reopened.EXPIRED: N_("was accepted until a day that is over"),
    Reopened.CHANGED: N_("was accepted with other values"),
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
    since = _("since {day}").format(day=standing.since[:10])
    words = [origin]
    if standing.reopened:
        words.insert(0, _(REOPENED[standing.reopened]))
    elif standing.altered:
        words = [_("with other values than before"), since, origin]
    if not standing.new:
        words.insert(0, since)
    return clauses(*([_("NEW")] if standing.new else []), *words)


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
    if night.unseen:
        sentences.append(
            ngettext(
                "{count} difference of earlier runs could not be looked for and stays open.",
                "{count} differences of earlier runs could not be looked for and stay open.",
                night.unseen,
            ).format(count=night.unseen)
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


def without_run_in_words(found: list[WithoutRun]) -> list[str]:
    """Name the mirrors that a night has passed by, as a loud sentence each: nobody knows what they hold."""
    return [
        _("Mirror {name} is not in this report; its last run was on {day}.").format(
            name=each.mirror, day=each.last[:10]
        )
        if each.last
        else _("Mirror {name} is not in this report and never had a run.").format(name=each.mirror)
        for each in found
    ]


def not_kept_in_words(mirror: MirrorReport) -> str:
    """Say why this run could not be kept; empty where it was, or where no store was used."""
    if not mirror.not_kept:
        return ""
    return _("This run could not be kept, so nothing is known of what is new: {reason}").format(
        reason=translated(mirror.not_kept)
    )


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
        left=_left(accepted, date.fromisoformat(night.at[:10])),
    )


def _left(accepted: list[Standing], today: date) -> str:
    days = [days_left(each, today) for each in accepted]
    if not days:
        return ""
    return ngettext(
        " (the first for {count} more day)", " (the first for {count} more days)", min(days)
    ).format(count=min(days))


def is_conflict(standing: Standing) -> bool:
    """Say whether somebody changed the member where only the primary should be changed."""
    return standing.origin in {Origin.MEMBER, Origin.BOTH}


def days_left(standing: Standing, today: date) -> int:
    """Return for how many days an acknowledgement still counts, `today` included."""
    return (date.fromisoformat(standing.accepted.until) - today).days + 1 if standing.accepted else 0


def resolved_in_words(resolved: Resolved) -> str:
    """Say what is no longer there."""
    text = _("{key} on {member} ({type} since {day})").format(
        key=resolved.key, member=resolved.member, type=_(TYPES[resolved.type]), day=resolved.since[:10]
    )
    return (
        _("{difference}: counts no more, {because}").format(
            difference=text, because=translated(resolved.because)
        )
        if resolved.because
        else text
    )
