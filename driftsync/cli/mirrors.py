"""This module reads and compares the mirrors of the settings; one member that fails never hides another."""

from __future__ import annotations

from datetime import datetime, timezone

from driftsync.cli.sources import open_configured
from driftsync.comparing import Lines, Scope, compare
from driftsync.errors import DriftsyncError, UsageError
from driftsync.language import _
from driftsync.model import FORMAT_VERSION, Drift, MirrorReport, Report, Unreadable
from driftsync.settings import Settings
from driftsync.version import __version__


def compare_mirrors(
    settings: Settings, wanted: list[str], scope: Scope, *, show_local: bool, cross_product: bool, quiet: bool
) -> Report:
    """Return the drift of every member; raises `UsageError` for a mirror that is not in the settings."""
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
        _mirror(settings, name, scope, show_local=show_local, cross_product=cross_product, quiet=quiet)
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
    settings: Settings, name: str, scope: Scope, *, show_local: bool, cross_product: bool, quiet: bool
) -> MirrorReport:
    primary_name, *others = settings.members_of(name)
    unreadable: list[Unreadable] = []
    drifts: list[Drift] = []
    primary = _open(primary_name, settings, unreadable, quiet=quiet)
    for other in others:
        member = _open(other, settings, unreadable, quiet=quiet)
        if member is None:
            continue
        if primary is None:
            reason = _("there is nothing to compare it with: the primary {name} could not be read")
            unreadable.append(Unreadable(member=other, reason=reason.format(name=primary_name)))
            continue
        try:
            drifts.append(
                compare(primary, member, scope=scope, show_local=show_local, cross_product=cross_product)
            )
        except DriftsyncError as error:
            unreadable.append(Unreadable(member=other, reason=error.message, hint=error.hint))
    return MirrorReport(name=name, primary=primary_name, drifts=drifts, unreadable=unreadable)


def _open(name: str, settings: Settings, unreadable: list[Unreadable], *, quiet: bool) -> Lines | None:
    try:
        return open_configured(name, settings, quiet=quiet)
    except DriftsyncError as error:
        unreadable.append(Unreadable(member=name, reason=error.message, hint=error.hint))
        return None
