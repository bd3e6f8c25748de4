"""This module declares SQL privileges: on objects, administrative ones, and roles granted with a grant option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import ClassQuery, Objects, QueryRows, Table
from driftsync.kinds.places import ConfigApi, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, choice, text
from driftsync.kinds.written import ByStatement
from driftsync.language import N_
from driftsync.model import Severity

GRANTABLE = {"0": "no", "1": "yes"}
PRIVILEGES = {
    "a": "%ALTER", "i": "INSERT", "u": "UPDATE", "d": "DELETE", "s": "SELECT", "r": "REFERENCES",
}  # fmt: skip
"""On tables (1) and views (3); the numbers of other objects are not all known (api.md 5.10)."""
HELD = {"0": "no", "1": "yes", "2": "grantable"}

ADMINISTRATIVE = {
    "CreateFunction": "%CREATE_FUNCTION", "DropFunction": "%DROP_FUNCTION",
    "CreateMethod": "%CREATE_METHOD", "DropMethod": "%DROP_METHOD",
    "CreateProcedure": "%CREATE_PROCEDURE", "DropProcedure": "%DROP_PROCEDURE",
    "CreateQuery": "%CREATE_QUERY", "DropQuery": "%DROP_QUERY",
    "CreateTable": "%CREATE_TABLE", "AlterTable": "%ALTER_TABLE", "DropTable": "%DROP_TABLE",
    "CreateView": "%CREATE_VIEW", "AlterView": "%ALTER_VIEW", "DropView": "%DROP_VIEW",
    "CreateTrigger": "%CREATE_TRIGGER", "DropTrigger": "%DROP_TRIGGER",
    "NoCheck": "%NOCHECK", "NoTrigger": "%NOTRIGGER", "NoIndex": "%NOINDEX", "NoLock": "%NOLOCK",
    "NoJourn": "%NOJOURN", "BuildIndex": "%BUILD_INDEX",
    "CreateMLConfiguration": "%CREATE_ML_CONFIGURATION", "AlterMLConfiguration": "%ALTER_ML_CONFIGURATION",
    "DropMLConfiguration": "%DROP_ML_CONFIGURATION", "ManageModel": "%MANAGE_MODEL", "UseModel": "%USE_MODEL",
    "DropUnowned": "%DROP_UNOWNED", "CancelQuery": "%CANCEL_QUERY",
    "ManageForeignServer": "%MANAGE_FOREIGN_SERVER", "UseEmbedding": "%USE_EMBEDDING",
}  # fmt: skip
"""Property of Security.SQLAdminPrivilegeSet → the privilege, as GRANT names it (InterSystems SQL, GRANT)."""

LOADED = frozenset({
    "AlterTable", "AlterView", "CreateFunction", "CreateMethod", "CreateProcedure", "CreateQuery", "CreateTable",
    "CreateTrigger", "CreateView", "DropFunction", "DropMethod", "DropProcedure", "DropQuery", "DropTable", "DropTrigger",
    "DropView", "NoCheck", "NoIndex", "NoLock", "NoTrigger",
})  # fmt: skip
"""What config-api sets of them (its class Api.Config.Services.Security.SQLAdminPrivilegeSet), each time all of it."""


def holds_none(values: Mapping[str, Any]) -> bool:
    """Say whether a set of administrative privileges is empty: IRIS may keep its row when the last was revoked.

    A privilege of a release to come counts like one that is known.
    """
    return all(name in {"Namespace", "Grantee"} or str(value or "0") == "0" for name, value in values.items())


SQL_PRIVILEGE = Kind(
    name="sql-privilege",
    title=N_("SQL privilege"),
    iris_class="Security.SQLPrivileges",
    source="class Security.SQLPrivileges; api.md 5.10",
    live=(
        QueryRows(query=ClassQuery("Security.SQLPrivileges")),
        Table(iris_class="Security.SQLPrivileges"),
    ),
    written=ByStatement(
        grant="GRANT {privilege} ON {object} TO {Grantee}",
        revoke="REVOKE {privilege} ON {object} FROM {Grantee}",
        option="WITH GRANT OPTION",
        option_only="REVOKE GRANT OPTION FOR {privilege} ON {object} FROM {Grantee}",
        words=PRIVILEGES,
        types=frozenset({"1", "3"}),
    ),
    identity=by(
        "SQLObject",
        "Privilege",
        "Grantee",
        namespace="Namespace",
        leaves_out=N_(
            "the grantor: often whoever happened to be logged in, and it changes nothing about the right"
        ),
        fold=Fold.LOWER,
    ),
    properties=(
        choice("Grantable", values=GRANTABLE, severity=Severity.SECURITY),
        text("Grantor").local(
            N_("names who granted it on this member, which does not decide what the grantee may do")
        ),
        text("SQLPrivString").ignored(N_("IRIS puts it together from the other columns")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "A query that works on the primary ends with SQLCODE -99 on the member, because privileges do not travel with the tables."
    ),
    portal=N_("System Administration > Security > Users or Roles > SQL Tables, SQL Views or SQL Procedures"),
    places=(Record("SQLPrivileges"), ConfigApi("Security.SQLPrivileges")),
    routes=(Route.SQL, Route.MERGE_FILE, Route.CONFIG_API),
    refers_to=("namespace", "role", "user"),
)

SQL_ADMIN_PRIVILEGE = Kind(
    name="sql-admin-privilege",
    title=N_("SQL administrative privileges"),
    iris_class="Security.SQLAdminPrivilegeSet",
    source="class Security.SQLAdminPrivilegeSet; api.md 5.10",
    live=(
        Table(iris_class="Security.SQLAdminPrivilegeSet"),
        Objects(names=ClassQuery("Security.SQLAdminPrivilegeSet", "Extent"), key=("ID",), opener="%OpenId"),
    ),
    written=ByStatement(
        grant="GRANT {privileges} TO {Grantee}",
        revoke="REVOKE {privileges} FROM {Grantee}",
        option="WITH ADMIN OPTION",
        each=ADMINISTRATIVE,
    ),
    says_nothing=holds_none,
    identity=by("Grantee", fold=Fold.LOWER, namespace="Namespace"),
    properties=tuple(choice(name, values=HELD, default=0) for name in ADMINISTRATIVE),
    severity=Severity.APPLICATION,
    why=N_(
        "Whoever creates or changes tables, views or procedures on the primary is refused that on the member after a failover."
    ),
    portal=N_("System Administration > Security > Users or Roles > SQL Privileges"),
    places=(
        Record("SQLAdminPrivilegeSet"),
        ConfigApi(
            "Security.SQLAdminPrivilegeSet",
            key="Namespace",
            nested=True,
            omits=frozenset(ADMINISTRATIVE) - LOADED,
            empties=True,
        ),
    ),
    routes=(Route.SQL, Route.MERGE_FILE, Route.CONFIG_API),
    refers_to=("namespace", "role", "user"),
)

SQL_ROLE_GRANT = Kind(
    name="sql-role-grant",
    title=N_("SQL role grant"),
    iris_class="Security.SQLRoleGrantOption",
    source="class Security.SQLRoleGrantOption; api.md 5.10, formats.md 3",
    live=(
        Table(iris_class="Security.SQLRoleGrantOption"),
        Objects(names=ClassQuery("Security.SQLRoleGrantOption", "Extent"), key=("ID",), opener="%OpenId"),
    ),
    written=ByStatement(
        grant="GRANT {RoleGranted} TO {UserOrRole}",
        revoke="REVOKE {RoleGranted} FROM {UserOrRole}",
        option="WITH ADMIN OPTION",
        role=("RoleGranted", "UserOrRole"),
    ),
    identity=by("UserOrRole", "RoleGranted", fold=Fold.LOWER),
    properties=(choice("Grantable", values=GRANTABLE),),
    severity=Severity.SECURITY,
    why=N_(
        "Whoever may pass a role on by GRANT on the primary may not do so on the member, or may do so there only."
    ),
    portal=N_("no page: the statement GRANT role TO grantee WITH ADMIN OPTION"),
    places=(Record("SQLRoleGrantOption"),),
    routes=(Route.SQL,),
    refers_to=("role", "user"),
)
