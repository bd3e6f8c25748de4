"""This module decides which settings of a task class may be shown, and fingerprints all others.

A task's `Settings` hold whatever the author of its class wanted: directories, but also passwords. Only what is
known to be harmless is shown: the settings of the product's own task classes, and bare numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from driftsync import normalize
from driftsync.model import Secret

SHOWN_OF_PRODUCT_TASKS = frozenset(
    {
        "Device", "DeviceType", "DatabaseList", "Directory", "Directories", "Filename", "DaysToKeep", "KeepDays", "NumberOfDays",
        "NumberOfDaysToKeep", "BodiesToo", "TypesToPurge", "StopOnError", "Switch", "BackupsToKeep",
        "PurgeDays", "ArchiveName", "FilenamePrefix", "ErrorsDays", "LogSize", "InvalidLoginLimit",
    }
)  # fmt: skip
"""Settings of `%SYS.Task.*` and `Ens.Util.Tasks.*` classes (catalog) that hold numbers, names of databases and paths."""

PRODUCT_CLASSES = ("%SYS.Task.", "Ens.Util.Tasks.")
RUNS_CODE = "%SYS.Task.RunLegacyTask"
"""Its setting is a line of ObjectScript, which may hold anything."""
TAKES_BACK = "driftsync takes {run} back"
"""How a task is called that takes a run of this tool back unless it is confirmed: by a letter first, at most 50 in all."""

_TAKES_BACK = re.compile(r"driftsync takes ([a-z0-9-]+) back", re.IGNORECASE)
_SECRET_NAME = re.compile(r"pass|pwd|secret|token|key|credential|pin", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"-?\d{1,5}(\.\d{1,3})?")


def run_taken_back_by(task: str) -> str:
    """Return the run that a task of this name waits to take back, empty where it is any other task."""
    found = _TAKES_BACK.fullmatch(task)
    return found[1] if found else ""


def settings_of_task(
    raw: Any,
    task: Mapping[str, Any],
    secret: Callable[[str, str], Secret],
    directories: Mapping[str, str],
) -> dict[str, Any] | None:
    """Return name → value or `Secret`, sorted by name; raises `ValueError` where `raw` is no record."""
    if raw in (None, "", {}, []):
        return None
    if not isinstance(raw, Mapping):
        raise ValueError("settings are a record")
    task_class = str(task.get("TaskClass", ""))
    product = task_class.startswith(PRODUCT_CLASSES) and task_class != RUNS_CODE
    made: dict[str, Any] = {}
    for name, value in sorted(raw.items()):
        clear = "" if value is None else str(value)
        if not clear:
            continue
        if _SECRET_NAME.search(name):
            made[name] = secret(name, clear)
        elif _BARE_NUMBER.fullmatch(clear):
            made[name] = normalize.number(clear)
        elif product and name in SHOWN_OF_PRODUCT_TASKS:
            made[name] = normalize.path(clear, directories)
        else:
            plain = normalize.path(clear, directories) if normalize.is_path(clear) else clear
            made[name] = secret(name, plain or clear)
    return made or None
