"""This module declares superservers: the ports that an instance listens on, and what it answers there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, Record
from driftsync.kinds.spec import Kind, Route, by, choice, flag, number, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity


def shipped_superserver(_namespace: str, _identity: str, properties: Mapping[str, Any]) -> bool:
    """Say whether it is the superserver that every instance has."""
    return str(properties.get("SystemDefault", "")).casefold() in {"1", "true"}


SUPERSERVER = Kind(
    name="superserver",
    title=N_("Superserver"),
    iris_class="Security.Servers",
    source="class Security.Servers; api.md 5.14",
    live=(
        Table(iris_class="Security.Servers"),
        Objects(names=ClassQuery("Security.Servers", "List", ("*", "*")), key=("Port", "BindAddress")),
    ),
    written=ByObject(
        key=("Port", "BindAddress"),
        creates="",
        deletes="",
        keeps=N_(
            "ports are rendered for somebody else to carry out: whether one is free, only the host knows"
        ),
        leaves={
            "SystemDefault": N_(
                "the default superserver and the port of the start-up settings belong together"
            )
        },
        at_once=True,
    ),
    compared_if="virtual_address",
    instead=N_(
        "Make it on the page System Administration > Security > Superservers, once the host has nothing else on this port."
    ),
    only_rendered=True,
    identity=by("Port", leaves_out=N_("the bind address: it belongs to one host")),
    properties=(
        flag("Enabled"),
        choice("SSLSupportLevel", values={"0": "none", "1": "accept", "2": "require"}),
        text("SSLConfig", refers_to="tls-configuration"),
        flag("SystemDefault"),
        flag("EnableCacheDirect"),
        flag("EnableClients"),
        flag("EnableCSP"),
        flag("EnableDataCheck"),
        flag("EnableECP"),
        flag("EnableMirror"),
        flag("EnableNodeJS"),
        flag("EnableShadows"),
        flag("EnableSharding"),
        flag("EnableSNMP"),
        flag("EnableWebLink"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("BindAddress").local(N_("an address of this host")),
        text("SSLECPConfig").ignored(N_("internal to IRIS, and left out of its own exports")),
        number("SSLECPSupportLevel").ignored(N_("internal to IRIS, and left out of its own exports")),
        text("SSLMirrorConfig").ignored(N_("internal to IRIS, and left out of its own exports")),
        number("SSLMirrorSupportLevel").ignored(N_("internal to IRIS, and left out of its own exports")),
        flag("DoNotStart").ignored(N_("steers one save and is not stored")),
        flag("ImportOperation").ignored(N_("steers one save and is not stored")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "Clients that follow the virtual address find no server, or another encryption, behind the port that they know."
    ),
    portal=N_("System Administration > Security > Superservers"),
    places=(Record("Servers"), Action("Server")),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
    built_in=shipped_superserver,
)
