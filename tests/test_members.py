"""`driftsync members`, `driftsync init` and the settings that the lab writes: run as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from driftsync.lab.scenarios import PASSWORDS
from driftsync.settings import read_settings
from tests.mirrors import LOOPBACK, READER, VARIABLE, Served, served

Cli = Callable[..., Any]
SCHEMA = Path(__file__).parent.parent / "schemas" / "members.json"
SECRET = PASSWORDS[READER]


@pytest.fixture(scope="module")
def hospital() -> Iterator[Served]:
    with served() as running:
        yield running


def refer(running: Served, name: str = "HOSPA") -> list[str]:
    """Return the options of `init` that reach one member."""
    os.environ[VARIABLE] = SECRET
    return [
        *("--host", LOOPBACK, "--port", str(running.ports[name]), "--user", READER, "--no-tls"),
        *("--password-ref", f"env:{VARIABLE}"),
    ]


def places(running: Served, names: str) -> list[str]:
    return [
        word for name in names.split() for word in ("--member", f"{name}={LOOPBACK}:{running.ports[name]}")
    ]


# -- members ------------------------------------------------------------------------------------------------------


def test_members_shows_each_with_its_role(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    ended = cli("members", "--settings", hospital.settings(tmp_path / "d.toml"))
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0] == "mirror HOSPITAL"
    assert [line.split()[1] for line in lines[1:]] == ["HOSPA", "HOSPB", "HOSPDR", "HOSPRPT"]
    assert "primary" in lines[1]
    assert "backup" in lines[2]
    assert "without TLS" in ended.err
    assert SECRET not in ended.out + ended.err


def test_members_as_json_fits_its_schema_and_is_alone_on_stdout(
    cli: Cli, hospital: Served, tmp_path: Path
) -> None:
    ended = cli(
        "members", "HOSPITAL", "--format", "json", "--settings", hospital.settings(tmp_path / "d.toml")
    )
    report = json.loads(ended.out)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert report["complete"]
    assert [member["role"] for member in report["mirrors"][0]["members"]][:2] == ["primary", "backup"]


def test_a_member_that_is_not_reached_is_shown_and_ends_with_3(
    cli: Cli, hospital: Served, tmp_path: Path
) -> None:
    ended = cli("members", "--settings", hospital.settings(tmp_path / "d.toml", "HOSPA HOSPDR HOSPRPT"))
    assert ended.code == 3
    (line,) = [line for line in ended.out.splitlines() if "HOSPB/IRIS" in line]
    assert "✗ HOSPB" in line
    assert "not in the settings" in line
    assert "cannot be reached" in ended.out


def test_two_primaries_are_shown_and_are_an_error(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    backup = hospital.mirror.state_of(hospital.members["HOSPB"])
    backup.status = "PRIMARY"
    try:
        ended = cli("members", "--settings", hospital.settings(tmp_path / "d.toml"))
    finally:
        backup.status = "BACKUP"
    assert ended.code == 3
    assert ended.out.count("PRIMARY") == 2
    assert "several members say that they are the primary" in ended.err


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("[mirror.M]\nprimary='A'\n[member.A]\nsource='a'\n", [], "no mirror with running members"),
        ("[mirror.M]\n[member.A]\nhost='a'\nuser='x'\npassword='env:X'\n", ["N"], "no mirror N with running"),
        (None, [], "cannot be read"),
    ],
)
def test_members_without_any_says_what_is_missing(
    cli: Cli, tmp_path: Path, text: str | None, words: list[str], says: str
) -> None:
    path = tmp_path / "d.toml"
    if text:
        path.write_text(text)
    ended = cli("members", *words, "--settings", path)
    assert ended.code == 2
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_password_that_is_not_found_is_said_beside_every_member(
    cli: Cli, hospital: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hospital.settings(tmp_path / "d.toml", "HOSPA HOSPB")
    monkeypatch.delenv(VARIABLE)
    ended = cli("members", "--settings", path)
    assert ended.code == 3
    assert ended.out.count(f"the environment variable {VARIABLE} is not set") == 2


# -- init ---------------------------------------------------------------------------------------------------------


def test_init_writes_settings_that_members_takes(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    ended = cli("init", "-o", path, *refer(hospital), *places(hospital, "HOSPB HOSPDR HOSPRPT"))
    assert ended.code == 0, ended.err
    assert f"next: driftsync report --settings {path}" in ended.err
    settings = read_settings(path)
    assert list(settings.mirror) == ["HOSPITAL"]
    assert list(settings.member) == ["HOSPA", "HOSPB", "HOSPDR", "HOSPRPT"]
    assert cli("members", "--settings", path).code == 0
    assert SECRET not in path.read_text(encoding="utf-8") + ended.out + ended.err
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_init_lists_members_that_it_cannot_reach(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    ended = cli("init", "-o", path, *refer(hospital))
    assert ended.code == 3
    assert read_settings(path).member["HOSPDR"].host == "HOSPDR.invalid"
    assert "not reached when this was written" in path.read_text(encoding="utf-8")


def test_init_leaves_a_file_that_is_there(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    path.write_text("# mine\n", encoding="utf-8")
    ended = cli("init", "-o", path, *refer(hospital))
    assert (ended.code, path.read_text(encoding="utf-8")) == (2, "# mine\n")
    assert "--force" in ended.err
    assert cli("init", "-o", path, "--force", *refer(hospital)).code == 3
    assert "HOSPITAL" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["--host", "a"], "--user, --password-ref must be given", 2),
        (["--host", "a", "--user", "u", "--password-ref", "hush"], "not a reference", 2),
        (["--host", LOOPBACK, "--port", "1", "--no-tls"], "cannot be reached", 3),
        (["--member", "B"], "NAME=HOST:PORT is expected", 2),
    ],
)
def test_init_says_what_is_wrong_in_one_line(
    cli: Cli, hospital: Served, tmp_path: Path, words: list[str], says: str, code: int
) -> None:
    more = refer(hospital)[4:6] + refer(hospital)[-2:] if says == "cannot be reached" else []
    ended = cli("init", "-o", tmp_path / "driftsync.toml", *words, *more)
    assert ended.code == code
    assert says in ended.err
    assert "hush" not in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_init_of_an_instance_outside_any_mirror_writes_nothing(
    cli: Cli, hospital: Served, tmp_path: Path
) -> None:
    alone = hospital.members["HOSPA"]
    mirror, alone.mirror = alone.mirror, None
    try:
        ended = cli("init", "-o", tmp_path / "driftsync.toml", *refer(hospital))
    finally:
        alone.mirror = mirror
    assert ended.code == 3
    assert "belongs to no mirror" in ended.err
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_init_asks_on_a_terminal_and_neither_shows_nor_keeps_the_password(
    hospital: Served, tmp_path: Path
) -> None:
    answers = [LOOPBACK, str(hospital.ports["HOSPA"]), "", "n", "2", "", SECRET]
    answers += [f"{LOOPBACK}:{hospital.ports[name]}" for name in ("HOSPB", "HOSPDR")] + [""]
    shown, code = on_a_terminal([sys.executable, "-m", "driftsync", "init"], answers, tmp_path)
    assert code == 3, shown  # HOSPRPT was left where the mirror says it is
    assert SECRET not in shown
    text = (tmp_path / "driftsync.toml").read_text(encoding="utf-8")
    assert SECRET not in text
    assert 'password = "file:driftsync-password.txt"' in text
    assert "still to do: write the password into" in shown
    assert not (tmp_path / "driftsync-password.txt").exists()
    assert read_settings(tmp_path / "driftsync.toml").member["HOSPB"].port == hospital.ports["HOSPB"]


def on_a_terminal(command: list[str], answers: list[str], folder: Path) -> tuple[str, int]:
    """Answer each question of a command in a pseudo-terminal; returns what the terminal showed, and the exit."""
    import pty
    import select

    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "TERM": "dumb"}
    process = subprocess.Popen(
        command,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    os.close(follower)
    shown, waiting, until = b"", list(answers), time.monotonic() + 60
    asked = 0
    try:
        while time.monotonic() < until:
            if select.select([leader], [], [], 0.1)[0]:
                try:
                    shown += os.read(leader, 4096)
                except OSError:  # the other end is closed
                    break
            elif waiting and len(shown) > asked and shown.endswith(b": "):
                asked = len(shown)
                os.write(leader, waiting.pop(0).encode() + b"\n")
        return shown.decode(errors="replace"), process.wait(10)
    finally:
        process.kill()
        os.close(leader)


# -- the lab ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), ("--tls", "tls", "--user", "_SYSTEM")])
@pytest.mark.skipif(sys.platform == "win32", reason="ends the lab with a signal")
def test_settings_of_the_lab_are_taken_as_they_are(cli: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    path = tmp_path / "driftsync.toml"
    command = [
        sys.executable,
        "-m",
        "driftsync",
        "lab",
        "serve",
        "--scenario",
        "clean",
        "--settings-out",
        path,
    ]
    lab = subprocess.Popen(
        [*command, *(str(tmp_path / word) if word == "tls" else word for word in words)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert lab.stdout is not None
        while not lab.stdout.readline().startswith("settings: "):
            assert lab.poll() is None
        ended = cli("members", "--settings", path)
        assert ended.code == 0, ended.err
        assert ended.out.count("✓") == 4
        assert ("no TLS" in ended.out) == (not words)
        secret = path.with_name("driftsync-password.txt")
        assert secret.stat().st_mode & 0o777 == 0o600
        assert read_settings(path).login_of("HOSPB").user == ("_SYSTEM" if words else READER)
    finally:
        lab.send_signal(signal.SIGINT)
        assert lab.wait(30) == 0
        lab.stdout.close()


def test_the_lab_leaves_settings_of_somebody_else(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "driftsync.toml"
    path.write_text("# mine\n", encoding="utf-8")
    ended = cli("lab", "serve", "--settings-out", path)
    assert ended.code == 2
    assert "not written by the lab" in ended.err
    assert path.read_text(encoding="utf-8") == "# mine\n"
