"""This module is the scenario `clean`: four members of a mirror that agree wherever they should."""

from __future__ import annotations

from driftsync.lab.instance import (
    DISASTER_RECOVERY,
    READ_ONLY,
    SimulatedInstance,
    SimulatedMirror,
)
from driftsync.lab.scenarios.logs import write_log
from driftsync.lab.scenarios.site import MIRRORED, furnish

NAMES = {
    "HOSPA/IRIS": "Failover",
    "HOSPB/IRIS": "Failover",
    "HOSPDR/IRIS": DISASTER_RECOVERY,
    "HOSPRPT/IRIS": READ_ONLY,
}
HOSTS = {"HOSPA/IRIS": "hosp-a", "HOSPB/IRIS": "hosp-b", "HOSPDR/IRIS": "hosp-dr", "HOSPRPT/IRIS": "hosp-rpt"}


def own_directories(name: str) -> dict[str, str]:
    """Return the directories that a member has in a place of its own, by what an administrator would call them."""
    host = HOSTS[name]
    return {
        "journal": f"/journal/{host}/",
        "journal_alternate": f"/journal2/{host}/",
        "archive": f"/archive/{host}/",
    }


def make_members(profile: str) -> list[SimulatedInstance]:
    """Make the four members with what each of them should hold."""
    members = [SimulatedInstance(name, profile, host=HOSTS[name]) for name in NAMES]
    for member in members:
        furnish(member)
        write_log(member)
    return members


def join(members: list[SimulatedInstance]) -> SimulatedMirror:
    """Make a mirror of them: primary, backup, disaster recovery, reporting."""
    mirror = SimulatedMirror(
        "HOSPITAL", arbiter="arbiter.hospital.example|2188", virtual_address="10.20.4.10/24"
    )
    for member in members:
        mirror.join(member, NAMES[member.name])
    for name in MIRRORED:
        mirror.add_database(name)
    return mirror


def build_clean(profile: str) -> SimulatedMirror:
    """Make the mirror."""
    return join(make_members(profile))
