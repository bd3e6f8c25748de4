"""This module declares namespaces: which databases each of them reads its globals and routines from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import ConfigRows
from driftsync.kinds.places import Action, ConfigApi, CpfRows
from driftsync.kinds.spec import Fold, Kind, Route, by, flag, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import SYSTEM_NAMESPACES
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity


def shipped_namespace(_namespace: str, identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say whether an installation creates the namespace."""
    return identity.upper() in SYSTEM_NAMESPACES


NAMESPACE = Kind(
    name="namespace",
    title=N_("Namespace"),
    iris_class="Config.Namespaces",
    source="class Config.Namespaces; api.md 5.1, formats.md 1.3; %ALL is a row too",
    live=(ConfigRows(iris_class="Config.Namespaces", name_column="Namespace"),),
    written=ByObject(
        opener="Open",
        leaves={"Interop": N_("interoperability is switched on by a procedure of its own")},
        at_once=True,
    ),
    identity=by("Name", fold=Fold.UPPER),
    properties=(
        text("Globals", upper=True, refers_to="database"),
        text("Routines", upper=True, refers_to="database", default_from="Globals"),
        text("TempGlobals", upper=True, refers_to="database", default="IRISTEMP"),
        text("Library", upper=True, refers_to="database", default="IRISLIB"),
        text("SysGlobals", upper=True, refers_to="database", default="IRISSYS"),
        text("SysRoutines", upper=True, refers_to="database", default="IRISSYS"),
        flag(
            "Interop",
            about=N_("whether interoperability is switched on; no CPF shows it"),
        ),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "Clients of a namespace that is missing are refused; in one that leads elsewhere they see other data."
    ),
    portal=N_("System Administration > Configuration > System Configuration > Namespaces"),
    places=(
        CpfRows(
            "Namespaces",
            fields=("Globals", "Routines", "TempGlobals", "Library", "SysGlobals", "SysRoutines"),
        ),
        ConfigApi("Namespaces"),
        Action("Namespace", omits=frozenset({"Interop"})),
    ),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    tag=Tag(
        name="Namespace",
        attributes={"Name": "Name", "Globals": "Data", "Routines": "Code"},
        needs=frozenset({"Data", "Code"}),
        constants={"Create": "yes"},
    ),
    built_in=shipped_namespace,
    expectation={},
)
