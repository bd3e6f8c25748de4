"""This package holds what the lab can show: mirrors made from plain data.

mirror = build("hospital", "2024.1")
instance = make_member("hospital", "HOSPB/IRIS", "2024.1")     the same, and one member of it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from driftsync.lab.instance import Faults, SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios.ailments import scenarios as ill
from driftsync.lab.scenarios.clean import build_clean, own_directories
from driftsync.lab.scenarios.hospital import build_hospital
from driftsync.lab.scenarios.large import build_large
from driftsync.lab.scenarios.planting import Planted
from driftsync.lab.scenarios.shipped import PASSWORDS

SCENARIOS: Mapping[str, Callable[[str], SimulatedMirror]] = {
    "clean": build_clean,
    "hospital": build_hospital,
    "large": build_large,
    **ill(),
}
MEMBERS: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    SCENARIOS, ("HOSPA/IRIS", "HOSPB/IRIS", "HOSPDR/IRIS", "HOSPRPT/IRIS")
)
"""The members of each scenario: primary, backup, disaster recovery async, reporting async."""


def build(scenario: str, profile: str = "2024.1") -> SimulatedMirror:
    """Make the mirror of a scenario, its members in the order of `MEMBERS`."""
    return SCENARIOS[scenario](profile)


def make_member(
    scenario: str, name: str, profile: str = "2024.1", faults: Faults | None = None
) -> SimulatedInstance:
    """Make the mirror of a scenario and return one member of it, with its faults."""
    instance = next(
        state.instance for state in build(scenario, profile).states if state.instance.name == name
    )
    if faults is not None:
        instance.faults = faults
    return instance


__all__ = ["MEMBERS", "PASSWORDS", "SCENARIOS", "Planted", "build", "make_member", "own_directories"]
