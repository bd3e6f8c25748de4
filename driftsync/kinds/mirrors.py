"""This module declares the mirror itself as each member's configuration describes it."""

from __future__ import annotations

from driftsync.kinds.live import ConfigRows, Sections
from driftsync.kinds.places import ConfigApi, CpfRows, CpfSection
from driftsync.kinds.spec import (
    Fold,
    Kind,
    Property,
    Replicated,
    by,
    choice,
    flag,
    number,
    only_one,
    path,
    text,
)
from driftsync.language import N_
from driftsync.model import Severity

COMPRESSION_TYPES = {"0": "ZLIB", "1": "Zstandard", "2": "LZ4"}
ASYNC_TYPES = {"0": "disaster recovery", "1": "read-only reporting", "2": "read-write reporting"}
KEPT_BY_IRIS = N_(
    "The mirror itself keeps this the same on all members, so a difference is a sign of trouble."
)

BY_MIRROR = N_(
    "Leave it to the mirror: edit it in the portal, or with ^MIRROR, on the member that it is about."
)


def _compression(name: str) -> Property:
    words = {"0": "system's choice", "1": "none", "2": "compressed"}
    return choice(name, values=words, severity=Severity.HYGIENE)


MIRROR = Kind(
    name="mirror",
    title=N_("Mirror"),
    iris_class="Config.Mirrors",
    source="class Config.Mirrors; api.md 6, formats.md 1.3; the class says not to change a mirror through it",
    live=(ConfigRows(iris_class="Config.Mirrors"),),
    left_because=N_("the mirror keeps this itself"),
    instead=BY_MIRROR,
    identity=by("Name", fold=Fold.UPPER),
    properties=(
        text("GUID"),
        number("ACKRequirement"),
        flag("AgentContactRequiredForTakeover"),
        text("DefinedPrimary", about=N_("set during maintenance only")),
        number("QOSTimeout", about=N_("milliseconds")),
        flag("UseSSL", severity=Severity.SECURITY),
        text("VirtualAddress"),
        text("ArbiterNode", about=N_("address|port")),
        _compression("CompressionForFailoverMembers"),
        _compression("CompressionForAsyncMembers"),
        choice(
            "AllowParallelDejournaling",
            values={"0": "failover and DR members", "1": "failover members", "2": "all members"},
            severity=Severity.HYGIENE,
        ),
        choice("CompressionTypeForFailoverMembers", values=COMPRESSION_TYPES, severity=Severity.HYGIENE),
        choice("CompressionTypeForAsyncMembers", values=COMPRESSION_TYPES, severity=Severity.HYGIENE),
        flag("RequireAuthentication", severity=Severity.SECURITY),
        number("TroubleTimeout", beside="object"),
    ),
    severity=Severity.FAILOVER,
    why=N_("Members that disagree about their mirror may find neither the arbiter nor each other."),
    portal=N_("System Administration > Configuration > Mirror Settings > Edit Mirror"),
    places=(
        CpfRows(
            "Mirrors",
            fields=(
                "GUID",
                "ACKRequirement",
                "AgentContactRequiredForTakeover",
                "DefinedPrimary",
                "QOSTimeout",
                "",
                "UseSSL",
                "VirtualAddress",
                "",
                "ArbiterNode",
                "CompressionForFailoverMembers",
                "CompressionForAsyncMembers",
                "AllowParallelDejournaling",
                "CompressionTypeForFailoverMembers",
                "CompressionTypeForAsyncMembers",
            ),
        ),
        ConfigApi("Mirrors"),
    ),
    routes=(),
    replicated=Replicated.YES,
    replicated_how=KEPT_BY_IRIS,
    expectation={},
)

MIRROR_MEMBER_MAP = Kind(
    name="mirror-member-map",
    title=N_("Entry of a mirror member"),
    iris_class="Config.MapMirrors",
    source="class Config.MapMirrors; api.md 6, formats.md 1.3: every member has the same rows",
    live=(ConfigRows(iris_class="Config.MapMirrors", by_namespace="ID"),),
    left_because=N_("the mirror keeps this itself"),
    instead=BY_MIRROR,
    identity=by("Name", namespace="ID", fold=Fold.UPPER),
    properties=(
        text("AgentAddress"),
        number("AgentPort"),
        text("ConnectsTo"),
        text("ECPAddress"),
        text("GUID"),
        # Not a path: the row tells of another member, whose directories this member's rules must not touch.
        text("InstanceDirectory"),
        choice("MemberType", values={"0": "failover", "2": "async"}),
        text("MirrorAddress"),
        number("MirrorSSPort"),
        text("SSLComputerName", about=N_("the distinguished name of the certificate, in base64 in the CPF")),
        number("EncryptCommunication", severity=Severity.SECURITY),
        text("PreferredArbiter"),
        text("DejournalFilter"),
        choice("AsyncMemberType", values=ASYNC_TYPES),
    ),
    severity=Severity.FAILOVER,
    why=N_("A member that has the wrong address of another cannot reach it when it has to take over."),
    portal=N_("System Operation > Mirror Monitor"),
    places=(
        CpfRows(
            "MapMirrors.*",
            fields=(
                "AgentAddress",
                "AgentPort",
                "ConnectsTo",
                "ECPAddress",
                "GUID",
                "InstanceDirectory",
                "MemberType",
                "MirrorAddress",
                "MirrorSSPort",
                "SSLComputerName",
                "EncryptCommunication",
                "PreferredArbiter",
                "DejournalFilter",
                "AsyncMemberType",
            ),
        ),
    ),
    routes=(),
    replicated=Replicated.YES,
    replicated_how=KEPT_BY_IRIS,
    expectation={},
    refers_to=("mirror",),
)

OWN_NAME = N_("it tells one member of the mirror from another")
OWN_ROLE = N_("it follows from the role that this member has")
JOINING = N_("it changes while a member joins or leaves, and people decide when")
SUPPORT = N_("support sets it for one instance at a time")

MIRROR_MEMBER = Kind(
    name="mirror-member",
    title=N_("This instance as a mirror member"),
    iris_class="Config.MirrorMember",
    source="class Config.MirrorMember; api.md 5.20, formats.md 1.3, mirror.md 2.2",
    live=(Sections(sections=("MirrorMember",)),),
    left_because=N_("the mirror keeps this itself"),
    instead=BY_MIRROR,
    identity=only_one("this"),
    properties=(
        text("SystemName", upper=True).must_differ(OWN_NAME),
        text("AsyncMemberGUID").must_differ(OWN_NAME),
        text("AgentAddress").must_differ(OWN_NAME),
        choice("AsyncMemberType", values=ASYNC_TYPES).local(OWN_ROLE),
        flag("AsyncUseSystemPurgeInterval").local(OWN_ROLE),
        number("DaysBeforePurge").local(OWN_ROLE),
        flag("JoinMirror").local(JOINING),
        flag("ValidatedMember").local(JOINING),
        text(
            "VirtualAddressInterface",
            about=N_("a failover member without one cannot take over the virtual address"),
        ).local(N_("each host names its network interfaces itself"), presence="failover"),
        text("DebugFlags").local(SUPPORT),
        flag("DebugFlagsPresent").local(SUPPORT),
        path("DDNSKey").local(N_("a key file of this host")),
        flag("DDNSKeyPresent").local(N_("says whether DDNSKey is set")),
    ),
    severity=Severity.FAILOVER,
    why=N_("Two members that claim the same name or address cannot both take part in the mirror."),
    portal=N_("System Administration > Configuration > Mirror Settings"),
    places=(CpfSection("MirrorMember"), ConfigApi("MirrorMember")),
    routes=(),
    expectation={},
)
