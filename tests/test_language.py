"""The language is chosen once, everything shown is in it, and everything kept is English."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from rich.cells import cell_len

from driftsync.cli.tongue import by_locale
from driftsync.language import LANGUAGES, choose, chosen, known, translated
from tests import translations

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "driftsync.toml"
HAN = re.compile("[\u4e00-\u9fff]")
BLANK = re.compile(r"\{(\w*)[^{}]*\}")

Run = Callable[..., Any]


@pytest.fixture
def chinese() -> Iterator[None]:
    choose("zh_CN")
    yield
    choose("en")


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("zh_CN", "zh_CN"), ("zh", "zh_CN"), ("zh-CN", "zh_CN"), ("zh_CN.UTF-8", "zh_CN"), ("zh-Hans", "zh_CN"),
        ("zh_SG.utf8", "zh_CN"), ("zh_TW", ""), ("zh-Hant-HK", ""), ("en", "en"), ("en_GB.UTF-8", "en"),
        ("C", "en"), ("C.UTF-8", "en"), ("POSIX", "en"), ("de_DE", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_language_is_known_by_all_its_names(word: str, means: str) -> None:
    assert known(word) == means


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE", "LC_MESSAGES": "zh_CN"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANGUAGE": "fr:zh_CN:en", "LANG": "fr_FR.UTF-8"}, "zh_CN"),
        ({"LANGUAGE": "", "LANG": "zh_CN"}, "zh_CN"),
    ],
)
def test_the_locale_is_read_as_gettext_reads_it(environment: dict[str, str], language: str) -> None:
    assert by_locale(environment) == language


@pytest.mark.parametrize(
    "words", [["--lang", "zh_CN", "kinds"], ["kinds", "--lang", "zh_CN"], ["kinds", "--lang=zh"]]
)
def test_the_option_may_stand_anywhere(cli: Run, words: list[str]) -> None:
    assert "命名空间" in cli(*words).out


def test_the_option_wins_over_the_environment_and_that_over_settings_and_locale(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "命名空间" in cli("kinds").out
    (tmp_path / "driftsync.toml").write_text('lang = "en" # for the auditors\n[mirror.M]\n', encoding="utf-8")
    assert "Namespace" in cli("kinds").out
    monkeypatch.setenv("DRIFTSYNC_LANG", "zh_CN")
    assert "命名空间" in cli("kinds").out
    assert "Namespace" in cli("kinds", "--lang", "en").out


def test_settings_that_are_named_speak_too(cli: Run, tmp_path: Path) -> None:
    settings = tmp_path / "other.toml"
    settings.write_text("lang = 'zh_CN'\n[member.A]\nhost='h'\nsource='s'\n", encoding="utf-8")
    ended = cli("report", "--settings", settings)
    assert ended.code == 2
    assert "同时有 source 和 host" in ended.err


def test_lang_below_a_table_is_no_key_of_the_whole(cli: Run, tmp_path: Path) -> None:
    settings = tmp_path / "other.toml"
    settings.write_text('[scope]\nlang = "zh_CN"\n', encoding="utf-8")
    ended = cli("report", "--settings", settings)
    assert ended.code == 2
    assert "unknown field `lang`" in ended.err


@pytest.mark.parametrize("words", [["--lang", "tlh", "kinds"], ["kinds", "--lang"], ["--lang=", "kinds"]])
def test_a_language_that_is_not_there_is_one_line(cli: Run, words: list[str]) -> None:
    ended = cli(*words)
    assert ended.code == 2
    assert "en, zh_CN" in ended.err
    assert ended.err.count("\n") == 1


def test_after_two_dashes_it_is_a_name(cli: Run) -> None:
    assert "--lang" in cli("explain", "--", "--lang").err


def test_the_environment_may_ask_for_a_language_that_is_not_there(
    cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFTSYNC_LANG", "tlh")
    assert "DRIFTSYNC_LANG" in cli("kinds").err
    assert cli("--lang", "en", "kinds").code == 0


def test_help_of_every_command_is_in_the_language(cli: Run) -> None:
    from driftsync.cli import build

    names = [[command.name] for command in build().registered_commands] + [["lab", "serve"], ["lab"], []]
    english = {
        message.id
        for message in translations.held("zh_CN")
        if any("/cli/" in place for place, _line in message.locations) and isinstance(message.id, str)
    }
    long = {sentence for sentence in english if len(sentence.split()) > 3}
    for words in names:
        shown = " ".join(cli("--lang", "zh_CN", *words, "--help").out.replace("│", " ").split())
        assert HAN.search(shown)
        assert "…  │" not in shown
        assert [sentence for sentence in long if sentence in shown] == []
        assert "Show this message" not in shown


def test_help_is_not_cut_where_text_has_no_blanks(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERMINAL_WIDTH", "90")
    shown = re.sub(r"[\s│]", "", cli("--lang", "zh_CN", "report", "--help").out)
    assert "…" not in shown


def test_wrong_usage_is_told_in_the_language(cli: Run) -> None:
    for words, says in (
        (["nonsense"], "没有命令"),
        (["report", "--nope"], "没有选项"),
        (["diff", "a"], "缺少参数"),
        (["report", "--fail-on", "x"], "不在可用值之中"),
        (["history", "--limit", "0"], "应大于或等于 1"),
        (["history", "--limit", "x"], "应为整数"),
        (["diff", "a", "b", "c"], "多出了参数"),
        (["report", "--mirror"], "需要一个值"),
        (["repor"], "您是不是要用"),
    ):
        ended = cli("--lang", "zh_CN", *words)
        assert ended.code == 2
        assert says in ended.err, ended.err
        assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", ended.err), ended.err


def examples(message: Any) -> Iterator[tuple[str, str]]:
    """Yield the sentence and its translation with the same names in their blanks."""
    forms = [message.id] if isinstance(message.id, str) else list(message.id)
    said = message.string if isinstance(message.string, str) else message.string[0]
    for form in forms:
        values = {
            name: f"{number}" if name == "count" else f"N{number}"
            for number, name in enumerate(dict.fromkeys(BLANK.findall(form)))
        }
        fill = lambda text, values=values: BLANK.sub(lambda blank: values[blank[1]], text)  # noqa: E731
        yield fill(form), fill(said)


def test_every_filled_sentence_is_recognised(chinese: None) -> None:
    wrong = []
    for message in translations.held("zh_CN"):
        if not message.id or not any(
            not re.search("/(cli|reporting|delivering|language)[./]", place)
            for place, _line in message.locations
        ):
            continue  # what is shown where it is made need not be recognised
        for english, said in examples(message):
            if translated(english) != said and said.replace("：", ": ") != translated(english):
                wrong.append(f"{english!r}: {translated(english)!r} instead of {said!r}")
    assert wrong == [], "\n".join(wrong)


def test_places_clauses_and_reasons_within_reasons_are_recognised(chinese: None) -> None:
    assert translated("/tmp/a.cpf:12: names nothing before the =") == "/tmp/a.cpf:12: 等号 = 之前没有名称"
    assert (
        translated("HOSPB: not permitted while querying Security.Users")
        == "HOSPB：没有权限（正在查询 Security.Users）"
    )
    assert translated(
        "the copy of the CPF is damaged: the CPF was cut inside or after section [Devices]"
    ) == ("CPF 的副本已损坏：CPF 在 [Devices] 节内或其后被截断")
    assert translated(
        "HOSPB: did not answer at any of its addresses: HOSPB: cannot be reached; HOSPB: cannot be reached"
    )
    assert translated("B: no answer within 30 s while connecting") == "B：30 秒内没有应答（正在连接）"


def test_what_is_no_sentence_of_ours_stays(chinese: None) -> None:
    for text in (
        "",
        "open",
        "HOSP-A",
        "ERROR #5002: <UNDEFINED>x",
        "我们自己写的：原因",
        "task:EMR/Night report",
    ):
        assert translated(text) in {text, "未解决"}
    assert translated(
        translated("the file was edited; make the snapshot again with `driftsync snapshot`")
    ).startswith("文件")


def test_what_a_member_says_at_length_is_not_searched_for_long(chinese: None) -> None:
    started = time.perf_counter()
    for text in ("a (" * 5000 + ": its certificate", ("x: y; " * 160)[:990], "no file of " * 80, "{" * 900):
        translated(text)
    assert time.perf_counter() - started < 1


def test_english_is_not_touched() -> None:
    assert chosen() == "en"
    assert (
        translated("B: no answer within 30 s while connecting") == "B: no answer within 30 s while connecting"
    )


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--settings", EXAMPLE, "--format", "json", "--no-remember"],
        [
            "report",
            "--settings",
            EXAMPLE,
            "--format",
            "json",
            "--no-remember",
            "--show-local",
            "--kind",
            "user",
        ],
        ["diff", ROOT / "examples/hospital/hosp-a", ROOT / "examples/hospital/hosp-b", "--format", "json"],
        ["kinds", "--format", "json"],
        ["history", "--format", "json"],
    ],
    ids=lambda words: " ".join(str(word) for word in words[:1]),
)
def test_json_is_english_whatever_the_language(cli: Run, words: list[Any]) -> None:
    def stable(text: str) -> Any:
        return json.loads(re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "T", text))

    if words[0] == "history":
        cli("--lang", "zh_CN", "report", "--settings", EXAMPLE)
    english, chinese = cli(*words), cli("--lang", "zh_CN", *words)
    assert stable(english.out) == stable(chinese.out)
    assert english.code == chinese.code


def test_a_snapshot_and_a_store_are_english_whatever_the_language(cli: Run, tmp_path: Path) -> None:
    snapshot, member = tmp_path / "b.snapshot", tmp_path / "hosp-b"
    shutil.copytree(ROOT / "examples" / "hospital" / "hosp-b", member)
    with (member / "iris.cpf").open("a", encoding="utf-8") as file:
        file.write("[Unheard]\nOf=1\n")
    ended = cli("--lang", "zh_CN", "snapshot", member, "-o", snapshot)
    assert "[Unheard] 节不属于任何类别" in ended.err
    header = json.loads(snapshot.read_text(encoding="utf-8").splitlines()[0])
    assert "section [Unheard] is covered by no kind" in [gap["reason"] for gap in header["gaps"]]
    first = cli("--lang", "zh_CN", "report", "--settings", EXAMPLE)
    second = cli("report", "--settings", EXAMPLE)
    assert "第一次保存的运行" in first.out
    assert "0 new" in second.out
    assert "never seen to agree" in second.out
    assert "从未见到两侧一致" not in second.out


def test_reports_are_in_the_language(cli: Run, tmp_path: Path) -> None:
    for language, lang, word in (
        ("en", "en", "fails a failover"),
        ("zh_CN", "zh-Hans-CN", "导致故障转移失败"),
    ):
        page = tmp_path / f"{language}.html"
        assert cli("--lang", language, "report", "--settings", EXAMPLE, "--no-remember", "-o", page).code == 1
        root = lxml.html.fromstring(page.read_bytes())
        assert root.get("lang") == lang
        assert word in page.read_text(encoding="utf-8")
    shown = "".join(root.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
    english = {
        message.id
        for message in translations.held("zh_CN")
        if isinstance(message.id, str) and len(message.id.split()) > 3 and not BLANK.search(message.id)
    }
    portal = re.compile(r" > |^no page|^class ")  # a path in the portal stands in both languages
    assert [sentence for sentence in english if sentence in shown and not portal.search(sentence)] == []


def test_gaps_are_told_in_the_language(cli: Run) -> None:
    shown = cli("--lang", "zh_CN", "report", "--settings", EXAMPLE, "--no-remember").out
    gaps = shown[shown.index("? 未能读取或无法比较") :].splitlines()[1:]
    told = [line for line in gaps if line.startswith("  ? ")]
    assert told
    assert all(HAN.search(line) for line in told)
    markdown = cli(
        "--lang", "zh_CN", "report", "--settings", EXAMPLE, "--no-remember", "--format", "markdown"
    ).out
    assert "属性" in markdown
    assert "severity" not in markdown


def test_columns_stand_below_each_other_though_letters_are_two_cells_wide(cli: Run) -> None:
    shown = cli("--lang", "zh_CN", "kinds").out.splitlines()
    starts = {
        cell_len(line[: line.index(word)])
        for line in shown
        for word in ("镜像复制", " 否 ", " 部分 ")
        if word in line
    }
    assert len({start // 2 for start in starts}) == 1


def test_each_language_has_a_catalogue_but_english() -> None:
    assert [*translations.languages(), "en"] == sorted([*LANGUAGES], reverse=True)
