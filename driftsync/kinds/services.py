"""This module declares services: the doors of an instance, and who may come in by which method."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, everything, flag, mask, names, number, text
from driftsync.kinds.words import AUTHENTICATION
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

SERVICE = Kind(
    name="service",
    title=N_("Service"),
    iris_class="Security.Services",
    source="class Security.Services; api.md 5.6",
    live=(
        Table(iris_class="Security.Services"),
        Objects(names=ClassQuery("Security.Services", "List", ("*",)), key=("Name",)),
    ),
    written=ByObject(creates="", deletes="", keeps=N_("the set of services is the product's"), at_once=True),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        flag("Enabled"),
        mask(
            "AutheEnabled",
            values=AUTHENTICATION,
            about=N_("a method counts only where the system allows it too"),
        ),
        names(
            "ClientSystems",
            separator=";",
            inner="|",
            about=N_("address, or address|role,role; an empty list admits every address"),
        ),
        text("Description", severity=Severity.HYGIENE, localised=True),
        number("Capabilities").ignored(
            N_("fixed by the release and the platform: what the service could do")
        ),
        number("AutheEnabledCapabilities").ignored(
            N_("fixed by the release: which methods the service could offer")
        ),
        flag("HttpOnlyCookies").ignored(N_("internal to IRIS, and not to be set by hand")),
        flag("TwoFactorEnabled").ignored(N_("internal to IRIS: it follows from the authentication methods")),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "A service that is off, or that admits other addresses or methods, turns its clients away once the member is primary."
    ),
    portal=N_("System Administration > Security > Services"),
    places=(
        Record("Services"),
        ConfigApi("Security.Services"),
        Action("Service", verbs=frozenset({"Modify"})),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API),
    built_in=everything,
)
