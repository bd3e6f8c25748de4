"""This module declares tasks of the Task Manager and the settings with which it sends mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import Reader, Table
from driftsync.kinds.places import TaskRecord
from driftsync.kinds.spec import (
    Fold,
    Kind,
    Property,
    Route,
    by,
    choice,
    flag,
    horolog,
    names,
    number,
    path,
    records,
    text,
    time,
)
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

LOCAL_ID = N_("an identifier that each instance gives by itself")
RUN = N_("tells of the last or the next run, not of the task")
DISPLAY = N_("a computed text, made from other properties for display")

PERIODS = {
    "0": "daily",
    "1": "weekly",
    "2": "monthly",
    "3": "monthly special",
    "4": "run after",
    "5": "on demand",
}
PRIMARY_ONLY, NOT_PRIMARY, ANY = 1, 2, 3
"""`MirrorStatus`; the words for the codes are not proven (api.md 5.5)."""
SYSTEM_TYPES = frozenset({"0", "1", "system"})


def shipped_task(_namespace: str, _identity: str, properties: Mapping[str, Any]) -> bool:
    """Say whether a task is the product's: by its `Type`, and where that is not known by its class."""
    task_type = str(properties.get("Type", "")).casefold()
    if task_type:
        return task_type in SYSTEM_TYPES
    task_class = str(properties.get("TaskClass", ""))
    return task_class.startswith("%SYS.Task.") and task_class != "%SYS.Task.RunLegacyTask"


def _ignored(because: str, listed: str) -> tuple[Property, ...]:
    return tuple(text(name).ignored(because) for name in listed.split())


TASK = Kind(
    name="task",
    title=N_("Task"),
    iris_class="%SYS.Task",
    source="class %SYS.Task; api.md 5.5, formats.md 4; names need not be unique",
    live=(Reader("tasks", "SELECT FROM %SYS.Task"),),
    written=ByObject(
        opener="%OpenId",
        key=("ID",),
        found_by="SELECT ID FROM %SYS.Task WHERE NameSpace = ? AND Name = ?",
        deletes="%DeleteId",
        stored_as={"RunAfter": "RunAfterGUID"},
        carries=frozenset({"Settings"}),
        at_once=True,
    ),
    identity=by("Name", namespace="NameSpace", fold=Fold.LOWER),
    properties=(
        text("TaskClass", severity=Severity.FAILOVER),
        records(
            "Settings",
            about=N_("the public properties of the task class; values of site classes are not shown"),
        ),
        choice(
            "MirrorStatus",
            values={"1": "primary only", "2": "non-primary only", "3": "any member"},
            severity=Severity.FAILOVER,
            about=N_("where in the mirror it runs, nowhere if unset; the words for the codes are not proven"),
        ),
        choice(
            "Suspended",
            values={"0": "no", "1": "suspended", "2": "suspended (code 2)"},
            severity=Severity.FAILOVER,
            about=N_("tasks also suspend themselves after an error; how 1 and 2 differ is not proven"),
        ),
        text("RunAsUser", refers_to="user", about=N_("while this user is disabled the task stays suspended")),
        choice("TimePeriod", values=PERIODS),
        number("TimePeriodEvery", about=N_("every how many days, weeks or months")),
        text(
            "TimePeriodDay",
            about=N_("weekly: digits of days, Sunday is 1; monthly: the day; special: week^day"),
        ),
        choice("DailyFrequency", values={"0": "once", "1": "several times"}),
        choice("DailyFrequencyTime", values={"0": "minutes", "1": "hours"}),
        number("DailyIncrement", about=N_("minutes or hours between runs, as DailyFrequencyTime says")),
        time("DailyStartTime", about=N_("a time of day; the class holds it as seconds since midnight")),
        time("DailyEndTime", about=N_("a time of day; the class holds it as seconds since midnight")),
        text(
            "RunAfter",
            refers_to="task",
            about=N_("the name of the task after which this one runs; it stands in place of RunAfterGUID"),
        ),
        horolog("EndDate"),
        text("StartDate").local(N_("IRIS takes future dates only, so a copy made later has another")),
        choice(
            "Priority",
            values={"0": "normal", "1": "low", "2": "high"},
            about=N_("the words for the codes are expected, not proven"),
        ),
        flag("Expires"),
        number("ExpiresDays"),
        number("ExpiresHours"),
        number("ExpiresMinutes"),
        flag("RescheduleOnStart"),
        flag("SuspendOnError"),
        flag("SuspendTerminated"),
        flag("DeleteAfterRun"),
        flag("IsBatch"),
        flag("SkipAuditOnReschedule", severity=Severity.HYGIENE),
        names("EmailOnCompletion", severity=Severity.HYGIENE),
        names("EmailOnError", severity=Severity.HYGIENE),
        names("EmailOnExpiration", severity=Severity.HYGIENE),
        flag("EmailOutput", severity=Severity.HYGIENE),
        flag("OpenOutputFile", severity=Severity.HYGIENE),
        flag("OutputFileIsBinary", severity=Severity.HYGIENE),
        path("OutputFilename", severity=Severity.HYGIENE),
        path("OutputDirectory").local(N_("each member writes the output of tasks where it has room")),
        text("Description", severity=Severity.HYGIENE, localised=True),
        choice(
            "Type", values={"0": "system", "1": "system (code 1)", "2": "user"}, severity=Severity.HYGIENE
        ).read_only(N_("IRIS sets it when the task is created")),
        *_ignored(LOCAL_ID, "JobGUID RunAfterGUID"),
        *_ignored(RUN, "LastStarted LastFinished LastSchedule DayNextScheduled TimeNextScheduled"),
        *_ignored(RUN, "Status Error ER RunningJobNumber"),
        *_ignored(DISPLAY, "DisplayDayNextScheduled DisplayEndDate DisplayErrorDate DisplayErrorNumber"),
        *_ignored(DISPLAY, "DisplayFinished DisplayInterval DisplayNextScheduled DisplayNextScheduledBrief"),
        *_ignored(DISPLAY, "DisplayRun DisplayRunAfter DisplayStartDate DisplayStarted DisplayStatus"),
    ),
    severity=Severity.APPLICATION,
    why=N_("Work that runs by the clock stops unnoticed, or runs on two members at once."),
    portal=N_("System Operation > Task Manager > View Task Schedule; a new one: New Task"),
    places=(TaskRecord(),),
    routes=(Route.CLASS_API, Route.TASK_XML),
    built_in=shipped_task,
    refers_to=("namespace",),
)

TASK_MANAGER_SETTINGS = Kind(
    name="task-manager-settings",
    title=N_("Task Manager mail setting"),
    iris_class="%SYS.Task.Config",
    source="class %SYS.Task.Config; api.md 5.28; mirror.md 2.4",
    live=(Table(iris_class="%SYS.Task.Config"),),
    left_because=N_(
        "under which name the password of the mail account stands is not known, so each might be it"
    ),
    instead=N_(
        "Set it on the page System Administration > Configuration > Additional Settings > Task Manager Email."
    ),
    identity=by("ParamName"),
    # The class has AuthPassGet and AuthPassSet, but under which ParamName the password stands is not known.
    properties=(text("Data").secret(N_("one of the parameters is the password of the mail account")),),
    severity=Severity.HYGIENE,
    why=N_("Tasks fail on the new primary and nobody gets the mail that says so."),
    portal=N_("System Administration > Configuration > Additional Settings > Task Manager Email"),
    routes=(),
)
