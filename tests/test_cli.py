"""What the command line promises: exit codes, formats, outputs whole or not at all, one line an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftsync.cli import COMMANDS, build
from driftsync.cli.exits import ORDER, Exit, first_that_applies

CPF = """[ConfigFile]
Product=IRIS
Version=2020.4

[Databases]
IRISSYS={mgr}
IRISLIB={mgr}irislib/
APP={mgr}app/

[Namespaces]
%SYS=IRISSYS
APP=APP

[Map.APP]
Global_Order(1)=IRISLIB

[MirrorMember]
SystemName={name}

[Journal]
CurrentDirectory={mgr}journal/
DaysBeforePurge={days}

[Startup]
DefaultPort=1972

[DeviceSubTypes]
M/UX=255^#^66^$C(8)^^^^^

[Devices]
0=0^TRM^C-IRIS Terminal^^^^Principal device^

[MagTapes]
47=/dev/st0

[config]
gmheap={gmheap}

[Miscellaneous]
AsynchError=1

[ECP]
ClientReconnectDuration=1200

[Cluster]
JoinCluster=0

[LicenseServers]
LOCAL=127.0.0.1,4002

[Monitor]
SNMPEnabled=0

[IO]
File=^%X364

[SQL]
LockTimeout=10

[SqlSysDatatypes]
BIT=%Library.Boolean

[Telnet]
Port=23

