"""This module declares by which calls an item of each kind is written on a member, for who plans and who applies.

It is to writing what `live` is to reading: data, and one place. A kind that is not in `WRITTEN` has no class API that
can be used from outside without deploying code; a plan withholds it. What a call can do stands here, not whether it
should be done: that is the policy of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from driftsync.language import N_


class Form(Enum):
    """How the calls of a class look (api.md 3)."""

    OBJECT = "object"
    """`Exists(key…)` gives the object, else `%New()`; `%Save()`; `Delete(key…)`: the Security classes."""
    CONFIG = "configuration"
    """`Open(key…)`, else `%New()`; `%Save()` under `Flags`; `Delete(key…, , Flags)`: the Config classes."""
    MAPPING = "mapping"
    """As a configuration, saved with `Flags` 1 and activated once for all of a namespace."""
    SETTING = "setting"
    """One property of the singleton of a section of the configuration: `Open()`, set, `%Save()`."""
    TASK = "task"
    """Found by name in the table, then `%OpenId`, `%New`, `%DeleteId`."""
    CONNECTION = "connection"
    """`NameIndexOpen(name)`, `%New()`, `NameIndexDelete(name)`."""
    PRIVILEGE = "SQL privilege"
    """`GrantPrivilege` and `RevokePrivilege` of `%SYSTEM.SQL.Security`, in the namespace."""
    ADMINISTRATIVE = "SQL administrative privilege"
    """The statements GRANT and REVOKE, in the namespace."""
    ROLE_GRANT = "SQL role grant"
    """The statements GRANT and REVOKE of a role."""


@dataclass(frozen=True, kw_only=True)
class Writing:
    """By which calls items of a kind are made, changed and deleted."""

    iris_class: str
    form: Form
    key: tuple[str, ...] = ("Name",)
    """The properties that the calls take as key, in their order; empty for the only object of its class."""
    constant: tuple[str, ...] = ()
    """What a call takes in place of a key, for the only object of its class."""
    creates: bool = True
    changes: bool = True
    deletes: bool = True
    local_key: Mapping[str, str] = field(default_factory=dict)
    """Parts of the key that belong to one host, with the value for something new."""
    cannot: Mapping[str, str] = field(default_factory=dict)
    """Properties that these calls do not set, and why."""
    afterwards: str = ""
    """A method of the object that makes what was saved take effect."""

    def can(self, sort: str) -> bool:
        """Say whether items can be `create`d, `change`d or `delete`d by these calls."""
        return {"create": self.creates, "change": self.changes, "delete": self.deletes}[sort]


SECRET_KEY = N_("the key of one-time passwords is never carried from member to member")
DERIVED = N_("IRIS sets it itself")
PRIVATE_KEY = N_("the file of a private key and its password belong to one host")


def _object(iris_class: str, *key: str, **words: object) -> Writing:
    return Writing(iris_class=iris_class, form=Form.OBJECT, key=key or ("Name",), **words)  # type: ignore[arg-type]


def _config(iris_class: str, **words: object) -> Writing:
    return Writing(iris_class=iris_class, form=Form.CONFIG, **words)  # type: ignore[arg-type]


def _mapping(iris_class: str) -> Writing:
    return Writing(iris_class=iris_class, form=Form.MAPPING, key=("Namespace", "Name"))


WRITTEN: Mapping[str, Writing] = {
    "namespace": _config("Config.Namespaces"),
    "global-mapping": _mapping("Config.MapGlobals"),
    "routine-mapping": _mapping("Config.MapRoutines"),
    "package-mapping": _mapping("Config.MapPackages"),
    "web-application": _object("Security.Applications"),
    "service": _object("Security.Services", creates=False, deletes=False),
    "resource": _object("Security.Resources"),
    "role": _object("Security.Roles"),
    "user": _object(
        "Security.Users",
        cannot={"HOTPKey": SECRET_KEY, "LegacyPassword": DERIVED},
    ),
    "tls-configuration": _object(
        "Security.SSLConfigs", cannot={"PrivateKeyPassword": PRIVATE_KEY}, afterwards="Activate"
    ),
    "superserver": _object("Security.Servers", "Port", "BindAddress", local_key={"BindAddress": ""}),
    "audit-event": _object("Security.Events", "Source", "Type", "Name"),
    "security-settings": Writing(
        iris_class="Security.System",
        form=Form.OBJECT,
        key=(),
        constant=("SYSTEM",),
        creates=False,
        deletes=False,
    ),
    "security-domain": _object("Security.Domains"),
    "ldap-configuration": _object("Security.LDAPConfigs"),
    "x509-user": _object("Security.X509Users", "LookupKey"),
    "kmip-server": _object("Security.KMIPServer"),
    "docdb-application": _object("Security.DocDBs", "Namespace", "Name"),
    "instance-setting": Writing(
        iris_class="Config.<section>", form=Form.SETTING, key=(), creates=False, deletes=False
    ),
    "ecp-server": _config("Config.ECPServers"),
    "licence-server": _config("Config.LicenseServers"),
    "archive": _config("Config.Archives"),
    "work-queue": _config("Config.WorkQueues"),
    "device": _config("Config.Devices"),
    "device-subtype": _config("Config.DeviceSubTypes"),
    "magnetic-tape": _config("Config.MagTapes"),
    "language-server": _config("Config.Gateways"),
    "task": Writing(iris_class="%SYS.Task", form=Form.TASK, key=("Name", "NameSpace", "TaskClass")),
    "sql-gateway-connection": Writing(iris_class="%Library.SQLConnection", form=Form.CONNECTION),
    "sql-privilege": Writing(
        iris_class="Security.SQLPrivileges",
        form=Form.PRIVILEGE,
        key=("Namespace", "SQLObject", "Privilege", "Grantee"),
    ),
    "sql-admin-privilege": Writing(
        iris_class="Security.SQLAdminPrivilegeSet", form=Form.ADMINISTRATIVE, key=("Namespace", "Grantee")
    ),
    "sql-role-grant": Writing(
        iris_class="Security.SQLRoleGrantOption", form=Form.ROLE_GRANT, key=("UserOrRole", "RoleGranted")
    ),
}
"""Kind → its calls. What is not here: databases (a file is made with them), OAuth 2.0 and X.509 (keys of one host),
productions and code (the site's own deployment), mirrors and their members (InterSystems' own procedures)."""


def writing_of(kind: str) -> Writing | None:
    """Return by which calls items of a kind are written, `None` where no class API can be used."""
    return WRITTEN.get(kind)
