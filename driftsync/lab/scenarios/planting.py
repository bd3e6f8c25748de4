"""This module plants drift: what differs between members of a scenario, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from driftsync.lab.instance import SimulatedInstance

MISSING, EXTRA, CHANGED, LOCAL = "missing", "extra", "changed", "local"


@dataclass(frozen=True)
class Planted:
    """One difference of a member from the primary."""

    member: str
    sort: str
    """`missing`, `extra`, `changed`, or `local` for what rightly differs."""
    class_name: str
    where: dict[str, Any] = field(hash=False)
    """Values that the one record has; of an extra one, the whole record."""
    values: dict[str, Any] = field(default_factory=dict, hash=False)
    """What is different."""


def plant(instance: SimulatedInstance, planted: Iterable[Planted]) -> None:
    """Make an instance differ as planned; what its release lacks is passed over."""
    for one in planted:
        if one.member != instance.name or not instance.release.has_class(one.class_name):
            continue
        if one.sort == MISSING:
            instance.remove(one.class_name, one.where)
        elif one.sort == EXTRA:
            instance.add(one.class_name, **one.where)
        else:
            instance.change(one.class_name, one.where, one.values)
