"""A small config-api: it loads a document into a member of the lab as `Api.Config.Services.Loader` does, and knows nothing of its writer.

Off the public classes `Api.Config.Services.*`: variables come out of `Defaults`; what has one object is changed; of the rest
what is missing is made, and what is there is changed where the caller says `IFEXISTS`.
"""

from __future__ import annotations

import json
from typing import Any

from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.filling import create, fill, modify
from driftsync.lab.instance.identities import key_of
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.instance.storage import facts_of

SINGLE = {"config", "Startup", "Miscellaneous", "SQL", "Journal", "IO", "ECP", "Cluster", "ConfigFile", "Monitor", "Telnet"}  # fmt: skip
MAPS = {"MapGlobals", "MapRoutines", "MapPackages"}
BY_NAME = {
    "Databases", "Namespaces", "Devices", "DeviceSubTypes", "ECPServers", "LicenseServers", "MagTapes", "SqlSysDatatypes",
    "SqlUserDatatypes", "Security.Applications", "Security.LDAPConfigs", "Security.Resources", "Security.Roles",
    "Security.SSLConfigs", "Security.Users", "Library.SQLConnection",
}  # fmt: skip
ADMINISTRATIVE = (
    "AlterTable", "AlterView", "CreateFunction", "CreateMethod", "CreateProcedure", "CreateQuery", "CreateTable",
    "CreateTrigger", "CreateView", "DropFunction", "DropMethod", "DropProcedure", "DropQuery", "DropTable", "DropTrigger",
    "DropView", "NoCheck", "NoIndex", "NoLock", "NoTrigger",
)  # fmt: skip
GRANTED = "adirsu"


def load(session: SimulatedSession, text: str, *, if_exists: str = "") -> None:
    """Load a document; what goes wrong is raised."""
    document = _filled_in(text)
    for section, body in document.items():
        if section in SINGLE or section == "Security.System":
            modify(session, section if "." in section else f"Config.{section}", [], _texts(body))
        elif section == "Security.Services":
            for name, values in body.items():
                modify(session, section, [name], _texts(values))
        elif section in MAPS:
            for namespace, objects in body.items():
                for each in objects:
                    values = {**_texts(each), "Namespace": namespace}
                    _one(session, f"Config.{section}", [namespace, each["Name"]], values, if_exists)
        elif section == "Security.SQLAdminPrivilegeSet":
            for namespace, objects in body.items():
                for each in objects:
                    _administrative(session, namespace, _texts(each))
        elif section == "Security.SQLPrivileges":
            for each in body:
                _granted(session, _texts(each))
        elif section in BY_NAME:
            for name, values in body.items():
                _one(session, _class_of(section), [name], {**_texts(values), "Name": name}, if_exists)
        else:
            raise AssertionError(f"config-api has no section {section}")


def _class_of(section: str) -> str:
    if section == "Library.SQLConnection":
        return "%Library.SQLConnection"
    return section if "." in section else f"Config.{section}"


def _filled_in(text: str) -> dict[str, Any]:
    variables = json.loads(text).get("Defaults", {})
    for _pass in range(3):
        for name in sorted(variables):
            text = text.replace(f"${{{name}}}", json.dumps(variables[name])[1:-1])
    document: dict[str, Any] = json.loads(text)
    document.pop("Defaults", None)
    assert "${" not in json.dumps(document), "a variable without a value"
    return document


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)
        for name, value in values.items()
    }


def _one(
    session: SimulatedSession, class_name: str, key: list[str], values: dict[str, str], if_exists: str
) -> None:
    there = not create(session, class_name, key, values) if not _exists(session, class_name, key) else True
    if there and if_exists == "Update":
        rest = {name: value for name, value in values.items() if name not in {"Name", "Namespace"}}
        modify(session, class_name, _own_key(session, class_name, key), rest)


def _exists(session: SimulatedSession, class_name: str, key: list[str]) -> bool:
    return session.instance.storage.has(
        class_name, key_of(facts_of(class_name), _own_key(session, class_name, key))
    )


def _own_key(session: SimulatedSession, class_name: str, key: list[str]) -> list[str]:
    """Return the number of what each instance counts by itself."""
    if class_name != "%Library.SQLConnection":
        return key
    rows = session.instance.storage.rows(class_name)
    return [next((str(row["ID"]) for row in rows if row["Name"] == key[0]), "")]


def _administrative(session: SimulatedSession, namespace: str, given: dict[str, str]) -> None:
    class_name = "Security.SQLAdminPrivilegeSet"
    facts = facts_of(class_name)
    key = key_of(facts, [namespace, given["Grantee"]])
    record = session.instance.storage.find(class_name, key) or new_record(facts, session.instance)
    record |= {"Namespace": namespace, "Grantee": given["Grantee"]}
    fill(session, facts, record, {name: given.get(name, "") for name in ADMINISTRATIVE})
    session.instance.storage.put(facts, record)


def _granted(session: SimulatedSession, given: dict[str, str]) -> None:
    storage, facts = session.instance.storage, facts_of("Security.SQLPrivileges")
    assert not given["SQLObject"].endswith("*"), "config-api would take it for many tables"
    for letter in given["PrivList"].lower():
        if letter not in GRANTED:
            continue
        same = {"Namespace": given["Namespace"], "SQLObject": given["SQLObject"], "Privilege": letter, "Grantee": given["Grantee"]}  # fmt: skip
        for row in list(storage.rows(facts.name)):
            if all(row[name] == value for name, value in same.items()):
                storage.remove(facts.name, key_of(facts, [*same.values(), row["Grantor"]]))
        record = {**new_record(facts, session.instance), **same}
        fill(session, facts, record, {"Grantor": given.get("Grantor") or "_SYSTEM", "Grantable": given.get("Grantable") or "0"})  # fmt: skip
        storage.put(facts, record)
