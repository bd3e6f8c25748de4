"""This module writes the `messages.log` of simulated members: a month of a healthy one, and what went wrong in `hospital`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from driftsync.lab.instance import SimulatedInstance

DAYS = 30
PRIMARY, BACKUP, DR, REPORTING = "HOSPA/IRIS", "HOSPB/IRIS", "HOSPDR/IRIS", "HOSPRPT/IRIS"

Entry = tuple[float, int, str]
"""Hours before now, severity, text."""

HOURS = 24.0
STARTED: dict[str, tuple[tuple[int, str], ...]] = {
    PRIMARY: (
        (0, "[Utility.Event] Manager initialized for HOSPITAL"),
        (2, "[Utility.Event] Becoming primary mirror server"),
        (0, "[Generic.Event] Connected to arbiter arbiter.hospital.example|2188"),
    ),
    BACKUP: (
        (0, "[Utility.Event] Found HOSPA/IRIS as primary, becoming backup"),
        (0, "[Generic.Event] MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)"),
    ),
    DR: ((0, "[Generic.Event] MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)"),),
    REPORTING: ((0, "[Generic.Event] MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)"),),
}
PLANTED: dict[str, tuple[Entry, ...]] = {
    PRIMARY: (
        (50.0, 1, "[Generic.Event] MirrorServer: Connection to HOSPDR/IRIS (async member) terminated"),
        (49.5, 0, "[Generic.Event] MirrorServer: Connected to async member HOSPDR/IRIS"),
        (30.0, 2, "[Utility.Event] Preserving all mirror journal files for offline failover member HOSPB/IRIS"),
        (20.0, 2, "[Utility.Event] There are 3 licence units left of 100"),
        (19.0, 2, "[Utility.Event] There are 1 licence units left of 100"),
    ),
    BACKUP: (
        (40.0, 2, "[Generic.Event] Previous system shutdown was abnormal, ^SHUTDOWN forced down"),
        (12.0, 2, "[Generic.Event] Arbiter connection lost"),
        (11.9, 0, "[Generic.Event] Switched from Arbiter Controlled to Agent Controlled failover on request from primary"),
        (6.0, 2, "[Utility.Event] 路径 /data/导出 cannot be written"),
    ),
    DR: (
        (48.0, 2, "[Generic.Event] Async member for HOSPITAL started but failed to connect to primary"),
        (47.9, 0, "[Generic.Event] MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)"),
    ),
    REPORTING: (),
}  # fmt: skip


def healthy(name: str) -> list[Entry]:
    """Return a month of a member that nothing happened to: its start, journals, and a short loss that is long over."""
    entries: list[Entry] = [(DAYS * HOURS, severity, text) for severity, text in STARTED.get(name, ())]
    entries += [
        (20 * HOURS, 2, "[Generic.Event] Arbiter connection lost"),
        (20 * HOURS - 0.1, 0, "[Generic.Event] Connected to arbiter arbiter.hospital.example|2188"),
    ]
    for day in range(DAYS):
        entries.append(
            (
                day * HOURS + 0.2,
                0,
                f"[Utility.Event] Journaling switched to:\n  /journal/MIRROR-HOSPITAL-{day:03}",
            )
        )
        entries.append(
            (day * HOURS + 5, 1, "[Utility.Event] [SYSTEM MONITOR] CPUusage Warning: CPUusage = 78")
        )
    return entries


def write_log(instance: SimulatedInstance, more: Iterable[Entry] = ()) -> None:
    """Give a member its log."""
    now = datetime.now(timezone.utc)
    entries = sorted([*healthy(instance.name), *more], key=lambda each: -each[0])
    lines = [_line(now - timedelta(hours=hours), severity, text) for hours, severity, text in entries]
    instance.files.put("messages.log", "".join(lines).encode())


def _line(moment: datetime, severity: int, text: str) -> str:
    return f"{moment:%m/%d/%y-%H:%M:%S}:{moment.microsecond // 1000:03} (4711) {severity} {text}\n"
