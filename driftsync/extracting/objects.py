"""This module reads items as objects: one call opens it, one gives all of it as XML, the record of an export.

Where a class cannot write itself as XML, its properties are asked for one by one (api.md 1.10 and 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed, NotThere
from driftsync.connections.interface import BY_REFERENCE
from driftsync.documents.xml import records
from driftsync.errors import DocumentError
from driftsync.extracting.dictionary import PropertyFacts
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach, Read, RouteClosed, closed, types_unknown
from driftsync.extracting.tables import is_wanted
from driftsync.extracting.values import as_raw, as_text, is_ok
from driftsync.kinds.live import Objects
from driftsync.kinds.making import RawItem, RawValue, key_of
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Gap

SAMPLED = 5
"""Properties that are asked of an object which only shows that it can be read."""
LONGEST = 10_000
"""Elements of one collection, after which a member that never ends one is not believed."""


class NoObjectError(ValueError):
    """The member says that there is no such object."""


def read_objects(reach: Reach, kind: Kind, route: Objects) -> Read:
    """Read the names by the class query, then each object. Raises `RouteClosed` where names cannot be had."""
    if not reach.dictionary.has_class(route.home):
        raise closed(route.home)
    keys = _keys(reach, route)
    found = reach.each(keys, lambda connection, key: _one(connection, reach, kind, route, key))
    read = Read(route=_("objects of {home}").format(home=route.home))
    for item, gap in found:
        if item is not None:
            read.items.append(item)
        if gap is not None:
            read.gaps.append(gap)
    if len(keys) == 1 and not read.items and route.names is None:
        raise RouteClosed(read.gaps[0].reason if read.gaps else _("there is no such object"))
    return read


def _keys(reach: Reach, route: Objects) -> list[tuple[str, ...]]:
    if route.names is None:
        return [route.key]
    query = route.names
    if not reach.dictionary.has_query(query.iris_class, query.name):
        raise closed(f"{query.iris_class}:{query.name}")
    try:
        answer = reach.connection.query(f"SELECT * FROM {query}")  # noqa: S608 - of a declaration
    except CallFailed as error:
        raise RouteClosed(why(error)) from error
    folded = {name.casefold(): position for position, name in enumerate(answer.columns)}
    if any(name.casefold() not in folded for name in route.key):
        raise RouteClosed(_("{query} does not give the names").format(query=query))
    keys = [tuple(as_text(row[folded[name.casefold()]]) for name in route.key) for row in answer.rows]
    if not all(map(any, keys)):
        raise RouteClosed(_("{query} does not give the names").format(query=query))
    return keys


def _one(
    connection: PermittedConnection, reach: Reach, kind: Kind, route: Objects, key: tuple[str, ...]
) -> tuple[RawItem | None, Gap | None]:
    try:
        handle = opened(connection, route.home, route.opener, key)
        values, unread = values_of(connection, reach, kind, route.home, handle)
        if route.names and route.key != ("ID",):
            for name, value in zip(route.key, key, strict=True):
                values.setdefault(name, value)
        beside, lost = one_by_one(connection, handle, route.beside, reach.dictionary.properties(route.home))
        values, unread = {**beside, **values}, [*unread, *lost]
        return RawItem(kind, values, unread=tuple(unread)), None
    except RouteClosed as error:
        return None, _gap(kind, route, key, error.reason)
    except (CallFailed, DocumentError, ValueError) as error:
        return None, _gap(kind, route, key, why(error))


def _gap(kind: Kind, route: Objects, key: tuple[str, ...], reason: str) -> Gap:
    try:
        found = key_of(kind, dict(zip(route.key, key, strict=True)) if route.names else {})
    except ValueError:
        return Gap(kind=kind.name, reason=reason)
    return Gap(kind=kind.name, namespace=found.namespace, key=str(found), reason=reason)


def opened(
    connection: PermittedConnection, class_name: str, opener: str, key: tuple[Any, ...]
) -> ObjectHandle:
    """Bring an object into the session. Raises `CallFailed`, or `ValueError` where there is none."""
    if opener == "Exists":
        answer = connection.call(class_name, opener, *key, BY_REFERENCE, BY_REFERENCE)
        handle = answer.returned[0] if answer.returned else None
    else:
        handle = connection.call(class_name, opener, *key).value
    if handle is None or handle in {"", 0}:
        raise NoObjectError
    if not isinstance(handle, ObjectHandle):
        raise ValueError("no object")
    return handle


def values_of(
    connection: PermittedConnection, reach: Reach, kind: Kind, class_name: str, handle: ObjectHandle
) -> tuple[dict[str, RawValue], list[str]]:
    """Return all values of an open object and the names of those that could not be read."""
    try:
        answer = connection.invoke(handle, "XMLExportToString", BY_REFERENCE)
        if is_ok(answer.value) and answer.returned and isinstance(answer.returned[0], str):
            return _from_xml(answer.returned[0]), []
    except NotThere:
        pass
    if reach.dictionary.unknown:
        raise types_unknown(class_name)
    facts = reach.dictionary.properties(class_name)
    names = [each.name for each in kind.properties if each.name in facts and each.kept]
    names += [name for name in kind.identity.properties if name not in names]
    names += [name for name in facts if name not in names and is_wanted(kind, name)]
    return one_by_one(connection, handle, names, facts)


def _from_xml(text: str) -> dict[str, RawValue]:
    content = f"<Object>{text}</Object>".encode()
    for record in records(Path("XMLExportToString"), content, depth=1):
        return dict(record.values)
    raise ValueError("no record")


def one_by_one(
    connection: PermittedConnection,
    handle: ObjectHandle,
    names: Iterable[str],
    facts: dict[str, PropertyFacts],
    *,
    follow: Callable[[str, ObjectHandle], RawValue] | None = None,
) -> tuple[dict[str, RawValue], list[str]]:
    """Ask for each property; an object among them is a collection, or is left to `follow`."""
    values: dict[str, RawValue] = {}
    unread: list[str] = []
    for name in islice(names, SAMPLED) if connection.sampling else names:
        try:
            value = connection.get(handle, name)
            if isinstance(value, ObjectHandle):
                values[name] = follow(name, value) if follow else collection(connection, value)
            else:
                values[name] = as_raw(value, facts.get(name))
        except NotThere:
            continue  # this release has no such property
        except (CallFailed, ValueError):
            unread.append(name)
    return values, unread


def collection(connection: PermittedConnection, handle: ObjectHandle) -> list[str]:
    """Return the elements of a list object, in order."""
    count = int(as_text(connection.invoke(handle, "Count").value) or 0)
    if count > LONGEST:
        raise ValueError("a collection without an end")
    return [as_text(connection.invoke(handle, "GetAt", place).value) for place in range(1, count + 1)]
