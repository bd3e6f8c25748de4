"""This module holds what can be wrong with licences, certificates and keys."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.instance.certificate_calls import certificate
from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    Plant,
    both,
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


def _certified_for(name: str, days: int) -> Plant:
    """Let the certificate of a member end some days after the scenario is made."""

    def plant(mirror: SimulatedMirror) -> None:
        instance = member_of(mirror, name)
        ends = datetime.now(timezone.utc) + timedelta(days=days)
        instance.files.put(
            f"/etc/tls/{instance.host}.pem", certificate(instance.host, f"{ends:%Y-%m-%d %H:%M:%S}")
        )

    return plant


def _renamed(mirror: SimulatedMirror) -> None:
    mirror.pending_names = [DR]


def _encrypted_but(name: str) -> Plant:
    """Let every member encrypt its journals but one."""

    def plant(mirror: SimulatedMirror) -> None:
        for state in mirror.states:
            instance = state.instance
            instance.journal_encrypted = instance.name != name
            before = instance.where("Security.System", Name="SYSTEM")
            mode = before.get("DBEncStartMode") or 2
            key = {"DBEncJournalKeyID": instance.encryption_keys[0], "DBEncStartMode": mode}
            instance.change("Security.System", {"Name": "SYSTEM"}, key)

    return plant


AILMENTS = (
    Ailment("LIC-201", WARN, DR, _licensed_for(DR, 6)),
    Ailment("LIC-201", FAIL, DR, _licensed_for(DR, 2)),
    Ailment("LIC-202", FAIL, BACKUP, given(PRIMARY, licence_most_used=5000)),
    Ailment("SSL-203", FAIL, BACKUP, given(BACKUP, certificate_expired=True)),
    Ailment("SSL-204", WARN, PRIMARY, _certified_for(PRIMARY, 20)),
    Ailment("SSL-204", FAIL, PRIMARY, _certified_for(PRIMARY, 3)),
    Ailment("SSL-205", FAIL, plant=_renamed),
    Ailment("KEY-206", WARN, DR, both(
        record(DR, "SYS.Database", {"Directory": "/data/emr/"}, EncryptedDB=1, EncryptionKeyID="0A1B2C3D-0000-4000-8000-00000000EMR1"),
        record(DR, "Security.System", {}, DBEncStartMode=1),
    )),
    Ailment("KEY-206", FAIL, DR, record(DR, "SYS.Database", {"Directory": "/data/emr/"}, EncryptedDB=1, EncryptionKeyID="NOT-ACTIVE")),
    Ailment("KEY-207", WARN, BACKUP, _encrypted_but(BACKUP)),
    Ailment("KEY-207", FAIL, REPORTING, _encrypted_but(REPORTING)),
)  # fmt: skip
