"""This module is what a statement can read from: columns with their formats, over the records of one session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.facts import PropertyFacts
from driftsync.lab.instance.texts import in_display, in_logical, in_odbc, sql_type

Getter = Callable[[Mapping[str, Any]], Value]
VARCHAR, INTEGER, BIT = 12, 4, -7


@dataclass(frozen=True)
class SqlColumn:
    """One column: what each format gives of a record."""

    name: str
    type: int
    formats: Mapping[str, Getter]
    numeric: bool = False
    """Whether the logical value is a number."""
    hidden: bool = False
    """Whether `*` leaves it out."""

    def affinity(self, format_: str) -> str:
        """Return how SQLite shall compare the column."""
        if format_ == "internal":
            return "NUMERIC" if self.numeric else "TEXT"
        return "INTEGER" if self.type in {INTEGER, BIT} else "TEXT"


@dataclass(frozen=True)
class Source:
    """A table, or a class query with its arguments."""

    name: str
    columns: Sequence[SqlColumn]
    rows: Callable[[], Iterable[Mapping[str, Any]]]
    schema: str = ""

    def find(self, name: str) -> SqlColumn | None:
        """Return the column of a name, case ignored."""
        folded = name.lower()
        return next((column for column in self.columns if column.name.lower() == folded), None)


def property_column(found: PropertyFacts, getter: Getter | None = None) -> SqlColumn:
    """Return the column of a property."""

    def logical(record: Mapping[str, Any]) -> Any:
        return getter(record) if getter else record.get(found.name, "")

    return SqlColumn(
        found.column,
        sql_type(found),
        {
            "plain": lambda record: in_odbc(found, logical(record)),
            "internal": lambda record: in_logical(logical(record)),
            "external": lambda record: in_display(found, logical(record)),
        },
        numeric=found.holds_number,
    )


def plain_column(name: str, type_: int = VARCHAR, key: str = "", *, hidden: bool = False) -> SqlColumn:
    """Return a column that is the same in every format."""

    def value(record: Mapping[str, Any]) -> Value:
        found: Value = record.get(key or name, "")
        return None if found in ("", None) else found

    formats = dict.fromkeys(("plain", "internal", "external"), value)
    return SqlColumn(name, type_, formats, numeric=type_ in {INTEGER, BIT}, hidden=hidden)
