"""This module makes the statements of GRANT and REVOKE that a kind declares; every name is a delimited identifier."""

from __future__ import annotations

from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import Action, Sort, Withheld

GRANTABLE = "Grantable"


def of(written: ByStatement, action: Action | Withheld) -> list[str]:
    """Return the statements. Raises `ValueError` for an object or a privilege that cannot be named in one."""
    words = {name: quoted(value) for name, value in action.identity.items()}
    if written.words:
        words["privilege"] = _privilege(written, action)
        words["object"] = _object(written, action)
    grant, revoke = written.grant.format_map(words), written.revoke.format_map(words)
    if action.sort is Sort.DELETE:
        return [revoke]
    grantable = str(action.sets.get(GRANTABLE, "0")) in {"1", "True"}
    made = [f"{grant} {written.option}" if grantable else grant]
    return made if grantable or action.sort is Sort.CREATE else [revoke, *made]


def quoted(name: str) -> str:
    """Return a delimited identifier. Raises `ValueError` for a name that no statement can hold."""
    if any(letter in name for letter in ";\n\r\0") or not name:
        raise ValueError(_("no statement can hold this name"))
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _privilege(written: ByStatement, action: Action | Withheld) -> str:
    code = action.identity["Privilege"].lower()
    if code not in written.words:
        raise ValueError(_("no statement is known for the privilege {code}").format(code=code))
    return written.words[code]


def _object(written: ByStatement, action: Action | Withheld) -> str:
    number, _comma, name = action.identity["SQLObject"].partition(",")
    if number not in written.types:
        raise ValueError(_("no statement is known for objects of type {number}").format(number=number))
    schema, _dot, table = name.rpartition(".")
    return f"{quoted(schema)}.{quoted(table)}" if schema else quoted(table)
