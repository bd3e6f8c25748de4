"""This module makes of a report what is to be told of it: what is accepted is counted, the rest is told worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import msgspec

from driftsync.delivering.message import MemberTold, Message, MirrorTold, Standing, State, Told
from driftsync.language import _, ngettext, visible
from driftsync.model import Changed, Clash, Difference, Drift, MemberRole, MirrorReport, Report, Severity
from driftsync.reporting import wording

LISTED = 200
"""As many differences are named, the worst first; the others are counted, and stand in the report."""

LONGEST_NAMES = 80
"""Characters of the names of mirrors in a subject."""


def message_of(report: Report, standing: Standing | None = None, *, link: str = "") -> Message:
    """Return what is to be told of a report."""
    known = standing or Standing()
    mirrors = [_mirror(each, known) for each in report.mirrors]
    found = sorted(_open(report, known), key=_order)
    told = [_told(member, each, known) for member, each in found[:LISTED]]
    message = Message(
        subject="",
        state=_state_of_all(mirrors),
        complete=report.complete,
        taken_at=report.taken_at,
        link=link,
        mirrors=mirrors,
        open=len(found),
        new=None if known.new is None else sum((member, each.key) in known.new for member, each in found),
        accepted=sum(member.accepted for mirror in mirrors for member in mirror.members),
        worst=_worst([each for _member, each in found]),
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


def _is_open(member: str, difference: Difference, standing: Standing) -> bool:
    return (member, difference.key) not in standing.accepted


def _open(report: Report, standing: Standing) -> Iterator[tuple[str, Difference]]:
    for mirror in report.mirrors:
        for drift in mirror.drifts:
            for each in drift.differences:
                if _is_open(drift.member.name, each, standing):
                    yield drift.member.name, each


def _order(found: tuple[str, Difference]) -> tuple[bool, int]:
    """Put what a person acts on first: the site's own before the product's, the worst before the rest."""
    return wording.is_noise(found[1]), found[1].severity.rank


def _told(member: str, difference: Difference, standing: Standing) -> Told:
    changes = difference.changes if isinstance(difference, (Changed, Clash)) else []
    return Told(
        member=member,
        key=difference.key,
        kind=difference.kind,
        type=type(difference).__name__.lower(),
        severity=difference.severity,
        properties=[change.property for change in changes],
        new=None if standing.new is None else (member, difference.key) in standing.new,
    )


def _worst(differences: list[Difference]) -> Severity | None:
    return min((each.severity for each in differences), key=lambda each: each.rank, default=None)


def _mirror(mirror: MirrorReport, standing: Standing) -> MirrorTold:
    lost = [
        MemberTold(
            name=each.member, role=MemberRole.UNKNOWN, state=State.GAP, verdict=each.reason, read=False
        )
        for each in mirror.unreadable
    ]
    members = [_member(each, standing) for each in mirror.drifts]
    return MirrorTold(name=mirror.name, primary=mirror.primary, members=[*members, *lost])


def _member(drift: Drift, standing: Standing) -> MemberTold:
    name = drift.member.name
    left = [each for each in drift.differences if _is_open(name, each, standing)]
    kinds = [type(each).__name__ for each in left]
    accepted = len(drift.differences) - len(left)
    state = State.CLEAN if not drift.gaps else State.GAP
    if left:
        state = State.DRIFT
    return MemberTold(
        name=name,
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
    return _(", ").join(parts)


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
    said = _(", ").join(parts) or _("no drift")
    return visible(_("driftsync: {names}: {said}").format(names=names, said=said))
