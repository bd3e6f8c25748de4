"""This module says whether an async member is connected, by its own status or by its line in the list of members."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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


def row_follows(row: Mapping[str, Any]) -> bool:
    """Say whether a row shows a member that follows the primary of its list: then it is no primary itself."""
    return role_of(row.get("CurrentRole")) in {"BACKUP", "ASYNC"} and row_connected(row) is True


def not_following(lists: Sequence[Iterable[Mapping[str, Any]]], asked: Collection[str]) -> dict[str, str]:
    """Return the members, beside those that were `asked` themselves, of which not every list shows that they follow.

    Each with its status in the list that does not show it, empty where that list lacks it.
    """
    known = {name.casefold() for name in asked}
    tables = [{str(row.get("MemberName") or "").casefold(): row for row in each} for each in lists]
    found: dict[str, str] = {}
    for name, row in ((name, row) for table in tables for name, row in table.items()):
        for table in tables:
            if name not in known and not row_follows(table.get(name, {})):
                status = table.get(name, {}).get("DisplayStatus") or table.get(name, {}).get("CurrentStatus")
                found.setdefault(str(row.get("MemberName") or "?"), str(status or ""))
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
