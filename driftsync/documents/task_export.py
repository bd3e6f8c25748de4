"""This module reads a task export (`%SYS.Task.ExportTasks`). Facts: formats.md 4.

A task has no natural key: its ids are local, and names may repeat. `RunAfterGUID` becomes the name of the task
it points to; what `Settings` holds is decoded from its base64 `$LIST`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from driftsync.documents.document import Document
from driftsync.documents.xml import records
from driftsync.kinds import all_kinds
from driftsync.kinds.making import RawItem, RawValue
from driftsync.language import english as _
from driftsync.model import Coverage, Gap
from driftsync.serial_list import decode_pairs

FORMAT = "task-export"
ROOT = "Tasks"
RECORD = "Task"


def read_task_export(path: Path, content: bytes) -> Document:
    """Read all tasks of a file. Coverage is whole: the export writes every task there is."""
    document = Document(path, FORMAT)
    kind = all_kinds()["task"]
    found = list(records(path, content, depth=1))
    tasks = [record for record in found if record.tag == RECORD]
    if len(tasks) < len(found):
        document.gaps.append(Gap(kind=kind.name, reason=_("the task export holds records that are no tasks")))
    names = {
        str(task.values["JobGUID"]): full_name(task.values) for task in tasks if task.values.get("JobGUID")
    }
    for task in tasks:
        values = dict(task.values)
        unread: list[str] = []
        follow_run_after(values, names, unread)
        _settings(values, unread)
        document.items.append(RawItem(kind, values, task.line, unread=tuple(unread)))
    document.saw(kind.name, Coverage.WHOLE)
    return document


def full_name(values: Mapping[str, RawValue]) -> str:
    """Return a task's namespace and name as one."""
    return f"{str(values.get('NameSpace', '')).upper()}/{values.get('Name', '')}"


def follow_run_after(values: dict[str, RawValue], names: Mapping[str, str], unread: list[str]) -> None:
    """Put the name of the task in place of its identifier, which is local; what is not known is unread."""
    guid = values.pop("RunAfterGUID", None)
    if not guid:
        return
    if str(guid) in names:
        values["RunAfter"] = names[str(guid)]
    else:
        unread.append("RunAfter")


def _settings(values: dict[str, RawValue], unread: list[str]) -> None:
    raw = values.pop("Settings", None)
    if not raw:
        return
    try:
        values["Settings"] = dict(decode_pairs(base64.b64decode("".join(str(raw).split()), validate=True)))
    except ValueError:
        unread.append("Settings")
