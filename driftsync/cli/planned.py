"""This module makes the plan for one member of the settings: read both sides, look at earlier runs, plan, seal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from driftsync.cli.assessing import members_asked, pair_among
from driftsync.cli.exits import Exit
from driftsync.cli.memory import accepted_beside, open_store
from driftsync.cli.reading import read_members
from driftsync.cli.reported import Looking, OneMirror, Reading, mirrors_to_read, primary_of
from driftsync.comparing import Lines, Scope
from driftsync.errors import DriftsyncError, PrimaryError
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import folded
from driftsync.language import english as _
from driftsync.model import Acknowledgement, Drift, Plan, Terms
from driftsync.planning import Known, Wish, plan, sealed
from driftsync.remembering import Seen, known_of
from driftsync.ruling import LeftOut, Use
from driftsync.settings import Settings
from driftsync.store import store_path

LOG_HOURS = 12
"""How far back the log of a running member is read: whether it became primary lately."""


def plan_for(
    settings: Settings, mirror: str, member: str, terms: Terms, scope: Scope, *, quiet: bool
) -> Plan:
    """Return the sealed plan for one member, the backup where none is named.

    Raises `PlanRefusedError` where it must not be made, and whatever a member says that cannot be read.
    """
    members_asked(settings, mirror, member)
    readings = _read(settings, mirror, scope, quiet=quiet)
    reading = readings[mirror]
    primary, reason, hint = primary_of(settings, mirror, reading.members)
    target = member or pair_among(reading.members)[1]
    rule = primary
    if terms.to_primary and target == primary:
        rule = pair_among({name: each for name, each in reading.members.items() if name != target})[1]
    for name in (rule, target):
        found = reading.found.get(name)
        if isinstance(found, DriftsyncError):
            raise found
    if not rule or not target:
        raise PrimaryError(
            reason or _("mirror {mirror}: there is nobody to plan for").format(mirror=mirror),
            hint=hint or _("name a member with --member"),
        )
    a, b = reading.members[rule], reading.members[target]
    at = reading.ended
    drift = _drift(settings, readings, mirror, rule, target, scope)
    known = _known(settings, mirror, primary, target if rule == primary else rule, reading, drift)
    protected = {*settings.sync.protected}
    if settings.is_live(target):
        protected.add(settings.login_of(target).user)
    wish = Wish(
        terms=terms,
        known=known,
        protected=frozenset(protected - {""}),
        lifetime=timedelta(minutes=settings.sync.minutes),
    )
    return sealed(plan(drift, a, b, wish, at), own_fingerprinter())


def exit_of_plan(made: Plan) -> Exit:
    """Return how a command ends that shows a plan: 1 where there is drift to repair, 3 where some is withheld."""
    if made.actions or made.conflicts:
        return Exit.DRIFT
    return Exit.CLEAN if made.complete and not made.withheld else Exit.INCOMPLETE


def _read(settings: Settings, mirror: str, scope: Scope, *, quiet: bool) -> Mapping[str, Reading]:
    """Read the mirror, and others that share a member with it: their primaries say what they want there."""
    readings: dict[str, Reading] = {}
    for name in mirrors_to_read(settings, [mirror]):
        started = datetime.now(timezone.utc)
        members = [each for each in settings.members_of(name) if each in settings.member]
        found = read_members(
            members, settings, scope, whole=[], quiet=quiet, logs_since=started - timedelta(hours=LOG_HOURS)
        )
        readings[name] = Reading(started, datetime.now(timezone.utc), found)
    return readings


def _drift(
    settings: Settings, readings: Mapping[str, Reading], mirror: str, rule: str, target: str, scope: Scope
) -> Drift:
    one = OneMirror(settings, readings, mirror, Looking(scope), Use())
    one.primary_name, one.primary = rule, readings[mirror].members[rule]
    found = one.drift_of(target, readings[mirror].members[target])
    if isinstance(found, Drift):
        return found
    raise DriftsyncError(found.reason, hint=found.hint)


def _known(
    settings: Settings, mirror: str, primary: str, other: str, reading: Reading, drift: Drift
) -> dict[str, Known]:
    """Return what earlier runs know; nothing where none was kept."""
    if not store_path(settings.path, settings.store.path).exists():
        return {}
    members: dict[str, Lines] = {name: reading.members[name] for name in (primary, other) if name}
    if drift.member.name != other:  # seen from the other side: who moved is asked of the mirror as it is
        drift = _turned(drift)
    seen = Seen(
        mirror=mirror,
        primary=primary,
        members=members,
        errors={},
        drifts=[drift],
        started=reading.started,
        ended=reading.ended,
        left_out=LeftOut(settings.rule),
    )
    with open_store(settings, make=False) as store:
        found = known_of(store, seen, stated=accepted_beside(settings))
    return {folded(key): Known(standing.origin, _who(standing.accepted)) for key, standing in found.items()}


def _turned(drift: Drift) -> Drift:
    from msgspec.structs import replace

    return replace(drift, primary=drift.member, member=drift.primary)


def _who(given: Acknowledgement | None) -> str:
    if given is None:
        return ""
    return _("{owner} until {until}: {reason}").format(
        owner=given.owner, until=given.until, reason=given.reason
    )
