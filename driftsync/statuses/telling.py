"""This module turns a status that was copied as text into what the member itself would have told: facts, by their names.

What the file does not show, or shows in words that no table holds, stays unobserved with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from driftsync.language import english as _
from driftsync.statuses.connected import FOLLOWING
from driftsync.statuses.display import MOST, Row, Shown, StatusUnreadable, decoded, read_display
from driftsync.statuses.reading import (
    Lag,
    arbiter_of,
    dejournaling_of,
    failover_mode_of,
    journal_transfer_of,
    member_type_of,
    role_of,
    status_of,
)
from driftsync.statuses.walk import is_walk, read_walk

STATUS, MEMBER_STATUS, MEMBER_TYPE = "mirror.status", "mirror.member_status", "mirror.member_type"
MEMBERS, ARBITER, MODE = "mirror.members", "mirror.arbiter", "mirror.failover_mode"
JOURNAL, DATABASE = "mirror.journal_latency", "mirror.database_latency"
FACTS = (STATUS, MEMBER_STATUS, MEMBER_TYPE, MEMBERS, ARBITER, MODE, JOURNAL, DATABASE)
"""All that a status can tell."""
ERROR = -1
"""What `JournalFilesLatency` and `DatabasesLatency` say of a member that does not follow."""


@dataclass(frozen=True)
class Told:
    """What a file tells of one member."""

    instance: str
    role: str = ""
    """PRIMARY, BACKUP, FAILOVER, DISASTER_RECOVERY …; empty where it is not understood."""
    observed: dict[str, Any] = field(default_factory=dict)
    unobserved: dict[str, str] = field(default_factory=dict)


def read_status(raw: bytes) -> Shown:
    """Read a file; raises `StatusUnreadable` where it shows no status."""
    if len(raw) > MOST:
        raise StatusUnreadable(_("it is too large for a status"))
    text = decoded(raw)
    return read_walk(text) if is_walk(text) else read_display(text)


def told_of(shown: Shown, names: Collection[str]) -> Told:
    """Return what is shown of the member with one of these names; raises `StatusUnreadable` where none has it."""
    wanted = {_name(name) for name in names if name} | {
        _name(name.partition("/")[0]) for name in names if name
    }
    found = [
        row
        for row in shown.rows
        if {_name(row["MemberName"]), _name(row["MemberName"].partition("/")[0])} & wanted
    ]
    if len(found) != 1:
        raise StatusUnreadable(
            _("it shows no member {name}; it shows: {names}").format(
                name=min(names, key=len, default=""),
                names=", ".join(row["MemberName"] for row in shown.rows[:9]) or "–",
            )
        )
    row = found[0]
    told = Told(row["MemberName"], _role(row))
    _tell_status(told, row)
    for name, lag, column in (
        (JOURNAL, journal_transfer_of(row.get("JournalTimeLatency")), "JournalTimeLatency"),
        (DATABASE, dejournaling_of(row.get("DatabaseTimeLatency")), "DatabaseTimeLatency"),
    ):
        _tell_lag(told, name, lag, row.get(column, ""))
    _tell(told, ARBITER, shown.arbiter, known=arbiter_of(shown.arbiter) is not None)
    _tell(told, MODE, shown.mode, known=failover_mode_of(shown.mode) is not None)
    told.observed[MEMBERS] = [dict(each) for each in shown.rows]
    told.unobserved[MEMBERS] = shown.cut or _("a display need not show members that are away")
    return told


def _name(text: str) -> str:
    return re.sub(r"[^0-9a-z/]", "", text.casefold())


def _role(row: Row) -> str:
    status = status_of(row.get("DisplayStatus"))
    if status in {"PRIMARY", "TROUBLE"}:
        return "PRIMARY"
    if status == "BACKUP":
        return "BACKUP"
    return member_type_of(row.get("DisplayType")) or role_of(row.get("CurrentRole")) or ""


def _tell_status(told: Told, row: Row) -> None:
    text = row.get("DisplayStatus", "")
    code = status_of(text)
    if code is None:
        told.unobserved[STATUS] = told.unobserved[MEMBER_STATUS] = _not_understood(text)
    elif code == "TROUBLE":
        told.observed.update({STATUS: "PRIMARY", MEMBER_STATUS: ["Primary", "Trouble"]})
    else:
        told.observed.update({STATUS: code, MEMBER_STATUS: [text]})
    _tell(
        told,
        MEMBER_TYPE,
        row.get("DisplayType", ""),
        known=member_type_of(row.get("DisplayType")) is not None,
    )


def _tell_lag(told: Told, name: str, lag: Lag | None, text: str) -> None:
    if lag is None or lag.code == "NOT_APPLICABLE":
        told.unobserved[name] = _not_understood(text)
    else:
        told.observed[name] = lag.seconds if lag.code in FOLLOWING else ERROR


def _tell(told: Told, name: str, text: str, *, known: bool) -> None:
    if known:
        told.observed[name] = text
    else:
        told.unobserved[name] = _not_understood(text)


def _not_understood(text: str) -> str:
    if not text:
        return _("the status does not show it")
    return _("the status shows {text}, which no table knows").format(text=repr(text[:80]))
