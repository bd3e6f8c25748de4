"""This module reads items by one SELECT of their table, or of a class query whose rows say all there is.

Columns stand in `%INTERNAL`, for a plain SELECT gives texts for people (api.md 1.3). Properties that a kind compares
and that the answer has no column for are unread, never empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from driftsync.connections import Table as Answer
from driftsync.connections.failures import CallFailed
from driftsync.extracting.dictionary import PropertyFacts
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach, Read, RouteClosed, closed, only_with_all, types_unknown
from driftsync.extracting.values import as_raw
from driftsync.kinds.live import QueryRows, Table
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.spec import Kind, Treat

NEVER = frozenset({"CPFFile", "CPFName", "Comments", "Flags", "ID", "SectionHeader"})
"""Columns of the configuration classes that say nothing of an item (api.md 2.1)."""


def read_table(reach: Reach, kind: Kind, route: Table, *, also: tuple[str, ...] = ()) -> Read:
    """Read all rows; `also` names columns that the kind ignores and the reader needs. Raises `RouteClosed` where there is no such table, or none for this account."""
    if not reach.dictionary.has_class(route.iris_class):
        raise closed(route.iris_class)
    if reach.dictionary.unknown:
        raise types_unknown(route.iris_class)
    if not reach.table_is_open(route.iris_class):
        raise RouteClosed(only_with_all(route.name))
    columns = columns_of(reach, kind, route) | {name: name for name in also}
    try:
        answer = reach.connection.query(select(route.name, columns.values()))
    except CallFailed as error:
        raise RouteClosed(why(error)) from error
    facts = reach.dictionary.properties(route.iris_class)
    unread = missing_columns(reach, kind, route.iris_class, columns)
    items = [RawItem(kind, record, unread=tuple(unread)) for record in records(answer, list(columns), facts)]
    return Read(items, route=f"SELECT FROM {route.name}")


def read_query(reach: Reach, kind: Kind, route: QueryRows) -> Read:
    """Read the rows of a class query. Raises `RouteClosed` where it cannot be called."""
    if not reach.dictionary.has_query(route.iris_class, route.query.name):
        raise closed(f"{route.iris_class}:{route.query.name}")
    answer = rows_of_query(reach.connection, route)
    unread = missing_columns(reach, kind, route.iris_class, answer.columns)
    items = [
        RawItem(kind, {name: as_raw(value) for name, value in record.items()}, unread=tuple(unread))
        for record in answer.records()
    ]
    return Read(items, route=str(route.query))


def rows_of_query(connection: PermittedConnection, route: QueryRows) -> Answer:
    """Carry out a class query as a table."""
    try:
        return connection.query(f"SELECT * FROM {route.query}")  # noqa: S608 - of a declaration
    except CallFailed as error:
        raise RouteClosed(why(error)) from error


def columns_of(reach: Reach, kind: Kind, route: Table) -> dict[str, str]:
    """Return property → column of what is worth reading: stored, and not ignored by the kind."""
    facts = reach.dictionary.properties(route.iris_class)
    if facts:
        found = {each.name: each.column for each in facts.values() if each.stored}
    else:
        found = {name: name for name in described(reach.connection, route.name)}
    found |= {name: column for name, column in route.columns.items() if name in found or not facts}
    for name, column in route.columns.items():
        if column in found and column != name:
            del found[column]
            found[name] = column
    return {name: column for name, column in found.items() if is_wanted(kind, name)}


def is_wanted(kind: Kind, name: str) -> bool:
    """Say whether a column is worth asking for."""
    declared = kind.declared(name)
    in_key = name in {*kind.identity.properties, kind.identity.namespace}
    return in_key or (name not in NEVER if declared is None else declared.kept) or (kind.per_item is not None)


def described(connection: PermittedConnection, table: str) -> Iterable[str]:
    """Return the columns that a table has, where the dictionary does not tell."""
    try:
        return connection.query(f"SELECT * FROM {table} WHERE 1 = 0").columns  # noqa: S608 - of a declaration
    except CallFailed as error:
        raise RouteClosed(why(error)) from error


def select(table: str, columns: Iterable[str]) -> str:
    """Return the statement."""
    return f"SELECT {', '.join(logical(columns))} FROM {table}"  # noqa: S608 - of a declaration and of the dictionary


def logical(columns: Iterable[str]) -> tuple[str, ...]:
    """Return columns as SQL is asked for their logical values; names stand in quotes, for some are words of SQL."""
    return tuple(f'%INTERNAL("{column}")' for column in columns)


def records(
    answer: Answer, names: list[str], facts: dict[str, PropertyFacts]
) -> Iterable[dict[str, RawValue]]:
    """Yield each row by property name. Raises `ValueError` where the answer has another number of columns."""
    for row in answer.rows:
        yield record_of(row, names, facts)


def record_of(row: tuple[Any, ...], names: list[str], facts: dict[str, PropertyFacts]) -> dict[str, RawValue]:
    """Return one row by property name."""
    return {name: as_raw(value, facts.get(name)) for name, value in zip(names, row, strict=True)}


def missing_columns(reach: Reach, kind: Kind, class_name: str, given: Iterable[str]) -> list[str]:
    """Return the properties that the kind compares, that this release has, and that an answer does not give."""
    there = {name.casefold() for name in given}
    facts = reach.dictionary.properties(class_name)
    return [
        each.name
        for each in kind.properties
        if each.treat in {Treat.COMPARE, Treat.SECRET, Treat.MUST_DIFFER, Treat.READ_ONLY}
        and each.name in facts
        and not facts[each.name].transient
        and each.name.casefold() not in there
        and each.name not in {*kind.identity.properties, kind.identity.namespace}
    ]
