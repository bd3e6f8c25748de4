"""This module writes the tasks of a plan as a task export, for `%SYS.Task.ImportTasks`. Facts: formats.md 4.

An import makes tasks; it changes none. A task that runs after another names it by an identifier that only the member
knows, so that this is left for the page of the portal.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from xml.sax.saxutils import escape

from driftsync.kinds.places import TaskRecord
from driftsync.kinds.spec import Property, Shape
from driftsync.language import english as _
from driftsync.model import Plan, Sort, Value
from driftsync.rendering.heading import Tongue, heading, one_line
from driftsync.rendering.manifest import NOT_XML, normalize_xml
from driftsync.rendering.steps import Said, Step, Unsaid, nothing, writable
from driftsync.rendering.values import SECRET_INSIDE, CannotBeSaid, elements, holds_secret, spelled
from driftsync.serial_list import encode_list

TASKS_ONLY = _("a task export holds tasks alone")
NEW_ONLY = _("importing tasks makes new ones; it neither changes nor deletes any")
OTHER_TASK = _("the identifier of the task that it runs after is known to the member alone")
HOW = _('In the namespace %SYS: do ##class(%SYS.Task).ImportTasks("FILE"), then look at the schedule of each')
ONCE = _("Once only: each import makes every task again, beside those of the same name.")

FIRST = (
    "Name", "RunAsUser", "EmailOutput", "Expires", "OpenOutputFile", "OutputFileIsBinary", "SuspendOnError", "Suspended",
    "Priority", "TaskClass", "Settings", "IsBatch", "NameSpace", "TimePeriod", "TimePeriodEvery", "TimePeriodDay",
    "DailyFrequency", "DailyFrequencyTime", "DailyIncrement", "DailyStartTime", "DailyEndTime", "EndDate", "MirrorStatus",
    "RescheduleOnStart", "DeleteAfterRun",
)  # fmt: skip
"""The order in which an export has its fields; others follow."""


def say(step: Step) -> Said:
    """Say a task as a record."""
    if not any(isinstance(place, TaskRecord) for place in step.kind.places):
        return nothing(step, TASKS_ONLY)
    if step.sort is not Sort.CREATE:
        return nothing(step, NEW_ONLY)
    values, unsaid = writable(step)
    fields: dict[str, str] = {}
    for name, text in step.names.items():
        if not normalize_xml(text):
            return nothing(step, NOT_XML)
        fields[name] = escape(text)
    for name, value in values.items():
        declared = step.declared(name)
        if declared is None or value is None:
            continue
        try:
            fields[name] = _content(declared, value)
        except CannotBeSaid as error:
            unsaid.append(Unsaid(step, str(error), (name,)))
    unsaid += [Unsaid(step, SECRET_INSIDE, (name,)) for name in step.about.secrets]
    return Said(step, {name: text for name, text in fields.items() if text}, tuple(unsaid))


def _content(declared: Property, value: Value) -> str:
    if declared.name == "RunAfter":
        raise CannotBeSaid(OTHER_TASK)
    if declared.shape is Shape.RECORDS and isinstance(value, dict):
        return _settings(value)
    if declared.shape is Shape.SET:
        return "".join(
            f"<{declared.name}Item>{_escaped(each)}</{declared.name}Item>" for each in elements(value)
        )
    if declared.shape is Shape.FLAG:
        return "true" if value else "false"
    if declared.shape in {Shape.TIME, Shape.HOROLOG}:
        return _escaped(str(value))
    return _escaped(spelled(declared, value))


def _settings(value: dict[str, Value]) -> str:
    if holds_secret(value):
        raise CannotBeSaid(SECRET_INSIDE)
    parts = [
        part for name, each in value.items() for part in (name, int(each) if isinstance(each, bool) else each)
    ]
    return base64.b64encode(encode_list(parts)).decode()


def _escaped(text: str) -> str:
    if not normalize_xml(text):
        raise CannotBeSaid(NOT_XML)
    return escape(text, {"\r": "&#13;"})


def text(plan: Plan, said: Iterable[Said], tongue: Tongue) -> str:
    """Return the whole export: no line break after the root, and none at its end, as IRIS writes it."""
    steps = list(said)
    lines = [*heading(plan, steps, tongue), "", tongue(HOW), tongue(ONCE)]
    remark = "\n".join(f"  {one_line(line)}".rstrip() for line in lines).replace("--", "- -")
    records = [_record(each.body) for each in steps if each.body is not None]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!--\n{remark}\n-->\n<Tasks>'
        + "\n".join(records)
        + "</Tasks>"
    )


def _record(fields: dict[str, str]) -> str:
    ordered = sorted(fields, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    return "<Task>\n" + "".join(f"<{name}>{fields[name]}</{name}>\n" for name in ordered) + "</Task>\n"
