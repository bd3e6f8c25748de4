"""This module says when a member was read and when its log says that something happened, in its own time and in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import msgspec

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.language import english as _
from driftsync.logs import Event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def taken(member: MemberView) -> datetime:
    """Return when a member was read, in UTC; raises `Unanswered` where its snapshot does not say."""
    try:
        moment = datetime.fromisoformat(member.header.taken_at)
    except ValueError:
        raise Unanswered(_("nobody knows when {member} was read").format(member=member.name)) from None
    return moment.astimezone(timezone.utc) if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def taken_local(member: MemberView) -> datetime:
    """Return when a member was read, by its own clock."""
    return to_local(taken(member), member)


def to_local(moment: datetime, member: MemberView) -> datetime:
    """Return a moment (with its zone) in a member's own time, as its log and its tasks tell time."""
    return moment.astimezone(timezone.utc).replace(tzinfo=None) - _behind_utc(member)


def from_local(moment: datetime, member: MemberView) -> datetime:
    """Return a moment of a member's own time in UTC."""
    return (moment + _behind_utc(member)).replace(tzinfo=timezone.utc)


def _behind_utc(member: MemberView) -> timedelta:
    """Return how far a member's clock is behind UTC, as `$ZTIMEZONE` says (summer time aside); none where it is unknown."""
    try:
        minutes = member.number("platform.time_zone")
    except Unanswered:
        return timedelta()
    return timedelta(minutes=minutes) if abs(minutes) < DAY / timedelta(minutes=1) else timedelta()


def events_of(member: MemberView, id: str) -> list[Event]:
    """Return what a member's log told of one check; nothing where it was not read, which LOG-416 says."""
    try:
        found = msgspec.convert(member.fact("log.events"), list[Event])
    except (Unanswered, msgspec.ValidationError):
        return []
    return [each for each in found if each.id == id]
