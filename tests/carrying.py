"""Carries a plan out as a process of its own, which a test then kills."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from driftsync.applying.carrying_out import apply
from driftsync.applying.ground import Ground, Opener
from driftsync.connections import Address, connect
from driftsync.lab.scenarios import PASSWORDS
from driftsync.planning import read_plan
from tests.live import BACKUP, EVERYTHING, KEY, PRIMARY


def opener(name: str, port: int) -> Opener:
    address = Address("127.0.0.1", port, user=EVERYTHING, password=PASSWORDS[EVERYTHING], deadline=20.0)
    return lambda: connect(address, name)


def main(told: dict[str, Any]) -> None:
    folder = Path(told["folder"])
    ground = Ground(
        opener(BACKUP, told["member"]), opener(PRIMARY, told["primary"]), folder, KEY, told["paths"], told["paths"],
        unsettled=timedelta(), within=timedelta(seconds=told["within"]) if "within" in told else None,
    )  # fmt: skip
    apply(read_plan(Path(told["plan"])), ground)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
