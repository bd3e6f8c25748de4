"""This module takes `--log MEMBER=FILE` and `--since`: logs that were copied from hosts, and from when on they count."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from driftsync.errors import UsageError
from driftsync.language import _

if TYPE_CHECKING:
    from driftsync.checks.spec import MemberView
    from driftsync.settings import Settings
    from driftsync.store import RunRow

DAYS = 7
"""The window where no run was kept yet."""
AT_LEAST = timedelta(days=1)
"""The window is never shorter by itself: a run a minute ago did not look at the logs of the night."""
_SPAN = re.compile(r"(\d+)\s*([hd])")
_HOURS = {"h": 1, "d": 24}


def window_of(since: str, settings: Settings, mirror: str) -> datetime:
    """Return from when on logs count: as `--since` says, else since the last run that was kept, at least a day."""
    return _stated(since, datetime.now(timezone.utc)) if since else window_after(_last_run(settings, mirror))


def window_after(last: RunRow | None) -> datetime:
    """Return from when on logs count where nobody says it: since the last run, at least a day."""
    now = datetime.now(timezone.utc)
    return min(datetime.fromisoformat(last.started), now - AT_LEAST) if last else now - timedelta(days=DAYS)


def _stated(since: str, now: datetime) -> datetime:
    span = _SPAN.fullmatch(since.strip())
    try:
        if span:
            return now - timedelta(hours=int(span[1]) * _HOURS[span[2]])
        return datetime.fromisoformat(since.strip()).astimezone(timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            _("--since {since}: neither a span nor a moment").format(since=since),
            hint=_("for instance 36h, 7d, 2026-11-20 or 2026-11-20T08:30"),
        ) from None


def _last_run(settings: Settings, mirror: str) -> RunRow | None:
    from driftsync.cli.memory import open_store
    from driftsync.errors import StoreError

    try:
        with open_store(settings, make=False) as store:
            return store.last_run(mirror)
    except StoreError:
        return None  # no run was kept, or nobody can tell: the longer window is the safe one


def with_logs(
    views: Mapping[str, MemberView], files: Mapping[str, list[Path]], since: datetime
) -> dict[str, MemberView]:
    """Return the members with what their copied logs tell in place of what they told themselves."""
    return {
        name: _with_log(view, files[name], since) if name in files else view for name, view in views.items()
    }


def _with_log(view: MemberView, paths: list[Path], since: datetime) -> MemberView:
    """Read one member's copied logs; their clock is taken for that of this machine, since a log names no zone."""
    import msgspec

    from driftsync.extracting.logs import EVENTS, WINDOW, facts_of
    from driftsync.logs import LogUnreadable, file_sources, read_log

    local, now = _naive(since), _naive(datetime.now(timezone.utc))
    told: dict[str, object] = {}
    reason = ""
    try:
        told = facts_of(read_log(file_sources(paths), local, now=now, copied=True))
    except LogUnreadable as error:
        reason = str(error)
    except OSError as error:
        reason = error.strerror or str(error)
    facts = view.header.facts
    observed = {key: value for key, value in facts.observed.items() if key not in {WINDOW, EVENTS}} | told
    unobserved = {key: value for key, value in facts.unobserved.items() if key not in {WINDOW, EVENTS}}
    if reason:
        unobserved |= dict.fromkeys((WINDOW, EVENTS), reason)
    facts = msgspec.structs.replace(facts, observed=observed, unobserved=unobserved)
    return dataclasses.replace(view, header=msgspec.structs.replace(view.header, facts=facts))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone().replace(tzinfo=None)
