"""This module reads OAuth 2.0: tables with embedded and referenced parts, else one object each, property by property.

OAuth2 classes cannot write themselves as XML (api.md 10), and name their rows by local numbers: a client's server is
told by its issuer, and the parts of embedded objects get dotted names.
"""

from __future__ import annotations

from dataclasses import dataclass

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed
from driftsync.extracting.objects import NoObjectError, one_by_one, opened
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach, Read, RouteClosed, closed, only_with_all, types_unknown
from driftsync.extracting.tables import is_wanted, record_of, select
from driftsync.extracting.values import as_name, as_raw, as_text
from driftsync.kinds.live import ClassQuery, sql_name
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Gap

ENDPOINT = "OAuth2.Endpoint"
SERVERS = "OAuth2.ServerDefinition"
ISSUER = "IssuerEndpoint"
SERVER = "ServerDefinition"


@dataclass(frozen=True)
class _Home:
    """Where the parts of a class are."""

    iris_class: str
    endpoint: str = ""
    """The property that embeds an endpoint."""
    metadata: str = ""
    scopes: str = ""
    """The property that is an array of scopes."""
    single: bool = False


HOMES = {
    "oauth2-server-definition": _Home(SERVERS, metadata="OAuth2.Server.Metadata"),
    "oauth2-client": _Home("OAuth2.Client", "RedirectionEndpoint", "OAuth2.Client.Metadata"),
    "oauth2-server-configuration": _Home(
        "OAuth2.Server.Configuration", ISSUER, "OAuth2.Server.Metadata", "SupportedScopes", single=True
    ),
}


def read_oauth2(reach: Reach, kind: Kind) -> Read:
    """Read one class. Raises `RouteClosed` where neither its table nor its objects can be listed."""
    home = HOMES[kind.name]
    if not reach.dictionary.has_class(home.iris_class):
        raise closed(home.iris_class)
    if reach.dictionary.unknown:
        raise types_unknown(home.iris_class)
    if reach.table_is_open(home.iris_class):
        try:
            return _by_table(reach, kind, home)
        except CallFailed as error:
            reason = why(error)
    else:
        reason = only_with_all(sql_name(home.iris_class))
    read = _by_object(reach, kind, home)
    read.closed.append(reason)
    return read


# -- by table -----------------------------------------------------------------------------------------------------


def _by_table(reach: Reach, kind: Kind, home: _Home) -> Read:
    facts = reach.dictionary.properties(home.iris_class)
    plain = {
        each.name: each.column
        for each in facts.values()
        if each.stored and each.type not in {ENDPOINT, home.metadata} and is_wanted(kind, each.name)
    }
    if home.endpoint:
        parts = reach.dictionary.properties(ENDPOINT)
        plain |= {f"{home.endpoint}.{part}": f"{home.endpoint}_{part}" for part in parts}
    if SERVER in facts:
        plain[SERVER] = facts[SERVER].column  # the one side of a relationship has a column
    columns = {"ID": "ID", "Metadata": "Metadata", **plain}
    if kind.name == "oauth2-client":  # a relationship, which the dictionary does not call stored
        columns["ServerDefinition"] = "ServerDefinition"
    answer = reach.connection.query(select(sql_name(home.iris_class), columns.values()))
    rows = [record_of(row, list(columns), facts) for row in answer.rows]
    with reach.whole():
        metadata = _metadata(reach, kind, home) if rows else {}
        issuers = _issuers(reach) if rows and kind.name == "oauth2-client" else {}
    read = Read(route=f"SELECT FROM {sql_name(home.iris_class)}")
    for values in rows:
        unread: list[str] = []
        values.pop("ID")
        number = values.pop("Metadata")
        if number is not None:
            found = metadata.get(str(number))
            values.update(found or {})
            unread += [] if found is not None else ["Metadata.client_name"]
        _name_server(values, issuers, unread)
        if home.scopes:
            values[home.scopes] = _scopes(reach, home)
        read.items.append(RawItem(kind, values, unread=tuple(unread)))
    return read


def _metadata(reach: Reach, kind: Kind, home: _Home) -> dict[str, dict[str, RawValue]]:
    """Return the referenced parts by their number, names dotted."""
    facts = reach.dictionary.properties(home.metadata)
    names = {
        each.name: each.column
        for each in facts.values()
        if each.stored and each.name != "ID" and is_wanted(kind, f"Metadata.{each.name}")
    }
    columns = {"ID": "ID", **names}
    answer = reach.connection.query(select(sql_name(home.metadata), columns.values()))
    found: dict[str, dict[str, RawValue]] = {}
    for row in answer.rows:
        values = record_of(row, list(columns), facts)
        number = str(values.pop("ID"))
        found[number] = {f"Metadata.{name}": value for name, value in values.items()}
    return found


