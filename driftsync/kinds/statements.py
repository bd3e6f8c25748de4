"""This module makes the statements of GRANT and REVOKE that a kind declares; every name is a delimited identifier.

What takes only the right to pass a privilege on exists for rights on objects alone (InterSystems SQL, REVOKE): for all
others the privilege is taken and given again.
"""

from __future__ import annotations

from collections.abc import Mapping

from driftsync.kinds import all_kinds
from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import Action, Sort, Withheld

GRANTABLE, PASSED_ON = "Grantable", 2


def of(written: ByStatement, action: Action | Withheld) -> list[str]:
    """Return the statements. Raises `ValueError` for an object or a privilege that cannot be named in one."""
    words = {name: quoted(value) for name, value in action.identity.items()}
    if written.each:
        return _many(written, action, words)
    if written.words:
        words["privilege"] = _privilege(written, action)
        words["object"] = _object(written, action)
    grant, revoke = written.grant.format_map(words), written.revoke.format_map(words)
    if action.sort is Sort.DELETE:
        return [revoke]
    if _level(action.sets.get(GRANTABLE)):
        return [f"{grant} {written.option}"]
    if action.sort is Sort.CREATE:
        return [grant]
    return [written.option_only.format_map(words)] if written.option_only else [revoke, grant]


def role_and_holder(action: Action) -> tuple[str, str] | None:
    """Return the role that a statement moves along with the right to pass it on, and who holds it."""
    written = all_kinds()[action.kind].written
    if not isinstance(written, ByStatement) or not all(written.role):
        return None
    return action.identity[written.role[0]], action.identity[written.role[1]]


def _many(written: ByStatement, action: Action | Withheld, words: Mapping[str, str]) -> list[str]:
    """Return the statements about a set of privileges: what is lowered is taken first, then given as far as it is wanted."""
    wanted = {
        name: 0 if action.sort is Sort.DELETE else _level(action.sets.get(name))
        for name in written.each
        if name in (action.before if action.sort is Sort.DELETE else action.sets)
    }
    before = {name: _level(action.before.get(name)) for name in wanted}
    made = []
    for template, option, chosen in (
        (written.revoke, "", [name for name in wanted if wanted[name] < before[name]]),
        (written.grant, "", [name for name in wanted if wanted[name] == 1 != before[name]]),
        (
            written.grant,
            f" {written.option}",
            [name for name in wanted if wanted[name] == PASSED_ON != before[name]],
        ),
    ):
        if chosen:
            privileges = ", ".join(written.each[name] for name in chosen)
            made.append(template.format_map({**words, "privileges": privileges}) + option)
    if not made:
        raise ValueError(_("no privilege is held, and no statement grants none"))
    return made


def _level(value: object) -> int:
    """Return 0 for what is not held, 1 for what is, 2 for what may be passed on as well."""
    text = str(value)
    return int(text) if text in {"1", "2"} else int(text == "True")


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
