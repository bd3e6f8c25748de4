"""This module lists what no remote client can see: a person must look, and the verdict does not depend on it."""

from __future__ import annotations

from driftsync.checks.spec import Manual
from driftsync.language import N_

VIRTUAL_ADDRESS = Manual(
    id="PLT-105",
    title=N_("The virtual address can move"),
    why=N_("A failover aborts if the new primary cannot take the virtual address."),
    do=N_(
        "On each failover host: the interface exists, the same subnet and mask, arping is installed, IRIS was installed as root."
    ),
    source="High Availability Guide 3.7.3, 4.13",
)
WEB_GATEWAY = Manual(
    id="PLT-106",
    title=N_("Web gateways follow the primary"),
    why=N_("A gateway that points to one host serves errors after a failover."),
    do=N_(
        "Either the virtual address or mirror-aware, not both; the gateway of the portal is never mirror-aware."
    ),
    source="Web Gateway Guide 17.3",
)
NETWORK = Manual(
    id="PLT-107",
    title=N_("Every member reaches every other"),
    why=N_("Superserver, agent and ICMP must pass between all hosts, in both directions."),
    do=N_("Test port 1972 (or yours), the agent's port 2188 and ping from each host to each other."),
    source="High Availability Guide 4.2",
)
START = Manual(
    id="PLT-111",
    title=N_("IRIS and the web server start with the host"),
    why=N_("A host that was restarted at night must come back as a member without anybody's help."),
    do=N_("Look at the services that start at boot on each host."),
    source="High Availability Guide 4",
)
HOSTS = Manual(
    id="PLT-112",
    title=N_("Failover hosts do not fall together"),
    why=N_("Two virtual machines on one hypervisor or one storage fail together."),
    do=N_("Look at the anti-affinity rules and at where the disks of both hosts are."),
    source="High Availability Guide 4.2",
)
