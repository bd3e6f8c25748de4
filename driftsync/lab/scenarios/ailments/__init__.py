"""This package holds what can be wrong with a mirror, as plain data, one module a family of checks, and the scenarios made of it.

`ailing` warns wherever something can warn, `failing` fails wherever something can fail, beside them small groups of what
cannot be planted together with the rest; in `silent` the primary lets nobody in and the others refuse almost everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module

from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.scenarios.ailments.ailment import Ailment
from driftsync.lab.scenarios.clean import build_clean
from driftsync.lab.scenarios.logs import write_log

_FAMILIES = ("mirror_state", "platform", "licences", "journals", "logs", "configuration", "forecasts")
IDENTITY = frozenset({"%SYSTEM.Mirror", "%SYSTEM.Version", "%SYSTEM.Process"})
"""Classes that `silent` members still answer: which release they are and what they are in the mirror."""
REFUSED = (
    "Config.*", "Security.*", "SYS.*", "%SYS.*", "%SYS.Journal.*", "%SYS.NLS.*", "%SYS.Task.*", "%Library.*", "%Dictionary.*",
    "%SYSTEM.License", "%SYSTEM.Encryption", "%SYSTEM.SYS", "%SYSTEM.Util", "%SYSTEM.Security", "%SYSTEM.SQL.*",
    "Ens.*", "OAuth2.*", "%IPM.*", "%Stream.*",
)  # fmt: skip
TOLD = ("IsMember", "MirrorName", "GetMirrorNames", "GetMemberType")
"""Of `%SYSTEM.Mirror`: what they still tell besides `GetStatus`."""


@cache
def all_ailments() -> tuple[Ailment, ...]:
    """Return every ailment, family by family."""
    modules = (import_module(f"driftsync.lab.scenarios.ailments.{name}") for name in _FAMILIES)
    return tuple(each for module in modules for each in module.AILMENTS)


def planted_in(scenario: str) -> tuple[Ailment, ...]:
    """Return what is wrong in one scenario."""
    return tuple(each for each in all_ailments() if each.scenario == scenario)


def scenarios() -> Mapping[str, Callable[[str], SimulatedMirror]]:
    """Return the scenarios that the ailments make, and `silent`."""
    names = sorted({each.scenario for each in all_ailments()})
    return {**{name: partial(_build, name) for name in names}, "silent": _build_silent}


def _build(scenario: str, profile: str) -> SimulatedMirror:
    mirror = build_clean(profile)
    ailments = planted_in(scenario)
    for state in mirror.states:
        name = state.instance.name
        write_log(
            state.instance,
            [entry for each in ailments if name in {each.member, each.told_by} for entry in each.logged],
        )
    for each in ailments:
        each.plant(mirror)
    return mirror


def _build_silent(profile: str) -> SimulatedMirror:
    mirror = build_clean(profile)
    primary, *others = (state.instance for state in mirror.states)
    primary.faults.wrong_password = True
    for instance in others:
        instance.faults.refused_classes |= set(REFUSED)
        instance.faults.absent_methods |= {"%SYSTEM.Mirror:ArbiterState", "%SYSTEM.Mirror:GetMemberStatus"}
    return mirror


__all__ = ["Ailment", "all_ailments", "planted_in", "scenarios"]
