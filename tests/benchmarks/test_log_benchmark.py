"""The speed of reading a log against `grep -c -E` for the same patterns, and that memory stays flat: `make bench`.

DRIFTSYNC_LOG_MEGABYTES says how large the log is (200; 1024 for the claim of the README).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from driftsync.logs.patterns import MARKS
from tests.benchmarks.made_log import NOW, write_log

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux alone"),
]

MEGABYTES = int(os.environ.get("DRIFTSYNC_LOG_MEGABYTES", "200"))
GOAL = 15
"""Times as long as `grep` may take."""
PEAK_MEGABYTES = 64
"""What reading may add to the memory of the process that has only loaded the package."""

READ = """
import sys, time
from datetime import datetime
from pathlib import Path
from driftsync.logs import FileSource, read_log
def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])  # ru_maxrss keeps the parent's
before = peak()
started = time.perf_counter()
read = read_log([FileSource(Path(sys.argv[1]))], datetime(2000, 1, 1), now=datetime.fromisoformat(sys.argv[2]))
taken = time.perf_counter() - started
after = peak()
print(taken, (after - before) / 1024, sum(each.count for each in read.events), read.window.read)
"""


def grep_pattern() -> str:
    """Return all patterns as one that `grep -E` understands."""
    patterns = [mark.pattern.decode() for mark in MARKS] + [r"\([0-9A-F]+\) [23] "]
    joined = "|".join(dict.fromkeys(patterns)).replace("(?:", "(").replace(r"\r\n", "")
    return re.sub(r"(\{\d+,\d+\})\?", r"\1", joined)


@pytest.mark.skipif(shutil.which("grep") is None, reason="there is no grep here")
def test_a_large_log_is_read_in_constant_memory_at_a_fifteenth_of_greps_speed(tmp_path: Path) -> None:
    path = tmp_path / "messages.log"
    lines = write_log(path, MEGABYTES * 1024 * 1024)
    greps, ours = [], []
    peak = counted = 0.0
    for _round in range(3):
        started = time.perf_counter()
        done = subprocess.run(
            ["grep", "-c", "-E", grep_pattern(), path],
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        )
        greps.append(time.perf_counter() - started)
        told = subprocess.run(
            [sys.executable, "-c", READ, path, NOW.isoformat()], capture_output=True, text=True, check=True
        ).stdout.split()
        ours.append(float(told[0]))
        peak, counted = max(peak, float(told[1])), float(told[2])
        assert int(told[3]) == path.stat().st_size
    assert int(done.stdout) == counted
    size = path.stat().st_size / 1e6
    ratio = min(ours) / min(greps)
    print(
        f"\n{size:.0f} MB of log, {lines:,} lines, {counted:.0f} of them found: {size / min(ours):.0f} MB/s, "
        f"1/{ratio:.1f} of grep's speed ({size / min(greps):.0f} MB/s; goal 1/{GOAL}), {peak:.1f} MB more memory"
    )
    assert peak < PEAK_MEGABYTES
    assert ratio <= GOAL


@pytest.mark.parametrize("megabytes", [20, 80])
def test_memory_is_the_same_for_any_size(tmp_path: Path, megabytes: int) -> None:
    path = tmp_path / "messages.log"
    write_log(path, megabytes * 1024 * 1024)
    told = subprocess.run(
        [sys.executable, "-c", READ, path, NOW.isoformat()], capture_output=True, text=True, check=True
    ).stdout.split()
    print(f"\n{megabytes} MB: {told[1]} MB more memory")
    assert float(told[1]) < PEAK_MEGABYTES
