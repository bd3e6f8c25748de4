"""What `^MIRROR` or an SNMP agent showed, as a file: read right, and of what was cut off nothing is known."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.files import write_lines
from driftsync.model import MemberRole
from driftsync.statuses import StatusUnreadable, Told, read_status, told_of
from driftsync.statuses.telling import ARBITER, DATABASE, FACTS, JOURNAL, MEMBERS, MODE, STATUS
from tests.test_forecasts import header

A, B, C, D = "HOSPA", "HOSPB/IRIS", "HOSPDR/IRIS", "HOSPRPT/IRIS"
DISPLAY = """

Status of Mirror HOSPITAL at 17:17:53 on 02/27/2026

Member Name+Type            Status     Journal Transfer  Dejournaling
--------------------------  ---------  ----------------  --------------
HOSPA
     Failover               Primary    N/A               N/A
HOSPB/IRIS
     Failover               Backup     Active            Caught up
HOSPDR/IRIS
     Disaster Recovery      Connected  120 seconds behind 3600 seconds behind
HOSPRPT/IRIS
     Read-Only Reporting    Down       Disconnected on 2026-02-20 03:00:00  Warning! Dejournaling is stopped.

Arbiter Connection Status:
     Arbiter Address: 127.0.0.1|2188
     Failover Mode: Arbiter Controlled
     Connection Status: Both failover members are connected to the arbiter

Press RETURN to refresh, D to toggle database display, Q to quit,
 or specify new refresh interval <60>
"""
CHINESE = """镜像 HOSPITAL 的状态 17:17:53 2026-02-27

成员名称+类型               状态       日志传输          重演日志
--------------------------  ---------  ----------------  --------------
HOSPA
     故障转移成员           主机       不适用            不适用
HOSPB/IRIS
     故障转移成员           备机       活动              被捕获
HOSPDR/IRIS
     灾备异步成员           已连接     落后 120 秒       落后 1 小时

仲裁程序连接状态:
     仲裁程序地址: 127.0.0.1|2188
     故障转移模式: 仲裁程序受控制
     连接状态: 两个故障转移成员均已连接到仲裁程序

