"""This module answers what makes and schedules a task: its settings, when it runs next, and what is written to messages.log."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import Call, answers, as_text
from driftsync.lab.instance.errors import OK
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.instance.objects import ArrayObject, LabObject, RecordObject
from driftsync.lab.values import decode, encode_list

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance

LOG = "messages.log"
PID = 1234


@answers("%SYS.Task.*", "GetSettings")
def _settings(call: Call) -> Value:
    assert isinstance(call.target, RecordObject)  # noqa: S101 - the session gives class methods no target
    record = call.target.record
    public = [name for name in call.facts.properties if not name.startswith("%")]
    return encode_list([part for name in public for part in (name, as_text(record.get(name)))])


@answers("%SYS.Task.*", "SetSettings")
def _set_settings(call: Call) -> Value:
    assert isinstance(call.target, RecordObject)  # noqa: S101 - the session gives class methods no target
    given = decode(call.text("pState").encode("latin-1"))
    for name, value in zip(given[::2], given[1::2], strict=True):
        call.target.set(as_text(name), value)
    return OK


@answers("%SYS.System", "WriteToConsoleLog")
def _write_to_log(call: Call) -> Value:
    moment = now(call.instance)
    line = f"{moment:%m/%d/%y-%H:%M:%S}:{moment.microsecond // 1000:03} ({PID}) {call.number('Severity')} [{call.text('Event')}] {call.text('Message')}\n"
    call.instance.files.put(LOG, (call.instance.files.find(LOG) or b"") + line.encode("latin-1", "replace"))
    return OK


class _DeclaredProperty(LabObject):
    """A property as the compiled class declares it."""

    class_name = "%Dictionary.CompiledProperty"

    def __init__(self, parent: str, name: str, parameters: dict[str, Any]) -> None:
        self._values = {"parent": parent, "Name": name}
        self._parameters = parameters

    def get(self, name: str) -> Any:
        if name == "Parameters":
            return ArrayObject(self._parameters)
        return self._values[name] if name in self._values else super().get(name)


@answers("%Dictionary.CompiledProperty", "%OpenId")
def _declared(call: Call) -> Any:
    parent, _bars, name = call.text("id").partition("||")
    if not call.instance.has_class(parent) or not call.instance.has_property(parent, name):
        return ""
    found = all_classes()[parent].properties.get(name)
    return _DeclaredProperty(parent, name, dict(found.params)) if found else ""


def now(instance: SimulatedInstance) -> dt.datetime:
    """Return the member's own time."""
    return dt.datetime.now(tz=dt.timezone.utc) + instance.clock_ahead
