"""This module declares FOR-603: tasks of the primary that its schedule owes since the last switch (mirror.md 5, story 2).

Only what is certain counts: a task of the site that runs by the clock on a primary, once a whole period has passed since
the switch.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from driftsync.checks.moments import DAY, HOUR, events_of, taken_local, to_local
from driftsync.checks.spec import (
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    listed,
    passed,
    warned,
)
from driftsync.kinds.tasks import shipped_task
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.logs.patterns import BECAME_PRIMARY, FOUND
from driftsync.model import Item, Outcome
from driftsync.normalize import horolog

PERIOD_DAYS = {0: 1, 1: 7, 2: 31, 3: 31}
"""`TimePeriod` daily, weekly, monthly, monthly special → days; others do not run by the clock."""
ON_PRIMARY = {1, 3}
"""`MirrorStatus`: primary only, any member."""
NEVER = datetime.fromisoformat("0001-01-01")


def _idle(view: View) -> Result:
    primary = view.the_primary
    switched = _switched(view, primary)
    if switched is None:
        return passed(_("no switch is known of"))
    told = _runs(primary.rows("task.runs"))
    idle: list[str] = []
    untold: list[str] = []
    due = 0
    for item in primary.items("task").values():
        begins = max(switched, _starts(item))
        if not _runs_by_the_clock(item) or taken_local(primary) - begins < _longest_wait(item):
            continue
        due += 1
        last = told.get(_name(item.key.namespace, item.key.identity))
        if last is None:
            untold.append(str(item.key))
        elif last < begins:
            idle.append(str(item.key))
    moment = switched.isoformat(sep=" ", timespec="minutes")
    if idle:
        return warned(
            _("the switch was at {moment}; since then these did not run: {names}").format(
                moment=moment, names=listed(idle)
            )
        )
    if untold:
        raise Unanswered(_("when these ran last could not be read: {names}").format(names=listed(untold)))
    return passed(
        _("the switch was at {moment}; since then {count} tasks were due, and ran").format(
            moment=moment, count=due
        )
    )


def _switched(view: View, primary: MemberView) -> datetime | None:
    """Return when the primary became it, in its own time; `None` where none is known. Raises `Unanswered`."""
    past = view.past
    found: list[datetime] = []
    if past is not None and past.primary == primary.name and past.primary_before:
        found.append(to_local(datetime.fromisoformat(past.primary_since), primary))
    elif past is not None and past.primary not in {"", primary.name}:
        found.append(taken_local(primary))  # since the last run: nothing was due yet
    else:
        primary.fact("log.events")
    found += [
        datetime.fromisoformat(each.last) for each in events_of(primary, BECAME_PRIMARY) if each.sort == FOUND
    ]
    return max(found, default=None)


def _runs(rows: list[dict[str, Any]]) -> Mapping[tuple[str, str], datetime]:
    """Return when each task was last started; those whose moment cannot be understood are left out."""
    found: dict[tuple[str, str], datetime] = {}
    for row in rows:
        told = row.get("LastStarted")
        last = NEVER if told in {None, "", "0", 0} else _moment(told)
        if last is not None:
            found[_name(row.get("NameSpace"), row.get("Name"))] = last
    return found


def _name(namespace: object, name: object) -> tuple[str, str]:
    return str(namespace or "").casefold(), str(name or "").casefold()


def _runs_by_the_clock(item: Item) -> bool:
    values = item.compared
    return (
        values.get("TimePeriod") in PERIOD_DAYS
        and values.get("MirrorStatus") in ON_PRIMARY
        and not values.get("Suspended")
        and not values.get("EndDate")
        and not shipped_task(item.key.namespace, item.key.identity, values)
    )


def _longest_wait(item: Item) -> timedelta:
    """Return the longest that can lie between two runs of a task; several in that time count as one."""
    every = item.compared.get("TimePeriodEvery")
    times = int(every) if isinstance(every, (int, float)) and every > 0 else 1
    return PERIOD_DAYS[item.compared["TimePeriod"]] * times * DAY + HOUR


def _starts(item: Item) -> datetime:
    return _moment(item.local.get("StartDate")) or NEVER


def _moment(told: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(horolog(told) or "").removesuffix("Z")).replace(tzinfo=None)
    except ValueError:
        return None


IDLE = Check(
    id="FOR-603",
    title=N_("Tasks that have not run since the last switch"),
    why=N_("Work that ran on the old primary stopped with the switch, and nobody was told."),
    do=N_(
        "Look at the task's mirror setting, its user and its history on the primary, and run it once by hand."
    ),
    source="%SYS.Task LastStarted and schedule; LOG-406, earlier runs",
    about=About.MIRROR,
    rule=_idle,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)