"""
WALK = """ISC-IRIS::irisMirrorMemberName.4.84.69.83.84.1 = STRING: "HOSPA"
ISC-IRIS::irisMirrorMemberName.4.84.69.83.84.2 = STRING: "HOSPB/IRIS"
ISC-IRIS::irisMirrorMemberType.4.84.69.83.84.1 = STRING: "Failover"
ISC-IRIS::irisMirrorMemberType.4.84.69.83.84.2 = STRING: "Failover"
ISC-IRIS::irisMirrorMemberStatus.4.84.69.83.84.1 = INTEGER: primary(1)
ISC-IRIS::irisMirrorMemberStatus.4.84.69.83.84.2 = INTEGER: backup(2)
ISC-IRIS::irisMirrorJournalTransfer.4.84.69.83.84.2 = STRING: "Active"
ISC-IRIS::irisMirrorDejournaling.4.84.69.83.84.2 = STRING: "Caught up"
ISC-IRIS::irisSysName.4.84.69.83.84.1 = STRING: "HOSPA"
SNMPv2-MIB::sysName.0 = STRING: "host"
"""
BOTH = "Both failover members are connected to the arbiter"


def told(text: str, name: str) -> Told:
    return told_of(read_status(text.encode()), {name})


@pytest.mark.parametrize(
    ("name", "role", "status", "journal", "database"),
    [
        (A, "PRIMARY", "PRIMARY", None, None),
        (B, "BACKUP", "BACKUP", 0, 0),
        (C, "DISASTER_RECOVERY", "CONNECTED", 120, 3600),
        (D, "READ_ONLY_REPORTING", "DOWN", -1, -1),
    ],
)
def test_the_display_of_a_failover_member(
    name: str, role: str, status: str, journal: int | None, database: int | None
) -> None:
    found = told(DISPLAY, name)
    assert (found.instance, found.role, found.observed[STATUS]) == (name, role, status)
    assert (found.observed.get(JOURNAL), found.observed.get(DATABASE)) == (journal, database)
    assert (found.observed[ARBITER], found.observed[MODE]) == (BOTH, "Arbiter Controlled")
    assert [row["MemberName"] for row in found.observed[MEMBERS]] == [A, B, C, D]
    assert set(FACTS) == found.observed.keys() | found.unobserved.keys()


def test_the_display_says_when_it_was_shown() -> None:
    shown = read_status(DISPLAY.encode())
    assert (shown.mirror, shown.moment) == ("HOSPITAL", datetime.fromisoformat("2026-02-27T17:17:53"))


def test_a_chinese_display_says_the_same() -> None:
    shown = read_status(CHINESE.encode("gb18030"))
    assert (shown.mirror, shown.moment) == ("HOSPITAL", datetime.fromisoformat("2026-02-27T17:17:53"))
    for name in (A, B, C):
        english, chinese = told(DISPLAY, name), told_of(shown, {name})
        assert chinese.role == english.role
        for fact in (STATUS, JOURNAL, DATABASE):
            assert chinese.observed.get(fact) == english.observed.get(fact)
    assert {ARBITER, MODE} <= told_of(shown, {A}).observed.keys()


def test_the_last_screen_counts() -> None:
    later = DISPLAY.replace("Backup     Active", "Crashed    N/A   ").replace("17:17:53", "17:18:53")
    found = told(DISPLAY + later, B)
    assert (found.role, found.observed[STATUS]) == ("FAILOVER", "CRASHED")


def test_a_primary_in_trouble() -> None:
    found = told(DISPLAY.replace("Primary  ", "In Trouble"), A)
    assert (found.role, found.observed["mirror.member_status"]) == ("PRIMARY", ["Primary", "Trouble"])


@pytest.mark.parametrize(
    "wrap", [lambda text: text.replace("\n", "\r\n"), lambda text: "\x1b[2J\x1b[1;1H" + text]
)
def test_what_a_terminal_adds_does_not_matter(wrap: Any) -> None:
    assert told(wrap(DISPLAY), B) == told(DISPLAY, B)


def test_a_member_is_found_by_any_of_its_names() -> None:
    shown = read_status(DISPLAY.encode())
    assert told_of(shown, {"HOSP-B"}).instance == told_of(shown, {"B", "HOSPB/IRIS"}).instance == B
    with pytest.raises(StatusUnreadable, match="no member NOBODY; it shows: HOSPA, HOSPB/IRIS"):
        told_of(shown, {"NOBODY"})


def test_a_walk() -> None:
    found = told(WALK, B)
    assert (found.role, found.observed[STATUS]) == ("BACKUP", "BACKUP")
    assert (found.observed[JOURNAL], found.observed[DATABASE]) == (0, 0)
    assert ARBITER in found.unobserved
    assert "whether it shows all members" in found.unobserved[MEMBERS]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no list of members"),
        ("nothing to see here\n", "no list of members"),
        ("SNMPv2-SMI::enterprises.16563.4.1.3.1.6.4.84.69.83.84.1 = INTEGER: 3\n", "names no objects"),
        (".1.3.6.1.4.1.16563.4.1.3.1.6.4.84.69.83.84.1 = INTEGER: 3\n", "names no objects"),
        ("IF-MIB::ifMirrorMemberName.1 = STRING: x\n", "tells of no member"),
    ],
)
def test_what_is_no_status_says_why(text: str, why: str) -> None:
    with pytest.raises(StatusUnreadable, match=why):
        read_status(text.encode())


NAMES = (A, B, C, D)


def better(cut: Told, whole: Told) -> list[str]:
    """Return what a part of a file tells that the whole does not."""
    rows = {row["MemberName"]: row for row in whole.observed[MEMBERS]}
    return [
        *(key for key, value in cut.observed.items() if key != MEMBERS and value != whole.observed.get(key)),
        *(
            row["MemberName"]
            for row in cut.observed[MEMBERS]
            if not row.items() <= rows[row["MemberName"]].items()
        ),
    ]


@given(st.sampled_from([DISPLAY, WALK]), st.floats(0, 1))
def test_what_was_cut_off_is_not_known(text: str, part: float) -> None:
    cut = text[: int(len(text) * part)]
    for name in NAMES:
        try:
            whole, found = told(text, name), told(cut, name)
        except StatusUnreadable:
            continue
        assert not better(found, whole)


@given(st.integers(0, len(DISPLAY)))
def test_a_list_that_was_cut_says_so(end: int) -> None:
    try:
        shown = read_status(DISPLAY[:end].encode())
    except StatusUnreadable:
        return
    assert shown.cut or len(shown.rows) == len(NAMES)


@given(st.sampled_from([DISPLAY, CHINESE, WALK]), st.data())
def test_a_mutated_file_breaks_nothing(text: str, data: st.DataObject) -> None:
    raw = bytearray(text.encode())
    for _number in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    for name in NAMES:
        try:
            found = told_of(read_status(bytes(raw)), {name})
        except StatusUnreadable:
            continue
        assert set(FACTS) == found.observed.keys() | found.unobserved.keys()


@given(st.binary(max_size=300))
def test_any_bytes_break_nothing(raw: bytes) -> None:
    try:
        told_of(read_status(raw), {A})
    except StatusUnreadable:
        return


class TestCommand:
    """`driftsync check --status MEMBER=FILE`."""

    @pytest.fixture
    def site(self, tmp_path: Path) -> Path:
        """A mirror whose primary is a file and whose backup cannot be read."""
        path = tmp_path / "driftsync.toml"
        path.write_text(
            '[mirror.M]\nprimary = "A"\n[member.A]\nsource = "A.jsonl"\n[member.HOSPB]\nsource = "B.jsonl"\n',
            encoding="utf-8",
        )
        with (tmp_path / "A.jsonl").open("wb") as file:
            write_lines(header("A", MemberRole.PRIMARY, {"mirror.status": "PRIMARY"}), (), file)
        (tmp_path / "B.jsonl").write_text('{"format": "driftsync-snapshot"', encoding="utf-8")
        return path

    def shown(self, site: Path, text: str, moment: datetime | None = None) -> Path:
        """Write a status that was shown at a moment, by the clock of this computer."""
        local = (moment or datetime.now(timezone.utc)).astimezone()
        path = site.parent / "monitor.txt"
        path.write_text(
            text.replace("17:17:53 on 02/27/2026", f"{local:%H:%M:%S on %m/%d/%Y}"), encoding="utf-8"
        )
        return path

    def found(self, cli: Any, site: Path, *words: object) -> dict[str, Any]:
        ended = cli("check", "--settings", site, "--format", "json", *words)
        assert ended.code in {1, 3}
        readiness: dict[str, Any] = json.loads(ended.out)["mirrors"][0]
        return readiness

    def outcome(self, readiness: dict[str, Any], id: str, member: str = "") -> tuple[str, str]:
        [one] = [
            each
            for each in readiness["findings"]
            if each["id"] == id and each.get("member", "") in {"", member}
        ]
        return one["outcome"], one["seen"]

    def test_a_backup_that_cannot_be_asked(self, cli: Any, site: Path) -> None:
        without = self.found(cli, site)
        assert self.outcome(without, "MIR-003")[0] == "unknown"
        readiness = self.found(cli, site, "--status", f"HOSPB={self.shown(site, DISPLAY)}")
        assert readiness["promote"] == "HOSPB"
        assert self.outcome(readiness, "MIR-005", "HOSPB") == ("pass", "caught up")
        assert self.outcome(readiness, "JRN-301", "HOSPB")[0] == "unknown"
        assert "HOSPB" in {each.get("member") for each in readiness["findings"] if each["id"] == "CFG-513"}
        failing = self.found(
            cli, site, "--status", f"HOSPB={self.shown(site, DISPLAY.replace('Backup     ', 'Crashed    '))}"
        )
        assert self.outcome(failing, "MIR-003")[0] == "fail"

    @pytest.mark.parametrize("hours", [-30, 30])
    def test_a_status_of_another_time_says_nothing(self, cli: Any, site: Path, hours: int) -> None:
        moment = datetime.now(timezone.utc) + timedelta(hours=hours)
        readiness = self.found(cli, site, "--status", f"HOSPB={self.shown(site, DISPLAY, moment)}")
        assert readiness["promote"] != "HOSPB"
        assert any("more than an hour from now" in each["seen"] for each in readiness["findings"])

    def test_a_walk_is_as_old_as_its_file(self, cli: Any, site: Path) -> None:
        path = self.shown(site, WALK)
        assert self.found(cli, site, "--status", f"HOSPB={path}")["promote"] == "HOSPB"
        os.utime(path, (0, 0))
        assert self.found(cli, site, "--status", f"HOSPB={path}")["promote"] != "HOSPB"

    def test_a_member_that_told_is_not_overruled(self, cli: Any, site: Path) -> None:
        path = self.shown(site, DISPLAY.replace("HOSPA\n", "A\n").replace("Primary  ", "Crashed  "))
        readiness = self.found(cli, site, "--status", f"A={path}")
        assert readiness["primary"] == "A"
        assert self.outcome(readiness, "MIR-002") == ("pass", "A")

    def test_a_file_that_is_no_status_is_told(self, cli: Any, site: Path) -> None:
        readiness = self.found(cli, site, "--status", f"HOSPB={self.shown(site, 'nothing')}")
        assert any(
            "monitor.txt: it shows no list of members" in each["seen"] for each in readiness["findings"]
        )

    def test_wrong_words(self, cli: Any, site: Path) -> None:
        assert cli("check", "--settings", site, "--status", "HOSPB").code == 2
        assert cli("check", "--settings", site, "--status", "NOBODY=x").code == 2
        assert cli("check", "--settings", site, "--status", "HOSPB=not-there").code == 2
