"""This module declares mappings, which lead globals, routines and packages into other databases."""

from __future__ import annotations

from driftsync.kinds.live import ConfigRows
from driftsync.kinds.places import Action, ConfigApi, CpfRows
from driftsync.kinds.spec import Kind, Route, by, number, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import shipped_mapping
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

FOR_ALL = "%ALL"
"""The pseudo namespace whose mappings hold in every namespace, `%SYS` included (api.md 10)."""
ROUTES = (Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API)
WRITTEN = ByObject(opener="Open", key=("Namespace", "Name"), batched=True, at_once=True)
GLOBAL_MAPPING = Kind(
    name="global-mapping",
    title=N_("Global mapping"),
    iris_class="Config.MapGlobals",
    source="class Config.MapGlobals; api.md 5.2, formats.md 1.3; a subscript or a range is part of the name, "
    "and needs the mapping of the whole global",
    live=(ConfigRows(iris_class="Config.MapGlobals", by_namespace="Namespace"),),
    written=WRITTEN,
    identity=by("Name", namespace="Namespace"),
    properties=(
        text("Database", upper=True, refers_to="database"),
        number(
            "Collation", default=5, about=N_("counts for subscript-level mappings only; 5 is IRIS standard")
        ),
        text("LockDatabase", upper=True, refers_to="database", default_from="Database"),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "Programs on the new primary read an empty global, or write into a database that nobody looks at."
    ),
    portal=N_(
        "System Administration > Configuration > System Configuration > Namespaces > Global Mappings of the namespace"
    ),
    places=(
        CpfRows("Map.*", fields=("Database", "Collation", "LockDatabase"), prefix="Global_"),
        ConfigApi("MapGlobals", nested=True),
        Action("MapGlobal"),
    ),
    routes=ROUTES,
    tag=Tag(
        name="GlobalMapping",
        within="Configuration",
        namespace="Namespace",
        attributes={"Name": "Global", "Database": "From", "Collation": "Collation"},
        needs=frozenset({"From"}),
    ),
    built_in=shipped_mapping,
    expectation={},
    refers_to=("namespace",),
)

ROUTINE_MAPPING = Kind(
    name="routine-mapping",
    title=N_("Routine mapping"),
    iris_class="Config.MapRoutines",
    source="class Config.MapRoutines; api.md 5.2, formats.md 1.3; the suffix of a type "
    "(_INC, _MAC, _INT, _OBJ) stays part of the name",
    live=(ConfigRows(iris_class="Config.MapRoutines", by_namespace="Namespace"),),
    written=WRITTEN,
    identity=by("Name", namespace="Namespace"),
    properties=(text("Database", upper=True, refers_to="database"),),
    severity=Severity.FAILOVER,
    why=N_(
        "Jobs and clients stop with <NOROUTINE>, or run another version of a routine than on the old primary."
    ),
    portal=N_(
        "System Administration > Configuration > System Configuration > Namespaces > Routine Mappings of the namespace"
    ),
    places=(
        CpfRows("Map.*", fields=("Database",), prefix="Routine_"),
        ConfigApi("MapRoutines", nested=True),
        Action("MapRoutine"),
    ),
    routes=ROUTES,
    tag=Tag(
        name="RoutineMapping",
        within="Configuration",
        namespace="Namespace",
        attributes={"Name": "Routines", "Database": "From"},
        needs=frozenset({"From"}),
        constants={"Type": "ALL"},
    ),
    built_in=shipped_mapping,
    expectation={},
    refers_to=("namespace",),
)

PACKAGE_MAPPING = Kind(
    name="package-mapping",
    title=N_("Package mapping"),
    iris_class="Config.MapPackages",
    source="class Config.MapPackages; api.md 5.2, formats.md 1.3",
    live=(ConfigRows(iris_class="Config.MapPackages", by_namespace="Namespace"),),
    written=WRITTEN,
    identity=by("Name", namespace="Namespace"),
    properties=(text("Database", upper=True, refers_to="database"),),
    severity=Severity.FAILOVER,
    why=N_("Every call of a class in the package stops with <CLASS DOES NOT EXIST>."),
    portal=N_(
        "System Administration > Configuration > System Configuration > Namespaces > Package Mappings of the namespace"
    ),
    places=(
        CpfRows("Map.*", fields=("Database",), prefix="Package_"),
        ConfigApi("MapPackages", nested=True),
        Action("MapPackage"),
    ),
    routes=ROUTES,
    tag=Tag(
        name="ClassMapping",
        within="Configuration",
        namespace="Namespace",
        attributes={"Name": "Package", "Database": "From"},
        needs=frozenset({"From"}),
    ),
    built_in=shipped_mapping,
    expectation={},
    refers_to=("namespace",),
)
