"""This module declares databases: their entry in the configuration and what the label of the file says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from driftsync.kinds.live import Reader
from driftsync.kinds.places import Action, ConfigApi, CpfRows
from driftsync.kinds.spec import Fold, Kind, Property, Replicated, Route, by, choice, flag, number, path, text
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import SYSTEM_DATABASES
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

COUNTER = N_("a size or counter that moves while the database is in use")
STATE = N_("a state of the moment on this member, not a setting")
LAYOUT = N_("the inner layout of the file, which follows from how it was created")
ORDER = N_("an instruction for a single call, never stored as a setting")
AT_CREATION = N_("fixed when the file is created")
JOINING = N_("a database joins a mirror through a procedure of its own, on the primary first")
DIRECTORY = N_("each member may keep its files wherever it likes")


def shipped_database(_namespace: str, identity: str, _properties: Mapping[str, Any]) -> bool:
    """Say whether an installation creates the database."""
    return identity.upper() in SYSTEM_DATABASES


def as_stated(values: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of the configuration with what its directory means: on an ECP client a name of the server's."""
    remote = values.get("Server") or str(values.get("Directory") or "").startswith(":")
    stated = {**values, "RemoteDirectory": values.get("Directory") or ""} if remote else values
    if not values.get("Server"):
        return stated
    return {name: stated.get(name) for name in ("Name", "Directory", "RemoteDirectory", "Server")}


def _on_the_label(*properties: Property) -> tuple[Property, ...]:
    """Declare what the file itself says of a database, which a CPF does not show."""
    return tuple(replace(each, beside="label") for each in properties)


def _moving(shape: Callable[..., Property], because: str, listed: str) -> tuple[Property, ...]:
    return tuple(shape(name).ignored(because) for name in listed.split())


