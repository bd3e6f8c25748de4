"""This module declares document database applications and the phone providers of two-factor messages."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, flag, number, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

DOCDB_APPLICATION = Kind(
    name="docdb-application",
    title=N_("Document database application"),
    iris_class="Security.DocDBs",
    source="class Security.DocDBs; api.md 5.27",
    live=(
        Table(iris_class="Security.DocDBs"),
        Objects(names=ClassQuery("Security.DocDBs", "List", ("*", "*", "")), key=("Name", "Namespace")),
    ),
    written=ByObject(key=("Name", "Namespace"), at_once=True),
    identity=by("Name", fold=Fold.LOWER, namespace="Namespace"),
    properties=(
        flag("Enabled"),
        text("Resource", refers_to="resource", severity=Severity.SECURITY),
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        text("NamespaceLowerCase").ignored(N_("IRIS derives it from the namespace")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Programs that store documents over REST are refused by a member that does not know their database."
    ),
    portal=N_("System Administration > Security > Applications > Document DB Applications"),
    places=(Record("DocDBs"), Action("DocDB")),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
    refers_to=("namespace",),
)

PHONE_PROVIDER = Kind(
    name="phone-provider",
    title=N_("Mobile phone provider"),
    iris_class="%SYS.PhoneProviders",
    source="class %SYS.PhoneProviders; api.md 5.27",
    live=(
        Table(iris_class="%SYS.PhoneProviders"),
        Objects(names=ClassQuery("%SYS.PhoneProviders", "Extent"), key=("ID",), opener="%OpenId"),
    ),
    written=ByObject(),
    identity=by("Name"),
    properties=(
        text("SMSGateway"),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Users whose second factor is a text message never receive their code from a member that lacks the provider."
    ),
    portal=N_("System Administration > Security > Mobile Phone"),
    places=(Record("PhoneProviders"),),
)