def _issuers(reach: Reach) -> dict[str, str]:
    answer = reach.connection.query(select(SERVERS, ("ID", ISSUER)))
    return {as_text(number): as_text(issuer) for number, issuer in answer.rows}


def _name_server(values: dict[str, RawValue], issuers: dict[str, str], unread: list[str]) -> None:
    number = values.pop(SERVER, None)
    if number is None:
        return
    if str(number) in issuers:
        values[SERVER] = issuers[str(number)]
    else:
        unread.append(SERVER)


def _scopes(reach: Reach, home: _Home) -> RawValue:
    table = f"{sql_name(home.iris_class)}_{home.scopes}"
    answer = reach.connection.query(f"SELECT element_key FROM {table}")  # noqa: S608 - of this module
    return [as_text(row[0]) for row in answer.rows]


# -- by object ----------------------------------------------------------------------------------------------------


def _by_object(reach: Reach, kind: Kind, home: _Home) -> Read:
    keys = [()] if home.single else _identifiers(reach, home)
    read = Read(route=_("objects of {home}").format(home=home.iris_class))
    for key in keys:
        try:
            handle = opened(reach.connection, home.iris_class, "Open", key)
        except NoObjectError:
            if home.single:
                return read  # no authorization server is set up here
            continue  # deleted since it was listed
        except (CallFailed, ValueError) as error:
            if home.single:
                raise RouteClosed(why(error)) from error
            read.gaps.append(Gap(kind=kind.name, reason=why(error)))
            read.whole = False
            continue
        read.items.append(_object(reach, kind, home, handle))
    return read


def _identifiers(reach: Reach, home: _Home) -> list[tuple[str]]:
    query = ClassQuery(home.iris_class, "Extent")
    try:
        answer = reach.connection.query(f"SELECT * FROM {query}")  # noqa: S608 - of this module
    except CallFailed as error:
        raise RouteClosed(
            _("{home} can be listed with %All only: {why}").format(home=home.iris_class, why=why(error))
        ) from error
    return [(as_name(row[0]),) for row in answer.rows]


def _object(reach: Reach, kind: Kind, home: _Home, handle: ObjectHandle) -> RawItem:
    facts = reach.dictionary.properties(home.iris_class)
    skipped = {home.endpoint, "Metadata", home.scopes, SERVER}
    names = [name for name in facts if name not in skipped and is_wanted(kind, name)]
    connection = reach.connection
    values, unread = one_by_one(
        connection, handle, [name for name in names if not facts[name].transient], facts
    )
    if home.endpoint:
        _inner(connection, reach, kind, handle, home.endpoint, ENDPOINT, values, unread)
    _inner(connection, reach, kind, handle, "Metadata", home.metadata, values, unread)
    if home.scopes:
        _array(connection, handle, home.scopes, values, unread)
    if SERVER in facts:
        try:
            server = connection.get(handle, SERVER)
            if isinstance(server, ObjectHandle):
                values[SERVER] = as_raw(connection.get(server, ISSUER))
        except (CallFailed, ValueError):
            unread.append(SERVER)
    return RawItem(kind, values, unread=tuple(unread))


def _inner(
    connection: PermittedConnection,
    reach: Reach,
    kind: Kind,
    handle: ObjectHandle,
    name: str,
    inner: str,
    values: dict[str, RawValue],
    unread: list[str],
) -> None:
    """Read an embedded or referenced object, names dotted; where it cannot be opened, its parts are unread."""
    facts = reach.dictionary.properties(inner)
    wanted = [
        part for part in facts if part != "ID" and is_wanted(kind, f"{name}.{part}") and facts[part].stored
    ]
    try:
        part = connection.get(handle, name)
    except (CallFailed, ValueError):
        unread += [f"{name}.{each}" for each in wanted if kind.declared(f"{name}.{each}")]
        return
    if not isinstance(part, ObjectHandle):
        return
    found, lost = one_by_one(connection, part, wanted, facts)
    values |= {f"{name}.{each}": value for each, value in found.items()}
    unread += [f"{name}.{each}" for each in lost]


def _array(
    connection: PermittedConnection,
    handle: ObjectHandle,
    name: str,
    values: dict[str, RawValue],
    unread: list[str],
) -> None:
    """Read the keys of an array."""
    try:
        array = connection.get(handle, name)
        if not isinstance(array, ObjectHandle):
            return
        keys: list[str] = []
        key = as_text(connection.invoke(array, "Next", "").value)
        while key:
            keys.append(key)
            key = as_text(connection.invoke(array, "Next", key).value)
        values[name] = keys
    except (CallFailed, ValueError):
        unread.append(name)
