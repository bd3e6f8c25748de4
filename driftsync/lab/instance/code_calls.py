"""This module answers for routines: the code of the site, read as `%Library.Routine` streams."""

from __future__ import annotations

from typing import Any

from driftsync.lab.contract import Argument, Value
from driftsync.lab.instance.calling import Call, answers, as_number, as_text
from driftsync.lab.instance.errors import OK
from driftsync.lab.instance.objects import LabObject

PAGE = 32000


class RoutineObject(LabObject):
    """The source of one routine."""

    class_name = "%Library.Routine"

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._source = source
        self._place = 0

    def get(self, name: str) -> Any:
        match name:
            case "AtEnd":
                return int(self._place >= len(self._source))
            case "Size":
                return len(self._source)
            case "Name":
                return self._name
            case "LastModified":
                return "2024-06-01 10:00:00"
        return super().get(name)

    def invoke(self, method: str, arguments: list[Argument]) -> tuple[Any, dict[int, Any]]:
        value, returned = super().invoke(method, arguments)
        return value, {0: len(value), 1: OK} if method in {"Read", "ReadLine"} else returned

    def do_Read(self, size: Value = PAGE, *_more: Value) -> str:  # noqa: N802 - the names of IRIS
        found = self._source[self._place : self._place + (as_number(size, PAGE) or PAGE)]
        self._place += len(found)
        return found

    def do_ReadLine(self, *_more: Value) -> str:  # noqa: N802
        line = self._source[self._place :].partition("\n")[0]
        self._place += len(line) + 1
        return line

    def do_Rewind(self) -> int:  # noqa: N802
        self._place = 0
        return OK

    def do_RoutineExists(self) -> int:  # noqa: N802
        return int(bool(self._source))


def _source(call: Call, name: str) -> str | None:
    here = call.session.namespace
    folded = name.lower() if "." in name else f"{name.lower()}.mac"
    return next(
        (one.source for one in call.instance.code if one.namespace == here and one.name.lower() == folded),
        None,
    )


@answers("%Library.Routine", "%New", "%OpenId")
def _open(call: Call) -> Any:
    name = call.text("initvalue") or call.text("id")
    source = _source(call, name)
    if source is None and call.method == "%OpenId":
        return ""
    return RoutineObject(name, source or "")


@answers("%Library.Routine", "Exists")
def _exists(call: Call) -> Value:
    return int(_source(call, call.text("name")) is not None)


@answers("%Library.Routine", "GetDate")
def _date(call: Call) -> Value:
    return "2024-06-01 10:00:00" if _source(call, as_text(call.value("name"))) is not None else ""
