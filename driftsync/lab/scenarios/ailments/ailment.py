"""This module holds the words in which an ailment is planted: what is wrong with a mirror, and which check must say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios.logs import BACKUP, DR, PRIMARY, REPORTING, Entry

WARN, FAIL = "warn", "fail"
Plant = Callable[[SimulatedMirror], None]


@dataclass(frozen=True)
class Ailment:
    """One thing that is wrong with a mirror, and the finding that it must lead to."""

    check: str
    outcome: str
    """`warn` or `fail`."""
    member: str = ""
    """Whom the finding is about; empty where it is the mirror as a whole."""
    plant: Plant = lambda _mirror: None
    logged: tuple[Entry, ...] = ()
    """What the log of this member says besides."""
    group: str = ""
    """The scenario beside the common one, where it cannot be planted together with the rest."""

    told_by: str = ""
    """Whose log says it, where the finding is about the mirror."""

    @property
    def scenario(self) -> str:
        """Return where it is planted: `ailing`, `failing`, or one of these for a group alone."""
        common = {WARN: "ailing", FAIL: "failing"}[self.outcome]
        return f"{common}-{self.group}" if self.group else common


def member_of(mirror: SimulatedMirror, name: str) -> SimulatedInstance:
    """Return one member by its name."""
    return next(state.instance for state in mirror.states if state.instance.name == name)


def on(name: str, change: Callable[[SimulatedInstance], object]) -> Plant:
    """Plant something in one member."""

    def plant(mirror: SimulatedMirror) -> None:
        change(member_of(mirror, name))

    return plant


def state(name: str, **values: Any) -> Plant:
    """Change the part that a member has in the mirror."""

    def plant(mirror: SimulatedMirror) -> None:
        found = mirror.state_of(member_of(mirror, name))
        for key, value in values.items():
            setattr(found, key, value)

    return plant


def given(name: str, **values: Any) -> Plant:
    """Change what a member says of itself and its host."""

    def plant(mirror: SimulatedMirror) -> None:
        instance = member_of(mirror, name)
        for key, value in values.items():
            if not hasattr(instance, key):
                raise AttributeError(key)
            setattr(instance, key, value)

    return plant


def record(name: str, class_name: str, where: dict[str, Any], **values: Any) -> Plant:
    """Change the one record of a member that has these values, and activate it."""

    def plant(mirror: SimulatedMirror) -> None:
        instance = member_of(mirror, name)
        instance.change(class_name, where, values)
        instance.storage.activate()

    return plant


def without(name: str, class_name: str, **where: Any) -> Plant:
    """Take the one record of a member away that has these values."""
    return on(name, lambda instance: instance.remove(class_name, where))


def both(*plants: Plant) -> Plant:
    """Plant several things."""

    def plant(mirror: SimulatedMirror) -> None:
        for each in plants:
            each(mirror)

    return plant


__all__ = [
    "BACKUP",
    "DR",
    "FAIL",
    "PRIMARY",
    "REPORTING",
    "WARN",
    "Ailment",
    "Plant",
    "both",
    "given",
    "member_of",
    "on",
    "record",
    "state",
    "without",
]
