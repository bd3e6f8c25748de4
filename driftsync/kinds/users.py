"""This module declares users: who may log in, with which roles, until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, flag, horolog, mask, named, names, number, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity
from driftsync.normalize import NEVER

ORIGINS = {"1": "password user", "2": "LDAP user", "4": "delegated user"}
"""Where an account comes from; only password users are made by an administrator (api.md 5.9)."""

TWO_FACTOR = {"1048576": "two-factor SMS", "2097152": "two-factor one-time password"}

ONE_TIME_PASSWORD = frozenset({"2097152", "3145728"})
"""The values of `AutheEnabled` that hold the bit of one-time passwords."""


def brought_by_login(properties: Mapping[str, Any]) -> bool:
    """Say whether LDAP or delegated authentication made the account at a login (`Flags` without bit 0)."""
    flags = int(properties.get("Flags") or 0)
    return bool(flags) and not flags & 1


def from_directory(properties: Mapping[str, Any]) -> bool:
    """Say whether an account came from LDAP, or may have: it goes when the configuration goes that it came from."""
    flags = properties.get("Flags")
    return flags is None or bool(int(flags) & 2)


USER = Kind(
    name="user",
    title=N_("User"),
    iris_class="Security.Users",
    source="class Security.Users; api.md 5.9 and 10",
    live=(
        Table(iris_class="Security.Users"),
        Objects(names=ClassQuery("Security.Users", "List", ("*", "*", 0, 0)), key=("Name",)),
    ),
    written=ByObject(
        stored_as={"Password": "PasswordHash"},
        carries=frozenset({"Password"}),
        leaves={"Flags": N_("IRIS sets it: where the account comes from")},
    ),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        flag("Enabled", about=N_("IRIS itself switches it off after idle days or failed logins")),
        names("Roles", refers_to="role"),
        names("EscalationRoles", since="2024.1", refers_to="role"),
        text("NameSpace", upper=True, refers_to="namespace"),
        text("Routine"),
        mask(
            "AutheEnabled",
            values=TWO_FACTOR,
            severity=Severity.SECURITY,
            about=N_("holds the two-factor methods only"),
        ),
        mask(
            "Flags",
            values=ORIGINS,
            about=N_("LDAP and delegated users appear by themselves when they log in"),
        ),
        horolog(
            "ExpirationDate",
            default=NEVER,
            about=N_("1840-12-31 means that the account does not expire"),
        ),
        flag("AccountNeverExpires"),
        flag("PasswordNeverExpires"),
        flag(
            "ChangePassword",
            severity=Severity.HYGIENE,
            about=N_("goes off by itself when the user has chosen a password"),
        ),
        names("Attributes"),
        text("EmailAddress", severity=Severity.HYGIENE),
        text("PhoneNumber", about=N_("two-factor messages go there")),
        text("PhoneProvider", refers_to="phone-provider"),
        text("FullName", severity=Severity.HYGIENE),
        text("Comment", severity=Severity.HYGIENE),
        text("Password").secret(
            N_("the hash of the password, comparable only under the same salt"), part_of="Password"
        ),
        text("Salt").secret(N_("drawn anew whenever a password is set"), part_of="Password", salt=True),
        number("PasswordHashWorkFactor").secret(
            N_("decides how the hash is computed"), part_of="Password", salt=True
        ),
        text("PasswordHashAlgorithm").secret(
            N_("decides how the hash is computed"), part_of="Password", salt=True
        ),
        text("PasswordHash").secret(
            N_("hash, salt, work factor and algorithm in one text, as a merge file gives them"), salted=True
        ),
        text("LegacyPassword").secret(N_("the hash of a password that an older release made")),
        text("HOTPKey", only_when=("AutheEnabled", ONE_TIME_PASSWORD)).secret(
            N_("the key of one-time passwords: random for each user, in use only with that method")
        ),
        horolog("PasswordChangedDateTime").local(N_("tells on which member the password was changed last")),
        horolog("LoginDateTime").local(N_("tells whether the account has been used on this member")),
        horolog("InvalidLoginDateTime").local(N_("tells when somebody last failed to log in on this member")),
        horolog("CreateDateTime").local(N_("tells when the account was made on this member")),
        horolog("LastModifiedDateTime").local(N_("tells when the account was edited on this member")),
        text("PasswordExternal").ignored(N_("a clear password on its way in: never stored, so never kept")),
        text("TOTPLastValidPasswords").ignored(
            N_("the one-time passwords already spent: it moves with every login")
        ),
        flag("HOTPKeyDisplay").ignored(N_("asks the next login to show the key, and goes off after it")),
        flag("HOTPKeyGenerate").ignored(N_("asks one save for a new key and is not stored")),
        text("CreateUsername").ignored(N_("who made the record, which each member notes for itself")),
        text("LastModifiedUsername").local(N_("tells who edited the account on this member")),
        text("LastModifiedInfo").ignored(
            N_("what the last edit changed, which each member notes for itself")
        ),
        text("LoginDevice").ignored(N_("where the last login came from")),
        text("LoginService").ignored(N_("by which service the last login came")),
        number("InvalidLoginAttempts").ignored(N_("counts failed logins on one member")),
        text("InvalidLoginDevice").ignored(N_("where the last failed login came from")),
        text("InvalidLoginService").ignored(N_("by which service the last failed login came")),
        text("InvalidLoginStatus").ignored(N_("why the last login failed")),
        flag("SuperUser").ignored(N_("calculated: true for whoever holds %All")),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        text("EMSGroupEnabled").ignored(N_("internal to IRIS")),
        flag("PasswordUpdated").ignored(N_("steers one save and is not stored")),
        flag("PasswordReset").ignored(N_("steers one save and is not stored")),
        flag("RolesAreAdmin").ignored(N_("steers one save and is not stored")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Whoever is missing, disabled, expired or without a role on the member cannot log in or work there after a failover."
    ),
    portal=N_("System Administration > Security > Users"),
    places=(Record("Users"), ConfigApi("Security.Users"), Action("User")),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    tag=Tag(
        name="User",
        attributes={
            "Name": "Username",
            "Roles": "Roles",
            "FullName": "Fullname",
            "NameSpace": "Namespace",
            "Routine": "Routine",
            "ChangePassword": "ChangePassword",
            "Enabled": "Enabled",
            "Comment": "Comment",
        },
        needs=frozenset({"Roles", "Fullname", "PasswordVar"}),
        secret="PasswordVar",  # noqa: S106 - the name of an attribute
        absent={"Flags": 1, "AutheEnabled": 0},
    ),
    by_itself=brought_by_login,
    edited=("LastModifiedDateTime", "LastModifiedUsername"),
    built_in=named(
        "_SYSTEM",
        "_PUBLIC",
        "_Ensemble",
        "Admin",
        "CSPSystem",
        "HS_Services",
        "IAM",
        "irisowner",
        "SuperUser",
        "UnknownUser",
    ),
)
