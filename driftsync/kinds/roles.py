"""This module declares roles: the permissions that users and applications carry."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, QueryRows
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.resources import shipped_percent_name
from driftsync.kinds.spec import Fold, Kind, Route, by, flag, names, number, pairs, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import PERMISSIONS
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

ROLE = Kind(
    name="role",
    title=N_("Role"),
    iris_class="Security.Roles",
    source="class Security.Roles; api.md 5.8",
    live=(
        QueryRows(query=ClassQuery("Security.Roles", "ListAll", ("*",))),
        Objects(names=ClassQuery("Security.Roles", "List", ("*", "*", 0))),
    ),
    written=ByObject(
        creates="Create", arguments=("Name", "Description", "Resources", "GrantedRoles", "EscalationOnly")
    ),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        pairs(
            "Resources",
            values=PERMISSIONS,
            refers_to="resource",
            about=N_("%All holds every permission without listing one"),
        ),
        names("GrantedRoles", refers_to="role"),
        flag(
            "EscalationOnly",
            since="2024.1",
            severity=Severity.SECURITY,
            about=N_("the role is taken up for a while, never held from login"),
        ),
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        flag("ForceSave").ignored(N_("steers one save and is not stored")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Users and applications that hold the role meet <PROTECT> errors, or may do more than they should, as soon as the member is primary."
    ),
    portal=N_("System Administration > Security > Roles"),
    places=(Record("Roles"), ConfigApi("Security.Roles"), Action("Role")),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    tag=Tag(
        name="Role",
        attributes={
            "Name": "Name",
            "Description": "Description",
            "Resources": "Resources",
            "GrantedRoles": "RolesGranted",
        },
        needs=frozenset({"Description"}),
    ),
    built_in=shipped_percent_name,
)
