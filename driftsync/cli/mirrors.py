"""This module reads the mirrors of the settings and reports on them; one member that fails never hides another."""

from __future__ import annotations

from datetime import datetime, timezone

from driftsync.cli.reading import read_members
from driftsync.cli.reported import Looking, Reading, mirrors_to_read, report_on
from driftsync.comparing import Scope
from driftsync.errors import UsageError
from driftsync.language import _
from driftsync.model import Report
from driftsync.settings import Settings
from driftsync.store import Store


def wanted_mirrors(settings: Settings, wanted: list[str]) -> list[str]:
    """Return the mirrors that are meant, all where none is named; raises `UsageError` for one that is not there."""
    unknown = [name for name in wanted if name not in settings.mirror]
    if unknown or not settings.mirror:
        raise UsageError(
            _("{path} has no mirror {name}").format(path=settings.path, name=", ".join(unknown)).rstrip(),
            hint=_("it has: {names}").format(
                names=", ".join(settings.mirror) or _("none; see examples/driftsync.toml")
            ),
        )
    return wanted or list(settings.mirror)


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
    names = list(dict.fromkeys(wanted_mirrors(settings, wanted)))
    readings: dict[str, Reading] = {}
    for name in mirrors_to_read(settings, names):
        started = _now()
        found = read_members(settings.members_of(name), settings, scope, whole=[], quiet=quiet)
        readings[name] = Reading(started, _now(), found)
    looking = Looking(scope, show_local=show_local, cross_product=cross_product)
    return report_on(settings, readings, names, looking, store=store, at=_now())


def _now() -> datetime:
    return datetime.now(timezone.utc)
