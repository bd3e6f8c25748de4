"""This module is the scenario `large`: 2,000 users, 500 web applications, 5,000 mappings and 300 tasks a member."""

from __future__ import annotations

from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios.clean import join, make_members
from driftsync.lab.scenarios.shipped import pairs, task

USERS, APPLICATIONS, MAPPINGS, TASKS, ROLES = 2000, 500, 5000, 300, 100
NAMESPACES = ("EMR", "LAB", "INTEROP")


def build_large(profile: str) -> SimulatedMirror:
    """Make the mirror; the backup lacks the last of each."""
    members = make_members(profile)
    for member in members:
        _fill(member, missing=1 if member.name == "HOSPB/IRIS" else 0)
    return join(members)


def _fill(instance: SimulatedInstance, *, missing: int) -> None:
    for number in range(ROLES):
        instance.add(
            "Security.Roles",
            Name=f"Ward{number:03}",
            Description=f"Ward {number}",
            Resources=pairs(["Emr_Read:4", "%DB_EMR:1"]),
        )
    for number in range(USERS - missing):
        instance.add_user(
            f"staff{number:04}",
            "not-a-real-secret-staff",
            [f"Ward{number % ROLES:03}"],
            FullName=f"Staff {number}",
        )
    for number in range(APPLICATIONS - missing):
        instance.add(
            "Security.Applications",
            Name=f"/ward/{number:03}",
            NameSpace="EMR",
            AutheEnabled=32,
            Path=f"/data/web/ward/{number:03}/",
        )
    for number in range(MAPPINGS - missing):
        kind = ("Config.MapGlobals", "Config.MapRoutines", "Config.MapPackages")[number % 3]
        instance.add(kind, Namespace=NAMESPACES[number // 3 % 3], Name=f"Large{number:04}", Database="EMR")
    for number in range(TASKS - missing):
        instance.add(
            "%SYS.Task",
            **task(instance, f"Nightly {number:03}", "Hosp.Task.Nightly", namespace="EMR", MirrorStatus=1),
        )
