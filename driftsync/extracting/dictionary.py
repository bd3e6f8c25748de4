"""This module asks a member's own dictionary which classes, properties, methods and queries its release has.

Releases differ in what a class has (api.md 8), so routes are chosen by what the member says of itself. Where it does
not say (no privilege on the dictionary), everything is tried and the answer decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from driftsync.connections.failures import CallFailed
from driftsync.extracting.permitted import PermittedConnection

_COLUMNS = "Name Type Collection SqlFieldName Calculated Transient Private MultiDimensional Relationship"


@dataclass(frozen=True)
class PropertyFacts:
    """One property as this release has it."""

    name: str
    column: str
    type: str
    collection: str = ""
    stored: bool = True
    """Whether the table has a column of its own for it."""
    transient: bool = False

    @property
    def is_list(self) -> bool:
        return self.collection.lower() == "list" or self.type in {"%Library.List", "%Library.ListOfDataTypes"}

    @property
    def is_binary(self) -> bool:
        return self.type in {"%Library.Binary", "%Library.VarString", "Security.Datatype.Password"}


class Dictionary:
    """What one member has. `unknown` where it does not say."""

    def __init__(self, connection: PermittedConnection, classes: Iterable[str]) -> None:
        """Ask for `classes`, all in one statement each for properties, queries and methods."""
        asked = sorted(set(classes))
        self._properties: dict[str, dict[str, PropertyFacts]] = {}
        self._queries: set[tuple[str, str]] = set()
        self._methods: set[tuple[str, str]] = set()
        self.unknown = False
        marks = ",".join("?" * len(asked))
        try:
            for row in connection.query(
                f"SELECT parent, {', '.join(_COLUMNS.split())} FROM %Dictionary.CompiledProperty "  # noqa: S608
                f"WHERE parent IN ({marks})",
                *asked,
            ).rows:
                self._keep(*row)
            for table, found in (("CompiledQuery", self._queries), ("CompiledMethod", self._methods)):
                wanted = (
                    ""
                    if table == "CompiledQuery"
                    else " AND Name IN ('Exists','Open','GetList','GetAutoStart')"
                )
                found.update(
                    (str(parent), str(name))
                    for parent, name in connection.query(
                        f"SELECT parent, Name FROM %Dictionary.{table} WHERE parent IN ({marks}){wanted}",  # noqa: S608
                        *asked,
                    ).rows
                )
        except CallFailed:
            self.unknown = True
        if not self._properties:
            self.unknown = True

    def has_class(self, name: str) -> bool:
        """Say whether the class exists, as far as the dictionary tells."""
        return self.unknown or name in self._properties

    def has_query(self, class_name: str, name: str) -> bool:
        return self.unknown or (class_name, name) in self._queries

    def has_method(self, class_name: str, name: str) -> bool:
        return self.unknown or (class_name, name) in self._methods

    def properties(self, class_name: str) -> dict[str, PropertyFacts]:
        """Return the properties of a class by name, empty where nothing is known of it."""
        return self._properties.get(class_name, {})

    def _keep(
        self,
        parent: object,
        name: object,
        type_: object,
        collection: object,
        column: object,
        calculated: object,
        transient: object,
        private: object,
        multidimensional: object,
        relationship: object,
    ) -> None:
        apart = (calculated, transient, private, multidimensional, relationship)
        stored = not any(_is_true(each) for each in apart) and str(collection or "").lower() != "array"
        self._properties.setdefault(str(parent), {})[str(name)] = PropertyFacts(
            name=str(name),
            column=str(column or name),
            type=str(type_ or ""),
            collection=str(collection or ""),
            stored=stored,
            transient=_is_true(transient),
        )


def _is_true(value: object) -> bool:
    return str(value).lower() in {"1", "true"}
