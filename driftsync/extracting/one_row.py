"""This module says how one item is asked for by SELECTs, so that they can stand beside others in one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from driftsync.extracting.config import columns_of_rows
from driftsync.extracting.databases import ENTRIES, label_of, with_label
from driftsync.extracting.reach import Reach, RouteClosed
from driftsync.extracting.small import DATATYPES
from driftsync.extracting.tables import columns_of, logical, missing_columns, record_of
from driftsync.extracting.together import Question, Rows
from driftsync.extracting.values import as_raw
from driftsync.kinds.live import ClassQuery, ConfigRows, LiveRoute, QueryRows, Reader, Table, sql_name
from driftsync.kinds.making import RawItem
from driftsync.kinds.spec import Kind, Treat

PATTERN = frozenset("*?,;")
"""What a name may not hold that is to be listed by itself: the class query takes patterns."""


@dataclass(frozen=True)
class OneRow:
    """The questions about one item, and what their answers make."""

    questions: tuple[Question, ...]
    made: Callable[[Sequence[Rows]], RawItem | None]
    """`None` where the member says that there is none. Raises `RouteClosed` where the answers leave it open."""


def one_row(reach: Reach, kind: Kind, route: LiveRoute, identity: Mapping[str, str]) -> OneRow | None:
    """Return how an item is asked for on a route, `None` where a row does not show it."""
    match route:
        case Table() if reach.table_is_open(route.iris_class):
            return _of_table(reach, kind, route, identity)
        case QueryRows() if route.query.arguments == ("*",):
            return _of_query(reach, kind, route, identity)
        case ConfigRows() if not route.by_namespace:
            return _of_rows(reach, kind, route, identity)
        case Reader(name="data types"):
            chosen = next(each for each in DATATYPES if each.sets.items() <= identity.items())
            return _of_rows(reach, kind, chosen, identity)
        case Reader(name="databases"):
            entry = _of_rows(reach, kind, ENTRIES, identity)
            return entry and _of_database(reach, kind, entry, identity)
    return None


def _of_table(reach: Reach, kind: Kind, route: Table, identity: Mapping[str, str]) -> OneRow:
    columns = columns_of(reach, kind, route)
    facts = reach.dictionary.properties(route.iris_class)
    marks = [f'"{columns[name]}" = ?' if value else _empty(columns[name]) for name, value in identity.items()]
    source = f"{route.name} WHERE {' AND '.join(marks or ['1 = 1'])}"
    given = tuple(value for value in identity.values() if value)

    def made(answers: Sequence[Rows]) -> RawItem | None:
        rows = _agreeing(*answers)
        unread = missing_columns(reach, kind, route.iris_class, columns)
        return RawItem(kind, record_of(rows[0], list(columns), facts), unread=tuple(unread)) if rows else None

    return OneRow(
        (Question(("COUNT(*)",), source, given), Question(logical(columns.values()), source, given)), made
    )


def _empty(column: str) -> str:
    return f'("{column}" IS NULL OR "{column}" = \'\')'


def _of_query(reach: Reach, kind: Kind, route: QueryRows, identity: Mapping[str, str]) -> OneRow | None:
    facts = reach.dictionary.properties(route.iris_class)
    names = [each.name for each in kind.properties if each.treat is Treat.COMPARE and each.name in facts]
    columns = [*kind.identity.properties, *names]
    (name,) = identity.values()
    if not names or PATTERN & set(name):
        return None
    listed = str(replace(route.query, arguments=(name,)))

    def made(answers: Sequence[Rows]) -> RawItem | None:
        values = [dict(zip(columns, map(as_raw, row), strict=True)) for row in _agreeing(*answers)]
        return RawItem(kind, values[0]) if values else None

    return OneRow((Question(("COUNT(*)",), listed), Question(tuple(columns), listed)), made)


def _of_rows(reach: Reach, kind: Kind, route: ConfigRows, identity: Mapping[str, str]) -> OneRow | None:
    """Ask as the extraction does: a row of the table counts where the class query `List` names it."""
    name = identity[kind.identity.properties[-1]]
    columns = columns_of_rows(reach, kind, route)
    if not columns or PATTERN & set(name) or route.name_column not in columns:
        return None
    facts = reach.dictionary.properties(route.iris_class)
    source = f'{sql_name(route.iris_class)} WHERE "{columns[route.name_column]}" = ?'

    def made(answers: Sequence[Rows]) -> RawItem | None:
        rows = _agreeing(*answers)
        return RawItem(kind, {**route.sets, **record_of(rows[0], list(columns), facts)}) if rows else None

    listed = str(ClassQuery(route.iris_class, "List", (name,)))
    return OneRow(
        (Question(("COUNT(*)",), listed), Question(logical(columns.values()), source, (name,))), made
    )


def _of_database(reach: Reach, kind: Kind, entry: OneRow, identity: Mapping[str, str]) -> OneRow | None:
    label = label_of(reach, kind, identity["Name"])
    if label is None:
        return None

    def made(answers: Sequence[Rows]) -> RawItem | None:
        item = entry.made(answers[:2])
        return item and with_label(reach, kind, item, answers[2])

    return OneRow((*entry.questions, label), made)


def _agreeing(counted: Rows, rows: Rows) -> Rows:
    """Return one row or none, as the count has it. Raises `RouteClosed` for anything else."""
    if [int(row[0]) for row in counted] != [len(rows)] or len(rows) > 1:
        raise RouteClosed("")
    return rows
