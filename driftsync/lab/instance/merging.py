"""This module does what `iris merge` does with a configuration merge file, as `api.md` 3.1 and `formats.md` 2 say.

It reads the file by itself: what wrote it must not be its only reader. Actions run in an order of their own, whatever
that of the file; `Create…` passes over what exists and `Delete…` over what does not, `Modify…` needs it, and no template
is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from driftsync.lab.contract import SqlError
from driftsync.lab.instance.checking import system_path
from driftsync.lab.instance.errors import StatusError, error_text, failed
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.instance.filling import create, modify, remove
from driftsync.lab.instance.identities import key_of
from driftsync.lab.instance.sql.granting import carry_out
from driftsync.lab.instance.storage import facts_of

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

CLASSES = {
    "System": ("Security.System",),
    "SSLConfig": ("Security.SSLConfigs", "Name"),
    "LDAPConfig": ("Security.LDAPConfigs", "Name"),
    "Resource": ("Security.Resources", "Name"),
    "Role": ("Security.Roles", "Name"),
    "User": ("Security.Users", "Name"),
    "ECPServer": ("Config.ECPServers", "Name"),
    "LicenseServer": ("Config.LicenseServers", "Name"),
    "Namespace": ("Config.Namespaces", "Name"),
    "MapGlobal": ("Config.MapGlobals", "Namespace", "Name"),
    "MapRoutine": ("Config.MapRoutines", "Namespace", "Name"),
    "MapPackage": ("Config.MapPackages", "Namespace", "Name"),
    "WorkQueue": ("Config.WorkQueues", "Name"),
    "DeviceSubType": ("Config.DeviceSubTypes", "Name"),
    "Device": ("Config.Devices", "Name"),
    "MagTape": ("Config.MagTapes", "Name"),
    "ComPort": ("Config.ComPorts", "Name"),
    "Application": ("Security.Applications", "Name"),
    "DocDB": ("Security.DocDBs", "Namespace", "Name"),
    "Server": ("Security.Servers", "Port", "BindAddress"),
    "Service": ("Security.Services", "Name"),
    "Event": ("Security.Events", "Source", "Type", "Name"),
    "OAuth2ServerDefinition": ("OAuth2.ServerDefinition", "IssuerEndpoint"),
    "OAuth2Client": ("OAuth2.Client", "ApplicationName"),
    "OAuth2Server": ("OAuth2.Server.Configuration",),
}
"""Noun → class and key, in the order in which the lab runs them: what others need comes first."""

GRANTING = {
    "GrantPrivilege": "GRANT {ObjPriv} ON {Type} {ObjList} TO {User}",
    "RevokePrivilege": "REVOKE {ObjPriv} ON {Type} {ObjList} FROM {User}",
    "GrantAdminPrivilege": "GRANT {AdminPriv} TO {Grantee}",
    "RevokeAdminPrivilege": "REVOKE {AdminPriv} FROM {Grantee}",
}
"""Actions that give and take SQL privileges, as a statement in their namespace (pages RACS_grantprivilege …)."""
OPTION = {"GrantPrivilege": " WITH GRANT OPTION", "GrantAdminPrivilege": " WITH ADMIN OPTION"}
TYPES = ("Table", "View")
"""What `Type` may be here; the lab has no other objects."""

LABEL = {"Resource": "ResourceName"}
"""Words of `CreateDatabase` that the label of the file spells otherwise."""


def merge(session: SimulatedSession, text: str) -> list[str]:
    """Run a whole merge file; return what went wrong, nothing where all was done."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for section, key, value in _entries(text):
        sections.setdefault(section, []).append((key, value))
    wrong = _actions(session, sections.pop("Actions", []))
    for section, entries in sections.items():
        values = {name: _unquoted(value) for name, value in entries}
        try:
            modify(session, f"Config.{section}", [], values)
        except (StatusError, KeyError) as error:
            wrong.append(f"[{section}]: {_said(error)}")
    return wrong


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith(("#", ";", "//")):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        else:
            key, _mark, value = line.partition(":" if section == "Actions" else "=")
            yield section, key, value


def _actions(session: SimulatedSession, entries: list[tuple[str, str]]) -> list[str]:
    wrong = []
    known = []
    granting = [(action, given) for action, given in entries if action in GRANTING]
    for verb_and_noun, given in entries:
        if verb_and_noun in GRANTING:
            continue
        verb, noun = verb_and_noun[:6], verb_and_noun[6:]
        if verb not in {"Create", "Modify", "Delete"} or noun not in {*CLASSES, "Database"}:
            wrong.append(f"{verb_and_noun}: there is no such action")
        else:
            known.append((verb, noun, given))
    order = ["Resource", "Database", *CLASSES]
    known.sort(key=lambda one: (one[0] == "Delete", order.index(one[1]) * (-1 if one[0] == "Delete" else 1)))
    for verb, noun, given in known:
        try:
            _run(session, verb, noun, values_of(given))
        except (StatusError, KeyError) as error:
            wrong.append(f"{verb}{noun}:{given}: {_said(error)}")
    for action, given in granting:
        try:
            _grant(session, action, values_of(given))
        except (SqlError, KeyError) as error:
            wrong.append(f"{action}:{given}: {error}")
    return wrong


