"""This module holds what can be wrong with licences, certificates and keys."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    Plant,
    given,
    member_of,
    record,
)


def _licensed_for(name: str, days: int) -> Plant:
    """Let the licence of a member end some days after the scenario is made."""

    def plant(mirror: SimulatedMirror) -> None:
        ends = datetime.now(timezone.utc) + timedelta(days=days)
        member_of(mirror, name).licence_expires = ends.date().isoformat()

    return plant


def _encrypted_but(name: str) -> Plant:
    """Let every member encrypt its journals but one."""

    def plant(mirror: SimulatedMirror) -> None:
        for state in mirror.states:
            state.instance.journal_encrypted = state.instance.name != name

    return plant


AILMENTS = (
    Ailment("LIC-201", WARN, DR, _licensed_for(DR, 6)),
    Ailment("LIC-201", FAIL, DR, _licensed_for(DR, 2)),
    Ailment("LIC-202", FAIL, BACKUP, given(PRIMARY, licence_most_used=5000)),
    Ailment("SSL-203", FAIL, BACKUP, given(BACKUP, certificate_expired=True)),
    Ailment("KEY-206", FAIL, DR, record(DR, "SYS.Database", {"Directory": "/data/emr/"}, EncryptedDB=1, EncryptionKeyID="NOT-ACTIVE")),
    Ailment("KEY-207", WARN, BACKUP, _encrypted_but(BACKUP)),
    Ailment("KEY-207", FAIL, REPORTING, _encrypted_but(REPORTING)),
)  # fmt: skip
