"""The claims of the README, as ratios measured in one process and one run: `make bench`.

Nothing here fails because a machine is slow; the goals are printed beside what was measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from driftsync.comparing import compare
from driftsync.files import LINE_DECODER, SnapshotFile
from driftsync.model import Changed
from tests.benchmarks import made

pytestmark = pytest.mark.bench

MANY, SOME = 100_000, 10_000
MEASURED: dict[str, float] = {}


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("many")
    return made.snapshot_file(folder, "a", MANY, member=False), made.snapshot_file(
        folder, "b", MANY, member=True
    )


@pytest.fixture(scope="session")
def some(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("some")
    return made.snapshot_file(folder, "a", SOME, member=False), made.snapshot_file(
        folder, "b", SOME, member=True
    )


@pytest.fixture(scope="session", autouse=True)
def table() -> Any:
    """Warm the imports up, and print the ratios when all is measured."""
    import deepdiff  # noqa: F401

    yield
    for name, goal, ours, theirs in (
        ("diff, 100,000 items: times the envelope baseline", "≤ 3", "diff 100k", "envelopes 100k"),
        ("DeepDiff on whole documents, 10,000 items: times our diff", "≥ 100", "deepdiff 10k", "diff 10k"),
        ("diffsync load + diff, 10,000 items: times our diff", "≥ 20", "diffsync 10k", "diff 10k"),
        ("driftsync --help: times an empty Typer app", "≤ 1.5", "help", "empty typer"),
    ):
        if ours in MEASURED and theirs in MEASURED:
            print(f"\n{name}: {MEASURED[ours] / MEASURED[theirs]:.2f}  (goal {goal})", end="")
    if "memory" in MEASURED:
        print(
            f"\npeak memory of diff, 1,000,000 items a side: {MEASURED['memory']:.0f} MB  (goal ≤ 250)",
            end="",
        )
    print()


def measure(benchmark: Any, name: str, work: Callable[[], Any], rounds: int) -> Any:
    result = benchmark.pedantic(work, rounds=rounds, iterations=1, warmup_rounds=1)
    MEASURED[name] = benchmark.stats.stats.median
    return result


def envelopes(a: Path, b: Path) -> int:
    """Decode each line's envelope and compare the bytes of its properties: the least that any diff must do."""
    different = 0
    with a.open("rb") as left, b.open("rb") as right:
        left.readline(), right.readline()
        for mine, theirs in zip(left, right, strict=True):
            if bytes(LINE_DECODER.decode(mine).compared) != bytes(LINE_DECODER.decode(theirs).compared):
                different += 1
    return different


def test_envelopes_of_100_000(benchmark: Any, many: tuple[Path, Path]) -> None:
    assert measure(benchmark, "envelopes 100k", lambda: envelopes(*many), 7) == MANY * made.DIFFERENT


def test_diff_of_100_000(benchmark: Any, many: tuple[Path, Path]) -> None:
    drift = measure(benchmark, "diff 100k", lambda: compare(SnapshotFile(many[0]), SnapshotFile(many[1])), 7)
    assert drift.summary.changed == MANY * made.DIFFERENT
    assert drift.summary.local == MANY * made.LOCAL


def test_diff_of_10_000(benchmark: Any, some: tuple[Path, Path]) -> None:
    drift = measure(benchmark, "diff 10k", lambda: compare(SnapshotFile(some[0]), SnapshotFile(some[1])), 7)
    assert all(isinstance(each, Changed) for each in drift.differences)
    assert len(drift.differences) == SOME * made.DIFFERENT


def test_deepdiff_of_10_000(benchmark: Any) -> None:
    from deepdiff import DeepDiff

    a, b = made.documents(SOME, member=False), made.documents(SOME, member=True)
    found = measure(benchmark, "deepdiff 10k", lambda: DeepDiff(a, b), 3)
    assert len(found["values_changed"]) == SOME * made.DIFFERENT


def test_diffsync_of_10_000(benchmark: Any) -> None:
    diffsync = pytest.importorskip("diffsync")

    class Application(diffsync.DiffSyncModel):  # type: ignore[name-defined, misc]
        _modelname = "application"
        _identifiers = ("key",)
        _attributes = ("values",)
        key: str
        values: dict[str, Any]

    class Side(diffsync.Adapter):  # type: ignore[name-defined, misc]
        application = Application
        top_level = ("application",)

    documents = made.documents(SOME, member=False), made.documents(SOME, member=True)

    def load_and_diff() -> Any:
        sides = []
        for document in documents:
            side = Side()
            for key, values in document.items():
                side.add(Application(key=key, values=values))
            sides.append(side)
        return sides[0].diff_to(sides[1])

    found = measure(benchmark, "diffsync 10k", load_and_diff, 3)
    assert found.summary()["update"] == SOME * made.DIFFERENT


EMPTY_APP = """
import typer
app = typer.Typer(no_args_is_help=True)
for name in ("diff", "report", "snapshot", "kinds", "explain", "demo", "lab"):
    exec(f"@app.command()\\ndef {name}():\\n    'Do {name}.'")
app()
"""


def test_help_starts_fast() -> None:
    """Pair the two commands, in turn, and take the median."""
    ours, theirs = [], []
    for _round in range(15):
        ours.append(_seconds([sys.executable, "-m", "driftsync", "--help"]))
        theirs.append(_seconds([sys.executable, "-c", EMPTY_APP, "--help"]))
    MEASURED["help"], MEASURED["empty typer"] = median(ours), median(theirs)


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


PEAK = """
import resource, sys
from pathlib import Path
from driftsync.comparing import compare
from driftsync.files import SnapshotFile
drift = compare(SnapshotFile(Path(sys.argv[1])), SnapshotFile(Path(sys.argv[2])))
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
status = Path("/proc/self/status")  # on Linux ru_maxrss comes down from the parent, VmHWM does not
if status.exists():
    peak = int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
print(peak * unit, drift.summary.changed)
"""


@pytest.mark.skipif(os.name != "posix", reason="peak memory is read the POSIX way")
def test_memory_at_1_000_000(tmp_path: Path) -> None:
    count = 1_000_000
    a = made.snapshot_file(tmp_path, "a", count, member=False)
    b = made.snapshot_file(tmp_path, "b", count, member=True)
    done = subprocess.run([sys.executable, "-c", PEAK, a, b], check=True, capture_output=True, text=True)
    peak, changed = map(int, done.stdout.split())
    assert changed == count * made.DIFFERENT
    MEASURED["memory"] = peak / 1e6
