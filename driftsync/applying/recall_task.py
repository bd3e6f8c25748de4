"""This module makes, reads, moves and removes the task by which a member takes a run back by itself.

It is a task of `%SYS.Task.RunLegacyTask` that runs once, at a whole minute of the member's own clock: the Task Manager
looks once a minute. After every save it is read again from the table, and the member has to say itself when it runs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from driftsync.applying.failures import Stopped, WriteFailed
from driftsync.applying.permitted import Writer
from driftsync.connections import ObjectHandle
from driftsync.extracting.permitted import PermittedConnection
from driftsync.extracting.tables import select
from driftsync.extracting.values import as_bytes, as_flag, as_text
from driftsync.kinds.live import ClassQuery
from driftsync.kinds.settings_of_tasks import TAKES_BACK, run_taken_back_by
from driftsync.language import english as _
from driftsync.serial_list import decode_pairs

TASK, CODE = "%SYS.Task", "%SYS.Task.RunLegacyTask"
NAMESPACE = "%SYS"
NEEDED = ("%Admin_Task", "%Admin_Manage")
"""Resources whose USE making such a task asks for (errors 7434 and `<PROTECT>`)."""
PROCESSES = ClassQuery("%SYS.ProcessQuery", "SS")
MANAGER = "%SYS.TaskSuper"
"""How the routine of the Task Manager's process begins."""
ANY = "any"
"""The word by which the member calls a task that runs whatever its member is in the mirror."""
DAY, MINUTE = 86400, 60
PLAIN = {
    "TimePeriod": 0, "TimePeriodEvery": 1, "TimePeriodDay": "", "DailyFrequency": 0, "DailyFrequencyTime": "",
    "DailyIncrement": "", "DailyEndTime": "", "Priority": 0, "RescheduleOnStart": 0, "SuspendOnError": 0, "Expires": 0,
}  # fmt: skip
"""Once a day at a given second; where the member was down, as soon as its Task Manager runs again."""
SCHEDULE = ("StartDate", "EndDate", "DailyStartTime", "DayNextScheduled", "TimeNextScheduled")
READ = ("ID", "Name", "NameSpace", "TaskClass", "Settings", "MirrorStatus", "Suspended", "RunAsUser", "LastStarted", *SCHEDULE, *PLAIN)  # fmt: skip


def name_of(run: str) -> str:
    """Return how the task of a run is called."""
    return TAKES_BACK.format(run=run)


def key_of(run: str) -> str:
    """Return the key of that task among all items."""
    return f"task:{NAMESPACE}/{name_of(run)}"


@dataclass(frozen=True)
class Standing:
    """The task as its member has it."""

    id: str
    values: dict[str, Any]

    @property
    def deadline(self) -> int:
        """When it runs next, or was to run, by the member's clock: seconds since day 0."""
        return moment(self.values["StartDate"], self.values["DailyStartTime"])

    @property
    def started(self) -> bool:
        return as_text(self.values["LastStarted"]) != ""


def moment(day: Any, second: Any) -> int:
    """Return seconds since day 0 of $HOROLOG."""
    return int(float(as_text(day) or 0)) * DAY + int(float(as_text(second) or 0))


