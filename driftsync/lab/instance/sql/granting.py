"""This module carries out GRANT and REVOKE: rights on objects and schemas, administrative ones, and roles.

The general dialect of sqlglot knows neither several schemas in one statement nor roles, so these are read here. As the
reference of InterSystems SQL has it, `GRANT OPTION FOR` exists for rights on objects alone, administrative privileges
stand in one statement with nothing else, and what was granted before is never lessened by granting it again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftsync.lab.contract import SqlError
from driftsync.lab.instance.calling import as_number
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.identities import key_of
from driftsync.lab.instance.security_calls import RIGHTS, grant
from driftsync.lab.instance.sql.reading import SYNTAX
from driftsync.lab.instance.sql.tables import not_allowed
from driftsync.lab.instance.storage import facts_of

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

ADMINISTRATIVE = {
    **{f"%{verb}_{what}": f"{verb.title()}{what.title()}"
       for verb in ("CREATE", "DROP") for what in ("FUNCTION", "METHOD", "PROCEDURE", "QUERY", "TABLE", "VIEW", "TRIGGER")},
    **{f"%{verb}_ML_CONFIGURATION": f"{verb.title()}MLConfiguration" for verb in ("CREATE", "ALTER", "DROP")},
    "%ALTER_TABLE": "AlterTable", "%ALTER_VIEW": "AlterView", "%NOCHECK": "NoCheck", "%NOTRIGGER": "NoTrigger",
    "%NOINDEX": "NoIndex", "%NOLOCK": "NoLock", "%NOJOURN": "NoJourn", "%BUILD_INDEX": "BuildIndex",
    "%MANAGE_MODEL": "ManageModel", "%USE_MODEL": "UseModel", "%DROP_UNOWNED": "DropUnowned",
    "%CANCEL_QUERY": "CancelQuery", "%MANAGE_FOREIGN_SERVER": "ManageForeignServer", "%USE_EMBEDDING": "UseEmbedding",
}  # fmt: skip
"""Administrative privilege → its column in `Security.SQLAdminPrivilegeSet`."""

_NAME = r'(?:"(?:[^"]|"")+"|[%\w@-]+)'
_NAMES = rf"{_NAME}(?:\s*,\s*{_NAME})*"
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_STATEMENT = re.compile(
    rf"\s*(?P<what>GRANT|REVOKE)\s+(?:(?P<only>GRANT\s+OPTION)\s+FOR\s+)?(?P<given>{_NAMES})"
    rf"(?:\s+ON\s+(?:(?P<kind>SCHEMA|TABLE|VIEW|PROCEDURE)\s+)?(?P<objects>{_DOTTED}(?:\s*,\s*{_DOTTED})*))?"
    rf"\s+(?:TO|FROM)\s+(?P<users>{_NAMES})(?P<option>\s+WITH\s+(?:GRANT|ADMIN)\s+OPTION)?\s*\Z",
    re.IGNORECASE,
)


def is_granting(text: str) -> bool:
    """Say whether a statement begins as one of these do."""
    return text.split(maxsplit=1)[0].upper() in {"GRANT", "REVOKE"}


def carry_out(session: SimulatedSession, text: str) -> int:
    """Give or take rights, or roles. Raises `SqlError`."""
    found = _STATEMENT.match(text)
    if found is None:
        raise SqlError(SYNTAX, f"The lab does not carry out^{text[:200]}")
    if not session.login.may("%Admin_Secure:U"):
        raise not_allowed(session)
    given, users = _split(found["given"]), _split(found["users"])
    revoke, option = found["what"].upper() == "REVOKE", int(bool(found["option"]))
    if found["objects"] is None:
        if found["only"]:
            raise SqlError(SYNTAX, f"GRANT OPTION FOR is about rights on objects^{text[:200]}")
        words = {each.upper() for each in given}
        if words & ADMINISTRATIVE.keys():
            if words - ADMINISTRATIVE.keys():
                raise SqlError(SYNTAX, f"Administrative privileges stand alone^{text[:200]}")
            for user in users:
                _administrative(session, words, user, level=0 if revoke else 1 + option)
            return 0
        for role in given:
            for user in users:
                _role(session, role, user, option=option, revoke=revoke)
        return 0
    objects = [_undotted(name) for name in re.findall(_DOTTED, found["objects"])]
    kind = (
        found["kind"] or ("PROCEDURE" if [right.upper() for right in given] == ["EXECUTE"] else "TABLE")
    ).upper()
    if found["only"] and not revoke:
        raise SqlError(SYNTAX, f"GRANT OPTION FOR is about REVOKE^{text[:200]}")
    grant(
        session, given, objects, kind, users,
        grantable=option, revoke=revoke, only_option=bool(found["only"]),
    )  # fmt: skip
    return 0


def _administrative(session: SimulatedSession, words: set[str], user: str, *, level: int) -> None:
    """Give administrative privileges in the namespace of the session, or take them; an empty row stays."""
    storage, facts = session.instance.storage, facts_of("Security.SQLAdminPrivilegeSet")
    _must_be_somebody(session, user)
    key = key_of(facts, [session.namespace, user])
    made = {**new_record(facts, session.instance), "Namespace": session.namespace, "Grantee": user}
    record = storage.find(facts.name, key) or made
    for word in words:
        name = ADMINISTRATIVE[word]
        if not session.instance.has_property(facts.name, name):
            raise SqlError(SYNTAX, f"This release has no privilege^{word}")
        record[name] = max(level, as_number(record.get(name))) if level else 0
    storage.put(facts, record)


def _must_be_somebody(session: SimulatedSession, name: str) -> None:
    storage = session.instance.storage
    known = any(storage.has(each, (name.lower(),)) for each in ("Security.Users", "Security.Roles"))
    if not known and name.upper() != "_PUBLIC":
        raise SqlError(-118, f"Unknown or non-unique User or Role^{name}")


def _role(session: SimulatedSession, role: str, user: str, *, option: int, revoke: bool) -> None:
    """Give a role, with the right to pass it on if that is said, or take both away."""
    if role.upper() in RIGHTS:
        raise SqlError(SYNTAX, f"The lab has no such role^{role}")
    storage, facts = session.instance.storage, facts_of("Security.SQLRoleGrantOption")
    holder, names = ("Security.Users", "Roles")
    if any(
        row["Name"] == user for row in storage.rows("Security.Roles")
    ):  # IRIS has no user and role of one name
        holder, names = ("Security.Roles", "GrantedRoles")
    if not storage.has("Security.Roles", (role.lower(),)) or not storage.has(holder, (user.lower(),)):
        raise SqlError(-118, f"Unknown or non-unique User or Role^{role}, {user}")
    record = storage.find(holder, (user.lower(),)) or {}
    held = [each for each in record.get(names, []) if each.lower() != role.lower()]
    was_held = len(held) < len(record.get(names, []))
    if was_held is revoke:
        record[names] = held if revoke else [*record.get(names, []), role]
        storage.put(facts_of(holder), record)
    if revoke:
        storage.remove(facts.name, key_of(facts, [user, role]))
    else:
        known = storage.find(facts.name, key_of(facts, [user, role])) or {}
        option = max(option, as_number(known.get("Grantable")))
        values = {"UserOrRole": user, "RoleGranted": role, "Grantable": option}
        storage.put(facts, new_record(facts, session.instance) | values)


def _split(names: str) -> list[str]:
    return [_plain(name) for name in re.findall(_NAME, names)]


def _undotted(name: str) -> str:
    return ".".join(_plain(part) for part in re.findall(_NAME, name))


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
