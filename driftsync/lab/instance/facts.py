"""This module knows the system classes: what `facts.json.gz` says of their members."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent.parent / "facts.json.gz"

NUMBERS = frozenset({"Integer", "BigInt", "TinyInt", "Decimal"})
CODED = frozenset({
    "Authentication", "ResourceType", "ApplicationType", "ServiceCapabilities", "LDAPFlags", "PrivateKeyType",
    "Protocol", "SSLType", "TLSVersion", "Date", "Time", "Permission", "JournalState", "Collate",
})  # fmt: skip
"""Types whose logical value is a number that stands for something, besides plain numbers and flags."""


@dataclass(frozen=True)
class PropertyFacts:
    """One property as its class declares it."""

    name: str
    type: str = "%Library.String"
    initial: str = ""
    required: bool = False
    collection: str = ""
    calculated: bool = False
    transient: bool = False
    internal: bool = False
    private: bool = False
    readonly: bool = False
    relationship: bool = False
    restart: bool = False
    xmlprojection: str = ""
    sqlfieldname: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def column(self) -> str:
        """Return the name that SQL has for it."""
        return self.sqlfieldname or self.name

    @property
    def short_type(self) -> str:
        """Return the type without its package: `BooleanYN`, `Integer`, `SysPath`."""
        return self.type.rpartition(".")[2].removeprefix("%")

    @property
    def is_flag(self) -> bool:
        return self.short_type in {"Boolean", "BooleanYN"}

    @property
    def is_number(self) -> bool:
        return self.short_type in NUMBERS

    @property
    def holds_number(self) -> bool:
        """Say whether the logical value is a number, whatever a person is shown."""
        return self.is_number or self.is_flag or self.short_type in CODED


@dataclass(frozen=True)
class ArgumentFacts:
    """One formal argument; `default` is the expression as the class spells it."""

    name: str
    default: str | None
    by_reference: bool = False


@dataclass(frozen=True)
class MethodFacts:
    """One method."""

    name: str
    class_method: bool
    arguments: tuple[ArgumentFacts, ...]
    returns: str
    internal: bool
    origin: str


@dataclass(frozen=True)
class QueryFacts:
    """One class query. `columns` may be incomplete; `procedure` is None where nothing says if SQL can call it."""

    name: str
    arguments: tuple[ArgumentFacts, ...]
    columns: tuple[str, ...]
    procedure: bool | None


@dataclass(frozen=True)
class ClassFacts:
    """One class with the members of its superclasses."""

    name: str
    table: str
    blocked: bool
    """Whether SQL may not change the table."""
    xml: bool
    """Whether objects can write themselves as XML."""
    parameters: Mapping[str, str]
    properties: Mapping[str, PropertyFacts]
    methods: Mapping[str, MethodFacts]
    queries: Mapping[str, QueryFacts]

    @property
    def single(self) -> bool:
        """Say whether the class holds one row, as most sections of the CPF do."""
        found = self.methods.get("GetList")
        return bool(found and found.origin == "Config.CommonSingleMethods") or self.name == "Security.System"


@cache
def all_classes() -> Mapping[str, ClassFacts]:
    """Return every class of the lab by name."""
    loaded = json.loads(gzip.decompress(SOURCE.read_bytes()))
    empty = {
        "table": "",
        "blocked": False,
        "xml": False,
        "parameters": {},
        "properties": [],
        "methods": [],
        "queries": [],
    }
    loaded["Ens.Director"] = empty
    return {name: _class(name, found) for name, found in loaded.items()}


@cache
def tables() -> Mapping[str, ClassFacts]:
    """Return the classes that are tables, by the lower-case name of the table."""
    return {found.table.lower(): found for found in all_classes().values() if found.table}


@cache
def procedures() -> Mapping[str, tuple[ClassFacts, QueryFacts]]:
    """Return the class queries by the lower-case name that SQL has for them."""
    return {
        f"{sql_name(found.name)}_{query.name}".lower(): (found, query)
        for found in all_classes().values()
        for query in found.queries.values()
    }


def sql_name(class_name: str) -> str:
    """Return the name of a class as a table: dots of the package become underscores."""
    package, _, short = class_name.rpartition(".")
    return f"{package.replace('.', '_')}.{short}"


def _argument(text: str) -> ArgumentFacts:
    name, _, default = text.lstrip("&").partition("=")
    return ArgumentFacts(name, default or None, text.startswith("&"))


def _inherited(name: str, found: dict[str, Any]) -> dict[str, MethodFacts]:
    """Return the methods of superclasses that the catalogue leaves out."""
    lines = list(_OBJECT) if found["properties"] else []
    lines += _PERSISTENT if found["table"] else []
    lines += _XML if found["xml"] else []
    lines += _OWN.get(name, [])
    made = {}
    for line in lines:
        kind, method, *arguments = line.split()
        made[method] = MethodFacts(
            method, kind == "class", tuple(map(_argument, arguments)), "", False, "%Library.Persistent"
        )
    return made


_OBJECT = ["class %New initvalue", "object %ClassName full=0", "object %ValidateObject force=0"]
_PERSISTENT = [
    "class %OpenId id concurrency=-1 &sc", "class %ExistsId id", "class %DeleteId id concurrency=-1",
    "object %Save related=1", "object %Id", "object %Reload", "object %IsModified",
]  # fmt: skip
_XML = ["object XMLExportToString &export top format namespaces attributes"]
_OWN = {
    "%Library.SQLConnection": [
        "class NameIndexOpen K1 concurrency=-1 &sc", "class NameIndexExists K1 &id", "class NameIndexDelete K1",
    ],
    "%Library.Routine": ["class %OpenId id"],
    "%SYS.Task": ['class ExportTasks FileName Tasks="*"'],
    "Ens.Director": [
        "class GetActiveProductionName", "class IsProductionRunning &pProductionName",
        "class GetProductionStatus &pProductionName &pState", "class GetAutoStart",
    ],
    "%SYSTEM.Mirror": ["class ArbiterState"],
}  # fmt: skip
"""Generated methods, and those of classes that are not in the catalogue; the arguments of `ExportTasks` are a guess."""


def _class(name: str, found: dict[str, Any]) -> ClassFacts:
    return ClassFacts(
        name=name,
        table=found["table"],
        blocked=found["blocked"],
        xml=found["xml"],
        parameters=found["parameters"],
        properties={facts["name"]: PropertyFacts(**facts) for facts in found["properties"]},
        methods={**_inherited(name, found), **{facts["name"]: _method(facts) for facts in found["methods"]}},
        queries={**_extent(name), **{facts["name"]: _query(facts) for facts in found["queries"]}},
    )


WITH_EXTENT = frozenset({
    "OAuth2.Client", "OAuth2.ServerDefinition", "OAuth2.Server.Client", "OAuth2.Server.Configuration",
    "Security.SQLAdminPrivilegeSet", "Security.SQLRoleGrantOption", "%SYS.PhoneProviders",
})  # fmt: skip
"""Persistent classes that no query of their own lists."""


def _extent(name: str) -> dict[str, QueryFacts]:
    """Return the class query that persistent classes inherit; the catalogue leaves inherited queries out."""
    if name not in WITH_EXTENT:
        return {}
    return {"Extent": QueryFacts("Extent", (), ("ID",), procedure=True)}


def _method(facts: dict[str, Any]) -> MethodFacts:
    arguments = tuple(ArgumentFacts(name, default, by) for name, default, by in facts["arguments"])
    return MethodFacts(
        facts["name"], facts["class"], arguments, facts["returns"], facts["internal"], facts["origin"]
    )


def _query(facts: dict[str, Any]) -> QueryFacts:
    arguments = tuple(ArgumentFacts(name, default) for name, default in facts["arguments"])
    return QueryFacts(facts["name"], arguments, tuple(facts["columns"]), facts["procedure"])
