"""This module makes of a report what is to be told of it: what is accepted is counted, the rest is told worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import NamedTuple

import msgspec

from driftsync.delivering.message import MemberTold, Message, MirrorTold, State, Told
from driftsync.language import _, ngettext, translated, visible
from driftsync.model import (
    Changed,
    Clash,
    Difference,
    Drift,
    MemberRole,
    MirrorReport,
    Report,
    Severity,
    Standing,
    Verdict,
)
from driftsync.reporting import wording
from driftsync.reporting.readiness import mark_of, summary_of

LISTED = 200
"""As many differences are named, the worst first; the others are counted, and stand in the report."""

READY = {Verdict.READY: True, Verdict.NOT_READY: False}
LONGEST_NAMES = 80
"""Characters of the names of mirrors in a subject."""


def message_of(report: Report, *, link: str = "") -> Message:
    """Return what is to be told of a report; of what was accepted only how much it is."""
    mirrors = [_mirror(each) for each in report.mirrors]
    found = sorted((each for mirror in report.mirrors for each in open_of(mirror)), key=_order)
    told = [_told(each) for each in found[:LISTED]]
    nights = [mirror.night for mirror in report.mirrors]
    compared = all(night is not None and night.previous for night in nights)
    message = Message(
        subject="",
        state=_state_of_all(mirrors),
        complete=report.complete,
        taken_at=report.taken_at,
        link=link,
        mirrors=mirrors,
        open=len(found),
        new=sum(each.is_new is True for each in found) if compared and nights else None,
        accepted=sum(member.accepted for mirror in mirrors for member in mirror.members),
        resolved=sum(len(night.resolved) for night in nights if night is not None),
        worst=_worst([each.difference for each in found]),
        differences=told,
        more=len(found) - len(told),
    )
    return msgspec.structs.replace(message, subject=_subject(message))


def trial_message(name: str, *, link: str = "") -> Message:
    """Return a message that says nothing but that it arrived."""
    return Message(
        test=True,
        subject=_("driftsync: this is a test of the delivery {name}").format(name=visible(name)),
        state=State.CLEAN,
        complete=True,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        link=link,
    )


class Open(NamedTuple):
    """A difference that nobody accepted, its member, and whether it is new; `None` where that is not known."""

    member: str
    difference: Difference
    is_new: bool | None


def open_of(mirror: MirrorReport) -> Iterator[Open]:
    """Yield the differences of a mirror that nobody accepted."""
    for drift in mirror.drifts:
        standings = _standings(mirror, drift)
        first = mirror.night is None or not mirror.night.previous
        for each in drift.differences:
            known = standings.get(each.key)
            if known is None or known.accepted is None:
                yield Open(drift.member.name, each, None if first or known is None else known.new)


def _standings(mirror: MirrorReport, drift: Drift) -> dict[str, Standing]:
    return mirror.night.by_key(drift.member.name) if mirror.night else {}


def _order(found: Open) -> tuple[bool, int]:
    """Put what a person acts on first: the site's own before the product's, the worst before the rest."""
    return wording.is_noise(found.difference), found.difference.severity.rank


def _told(found: Open) -> Told:
    difference = found.difference
    changes = difference.changes if isinstance(difference, (Changed, Clash)) else []
    return Told(
        member=found.member,
        key=difference.key,
        kind=difference.kind,
        type=type(difference).__name__.lower(),
        severity=difference.severity,
        properties=[change.property for change in changes],
        new=found.is_new,
    )


def _worst(differences: list[Difference]) -> Severity | None:
    return min((each.severity for each in differences), key=lambda each: each.rank, default=None)


def _mirror(mirror: MirrorReport) -> MirrorTold:
    lost = [
        MemberTold(
            name=each.member,
            role=MemberRole.UNKNOWN,
            state=State.GAP,
            verdict=translated(each.reason),
            read=False,
        )
        for each in mirror.unreadable
    ]
    left: dict[str, list[Difference]] = {each.member.name: [] for each in mirror.drifts}
    for each in open_of(mirror):
        left[each.member].append(each.difference)
    members = [_member(drift, left[drift.member.name]) for drift in mirror.drifts]
    readiness = mirror.readiness
    return MirrorTold(
        name=mirror.name,
        primary=mirror.primary,
        members=[*members, *lost],
        ready=READY.get(readiness.verdict) if readiness else None,
        readiness=f"{mark_of(readiness)} {summary_of(readiness)}" if readiness else "",
    )


def _member(drift: Drift, left: list[Difference]) -> MemberTold:
    kinds = [type(each).__name__ for each in left]
    accepted = len(drift.differences) - len(left)
    state = State.CLEAN if not drift.gaps else State.GAP
    if left:
        state = State.DRIFT
    return MemberTold(
        name=drift.member.name,
        role=drift.member.member.role,
        state=state,
        verdict=_verdict(drift, left) if accepted else wording.verdict(drift),
        missing=kinds.count("Missing"),
        extra=kinds.count("Extra"),
        changed=kinds.count("Changed"),
        clash=kinds.count("Clash"),
        gaps=len(drift.gaps),
        accepted=accepted,
        worst=_worst(left),
    )


def _verdict(drift: Drift, left: list[Difference]) -> str:
    """Say of a member with accepted differences what is left."""
    accepted = len(drift.differences) - len(left)
    parts = [
        ngettext("{count} difference", "{count} differences", len(left)).format(count=len(left)),
        ngettext("{count} accepted", "{count} accepted", accepted).format(count=accepted),
    ]
    if drift.gaps:
        gaps = len(drift.gaps)
        parts.append(ngettext("{count} gap", "{count} gaps", gaps).format(count=gaps))
    return wording.clauses(*parts)


def _state_of_all(mirrors: list[MirrorTold]) -> State:
    states = {member.state for mirror in mirrors for member in mirror.members}
    if State.DRIFT in states:
        return State.DRIFT
    return State.CLEAN if states == {State.CLEAN} else State.GAP


def _subject(message: Message) -> str:
    """Say in one line which mirrors, how bad, and whether all could be seen."""
    members = [member for mirror in message.mirrors for member in mirror.members]
    differing = sum(member.state is State.DRIFT for member in members)
    partly = sum(bool(member.gaps) or not member.read for member in members)
    parts = []
    if message.worst:
        parts.append(
            ngettext(
                "{count} difference on {members} of {all} members",
                "{count} differences on {members} of {all} members",
                message.open,
            ).format(count=message.open, members=differing, all=len(members))
        )
        parts.append(_("worst: {severity}").format(severity=_(wording.SEVERITIES[message.worst])))
    if message.new:
        parts.append(ngettext("{count} new", "{count} new", message.new).format(count=message.new))
    if message.resolved:
        parts.append(
            ngettext("{count} resolved", "{count} resolved", message.resolved).format(count=message.resolved)
        )
    if partly:
        parts.append(
            ngettext("{count} member not read in full", "{count} members not read in full", partly).format(
                count=partly
            )
        )
    if not members:
        parts.append(_("there was no member to compare"))
    names = ", ".join(mirror.name for mirror in message.mirrors)
    if len(names) > LONGEST_NAMES:
        names = names[:LONGEST_NAMES] + "…"
    if members and not message.worst and not partly:
        parts.insert(0, _("no drift"))
    said = wording.clauses(*parts)
    return visible(_("driftsync: {names}: {said}").format(names=names, said=said))
