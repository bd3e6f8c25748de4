"""This module answers the SQL half of the protocol: prepare, execute, fetch in pages, and the text of an error.

The driver prepares every statement before it executes it, so that the columns must be known before the values:
a session that can tell them is a `Describes`; of any other, the query is asked with nothing but NULL and no row drawn.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from driftsync.lab.contract import Column, Describes, Session, SqlError, Value
from driftsync.lab.protocol import END_OF_ROWS, OK, Answer, Code, Request
from driftsync.lab.values import SQL_EMPTY, Items, encode, encode_all, encode_for_sql

PAGE: Final = 32 * 1024
"""The most bytes of rows in one message; a row that is wider travels alone."""
KEPT: Final = 1000
"""How many statements a session keeps prepared; the driver never says that it has done with one."""
PRECISION: Final = 4096
FLAGS: Final = "\x00" * 12
NO_SUCH_STATEMENT: Final = -103
FATAL: Final = -400

_NOISE = re.compile(r"(?:\s|\(|/\*.*?\*/|--[^\n]*(?:\n|$))*", re.DOTALL)
_QUERY = re.compile(r"(?:SELECT|WITH)\b", re.IGNORECASE)
_PROCEDURE = re.compile(r"[\w%\"]+\s*\.\s*[\w%\"]+\s*\Z")
"""`CALL Security.Users_List('*')` arrives as the bare name, and the driver waits for what nobody has worked out."""


@dataclass
class Statement:
    """A prepared statement, and the rows of its last execution that are still to be sent."""

    sql: str
    parameters: int
    columns: Sequence[Column] | None
    """None for anything that answers with a number of rows."""
    rows: Iterator[bytes] | None = None
    waiting: bytes = b""
    """A row that was drawn and did not fit into the last page."""

    def page(self) -> Answer:
        """Draw rows until a page is full or they end."""
        parts, size = [self.waiting], len(self.waiting)
        self.waiting = b""
        for row in self.rows or ():
            if size and size + len(row) > PAGE:
                self.waiting = row
                return Answer(OK, b"".join(parts))
            parts.append(row)
            size += len(row)
        self.rows = None
        return Answer(END_OF_ROWS, b"".join(parts))


@dataclass
class Statements:
    """All statements of one session."""

    session: Session
    prepared: OrderedDict[int, Statement] = field(default_factory=OrderedDict)
    messages: dict[int, str] = field(default_factory=dict)
    """The last message for each SQLCODE, kept until the driver asks for it."""

    def answer(self, request: Request) -> list[Answer] | None:
        """Answer a request of the SQL half; None for any other. Raises `MalformedError`."""
        carry_out = {
            Code.PREPARE: self._prepare,
            Code.QUERY: self._query,
            Code.UPDATE: self._update,
            Code.DIRECT_QUERY: self._direct_query,
            Code.DIRECT_UPDATE: self._direct_update,
            Code.FETCH: self._fetch,
            Code.ERROR_TEXT: self._error_text,
        }.get(request.code)
        if carry_out is None:
            return None
        try:
            return carry_out(request.statement, Items(request.body))
        except SqlError as error:
            return self.failed(error)

    def failed(self, error: SqlError) -> list[Answer]:
        """Answer with a SQLCODE; the driver asks for the message next."""
        self.messages[error.code & 0xFFFF] = error.message
        return [Answer(error.code)]

    def _prepare(self, number: int, items: Items) -> list[Answer]:
        statement = self._read_statement(number, items)
        return [Answer(OK, _columns(statement) + _parameters(statement))]

    def _query(self, number: int, items: Items) -> list[Answer]:
        return [self._execute_query(self._statement(number), items)]

    def _update(self, number: int, items: Items) -> list[Answer]:
        return [Answer(OK, self._execute_update(self._statement(number), items))]

    def _direct_query(self, number: int, items: Items) -> list[Answer]:
        statement = self._read_statement(number, items, described=False)  # its rows come with their columns
        page = self._execute_query(statement, items)
        return [Answer(OK, _columns(statement) + _parameters(statement)), page]

    def _direct_update(self, number: int, items: Items) -> list[Answer]:
        statement = self._read_statement(number, items)
        rows = self._execute_update(statement, items)
        return [Answer(OK, _parameters(statement) + rows)]

    def _fetch(self, number: int, _items: Items) -> list[Answer]:
        return [self._statement(number).page()]

    def _error_text(self, _number: int, items: Items) -> list[Answer]:
        code = items.number() & 0xFFFF
        return [Answer(OK, encode(self.messages.get(code, "No message was kept for this SQLCODE")))]

    def _statement(self, number: int) -> Statement:
        try:
            return self.prepared[number]
        except KeyError:
            raise SqlError(NO_SUCH_STATEMENT, f"Statement {number} is not prepared") from None

    def _read_statement(self, number: int, items: Items, *, described: bool = True) -> Statement:
        sql = "".join([items.text() for _ in range(items.number())])
        parameters = items.number()
        items.values(2 * parameters)  # '?' or 'c', and the type of a literal
        if _PROCEDURE.match(sql):
            raise SqlError(FATAL, f"The lab does not know CALL; select from {sql}(…)")
        columns = (self._describe(sql, parameters) if described else ()) if _is_query(sql) else None
        statement = Statement(sql, parameters, columns)
        self.prepared.pop(number, None)
        self.prepared[number] = statement
        while len(self.prepared) > KEPT:
            self.prepared.popitem(last=False)
        return statement

    def _describe(self, sql: str, parameters: int) -> Sequence[Column]:
        if isinstance(self.session, Describes):
            return self.session.describe(sql, parameters)
        return self.session.query(sql, [None] * parameters).columns

    def _execute_query(self, statement: Statement, items: Items) -> Answer:
        if statement.columns is None:
            self.session.execute(statement.sql, _sets(items)[0])
            return Answer(END_OF_ROWS)
        values = _sets(items)[0]
        items.value()  # the time the query may take
        most = 0 if items.ended else items.number()
        result = self.session.query(statement.sql, values)
        statement.columns = result.columns
        statement.rows = _encoded(result.rows, len(statement.columns), most)
        statement.waiting = b""
        return statement.page()

    def _execute_update(self, statement: Statement, items: Items) -> bytes:
        """Carry out once for each parameter set; the driver reads a number of rows for each, or beyond the reply."""
        items.values(2)  # '' and 0: options that only a fast insert uses
        return encode_all([self.session.execute(statement.sql, values) for values in _sets(items)])


def _sets(items: Items) -> list[list[Value]]:
    """Read the parameter sets of an execution: how many, how many values each, and all the values."""
    sets, width = items.number(), items.number()
    if not width:
        return [[]]
    values = [_plain(value) for value in items.values(sets * width)]
    return [values[start : start + width] for start in range(0, len(values), width)] or [[]]


def _plain(value: Value) -> Value:
    return None if value == "" else "" if value == SQL_EMPTY else value


def _encoded(rows: Iterator[Sequence[Value]], width: int, most: int) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        if most and number >= most:
            return
        if len(row) != width:
            raise SqlError(FATAL, f"Row {number + 1} has {len(row)} values for {width} columns")
        yield b"".join(map(encode_for_sql, row))


def _is_query(sql: str) -> bool:
    start = _NOISE.match(sql)
    first = start.end() if start else 0
    return bool(_QUERY.match(sql, first))


def _columns(statement: Statement) -> bytes:
    """Write the metadata of a result; nothing for a statement without one."""
    if statement.columns is None:
        return b""
    described = [
        encode_all([
            column.name, column.sql_type, PRECISION, 0, 1, column.name, column.table, column.schema, "", FLAGS,
        ])
        for column in statement.columns
    ]  # fmt: skip
    return encode(len(described)) + b"".join(described)


def _parameters(statement: Statement) -> bytes:
    """Write the parameter block: a VARCHAR that may be NULL for each, and a flag: not to be cached."""
    return encode(statement.parameters) + encode_all([12, PRECISION, 0, 1]) * statement.parameters + encode(0)
