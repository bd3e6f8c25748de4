"""This module says SQL privileges as actions of the merge file: what each sets, as the pages RACS_grantprivilege … have it.

IRIS runs the actions of a file in an order of its own, so what has to be taken before it is given again is left unsaid.
"""

from __future__ import annotations

import re

from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import Sort, Value
from driftsync.rendering.steps import Step, Unsaid
from driftsync.rendering.values import CannotBeSaid

OTHER_OBJECT = _("the action is known for tables and views alone")
OTHER_RIGHT = _("under which word the action takes this privilege is not established")
LISTS = _("the action takes lists, and this name would not be one element of them")
OWN_ORDER = _(
    "it has to be taken before it is given again, and IRIS runs the actions of a merge file in an order of its own"
)
NO_ROLE = _("the merge file has no action that grants a role by SQL")

TYPES = {"1": "Table", "3": "View"}
RIGHTS = {"i": "INSERT", "u": "UPDATE", "d": "DELETE", "s": "SELECT", "r": "REFERENCES"}
PASSED_ON = 2

_ELEMENT = re.compile(r"[\w%@.-]+(?: [\w%@.-]+)*")

Line = tuple[str, dict[str, str]]
"""An action and its words."""


def actions(step: Step, written: ByStatement) -> tuple[list[Line], list[Unsaid]]:
    """Return the actions of a step, and what they do not say. Raises `CannotBeSaid` where they say nothing."""
    if written.each:
        return _administrative(step, written)
    if not written.types:
        raise CannotBeSaid(NO_ROLE)
    return _on_object(step), []


def _on_object(step: Step) -> list[Line]:
    number, _comma, name = step.names["SQLObject"].partition(",")
    right = step.names["Privilege"].lower()
    if number not in TYPES:
        raise CannotBeSaid(OTHER_OBJECT)
    if right not in RIGHTS:
        raise CannotBeSaid(OTHER_RIGHT)
    words = {
        "ObjPriv": RIGHTS[right],
        "ObjList": _element(name),
        "Type": TYPES[number],
        "User": _element(step.names["Grantee"]),
        "Namespace": step.names["Namespace"],
    }
    if step.sort is Sort.DELETE:
        return [("RevokePrivilege", words)]
    option = _level(step.about.sets.get("Grantable"))
    if step.sort is Sort.CHANGE and not option:
        raise CannotBeSaid(OWN_ORDER)
    return [("GrantPrivilege", {**words, "WithGrant": str(option)})]


def _administrative(step: Step, written: ByStatement) -> tuple[list[Line], list[Unsaid]]:
    gone = step.sort is Sort.DELETE
    named = step.about.before if gone else step.about.sets
    wanted = {name: 0 if gone else _level(named[name]) for name in written.each if name in named}
    before = {name: _level(step.about.before.get(name)) for name in wanted}
    lowered = [name for name in wanted if 0 < wanted[name] < before[name]]
    made = []
    for verb, chosen, option in (
        ("Revoke", [name for name in wanted if 0 == wanted[name] < before[name]], {}),
        ("Grant", [name for name in wanted if before[name] == 0 and wanted[name] == 1], {"WithGrant": "0"}),
        (
            "Grant",
            [name for name in wanted if before[name] < wanted[name] == PASSED_ON],
            {"WithGrant": "1"},
        ),
    ):
        if chosen:
            words = {
                "AdminPriv": ",".join(written.each[name] for name in chosen),
                "Grantee": _element(step.names["Grantee"]),
                "Namespace": step.names["Namespace"],
            }
            made.append((f"{verb}AdminPrivilege", {**words, **option}))
    return made, [Unsaid(step, OWN_ORDER, (name,)) for name in lowered]


def _element(name: str) -> str:
    """Return a name that is one element of a list; raises `CannotBeSaid`."""
    if not _ELEMENT.fullmatch(name):
        raise CannotBeSaid(LISTS)
    return name


def _level(value: Value) -> int:
    """Return 0 for what is not held, 1 for what is, 2 for what may be passed on as well."""
    text = str(value)
    return int(text) if text in {"1", "2"} else int(text == "True")
