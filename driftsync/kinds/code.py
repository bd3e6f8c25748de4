"""This module declares code and files that stand beside the mirrored databases."""

from __future__ import annotations

from driftsync.kinds.live import Reader
from driftsync.kinds.spec import Kind, by, flag, horolog, number, path, text
from driftsync.language import N_
from driftsync.model import Severity

IPM_PACKAGE = Kind(
    name="ipm-package",
    title=N_("IPM package"),
    iris_class="%IPM.Storage.Module",
    source="class %IPM.Storage.Module; api.md 5.25; IPM 0.7 and older keep them in the package %ZPM",
    live=(Reader("packages", "SELECT FROM %IPM_Storage.ModuleItem, in each namespace"),),
    left_because=N_("a package brings code, and often more: only its own installer makes all of it"),
    instead=N_(
        'Install the same version in the namespace: zpm "install NAME VERSION"; on the primary, where the mirror carries its database.'
    ),
    identity=by("Name", namespace="Namespace"),
    properties=(
        text("VersionString"),
        text("ExternalName", severity=Severity.HYGIENE),
        text("Packaging"),
        flag("Deployed"),
        flag("DeveloperMode"),
        flag("GlobalScope"),
        path("Root").local(N_("where the sources were unpacked, which each member decides")),
        text("Description", severity=Severity.HYGIENE, localised=True),
    ),
    severity=Severity.APPLICATION,
    why=N_("The code of a package may be mirrored while its web applications, mappings and roles are not."),
    portal=N_('no page: zpm "list" in the namespace'),
    routes=(),
    refers_to=("namespace",),
)

PRODUCTION = Kind(
    name="production",
    title=N_("Production"),
    iris_class="Ens.Director",
    source="class Ens.Director; api.md 5.26",
    live=(
        Reader(
            "productions",
            "Ens.Director.GetProductionStatus() in each interoperability namespace; AutoStart by GetAutoStart() where it exists",
        ),
    ),
    left_because=N_(
        "an interoperability namespace is left to the vendor's procedure: which production starts is kept in its database"
    ),
    instead=N_(
        "Choose it under Interoperability > Manage > Auto-Start Production, in the namespace: on the primary where the mirror carries its database, else here."
    ),
    identity=by("Name", namespace="Namespace"),
    properties=(
        flag("AutoStart", severity=Severity.FAILOVER),
        text("Status").local(N_("productions run on the primary only")),
    ),
    severity=Severity.APPLICATION,
    why=N_("A production that does not start by itself leaves every interface down until somebody notices."),
    portal=N_("Interoperability > Manage > Auto-Start Production"),
    routes=(),
    refers_to=("namespace",),
)

CUSTOM_CODE = Kind(
    name="custom-code",
    title=N_("Code of the site in %SYS"),
    iris_class="%Library.Routine and %Dictionary.ClassDefinition",
    source="mirror.md 2.4: %Z* and Z* code, %ZSTART, ZMIRROR, ZAUTHENTICATE, ZAUTHORIZE live in IRISSYS",
    live=(
        Reader(
            "code",
            "%Library.Routine_RoutineList() and %Dictionary.CompiledClass in %SYS, names that begin with Z or %Z",
        ),
    ),
    left_because=N_("of code only a hash is read, never the source"),
    instead=N_(
        "Export the source on the primary (System Explorer > Routines or Classes, in %SYS), import and compile it in %SYS here."
    ),
    identity=by("Name"),
    properties=(
        text("Hash", about=N_("of the source text")),
        text("Kind", about=N_("class, routine, include file or object code")),
    ),
    severity=Severity.FAILOVER,
    why=N_("What should run at start-up, at a switch or at login does not run, or runs in an old version."),
    portal=N_("System Explorer > Routines or Classes, in the namespace %SYS"),
    routes=(),
)

FILE = Kind(
    name="file",
    title=N_("File on the host"),
    iris_class="%Library.File",
    source="mirror.md 2.5; hashes by %Library.File.GetFileSHA256Hash",
    live=(
        Reader(
            "files",
            "%Library.File_FileSet() below web application paths, class paths and the paths of the settings; GetFileSHA256Hash() each",
        ),
    ),
    left_because=N_("of a file only a hash is read, and a host has its own way to get files"),
    instead=N_("Copy the file from the host of the primary, and give it the same owner and permissions."),
    identity=by("Path"),
    properties=(
        text("Hash"),
        text("Location").local(N_("each host keeps it where its owner put it")),
        number("Size").local(N_("the hash already says whether the contents agree")),
        horolog("Modified").local(N_("each copy has the time at which it was made")),
    ),
    severity=Severity.APPLICATION,
    edited=("Modified", ""),
    why=N_("Pages, libraries and drivers outside the databases are missing or old on the new primary."),
    portal=N_("no page: the file system of the host"),
    routes=(),
)
