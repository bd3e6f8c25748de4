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
from driftsync.language import choose
from driftsync.reporting.table import kinds_as_markdown

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
READMES = {"en": README, "zh_CN": ROOT / "README.zh-CN.md"}


@pytest.mark.parametrize("language", READMES)
def test_the_table_of_kinds_is_the_table(language: str, update_expected: bool) -> None:
    choose(language)
    readme = READMES[language]
    text = readme.read_text(encoding="utf-8")
    table = f"<!-- kinds -->\n{kinds_as_markdown(all_kinds().values())}\n<!-- /kinds -->"
    if update_expected:
        text = re.sub(r"<!-- kinds -->.*<!-- /kinds -->", lambda _match: table, text, flags=re.DOTALL)
        readme.write_text(text, encoding="utf-8")
    assert table in text, "make expected, and review the diff"


def blocks_of(readme: Path) -> list[str]:
    """Return every block of code without its comments, which are in the language of the file."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [re.sub(r" *# .*", "", block) for block in blocks if "──" not in block]


def test_both_readmes_show_the_same_commands_and_sections() -> None:
    english, chinese = (readme.read_text(encoding="utf-8") for readme in READMES.values())
    assert blocks_of(READMES["en"]) == blocks_of(READMES["zh_CN"])
    for mark in (r"^#+ ", r"^- \*\*", r"^\| "):
        assert len(re.findall(mark, english, re.MULTILINE)) == len(re.findall(mark, chinese, re.MULTILINE))
    assert set(re.findall(r"`(--[a-z-]+|[A-Z_]{8,}|%[\w:]+)", english)) <= set(
        re.findall(r"`(--[a-z-]+|[A-Z_]{8,}|%[\w:]+)", chinese)
    )


def commands(readme: Path = README) -> list[str]:
    fences = re.findall(
        r"^```(\w*)\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    blocks = [block for language, block in fences if not language]
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("driftsync ")]


def test_there_are_commands_to_run() -> None:
    assert len(commands()) >= 7


@pytest.mark.parametrize(
    ("language", "line"),
    [(language, line) for language, readme in READMES.items() for line in commands(readme)],
)
def test_every_command_works(
    language: str, line: str, cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = tmp_path / "hospital"
    shutil.copytree(ROOT / "examples" / "hospital", example)
    shutil.copy(example / "hosp-a" / "iris.cpf", example / "a.cpf")
    shutil.copy(example / "hosp-b" / "iris.cpf", example / "b.cpf")
    monkeypatch.chdir(example)
    monkeypatch.setenv("DRIFTSYNC_LANG", language)
    ended = cli(*shlex.split(line)[1:])
    assert ended.code in {0, 1, 3}, ended.err


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_links_lead_somewhere(readme: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", readme.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_make_demo_and_make_test_stand_at_the_top(readme: Path) -> None:
    top = readme.read_text(encoding="utf-8")[:700]
    assert "make demo" in top
    assert "make test" in top


def test_the_changelog_tells_of_every_command() -> None:
    from driftsync.cli import build

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for command in build().registered_commands:
        assert f"driftsync {command.name}" in text
