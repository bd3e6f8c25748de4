"""A member's log is read through the real driver: read only, from its end, no further than asked, and never taken for whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from driftsync.connections import Address, connect
from driftsync.extracting import logs as extracting
from driftsync.extracting.logs import EVENTS, WINDOW, observe_log
from driftsync.extracting.permitted import OF_OBJECTS, READERS, NotPermittedError, PermittedConnection
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import PASSWORDS, make_member
from driftsync.lab.serving import Server
from driftsync.logs.patterns import FOUND

WEEK = timedelta(days=7)
Read = Callable[[SimulatedInstance], tuple[dict[str, Any], dict[str, str], int]]


@pytest.fixture
def read() -> Read:
    """Read the log of a member of the lab; with what it cost."""

    def one(
        instance: SimulatedInstance, since: timedelta = WEEK
    ) -> tuple[dict[str, Any], dict[str, str], int]:
        with Server(instance) as server:
            address = Address(
                "127.0.0.1", server.port, user="driftsync", password=PASSWORDS["driftsync"], deadline=20.0
            )
            connection = PermittedConnection(partial(connect, address, "member"))
            try:
                told, untold = observe_log(connection, datetime.now(timezone.utc) - since)
                return told, untold, connection.round_trips
            finally:
                connection.close()

    return one


def happened(told: dict[str, Any]) -> set[str]:
    return {each["id"] for each in told[EVENTS] if each.get("sort", FOUND) == FOUND}


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("HOSPA/IRIS", {"LOG-403", "LOG-407", "LOG-415"}),
        ("HOSPB/IRIS", {"LOG-401", "LOG-405", "LOG-411", "LOG-415"}),
        ("HOSPDR/IRIS", {"LOG-404"}),
        ("HOSPRPT/IRIS", set()),
    ],
)
def test_what_is_planted_in_the_hospital_is_found(read: Read, name: str, ids: set[str]) -> None:
    told, untold, trips = read(make_member("hospital", name))
    assert (happened(told), untold) == (ids, {})
    assert told[WINDOW].get("short", "") == ""
    assert told[WINDOW]["files"] == ["/usr/irissys/mgr/messages.log"]
    assert trips <= 10
    assert all("size" not in each for each in told[EVENTS])


def test_chinese_and_the_last_line_are_kept_short(read: Read) -> None:
    told, _untold, _trips = read(make_member("hospital", "HOSPB/IRIS"))
    assert any(each["line"] == "路径 /data/导出 cannot be written" for each in told[EVENTS])


def test_cache_calls_its_log_otherwise(read: Read) -> None:
    instance = make_member("clean", "HOSPB/IRIS")
    instance.files.put("cconsole.log", instance.files.read("messages.log").replace(b"[Utility.Event] ", b""))
    instance.files.delete("messages.log")
    told, _untold, _trips = read(instance)
    assert told[WINDOW]["files"] == ["/usr/irissys/mgr/cconsole.log"]
    assert not happened(told)


def test_no_log_and_one_that_is_none_are_told_with_the_reason(read: Read) -> None:
    instance = make_member("clean", "HOSPB/IRIS")
    instance.files.put("messages.log", b"")
    told, untold, _trips = read(instance)
    assert (told, set(untold)) == ({}, {WINDOW, EVENTS})
    instance.files.delete("messages.log")
    told, untold, _trips = read(instance)
    assert (told, set(untold)) == ({}, {WINDOW, EVENTS})
    assert "mgr" in untold[WINDOW]


def test_a_log_that_was_switched_is_followed_to_the_one_before(read: Read) -> None:
    instance = make_member("hospital", "HOSPB/IRIS")
    lines = instance.files.read("messages.log").splitlines(keepends=True)
    instance.files.put("messages.log", b"".join(lines[-2:]))
    told, _untold, _trips = read(instance)
    assert told[WINDOW]["short"] == "rotated"
    instance.files.put("messages.old_20261120", b"".join(lines[:-2]))
    told, _untold, _trips = read(instance)
    assert told[WINDOW].get("short", "") == ""
    assert len(told[WINDOW]["files"]) == 2
    assert "LOG-401" in happened(told)


def test_only_the_end_is_read_and_the_bound_is_said(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make_member("clean", "HOSPB/IRIS")
    moment = datetime.now(timezone.utc) - timedelta(days=2)
    usual = f"{moment:%m/%d/%y-%H:%M:%S}:000 (1) 0 [Utility.Event] usual {'x' * 400}\n".encode() * 4000
    instance.files.put("messages.log", instance.files.read("messages.log") + usual)
    whole, _untold, trips = read(instance)
    assert whole[WINDOW].get("short", "") == ""
    monkeypatch.setattr(extracting, "MOST", 600_000)
    told, _untold, fewer = read(instance)
    assert (told[WINDOW]["short"], told[WINDOW]["read"] <= 600_000) == ("bound", True)
    assert fewer < trips


def test_a_time_zone_of_the_member_moves_the_window(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = make_member("clean", "HOSPB/IRIS")
    there = instance.moment
    day, _comma, second = there().partition(",")
    ahead = int(day) + (float(second) + 8 * 3600) // 86400, (float(second) + 8 * 3600) % 86400
    monkeypatch.setattr(instance, "moment", lambda: f"{int(ahead[0])},{ahead[1]:.6f}")
    moment = datetime.now(timezone.utc) + timedelta(hours=7, minutes=30)
    line = f"{moment:%m/%d/%y-%H:%M:%S}:000 (1) 2 [Utility.Event] no room\n".encode()
    before = f"{moment - timedelta(hours=2):%m/%d/%y-%H:%M:%S}:000 (1) 2 [Utility.Event] no light\n".encode()
    instance.files.put("messages.log", instance.files.read("messages.log") + before + line)
    told, _untold, _trips = read(instance, timedelta(hours=1))  # type: ignore[call-arg]
    assert [each["line"] for each in told[EVENTS] if each["id"] == "LOG-415"] == ["no room"]


def test_nothing_that_writes_is_permitted() -> None:
    assert READERS["%Stream.FileBinary"] == {"%New"}
    assert not OF_OBJECTS & {
        "Write",
        "WriteLine",
        "%Save",
        "Clear",
        "CopyFrom",
        "SaveStream",
        "CopyFromAndSave",
    }
    with pytest.raises(NotPermittedError):
        PermittedConnection(lambda: None).call("%Stream.FileBinary", "%Save")  # type: ignore[arg-type, return-value]
