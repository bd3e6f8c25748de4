"""This module shows the class dictionary as tables: what classes, properties, methods and queries this release has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from driftsync.lab.instance.facts import ArgumentFacts, all_classes, sql_name
from driftsync.lab.instance.sql.sources import INTEGER, Source, plain_column

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance

DICTIONARY = {
    f"%dictionary.{name.lower()}": f"%Dictionary.{name}"
    for name in ("CompiledClass", "CompiledProperty", "CompiledMethod", "CompiledQuery", "ClassDefinition")
}


def dictionary_source(instance: SimulatedInstance, class_name: str, schema: str, *, namespace: str) -> Source:
    """Return one table of the dictionary as it is seen from a namespace."""
    rows = _ROWS[class_name]
    facts = all_classes()[class_name]
    columns = [plain_column("ID")]
    for found in facts.properties.values():
        if found.private or found.collection or (found.relationship and found.name != "parent"):
            continue
        if found.name != "ID":
            columns.append(
                plain_column(found.column, INTEGER if found.is_flag or found.is_number else 12, found.name)
            )
    if class_name.endswith("Property"):
        columns.append(plain_column("Parameters", hidden=True))
    short = class_name.rpartition(".")[2]
    return Source(short, columns, lambda: rows(instance, namespace), schema)


def _names(instance: SimulatedInstance, namespace: str) -> list[str]:
    return [name for name in instance.classes if namespace == "%SYS" or name.startswith("%")]


def _classes(instance: SimulatedInstance, namespace: str) -> Iterator[Mapping[str, Any]]:
    for name in _names(instance, namespace):
        facts = all_classes()[name]
        schema, _, table = facts.table.rpartition(".")
        yield {
            "ID": name, "Name": name, "Hash": hash_of_class(f"{instance.release.name} {name}"), "SqlSchemaName": schema,
            "SqlTableName": table, "SqlQualifiedNameQ": facts.table, "System": "4", "Deployed": 1,
            "TimeChanged": "66900,36000", "ClassType": "persistent" if facts.table else "",
        }  # fmt: skip
    yield from _site_classes(instance, namespace)


def _site_classes(instance: SimulatedInstance, namespace: str) -> Iterator[Mapping[str, Any]]:
    for element in instance.code:
        name, _, kind = element.name.rpartition(".")
        if kind == "cls" and element.namespace == namespace:
            yield {
                "ID": name, "Name": name, "Hash": hash_of_class(element.source), "System": "0", "Deployed": 0,
                "TimeChanged": "67000,36000", "Description": "",
            }  # fmt: skip


def _properties(instance: SimulatedInstance, namespace: str) -> Iterator[Mapping[str, Any]]:
    for name in _names(instance, namespace):
        for found in instance.release.properties(all_classes()[name]):
            if not instance.has_property(name, found.name):
                continue
            yield {
                "ID": f"{name}||{found.name}", "parent": name, "Name": found.name, "Type": _full(found.type),
                "Collection": found.collection, "Internal": int(found.internal), "Private": int(found.private),
                "Calculated": int(found.calculated), "Transient": int(found.transient), "Required": int(found.required),
                "ReadOnly": int(found.readonly), "Relationship": int(found.relationship), "Origin": name,
                "InitialExpression": found.initial.strip("{}") if found.initial else "", "SqlFieldName": found.column,
                "MultiDimensional": 0, "RuntimeType": _full(found.type), "Storable": int(not found.transient),
                "SqlComputed": int(found.calculated),
            }  # fmt: skip


def _methods(instance: SimulatedInstance, namespace: str) -> Iterator[Mapping[str, Any]]:
    for name in _names(instance, namespace):
        for found in all_classes()[name].methods.values():
            if not instance.has_method(name, found.name):
                continue
            yield {
                "ID": f"{name}||{found.name}", "parent": name, "Name": found.name, "Origin": found.origin,
                "ClassMethod": int(found.class_method), "FormalSpec": _formal(found.arguments), "Internal": int(found.internal),
                "ReturnType": found.returns, "Private": 0, "Abstract": 0, "Final": 0, "SqlProc": 0,
            }  # fmt: skip


def _queries(instance: SimulatedInstance, namespace: str) -> Iterator[Mapping[str, Any]]:
    for name in _names(instance, namespace):
        for found in all_classes()[name].queries.values():
            if not instance.has_query(name, found.name):
                continue
            callable_ = f"{name}:{found.name}" not in instance.faults.not_procedures
            yield {
                "ID": f"{name}||{found.name}", "parent": name, "Name": found.name, "Origin": name,
                "FormalSpec": _formal(found.arguments), "SqlProc": int(callable_),
                "SqlName": sql_name(name).rpartition(".")[2] + f"_{found.name}", "Type": "%Library.Query", "Private": 0,
                "Internal": 0,
            }  # fmt: skip


def _formal(arguments: tuple[ArgumentFacts, ...]) -> str:
    return ",".join(
        ("&" if formal.by_reference else "") + formal.name + (f"={formal.default}" if formal.default else "")
        for formal in arguments
    )


def _full(type_: str) -> str:
    return type_.replace("%", "%Library.", 1) if type_.startswith("%") and "." not in type_ else type_


def hash_of_class(text: str) -> str:
    """Return what stands for `Hash` of a class: the real one is not known."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_ROWS = {
    "%Dictionary.CompiledClass": _classes,
    "%Dictionary.ClassDefinition": _classes,
    "%Dictionary.CompiledProperty": _properties,
    "%Dictionary.CompiledMethod": _methods,
    "%Dictionary.CompiledQuery": _queries,
}
