"""`sync --render`: a plan as text on stdout or in a file, in the reader's language where people read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftsync.cli.rendered import RenderForm
from driftsync.files import write_snapshot, written_whole
from driftsync.language import choose
from driftsync.rendering import Form
from tests.object_script import parsed, wrong
from tests.planned import snapshot

Cli = Callable[..., Any]
SETTINGS = """
[mirror.HOSPITAL]
primary = "HOSPA"
[member.HOSPA]
source = "a.snapshot"
[member.HOSPB]
source = "b.snapshot"
"""
RECORDS = {
    "namespace": [{"Name": "APP", "Globals": "USER"}],
    "web-application": [{"Name": "/csp/ward", "NameSpace": "APP", "AutheEnabled": 32, "Enabled": 1}],
    "role": [{"Name": "Payroll", "Resources": "%DB_USER:RW", "Description": "Löhne, “alle”"}],
    "task": [{"Name": "Purge", "NameSpace": "USER", "TaskClass": "App.Purge", "MirrorStatus": 1}],
}


@pytest.fixture
def sync(cli: Cli, tmp_path: Path) -> Cli:
    (tmp_path / "driftsync.toml").write_text(SETTINGS, encoding="utf-8")
    for name, side, records in (("a", "primary", RECORDS), ("b", "member", {})):
        with written_whole(tmp_path / f"{name}.snapshot") as file:
            write_snapshot(snapshot(side, records), file)
    return lambda *words: cli("sync", "--settings", tmp_path / "driftsync.toml", *words)


def test_the_command_line_offers_every_form() -> None:
    assert [each.value for each in RenderForm] == [each.value for each in Form]


@pytest.mark.parametrize("form", [each.value for each in Form])
def test_a_rendering_is_all_that_stdout_holds(sync: Cli, form: str) -> None:
    ended = sync("--render", form)
    assert ended.code == 1, ended.err
    assert "HOSPITAL" in ended.out
    assert "/csp/ward" in ended.out
    if form == "config-api":
        assert "Security.Roles" in json.loads(ended.out)
    if form in {"routine", "manifest"}:
        assert wrong(parsed(ended.out)) == []


def test_a_file_is_written_whole_and_what_is_not_in_it_is_told(sync: Cli, tmp_path: Path) -> None:
    ended = sync("--render", "merge-file", "--out", tmp_path / "plan.cpf")
    assert ended.out == ""
    assert "plan.cpf" in ended.err
    assert "1 step is not in it" in ended.err
    text = (tmp_path / "plan.cpf").read_text(encoding="utf-8")
    assert 'Description="Löhne, “alle”"' in text
    assert "+ task:USER/Purge" in text.partition("[Actions]")[0]


def test_a_plan_that_was_kept_is_rendered_unless_somebody_changed_it(
    cli: Cli, sync: Cli, tmp_path: Path
) -> None:
    kept, settings = tmp_path / "plan.json", tmp_path / "driftsync.toml"
    assert cli("plan", "--settings", settings, "-o", kept).code == 1
    for _again in range(2):
        ended = sync("--plan", kept, "--render", "merge-file")
        assert ended.code == 1, ended.err
        assert "CreateApplication:Name=/csp/ward" in ended.out
    kept.write_text(kept.read_text("utf-8").replace("/csp/ward", "/csp/bad"), "utf-8")
    ended = sync("--plan", kept, "--render", "merge-file")
    assert (ended.code, ended.out) == (5, "")


def test_the_checklist_is_in_the_language_of_its_reader(sync: Cli) -> None:
    english = sync("--render", "checklist")
    assert "create Web application /csp/ward" in english.out
    assert "Management Portal: System Administration" in english.out
    chinese = sync("--render", "checklist", "--lang", "zh_CN")
    choose("en")
    assert "创建 Web 应用程序 /csp/ward" in chinese.out
    assert "管理门户：" in chinese.out
    assert "Management Portal" not in chinese.out
    assert len(chinese.out.splitlines()) == len(english.out.splitlines())


def test_code_is_ascii_whatever_the_language(sync: Cli) -> None:
    for form in ("routine", "manifest"):
        ended = sync("--render", form, "--lang", "zh_CN")
        assert ended.out.isascii()
    choose("en")


@pytest.mark.parametrize(
    "words", [("--out", "x.cpf"), ("--render", "merge-file", "--format", "json"), ("--render", "poem")]
)
def test_words_that_say_nothing_together_are_refused(sync: Cli, words: tuple[str, ...]) -> None:
    ended = sync(*words)
    assert ended.code == 2
    assert ended.out == ""
