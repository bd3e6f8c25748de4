"""This module holds what can go wrong in a log, hours before now; lines that end something stand beside what they end."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios.ailments.ailment import (
    BACKUP,
    DR,
    FAIL,
    PRIMARY,
    REPORTING,
    WARN,
    Ailment,
    on,
)
from driftsync.lab.scenarios.logs import Entry


def _line(hours: float, severity: int, text: str) -> Entry:
    return (hours, severity, f"[Utility.Event] {text}")


LOST = "Arbiter connection lost"
BACK = "Connected to arbiter arbiter.hospital.example|2188"
NO_BACKUP = "MirrorServer: Connection to HOSPB/IRIS (backup) terminated"
NO_PRIMARY = "Async member for HOSPITAL started but failed to connect to primary"
NEITHER = "Failed to become either Primary or Backup at startup"
TO_AGENT = "Switched from Arbiter Controlled to Agent Controlled failover on request from primary"


def _talkative(instance: SimulatedInstance) -> None:
    """Let a log hold more of the last hour than anybody reads of a log."""
    now = datetime.now(timezone.utc) - timedelta(minutes=30)
    line = f"{now:%m/%d/%y-%H:%M:%S}:000 (4711) 0 [Utility.Event] {'.' * 900}\n".encode()
    instance.files.put("messages.log", line * 9500)


AILMENTS = (
    Ailment("LOG-401", WARN, BACKUP, logged=(_line(60, 2, LOST), _line(59, 0, BACK))),
    Ailment("LOG-401", FAIL, BACKUP, logged=(_line(60, 2, LOST),)),
    Ailment("LOG-402", WARN, PRIMARY, logged=(
        _line(58, 2, NO_BACKUP), _line(57, 0, "MirrorServer: Connected to backup HOSPB/IRIS"))),
    Ailment("LOG-402", FAIL, PRIMARY, logged=(_line(58, 2, NO_BACKUP),)),
    Ailment("LOG-403", WARN, PRIMARY, logged=(_line(56, 1, "MirrorServer: Connection to HOSPDR/IRIS (async member) terminated"),)),
    Ailment("LOG-404", WARN, DR, logged=(
        _line(55, 2, NO_PRIMARY), _line(54, 0, "MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)"))),
    Ailment("LOG-404", FAIL, DR, logged=(_line(55, 2, NO_PRIMARY),)),
    Ailment("LOG-405", WARN, PRIMARY, logged=(_line(53, 0, TO_AGENT),)),
    Ailment("LOG-406", WARN, PRIMARY, logged=(_line(52, 2, "Becoming primary mirror server"),)),
    Ailment("LOG-407", WARN, PRIMARY, logged=(
        _line(51, 2, "Preserving all mirror journal files for offline failover member HOSPB/IRIS"),)),
    Ailment("LOG-408", FAIL, BACKUP, logged=(_line(50, 2, "Could not open mirror journal log to read checksum"),)),
    Ailment("LOG-409", FAIL, PRIMARY, logged=(
        _line(49, 2, "Server^MIRRORCOMM(d): Failed to notify HOSPB/IRIS for mirror configuration change"),)),
    Ailment("LOG-410", WARN, BACKUP, logged=(
        _line(48, 2, NEITHER), _line(47, 0, "Found HOSPA/IRIS as primary, becoming backup"))),
    Ailment("LOG-410", FAIL, BACKUP, logged=(_line(48, 2, NEITHER),)),
    Ailment("LOG-411", WARN, BACKUP, logged=(
        _line(46, 2, "Previous system shutdown was abnormal, ^SHUTDOWN forced down"),)),
    Ailment("LOG-412", FAIL, BACKUP, logged=(_line(45, 2, "AddVirtualAddress failed, cannot become primary"),)),
    Ailment("LOG-413", WARN, PRIMARY, logged=(_line(44, 1, "Production Hosp.Production is already running"),)),
    Ailment("LOG-414", WARN, BACKUP, logged=(_line(43, 1, "Mirrored database /data/emr/ is not encrypted here"),)),
    Ailment("LOG-415", WARN, BACKUP, logged=(_line(42, 2, "There are 3 licence units left"),)),
    Ailment("LOG-416", WARN, REPORTING, on(REPORTING, _talkative)),
)  # fmt: skip
