"""This module runs class queries: the rows that `SELECT * FROM Security.Users_List('*')` is drawn from.

Columns that api.md or the catalogue name have their names; those of other queries are the properties of the class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import as_text, default_of, matches
from driftsync.lab.instance.facts import ClassFacts, QueryFacts, procedures
from driftsync.lab.instance.privileges import may_select
from driftsync.lab.instance.sql import listings
from driftsync.lab.instance.sql.sources import Source, SqlColumn, plain_column, property_column
from driftsync.lab.instance.sql.tables import not_allowed, not_found

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

Rows = Iterable[Mapping[str, Any]]
FILTERS = {
    "Names": "Name", "EventSources": "Source", "EventTypes": "Type", "Events": "Name", "LookupKeys": "LookupKey",
    "Usernames": "Username", "Ports": "Port", "BindAddresses": "BindAddress", "Namespaces": "Namespace",
    "Namespace": "Namespace", "ID": "ID",
}  # fmt: skip
"""Arguments of queries that choose by a property."""


def procedure_source(
    session: SimulatedSession,
    schema: str,
    name: str,
    arguments: Sequence[Value] | None,
    *,
    as_class_query: bool = False,
) -> Source:
    """Return the rows of a class query; without arguments the columns alone. Raises SQLCODE -30 or -99."""
    full = f"{schema}.{name}"
    facts, query = procedures().get(full.lower(), (None, None))
    here = session.namespace == "%SYS" or full.startswith("%")
    if facts is None or query is None or not here or not session.instance.has_query(facts.name, query.name):
        raise not_found(full)
    if not as_class_query and f"{facts.name}:{query.name}" in session.instance.faults.not_procedures:
        raise not_found(full)
    _check(session, facts, full, as_class_query=as_class_query)
    bound = _bind(query, arguments or ())
    return Source(name, _columns(session, facts, query), lambda: _rows(session, facts, query, bound), schema)


def _check(session: SimulatedSession, facts: ClassFacts, full: str, *, as_class_query: bool) -> None:
    login, instance = session.login, session.instance
    if instance.faults.refuses(facts.name) or not login.may_call(facts.name):
        raise not_allowed(session)
    free = as_class_query or (instance.release.guarded and facts.name.startswith("Security."))
    if not free and not may_select(instance.storage, login, session.namespace, "9", full):
        raise not_allowed(session)


def _bind(query: QueryFacts, arguments: Sequence[Value]) -> dict[str, Value]:
    bound = {formal.name: default_of(formal) for formal in query.arguments}
    for formal, value in zip(query.arguments, arguments, strict=False):
        if value is not None:
            bound[formal.name] = value
    return bound


def _columns(session: SimulatedSession, facts: ClassFacts, query: QueryFacts) -> list[SqlColumn]:
    listing = listings.LISTINGS.get((facts.name, query.name))
    if listing is not None:
        return [plain_column(name) for name in listing.columns]
    names = listings.COLUMNS.get((facts.name, query.name)) or query.columns or _usual(session, facts, query)
    return [
        _column(session, facts, name) for name in names if session.instance.has_property(facts.name, name)
    ]


def _usual(session: SimulatedSession, facts: ClassFacts, query: QueryFacts) -> list[str]:
    """Return the columns of a query of which nothing is known: `Detail` has all properties, the others the shown ones."""
    del query
    hidden = {"Comments", "CPFFile", "CPFName", "Flags", "SectionHeader", "Version"}
    return [
        found.name
        for found in session.instance.release.properties(facts)
        if not (
            found.transient or found.private or found.internal or found.relationship or found.name in hidden
        )
        and found.short_type not in {"Password", "Binary"}
        and session.instance.has_property(facts.name, found.name)
    ]


def _column(session: SimulatedSession, facts: ClassFacts, name: str) -> SqlColumn:
    """Return one column of a listing; a query formats its values itself, so all formats are the same."""
    special = listings.SPECIAL.get((facts.name, name)) or listings.SPECIAL.get(("", name))
    if special is not None:
        return _made(session, name, special)
    found = facts.properties.get(name) or next(
        (other for other in facts.properties.values() if other.name.lower() == name.lower()), None
    )
    if found is None:
        return plain_column(name)
    shown = property_column(found).formats["plain"]
    return _made(session, name, lambda _session, record: as_shown(shown(record)))


def _made(session: SimulatedSession, name: str, special: Callable[..., Any]) -> SqlColumn:
    def value(record: Mapping[str, Any]) -> Value:
        found: Value = special(session, record)
        return None if found == "" else found

    return SqlColumn(name, 12, dict.fromkeys(("plain", "internal", "external"), value))


def as_shown(value: Value) -> Value:
    """Return a flag as 0 or 1: queries give no bits."""
    return int(value) if isinstance(value, bool) else value


def _rows(
    session: SimulatedSession, facts: ClassFacts, query: QueryFacts, bound: Mapping[str, Value]
) -> Rows:
    listing = listings.LISTINGS.get((facts.name, query.name))
    if listing is not None:
        return listing.rows(session, bound)
    found: Rows = session.instance.storage.rows(facts.name)
    for argument, name in FILTERS.items():
        wanted = as_text(bound.get(argument, "*")) if argument in bound else "*"
        if wanted != "*" and wanted and (name in facts.properties or name == "ID"):
            found = _chosen(found, name, wanted)
    narrowed = listings.NARROWED.get((facts.name, query.name))
    return [record for record in found if narrowed(session, record, bound)] if narrowed else found


def _chosen(rows: Rows, name: str, wanted: str) -> Rows:
    return [record for record in rows if matches(as_text(record.get(name)), wanted)]