DATABASE = Kind(
    name="database",
    title=N_("Database"),
    iris_class="Config.Databases",
    source="classes Config.Databases and SYS.Database; api.md 5.3 and 10, formats.md 1.3",
    live=(
        Reader(
            "databases",
            "SELECT FROM Config.Databases; the labels by SELECT FROM SYS.Database, else SYS.Database.%OpenId() each",
        ),
    ),
    written=ByObject(
        opener="Open",
        stored_as={"RemoteDirectory": "Directory"},
        creates="",
        deletes="",
        keeps=N_("a database is a file of this host: it is made, and thrown away, by people"),
        beside={
            "label": ByObject(
                iris_class="SYS.Database",
                opener="%OpenId",
                key=("Directory",),
                creates="",
                deletes="",
                keeps=N_("a database is a file of this host: it is made, and thrown away, by people"),
                leaves={"EncryptedDB": N_("a database is encrypted while it is dismounted, by people")},
            )
        },
    ),
    identity=by("Name", fold=Fold.UPPER),
    properties=(
        path(
            "Directory", about=N_("on an ECP client the name of the remote database: :mirror:<mirror>:<name>")
        ).local(DIRECTORY),
        text(
            "RemoteDirectory",
            severity=Severity.FAILOVER,
            about=N_(
                "on an ECP client, which database of the server this is: a directory there, or :mirror:…"
            ),
        ),
        text("Server", upper=True, refers_to="ecp-server", severity=Severity.FAILOVER),
        flag(
            "MountRequired",
            default=False,
            severity=Severity.FAILOVER,
            about=N_("whether the instance refuses to start, or to become primary, without it"),
        ),
        flag("ClusterMountMode", default=False, severity=Severity.HYGIENE, about=N_("clusters only")),
        flag("MountAtStartup", default=False, severity=Severity.HYGIENE, about=N_("clusters only")),
        path(
            "StreamLocation", about=N_("stream files are not journaled: the mirror does not carry them")
        ).local(DIRECTORY),
        *_on_the_label(
            text(
                "ResourceName",
                refers_to="resource",
                severity=Severity.FAILOVER,
                about=N_("the mirror carries this name, not the resource: without it nothing mounts"),
            ),
            number("MaxSize", about=N_("megabytes; 0 is unlimited")),
            number("ExpansionSize", severity=Severity.HYGIENE, about=N_("megabytes; 0 lets IRIS choose")),
            choice("GlobalJournalState", values={"2": "no", "3": "yes"}, severity=Severity.FAILOVER),
            flag("ReadOnly", severity=Severity.FAILOVER),
            flag("EncryptedDB", severity=Severity.SECURITY, about=N_("changed with the database dismounted")),
        ),
        text("EncryptionKeyID").local(N_("members may encrypt the same database with different keys")),
        *_on_the_label(
            text("MirrorSetName", severity=Severity.FAILOVER).read_only(JOINING),
            text("MirrorDBName", severity=Severity.FAILOVER).read_only(JOINING),
            number("BlockSize", about=N_("bytes")).read_only(AT_CREATION),
            text("NewGlobalCollation"),
            number("NewGlobalGrowthBlock", severity=Severity.HYGIENE),
            flag("NewGlobalIsKeep", severity=Severity.HYGIENE),
            number("NewGlobalPointerBlock", severity=Severity.HYGIENE),
            number("NewVolumeThreshold", since="2024.3", severity=Severity.HYGIENE),
        ),
        path("NewVolumeDirectory", since="2024.3").local(DIRECTORY),
        path("LastVolumeDirectory", since="2024.3").local(DIRECTORY),
        flag("Mounted").local(N_("a state of the moment on this member: namespaces need it")),
        flag("Mirrored").ignored(N_("follows from MirrorSetName")),
        text("Resource").ignored(N_("another name for ResourceName")),
        *_moving(number, COUNTER, "Blocks CurrentMaps FreeSpace LastVolumeSize MultiVolume Size"),
        *_moving(number, STATE, "NumberOfConfigDB ROReasonCode SFN"),
        *_moving(number, LAYOUT, "BlockFormat BlocksPerMap DirectoryBlock VolumeInfoBlock"),
        *_moving(
            flag,
            STATE,
            "ClusterMounted Expanding Full InActiveMirror MirrorActivationRequired MirrorDBCatchup "
            "MirrorDBCreatedNew MirrorDBPaused MirrorFailoverDB MirrorNoWrite MirrorObsolete "
            "ReadOnlyMounted Skeleton SparseDB",
        ),
        *_moving(text, STATE, "LastExpansionTime ROReasonText VolumeDirectoryList"),
        *_moving(flag, ORDER, "ReCreate Reinitialize RunCatchupDBOnCreate"),
        number("RequestSize").ignored(ORDER),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Without its database a namespace is of no use, and a required one that is missing blocks a failover."
    ),
    portal=N_(
        "System Administration > Configuration > System Configuration > Local Databases (or Remote Databases)"
    ),
    places=(
        CpfRows(
            "Databases",
            fields=(
                "Directory",
                "Server",
                "MountRequired",
                "ClusterMountMode",
                "MountAtStartup",
                "StreamLocation",
            ),
        ),
        ConfigApi("Databases", omits=frozenset({"RemoteDirectory"})),
        Action(
            "Database",
            words={"ResourceName": "Resource"},
            omits=frozenset({"RemoteDirectory", "EncryptedDB", "ReadOnly"}),
            needs=frozenset({"Directory"}),
        ),
    ),
    routes=(Route.CLASS_API, Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API),
    tag=Tag(
        name="Database",
        within="Configuration",
        namespace="%SYS",
        attributes={
            "Name": "Name",
            "Directory": "Dir",
            "ResourceName": "Resource",
            "MaxSize": "MaximumSize",
            "ExpansionSize": "ExpansionSize",
            "StreamLocation": "StreamLocation",
            "ClusterMountMode": "ClusterMountMode",
            "MountAtStartup": "MountAtStartup",
            "MountRequired": "MountRequired",
        },
        needs=frozenset({"Dir"}),
        constants={"Create": "yes"},
        absent={
            "MaxSize": 0,
            "ExpansionSize": 0,
            "GlobalJournalState": 3,
            "NewGlobalGrowthBlock": 50,
            "NewGlobalPointerBlock": 16,
            "NewVolumeThreshold": 0,
        },
    ),
    replicated=Replicated.PARTLY,
    replicated_how=N_(
        "The mirror carries the contents of a mirrored database and, to failover members, the size limits, "
        "collation and resource name in its label; it carries neither configuration entries nor resources."
    ),
    built_in=shipped_database,
)
