"""This module declares resources: the names that permissions are granted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, mask, number, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import PERMISSIONS, SYSTEM_DATABASES
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity


def shipped_percent_name(_namespace: str, identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say whether the product ships a resource or role: `%…`, but `%DB_…` only for its own databases."""
    name = identity.upper()
    if not name.startswith("%DB_"):
        return name.startswith("%")
    database = name.removeprefix("%DB_")
    return database == "%DEFAULT" or database in SYSTEM_DATABASES


RESOURCE = Kind(
    name="resource",
    title=N_("Resource"),
    iris_class="Security.Resources",
    source="class Security.Resources; api.md 5.7 and 10",
    live=(
        Table(iris_class="Security.Resources"),
        Objects(names=ClassQuery("Security.Resources", "List", ("*", -1, -1, 0)), key=("Name",)),
    ),
    written=ByObject(creates="Create", arguments=("Name", "Description", "PublicPermission"), at_once=True),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        mask(
            "PublicPermission",
            values=PERMISSIONS,
            severity=Severity.SECURITY,
            about=N_("what everybody may do, without any role"),
        ),
        text("Description", severity=Severity.HYGIENE, localised=True),
        number("Type").ignored(N_("set by IRIS itself, from what the resource guards")),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "A database or application whose resource is unknown stays closed, and a mount-required database keeps the member from becoming primary."
    ),
    portal=N_("System Administration > Security > Resources"),
    places=(Record("Resources"), ConfigApi("Security.Resources"), Action("Resource")),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    tag=Tag(
        name="Resource",
        attributes={"Name": "Name", "Description": "Description", "PublicPermission": "Permission"},
        needs=frozenset({"Description", "Permission"}),
    ),
    built_in=shipped_percent_name,
)
