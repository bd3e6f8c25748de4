"""This module reads tasks from their table, and gives `RunAfterGUID` and `Settings` the shape of an export."""

from __future__ import annotations

from driftsync.documents.task_export import follow_run_after, full_name
from driftsync.extracting.reach import Reach, Read
from driftsync.extracting.tables import read_table
from driftsync.extracting.values import as_bytes
from driftsync.kinds.live import Table
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.spec import Kind
from driftsync.serial_list import decode_pairs

TASKS = Table(iris_class="%SYS.Task")
GUID = "JobGUID"


def read_tasks(reach: Reach, kind: Kind) -> Read:
    """Read all tasks. Raises `RouteClosed` where the table cannot be read."""
    read = read_table(reach, kind, TASKS, also=(GUID, "RunAfterGUID"))
    names = {
        str(item.values[GUID]): full_name(dict(item.values)) for item in read.items if item.values.get(GUID)
    }
    read.items = [_task(item, names) for item in read.items]
    return read


def _task(item: RawItem, names: dict[str, str]) -> RawItem:
    values = dict(item.values)
    unread = list(item.unread)
    values.pop(GUID, None)
    follow_run_after(values, names, unread)
    _settings(values, unread)
    return RawItem(item.kind, values, unread=tuple(unread))


def _settings(values: dict[str, RawValue], unread: list[str]) -> None:
    raw = values.pop("Settings", None)
    if not raw:
        return
    try:
        if isinstance(raw, list):  # the dictionary calls it a list
            values["Settings"] = dict(zip(map(str, raw[::2]), raw[1::2], strict=True))
        else:
            values["Settings"] = dict(decode_pairs(as_bytes(raw)))
    except ValueError:
        unread.append("Settings")