[Conversions]
LastConvertTime=2024-01-01 00:00:00
"""

Run = Callable[..., Any]


def cpf(path: Path, **values: Any) -> Path:
    words = {"mgr": "/usr/irissys/mgr/", "name": path.stem.upper(), "days": 2, "gmheap": 37568} | values
    path.write_text(CPF.format(**words), encoding="utf-8")
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf", gmheap=99999)


def test_no_drift_is_0_and_says_so(cli: Run, tmp_path: Path) -> None:
    ended = cli("diff", cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf", mgr="/opt/iris/mgr/"))
    assert (ended.code, ended.err) == (0, "")
    assert "no drift" in ended.out


def test_drift_is_1_and_names_the_item_both_values_and_the_consequence(
    cli: Run, pair: tuple[Path, Path]
) -> None:
    ended = cli("diff", *pair)
    assert ended.code == 1
    assert "~ instance-setting:config/gmheap" in ended.out
    assert "primary 37568  →  member 99999" in ended.out
    assert "After a failover" in ended.out


def test_a_gap_alone_is_3(cli: Run, tmp_path: Path) -> None:
    a, b = cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf")
    b.write_text(b.read_text().split("[Conversions]")[0])
    ended = cli("diff", a, b)
    assert ended.code == 3
    assert "no all-clear" in ended.out


def test_drift_outranks_a_gap(cli: Run, tmp_path: Path) -> None:
    a, b = cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf", gmheap=1)
    b.write_text(b.read_text() + "\n[Novelty]\nx=1\n")
    ended = cli("diff", a, b, "--format", "json")
    found = json.loads(ended.out)
    assert (ended.code, found["complete"]) == (1, False)
    assert [gap["reason"] for gap in found["gaps"]] == ["section [Novelty] is covered by no kind"]


def test_json_has_what_the_design_promises(cli: Run, pair: tuple[Path, Path]) -> None:
    ended = cli("diff", *pair, "--format", "json")
    found = json.loads(ended.out)
    assert {
        "format_version",
        "complete",
        "primary",
        "member",
        "differences",
        "gaps",
        "coverage",
        "notes",
        "summary",
    } <= set(found)
    assert found["summary"] | {"compared": 0, "local": 0, "product": 0} == {
        "missing": 0, "extra": 0, "changed": 1, "clash": 0, "gaps": 0, "compared": 0, "local": 0, "product": 0,
    }  # fmt: skip
    (difference,) = found["differences"]
    assert difference["type"] == "changed"
    assert difference["key"] == "instance-setting:config/gmheap"
    assert difference["changes"] == [{"property": "Value", "expected": 37568, "actual": 99999}]
    assert found["coverage"]["role"] == {"primary": "not looked at", "member": "not looked at"}
    assert found["coverage"]["database"] == {"primary": "whole", "member": "whole"}
    assert (found["primary"]["name"], found["member"]["name"]) == ("a", "b")


def test_one_name_on_two_members_is_a_clash(cli: Run, tmp_path: Path) -> None:
    ended = cli(
        "diff", cpf(tmp_path / "a.cpf", name="X"), cpf(tmp_path / "b.cpf", name="X"), "--format", "json"
    )
    (difference,) = json.loads(ended.out)["differences"]
    assert (ended.code, difference["type"], difference["key"]) == (1, "clash", "mirror-member:this")


@pytest.mark.parametrize(("name", "begins"), [("r.json", "{"), ("r.md", "# "), ("r.txt", "✗ b")])
def test_the_ending_of_the_output_chooses_the_format(
    cli: Run, pair: tuple[Path, Path], tmp_path: Path, name: str, begins: str
) -> None:
    ended = cli("diff", *pair, "-o", tmp_path / name)
    assert (ended.code, ended.out) == (1, "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_quiet_says_the_verdict_and_nothing_else(cli: Run, pair: tuple[Path, Path]) -> None:
    ended = cli("diff", *pair, "--quiet")
    assert len(ended.out.splitlines()) == 1
    assert ended.err == ""


def test_an_output_that_cannot_be_written_is_one_line_and_leaves_nothing(
    cli: Run, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    ended = cli("diff", *pair, "-o", tmp_path / "file" / "r.json")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_error_leaves_the_old_output_alone(cli: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "snap.jsonl"
    output.write_text("precious")
    pair[0].write_text("[ConfigFile]\nVersion=2024.1\nbroken\n[X]\n")
    ended = cli("snapshot", pair[0], "-o", output)
    assert ended.code == 2
    assert f"{pair[0]}:3: " in ended.err
    assert output.read_text() == "precious"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["diff", "a"], "Missing argument"),
        (["diff", "a", "b", "--wrong"], "--wrong"),
        (["nonsense"], "nonsense"),
        (["diff", "nowhere", "b"], "nowhere"),
        (["diff", "a", "b", "--kind", "rolle"], "rolle"),
        (["diff", "a", "b", "--whole", "rolle"], "rolle"),
        (["explain", "rolle"], "role"),
        (["explain", "role.Nonsense"], "Nonsense"),
        (["diff", "a", "b", "--format", "pdf"], "pdf"),
        (["report", "--settings", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_usage_is_2_and_one_line(cli: Run, words: list[str], names: str) -> None:
    ended = cli(*words)
    assert (ended.code, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 1
    assert names in ended.err
    assert "Traceback" not in ended.err


def test_an_internal_error_is_70_and_never_a_traceback(
    cli: Run, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_args: Any, **_words: Any) -> None:
        raise ZeroDivisionError("password=hunter2")

    monkeypatch.setattr("driftsync.comparing.compare", explode)
    ended = cli("diff", *pair, "--verbose")
    assert ended.code == 70
    assert "ZeroDivisionError" in ended.err
    assert "hunter2" not in ended.err
    assert "Traceback" not in ended.err


def test_interrupted_is_130(cli: Run, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: Any, **_words: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("driftsync.comparing.compare", interrupt)
    assert cli("diff", *pair).code == 130


def test_the_first_exit_that_applies_wins() -> None:
    for position, winner in enumerate(ORDER):
        assert first_that_applies(reversed(ORDER[position:])) is winner
    assert first_that_applies([]) is Exit.CLEAN


def test_a_snapshot_stands_for_its_member(cli: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    for path in pair:
        assert cli("snapshot", path, "-o", path.with_suffix(".jsonl")).code == 0
    a, b = (path.with_suffix(".jsonl") for path in pair)
    direct, through = cli("diff", *pair, "--format", "json"), cli("diff", a, b, "--format", "json")
    assert json.loads(direct.out)["differences"] == json.loads(through.out)["differences"]
    first, *lines = a.read_bytes().splitlines()
    assert json.loads(first)["items"] == len(lines)
    assert [json.loads(line)["key"] for line in lines] == sorted(json.loads(line)["key"] for line in lines)


def test_a_snapshot_can_be_narrowed_named_and_piped(cli: Run, pair: tuple[Path, Path]) -> None:
    ended = cli("snapshot", pair[0], "-o", "-", "--kind", "database", "--name", "HOSP-A")
    header, *lines = ended.out.splitlines()
    assert json.loads(header)["member"]["name"] == "HOSP-A"
    assert json.loads(header)["coverage"] == {"database": "whole"}
    assert [json.loads(line)["key"] for line in lines] == [
        "database:APP",
        "database:IRISLIB",
        "database:IRISSYS",
    ]


def test_scope_narrows_what_is_compared(cli: Run, pair: tuple[Path, Path]) -> None:
    assert cli("diff", *pair, "--kind", "database").code == 0
    assert cli("diff", *pair, "--exclude", "instance-setting").code == 0
    assert cli("diff", *pair, "--kind", "instance-setting").code == 1


def test_local_values_are_shown_on_request(cli: Run, tmp_path: Path) -> None:
    a, b = cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf", mgr="/opt/iris/mgr/")
    plain = json.loads(cli("diff", a, b, "--format", "json").out)
    assert plain["summary"]["local"] > 0
    assert not [note for note in plain["notes"] if note["type"] == "local"]
    shown = json.loads(cli("diff", a, b, "--format", "json", "--show-local").out)
    local = {(note["key"], note["expected"]) for note in shown["notes"] if note["type"] == "local"}
    assert ("database:APP", "/usr/irissys/mgr/app/") in local


def test_members_by_name_from_the_settings(cli: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    settings = tmp_path / "driftsync.toml"
    settings.write_text(
        '[mirror.M]\nprimary = "A"\n[member.A]\nsource = "a.cpf"\n[member.B]\nsource = "b.cpf"\n'
    )
    ended = cli("diff", "A", "B", "--settings", settings, "--format", "json")
    found = json.loads(ended.out)
    assert (found["primary"]["member"]["role"], found["member"]["name"]) == ("primary", "B")


def test_report_goes_on_when_one_member_cannot_be_read(
    cli: Run, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    settings = tmp_path / "driftsync.toml"
    (tmp_path / "c.cpf").write_bytes(b"\x89PNG\r\n")
    settings.write_text(
        '[mirror.M]\nprimary = "A"\n[member.A]\nsource = "a.cpf"\n'
        '[member.C]\nsource = "c.cpf"\n[member.B]\nsource = "b.cpf"\n'
    )
    ended = cli("report", "--settings", settings, "--format", "json")
    (mirror,) = json.loads(ended.out)["mirrors"]
    assert ended.code == 1
    assert [drift["member"]["name"] for drift in mirror["drifts"]] == ["B"]
    assert [each["member"] for each in mirror["unreadable"]] == ["C"]
    assert json.loads(ended.out)["complete"] is False
    pair[1].write_text(pair[0].read_text().replace("A\n", "B\n"))
    assert cli("report", "--settings", settings).code == 3


def test_report_on_a_terminal_names_every_member(cli: Run, pair: tuple[Path, Path], tmp_path: Path) -> None:
    settings = tmp_path / "driftsync.toml"
    settings.write_text(
        '[mirror.M]\nprimary = "A"\n[member.A]\nsource = "a.cpf"\n[member.B]\nsource = "b.cpf"\n'
    )
    out = cli("report", "--settings", settings).out
    assert "mirror M, primary A" in out
    assert "✗ 1 difference" in out


def test_explain_and_kinds_tell_of_every_kind(cli: Run) -> None:
    from driftsync.kinds import all_kinds

    table = cli("kinds").out
    for name, kind in all_kinds().items():
        assert name in table
        told = cli("explain", name)
        assert told.code == 0
        assert kind.why in " ".join(told.out.split())
    assert "primary only" in cli("explain", "task.MirrorStatus").out
    assert (
        "after a restart" in cli("explain", "instance-setting.config/gmheap").out
        or cli("explain", "instance-setting.config/jrnbufs").out
    )
    assert {row["kind"] for row in json.loads(cli("kinds", "--format", "json").out)["kinds"]} == set(
        all_kinds()
    )


def test_demo_shows_what_it_planted_and_ends_0(cli: Run, tmp_path: Path) -> None:
    ended = cli("demo", "-o", tmp_path / "r.html")
    assert ended.code == 0
    assert "✗" in ended.out
    assert (tmp_path / "r.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_progress_goes_to_stderr_and_results_to_stdout(pair: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "driftsync", "diff", *pair, "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout)
    assert done.returncode == 1


def test_version() -> None:
    from driftsync import __version__

    done = subprocess.run(
        [sys.executable, "-m", "driftsync", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"driftsync {__version__}\n"


def test_a_primary_that_cannot_be_read_hides_no_member(
    cli: Run, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    settings = tmp_path / "driftsync.toml"
    pair[0].write_bytes(b"")
    settings.write_text(
        '[mirror.M]\nprimary = "A"\n[member.A]\nsource = "a.cpf"\n[member.B]\nsource = "b.cpf"\n'
    )
    ended = cli("report", "--settings", settings, "--format", "json")
    (mirror,) = json.loads(ended.out)["mirrors"]
    assert ended.code == 3
    assert [each["member"] for each in mirror["unreadable"]] == ["A", "B"]


def merge(path: Path, *actions: str) -> Path:
    path.write_text("[Actions]\n" + "\n".join(actions) + "\n", encoding="utf-8")
    return path


def test_a_partial_file_can_be_declared_whole(cli: Run, tmp_path: Path) -> None:
    a = merge(tmp_path / "a.cpf", "CreateRole:Name=Lab", "CreateUser:Name=labfeed,Roles=Lab")
    b = merge(tmp_path / "b.cpf", "CreateUser:Name=labfeed,Roles=Lab")
    ended = cli("diff", a, b)
    assert ended.code == 3
    assert "--whole role" in ended.out or "no file of b shows this kind" in ended.out
    ended = cli("diff", a, b, "--whole", "role", "--format", "json")
    assert [(each["type"], each["key"]) for each in json.loads(ended.out)["differences"]] == [
        ("missing", "role:Lab")
    ]


def test_whole_never_makes_a_file_of_another_sort_empty(
    cli: Run, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    a = tmp_path / "a"
    a.mkdir()
    pair[0].rename(a / "iris.cpf")
    (a / "roles.xml").write_text(
        "<RolesExport><Roles><Name>Lab</Name></Roles></RolesExport>", encoding="utf-8"
    )
    found = json.loads(cli("diff", a, pair[1], "--whole", "role", "--kind", "role", "--format", "json").out)
    assert found["differences"] == []
    assert [gap["kind"] for gap in found["gaps"]] == ["role"]


def test_what_cannot_be_told_apart_in_an_action_is_a_gap_and_never_shown(cli: Run, tmp_path: Path) -> None:
    a = merge(
        tmp_path / "a.cpf",
        "CreateOAuth2Client:ApplicationName=t,Description=abc,Metadata.client_secret=HUSH,x-y=HUSH",
    )
    ended = cli("diff", a, a, "--format", "json")
    assert "HUSH" not in ended.out
    ended = cli("snapshot", a, "-o", "-")
    assert "HUSH" not in ended.out


def test_a_console_that_lacks_a_letter_is_no_reason_to_stop(pair: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "driftsync", "diff", pair[0], pair[0].with_name("病.cpf")],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 2
    assert b"\\u75c5" in done.stderr
    assert b"Traceback" not in done.stderr


def test_what_a_file_holds_does_not_steer_the_terminal(cli: Run, tmp_path: Path) -> None:
    hostile = "\\x1b]0;owned\\x07\\x1b[31mred"
    hostile = hostile.encode().decode("unicode_escape")
    a, b = tmp_path / "a.json", tmp_path / "b.json"
    for path, value in ((a, hostile), (b, "plain")):
        path.write_text(
            json.dumps({"Security.Roles": {f"R{hostile}": {"Description": value}, f"only{path.stem}": {}}})
        )
    ended = cli("diff", a, b, "--verbose", "--whole", "role")
    assert ended.code == 1
    assert "\\x1b[31mred" in ended.out
    assert not {letter for letter in ended.out + ended.err if ord(letter) < 32} - {"\n"}


def test_an_overlong_argument_is_one_line(cli: Run) -> None:
    ended = cli("diff", "x" * 5000, "y")
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (":mirror:M:A,ECP1", ":mirror:M2:A,ECP1"),
        ("/remote/a/,ECP1", "/remote/b/,ECP1"),
        (":ds:AAA", ":ds:BBB"),
    ],
)
def test_another_remote_database_is_drift(cli: Run, tmp_path: Path, mine: str, theirs: str) -> None:
    a, b = cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf")
    for path, place in ((a, mine), (b, theirs)):
        path.write_text(
            path.read_text().replace("APP=/usr/irissys/mgr/app/", f"APP=/usr/irissys/mgr/app/\nFAR={place}")
        )
    found = json.loads(cli("diff", a, b, "--format", "json").out)
    assert [(each["type"], each["key"]) for each in found["differences"]] == [("changed", "database:FAR")]
    assert found["differences"][0]["changes"][0]["property"] == "RemoteDirectory"


@pytest.mark.parametrize(
    "action", ["CreateRezource:Name=Q", "GrantPrivilege:Grantee=x", "CreateWallet:Name=w"]
)
def test_an_action_that_no_kind_covers_is_a_gap(cli: Run, tmp_path: Path, action: str) -> None:
    a, b = (
        merge(tmp_path / "a.cpf", "CreateRole:Name=Lab", action),
        merge(tmp_path / "b.cpf", "CreateRole:Name=Lab"),
    )
    ended = cli("diff", a, b, "--format", "json")
    assert ended.code == 3
    assert action.split(":", maxsplit=1)[0] in json.loads(ended.out)["gaps"][0]["reason"]


def test_a_section_of_config_api_that_no_kind_covers_is_a_gap(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"Security.Roles": {"Lab": {}}, "Foo.Bar": {"x": 1}}))
    ended = cli("diff", path, path, "--format", "json")
    assert ended.code == 3
    assert "Foo.Bar" in json.loads(ended.out)["gaps"][0]["reason"]


def test_what_one_partial_file_does_not_state_is_a_gap(cli: Run, tmp_path: Path) -> None:
    a = merge(tmp_path / "a.cpf", "CreateResource:Name=R,PublicPermission=RW")
    b = merge(tmp_path / "b.cpf", "CreateResource:Name=R")
    ended = cli("diff", a, b, "--format", "json")
    assert ended.code == 3
    assert [gap["kind"] for gap in json.loads(ended.out)["gaps"]] == ["resource"]


def test_a_kind_that_is_younger_than_a_release_is_a_version_note(cli: Run, tmp_path: Path) -> None:
    a, b = cpf(tmp_path / "a.cpf"), cpf(tmp_path / "b.cpf")
    b.write_text(
        b.read_text().replace("Version=2020.4", "Version=2023.1") + "\n[WorkQueues]\nSQL=\n\n[Gateways]\n"
    )
    found = json.loads(cli("diff", a, b, "--format", "json").out)
    assert found["gaps"] == []
    assert {"work-queue", "language-server"} <= {
        note["kind"] for note in found["notes"] if note["type"] == "version"
    }


def test_a_quoted_setting_is_the_same_as_a_bare_one(cli: Run, tmp_path: Path) -> None:
    for name, mode, server in (("a", '"LIVE"', '""'), ("b", "LIVE", "")):
        (tmp_path / f"{name}.cpf").write_text(f"[Startup]\nSystemMode={mode}\nWebServerName={server}\n")
    ended = cli("diff", tmp_path / "a.cpf", tmp_path / "b.cpf", "--format", "json")
    assert (ended.code, json.loads(ended.out)["differences"]) == (0, [])


def test_only_the_command_that_a_line_asks_for_is_built() -> None:
    assert [each.name for each in build("diff").registered_commands] == ["diff"]
    assert [each.name for each in build("dif").registered_commands] == list(COMMANDS)
    assert [each.name for each in build("lab").registered_groups] == ["lab"]
