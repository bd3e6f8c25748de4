"""This module declares web applications and the classes that they may open beyond their namespace."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, choice, flag, mask, names, number, path, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import AUTHENTICATION, shipped_web_application
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

SCOPES = {"0": "none", "1": "lax", "2": "strict"}

WEB_APPLICATION = Kind(
    name="web-application",
    title=N_("Web application"),
    iris_class="Security.Applications",
    source="class Security.Applications; api.md 5.4",
    live=(
        Table(iris_class="Security.Applications"),
        Objects(names=ClassQuery("Security.Applications", "List", ("*", -1, "")), key=("Name",)),
    ),
    written=ByObject(at_once=True),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        text("NameSpace", upper=True, refers_to="namespace", severity=Severity.FAILOVER),
        flag("Enabled", severity=Severity.FAILOVER),
        mask("AutheEnabled", values=AUTHENTICATION, severity=Severity.SECURITY),
        text("Resource", refers_to="resource", severity=Severity.SECURITY),
        names(
            "MatchRoles",
            inner=":",
            refers_to="role",
            severity=Severity.SECURITY,
            about=N_("role:added roles; an empty role is always granted"),
        ),
        text("DispatchClass", severity=Severity.FAILOVER),
        path("Path"),
        mask(
            "Type",
            values={
                "1": "system",
                "2": "CSP or REST",
                "4": "privileged routine",
                "8": "document database or client",
            },
            default=2,
        ),
        text("Description", severity=Severity.HYGIENE, localised=True),
        flag("AutoCompile"),
        text("ChangePasswordPage"),
        names("ClientApplications"),
        text("CookiePath"),
        names("CorsAllowlist", since="2023.1"),
        flag("CorsCredentialsAllowed", since="2023.1"),
        names("CorsHeadersList", since="2023.1"),
        flag("CSPZENEnabled"),
        flag("CSRFToken", severity=Severity.SECURITY),
        flag("DeepSeeEnabled"),
        text("ErrorPage"),
        text("EventClass"),
        text("GroupById"),
        flag("iKnowEnabled"),
        flag("InbndWebServicesEnabled"),
        flag("IsNameSpaceDefault"),
        flag("JWTAuthEnabled", since="2022.1"),
        number("JWTAccessTokenTimeout", since="2022.1"),
        number("JWTRefreshTokenTimeout", since="2022.1"),
        flag("LockCSPName"),
        text("LoginPage"),
        text("Package"),
        text("PermittedClasses"),
        flag("Recurse", default=True),
        flag("RedirectEmptyPath", since="2021.1"),
        names("Routines"),
        choice(
            "ServeFiles", values={"0": "no", "1": "always", "2": "always and cached", "3": "CSP security"}
        ),
        number("ServeFilesTimeout"),
        text("SuperClass"),
        number("Timeout"),
        choice("UseCookies", values={"0": "never", "1": "automatic", "2": "always"}),
        choice("SessionScope", values=SCOPES, since="2021.1"),
        choice("UserCookieScope", values=SCOPES, since="2021.1"),
        flag("TraceEnabled", since="2024.1"),
        path("WSGIAppLocation", since="2024.1"),
        text("WSGIAppName", since="2024.1"),
        text("WSGICallable", since="2024.1"),
        flag("WSGIDebug", since="2024.1"),
        choice("WSGIType", values={"1": "WSGI", "2": "ASGI"}, since="2024.1"),
        flag("TwoFactorEnabled").ignored(N_("internal to IRIS: it follows from the authentication methods")),
        number("HyperEvent").ignored(N_("deprecated, and without effect")),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "An application that is missing, disabled or differently protected answers 403 or 404 as soon as the member is primary."
    ),
    portal=N_("System Administration > Security > Applications > Web Applications"),
    places=(Record("Applications"), ConfigApi("Security.Applications"), Action("Application")),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    built_in=shipped_web_application,
    tag=Tag(
        name="CSPApplication",
        namespace="NameSpace",
        attributes={
            "Name": "Url",
            "Description": "Description",
            "Path": "Directory",
            "Resource": "Resource",
            "Recurse": "Recurse",
            "LoginPage": "LoginClass",
            "CookiePath": "CookiePath",
            "AutheEnabled": "AuthenticationMethods",
            "LockCSPName": "LockCSPName",
            "EventClass": "EventClass",
            "Timeout": "DefaultTimeout",
            "SuperClass": "DefaultSuperclass",
            "UseCookies": "UseSessionCookie",
            "ServeFiles": "ServeFiles",
            "ServeFilesTimeout": "ServeFilesTimeout",
            "ErrorPage": "CustomErrorPage",
            "Package": "PackageName",
            "ChangePasswordPage": "ChangePasswordPage",
            "GroupById": "GroupById",
            "CSPZENEnabled": "CSPZENEnabled",
            "InbndWebServicesEnabled": "InboundWebServicesEnabled",
            "IsNameSpaceDefault": "IsNamespaceDefault",
            "PermittedClasses": "PermittedClasses",
            "AutoCompile": "AutoCompile",
            "DispatchClass": "DispatchClass",
            "MatchRoles": "MatchRoles",
        },
        needs=frozenset({"Url", "Directory"}),
        takes={"ServeFiles": frozenset({"0", "1"})},
        absent={
            "Enabled": True,
            "Type": 2,
            "CorsCredentialsAllowed": True,
            "CSRFToken": True,
            "JWTAccessTokenTimeout": 60,
            "JWTRefreshTokenTimeout": 900,
            "SessionScope": 2,
            "UserCookieScope": 2,
            "WSGICallable": "app",
            "WSGIType": 1,
        },
    ),
    stated=("AutheEnabled", "Resource"),
)

ALLOW_TYPES = {"AllowClass": "one class", "AllowPrefix": "all that begin so"}
"""What a rule is about (RACS_modifywebapppctaccess)."""

PERCENT_CLASS_ACCESS = Kind(
    name="percent-class-access",
    title=N_("Percent-class access"),
    iris_class='^SYS("Security","CSP")',
    source='api.md 10: ^SYS("Security","CSP","AllowClass") and AllowPercent; RACS_modifywebapppctaccess',
    left_because=N_("it stands in a global of %SYS, and this tool writes no globals"),
    instead=N_(
        'From 2025.3 merge WebAppPctAccess (--render merge-file); before, set ^SYS("Security","CSP") in %SYS as the primary has it.'
    ),
    identity=by("Class", "Application", fold=Fold.LOWER),
    properties=(flag("Allowed"), choice("AllowType", values=ALLOW_TYPES)),
    severity=Severity.APPLICATION,
    why=N_("A web application that may open a % class on the primary answers 403 for it on the member."),
    portal=N_('no page: the global ^SYS("Security","CSP") in %SYS, or the merge action WebAppPctAccess'),
    places=(
        Action(
            "WebAppPctAccess",
            words={"Application": "Name", "Allowed": "AllowAccess"},
            needs=frozenset({"AllowType", "Allowed"}),
        ),
    ),
    routes=(Route.MERGE_FILE,),
    refers_to=("web-application",),
)
