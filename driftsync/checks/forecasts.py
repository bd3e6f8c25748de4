"""This module declares what two readings of a mirror foretell, beyond mirror.md 3: a full disk, purged journals, idle tasks.

FOR-601  hours until the journal disk is full (the growth that JRN-301 asks for, mirror.md 3.4 and story 2 of 5)
FOR-602  days until the journals that a disconnected async member needs are purged (MIR-006, Data Integrity Guide 7.10)
FOR-603  stands in `idle_tasks`

A forecast without an earlier reading is no danger by itself: it passes and says so. Where there was one and it could not
be looked at, or lacks what is needed, the forecast is unknown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from driftsync.checks.moments import DAY, HOUR, events_of, from_local, taken
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    failed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.logs.patterns import ENDED, EVERYBODY, FOUND
from driftsync.model import ASYNC_ROLES, Outcome
from driftsync.statuses import row_connected, row_is_async, row_lag, status_connected


def hours_until_full(before: float, now: float, hours: float) -> float | None:
    """Return when nothing is free any more at the rate of the last `hours`; `None` where it does not fall."""
    return now * hours / (before - now) if now < before else None


def _full(view: View, member: MemberView) -> Result:
    free = member.number("journal.free_megabytes")
    former = view.former(member)
    if former is None:
        return passed(_("{count} MB free; a first reading, nothing to compare it with").format(count=free))
    before = former.number("journal.free_megabytes")
    span = taken(member) - taken(former)
    if span < timedelta(minutes=view.thresholds.forecast_least_minutes):
        minutes = max(0, span // timedelta(minutes=1))
        return passed(
            _("{count} MB free; the reading before is {minutes} minutes old, too short to tell").format(
                count=free, minutes=minutes
            )
        )
    if member.fact("journal.directory") != former.fact("journal.directory"):
        return passed(_("{count} MB free; journals went to another directory before").format(count=free))
    hours = span / HOUR
    left = hours_until_full(before, free, hours)
    if left is None:
        if free == before:
            return passed(
                _("{count} MB free, as {hours} hours before").format(count=free, hours=f"{hours:.0f}")
            )
        return passed(
            _("{count} MB free, {more} MB more than {hours} hours before: journals were purged").format(
                count=free, more=free - before, hours=f"{hours:.0f}"
            )
        )
    seen = _("{count} MB free, {less} MB less than {hours} hours before: full in {left} hours").format(
        count=free, less=before - free, hours=f"{hours:.0f}", left=f"{left:.0f}"
    )
    if left <= view.thresholds.journal_fail_hours:
        return failed(seen)
    return warned(seen) if left <= view.thresholds.journal_warn_hours else passed(seen)


FULL = Check(
    id="FOR-601",
    title=N_("Hours until the journal disk is full"),
    why=N_(
        "A member that is away makes the primary keep every journal, until the disk is full and it stops too."
    ),
    do=N_(
        "Find out what makes the journals grow, and make room before the time is up. Never delete journal files of a mirror by hand."
    ),
    source="%SYS.Journal.System.GetFreeSpace of two readings",
    about=About.EACH,
    rule=_full,
    outcomes=PASS_WARN_FAIL,
)


def _cliff(view: View) -> Result:
    primary = view.the_primary
    rows, reason = _listed_members(primary)
    found: dict[str, Result] = {}
    known: set[str] = set()
    for member in view.members:
        names = {member.name, member.header.member.instance} - {""}
        known |= names
        if member.role in ASYNC_ROLES:
            mine = [row for row in rows if row.get("MemberName") in names]
            found[member.name] = _async(view, names, mine, member)
    for row in rows:
        name = str(row.get("MemberName") or "")
        if name not in known and row_is_async(row) is not False:
            found[name] = _async(view, {name}, [row], None)
    for outcome, made in ((Outcome.FAIL, failed), (Outcome.WARN, warned)):
        told = [f"{name}: {each.seen}" for name, each in found.items() if each.outcome is outcome]
        if told:
            return made("; ".join(told))
    unknown = [f"{name}: {each.seen}" for name, each in found.items() if each.outcome is Outcome.UNKNOWN]
    if unknown or reason:
        raise Unanswered("; ".join(unknown) or reason)
    return passed(_("{count} async members, all connected").format(count=len(found)))


def _listed_members(primary: MemberView) -> tuple[list[dict[str, Any]], str]:
    """Return the primary's list of members, and why it is not whole: asyncs that were read can be judged without."""
    try:
        return primary.rows("mirror.members"), primary.header.facts.unobserved.get("mirror.members", "")
    except Unanswered as reason:
        return [], str(reason)


def _async(view: View, names: set[str], rows: list[dict[str, Any]], member: MemberView | None) -> Result:
    """Judge one async member, by its own word where it was read, by the primary's list else."""
    connected = status_connected(member.header.facts.observed.get("mirror.status")) if member else None
    if connected is None:
        said = {row_connected(row) for row in rows}
        connected = said.pop() if len(said) == 1 else None
    if connected is None:
        return Result(Outcome.UNKNOWN, _("whether it is connected is not understood"))
    if connected:
        return passed("")
    since, surely = _away_since(view, names, rows)
    if since is None:
        return Result(Outcome.UNKNOWN, _("it is not connected, and nobody can tell since when"))
    left = view.thresholds.purge_days - (taken(view.the_primary) - since) / DAY
    moment = since.isoformat(sep=" ", timespec="minutes").partition("+")[0]
    if left <= 0:
        return failed(
            _("not connected since {moment} UTC: what it lacks may be purged by now").format(moment=moment)
        )
    seen = (
        _("not connected since {moment} UTC: {days} days until what it lacks is purged")
        if surely
        else _(
            "not connected since {moment} UTC or before: at most {days} days until what it lacks is purged"
        )
    ).format(moment=moment, days=int(left))
    return failed(seen) if left <= view.thresholds.purge_fail_days else warned(seen)


def _away_since(view: View, names: set[str], rows: list[dict[str, Any]]) -> tuple[datetime | None, bool]:
    """Return since when a member is away (UTC), and whether that is known rather than the first that saw it so."""
    primary = view.the_primary
    for row in rows:
        lag = row_lag(row)
        if lag is not None and lag.since is not None:
            return from_local(lag.since, primary), True
    moments = [(from_local(moment, primary), True) for moment in _terminated(primary, names)]
    past = view.past.away_since if view.past else {}
    moments += [
        (datetime.fromisoformat(moment), bounded)
        for moment, bounded in (past[name] for name in sorted(names & past.keys()))
    ]
    return min(moments, default=(None, False))


def _terminated(primary: MemberView, names: set[str]) -> list[datetime]:
    """Return when the primary's log says that a connection ended which was not made again."""
    events = events_of(primary, "LOG-403")
    ends = [each for each in events if each.sort == ENDED and each.about in {*names, EVERYBODY}]
    return [
        datetime.fromisoformat(each.last)
        for each in events
        if each.sort == FOUND and each.about in names and not any(end.place > each.place for end in ends)
    ]


CLIFF = Check(
    id="FOR-602",
    title=N_("Days until a disconnected async member must be built anew"),
    why=N_(
        "The primary keeps journals for an async member that is away for 14 days; what is purged then cannot be sent again."
    ),
    do=N_("Bring the member back before that day, or plan to build it anew from a backup."),
    source="SYS.Mirror:MemberStatusList, LOG-403, earlier runs; SYS.Mirror JrnPurgeDefaultWait; Data Integrity Guide 7.10",
    about=About.MIRROR,
    rule=_cliff,
    outcomes=PASS_WARN_FAIL,
)
