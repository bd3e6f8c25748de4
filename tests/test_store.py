"""The store: a whole run or nothing, each content once, and nothing made anew where something was."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from driftsync.errors import DriftsyncError, StoreError
from driftsync.store import Store, schema
from tests.nights import FIRST, MEMORY, MIRROR, Held, Nights, one

Cli = Callable[..., Any]
HELD: dict[str, Held] = {"A": {"x": "1", "y": "1"}, "B": {"x": "2", "y": "1"}}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder in memory: many stores are made, and a disk would be asked to keep each of them."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "store.sqlite"


@pytest.fixture
def nights(path: Path) -> Iterator[Nights]:
    found = Nights(path)
    yield found
    found.store.close()


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_equal_contents_are_kept_once(nights: Nights, path: Path) -> None:
    for _night in range(5):
        nights.run("A", HELD)
    assert rows(path, "SELECT (SELECT COUNT(*) FROM reading), (SELECT COUNT(*) FROM content)") == [(10, 2)]


def test_retention_goes_by_age_and_by_count_and_leaves_findings(nights: Nights, path: Path) -> None:
    for night in range(10):
        nights.run("A", {**HELD, "B": {"x": f"{night}"}})
    with nights.store.writing():
        assert nights.store.prune(MIRROR, keep_runs=3, before=date(1999, 1, 1)) == 0
        assert nights.store.prune(MIRROR, keep_runs=8, before=nights.now.date()) == 2
        assert nights.store.prune(MIRROR, keep_runs=1, before=(nights.now - timedelta(days=4)).date()) == 3
        assert nights.store.prune("another", keep_runs=1, before=nights.now.date()) == 0
    assert [run.id for run in nights.store.runs()] == [10, 9, 8, 7, 6]
    assert rows(path, "SELECT COUNT(*) FROM content") == [(6,)]
    assert nights.open()
    standing = one(nights.run("A", {**HELD, "B": {"x": "9"}}), "B", "role:x")
    assert (standing.new, standing.since[:10]) == (False, (FIRST + timedelta(days=3)).date().isoformat())


def test_runs_tell_how_many_differences_they_saw(nights: Nights) -> None:
    nights.run("A", HELD)
    nights.run("A", {"A": {"x": "1"}, "B": "silent"})
    nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}})
    assert [(run.differences, run.complete) for run in nights.store.runs()] == [
        (0, True),
        (0, False),
        (1, True),
    ]
    assert nights.store.errors_of(2) == {"B": "silent"}


def test_what_was_collected_of_a_member_is_given_back(nights: Nights) -> None:
    nights.run("A", HELD)
    before = nights.store.before(MIRROR, "B")
    assert before is not None
    assert (before.header.member.name, len(before.lines)) == ("B", 2)
    assert nights.store.before(MIRROR, "C") is None


# -- versions ---------------------------------------------------------------------------------------------------------


def store_of_version(path: Path, version: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    for script in schema.MIGRATIONS[:version]:
        connection.executescript(script)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()


def test_an_older_store_is_brought_up_to_date_with_what_it_holds(path: Path) -> None:
    store_of_version(path, 1)
    connection = sqlite3.connect(path)
    connection.executescript(
        "INSERT INTO run VALUES (1, 'M', '2026-10-01T00:00:00+00:00', '2026-10-01T00:00:01+00:00', 'A', 1, '0.1');"
        "INSERT INTO agreed VALUES ('M', 'A', 'role:y', 'd', 1);"
        "INSERT INTO finding (mirror, member, key, kind, type, severity, digest, first_run, first_seen, last_run,"
        " last_seen) VALUES ('M', 'B', 'role:x', 'role', 'changed', 'security', 'd', 1, '2026-10-01T00:00:01+00:00', 1,"
        " '2026-10-01T00:00:01+00:00');"
    )
    connection.close()
    with Store(path, make=False) as store:
        assert store.runs()[0].differences == 1
        assert store.agreed("M", "A")["role:y"].version == "d"
        assert ("B", "role:x") in store.open_findings("M")
    assert rows(path, "PRAGMA user_version") == [(len(schema.MIGRATIONS),)]


def test_a_store_without_a_version_gets_all_tables(path: Path) -> None:
    store_of_version(path, 0)
    with Store(path, make=False) as store:
        assert store.runs() == []


def test_every_way_to_the_present_version_makes_the_same_tables(tmp_path: Path) -> None:
    for version in range(len(schema.MIGRATIONS) + 1):
        store_of_version(tmp_path / f"{version}.sqlite", version)
        Store(tmp_path / f"{version}.sqlite").close()
    Store(tmp_path / "new.sqlite").close()
    made = {
        str(rows(each, "SELECT type, name, sql FROM sqlite_master ORDER BY name"))
        for each in tmp_path.glob("*.sqlite")
    }
    assert len(made) == 1


def test_a_migration_that_fails_leaves_the_older_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_of_version(path, 1)
    monkeypatch.setattr(
        schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE more (x); CREATE TABLE run (x);")
    )
    with pytest.raises(StoreError):
        Store(path)
    assert rows(path, "PRAGMA user_version") == [(1,)]
    assert rows(path, "SELECT name FROM sqlite_master WHERE name = 'more'") == []


def test_a_store_of_a_newer_driftsync_is_refused_and_left_as_it_is(path: Path) -> None:
    store_of_version(path, len(schema.MIGRATIONS))
    sqlite3.connect(path).execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer driftsync"):
        Store(path)
    assert path.read_bytes() == before


# -- files that are no whole store ------------------------------------------------------------------------------------


def test_a_database_of_somebody_else_is_refused_and_left_as_it_is(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE mine (x); INSERT INTO mine VALUES (1);")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is no store of driftsync") as error:
        Store(path)
    assert "DRIFTSYNC_STORE" in error.value.hint
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"SQLite format 3", b"not a database at all\n" * 100])
def test_what_is_no_database_is_damaged_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged") as error:
        Store(path)
    assert "backup" in error.value.hint
    assert path.read_bytes() == content


def whole_store(path: Path) -> bytes:
    nights = Nights(path)
    for night in range(4):
        nights.run("A", {**HELD, "B": {f"r{number}": f"{night}" for number in range(40)}})
        nights.accept("B")
    nights.store.close()
    return path.read_bytes()


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_store_that_was_cut_is_damaged(path: Path, part: float) -> None:
    content = whole_store(path)
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(StoreError, match="is damaged"):
        Store(path)


def test_a_flipped_bit_is_told_or_does_no_harm_and_never_makes_a_new_store(path: Path, folder: Path) -> None:
    content = whole_store(path)
    told = 0
    for step in range(120):
        hurt = bytearray(content)
        hurt[(step * 7919 + 13) % len(content)] ^= 1 << step % 8
        one_of = folder / f"{step}" / "store.sqlite"
        one_of.parent.mkdir()
        one_of.write_bytes(hurt)
        try:
            nights = Nights(one_of)
        except DriftsyncError:
            told += 1
            assert one_of.read_bytes() == hurt
            continue
        try:
            assert len(nights.store.runs()) == 4
            nights.now = FIRST + timedelta(days=4)
            nights.run("A", HELD)
        except StoreError:
            told += 1
        finally:
            nights.store.close()
    assert told > 5


def test_a_log_that_is_left_of_a_store_that_is_gone_is_not_mixed_into_a_new_one(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"x" * 100)
    with pytest.raises(StoreError, match=r"is gone, but store\.sqlite-wal is left"):
        Store(path)
    assert not path.exists()


def test_a_place_that_is_no_folder_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used") as error:
        Store(tmp_path / "file" / "store.sqlite")
    assert "[store] path" in error.value.hint
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot be used"):
        Store(tmp_path / "folder")


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs a user who is bound by permissions"
)
def test_a_folder_that_is_read_only_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be"):
            Store(tmp_path / "store.sqlite")
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_and_a_read_only_file_are_told_from_damage(path: Path) -> None:
    for said in ("database or disk is full", "attempt to write a readonly database"):
        assert "cannot be written" in schema.told(path, sqlite3.OperationalError(said)).message
    assert (
        "cannot be used"
        in schema.told(path, sqlite3.OperationalError("unable to open database file")).message
    )


def test_a_store_in_use_is_waited_for_and_then_told(
    nights: Nights, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.2)
    other = Nights(path)
    with nights.store.writing(), pytest.raises(StoreError, match="in use by another run"):
        other.run("A", HELD)
    other.run("A", HELD)
    assert len(other.store.runs()) == 1
    other.store.close()


def test_there_is_no_store_yet_is_another_sentence(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store") as error:
        Store(path, make=False)
    assert "first run" in error.value.hint
    assert not path.exists()


# -- killed, and two at once ------------------------------------------------------------------------------------------

CHILD = """
import os, signal, sys
from pathlib import Path
from driftsync.store import schema
from tests.nights import Nights
held, runs = eval(sys.argv[1]), eval(sys.argv[2])
count, fatal = 0, 0
def counted(_statement):
    global count
    count += 1
    if count == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
