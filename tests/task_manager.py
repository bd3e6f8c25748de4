"""The Task Manager of a member of the lab, which runs when a test says so: it carries out by a reader of ObjectScript what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import PASSWORDS
from driftsync.lab.values import decode
from tests.live import EVERYTHING
from tests.running_object_script import OneLine

BEGINS = "driftsync takes "
DAY = 86400


def tasks(instance: SimulatedInstance) -> list[dict[str, Any]]:
    """Return the tasks that wait to take a run back."""
    return [row for row in instance.storage.rows("%SYS.Task") if str(row["Name"]).startswith(BEGINS)]


def code_of(task: dict[str, Any]) -> str:
    settings = task["Settings"]
    name, code = decode(settings if isinstance(settings, bytes) else settings.encode("latin-1"))
    assert name == "ExecuteCode"
    return str(code)


def let_time_pass(instance: SimulatedInstance, **time: float) -> list[dict[str, Any]]:
    """Move the member's clock on and run what is due by then; return the local variables that each task leaves."""
    instance.clock_ahead += timedelta(**time)
    return run_due(instance)


def run_due(instance: SimulatedInstance) -> list[dict[str, Any]]:
    day, second = (float(part) for part in instance.moment().split(","))
    ran = []
    for task in tasks(instance):
        if task["DayNextScheduled"] == "" or task["Suspended"]:
            continue
        if task["DayNextScheduled"] * DAY + task["TimeNextScheduled"] > day * DAY + second:
            continue
        assert task["RunAsUser"] == EVERYTHING
        stored = {
            **task,
            "LastStarted": "2026-11-21 12:00:00",
            "DayNextScheduled": "",
            "TimeNextScheduled": "",
        }
        instance.change("%SYS.Task", {"ID": task["ID"]}, stored)
        ran.append(
            OneLine(code_of(task), instance.login(EVERYTHING, PASSWORDS[EVERYTHING], task["NameSpace"])).run()
        )
    return ran
