"""This module reads three kinds that fit no common route: SQL data types, locales and activated encryption keys."""

from __future__ import annotations

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed
from driftsync.extracting.config import ConfigNames, read_rows
from driftsync.extracting.objects import one_by_one
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import Reach, Read, RouteClosed, types_unknown
from driftsync.extracting.tables import is_wanted
from driftsync.extracting.values import as_text
from driftsync.kinds.live import ConfigRows
from driftsync.kinds.making import RawItem
from driftsync.kinds.spec import Kind

DATATYPES = (
    ConfigRows(iris_class="Config.SqlSysDatatypes", sets={"Set": "system"}),
    ConfigRows(iris_class="Config.SqlUserDatatypes", sets={"Set": "user"}),
)
LOCALE = "%SYS.NLS.Locale"


def read_datatypes(reach: Reach, names: ConfigNames, kind: Kind) -> Read:
    """Read both sets. Raises `RouteClosed` where one of them cannot be had."""
    read = Read()
    for route in DATATYPES:
        found = read_rows(reach, names, kind, route)
        read.items += found.items
        read.gaps += found.gaps
        read.route = found.route
    return read


def read_locales(reach: Reach, kind: Kind) -> Read:
    """Read the locale in use: the object that IRIS makes of it, property by property (api.md 5.24)."""
    if reach.dictionary.unknown:
        raise types_unknown(LOCALE)
    try:
        handle = reach.connection.call(LOCALE, "%New").value
    except CallFailed as error:
        raise RouteClosed(why(error)) from error
    if not isinstance(handle, ObjectHandle):
        raise RouteClosed("no object")
    facts = reach.dictionary.properties(LOCALE)
    names = [
        "Name",
        *(name for name in facts if name != "Name" and is_wanted(kind, name) and facts[name].stored),
    ]
    values, unread = one_by_one(reach.connection, handle, names, facts)
    if not values.get("Name"):
        raise RouteClosed("the locale has no name")
    return Read([RawItem(kind, values, unread=tuple(unread))], route=LOCALE)


def read_keys(reach: Reach, kind: Kind) -> Read:
    """Read the identifiers of the activated encryption keys, never a key."""
    try:
        listed = as_text(reach.connection.call("%SYSTEM.Encryption", "ListEncryptionKeys").value)
    except CallFailed as error:
        raise RouteClosed(why(error)) from error
    found = [each.strip() for each in listed.split(",") if each.strip()]
    return Read([RawItem(kind, {"KeyID": each}) for each in found], route="ListEncryptionKeys()")
