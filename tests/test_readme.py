"""The README is run, not trusted: its commands, its table of kinds, its links."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftsync.kinds import all_kinds
from driftsync.reporting.table import kinds_as_markdown

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def test_the_table_of_kinds_is_the_table(update_expected: bool) -> None:
    text = README.read_text(encoding="utf-8")
    table = f"<!-- kinds -->\n{kinds_as_markdown(all_kinds().values())}\n<!-- /kinds -->"
    if update_expected:
        text = re.sub(r"<!-- kinds -->.*<!-- /kinds -->", lambda _match: table, text, flags=re.DOTALL)
        README.write_text(text, encoding="utf-8")
    assert table in text, "make expected, and review the diff"


def commands() -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("driftsync ")]


def test_there_are_commands_to_run() -> None:
    assert len(commands()) >= 7


@pytest.mark.parametrize("line", commands())
def test_every_command_works(
    line: str, cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = tmp_path / "hospital"
    shutil.copytree(ROOT / "examples" / "hospital", example)
    shutil.copy(example / "hosp-a" / "iris.cpf", example / "a.cpf")
    shutil.copy(example / "hosp-b" / "iris.cpf", example / "b.cpf")
    monkeypatch.chdir(example)
    ended = cli(*shlex.split(line)[1:])
    assert ended.code in {0, 1, 3}, ended.err


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_make_demo_and_make_test_stand_at_the_top() -> None:
    top = README.read_text(encoding="utf-8")[:700]
    assert "make demo" in top
    assert "make test" in top


def test_the_changelog_tells_of_every_command() -> None:
    from driftsync.cli import build

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for command in build().registered_commands:
        assert f"driftsync {command.name}" in text
