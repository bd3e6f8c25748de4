"""Many mirrors side by side: bounded, each with its own time, and none of them hides another."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from driftsync.cli import reading
from driftsync.cli import reported as one_mirror
from driftsync.cli.mirrors import compare_mirrors
from driftsync.comparing import Lines, Scope
from driftsync.connections import TimeLimit
from driftsync.connections.failures import TimeOver
from driftsync.errors import SettingsError, StoreError
from driftsync.model import Report
from driftsync.remembering import without_run
from driftsync.settings import read_settings
from driftsync.store import Store
from tests.mirrors import READER, VARIABLE, Served, served

EXPORT = Path(__file__).parents[1] / "examples" / "hospital"


def settings_for(folder: Path, mirrors: dict[str, str], head: str = "") -> Path:
    """Write settings of mirrors of two members each, read from the example's exports; `mirrors` adds lines to each."""
    lines = [head]
    for name, more in mirrors.items():
        lines += [f"[mirror.{name}]", f'primary = "{name}-A"', more]
        for letter, export in (("A", "hosp-a"), ("B", "hosp-b")):
            lines += [f"[member.{name}-{letter}]", f'mirror = "{name}"', f'source = "{EXPORT / export}"']
    path = folder / "driftsync.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def compared(path: Path, *wanted: str, parallel: int = 0, store: Store | None = None) -> Report:
    return compare_mirrors(
        read_settings(path), list(wanted), Scope(), show_local=False, cross_product=False, quiet=True,
        store=store, parallel=parallel,
    )  # fmt: skip


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count how many members are read at once."""
    counts = {"now": 0, "most": 0}
    lock = threading.Lock()
    real = reading.read_configured

    def counted(name: str, *words: object, **more: object) -> Lines:
        with lock:
            counts["now"] += 1
            counts["most"] = max(counts["most"], counts["now"])
        try:
            time.sleep(0.02)
            return real(name, *words, **more)  # type: ignore[arg-type]
        finally:
            with lock:
                counts["now"] -= 1

    monkeypatch.setattr(reading, "read_configured", counted)
    return counts


NAMES = [f"M{number}" for number in range(6)]


@pytest.mark.parametrize("parallel", [1, 3])
def test_no_more_members_than_allowed_and_mirrors_in_order(
    tmp_path: Path, watched: dict[str, int], parallel: int
) -> None:
    report = compared(settings_for(tmp_path, dict.fromkeys(NAMES, "")), parallel=parallel)
    assert [mirror.name for mirror in report.mirrors] == NAMES
    assert all(len(mirror.drifts) == 1 and not mirror.unreadable for mirror in report.mirrors)
    assert watched["most"] == parallel


def test_the_settings_say_how_many(tmp_path: Path, watched: dict[str, int]) -> None:
    compared(settings_for(tmp_path, dict.fromkeys(NAMES, ""), "[report]\nparallel = 2\n"))
    assert watched["most"] == 2


@pytest.mark.parametrize("words", ["parallel = 0", "parallel = 65", "time_limit = 0", "paralel = 2"])
def test_nonsense_in_the_settings_is_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(SettingsError, match="report"):
        read_settings(settings_for(tmp_path, {"M": ""}, f"[report]\n{words}\n"))


def test_a_mistake_at_one_member_or_mirror_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, compare = reading.read_configured, one_mirror.compare

    def broken(name: str, *words: object, **more: object) -> Lines:
        if name == "M1-B":
            raise KeyError("canary")
        return real(name, *words, **more)  # type: ignore[arg-type]

    def half(primary: Lines, member: Lines, **more: object) -> object:
        if member.header.member.name == "M2-B":
            raise RuntimeError("canary")
        return compare(primary, member, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_configured", broken)
    monkeypatch.setattr(one_mirror, "compare", half)
    report = compared(settings_for(tmp_path, dict.fromkeys(NAMES, "")))
    reasons = {mirror.name: [each.reason for each in mirror.unreadable] for mirror in report.mirrors}
    assert "internal error (KeyError at test_mirrors.py:" in reasons["M1"][0]
    assert all("internal error (RuntimeError" in reason for reason in reasons["M2"])
    assert "canary" not in str(reasons)
    assert [name for name, found in reasons.items() if not found] == ["M0", "M3", "M4", "M5"]
    assert not report.complete


def test_a_store_that_fails_midway_loses_no_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: Store, seen: one_mirror.Seen, **_more: object) -> None:
        if seen.mirror == "M1":
            raise StoreError("the store is full", hint="free some space")
        return real(_store, seen, **_more)  # type: ignore[arg-type, return-value]

    real = one_mirror.remember
    monkeypatch.setattr(one_mirror, "remember", full)
    with Store(tmp_path / "store.db") as store:
        report = compared(settings_for(tmp_path, dict.fromkeys(NAMES[:3], "")), store=store)
        assert [run.mirror for run in store.runs()][::-1] in (["M0", "M2"], ["M2", "M0"])
    assert [bool(mirror.night) for mirror in report.mirrors] == [True, False, True]
    assert report.mirrors[1].not_kept == "the store is full (free some space)"
    assert report.mirrors[1].drifts[0].differences
    assert not report.complete


def test_every_mirror_is_kept_whole_whatever_the_order(tmp_path: Path) -> None:
    path = settings_for(tmp_path, dict.fromkeys(NAMES, ""))
    with Store(tmp_path / "store.db") as store:
        first = compared(path, store=store)
        second = compared(path, store=store)
        assert len(store.runs()) == 2 * len(NAMES)
    assert all(mirror.night and not mirror.night.previous for mirror in first.mirrors)
    for mirror in second.mirrors:
        assert mirror.night
        assert mirror.night.previous
        assert not any(standing.new for standing in mirror.night.standings)


# -- nights without a run ------------------------------------------------------------------------------------------


def test_mirrors_that_nobody_reads_any_more_are_named(tmp_path: Path) -> None:
    path = settings_for(tmp_path, dict.fromkeys(["READ", "NEVER", "LATELY"], ""))
    with Store(tmp_path / "store.db") as store:
        compared(path, "LATELY", store=store)
        today = datetime.now(timezone.utc).date()
        report = compared(path, "READ", store=store)
        assert [(each.mirror, each.last) for each in report.without_run] == [("NEVER", "")]
        later = without_run(store, ["LATELY", "NEVER"], today + timedelta(days=2))
        assert [each.mirror for each in later] == ["LATELY", "NEVER"]
        assert date.fromisoformat(later[0].last[:10]) == today
        assert without_run(store, ["LATELY"], today + timedelta(days=1)) == []
    assert compared(path, "READ").without_run == []


# -- the time of a mirror ------------------------------------------------------------------------------------------


def test_a_time_limit_begins_once_and_ends_once() -> None:
    endless, short = TimeLimit(), TimeLimit(0.05)
    assert endless.left > 1e9
    short.begin()
    short.begin()
    assert short.left <= 0.05
    time.sleep(0.06)
    with pytest.raises(TimeOver, match=r"the 0 s that its mirror may take were over") as error:
        short.check("A")
    assert "time_limit" in error.value.hint
    endless.end()
    with pytest.raises(TimeOver, match="interrupted"):
        endless.check("A")


@pytest.fixture(scope="module")
def slow() -> Iterator[Served]:
    """A mirror of which one member is silent from its thirtieth message on."""
    with served("2024.1", faults={"HOSPB": ["hang@30"]}) as found:
        yield found


def mirror_of(slow: Served, members: str, words: str) -> str:
    lines = ["[mirror.SLOW]", f'user = "{READER}"', f'password = "env:{VARIABLE}"', "tls = false", words]
    for name in members.split():
        lines += [
            f"[member.{name}]", 'mirror = "SLOW"', 'host = "127.0.0.1"', f"port = {slow.ports[name]}",
        ]  # fmt: skip
    return "\n".join(lines)


def test_the_time_of_a_mirror_ends_what_is_slow_and_keeps_the_rest(
    slow: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow.login("HOSPA")  # sets the password
    path = settings_for(
        tmp_path, {"M0": ""}, mirror_of(slow, "HOSPA HOSPB HOSPDR", "deadline = 60\ntime_limit = 12") + "\n"
    )
    begun = time.monotonic()
    report = compared(path)
    assert time.monotonic() - begun < 16
    found = {mirror.name: mirror for mirror in report.mirrors}
    assert found["M0"].drifts
    assert not found["M0"].unreadable
    assert [each.member.name for each in found["SLOW"].drifts] == ["HOSPDR"]
    [lost] = found["SLOW"].unreadable
    assert lost.member == "HOSPB"
    assert "the 12 s that its mirror may take were over" in lost.reason
    assert not multiprocessing.active_children()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_interrupted_it_ends_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    """Twenty members that accept a connection and never say a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        lines = ["[report]", "parallel = 4"]
        for number in range(5):
            lines += [
                f"[mirror.M{number}]", 'user = "u"', 'password = "env:P"', "tls = false", "deadline = 60"
            ]  # fmt: skip
            for letter in "ABCD":
                lines += [f"[member.M{number}{letter}]", f'mirror = "M{number}"', 'host = "127.0.0.1"']
                lines += [f"port = {silent.getsockname()[1]}"]
        path = tmp_path / "driftsync.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "driftsync", "report", "--settings", str(path), "--format", "json"]
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True,
            env={**os.environ, "P": "x", "DRIFTSYNC_STORE": str(tmp_path / "store.db")},
        )  # fmt: skip
        time.sleep(5)
        assert running.poll() is None
        begun = time.monotonic()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        assert running.returncode == 130
        assert time.monotonic() - begun < 5
        assert out == ""
        assert "interrupted" in err
        assert _gone(running.pid, seconds=3), subprocess.run(["ps", "-o", "pid,args"], check=False)


def _gone(group: int, seconds: float) -> bool:
    """Say whether every process of the group ends; the tracker of multiprocessing ends a moment after its parent."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


# -- what is seen of it --------------------------------------------------------------------------------------------


def test_many_mirrors_are_counted_in_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSYNC_STORE", str(tmp_path / "store.db"))
    path = settings_for(tmp_path, dict.fromkeys(NAMES[:3], ""))
    settings = read_settings(path)
    compare_mirrors(settings, [], Scope(), show_local=False, cross_product=False, quiet=False)
    lines = capsys.readouterr().err.splitlines()
    assert [line[line.index("(") :] for line in lines] == ["(1 of 3)", "(2 of 3)", "(3 of 3)"]
    assert sorted(line.split()[1] for line in lines) == NAMES[:3]
