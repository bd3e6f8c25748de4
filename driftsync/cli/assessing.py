"""This module answers for a mirror whose members were read: could the one that is meant take over, and who would notice?

Every command that says something of readiness or rehearses it chooses its pair of members here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from driftsync.checking import check, pair_of, verdict_of, view_member
from driftsync.checks.spec import Declared, MemberView, Past
from driftsync.cli.memory import accepted_now
from driftsync.comparing import Lines, Scope, compare
from driftsync.errors import DriftsyncError, UsageError
from driftsync.language import english as _
from driftsync.model import Drift, Readiness, Rehearsal
from driftsync.rehearsing import drift_after, rehearse
from driftsync.remembering import without_accepted
from driftsync.ruling import LeftOut, Use, rule
from driftsync.settings import Settings, Thresholds


def members_asked(settings: Settings, mirror: str, promote: str) -> list[str]:
    """Return the members of a mirror; raises `UsageError` where the one to be promoted is none of them."""
    names = settings.members_of(mirror)
    if promote and promote not in names:
        raise UsageError(
            _("{member} is no member of mirror {mirror} in the settings").format(
                member=promote, mirror=mirror
            ),
            hint=_("it has: {names}").format(names=", ".join(names)),
        )
    return names


def declared_of(settings: Settings, mirror: str) -> Declared:
    """Return what the settings say of a mirror that no member tells."""
    found = settings.mirror[mirror]
    if not found.data_check:
        return Declared(upgrade=found.upgrade)
    path = settings.path.parent / found.data_check
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        unread = _("{path} cannot be read: {reason}").format(path=path, reason=reason)
        return Declared(upgrade=found.upgrade, data_check_unread=unread)
    noted = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not noted:
        return Declared(upgrade=found.upgrade, data_check_unread=_("{path} notes nothing").format(path=path))
    return Declared(upgrade=found.upgrade, data_check=noted[-1])


def pair_among(members: Mapping[str, Lines], promote: str = "") -> tuple[str, str]:
    """Return the names of the primary and of who would be promoted, each empty where there is none."""
    return pair_of({name: found.header.member.role for name, found in members.items()}, promote)


def is_asked(scope: Scope) -> bool:
    """Say whether a run of this scope answers for readiness: checks look at all kinds."""
    return not scope.only and not scope.without


def open_drift(settings: Settings, mirror: str, primary: Lines, promoted: Lines) -> Drift:
    """Return how one member differs from another as the report has it: the rules apply, what was accepted is left out."""
    drift = rule(compare(primary, promoted, scope=Scope()), settings.rule, Use())
    today = datetime.now(timezone.utc).date()
    return without_accepted(drift, accepted_now(settings, mirror), today, LeftOut(settings.rule))


def assess(
    mirror: str,
    members: Mapping[str, Lines],
    *,
    unread: Mapping[str, str],
    promote: str = "",
    drift_of: Callable[[str, str], Drift | None],
    logs: Mapping[str, list[Path]] | None = None,
    statuses: Mapping[str, list[Path]] | None = None,
    since: datetime | None = None,
    strict: bool = False,
    past: Past | None = None,
    thresholds: Thresholds | None = None,
    declared: Declared | None = None,
) -> Readiness:
    """Return the answer with the rehearsal beside it; `unread` says why a member could not be read.

    `drift_of` gives how one member differs from another, by their names. `logs` are copies that are read, from `since`
    on, in place of what the members told; `statuses` are copies of what else they did not tell. `past` is what earlier
    runs told, `declared` what people say of the mirror.
    """
    from driftsync.cli.log_files import with_logs
    from driftsync.cli.status_files import with_statuses

    views = {name: view_member(found) for name, found in members.items()}
    if logs and since:
        views = with_logs(views, logs, since)
    if statuses:
        views, unread = with_statuses(mirror, views, unread, statuses, past)
    primary, promoted = pair_of({name: view.role for name, view in views.items()}, promote)
    swap = primary in members and promoted in members and primary != promoted
    drift = drift_of(primary, promoted) if swap else None
    readiness = check(
        mirror,
        views,
        unread=unread,
        promote=promoted,
        drift=drift,
        past=past,
        thresholds=thresholds,
        declared=declared,
    )
    return msgspec.structs.replace(
        readiness,
        verdict=verdict_of(readiness.findings, strict=strict),
        strict=strict,
        rehearsal=_rehearsed(members[primary], members[promoted], views[primary], views[promoted])
        if swap
        else None,
    )


def _rehearsed(primary: Lines, promoted: Lines, old: MemberView, new: MemberView) -> Rehearsal | None:
    try:
        return rehearse(old, new, drift_after(primary, promoted))
    except DriftsyncError:
        return None  # two that are not compared, a Caché member with one of IRIS: that there is no drift is told by a check
