"""This module declares LDAP and Kerberos configurations: where an instance asks who somebody is."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, mask, names, number, ordered, path, text
from driftsync.kinds.users import from_directory
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

LDAP_FLAGS = {
    "1": "Active Directory",
    "2": "TLS",
    "8": "groups",
    "16": "nested groups",
    "32": "universal groups",
    "64": "enabled",
    "128": "Kerberos only",
}

LDAP_CONFIGURATION = Kind(
    name="ldap-configuration",
    title=N_("LDAP configuration"),
    iris_class="Security.LDAPConfigs",
    source="class Security.LDAPConfigs; api.md 5.17",
    live=(
        Table(iris_class="Security.LDAPConfigs"),
        Objects(names=ClassQuery("Security.LDAPConfigs", "List", ("*", 0)), key=("Name",)),
    ),
    written=ByObject(
        deletes="",
        taken_back="Delete",
        unless=("user", from_directory),
        keeps=N_("deleting an LDAP configuration deletes the users that came from it"),
        carries=frozenset({"LDAPSearchPassword"}),
        at_once=True,
    ),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        mask("LDAPFlags", values=LDAP_FLAGS),
        ordered("LDAPHostNames", separator=" ", about=N_("asked in this order; host or host:port")),
        text("LDAPBaseDN"),
        text("LDAPBaseDNForGroups"),
        text("LDAPUniqueDNIdentifier"),
        text("LDAPSearchUsername"),
        text("LDAPSearchPassword").secret(N_("the password of the account that searches the directory")),
        number("LDAPClientTimeout"),
        number("LDAPServerTimeout"),
        text("LDAPGroupId"),
        names("LDAPAttributes"),
        text("LDAPAttributeComment", severity=Severity.HYGIENE),
        text("LDAPAttributeFullName", severity=Severity.HYGIENE),
        text("LDAPAttributeMail", severity=Severity.HYGIENE),
        text("LDAPAttributeMobile"),
        text("LDAPAttributeMobileProvider"),
        text("LDAPAttributeNameSpace"),
        text("LDAPAttributeRoutine"),
        text("LDAPAttributeRoles"),
        text("LDAPAttributeEscalationRoles"),
        text("OrganizationId"),
        text("GroupId"),
        text("InstanceId"),
        text("RoleId"),
        text("EscalationRoleId"),
        text("RoutineId"),
        text("NamespaceId"),
        text("DelimiterId"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("LDAPInstanceId").local(
            N_("holds the names of the host and the instance unless somebody changed it")
        ),
        path("LDAPCACertFile").local(N_("lies where the host keeps it; its content is what must agree")),
        text("LDAPDomainName").ignored(N_("internal to IRIS: the configuration's own name took its place")),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "Everybody whose password is checked by the directory is locked out when the member asks the wrong server, base or group."
    ),
    portal=N_("System Administration > Security > System Security > LDAP/Kerberos Configurations"),
    places=(Record("LDAPConfigs"), ConfigApi("Security.LDAPConfigs"), Action("LDAPConfig")),
    routes=(Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API),
)
