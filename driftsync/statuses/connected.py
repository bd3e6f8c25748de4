"""This module says whether an async member is connected, by its own status or by its line in the list of members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.statuses.reading import Lag, journal_transfer_of, member_type_of, role_of, state_of, status_of

HERE = frozenset({"CONNECTED", "TRANSITION", "SYNCHRONIZING", "PRIMARY", "BACKUP"})
"""Statuses of a member that is connected, or about to be: what it is sent is not purged from under it."""
AWAY = frozenset({"WAITING", "STOPPED", "CRASHED", "ERROR", "DOWN", "NOTINIT"})
FOLLOWING = frozenset({"ACTIVE", "CAUGHT_UP", "BEHIND"})
"""What journal transfer says of a member that follows its primary."""
ASYNC_TYPES = frozenset({"DISASTER_RECOVERY", "READ_ONLY_REPORTING", "READ_WRITE_REPORTING", "ASYNC"})


def status_connected(status: object) -> bool | None:
    """Say it of a text or a code of `GetStatus`; `None` for an unknown one, and for some of several mirrors."""
    code = status_of(status)
    if code is not None and code.startswith("MULTIASYNC^"):
        some, _slash, all_ = code.partition("^")[2].partition("/")
        return True if some == all_ != "0" else None
    return True if code in HERE else False if code in AWAY else None


def row_connected(row: Mapping[str, Any]) -> bool | None:
    """Say it of a row of `MemberStatusList`; a disconnected journal transfer outweighs any status."""
    lag = row_lag(row)
    if lag is not None and lag.code == "DISCONNECTED":
        return False
    found = status_connected(row.get("DisplayStatus"))
    if found is None and lag is not None and lag.code in FOLLOWING:
        return True
    if found is None and state_of(row.get("CurrentStatus")) in {"DOWN", "INACTIVE", "EXIT"}:
        return False
    return found


def row_lag(row: Mapping[str, Any]) -> Lag | None:
    """Read how far the member's journal is behind, as the list shows it."""
    return journal_transfer_of(row.get("JournalTimeLatency")) or journal_transfer_of(
        row.get("JournalLatency")
    )


def row_is_async(row: Mapping[str, Any]) -> bool | None:
    """Say whether a row is about an async member; `None` where neither its role nor its type is understood."""
    role, kind = role_of(row.get("CurrentRole")), member_type_of(row.get("DisplayType"))
    if role is None and kind in {None, "INDETERMINATE"}:
        return None
    return role == "ASYNC" or kind in ASYNC_TYPES
