"""This module says who may do what: the roles and resources of a login, and what classes and tables ask for."""

from __future__ import annotations

from dataclasses import dataclass

from driftsync.lab.instance.checking import permission_bits
from driftsync.lab.instance.storage import Storage

EVERYTHING = "%All"

_CLASSES = (
    ("%SYSTEM.", ()),
    ("%Dictionary.", ()),
    ("%Library.SQLConnection", ("%DB_IRISSYS:R",)),
    ("%Library.", ()),
    ("%Stream.", ()),
    ("%SQL.", ()),
    ("Security.Datatype.", ()),
    ("Security.", ("%DB_IRISSYS:R", "%Admin_Secure:U")),
    ("%SYS.X509Credentials", ("%DB_IRISSYS:R", "%Admin_Secure:U")),
    ("%SYS.PhoneProviders", ("%DB_IRISSYS:R", "%Admin_Secure:U")),
    ("OAuth2.Server.", ("%DB_IRISSYS:R", "%Admin_OAuth2_Server:U")),
    ("OAuth2.", ("%DB_IRISSYS:R", "%Admin_OAuth2_Client:U")),
    ("%SYS.Task", ("%DB_IRISSYS:R", "%Admin_Task:U")),
    ("Config.", ("%DB_IRISSYS:R", "%Admin_Manage:U")),
    ("SYS.Mirror", ("%DB_IRISSYS:R", "%Admin_Manage:U")),
    ("SYS.Database", ("%DB_IRISSYS:R", "%Admin_Operate:U")),
    ("%SYS.ProcessQuery", ("%Admin_Operate:U",)),
    ("%SYS.Journal.", ("%DB_IRISSYS:R", "%Admin_Operate:U")),
    ("%SYS.", ()),
)
"""Resources by the beginning of the class name, first match; for `Config` it is the rule of the portal (api.md 7)."""


def resources_for(class_name: str) -> tuple[str, ...]:
    """Return what calling a class asks for, as `resource:permission`."""
    for beginning, asked in _CLASSES:
        if class_name.startswith(beginning):
            return asked
    return ("%DB_IRISSYS:R",) if class_name.startswith(("SYS.", "Ens.")) else ()


@dataclass(frozen=True)
class Login:
    """One user with what the roles give."""

    user: str
    roles: frozenset[str]
    """Names in lower case, roles that roles grant included."""
    resources: dict[str, int]
    """Permissions by resource, names in lower case."""

    @property
    def all_powerful(self) -> bool:
        return EVERYTHING.lower() in self.roles

    def permission(self, resource: str) -> int:
        """Return the bits the login has on a resource."""
        return 7 if self.all_powerful else self.resources.get(resource.lower(), 0)

    def may(self, asked: str) -> bool:
        """Say whether the login has `resource:permission`."""
        resource, _, permissions = asked.partition(":")
        wanted = permission_bits(permissions)
        return self.permission(resource) & wanted == wanted

    def may_call(self, class_name: str) -> bool:
        """Say whether the login may use a class."""
        return all(self.may(asked) for asked in resources_for(class_name))


def login_of(storage: Storage, user: str, roles: list[str]) -> Login:
    """Return the login of a user: roles followed through the roles they grant, public permissions added."""
    known = {record["Name"].lower(): record for record in storage.rows("Security.Roles")}
    reached: set[str] = set()
    waiting = [role.lower() for role in roles]
    while waiting:
        role = waiting.pop()
        if role not in reached:
            reached.add(role)
            waiting += [granted.lower() for granted in known.get(role, {}).get("GrantedRoles", [])]
    resources = {
        record["Name"].lower(): int(record.get("PublicPermission") or 0)
        for record in storage.rows("Security.Resources")
    }
    for role in reached:
        for pair in known.get(role, {}).get("Resources", []):
            name = pair["Name"].lower()
            resources[name] = resources.get(name, 0) | int(pair["Permission"])
    return Login(user, frozenset(reached), resources)


def may_select(storage: Storage, login: Login, namespace: str, kind: str, name: str) -> bool:
    """Say whether the login has an SQL privilege on a table (`1`) or a procedure (`9`) of a namespace."""
    if login.all_powerful:
        return True
    holders = {login.user.lower(), *login.roles, "_public"}
    right = "e" if kind == "9" else "s"
    schema = name.rpartition(".")[0]
    objects = {f"{kind},{name}".lower(), f"5,{schema}".lower()}
    return any(
        record["Grantee"].lower() in holders
        and record["Namespace"].upper() == namespace
        and record["SQLObject"].lower() in objects
        and record["Privilege"] == right
        for record in storage.rows("Security.SQLPrivileges")
    )