def _grant(session: SimulatedSession, action: str, values: dict[str, str]) -> None:
    words = {
        name: ", ".join(_identifier(name, each) for each in value.split(","))
        for name, value in values.items()
    }
    if "ObjPriv" in values and values["Type"] not in TYPES:
        raise KeyError(f"Type={values['Type']}")
    statement = GRANTING[action].format_map(words)
    if values.get("WithGrant", "0") == "1":
        statement += OPTION[action]
    home, session.namespace = session.namespace, values["Namespace"]
    try:
        carry_out(session, statement)
    finally:
        session.namespace = home


def _identifier(word: str, name: str) -> str:
    if word in {"ObjPriv", "AdminPriv", "Type"}:
        return name.strip()
    parts = name.strip().split(".") if word == "ObjList" else [name.strip()]
    return ".".join(f'"{part}"' for part in parts)


def _run(session: SimulatedSession, verb: str, noun: str, values: dict[str, str]) -> None:
    if noun == "Database":
        _database(session, verb, values)
        return
    class_name, *parts = CLASSES[noun]
    key = [values.get(part, "") for part in parts]
    if class_name == "OAuth2.Server.Configuration":
        key = ["singleton"]
    elif class_name == "OAuth2.ServerDefinition":
        key = [_number(session, key[0])]
    elif "ServerDefinition" in values:
        values = {**values, "ServerDefinition": _number(session, values["ServerDefinition"])}
    if verb == "Create":
        create(session, class_name, key, values)
    elif verb == "Modify":
        rest = {name: value for name, value in values.items() if name not in parts}
        modify(session, class_name, key, rest)
    else:
        _remove(session, class_name, key)


def _remove(session: SimulatedSession, class_name: str, key: list[str]) -> None:
    if session.instance.storage.has(class_name, key_of(facts_of(class_name), key)):
        remove(session, class_name, key)


def _number(session: SimulatedSession, issuer: str) -> str:
    """Return the number of an OAuth 2.0 server, its issuer where there is none yet."""
    rows = session.instance.storage.rows("OAuth2.ServerDefinition")
    return next((str(row["ID"]) for row in rows if row["IssuerEndpoint"] == issuer), issuer)


def _database(session: SimulatedSession, verb: str, values: dict[str, str]) -> None:
    """Write the entry of the configuration and the label of the file, as one action does (api.md 3.1)."""
    entry_facts = all_classes()["Config.Databases"].properties
    entry = {name: value for name, value in values.items() if name in entry_facts}
    label = {LABEL.get(name, name): value for name, value in values.items() if name not in entry_facts}
    if verb == "Delete":
        _remove(session, "Config.Databases", [values["Name"]])
        return
    if verb == "Create":
        create(session, "Config.Databases", [values["Name"]], entry)
        directory = system_path(values["Directory"])
        create(session, "SYS.Database", [directory], {"Directory": directory, **label})
        return
    if set(entry) > {"Name"}:
        modify(session, "Config.Databases", [values["Name"]], entry)
    found = session.instance.storage.find("Config.Databases", (values["Name"].upper(),))
    if found is None:
        raise failed(5809, "Config.Databases", values["Name"])
    if label:
        modify(session, "SYS.Database", [str(found["Directory"])], label)


def values_of(text: str) -> dict[str, str]:
    """Read what follows the verb: without quotes a value goes on to the next comma before a `word=`."""
    values: dict[str, str] = {}
    place = 0
    while place < len(text):
        name, place = _until(text, place, "=")
        if text[place : place + 1] == '"':
            value, place = _quoted(text, place + 1)
            place += text[place : place + 1] == ","
        else:
            value, place = _bare(text, place)
        values[name.strip()] = value
    return values


def _until(text: str, place: int, mark: str) -> tuple[str, int]:
    end = text.index(mark, place)
    return text[place:end], end + 1


def _quoted(text: str, place: int) -> tuple[str, int]:
    value = ""
    while True:
        part, place = _until(text, place, '"')
        value += part
        if text[place : place + 1] != '"':
            return value, place
        value, place = value + '"', place + 1


def _bare(text: str, place: int) -> tuple[str, int]:
    parts = text[place:].split(",")
    value = parts.pop(0)
    while parts:
        word, equals, _rest = parts[0].partition("=")
        if equals and word.strip().isalnum():
            break
        value += f",{parts.pop(0)}"
    return value.strip(), place + len(value) + 1


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _said(error: Exception) -> str:
    return error_text(error.status) if isinstance(error, StatusError) else f"{error} is missing"
