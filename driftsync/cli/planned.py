"""This module makes the plan for one member of the settings: read both sides, look at earlier runs, plan, seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

from driftsync.checking import pair_of
from driftsync.cli import progress
from driftsync.cli.assessing import members_asked, pair_among
from driftsync.cli.exits import Exit
from driftsync.cli.memory import accepted_beside, open_store
from driftsync.cli.reading import read_members
from driftsync.cli.reported import Looking, OneMirror, Reading, mirrors_to_read, primary_of, same_place
from driftsync.comparing import Lines, Scope
from driftsync.connections.discovery import discover_configured
from driftsync.errors import DriftsyncError, PrimaryError, UsageError
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import folded
from driftsync.language import english as _
from driftsync.language import translated
from driftsync.model import Acknowledgement, Drift, MemberRole, MemberSeen, Plan, Terms
from driftsync.planning import Known, Wish, plan, sealed
from driftsync.remembering import Seen, known_of
from driftsync.ruling import LeftOut, Use
from driftsync.settings import Settings
from driftsync.statuses import not_following
from driftsync.store import store_path

LOG_HOURS = 12
"""How far back the log of a running member is read: whether it became primary lately."""


def plan_for(
    settings: Settings, mirror: str, member: str, terms: Terms, scope: Scope, *, source: str = "", quiet: bool
) -> Plan:
    """Return the sealed plan for one member, the backup where none is named; for the primary by what `source` has.

    Raises `PlanRefusedError` where it must not be made, and whatever a member says that cannot be read.
    """
    members_asked(settings, mirror, member)
    source = _source(settings, mirror, member, source, to_primary=terms.to_primary)
    readings, asked = _read(settings, mirror, member, scope, source=source, quiet=quiet)
    reading = readings[mirror]
    primary, reason, hint = primary_of(settings, mirror, reading.members)
    target = member or pair_among(reading.members)[1]
    rule = primary
    if source and target == primary:
        rule = source
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
    wish = Wish(
        terms=terms,
        known=known,
        protected=protected_on(settings, target),
        port=settings.login_of(target).port if settings.is_live(target) else 0,
        lifetime=timedelta(minutes=settings.sync.minutes),
        unseen=_unseen((a, b), asked),
    )
    return sealed(plan(drift, a, b, wish, at), own_fingerprinter())


def protected_on(settings: Settings, member: str) -> frozenset[str]:
    """Return the accounts that must not lose anything on a member: those of the settings, and the tool's own."""
    own = {settings.login_of(member).user} if settings.is_live(member) else set()
    return frozenset({*settings.sync.protected, *own} - {""})


def in_turn(settings: Settings, mirror: str, members: list[str], *, quiet: bool) -> list[str]:
    """Return the members in the order in which they are seen to: the backup before an async one, else as they were named."""
    named = list(dict.fromkeys(members))
    if len(named) < 2 or not all(name in settings.member and settings.is_live(name) for name in named):
        return named
    roles = _roles(_answering(settings, mirror, quiet=quiet))
    return sorted(named, key=lambda name: roles.get(name) is not MemberRole.BACKUP)


def exit_of_plan(made: Plan) -> Exit:
    """Return how a command ends that shows a plan: 1 where there is drift to repair, 3 where some is withheld."""
    if made.actions or made.conflicts:
        return Exit.DRIFT
    return Exit.CLEAN if made.complete and not made.withheld else Exit.INCOMPLETE


def _source(settings: Settings, mirror: str, member: str, source: str, *, to_primary: bool) -> str:
    """Return the member whose items the primary gets, nothing where it is the primary's that count.

    Raises `UsageError` where it is not said whose: several members each have something that the primary lacks.
    """
    if not to_primary:
        if source:
            raise UsageError(
                _("--from belongs to --to-primary"), hint=_("without it, what the primary has is the rule")
            )
        return ""
    if not member:
        raise UsageError(
            _("--to-primary is only for a member that is named"), hint=_("name the primary with --member")
        )
    members_asked(settings, mirror, source)
    others = [name for name in _of(settings, mirror) if name != member]
    if source == member or (not source and len(others) != 1):
        raise UsageError(
            _("by which member {primary} is to be changed is not said").format(primary=member),
            hint=_("name it with --from; there are: {names}").format(names=", ".join(others) or "–"),
        )
    return source or others[0]


def _read(
    settings: Settings, mirror: str, member: str, scope: Scope, *, source: str, quiet: bool
) -> tuple[Mapping[str, Reading], list[str]]:
    """Read both sides, and of other mirrors that share the member their primaries: they say what they want there.

    Return the readings, and the instances of the mirror that said themselves what they are.
    """
    wanted, seen = _needed(settings, mirror, member, source=source, quiet=quiet)
    target = member or pair_of(_roles(seen))[1]
    readings: dict[str, Reading] = {}
    for name in mirrors_to_read(settings, [mirror]):
        if name != mirror:
            shared = [
                each for each in _of(settings, name) if not target or same_place(settings, target, each)
            ]
            if not shared:
                continue
            wanted = _needed(settings, name, shared[0], source="", quiet=quiet)[0]
        started = datetime.now(timezone.utc)
        found = read_members(
            wanted, settings, scope, whole=[], quiet=quiet, logs_since=started - timedelta(hours=LOG_HOURS)
        )
        readings[name] = Reading(started, datetime.now(timezone.utc), found)
    return readings, [each.instance for each in seen.values()]


def _of(settings: Settings, mirror: str) -> list[str]:
    return [each for each in settings.members_of(mirror) if each in settings.member]


def _needed(
    settings: Settings, mirror: str, member: str, *, source: str, quiet: bool
) -> tuple[list[str], dict[str, MemberSeen]]:
    """Return the members whose items a plan needs, and what running ones say they are.

    Who is primary and who backup is asked first, of all: a DR async need not give out thousands of items for a plan
    that is not about it. All are read where their answers leave open who the two sides are.
    """
    names = _of(settings, mirror)
    if len(names) < 3 or not all(map(settings.is_live, names)):
        return names, {}
    seen = _answering(settings, mirror, quiet=quiet)
    primary, backup = pair_of(_roles(seen))
    if not primary or not (member or backup):
        return names, seen
    sides = {primary, settings.mirror[mirror].primary, member or backup, source}
    return [each for each in names if each in sides], seen


def _unseen(sides: tuple[Lines, Lines], asked: Iterable[str]) -> dict[str, str]:
    """Return who did not say themselves that they are no primary, and whom not both sides list as following one."""
    headers = [each.header for each in sides]
    if any(header.extraction is None for header in headers):
        return {}  # made from files: never applied from here
    lists = [header.facts.observed.get("mirror.members") for header in headers]
    told = [
        [row for row in each if isinstance(row, dict)] if isinstance(each, list) else [] for each in lists
    ]
    return not_following(told, [*asked, *(header.member.instance for header in headers)])


def _roles(seen: Mapping[str, MemberSeen]) -> dict[str, MemberRole]:
    return {name: each.role for name, each in seen.items()}


def _answering(settings: Settings, mirror: str, *, quiet: bool) -> dict[str, MemberSeen]:
    """Ask the running members what they are; who does not answer is left out."""
    with progress.shown(translated(_("asking the members")), None, quiet=quiet):
        seen = discover_configured(settings, mirror).mirror.members
    names = _of(settings, mirror)
    return {each.name: each for each in seen if each.name in names and not each.reason}


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