class Clock:
    """The member's own clock, asked once and then followed; `ask` asks again."""

    def __init__(self, connection: PermittedConnection) -> None:
        self._connection = connection
        self.ask()

    def ask(self) -> None:
        before = time.monotonic()
        told = as_text(self._connection.call("%SYSTEM.SYS", "Horolog").value)
        self._told, self._at = moment(*told.split(",")), before

    @property
    def now(self) -> float:
        return self._told + (time.monotonic() - self._at)

    def after(self, seconds: float) -> int:
        """Return the first whole minute that lies so far ahead; never midnight, which is no time of a day to set."""
        found = -int(-(self.now + seconds) // MINUTE) * MINUTE
        return found if found % DAY else found + MINUTE

    def utc(self, deadline: int) -> str:
        """Return a moment of the member's clock as UTC, ISO 8601."""
        at = datetime.now(timezone.utc) + timedelta(seconds=deadline - self.now)
        return at.isoformat(timespec="seconds").replace("+00:00", "Z")


class RecallTask:
    """The tasks of one member of which this room knows."""

    def __init__(self, connection: PermittedConnection, writer: Writer, member: str) -> None:
        self._connection, self._writer, self._member = connection, writer, member
        self._any = ""

    def must_be_possible(self) -> None:
        """Raise `Stopped` where the member could not take anything back by itself."""
        for resource in NEEDED:
            if not as_flag(self._connection.call("%SYSTEM.Security", "Check", resource, "USE").value):
                raise self._impossible(
                    _("the account lacks {resource}:USE").format(resource=resource),
                    _("give it that resource, or apply without --confirm-within"),
                )
        rows = self._connection.query(f"SELECT * FROM {PROCESSES}").records()  # noqa: S608 - of this module
        if not any(as_text(row.get("Routine")).startswith(MANAGER) for row in rows):
            raise self._impossible(
                _("no process of the Task Manager is running there"),
                _("start it with ^TASKMGR, or apply without --confirm-within"),
            )
        self.any_code()

    def any_code(self) -> str:
        """Return the code of *any member* as this release has it. Raises `Stopped` unless exactly one word says so."""
        if self._any:
            return self._any
        opened = self._connection.call(
            "%Dictionary.CompiledProperty", "%OpenId", f"{TASK}||MirrorStatus"
        ).value
        found: list[str] = []
        if isinstance(opened, ObjectHandle):
            held = self._connection.get(opened, "Parameters")
            codes, words = (
                self._listed(held, name) if isinstance(held, ObjectHandle) else []
                for name in ("VALUELIST", "DISPLAYLIST")
            )
            pairs = zip(codes, words, strict=True) if len(codes) == len(words) else ()
            found = [code for code, word in pairs if ANY in word.casefold().split()]
        if len(found) != 1:
            raise self._impossible(
                _("it does not say which code of MirrorStatus lets a task run on any member"),
                _("apply without --confirm-within: a task whose code was guessed might never run"),
            )
        self._any = found[0]
        return self._any

    def others(self, run: str) -> list[str]:
        """Return other runs that wait to be confirmed on this member."""
        rows = self._connection.query(
            f"{select(TASK, ('Name', 'DayNextScheduled'))} WHERE NameSpace = ?", NAMESPACE
        ).rows
        runs = [run_taken_back_by(as_text(name)) for name, day in rows if as_text(day)]
        return [other for other in runs if other and other != run]

    def find(self, run: str) -> Standing | None:
        """Read the task of a run from the table, `None` where there is none. Raises `Stopped` for two of this name."""
        rows = self._connection.query(
            f"{select(TASK, READ)} WHERE NameSpace = ? AND Name = ?", NAMESPACE, name_of(run)
        ).rows
        if len(rows) > 1:
            raise Stopped(_("{count} items have this name").format(count=len(rows)))
        if not rows:
            return None
        values = dict(zip(READ, rows[0], strict=True))
        return Standing(as_text(values["ID"]), values)

    def make(self, run: str, code: str, deadline: int) -> None:
        """Make the task. Raises `WriteFailed` where the member refuses it; `find` and `unequal` say what came of it."""
        writer = self._writer
        legacy = writer.made(writer.call(CODE, "%New").value)
        writer.set(legacy, "ExecuteCode", code)
        settings = as_bytes(writer.invoke(legacy, "GetSettings").value)
        made = writer.made(writer.call(TASK, "%New").value)
        values = {
            "Name": name_of(run),
            "NameSpace": NAMESPACE,
            "TaskClass": CODE,
            "Description": "Made by driftsync sync --confirm-within",
            "Settings": settings,
            "MirrorStatus": self.any_code(),
            **PLAIN,
            **_schedule(deadline),
        }
        for name, value in values.items():
            writer.set(made, name, value)
        writer.must(writer.invoke(made, "%Save").value)

    def move(self, standing: Standing, deadline: int) -> None:
        """Set another time, with one save."""
        writer = self._writer
        opened = writer.made(writer.call(TASK, "%OpenId", standing.id).value)
        for name, value in _schedule(deadline).items():
            writer.set(opened, name, value)
        writer.must(writer.invoke(opened, "%Save").value)

    def remove(self, standing: Standing, run: str) -> None:
        """Delete it. Raises `WriteFailed` where the member refuses, or has it still."""
        self._writer.must(self._writer.call(TASK, "%DeleteId", standing.id).value)
        if self.find(run) is not None:
            raise WriteFailed(_("read again, it is still there"))

    def unequal(self, standing: Standing, code: str, deadline: int) -> list[str]:
        """Return what of the task is not as it has to be; an empty list says that the member will run this code then."""
        day, second = divmod(deadline, DAY)
        user = as_text(self._connection.call("%SYSTEM.Process", "UserName").value)
        wanted = {
            "NameSpace": NAMESPACE,
            "TaskClass": CODE,
            "MirrorStatus": self.any_code(),
            "DayNextScheduled": day,
            "TimeNextScheduled": second,
            "Suspended": 0,
            **PLAIN,
            **_schedule(deadline),
        }
        values = standing.values
        found = [name for name, value in wanted.items() if _plain(values[name]) != _plain(value)]
        if as_text(values["RunAsUser"]).casefold() != user.casefold():
            found.append("RunAsUser")
        try:
            held = decode_pairs(as_bytes(values["Settings"]))
        except ValueError:
            held = {}
        return found if held == {"ExecuteCode": code} or not code else [*found, "Settings"]

    def _listed(self, held: ObjectHandle, name: str) -> list[str]:
        text = as_text(self._connection.invoke(held, "GetAt", name).value)
        return text[1:].split(text[0]) if text else []

    def _impossible(self, why: str, hint: str) -> Stopped:
        return Stopped(
            _("{member} could not take the run back by itself: {why}").format(member=self._member, why=why),
            hint=hint,
        )


def _schedule(deadline: int) -> dict[str, int]:
    day, second = divmod(deadline, DAY)
    return {"StartDate": day, "EndDate": day, "DailyStartTime": second}


def _plain(value: Any) -> str:
    """Return a value as text; a flag is a number, and none is the same as nothing."""
    text = as_text(int(value) if isinstance(value, bool) else value)
    return "" if text == "0" else text
