"""Fifty mirrors of four lab members, each answer 20 ms away, in one run: `make bench`, or this file alone.

The lab runs in a process of its own on the same machine and takes its share of the cores; what is printed says so.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import subprocess
import sys
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from driftsync.lab.faults import parse_wire_faults
from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.scenarios import PASSWORDS
from driftsync.lab.scenarios.clean import NAMES, make_members, own_directories
from driftsync.lab.scenarios.site import MIRRORED
from driftsync.lab.serving import Server

pytestmark = pytest.mark.bench

MIRRORS = int(os.environ.get("DRIFTSYNC_BENCH_MIRRORS", "50"))
LATENCY = 20
PARALLEL = 8
GOAL = 1.5
"""Times the work divided by how much of it may go on at once."""
ALONE = 2
"""Mirrors that are read alone, member by member, to know how much work one is."""
READER, VARIABLE = "driftsync", "LAB_PASSWORD_OF_THE_READER"

RUN = """
import json, resource, sys, threading, time
from pathlib import Path
from driftsync.cli import mirrors
from driftsync.comparing import Scope
from driftsync.settings import read_settings
from driftsync.store import Store

def megabytes(name):
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in status if line.startswith(name))) / 1024

def main(path, parallel, wanted):
    memory = []
    done = mirrors._SeveralMirrors._compare
    def counted(self, name):
        done(self, name)
        memory.append(megabytes("VmRSS"))
    mirrors._SeveralMirrors._compare = counted
    begun = time.monotonic()
    with Store(Path(path).with_name("store.db")) as store:
        report = mirrors.compare_mirrors(
            read_settings(Path(path)), wanted, Scope(), show_local=False, cross_product=False, quiet=True,
            store=store, parallel=parallel,
        )
    seconds = time.monotonic() - begun
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "seconds": seconds, "complete": report.complete, "mirrors": len(report.mirrors),
        "differences": sum(drift.summary.differences for each in report.mirrors for drift in each.drifts),
        "members": sum(1 + len(each.drifts) for each in report.mirrors),
        "unreadable": [each.reason for mirror in report.mirrors for each in mirror.unreadable],
        "peak": megabytes("VmHWM"), "memory": memory, "child": children.ru_maxrss / 1024,
        "cpu": own.ru_utime + own.ru_stime, "cpu of drivers": children.ru_utime + children.ru_stime,
    }))

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
"""


def serve_all(pipe: Connection) -> None:
    """Serve all members of all mirrors from this one process until the pipe closes; send the ports first."""
    faults = [f"latency={LATENCY}"]
    with ExitStack() as stack:
        ports: dict[str, dict[str, int]] = {}
        for number in range(MIRRORS):
            members = make_members("2024.1")
            mirror = SimulatedMirror(
                f"M{number:02}", arbiter="arbiter.example|2188", virtual_address="10.20.4.10/24"
            )
            for member in members:
                mirror.join(member, NAMES[member.name])
            for name in MIRRORED:
                mirror.add_database(name)
            ports[mirror.name] = {
                member.name.partition("/")[0]: stack.enter_context(
                    Server(member, faults=parse_wire_faults(faults))
                ).port
                for member in members
            }
        pipe.send(ports)
        try:
            pipe.recv()
        except EOFError:
            return


def settings_for(folder: Path, ports: dict[str, dict[str, int]]) -> Path:
    lines = []
    for mirror, members in ports.items():
        lines += [f"[mirror.{mirror}]", f'user = "{READER}"', f'password = "env:{VARIABLE}"', "tls = false"]
        lines += ["deadline = 120"]
        for name, port in members.items():
            lines += [f"[member.{mirror}-{name}]", f'mirror = "{mirror}"', 'host = "127.0.0.1"']
            lines += [f"port = {port}", f"[member.{mirror}-{name}.paths]"]
            lines += [f'{word} = "{path}"' for word, path in own_directories(f"{name}/IRIS").items()]
    settings = folder / "driftsync.toml"
    settings.write_text("\n".join(lines), encoding="utf-8")
    return settings


def run(folder: Path, settings: Path, parallel: int, *wanted: str) -> dict[str, float]:
    script = folder / "run.py"
    script.write_text(RUN, encoding="utf-8")
    environment = {**os.environ, VARIABLE: PASSWORDS[READER], "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    command = [sys.executable, str(script), str(settings), str(parallel), *wanted]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read the Linux way")
def test_fifty_mirrors(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    lab = context.Process(target=serve_all, args=(theirs,), name="lab-of-all", daemon=True)
    lab.start()
    theirs.close()
    try:
        settings = settings_for(tmp_path, pipe.recv())
        alone = [run(tmp_path, settings, 1, f"M{number:02}")["seconds"] for number in range(ALONE)]
        (tmp_path / "store.db").unlink()
        found = run(tmp_path, settings, PARALLEL)
    finally:
        pipe.close()
        lab.join(10)
        lab.kill()
    work = sum(alone) / len(alone) * MIRRORS
    ideal = work / PARALLEL
    memory = found["memory"]
    assert isinstance(memory, list)
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"\n{MIRRORS} mirrors, {4 * MIRRORS} members of the lab at {LATENCY} ms, {PARALLEL} members at once, store kept"
        f"\n  machine: {os.cpu_count()} cores ({platform.machine()}), load {load}; the lab runs on the same cores"
        f"\n  work, one member after another: {work:.0f} s ({', '.join(f'{each:.1f}' for each in alone)} s a mirror)"
        f"\n  wall time: {found['seconds']:.0f} s; work / parallel = {ideal:.0f} s; ratio {found['seconds'] / ideal:.2f}"
        f"  (goal ≤ {GOAL})"
        f"\n  memory of driftsync: peak {found['peak']:.0f} MB; after {MIRRORS // 5} mirrors"
        f" {memory[MIRRORS // 5 - 1]:.0f} MB, after {MIRRORS} {memory[-1]:.0f} MB"
        f"\n  memory of one driver process: {found['child']:.0f} MB at most"
        f"\n  processor: {found['cpu']:.0f} s driftsync, {found['cpu of drivers']:.0f} s drivers"
    )
    assert found["complete"], found["unreadable"]
    assert (found["mirrors"], found["members"], found["differences"]) == (MIRRORS, 4 * MIRRORS, 0)
    assert found["seconds"] <= GOAL * ideal
