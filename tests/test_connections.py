"""Connections through the real driver to the lab: what they answer, and what they do when nothing answers."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from driftsync.connections import Address, connect, failures
from driftsync.connections.credentials import find
from driftsync.connections.guarded import GuardedConnection
from driftsync.connections.interface import BY_REFERENCE, ObjectHandle
from driftsync.errors import SettingsError
from driftsync.lab.faults import parse_instance_faults, parse_wire_faults
from driftsync.lab.scenarios import PASSWORDS, make_member
from driftsync.lab.serving import Server

Serve = Callable[..., Address]
USER = "_SYSTEM"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve one member in this process and return its address."""
    with ExitStack() as stack:

        def start(*faults: str, deadline: float = 20.0, user: str = USER, password: str = "") -> Address:
            instance = make_member("hospital", "HOSPA/IRIS", "2024.1", parse_instance_faults(faults))
            server = stack.enter_context(Server(instance, faults=parse_wire_faults(faults)))
            return Address(
                "127.0.0.1", server.port, user=user, password=password or PASSWORDS[user], deadline=deadline
            )

        yield start


def ask_often(address: Address) -> None:
    with connect(address, "A") as opened:
        for _number in range(6):
            opened.query("SELECT Name FROM Security.Users")


@pytest.fixture
def connection(serve: Serve) -> Iterator[GuardedConnection]:
    with connect(serve(), "A") as opened:
        yield opened


def test_the_version_is_the_members_own(connection: GuardedConnection) -> None:
    assert "2024.1" in connection.version


def test_a_query_gives_columns_and_rows(connection: GuardedConnection) -> None:
    table = connection.query("SELECT Name, Enabled FROM Security.Users WHERE Name = ?", USER)
    assert table.columns == ("Name", "Enabled")
    assert table.records() == [{"Name": USER, "Enabled": "Yes"}]
    assert connection.calls == 1


def test_a_call_brings_back_what_was_passed_by_reference(connection: GuardedConnection) -> None:
    answer = connection.call("Security.Roles", "Exists", "%Operator", BY_REFERENCE, BY_REFERENCE)
    assert answer.value == 1
    role, _status = answer.returned
    assert isinstance(role, ObjectHandle)
    assert connection.get(role, "Name") == "%Operator"
    exported = connection.invoke(role, "XMLExportToString", BY_REFERENCE, "Roles")
    assert exported.returned[0].startswith("<Roles>")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("SELECT Name FROM No.Such", failures.NotThere),
        ("SELECT Nope FROM Security.Users", failures.NotThere),
        ("SELEC Name", failures.StatementFailed),
    ],
)
def test_a_failed_statement_leaves_the_connection_good(
    connection: GuardedConnection, statement: str, kind: type[failures.CallFailed]
) -> None:
    with pytest.raises(kind) as error:
        connection.query(statement)
    assert "A (127.0.0.1:" in error.value.message
    assert "\n" not in error.value.message
    assert connection.query("SELECT Name FROM Security.Users").rows


def test_an_absent_class_and_a_refused_one_are_told_apart(serve: Serve) -> None:
    with connect(serve("refuse:Security.Users"), "A") as opened:
        with pytest.raises(failures.NotThere):
            opened.call("No.Such", "Method")
        with pytest.raises(failures.NotPrivileged):
            opened.query("SELECT Name FROM Security.Users_List()")


def test_a_wrong_password_says_what_to_check_and_shows_no_password(serve: Serve) -> None:
    with pytest.raises(failures.LoginRefused) as error:
        connect(serve(password="not-the-password"), "A")
    assert "password" in error.value.hint
    assert "not-the-password" not in f"{error.value.message}{error.value.hint}{error.value.details}"


def test_nobody_listening_is_an_error_with_a_hint() -> None:
    with pytest.raises(failures.ConnectionFailed) as error:
        connect(Address("127.0.0.1", 1, user="x", password="y", deadline=2.0), "A")
    assert "1972" in error.value.hint


@pytest.mark.parametrize("message", range(1, 7))
def test_a_silent_member_costs_its_deadline_and_no_more(serve: Serve, message: int) -> None:
    address = serve(f"hang@{message}", deadline=1.0)
    started = time.monotonic()
    with pytest.raises(failures.MemberSilent):
        ask_often(address)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("fault", ["drop", "crash", "nonsense", "garbled"])
@pytest.mark.parametrize("message", [2, 4, 6])
def test_whatever_the_member_sends_is_survived(serve: Serve, fault: str, message: int) -> None:
    address = serve(f"{fault}@{message}", deadline=2.0)
    with pytest.raises((failures.ConnectionFailed, failures.CallFailed)) as error:
        ask_often(address)
    assert "\n" not in error.value.message


def test_a_password_is_in_no_repr_and_in_no_process_list(serve: Serve) -> None:
    address = serve()
    assert address.password not in repr(address)
    if sys.platform != "win32":
        with connect(address, "A"):
            processes = subprocess.run(["ps", "-ef"], capture_output=True, text=True, check=False).stdout
        assert address.password not in processes


def test_closing_twice_and_using_after_is_no_surprise(serve: Serve) -> None:
    opened = connect(serve(), "A")
    opened.close()
    opened.close()
    with pytest.raises(failures.ConnectionFailed):
        opened.query("SELECT Name FROM Security.Users")


# -- passwords by reference -----------------------------------------------------------------------------------


def test_a_password_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "hush")
    assert find("env:LAB_PASSWORD", tmp_path) == "hush"
    with pytest.raises(SettingsError, match="NOT_SET"):
        find("env:NOT_SET", tmp_path)


def test_a_password_from_a_file_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("hush\n")
    path.chmod(stat.S_IRUSR)
    assert find("file:password", tmp_path) == "hush"
    if sys.platform != "win32":
        path.chmod(0o644)
        with pytest.raises(SettingsError, match="others can read"):
            find("file:password", tmp_path)
    with pytest.raises(SettingsError):
        find("file:nowhere", tmp_path)


def test_a_password_from_a_command(tmp_path: Path) -> None:
    python = f'"{sys.executable}"' if sys.platform == "win32" else sys.executable
    assert find(f"command:{python} -c \"print('hush')\"", tmp_path) == "hush"
    count = tmp_path / "count"
    line = f"command:{python} -c \"open(r'{count}', 'a').write('x'); print('hush')\""
    if sys.platform != "win32":
        assert [find(line, tmp_path) for _each in range(2)] == ["hush", "hush"]
        assert count.read_text() == "x", "a vault is asked once"
    with pytest.raises(SettingsError) as error:
        find(f"command:{python} -c \"print('hush'); raise SystemExit(1)\"", tmp_path)
    assert "hush" not in error.value.message + error.value.details


@pytest.mark.parametrize("reference", ["hush", "plain:hush", ""])
def test_a_password_in_clear_is_refused_and_not_repeated(reference: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        find(reference, tmp_path)
    assert "hush" not in error.value.message + error.value.hint
