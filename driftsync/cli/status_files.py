"""This module takes `--status MEMBER=FILE`: what a member's `^MIRROR` monitor or SNMP agent showed, where it cannot be asked.

A file fills in what the member did not tell itself; it never overrules it. What is older than an hour says nothing of
now. A member of which only a status is known stays one that could not be read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path

import msgspec

from driftsync.checks.spec import MemberView, Past
from driftsync.language import english as _
from driftsync.model import FORMAT_VERSION, Facts, Header, Member, MemberRole, Source
from driftsync.statuses import StatusUnreadable
from driftsync.statuses.telling import FACTS, Told, read_status, told_of
from driftsync.version import __version__

FRESH = timedelta(hours=1)
ROLES: Mapping[str, MemberRole] = {
    "PRIMARY": MemberRole.PRIMARY, "BACKUP": MemberRole.BACKUP, "FAILOVER": MemberRole.FAILOVER,
    "DISASTER_RECOVERY": MemberRole.DR_ASYNC, "READ_ONLY_REPORTING": MemberRole.REPORTING_ASYNC,
    "READ_WRITE_REPORTING": MemberRole.REPORTING_ASYNC,
}  # fmt: skip
UNDECIDED = frozenset({MemberRole.UNKNOWN, MemberRole.FAILOVER})
"""Roles of members read from files, which a status tells better."""


def with_statuses(
    mirror: str,
    views: Mapping[str, MemberView],
    unread: Mapping[str, str],
    files: Mapping[str, list[Path]],
    past: Past | None,
) -> tuple[dict[str, MemberView], dict[str, str]]:
    """Return the members with what the files show of them, and why others are unread, with what is wrong with a file."""
    found, untold = dict(views), dict(unread)
    for name in files:
        if name not in views and name not in unread:
            continue  # of another mirror
        view = views.get(name) or _nothing_of(name, mirror)
        for path in files[name]:
            told, moment, reason = _told(path, _names(name, view, past))
            if told is None and name in unread:
                untold[name] += "; " + _("the status {path}: {reason}").format(path=path.name, reason=reason)
            elif told is None:
                view = _blind(view, _("the status {path}: {reason}").format(path=path.name, reason=reason))
            else:
                view = _filled(view, told, moment, path)
        if name in views or view.header.sources:
            found[name] = view
    return found, untold


def _told(path: Path, names: Collection[str]) -> tuple[Told | None, datetime, str]:
    """Return what a file tells and when it was shown, or why it tells nothing."""
    now = datetime.now(timezone.utc)
    try:
        shown = read_status(path.read_bytes())
        moment = shown.moment.astimezone() if shown.moment else _changed(path) if shown.walked else None
        if moment is None:
            return None, now, _("it does not say when it was shown")
        if abs(now - moment) > FRESH:
            told = moment.isoformat(sep=" ", timespec="minutes")
            return (
                None,
                now,
                _("it is of {moment}, by the clock of this computer more than an hour from now").format(
                    moment=told
                ),
            )
        return told_of(shown, names), moment.astimezone(timezone.utc), ""
    except StatusUnreadable as error:
        return None, now, str(error)
    except (OSError, OverflowError) as error:
        return None, now, getattr(error, "strerror", None) or str(error)


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)


def _names(name: str, view: MemberView, past: Past | None) -> set[str]:
    """Return what the member may be called in a file: as in the settings, and as it called itself now or earlier."""
    former = past.former.get(name) if past else None
    return {name, view.header.member.instance, former.member.instance if former else ""} - {""}


def _nothing_of(name: str, mirror: str) -> MemberView:
    header = Header(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        member=Member(name=name, mirror=mirror),
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        items=0,
        facts=Facts(unobserved={"": _("only a status file tells of this member")}),
        coverage={},
    )
    return MemberView(header, {})


def _filled(view: MemberView, told: Told, moment: datetime, path: Path) -> MemberView:
    header, facts = view.header, view.header.facts
    member = header.member
    role = member.role
    if role in UNDECIDED:
        role = ROLES.get(told.role, role)
    header = msgspec.structs.replace(
        header,
        member=msgspec.structs.replace(member, role=role, instance=member.instance or told.instance),
        taken_at=header.taken_at if header.sources or header.items else moment.isoformat(timespec="seconds"),
        facts=msgspec.structs.replace(
            facts,
            observed={**told.observed, **facts.observed},
            unobserved={
                **{key: why for key, why in told.unobserved.items() if key not in facts.observed},
                **facts.unobserved,
            },
        ),
        sources=[*header.sources, Source(path=str(path), format="status")],
    )
    return dataclasses.replace(view, header=header)


def _blind(view: MemberView, reason: str) -> MemberView:
    """Note why a file did not fill in what the member did not tell."""
    facts = view.header.facts
    unobserved = {**{key: reason for key in FACTS if key not in facts.observed}, **facts.unobserved}
    facts = msgspec.structs.replace(facts, unobserved=unobserved)
    return dataclasses.replace(view, header=msgspec.structs.replace(view.header, facts=facts))
