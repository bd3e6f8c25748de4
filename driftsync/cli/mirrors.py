"""This module reads and compares the mirrors of the settings; one member that fails never hides another."""

from __future__ import annotations

from datetime import datetime, timezone

from driftsync.cli.memory import accepted_beside, prune
from driftsync.cli.reading import read_members
from driftsync.comparing import Lines, Scope, compare
from driftsync.errors import DriftsyncError, UsageError
from driftsync.language import english as _
from driftsync.model import FORMAT_VERSION, Drift, MemberRole, MirrorReport, Report, Unreadable
from driftsync.remembering import Seen, remember
from driftsync.settings import Settings
from driftsync.store import Store
from driftsync.version import __version__


def compare_mirrors(
    settings: Settings,
    wanted: list[str],
    scope: Scope,
    *,
    show_local: bool,
    cross_product: bool,
    quiet: bool,
    store: Store | None = None,
) -> Report:
    """Return the drift of every member, seen against earlier runs where there is a `store`.

    Raises `UsageError` for a mirror that is not in the settings.
    """
    unknown = [name for name in wanted if name not in settings.mirror]
    if unknown or not settings.mirror:
        raise UsageError(
            _("{path} has no mirror {name}").format(path=settings.path, name=", ".join(unknown)).rstrip(),
            hint=_("it has: {names}").format(
                names=", ".join(settings.mirror) or _("none; see examples/driftsync.toml")
            ),
        )
    names = wanted or list(settings.mirror)
    mirrors = [
        _mirror(
            settings,
            name,
            scope,
            show_local=show_local,
            cross_product=cross_product,
            quiet=quiet,
            store=store,
        )
        for name in names
    ]
    return Report(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        complete=all(
            not mirror.unreadable and all(drift.complete for drift in mirror.drifts) for mirror in mirrors
        ),
        mirrors=mirrors,
    )


def _mirror(
    settings: Settings,
    name: str,
    scope: Scope,
    *,
    show_local: bool,
    cross_product: bool,
    quiet: bool,
    store: Store | None,
) -> MirrorReport:
    started = datetime.now(timezone.utc)
    names = settings.members_of(name)
    read = read_members(names, settings, scope, whole=[], quiet=quiet)
    unreadable = [
        Unreadable(member=each, reason=found.message, hint=found.hint)
        for each, found in read.items()
        if isinstance(found, DriftsyncError)
    ]
    members = {each: found for each, found in read.items() if not isinstance(found, DriftsyncError)}
    primary_name, reason, hint = _primary(settings, name, members)
    primary = members.get(primary_name)
    drifts: list[Drift] = []
    for other, member in members.items():
        if other == primary_name:
            continue
        if primary is None:
            reason = reason or _("there is nothing to compare it with: the primary {name} could not be read")
            unreadable.append(Unreadable(member=other, reason=reason.format(name=primary_name), hint=hint))
            continue
        try:
            drifts.append(
                compare(primary, member, scope=scope, show_local=show_local, cross_product=cross_product)
            )
        except DriftsyncError as error:
            unreadable.append(Unreadable(member=other, reason=error.message, hint=error.hint))
    night = None
    if store is not None:
        seen = Seen(
            mirror=name,
            primary=primary_name,
            members=members,
            errors={each.member: each.reason for each in unreadable},
            drifts=drifts,
            started=started,
            ended=datetime.now(timezone.utc),
        )
        stated = {(each.member, each.key): each for each in accepted_beside(settings) if each.mirror == name}
        night = remember(store, seen, stated=stated)
        prune(store, settings, name, seen.ended.date())
    return MirrorReport(name=name, primary=primary_name, drifts=drifts, unreadable=unreadable, night=night)


def _primary(settings: Settings, mirror: str, members: dict[str, Lines]) -> tuple[str, str, str]:
    """Return the primary by the settings or by what running members say, or why there is none, and a hint."""
    stated = settings.mirror[mirror].primary
    roles = {name: lines.header.member.role for name, lines in members.items()}
    found = [name for name, role in roles.items() if role is MemberRole.PRIMARY]
    if stated and found in ([], [stated]):
        return stated, "", ""
    if len(found) == 1 and not stated:
        return found[0], "", ""
    said = ", ".join(f"{name}: {role.value}" for name, role in roles.items())
    if len(found) > 1 or stated:
        return (
            "",
            _("not compared: several members are taken for the primary ({said})").format(said=said),
            _("look at the Mirror Monitor of each: the mirror may have come apart, or the settings are old"),
        )
    return (
        "",
        _("not compared: no member that could be read is the primary ({said})").format(said=said),
        _("the primary may be the one that could not be read, or the mirror is switching over; try again"),
    )
