"""No secret of a running member leaves driftsync in clear: every output is searched for all that the lab keeps secret."""

from __future__ import annotations

import base64
import logging
import multiprocessing
import pickle
import sys
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from driftsync.comparing import compare
from driftsync.connections import Address, connect, failures
from driftsync.extracting import extract
from driftsync.kinds import all_kinds
from driftsync.kinds.spec import Treat
from driftsync.lab.faults import parse_instance_faults, parse_wire_faults
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import Member, Secret, Snapshot
from tests.live import BACKUP, EVERYTHING, KEY, PRIMARY, PROFILES, READER, member_of, read

MARK = b"not-a-real-secret"
"""Stands in every secret of the scenario that somebody could have typed."""
HELD = ("Password", "Salt", "HOTPKey")
VARIABLE = "PASSWORD_OF_THE_LAB"


@cache
def mirror(profile: str) -> Any:
    return build("hospital", profile)


def spellings(secret: bytes) -> set[bytes]:
    """Return how a secret could stand in an output."""
    texts = {secret, base64.b64encode(secret), secret.hex().encode(), secret.hex().upper().encode()}
    texts.add(secret.decode("latin-1").encode())
    return texts | {repr(each)[2:-1].encode() for each in texts}


@cache
def canaries(profile: str) -> frozenset[bytes]:
    """Return everything that no output may hold: typed secrets, hashes, salts, keys, and the password of the login."""
    found = spellings(MARK) | {password.encode() for password in PASSWORDS.values()}
    for name in (PRIMARY, BACKUP):
        for row in member_of(mirror(profile), name).storage.rows("Security.Users"):
            for each in HELD:
                value = row.get(each)
                if isinstance(value, bytes) and len(value) > 8:
                    found |= spellings(value)
    assert len(found) > 100
    return frozenset(found)


