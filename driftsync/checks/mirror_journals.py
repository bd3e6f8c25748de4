"""This module declares the checks of what journals leave behind: kept files, interrupted catch-ups, room, data that differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from driftsync.checks.log_rules import nothing
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    ForAPerson,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    listed,
    passed,
    warned,
)
from driftsync.language import CLAUSE, N_
from driftsync.language import english as _
from driftsync.logs import Event
from driftsync.logs.patterns import ENDED, FOUND
from driftsync.model import FAILOVER_ROLES, Outcome

_DATED = re.compile(r"(\d{4})(\d{2})(\d{2})\.\d{3,}")
_SIZE = re.compile(r"\s*([\d.,]+)\s*([KMGT]?)B?\s*", re.IGNORECASE)
_UNITS = {"K": 1 / 1024, "": 1, "M": 1, "G": 1024, "T": 1024 * 1024}
_NOTED = re.compile(r"(\d{4}-\d{2}-\d{2})\S*\s*(.*)")
MATCHED = "matched"
LEAST_EXPANSION = 10
"""Megabytes by which a database grows at least; by itself it is a tenth of its size."""
ODD_MEGABYTES = 100
"""Less is no matter, however many times the primary's it is."""


def _kept(view: View, member: MemberView) -> Result:
    read = datetime.fromisoformat(member.header.taken_at).date()
    rows = member.rows("mirror.journals")
    if not rows:
        raise Unanswered(_("{fact}: no answer").format(fact="mirror.journals"))
    kept = (read - _oldest(rows)).days
    days = _number(member.value("instance-setting", "instance-setting:Journal/DaysBeforePurge"))
    told = [each for each in _events(member) if each.id == "LOG-407"]
    if kept <= (days or view.thresholds.purge_days) + 1 and not told:
        return passed(_("the oldest is {count} days old").format(count=kept))
    seen = _(
        "the oldest is {count} days old, {days} days are wanted: they are kept for a member that is away, never delete one by hand"
    ).format(count=kept, days=days)
    if kept <= (days or view.thresholds.purge_days) + 1:
        seen = told[0].line
    space = member.fact("journal.space")
    if not isinstance(space, list) or len(space) != 2 or not float(space[1]):  # noqa: PLR2004 - free and all
        raise Unanswered(_("{fact}: no answer").format(fact="journal.space"))
    percent = int(100 * float(space[0]) / float(space[1]))
    return (
        failed(CLAUSE.join((seen, _("{percent} % of the disk are free").format(percent=percent))))
        if percent < view.thresholds.journal_low_percent
        else warned(seen)
    )


def _oldest(rows: list[dict[str, Any]]) -> date:
    """Return the day of the oldest mirror journal by the files' names. Raises `Unanswered` where none can be told."""
    days = [
        date(int(found[1]), int(found[2]), int(found[3]))
        for row in rows
        for found in [next(filter(None, (_DATED.search(str(value)) for value in row.values())), None)]
        if found
    ]
    if not days:
        raise Unanswered(_("no journal file says of which day it is"))
    return min(days)


def _number(value: Any) -> int:
    try:
        return int(float(str(value)))
    except ValueError:
        raise Unanswered(_("{value} is no number").format(value=repr(value))) from None


def _events(member: MemberView) -> list[Event]:
    try:
        return msgspec.convert(member.fact("log.events"), list[Event])
    except msgspec.ValidationError as error:
        raise Unanswered(_("the log: {reason}").format(reason=error)) from None


KEPT = Check(
    id="JRN-302",
    title=N_("Mirror journals that are kept for a member that is away"),
    why=N_("The primary keeps every journal that a failover member lacks, until its disk is full and it stops too."),
    do=N_("Bring the member back, or remove it from the mirror. Never delete journal files by hand: the mirror would have to be built anew."),
    source="SYS.Mirror:JournalList, Config.Journal DaysBeforePurge, messages.log",
    about=About.EACH,
    roles=FAILOVER_ROLES,
    rule=_kept,
    outcomes=PASS_WARN_FAIL,
)  # fmt: skip


