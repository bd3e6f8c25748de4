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
BALANCERS = Manual(
    id="PLT-113",
    title=N_("Load balancers ask the primary's health page"),
    why=N_("A load balancer that asks another page sends users to a member that is not the primary."),
    do=N_("Look at what each load balancer asks of the members, and what it takes for healthy."),
    source="Web Gateway Guide",
)
STORAGE = Manual(
    id="JRN-309",
    title=N_("Journals and databases are on separate storage"),
    why=N_(
        "When databases and both journal directories are on one disk, its failure takes all that would repair it."
    ),
    do=N_("Look at where the disks of databases, journals, alternate journals and WIJ are on each host."),
    source="High Availability Guide 4.2",
)
AWAY = Manual(
    id="JRN-310",
    title=N_("Days for which journals are kept for a member that is away"),
    why=N_(
        "Only the method that also changes it tells it (14, unless somebody set it), so driftsync does not ask."
    ),
    do=N_(
        "In the terminal of each member: write ##class(SYS.Mirror).JrnPurgeDefaultWait(). It should be the same."
    ),
    source="SYS.Mirror.JrnPurgeDefaultWait; Data Integrity Guide 7.10",
)
HOSTS = Manual(
    id="PLT-112",
    title=N_("Failover hosts do not fall together"),
    why=N_("Two virtual machines on one hypervisor or one storage fail together."),
    do=N_("Look at the anti-affinity rules and at where the disks of both hosts are."),
    source="High Availability Guide 4.2",
)
