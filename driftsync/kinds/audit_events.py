"""This module declares audit events: what an instance writes into its audit log."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, Record
from driftsync.kinds.spec import Fold, Kind, Route, by, flag, number, percent, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

AUDIT_EVENT = Kind(
    name="audit-event",
    title=N_("Audit event"),
    iris_class="Security.Events",
    source="class Security.Events; api.md 5.15",
    live=(
        Table(iris_class="Security.Events"),
        Objects(names=ClassQuery("Security.Events", "List", ("*", "*", "*")), key=("Source", "Type", "Name")),
    ),
    written=ByObject(
        key=("Source", "Type", "Name"),
        creates="Create",
        arguments=("Source", "Type", "Name", "Description", "Enabled"),
    ),
    identity=by("Source", "Type", "Name", fold=Fold.LOWER),
    properties=(
        flag("Enabled"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        number("Flags").ignored(
            N_("internal to IRIS: it says whether the event is the product's and may be switched off")
        ),
        number("Total").ignored(N_("counts what has happened on one member")),
        number("Written").ignored(N_("counts what one member has written into its log")),
        number("Lost").ignored(N_("counts what one member could not write into its log")),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
        text("SourceLowerCase").ignored(N_("IRIS derives it from the source")),
        text("TypeLowerCase").ignored(N_("IRIS derives it from the type")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.SECURITY,
    why=N_(
        "What must be on record is no longer written once the member is primary, and nobody notices before the log is needed."
    ),
    portal=N_(
        "System Administration > Security > Auditing > Configure System Events or Configure User Events"
    ),
    places=(Record("Events"), Action("Event")),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
    built_in=percent,
    expectation={},
)
