"""A log of any size, as a busy primary writes one: journal switches, connections, licence lines, and few that matter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 11, 20, 12, 0, 0)  # noqa: DTZ001 - a log names no time zone
EACH = timedelta(milliseconds=40)
USUAL = (
    "0 [Generic.Event] Journaling switched to: /journal/a/MIRROR-HOSPITAL-20261120.{n:03}",
    "0 [Utility.Event] Preserving journal files on request of process {n}",
    "0 [Database.Expansion] Expanded database /data/emr/ by {n} MB, now {n}00 MB of /data/emr/IRIS.DAT",
    "0 [Utility.Event] [SYSTEM MONITOR] CPUusage Warning: CPUusage = {n} ( Warnvalue is 75)",
    "1 [Utility.Event] [SYSTEM MONITOR] JournalSpace has {n} MB left in directory /journal/a/",
    "0 [Generic.Event] Process {n} was connected to the device |TCP|1972 from 10.20.4.{n}\r\n  and told: 病人 登记 {n}",
    '0 [Utility.Event] Applying journal data for mirror "HOSPITAL" starting at {n} in file #7(/journal/a/x.007)',
)
RARE = (
    "2 [Utility.Event] Arbiter connection lost",
    "0 [Utility.Event] Connected to arbiter",
    "1 [Utility.Event] MirrorServer: Connection to HOSPDR/IRIS (async member) terminated",
    "2 [Utility.Event] There is no room left on device {n}",
)
EVERY = 5_000


def log_lines() -> Iterator[bytes]:
    """Return the texts in turns, without their moments."""
    number = 0
    while True:
        texts = RARE if number % EVERY == 0 else USUAL
        text = texts[(number // EVERY if number % EVERY == 0 else number) % len(texts)]
        yield text.format(n=number % 251).encode()
        number += 1


def write_log(path: Path, size: int, *, until: datetime = NOW) -> int:
    """Write about `size` bytes of log that ends at `until`; return how many lines."""
    average = 121
    moment = until - EACH * (size // average)
    written = lines = 0
    with path.open("wb", buffering=1 << 20) as file:
        for text in log_lines():
            head = (
                f"{moment:%m/%d/%y-%H:%M:%S}:{moment.microsecond // 1000:03} ({4000 + lines % 300}) ".encode()
            )
            written += file.write(head + text + b"\n")
            moment += EACH
            lines += 1
            if written >= size:
                return lines
    return lines
