"""This module reads a task export (`%SYS.Task.ExportTasks`). Facts: formats.md 4.

A task has no natural key: its ids are local, and names may repeat. `RunAfterGUID` becomes the name of the task
it points to; what `Settings` holds is decoded from its base64 `$LIST`.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from driftsync.documents.document import Document
from driftsync.documents.serial_list import decode_pairs
from driftsync.documents.xml import records, value_of
from driftsync.kinds import all_kinds
from driftsync.kinds.making import RawItem, RawValue
from driftsync.model import Coverage

FORMAT = "task-export"
ROOT = "Tasks"


def read_task_export(path: Path, content: bytes) -> Document:
    """Read all tasks of a file. Coverage is whole: the export writes every task there is."""
    document = Document(path, FORMAT)
    kind = all_kinds()["task"]
    tasks: list[tuple[dict[str, RawValue], int]] = []
    for _container, _tag, element in records(path, content, depth=1):
        tasks.append(({child.tag: value_of(child) for child in element}, element.sourceline or 0))
    names = {
        str(values.get("JobGUID")): _full_name(values) for values, _line in tasks if values.get("JobGUID")
    }
    for values, line in tasks:
        unread: list[str] = []
        _run_after(values, names, unread)
        _settings(values, unread)
        document.items.append(RawItem(kind, values, line, unread=tuple(unread)))
    document.saw(kind.name, Coverage.WHOLE)
    return document


def _full_name(values: dict[str, RawValue]) -> str:
    return f"{str(values.get('NameSpace', '')).upper()}/{values.get('Name', '')}"


def _run_after(values: dict[str, RawValue], names: dict[str, str], unread: list[str]) -> None:
    guid = values.pop("RunAfterGUID", None)
    if not guid:
        return
    if str(guid) in names:
        values["RunAfter"] = names[str(guid)]
    else:
        unread.append("RunAfter")


def _settings(values: dict[str, RawValue], unread: list[str]) -> None:
    raw = values.get("Settings")
    if not raw:
        return
    try:
        decoded = decode_pairs(base64.b64decode(str(raw), validate=False))
    except (binascii.Error, ValueError, UnicodeDecodeError):
        del values["Settings"]
        unread.append("Settings")
        return
    values["Settings"] = dict(decoded)
