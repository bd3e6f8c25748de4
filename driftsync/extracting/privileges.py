"""This module says which privileges reading needs (api.md 7), and asks a member which of them the account has.

Asking leaves nothing behind; trying would leave an audit record for each refusal. From the same declarations come the
lines that grant a least-privileged account (`granting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from driftsync.connections.failures import CallFailed
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import HOME
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ConfigRows, Objects, QueryRows, Reader, Table, sql_name
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Held, Privilege

EVERY_CLASS = ("",)
TABLE, PROCEDURE = (1, "s"), (9, "e")
"""What `CheckPrivilege` calls them, and the right that is asked."""


@dataclass(frozen=True)
class Need:
    """A resource that reading certain classes needs."""

    resource: str
    permission: str
    """`READ` or `USE`."""
    classes: tuple[str, ...]
    """Beginnings of the names of these classes."""
    apart: tuple[str, ...] = ()
    """Beginnings of those among them that another resource guards."""
    stated: bool = True
    """Whether InterSystems says so; else it is the rule of the portal (api.md 7), and trying alone tells."""

    def __str__(self) -> str:
        return f"{self.resource}:{self.permission}"

    @property
    def pair(self) -> str:
        """Return it as a role spells it: `%DB_IRISSYS:R`."""
        return f"{self.resource}:{self.permission[0]}"

    def guards(self, iris_class: str) -> bool:
        return iris_class.startswith(self.classes) and not (self.apart and iris_class.startswith(self.apart))


NEEDS: tuple[Need, ...] = (
    Need("%Service_SQL", "USE", EVERY_CLASS),
    Need("%Service_Object", "USE", EVERY_CLASS),
    Need("%DB_IRISSYS", "READ", EVERY_CLASS),
    Need("%Admin_Manage", "USE", ("Config.", "SYS.Mirror"), stated=False),
    Need("%Admin_Operate", "USE", ("SYS.Database", "%SYS.Journal.", "%SYS.ProcessQuery")),
    Need("%Admin_Secure", "USE", ("Security.", "%SYS.X509Credentials", "%SYS.PhoneProviders")),
    Need("%Admin_Task", "USE", ("%SYS.Task",)),
    Need("%Admin_OAuth2_Client", "USE", ("OAuth2.",), apart=("OAuth2.Server.",)),
    Need("%Admin_OAuth2_Server", "USE", ("OAuth2.Server.",)),
)
EXCESS: tuple[tuple[str, str], ...] = (
    ("%DB_IRISSYS", "WRITE"),
    ("%Development", "USE"),
    ("%System_CallOut", "USE"),
    ("%Secure_Break", "USE"),
)
"""What reading never needs. An account that has all of them has `%All`, or as much as it gives."""

CLASSES_BEHIND: dict[str, tuple[str, ...]] = {
    "databases": ("Config.Databases", "SYS.Database"),
    "tasks": ("%SYS.Task",),
    "data types": ("Config.SqlSysDatatypes", "Config.SqlUserDatatypes"),
    "packages": ("Config.Namespaces",),
    "productions": ("Config.Namespaces",),
}
"""Classes that readers of their own ask and some resource guards; an OAuth2 kind has the class it names."""
TABLES_BEHIND: dict[str, tuple[str, ...]] = {
    "databases": ("Config.Databases", "SYS.Database"),
    "tasks": ("%SYS.Task",),
    "data types": ("Config.SqlSysDatatypes", "Config.SqlUserDatatypes"),
    "code": ("%Dictionary.CompiledClass",),
}
QUERIES_BEHIND: dict[str, tuple[str, ...]] = {
    "databases": ("Config.Databases",),
    "data types": ("Config.SqlSysDatatypes", "Config.SqlUserDatatypes"),
    "packages": ("Config.Namespaces",),
    "productions": ("Config.Namespaces",),
    "code": ("%Library.Routine",),
    "files": ("%Library.File",),
}
OAUTH2 = "oauth2"
SINGLE = frozenset({"oauth2-server-configuration"})
"""What is opened without being listed."""
OAUTH2_PARTS = {
    "oauth2-client": "OAuth2_Client.Metadata",
    "oauth2-server-definition": "OAuth2_Server.Metadata",
}
"""Tables that hold parts of an OAuth2 item."""
PACKAGES_SCHEMA = "%IPM_Storage"
QUERIES = {"Security": "Users_List", "Config": "Databases_List", "SYS": "Mirror_MemberStatusList",
           "%Library": "Routine_RoutineList", "%SYS": "PhoneProviders_Extent", "OAuth2": "Client_Extent"}  # fmt: skip
"""A class query of each schema whose queries are called."""
TABLES = {"Security": "Users", "Config": "Databases", "SYS": "Database", "%SYS": "Task", "%SYS_Task": "Config",
          "%Library": "sys_SQLConnection", "OAuth2": "Client", "OAuth2_Client": "Metadata",
          "OAuth2_Server": "Configuration", "%Dictionary": "CompiledProperty"}  # fmt: skip
"""A table of each schema whose tables are read; a privilege is asked of one object, and granted on its schema."""


def classes_of(kind: Kind) -> frozenset[str]:
    """Return the classes that the routes of a kind ask."""
    found: set[str] = set()
    for route in kind.live:
        found |= route.classes
        if isinstance(route, Reader):
            found.update((kind.iris_class,) if route.name == OAUTH2 else CLASSES_BEHIND.get(route.name, ()))
    return frozenset(found)


def tables_of(kind: Kind) -> list[str]:
    """Return the tables that the routes of a kind select from."""
    found: list[str] = []
    for route in kind.live:
        match route:
            case Table():
                found.append(route.name)
            case ConfigRows():
                found.append(sql_name(route.iris_class))
            case Reader(name=name):
                found += (sql_name(kind.iris_class),) if name == OAUTH2 else TABLES_BEHIND.get(name, ())
            case _:
                pass
    return [*found, *(OAUTH2_PARTS[kind.name],)] if kind.name in OAUTH2_PARTS else found


def schemas_called(kind: Kind) -> set[str]:
    """Return the schemas of the class queries that the routes of a kind call."""
    found: set[str] = set()
    for route in kind.live:
        match route:
            case QueryRows() | ConfigRows():
                found.add(route.iris_class)
            case Objects(names=names) if names:
                found.add(names.iris_class)
            case Reader(name=name):
                listed = name == OAUTH2 and kind.name not in SINGLE
                found.update((kind.iris_class,) if listed else QUERIES_BEHIND.get(name, ()))
            case _:
                pass
    return set(map(_schema, found))


def _schema(name: str) -> str:
    return sql_name(name).rpartition(".")[0]


def needs_of(kind: Kind) -> list[Need]:
    """Return the resources that a kind needs beyond those that every connection needs."""
    return [
        need
        for need in NEEDS
        if need.classes != EVERY_CLASS and any(need.guards(name) for name in classes_of(kind))
    ]


@dataclass(frozen=True)
class Account:
    """What an account may do on one member."""

    privileges: tuple[Privilege, ...]
    excess: tuple[str, ...]
    closed: Mapping[str, str]
    """Kinds that need not be tried, and why: the member itself says that neither their classes nor tables are open."""

    def lacks(self, name: str) -> bool:
        """Say whether the member answered that the account has no such privilege."""
        return _lacks(self.privileges, name)


def _lacks(privileges: Iterable[Privilege], name: str) -> bool:
    return any(each.name == name and each.held is Held.NO for each in privileges)


def select_on(schema: str) -> str:
    return f"SELECT ON SCHEMA {schema}"


def execute_on(schema: str) -> str:
    return f"EXECUTE ON SCHEMA {schema}"


def ask_account(connection: PermittedConnection, user: str) -> Account:
    """Ask which privileges the account has. Raises `ConnectionFailed`."""
    found = [_resource(connection, need) for need in NEEDS]
    kinds = all_kinds()
    for schema, short in TABLES.items():
        held, reason = _may(connection, user, TABLE, f"{schema}.{short}")
        using = [name for name, kind in kinds.items() if schema in set(map(_schema, tables_of(kind)))]
        found.append(Privilege(name=f"SELECT ON SCHEMA {schema}", held=held, kinds=using, reason=reason))
    for schema, short in QUERIES.items():
        held, reason = _may(connection, user, PROCEDURE, f"{schema}.{short}")
        using = [name for name, kind in kinds.items() if schema in schemas_called(kind)]
        found.append(Privilege(name=f"EXECUTE ON SCHEMA {schema}", held=held, kinds=using, reason=reason))
    excess = [
        f"{resource}:{permission}"
        for resource, permission in EXCESS
        if _held(connection, "%SYSTEM.Security", "Check", resource, permission)[0] is Held.YES
    ]
    return Account(tuple(found), tuple(excess), dict(_closed(connection, user, found)))


def _closed(
    connection: PermittedConnection, user: str, privileges: list[Privilege]
) -> Iterator[tuple[str, str]]:
    lacking = [need for need in NEEDS if need.stated and _lacks(privileges, str(need))]
    for name, kind in all_kinds().items():
        guarding = [[need for need in lacking if need.guards(each)] for each in classes_of(kind)]
        if not guarding or not all(guarding):
            continue
        tables = tables_of(kind)
        if all(_may(connection, user, TABLE, each)[0] is Held.NO for each in tables):
            missing = [str(need) for need in lacking if any(need in needs for needs in guarding)]
            missing += [f"SELECT ON {table}" for table in tables]
            yield name, _("the account lacks {privileges}").format(privileges=", ".join(missing))


def _may(connection: PermittedConnection, user: str, sort: tuple[int, str], name: str) -> tuple[Held, str]:
    type_, right = sort
    return _held(connection, "%SYSTEM.SQL.Security", "CheckPrivilege", user, type_, name, right, HOME)


def _resource(connection: PermittedConnection, need: Need) -> Privilege:
    held, reason = _held(connection, "%SYSTEM.Security", "Check", need.resource, need.permission)
    kinds = [name for name, kind in all_kinds().items() if need in needs_of(kind)]
    if need.classes == EVERY_CLASS:
        kinds = [name for name, kind in all_kinds().items() if kind.live]
    return Privilege(name=str(need), held=held, kinds=kinds, reason=reason)


def _held(
    connection: PermittedConnection, class_name: str, method: str, *arguments: object
) -> tuple[Held, str]:
    try:
        answer = connection.call(class_name, method, *arguments).value
    except CallFailed as error:
        return Held.UNTOLD, why(error)
    return (Held.YES if str(answer) in {"1", "True"} else Held.NO), ""
