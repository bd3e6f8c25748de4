"""This module declares ECP and licence servers, journal archives and work queues."""

from __future__ import annotations

from driftsync.kinds.live import ConfigRows
from driftsync.kinds.places import Action, ConfigApi, CpfRows
from driftsync.kinds.spec import Fold, Kind, Route, by, choice, flag, named, number, path, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

ECP_SERVER = Kind(
    name="ecp-server",
    title=N_("ECP data server"),
    iris_class="Config.ECPServers",
    source="class Config.ECPServers; api.md 5.22, formats.md 1.3",
    live=(ConfigRows(iris_class="Config.ECPServers"),),
    written=ByObject(opener="Open", at_once=True),
    identity=by("Name", fold=Fold.UPPER),
    properties=(
        text("Address"),
        number("Port", default=1972),
        choice(
            "MirrorConnection",
            values={"0": "no mirror", "1": "follows the primary", "-1": "one fixed member"},
            default=0,
        ),
        choice(
            "SSLConfig",
            values={"0": "no TLS", "1": "TLS with %ECPClient"},
            default=0,
            severity=Severity.SECURITY,
        ),
        flag("BatchMode", default=False, severity=Severity.HYGIENE),
    ),
    severity=Severity.FAILOVER,
    why=N_("Remote databases stay out of reach, and with them every namespace that leads to one."),
    portal=N_("System Administration > Configuration > Connectivity > ECP Settings"),
    places=(
        CpfRows("ECPServers", fields=("Address", "Port", "MirrorConnection", "SSLConfig", "BatchMode")),
        ConfigApi("ECPServers"),
        Action("ECPServer"),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API),
)

LICENCE_SERVER = Kind(
    name="licence-server",
    title=N_("Licence server"),
    iris_class="Config.LicenseServers",
    source="class Config.LicenseServers; api.md 5.20 and 10; formats.md 1.3; mirror.md 2.5",
    live=(ConfigRows(iris_class="Config.LicenseServers"),),
    written=ByObject(opener="Open", own=("Address",)),
    identity=by("Name", fold=Fold.UPPER),
    properties=(
        text("Address").local(
            N_("it names a real host, as a rule the member's own, and never the virtual address")
        ),
        number("Port", default=4002, compared_if="virtual_address"),
        path("KeyDirectory").local(N_("each host keeps its licence key where it likes")),
    ),
    severity=Severity.APPLICATION,
    why=N_("Without its licence server the new primary counts users wrongly, and may refuse them."),
    portal=N_("System Administration > Licensing > License Servers"),
    places=(
        CpfRows("LicenseServers", fields=("Address", "Port", "KeyDirectory")),
        ConfigApi("LicenseServers"),
        Action("LicenseServer"),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API),
    built_in=named("LOCAL"),
)

ARCHIVE = Kind(
    name="archive",
    title=N_("Journal archive target"),
    iris_class="Config.Archives",
    source="class Config.Archives; api.md 5.20; mirror.md 2.2",
    since="2023.3",
    live=(ConfigRows(iris_class="Config.Archives"),),
    written=ByObject(opener="Open"),
    identity=by("Name", fold=Fold.UPPER),
    properties=(text("Type"), path("Location")),
    severity=Severity.APPLICATION,
    why=N_("The new primary no longer archives its journal files, and its disk fills up."),
    portal=N_("System Administration > Configuration > System Configuration > Archive Targets"),
    places=(CpfRows("Archives", fields=("Type", "Location")),),
)

WORK_QUEUE = Kind(
    name="work-queue",
    title=N_("Work queue category"),
    iris_class="Config.WorkQueues",
    source="class Config.WorkQueues; api.md 5.21, formats.md 1.3",
    since="2023.1",
    live=(ConfigRows(iris_class="Config.WorkQueues"),),
    written=ByObject(opener="Open"),
    identity=by("Name"),
    properties=(
        number("DefaultWorkers", default=0, about=N_("0 lets IRIS choose")),
        number("MaxActiveWorkers", default=0, about=N_("0 lets IRIS choose, -1 is unlimited")),
        number("MaxWorkers", default=0, about=N_("0 lets IRIS choose")),
        number("MaxTotalWorkers", default=0),
        flag("AlwaysQueue", default=False),
    ),
    severity=Severity.HYGIENE,
    why=N_(
        "Parallel work gets fewer or more processes than planned, or fails where its category is unknown."
    ),
    portal=N_("System Administration > Configuration > System Configuration > WQM Categories"),
    places=(
        CpfRows(
            "WorkQueues",
            fields=("DefaultWorkers", "MaxActiveWorkers", "MaxWorkers", "MaxTotalWorkers", "AlwaysQueue"),
        ),
        Action("WorkQueue"),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
    built_in=named("SQL", "Default", "Utility"),
)
