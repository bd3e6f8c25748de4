"""This module holds the words in which a kind says how a live member shows its items.

A kind names its routes in order of preference; the first that this release has, and that the account may use, is
taken. `extracting` has one module for each route; what is said here is data, and the sentence for `driftsync explain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def sql_name(iris_class: str) -> str:
    """Return the table of a class: dots of the package become underscores (api.md 2.1)."""
    package, dot, short = iris_class.rpartition(".")
    return f"{package.replace('.', '_')}{dot}{short}"


@dataclass(frozen=True)
class ClassQuery:
    """A class query with its arguments: `Security.Users_List('*','*',0,0)`."""

    iris_class: str
    name: str = "List"
    arguments: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        given = ",".join(
            str(each) if isinstance(each, int) else f"'{each.replace(chr(39), chr(39) * 2)}'"
            for each in self.arguments
        )
        return f"{sql_name(self.iris_class)}_{self.name}({given})"


@dataclass(frozen=True, kw_only=True)
class Table:
    """One SELECT of the table with `%INTERNAL`, so that all values are logical."""

    iris_class: str
    table: str = ""
    """Where it is not called as the class is."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Property → column, where the dictionary of the member does not tell."""
    unsure: bool = False
    """Whether no source names the class: its absence says nothing."""

    @property
    def name(self) -> str:
        return self.table or sql_name(self.iris_class)

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes that the route asks."""
        return frozenset({self.iris_class})

    def __str__(self) -> str:
        return f"SELECT FROM {self.name}" + (" (unsure)" if self.unsure else "")


@dataclass(frozen=True, kw_only=True)
class QueryRows:
    """A class query whose rows say all there is to say of an item."""

    query: ClassQuery

    @property
    def iris_class(self) -> str:
        return self.query.iris_class

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes that the route asks."""
        return frozenset({self.iris_class})

    def __str__(self) -> str:
        return str(self.query)


@dataclass(frozen=True, kw_only=True)
class Objects:
    """A class query for the names, then one object each: by `XMLExportToString`, else property by property."""

    names: ClassQuery | None = None
    """`None` for the one object of its class."""
    key: tuple[str, ...] = ("Name",)
    """The columns that `opener` takes; for the only object, its arguments."""
    opener: str = "Exists"
    iris_class: str = ""
    beside: tuple[str, ...] = ()
    """Properties that the class leaves out of its XML, asked for one by one."""

    @property
    def home(self) -> str:
        return self.iris_class or (self.names.iris_class if self.names else "")

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes that the route asks."""
        return frozenset({self.home})

    def __str__(self) -> str:
        if self.names is None:
            return f"{self.home}.{self.opener}()"
        return f"{self.names}, then one object each"


@dataclass(frozen=True, kw_only=True)
class ConfigRows:
    """The table of a multi-row `Config` class, checked against its class query `List`; `GetList` where a row lacks."""

    iris_class: str
    name_column: str = "Name"
    sets: Mapping[str, str] = field(default_factory=dict)
    """Properties that the class itself states."""
    by_namespace: str = ""
    """The property that holds the namespace (or mirror) which `List` and `GetList` are asked for."""

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes that the route asks."""
        return frozenset({self.iris_class})

    def __str__(self) -> str:
        each = " in each namespace" if self.by_namespace else ""
        return f"SELECT FROM {self.iris_class}, checked against {self.iris_class}_List(){each}, GetList() for the rest"


@dataclass(frozen=True, kw_only=True)
class Sections:
    """Singletons of the configuration: one `GetList()` each. With `per_setting` each setting is an item."""

    sections: tuple[str, ...]
    per_setting: bool = False
    since: Mapping[str, str] = field(default_factory=dict)
    """Section → the release from which on it exists, where not all have it."""

    @property
    def classes(self) -> frozenset[str]:
        """Return the classes that the route asks."""
        return frozenset(f"Config.{name}" for name in self.sections)

    def __str__(self) -> str:
        shown = self.sections[0] if len(self.sections) == 1 else "<section>"
        return f"Config.{shown}.GetList()"


@dataclass(frozen=True)
class Reader:
    """A reader of its own in `extracting`, for what fits no common route."""

    name: str
    text: str

    @property
    def classes(self) -> frozenset[str]:
        """Return nothing: the reader itself knows which classes it asks."""
        return frozenset()

    def __str__(self) -> str:
        return self.text


LiveRoute = Table | QueryRows | Objects | ConfigRows | Sections | Reader