def _room(view: View) -> Result:
    member = view.the_promoted
    here, there = _sizes(member), _sizes(view.the_primary)
    odd: list[str] = []
    for name, (size, expansion, free) in here.items():
        if free < (expansion or max(LEAST_EXPANSION, size / 10)):
            odd.append(_("{name}: {count} MB free on its disk").format(name=name, count=int(free)))
        theirs = there.get(name, (size, 0, 0))[0]
        if size - theirs >= ODD_MEGABYTES and size * 100 > theirs * view.thresholds.database_size_percent:
            odd.append(
                _("{name}: {size} MB, {other} MB on the primary").format(
                    name=name, size=int(size), other=int(theirs)
                )
            )
    return warned(listed(odd)) if odd else passed(_("{count} databases can grow").format(count=len(here)))


def _sizes(member: MemberView) -> dict[str, tuple[float, float, float]]:
    """Return megabytes by database: how large, by how much it grows, how much is free on its disk."""
    rows = {str(row.get("Directory")).rstrip("/\\").casefold(): row for row in member.rows("databases.space")}
    found: dict[str, tuple[float, float, float]] = {}
    for item in member.items("database").values():
        directory = str(item.local.get("Directory") or "")
        row = rows.get(directory.rstrip("/\\").casefold())
        if item.compared.get("Server") or directory.startswith(":") or row is None:
            continue
        found[item.key.identity.upper()] = (
            _megabytes(row, "Size"),
            _megabytes(row, "ExpansionSize"),
            _megabytes(row, "DiskFreeSpace"),
        )
    if not found:
        raise Unanswered(_("{fact}: no answer").format(fact="databases.space"))
    return found


def _megabytes(row: Mapping[str, Any], column: str) -> float:
    text = str(row.get(column, ""))
    match = _SIZE.fullmatch(text)
    if match is None:
        raise Unanswered(_("{column}: {text} is no size").format(column=column, text=repr(text)))
    return float(match[1].replace(",", "")) * _UNITS[match[2].upper()]


ROOM = Check(
    id="JRN-304",
    title=N_("Databases of the would-be primary can grow"),
    why=N_("A database that cannot grow stops whoever writes to it; truncating is not mirrored, so one may be much larger here."),
    do=N_("Make room on the disk, or compact and truncate the database on this member too."),
    source="SYS.Database:FreeSpace; Monitoring Guide",
    about=About.PROMOTED,
    rule=_room,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)  # fmt: skip


def _interrupted(view: View, member: MemberView) -> Result:
    del view
    events = _events(member)
    ended = {each.about: each.place for each in events if each.id == "JRN-306" and each.sort == ENDED}
    down = max((each.place for each in events if each.id == "LOG-411"), default=-1)
    lost = [
        each.line
        for each in events
        if each.id == "JRN-306"
        and each.sort == FOUND
        and each.place < down
        and not each.place < ended.get(each.about, -1) < down
    ]
    return warned(listed(lost, 2)) if lost else nothing(member)


INTERRUPTED = Check(
    id="JRN-306",
    title=N_("No catch-up was interrupted by a crash"),
    why=N_("Journal records may have been skipped then, without any error: the data differs silently."),
    do=N_("Compare the data with DataCheck; where it differs, build the database anew on this member."),
    source="messages.log; InterSystems alert on mirror database catch-up",
    about=About.EACH,
    rule=_interrupted,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)  # fmt: skip


def _compared(view: View) -> Result:
    declared = view.declared
    if declared.data_check_unread:
        raise Unanswered(declared.data_check_unread)
    if not declared.data_check:
        raise ForAPerson(_("no comparison is noted: data_check of the mirror in the settings names the file"))
    noted = _NOTED.match(declared.data_check)
    try:
        day = date.fromisoformat(noted[1]) if noted else None
    except ValueError:
        day = None
    if noted is None or day is None:
        raise Unanswered(_("{text} is no day with what came of it").format(text=repr(declared.data_check)))
    if noted[2].strip().casefold() != MATCHED:
        return warned(declared.data_check)
    old = (datetime.fromisoformat(view.the_primary.header.taken_at).date() - day).days
    return (
        warned(_("{day}, {count} days ago").format(day=day, count=old))
        if old > view.thresholds.data_check_days
        else passed(declared.data_check)
    )


COMPARED = Check(
    id="JRN-307",
    title=N_("The data was compared"),
    why=N_("The mirror carries journal records and proves nothing: that both sides hold the same, only a comparison tells."),
    do=N_("Run DataCheck between the failover members, and note the day and what came of it."),
    source="a file of yours; Data Integrity Guide, DataCheck",
    about=About.MIRROR,
    rule=_compared,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)  # fmt: skip