def search(profile: str, where: str, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    assert content, where
    hit = [each for each in canaries(profile) if each in content]
    assert hit == [], where


def test_the_search_finds_what_it_looks_for() -> None:
    nurse = member_of(mirror("2024.1"), PRIMARY).where("Security.Users", Name="nina")
    for content in (
        nurse["Password"],
        base64.b64encode(nurse["Salt"]),
        repr(nurse["HOTPKey"]).encode(),
        b"x not-a-real-secret-smtp x",
        PASSWORDS[READER].encode(),
    ):
        with pytest.raises(AssertionError):
            search("2024.1", "a leak", content)


# -- what comes out of an extraction --------------------------------------------------------------------------


@pytest.fixture(
    scope="module", params=[("2022.1", READER), ("2025.2", READER), ("2025.2", EVERYTHING)], ids=str
)
def taken(request: pytest.FixtureRequest) -> tuple[str, Snapshot, Snapshot]:
    profile, user = request.param
    one, other = (
        read(member_of(mirror(profile), name), user=user, scenario="hospital").snapshot
        for name in (PRIMARY, BACKUP)
    )
    return profile, one, other


def test_a_snapshot_shows_no_secret_however_it_is_written(taken: tuple[str, Snapshot, Snapshot]) -> None:
    profile, one, other = taken
    for snapshot in (one, other):
        search(profile, "repr", repr(snapshot))
        search(profile, "str", str(snapshot))
        search(profile, "pickle", pickle.dumps(snapshot))
        search(profile, "observed", repr(snapshot.header))
        search(profile, "header", msgspec.json.encode(snapshot.header))
        for item in snapshot.items:
            search(profile, str(item.key), repr(item))


def test_every_secret_that_was_read_is_a_secret_by_type(taken: tuple[str, Snapshot, Snapshot]) -> None:
    _profile, one, _other = taken
    looked = 0
    for item in one.items:
        kind = all_kinds()[item.key.kind]
        for name, value in {**item.compared, **item.local}.items():
            declared = kind.declared(name)
            if declared is not None and declared.treat is Treat.SECRET and value is not None:
                assert isinstance(value, Secret), f"{item.key} {name}"
                looked += 1
        assert all(isinstance(value, Secret) for value in item.unlisted.values() if value is not None)
    assert looked > 15


def test_a_drift_shows_no_secret_and_still_tells_that_one_changed(
    taken: tuple[str, Snapshot, Snapshot],
) -> None:
    profile, one, other = taken
    drift = compare(one, other, show_local=True)
    search(profile, "repr", repr(drift))
    search(profile, "pickle", pickle.dumps(drift))
    changed = {
        (each.key, change.property) for each in drift.differences for change in getattr(each, "changes", [])
    }
    assert {
        ("oauth2-client:lab-api", "ClientSecret"),
        ("ldap-configuration:hospital.example", "LDAPSearchPassword"),
        ("security-settings:SYSTEM", "SMTPPassword"),
        ("task:EMR/Send claims", "Settings"),
        ("task-manager-settings:AuthPass", "Data"),
    } <= changed


# -- through the command line ------------------------------------------------------------------------------------


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    profile = getattr(request, "param", "2025.2")
    monkeypatch.setenv(VARIABLE, PASSWORDS[READER])
    members: dict[str, SimulatedInstance] = {
        name: member_of(mirror(profile), name) for name in (PRIMARY, BACKUP)
    }
    servers: list[Server] = []

    def serve(*faults: str) -> Path:
        lines = [
            "[mirror.M]",
            f'user = "{READER}"',
            f'password = "env:{VARIABLE}"',
            "tls = false",
            "deadline = 5",
        ]
        for name, instance in members.items():
            instance.faults = parse_instance_faults(faults)
            server = Server(instance, faults=parse_wire_faults(faults))
            server.start()
            servers.append(server)
            lines += [f"[member.{name.partition('/')[0]}]", 'host = "127.0.0.1"', f"port = {server.port}"]
        path = tmp_path / "driftsync.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    yield profile, serve
    for server in servers:
        server.close()


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("settings", ["2022.1", "2025.2"], indirect=True)
def test_no_output_of_any_command_shows_a_secret(
    settings: Any, cli: Callable[..., Any], tmp_path: Path, own_state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    profile, serve = settings
    path = serve()
    words = ("--settings", path, "--verbose")
    said = [cli("snapshot", "HOSPB", "-o", tmp_path / "b.jsonl", *words)]
    said.append(cli("snapshot", "HOSPA", "-o", "-", *words))
    (tmp_path / "a.jsonl").write_text(said[-1].out, encoding="utf-8")
    for shape in ("terminal", "json", "markdown", "html"):
        said.append(cli("report", "--format", shape, "--show-local", *words))
        files = (tmp_path / "a.jsonl", tmp_path / "b.jsonl")
        written = ("-o", tmp_path / f"diff.{shape}")
        said.append(cli("diff", *files, "--format", shape, "--show-local", *written, *words))
    said.append(cli("members", "--settings", path))
    assert [each.err for each in said if each.code not in {0, 1, 3}] == []
    assert any("lab-api" in each.out for each in said)
    for number, each in enumerate(said):
        search(profile, f"stdout of {number}", each.out + ".")
        search(profile, f"stderr of {number}", each.err + ".")
    for file in {*files_below(tmp_path), *files_below(own_state)} - {path}:
        search(profile, str(file), file.read_bytes() + b".")
    search(profile, "log", caplog.text + ".")


@pytest.mark.parametrize(
    "fault",
    [
        "wrong-password",
        "garbled@70",
        "crash@90",
        "nonsense@60",
        "drop@80",
        "hang@100",
        "refuse:Security.*",
        "garbled@3",
    ],
)
def test_no_error_shows_a_secret(
    settings: Any, cli: Callable[..., Any], tmp_path: Path, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    profile, serve = settings
    path = serve(fault)
    path.write_text(path.read_text().replace("deadline = 5", "deadline = 0.5"))
    ended = cli("report", "--settings", path, "--verbose")
    assert ended.code in {1, 3}
    assert "Traceback" not in ended.err
    search(profile, fault, ended.out + ended.err)
    search(profile, "log", caplog.text + ".")


def test_no_exception_carries_the_password() -> None:
    instance = member_of(mirror("2024.1"), PRIMARY)
    instance.faults = parse_instance_faults(["wrong-password"])
    with Server(instance) as server:
        address = Address("127.0.0.1", server.port, user=READER, password=PASSWORDS[READER], deadline=5.0)
        with pytest.raises(failures.LoginRefused) as caught:
            extract(lambda: connect(address, "A"), Member(name="A"), fingerprinter=KEY)
    instance.faults = parse_instance_faults([])
    error = caught.value
    text = (
        "".join(traceback.format_exception(error)) + repr(error) + error.message + error.hint + error.details
    )
    search("2024.1", "exception", text)
    search("2024.1", "address", repr(address) + str(address))


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
@pytest.mark.parametrize("profile", PROFILES)
def test_no_process_shows_a_secret_while_a_member_is_read(profile: str) -> None:
    instance = member_of(mirror(profile), PRIMARY)
    seen: list[bytes] = []

    def look() -> None:
        children = multiprocessing.active_children()
        seen.extend(Path(f"/proc/{child.pid}/cmdline").read_bytes() for child in children)

    with Server(instance, hooks=dict.fromkeys(range(4, 200, 20), look)) as server:
        address = Address("127.0.0.1", server.port, user=READER, password=PASSWORDS[READER], deadline=10.0)
        extract(lambda: connect(address, "A"), Member(name="A"), fingerprinter=KEY)
    assert len(seen) >= 5
    for each in seen:
        search(profile, "process", each)
    search(profile, "own command line", " ".join(sys.argv) + ".")


def test_what_a_connection_gives_does_not_show_itself() -> None:
    instance = member_of(mirror("2024.1"), PRIMARY)
    with Server(instance) as server:
        address = Address(
            "127.0.0.1", server.port, user=EVERYTHING, password=PASSWORDS[EVERYTHING], deadline=10.0
        )
        with connect(address, "A") as opened:
            table = opened.query("SELECT %INTERNAL(Password), %INTERNAL(Salt) FROM Security.Users")
            assert len(table.rows) > 5
            search("2024.1", "table", repr(table) + repr(opened) + repr(opened.address))
            answer = opened.call("Config.SQL", "GetList")
            search("2024.1", "answer", repr(answer))
