"""This module holds what is wrong already and becomes worse by itself; what only two readings tell (FOR-601) is no scenario."""

from __future__ import annotations

from driftsync.lab.scenarios.ailments.ailment import (
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    record,
    state,
)

DAY = 24.0
GONE = "[Generic.Event] MirrorServer: Connection to HOSPRPT/IRIS (async member) terminated"

AILMENTS = (
    Ailment("FOR-602", WARN, "", state(REPORTING, status="STOPPED"), ((3 * DAY, 1, GONE),), "away", told_by=PRIMARY),
    Ailment("FOR-602", FAIL, "", state(REPORTING, status="STOPPED", away_days=11)),
    Ailment("FOR-603", WARN, "", record(PRIMARY, "%SYS.Task", {"Name": "Send claims"}, LastStarted="2024-03-01 02:15:00")),
)  # fmt: skip