opened = schema._open
def watched(path):
    connection = opened(path)
    connection.set_trace_callback(counted)
    return connection
schema._open = watched
for path, fatal in runs:
    if len(runs) > 1 and os.fork():
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
        continue
    Nights(Path(path)).run("A", held)
    if len(runs) == 1:
        print(count)
    else:
        os._exit(0)
"""
"""Runs over one store after another; each is killed at its statement of that number."""


def child(held: object, *runs: tuple[Path, int]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, repr(held), repr([(str(path), fatal) for path, fatal in runs])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


def dump(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_run_that_is_killed_at_any_statement_is_kept_whole_or_not_at_all(folder: Path) -> None:
    first = folder / "first.sqlite"
    nights = Nights(first)
    nights.run("A", HELD)
    nights.accept("B")
    nights.store.close()
    nothing = dump(first)
    changed: dict[str, Held] = {"A": {"x": "1", "z": "1"}, "B": {"x": "3", "y": "1"}}

    def copy(name: str) -> Path:
        path = folder / name
        path.write_bytes(first.read_bytes())
        return path

    statements = int(child(changed, (copy("whole.sqlite"), 0)).communicate()[0])
    assert statements > 25
    whole = dump(folder / "whole.sqlite")
    assert whole != nothing
    runs = [(copy(f"{number}.sqlite"), number) for number in range(1, statements + 2)]
    out, err = child(changed, *runs).communicate()
    assert out.split() == [*[str(-signal.SIGKILL)] * statements, "0"], err
    for path, number in runs:
        found = dump(path)
        assert found == (whole if number > statements else nothing), f"killed at {number} of {statements}"
        again = Nights(path)
        again.now = FIRST + timedelta(days=2)
        assert again.run("A", changed).standings
        again.store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_store_whose_making_was_killed_is_made_at_the_next_run(path: Path) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(b"half")
    aside.with_name(f"{aside.name}-journal").write_bytes(b"half of a journal")
    nights = Nights(path)
    assert not nights.run("A", HELD).previous
    nights.store.close()
    assert not aside.exists()


def test_runs_of_several_processes_at_once_are_all_kept(path: Path) -> None:
    """The store does not even exist when they begin."""
    children = [child({**HELD, "B": {"x": f"other {number}"}}, (path, 0)) for number in range(4)]
    for process in children:
        out, err = process.communicate()
        assert process.returncode == 0, out + err
    with Store(path, make=False) as store:
        assert len(store.runs()) == 4
        assert len(store.open_findings(MIRROR)) == 2
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


# -- the commands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("history",), ("accept", "role:x", "--settings", "d.toml")])
def test_commands_say_that_there_is_no_store_yet(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.toml").write_text("[mirror.M]\nprimary='A'\n[member.A]\nsource='a'\n")
    ended = cli(*words)
    assert ended.code == 2
    assert "there is no store at" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_commands_say_that_the_store_is_damaged(cli: Cli, own_state: Path) -> None:
    (own_state / "store.sqlite").write_bytes(b"")
    ended = cli("history")
    assert (ended.code, ended.out) == (2, "")
    assert "is damaged" in ended.err
    assert (own_state / "store.sqlite").read_bytes() == b""
