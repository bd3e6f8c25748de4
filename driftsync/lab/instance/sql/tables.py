"""This module finds the table that a name stands for, and checks that the session may read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import SqlError
from driftsync.lab.instance.computed import computed_value
from driftsync.lab.instance.facts import ClassFacts, PropertyFacts, all_classes, tables
from driftsync.lab.instance.identities import COUNTED, Record, id_of, key_of_record
from driftsync.lab.instance.objects import EMBEDDED
from driftsync.lab.instance.privileges import may_select
from driftsync.lab.instance.sql.dictionary import DICTIONARY, dictionary_source
from driftsync.lab.instance.sql.sources import (
    INTEGER,
    VARCHAR,
    Source,
    SqlColumn,
    plain_column,
    property_column,
)

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

NOT_FOUND, NOT_ALLOWED = -30, -99
PACKAGES = "%ipm_storage.moduleitem"
SCOPES = "oauth2_server.configuration_supportedscopes"
METADATA = {
    "OAuth2.Client.Metadata": (("OAuth2.Client", "Metadata"), ("OAuth2.Server.Client", "Metadata")),
    "OAuth2.Server.Metadata": (
        ("OAuth2.ServerDefinition", "Metadata"),
        ("OAuth2.Server.Configuration", "Metadata"),
    ),
}
"""Classes whose objects the lab keeps inside others, and where."""
GUARDED = ("Security.", "OAuth2.", "%SYS.X509Credentials", "%SYS.PhoneProviders")
"""Classes whose tables only `%All` may read from 2025.2 on."""


def not_found(name: str) -> SqlError:
    return SqlError(NOT_FOUND, f"Table '{name.upper()}' not found")


def not_allowed(session: SimulatedSession) -> SqlError:
    return SqlError(NOT_ALLOWED, f"User {session.login.user} is not privileged for the operation")


def table_source(session: SimulatedSession, schema: str, name: str) -> Source:
    """Return a table. Raises SQLCODE -30 or -99."""
    full = f"{schema}.{name}"
    folded = full.lower()
    instance = session.instance
    if folded == PACKAGES:
        return _packages(session, full)
    if folded in DICTIONARY:
        if instance.faults.refuses(DICTIONARY[folded]):
            raise not_allowed(session)
        return dictionary_source(instance, DICTIONARY[folded], schema, namespace=session.namespace)
    if folded == SCOPES:
        _check(session, all_classes()["OAuth2.Server.Configuration"], full)
        return _scopes(session)
    facts = all_classes()["Security.Resource"] if folded == "security.resource" else tables().get(folded)
    here = session.namespace == "%SYS" or full.startswith("%")
    if facts is None or not here or not instance.has_class(facts.name):
        raise not_found(full)
    _check(session, facts, full)
    if facts.name == "Security.Resource":
        return _pairs(session)
    schema, _, short = facts.table.rpartition(".")
    return Source(short, columns_of(session, facts), lambda: _rows(session, facts), schema)


def _check(session: SimulatedSession, facts: ClassFacts, table: str) -> None:
    login, instance = session.login, session.instance
    if instance.faults.refuses(facts.name):
        raise not_allowed(session)
    if login.all_powerful:
        return
    guarded = instance.release.guarded and facts.name.startswith(GUARDED)
    granted = may_select(instance.storage, login, session.namespace, "1", table)
    if guarded or not granted or not login.may("%DB_IRISSYS:R"):
        raise not_allowed(session)


def _rows(session: SimulatedSession, facts: ClassFacts) -> Iterator[Mapping[str, Any]]:
    if facts.name in METADATA:
        for number, (_, _, embedded) in enumerate(_owners(session, facts.name), 1):
            yield {**embedded, "ID": number, "_id": number}
        return
    for record in session.instance.storage.rows(facts.name):
        yield {
            **record,
            "ID": record.get("ID") or id_of(key_of_record(facts, record)),
            "_id": id_of(key_of_record(facts, record)),
        }


def columns_of(session: SimulatedSession, facts: ClassFacts) -> list[SqlColumn]:
    """Return the columns of the table of a class in this release."""
    counted = not any(found.name == "ID" for found in facts.properties.values())
    columns = (
        [plain_column("ID", INTEGER if facts.name in COUNTED else VARCHAR, key="_id")] if counted else []
    )
    for found in session.instance.release.properties(facts):
        if found.transient or found.private or not session.instance.has_property(facts.name, found.name):
            continue
        if found.type == "OAuth2.Endpoint":
            columns += [_embedded(found, inner) for inner in all_classes()[found.type].properties.values()]
        elif found.collection == "array" or (found.relationship and found.name in {"Resources", "Clients"}):
            continue
        elif found.type in EMBEDDED:
            columns.append(_reference(session, facts.name, found))
        elif found.calculated:
            columns.append(property_column(found, _computed(facts.name, found.name)))
        else:
            columns.append(property_column(found))
    return columns


def _owners(session: SimulatedSession, inner: str) -> Iterator[tuple[str, str, Record]]:
    """Yield the records that embed an object of a class, as class, ID and the embedded object, always in one order."""
    for class_name, property_name in METADATA.get(inner, ()):
        for record in session.instance.storage.rows(class_name):
            if isinstance(record.get(property_name), dict):
                yield (
                    class_name,
                    id_of(key_of_record(all_classes()[class_name], record)),
                    record[property_name],
                )


def _reference(session: SimulatedSession, class_name: str, found: PropertyFacts) -> SqlColumn:
    """Return the column that holds the number of an embedded object."""
    owners = enumerate(_owners(session, found.type), 1)
    numbers = {owner: number for number, (of, owner, _) in owners if of == class_name}
    formats = dict.fromkeys(("plain", "internal", "external"), lambda record: numbers.get(record["_id"]))
    return SqlColumn(found.name, INTEGER, formats, numeric=True)


def _computed(class_name: str, name: str) -> Any:
    return lambda record: computed_value(class_name, name, dict(record))


def _embedded(outer: PropertyFacts, inner: PropertyFacts) -> SqlColumn:
    column = property_column(inner, lambda record: (record.get(outer.name) or {}).get(inner.name, ""))
    return SqlColumn(f"{outer.name}_{inner.name}", column.type, column.formats, numeric=column.numeric)


def _packages(session: SimulatedSession, full: str) -> Source:
    mine = [package for package in session.instance.packages if package.get("Namespace") == session.namespace]
    if not mine:
        raise not_found(full)
    names = ("Name", "VersionString", "Description", "Packaging", "Root", "ExternalName")
    flags = ("DeveloperMode", "Deployed", "GlobalScope")
    columns = [plain_column(name) for name in names] + [plain_column(name, INTEGER) for name in flags]
    rows = [{**package, "ID": place} for place, package in enumerate(mine, 1)]
    return Source("ModuleItem", [plain_column("ID", INTEGER), *columns], lambda: rows, "%IPM_Storage")


def _pairs(session: SimulatedSession) -> Source:
    """Return the pairs of all roles as the child table that the relationship is."""
    rows = [
        {**pair, "TheRole": role["NameLowerCase"], "ID": f"{role['NameLowerCase']}||{pair['Name']}"}
        for role in session.instance.storage.rows("Security.Roles")
        for pair in role.get("Resources", [])
    ]
    facts = all_classes()["Security.Resource"].properties
    columns = [
        plain_column("ID"),
        property_column(facts["Name"]),
        property_column(facts["Permission"]),
        plain_column("TheRole"),
    ]
    return Source("Resource", columns, lambda: rows, "Security")


def _scopes(session: SimulatedSession) -> Source:
    rows = [
        {
            "ID": f"singleton||{scope}",
            "Configuration": "singleton",
            "element_key": scope,
            "SupportedScopes": text,
        }
        for record in session.instance.storage.rows("OAuth2.Server.Configuration")
        for scope, text in record.get("SupportedScopes", {}).items()
    ]
    columns = [plain_column(name) for name in ("ID", "Configuration", "element_key", "SupportedScopes")]
    return Source("Configuration_SupportedScopes", columns, lambda: rows, "OAuth2_Server")
