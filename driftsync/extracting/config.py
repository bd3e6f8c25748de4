"""This module reads the configuration: tables of multi-row classes, and `GetList` for singletons and what is left.

Whether a `Config` table is filled without a prior read of the CPF, and whether rows of another CPF stand in it, is
unsure (api.md 2.1 and 9.4). So the documented reader, the class query `List`, names what there is; a row of the table
counts where it is named there, and what the table lacks is read by `GetList`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from driftsync.connections.failures import CallFailed
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import Reach, Read, RouteClosed, closed
from driftsync.extracting.tables import NEVER, is_wanted, record_of, select
from driftsync.extracting.together import Question, ask_together
from driftsync.extracting.values import as_name, as_raw, as_text
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ClassQuery, ConfigRows, Sections, sql_name
from driftsync.kinds.making import RawItem, RawValue, key_of
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.language import english_plural as ngettext
from driftsync.model import Gap
from driftsync.serial_list import decode_get_list

Place = tuple[str, str]
"""A class, and the namespace or mirror in which its rows are asked for (empty where it has none)."""
ROWS = {"Debug": "Data"}
"""Sections of settings whose class has one row a setting, and the property that is its value."""
MOST_AT_ONCE = 40
"""Class queries in one statement."""


class ConfigNames:
    """The names that the class queries `List` give, asked for in few statements."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._names: dict[Place, list[str] | str] = {}

    def of(self, route: ConfigRows, inside: str = "") -> list[str]:
        """Return the names of one class, in one namespace. Raises `RouteClosed` where they cannot be had."""
        place = (route.iris_class, inside)
        if place not in self._names:
            self._ask([(route, inside)])
        found = self._names[place]
        if isinstance(found, str):
            raise RouteClosed(found)
        return found

    def ask_for(self, wanted: Iterable[tuple[ConfigRows, str]]) -> None:
        """Ask for many at once; where the member does not take that, each is asked for when it is needed."""
        new = [(route, inside) for route, inside in wanted if (route.iris_class, inside) not in self._names]
        for start in range(0, len(new), MOST_AT_ONCE):
            self._ask_together(new[start : start + MOST_AT_ONCE])

    def _ask_together(self, wanted: list[tuple[ConfigRows, str]]) -> None:
        questions = [Question((route.name_column,), str(_listing(route, inside))) for route, inside in wanted]
        try:
            found = ask_together(self._reach.connection, questions)
        except CallFailed:
            return
        for (route, inside), rows in zip(wanted, found, strict=True):
            self._names[route.iris_class, inside] = [as_name(name) for (name,) in rows]

    def _ask(self, wanted: list[tuple[ConfigRows, str]]) -> None:
        for route, inside in wanted:
            place = (route.iris_class, inside)
            try:
                answer = self._reach.connection.query(f"SELECT * FROM {_listing(route, inside)}")  # noqa: S608
                folded = [name.casefold() for name in answer.columns]
                at = folded.index(route.name_column.casefold())
                self._names[place] = [as_name(row[at]) for row in answer.rows]
            except CallFailed as error:
                self._names[place] = why(error)
            except ValueError:
                self._names[place] = _("{query} does not give the names").format(
                    query=_listing(route, inside)
                )


def _listing(route: ConfigRows, inside: str) -> ClassQuery:
    return ClassQuery(route.iris_class, "List", (inside, "*") if route.by_namespace else ("*",))


def read_rows(
    reach: Reach, names: ConfigNames, kind: Kind, route: ConfigRows, places: Iterable[str] = ("",)
) -> Read:
    """Read all rows of a class; `places` are the namespaces (or mirrors) that it is asked for in.

    Raises `RouteClosed` where the class does not exist, or neither its table nor its names can be had.
    """
    if not reach.dictionary.has_class(route.iris_class):
        raise closed(route.iris_class)
    places = list(places)
    names.ask_for((route, inside) for inside in places)
    listed: dict[str, Place] = {}
    gaps: list[Gap] = []
    for inside in places:
        try:
            found = names.of(route, inside)
        except RouteClosed as error:
            gaps.append(Gap(kind=kind.name, namespace=inside, reason=error.reason))
            continue
        for name in found:
            listed[key_of(kind, _named(kind, route, inside, name)).match] = (inside, name)
    if gaps and len(gaps) == len(places):
        raise RouteClosed(gaps[0].reason)
    by_key = _table(reach, kind, route)
    read = Read(gaps=gaps, route=f"SELECT FROM {sql_name(route.iris_class)}")
    if reach.sampling and by_key is not None:
        read.items = list(by_key.values())[:1]
        return read  # one row of the table says nothing of the others
    if by_key is None:
        by_key, read.route = {}, f"{route.iris_class}.GetList()"
        if reach.sampling:
            listed = dict(list(listed.items())[:1])
    missing = [place for key, place in listed.items() if key not in by_key]
    read.items += [by_key[key] for key in listed if key in by_key]
    if strangers := len(by_key.keys() - listed.keys()):
        reason = ngettext(
            "{count} row of the table is not in the list of the class",
            "{count} rows of the table are not in the list of the class",
            strangers,
        ).format(count=strangers)
        read.gaps.append(Gap(kind=kind.name, reason=reason))
    for item, gap in reach.each(missing, lambda _connection, place: _by_list(reach, kind, route, place)):
        read.items += [item] if item else []
        read.gaps += [gap] if gap else []
    return read


