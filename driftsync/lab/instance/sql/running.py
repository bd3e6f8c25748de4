"""This module carries statements out: it finds the tables, loads what is asked for into SQLite, and names the columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from driftsync.lab.contract import Column, ObjectReference, ResultSet, SqlError, Value
from driftsync.lab.instance.calling import as_text
from driftsync.lab.instance.facts import tables
from driftsync.lab.instance.sql.granting import carry_out, is_granting
from driftsync.lab.instance.sql.procedures import procedure_source
from driftsync.lab.instance.sql.reading import FATAL, FORMATS, SAME, SYNTAX, read
from driftsync.lab.instance.sql.sources import BIT, INTEGER, VARCHAR, Source, SqlColumn
from driftsync.lab.instance.sql.tables import not_found, table_source

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

FIELD_NOT_FOUND = -29
PLAIN = "plain"
TRIGGERS = {exp.Insert: -130, exp.Update: -132, exp.Delete: -134}
"""SQLCODEs of a trigger before the change that refuses it."""


@dataclass
class Loaded:
    """One table of a statement on its way into SQLite."""

    source: Source
    table: str
    wanted: dict[tuple[str, str], SqlColumn] = field(default_factory=dict)
    """By column and format."""


@dataclass
class Plan:
    """A statement that was understood."""

    tree: exp.Expression
    loaded: list[Loaded]
    columns: list[Column]
    text: str


def run_query(
    session: SimulatedSession, text: str, parameters: Sequence[Value], *, class_queries: bool = False
) -> ResultSet:
    """Carry out a SELECT."""
    plan = _plan(session, text, list(parameters), class_queries=class_queries)
    database = sqlite3.connect(":memory:", check_same_thread=False)
    for loaded in plan.loaded:
        _load(database, loaded)
    named = {f"p{number}": _bound(value) for number, value in enumerate(parameters, 1)}
    try:
        found = database.execute(plan.tree.sql("sqlite"), named).fetchall()
    except sqlite3.Error as error:
        raise SqlError(FATAL, f"{error}^{text[:200]}") from error
    finally:
        database.close()
    return ResultSet(plan.columns, _typed(found, plan.columns))


def describe_query(session: SimulatedSession, text: str, parameters: int) -> list[Column]:
    """Return the columns of a SELECT."""
    return _plan(session, text, [None] * parameters).columns


def run_statement(session: SimulatedSession, text: str, parameters: Sequence[Value]) -> int:
    """Carry out GRANT or REVOKE; other changes are refused, as the triggers of these classes refuse them."""
    del parameters
    if is_granting(text):
        return carry_out(session, text)
    tree = read(text)
    for kind, code in TRIGGERS.items():
        if isinstance(tree, kind):
            table = tree.find(exp.Table)
            name = f"{table.db}.{table.name}" if table else ""
            if name.lower() not in tables():
                raise not_found(name)
            raise SqlError(code, f"Table '{name}' may not be changed by SQL: use the methods of the class")
    raise SqlError(SYNTAX, f"The lab does not carry out^{text[:200]}")


# -- understanding --------------------------------------------------------------------------------------------------


def _plan(
    session: SimulatedSession, text: str, parameters: list[Value], *, class_queries: bool = False
) -> Plan:
    tree = read(text)
    if not isinstance(tree, (exp.Select, exp.SetOperation)):
        raise SqlError(SYNTAX, f"A SELECT is expected^{text[:200]}")
    aliases: dict[str, Loaded] = {}
    for number, node in enumerate(list(tree.find_all(exp.Table))):
        _table(session, node, f"t{number}", parameters, aliases, class_queries=class_queries)
    _unwrap(tree)
    for select in list(tree.find_all(exp.Select)):
        _expand(select, aliases)
    within = _within(tree, aliases)
    columns = _columns(tree, aliases, within)
    _resolve(tree, aliases, within, text)
    for beginning_of in list(tree.find_all(exp.Glob)):
        beginning = exp.DPipe(this=beginning_of.expression.copy(), expression=exp.Literal.string("%"))
        beginning_of.replace(exp.Like(this=beginning_of.this.copy(), expression=beginning))
    return Plan(tree, list(aliases.values()), columns, text)


def _table(
    session: SimulatedSession, node: exp.Table, table: str, parameters: list[Value], aliases: dict[str, Loaded], *,
    class_queries: bool,
) -> None:  # fmt: skip
    """Put a table of the lab in the place of a name; a name that was met before is the same table."""
    called = node.this
    if isinstance(called, exp.Func):
        arguments = [_argument(argument, parameters) for argument in called.expressions]
        name = called.name if isinstance(called, exp.Anonymous) else called.sql_name()
        source = procedure_source(session, node.db, name, arguments, as_class_query=class_queries)
    else:
        source = table_source(session, node.db, node.name)
    alias = node.alias or source.name
    known = aliases.get(alias.lower())
    same = known is not None and (known.source.schema, known.source.name) == (source.schema, source.name)
    if known is not None and not node.alias and (not same or isinstance(called, exp.Func)):
        alias, same = f"{alias} {table}", False  # in another SELECT of a UNION, with other arguments
    loaded = known if known is not None and same else Loaded(source, table)
    aliases[alias.lower()] = loaded
    node.replace(exp.alias_(exp.to_table(loaded.table), alias, table=True, quoted=True))


def _argument(node: exp.Expression, parameters: list[Value]) -> Value:
    if isinstance(node, exp.Placeholder):
        number = int(as_text(node.this)[1:])
        return parameters[number - 1] if number <= len(parameters) else None
    if isinstance(node, exp.Neg):
        return -int(node.this.name)
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else int(node.name)
    if isinstance(node, exp.Null):
        return None
    raise SqlError(SYNTAX, f"An argument of a query must be a value^{node.sql()}")


def _unwrap(tree: exp.Expression) -> None:
    """Turn `%INTERNAL(col)` into the column of that format."""
    for node in list(tree.find_all(exp.Anonymous)):
        name = node.name.upper()
        inner = node.expressions[0] if node.expressions else None
        if name in SAME and inner is not None:
            node.replace(inner.copy())
        elif name in FORMATS and isinstance(inner, exp.Column):
            column = inner.copy()
            column.this.args["format"] = FORMATS[name]
            node.replace(column)
        elif name in FORMATS and inner is not None:
            node.replace(inner.copy())


def _expand(select: exp.Select, aliases: dict[str, Loaded]) -> None:
    """Spell out `*` and `alias.*`."""
    made: list[exp.Expression] = []
    for item in select.expressions:
        star = isinstance(item, exp.Star) or (
            isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
        )
        if not star:
            made.append(item)
            continue
        only = item.table.lower() if isinstance(item, exp.Column) else ""
        for table in select.find_all(exp.Table):
            alias = table.alias.lower()
            if (
                table.find_ancestor(exp.Select) is not select
                or (only and alias != only)
                or alias not in aliases
            ):
                continue
            made += [
                exp.column(column.name, table=table.alias, quoted=True)
                for column in aliases[alias].source.columns
                if not column.hidden
            ]
    if made:
        select.set("expressions", made)


Within = dict[int, list[Loaded]]
"""The tables of each SELECT, by its `id`."""


def _within(tree: exp.Expression, aliases: dict[str, Loaded]) -> Within:
    found: Within = {}
    for table in tree.find_all(exp.Table):
        if table.alias.lower() in aliases:
            found.setdefault(id(table.find_ancestor(exp.Select)), []).append(aliases[table.alias.lower()])
    return found


def _find(node: exp.Column, aliases: dict[str, Loaded], within: Within) -> tuple[Loaded, SqlColumn] | None:
    named = node.table.lower()
    places = [aliases[named]] if named in aliases else _nearest(node, aliases, within)
    name = "ID" if node.name.lower() == "%id" else node.name
    for loaded in places:
        column = loaded.source.find(name)
        if column is not None:
            return loaded, column
    return None


def _nearest(node: exp.Column, aliases: dict[str, Loaded], within: Within) -> list[Loaded]:
    """Return the tables that a name without a table may mean: those of its own SELECT before those around it."""
    found: list[Loaded] = []
    select = node.find_ancestor(exp.Select)
    while select is not None:
        found += within.get(id(select), [])
        select = select.find_ancestor(exp.Select)
    return found or list(aliases.values())


def _columns(tree: exp.Expression, aliases: dict[str, Loaded], within: Within) -> list[Column]:
    """Return the columns of the answer: names of the first SELECT, and of a UNION the types that take all values.

    VARCHAR comes before every number there (RSQL_union).
    """
    each = [
        [_name(item, aliases, within, place) for place, item in enumerate(select.selects, 1)]
        for select in _selects(tree)
    ]
    return [
        column
        if all(other.sql_type == column.sql_type for other in others)
        else replace(column, sql_type=VARCHAR)
        for column, *others in zip(*each, strict=True)
    ]


def _selects(tree: Any) -> Iterator[exp.Select]:
    """Yield the SELECTs of a UNION in order, or the only one."""
    if isinstance(tree, exp.SetOperation):
        yield from _selects(tree.left)
        yield from _selects(tree.right)
    elif isinstance(tree, exp.Select):
        yield tree


def _name(item: Any, aliases: dict[str, Loaded], within: Within, place: int) -> Column:
    """Return the name and type of one column of the answer."""
    inner = item.this if isinstance(item, exp.Alias) else item
    found = _find(inner, aliases, within) if isinstance(inner, exp.Column) else None
    type_ = INTEGER if isinstance(inner, (exp.Count, exp.Sum)) else VARCHAR
    usual = f"Aggregate_{place}" if isinstance(inner, exp.AggFunc) else f"Expression_{place}"
    schema = table = ""
    if found is not None:
        loaded, column = found
        usual, type_ = column.name, column.type
        schema, table = loaded.source.schema, loaded.source.name
    return Column(item.alias or usual, type_, table, schema)


def _resolve(tree: exp.Expression, aliases: dict[str, Loaded], within: Within, text: str) -> None:
    """Point every column at the table that has it. Raises SQLCODE -29."""
    given = {node.alias.lower() for node in tree.find_all(exp.Alias) if node.alias}
    for node in list(tree.find_all(exp.Column)):
        found = _find(node, aliases, within)
        format_ = str(node.this.args.get("format") or PLAIN)
        if found is None:
            if node.name.lower() in given:
                continue
            raise SqlError(
                FIELD_NOT_FOUND,
                f"Field '{node.name.upper()}' not found in the applicable tables^{text[:200]}",
            )
        owner, column = found
        owner.wanted[column.name, format_] = column
        alias = next(name for name, other in aliases.items() if other is owner)
        renamed = exp.column(_stored(column.name, format_), table=alias, quoted=True)
        node.replace(renamed)


# -- carrying out ---------------------------------------------------------------------------------------------------


def _stored(name: str, format_: str) -> str:
    return name if format_ == PLAIN else f"{format_}:{name}"


def _load(database: sqlite3.Connection, loaded: Loaded) -> None:
    wanted = [(column, format_) for (_, format_), column in loaded.wanted.items()]
    defined = ", ".join(
        f'"{_stored(column.name, format_)}" {column.affinity(format_)} COLLATE NOCASE'
        for column, format_ in wanted
    )
    database.execute(f"CREATE TABLE {loaded.table} ({defined or 'none_wanted'})")
    getters = [column.formats[format_] for column, format_ in wanted]
    marks = ",".join("?" * max(len(getters), 1))
    rows = ([_bound(getter(record)) for getter in getters] or [None] for record in loaded.source.rows())
    database.executemany(f"INSERT INTO {loaded.table} VALUES ({marks})", rows)  # noqa: S608 - marks and a made name


def _bound(value: Value) -> Any:
    if isinstance(value, ObjectReference):
        return None
    return int(value) if isinstance(value, bool) else value


def _typed(rows: Sequence[Sequence[Any]], columns: Sequence[Column]) -> Iterator[Sequence[Value]]:
    types = [column.sql_type for column in columns]
    for row in rows:
        yield tuple(_as_type(value, type_) for value, type_ in zip(row, types, strict=True))


def _as_type(value: Any, type_: int) -> Value:
    if value is None or isinstance(value, bytes):
        return value
    if type_ == BIT:
        return bool(value)
    if type_ == INTEGER:
        return value if isinstance(value, int) else as_text(value)
    return as_text(value)
