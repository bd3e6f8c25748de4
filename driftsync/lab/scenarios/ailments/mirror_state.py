"""This module holds what can be wrong with the state of a mirror."""

from __future__ import annotations

from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    both,
    given,
    record,
    state,
)

MIRROR = {"Name": "HOSPITAL"}
EMR = {"Name": "EMR"}

AILMENTS = (
    Ailment("MIR-001", FAIL, BACKUP, state(BACKUP, database_seconds=3600)),
    Ailment("MIR-002", FAIL, plant=state(BACKUP, status="PRIMARY"), group="two-primaries"),
    Ailment("MIR-003", WARN, plant=state(BACKUP, status="SYNCHRONIZING")),
    Ailment("MIR-003", FAIL, plant=state(BACKUP, status="CRASHED")),
    Ailment("MIR-005", WARN, BACKUP, state(BACKUP, database_seconds=12)),
    Ailment("MIR-005", FAIL, DR, state(DR, database_seconds=3600)),
    Ailment("MIR-006", WARN, DR, state(DR, journal_seconds=300)),
    Ailment("MIR-006", FAIL, REPORTING, state(REPORTING, status="STOPPED")),
    Ailment("MIR-009", FAIL, plant=record(PRIMARY, "Config.Mirrors", MIRROR, DefinedPrimary="HOSPA/IRIS")),
    Ailment("MIR-010", FAIL, plant=state(PRIMARY, in_trouble=True)),
    Ailment("MIR-011", WARN, REPORTING, both(
        state(REPORTING, database_statuses={"EMR": "Needs Catchup"}),
        record(REPORTING, "Config.Databases", EMR, MountRequired=0),
    )),
    Ailment("MIR-011", FAIL, BACKUP, state(BACKUP, database_statuses={"EMR": "Dejournaling Stopped"})),
    Ailment("MIR-012", FAIL, DR, record(DR, "SYS.Database", {"Directory": "/data/lab/"}, Mirrored=0, MirrorDBName="")),
    Ailment("MIR-020", WARN, plant=record(PRIMARY, "Config.Mirrors", MIRROR, QOSTimeout=2000)),
    Ailment("MIR-022", FAIL, PRIMARY, given(PRIMARY, ended_processes={"Mirror Svr"})),
)  # fmt: skip