def _named(kind: Kind, route: ConfigRows, inside: str, name: str) -> dict[str, RawValue]:
    named: dict[str, RawValue] = {**route.sets, kind.identity.properties[-1]: name}
    if route.by_namespace:
        named[route.by_namespace] = inside
    return named


def _table(reach: Reach, kind: Kind, route: ConfigRows) -> dict[str, RawItem] | None:
    """Return the rows of the table by key, `None` where it cannot be read."""
    facts = reach.dictionary.properties(route.iris_class)
    columns = columns_of_rows(reach, kind, route)
    if not columns:
        return None
    try:
        answer = reach.connection.query(select(sql_name(route.iris_class), columns.values()))
    except CallFailed:
        return None
    found: dict[str, RawItem] = {}
    for row in answer.rows:
        values = {**route.sets, **record_of(row, list(columns), facts)}
        item = RawItem(kind, values)
        key = key_of(kind, values).match
        if key in found and found[key] != item:
            return None  # rows of two CPFs: which of them is active only GetList tells
        found[key] = item
    return found


def columns_of_rows(reach: Reach, kind: Kind, route: ConfigRows) -> dict[str, str]:
    """Return property → column of what is worth reading of the table; nothing where the dictionary does not tell."""
    facts = reach.dictionary.properties(route.iris_class)
    return {each.name: each.column for each in facts.values() if each.stored and is_wanted(kind, each.name)}


def _by_list(reach: Reach, kind: Kind, route: ConfigRows, place: Place) -> tuple[RawItem | None, Gap | None]:
    inside, name = place
    named = _named(kind, route, inside, name)
    arguments = (inside, name) if route.by_namespace else (name,)
    try:
        values = by_list(reach, route.iris_class, *arguments)
    except (CallFailed, ValueError) as error:
        key = key_of(kind, named)
        return None, Gap(kind=kind.name, namespace=key.namespace, key=str(key), reason=why(error))
    kept = {each: value for each, value in values.items() if each not in NEVER or kind.declared(each)}
    return RawItem(kind, {**kept, **named}), None


def by_list(reach: Reach, class_name: str, *arguments: str) -> dict[str, RawValue]:
    """Return what `GetList` gives. Raises `ValueError` for an error status or another shape."""
    answer = reach.connection.call(class_name, "GetList", *arguments).value
    facts = reach.dictionary.properties(class_name)
    return {name: as_raw(value, facts.get(name)) for name, value in decode_get_list(answer).items()}


def _is_there(values: Mapping[str, RawValue], name: str) -> bool:
    """Say whether an optional setting is in the CPF; a getter tells its default where it is not."""
    return f"{name}Present" not in values or as_text(values[f"{name}Present"]) not in {"", "0"}


def read_sections(reach: Reach, names: ConfigNames, kind: Kind, route: Sections) -> Read:
    """Read each singleton; with `per_setting` every setting is an item."""
    read = Read(route="GetList()")
    if not route.per_setting and not reach.dictionary.has_class(f"Config.{route.sections[0]}"):
        raise closed(f"Config.{route.sections[0]}")
    for section in route.sections:
        class_name = f"Config.{section}"
        if reach.is_older_than(route.since.get(section, "")):
            continue
        if not reach.dictionary.has_class(class_name):
            read.gaps.append(Gap(kind=kind.name, namespace=section, reason=closed(class_name).reason))
            continue
        try:
            values = (
                _rows_as_settings(reach, names, class_name) if section in ROWS else by_list(reach, class_name)
            )
        except RouteClosed as error:
            read.gaps.append(Gap(kind=kind.name, namespace=section, reason=error.reason))
            continue
        except (CallFailed, ValueError) as error:
            read.gaps.append(
                Gap(kind=kind.name, namespace=section if route.per_setting else "", reason=why(error))
            )
            read.whole = read.whole and route.per_setting
            continue
        if route.per_setting:
            read.items += [
                RawItem(kind, {"Section": section, "Name": name, "Value": "" if value is None else value})
                for name, value in values.items()
                if name not in NEVER and name != "Name" and _is_there(values, name)
            ]
        else:
            read.items.append(
                RawItem(kind, {name: value for name, value in values.items() if name not in {*NEVER, "Name"}})
            )
    if read.gaps and not read.items and not route.per_setting:
        raise RouteClosed(read.gaps[0].reason)
    return read


def _rows_as_settings(reach: Reach, names: ConfigNames, class_name: str) -> dict[str, RawValue]:
    """Return the rows of a section that has no settings of its own, by their names."""
    rows = names.of(ConfigRows(iris_class=class_name))
    column = ROWS[class_name.removeprefix("Config.")]
    return {name: by_list(reach, class_name, name).get(column) for name in rows}


def config_routes() -> list[ConfigRows]:
    """Return every multi-row class that is asked for without a namespace."""
    routes = [route for kind in all_kinds().values() for route in kind.live if isinstance(route, ConfigRows)]
    return [route for route in routes if not route.by_namespace]
