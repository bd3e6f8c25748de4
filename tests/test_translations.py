"""Every sentence that a person reads is marked, extracted, translated with InterSystems' words, and compiled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.mofile import read_mo

from driftsync import errors
from tests import translations

LANGUAGES = translations.languages()
ADVICE = "run `make translations` and translate what it lists"
BLANK = re.compile(r"\{[^{}]*\}")
SHOWN_LOWER = {"cli", "reporting", "delivering", "rendering"}
"""Rooms that show sentences; all others make values and errors, whose sentences stay English."""

TERMS = {
    r"\bmirror(s|ed)?\b": "镜像",
    r"\bprimary\b": "主机|主镜像成员",
    r"\bbackup of\b": "备份",
    r"\bthe backup\b|^backup$": "备机",
    r"\bDR async\b": "灾备异步成员",
    r"\breporting async\b": "报告异步成员",
    r"\bfailover members?\b": "故障转移成员",
    r"\bfailover\b": "故障转移",
    r"\bnamespaces?\b": "命名空间",
    r"\bdatabases?\b": "数据库",
    r"\bweb applications?\b": "Web 应用程序",
    r"\btasks?\b": "任务",
    r"\bjournals?\b": "日志",
    r"\busers?\b": "用户",
    r"\broles?\b": "角色",
    r"\bsnapshots?\b": "快照",
    r"\blicence\b": "许可证",
    r"\barbiter\b": "仲裁机",
    r"\bSQL gateway\b": "SQL 网关",
    r"\bvirtual address\b": "虚拟 IP",
    r"\binstances?\b": "实例",
    r"^missing$": "^缺失$",
    r"^extra$": "^多余$",
    r"^changed$": "^不同$",
    r"^clash$": "^冲突重名$",
    r"\bnot looked at\b": "未检查",
}
"""What the glossary binds, as an English pattern and what must then stand in the translation."""
NO_TERM = re.compile(
    r"`[^`]*`|[\w./-]+\.(toml|md|py|cpf|json)\b|--[\w-]+|\[[\w.-]*[{\w}]*\]|\{\w+\}|:mirror:\S*|\b(primary|mirror|host) ="
    r"|task:\S+|driftsync (snapshot|report)|member\.snapshot|GRANT role\b|/[\w/]+|for instance\b|[a-z_]+=\S+|the user's own"
)
"""Where an English word is part of a command, a key, a path: not a word to translate."""


def ids(catalogue: translations.Catalog) -> set[translations.Sentence]:
    return {key(message) for message in catalogue if message.id}


def key(message: Message) -> translations.Sentence:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def messages(language: str) -> list[Message]:
    return [message for message in translations.held(language) if message.id]


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Yield each English form with its translation (one language may have fewer forms)."""
    forms = [message.id] if isinstance(message.id, str) else list(message.id)
    said = [message.string] if isinstance(message.string, str) else list(message.string)
    yield from ((form, said[min(place, len(said) - 1)]) for place, form in enumerate(forms))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_sources_is_in_the_catalogue_and_no_other(language: str) -> None:
    there, said = ids(translations.held(language)), ids(translations.extracted())
    assert said - there == set(), ADVICE
    assert there - said == set(), ADVICE


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_guessed(language: str) -> None:
    lacking = [message.id for message in translations.lacking(translations.held(language))]
    assert lacking == [], ADVICE


def test_babel_finds_every_sentence_that_python_finds() -> None:
    found = ids(translations.extracted())
    for path, line, sentence, in_f_string in translations.marked():
        assert not (in_f_string and sentence), (
            f"{path}:{line}: Babel reads no f-string on every Python; take the call out of it"
        )
        assert sentence in found or not sentence, f"{path}:{line}: {sentence!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_blanks_are_the_same_in_both_languages(language: str) -> None:
    for message in messages(language):
        for form, said in pairs(message):
            counted = {"{count}"} if isinstance(message.id, tuple) else set()
            assert set(BLANK.findall(form)) | counted == set(BLANK.findall(said)) | counted, form


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_and_options_stay_as_they_are(language: str) -> None:
    for message in messages(language):
        for form, said in pairs(message):
            for word in re.findall(r"--[a-z][a-z-]+|driftsync\.toml|%[A-Z]\w+|\bDRIFTSYNC_\w+", form):
                assert word in said, form


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    with translations.mo(language).open("rb") as file:
        compiled = {key(each): tuple(each.string) for each in read_mo(file) if each.id}
    written = {key(each): tuple(each.string) for each in messages(language)}
    assert compiled == written, ADVICE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_written_as_make_translations_writes_it(language: str) -> None:
    assert translations.po(language).read_bytes() == translations.text(translations.updated(language)), ADVICE


def test_the_terms_are_those_of_intersystems() -> None:
    wrong = []
    for message in messages("zh_CN"):
        for form, said in pairs(message):
            plain = NO_TERM.sub(" ", form)
            wrong += [
                f"{form!r}: {chinese} is missing in {said!r}"
                for english, chinese in TERMS.items()
                if re.search(english, plain) and not re.search(chinese, said)
            ]
    assert wrong == [], "\n".join(wrong)


def test_chinese_sentences_have_chinese_punctuation() -> None:
    han = "[\u4e00-\u9fff]"
    for message in messages("zh_CN"):
        for _form, said in pairs(message):
            assert not re.search(f"{han}[,;:?!]|{han}\\.(?![\\w.])", said), said
            assert said.count("（") == said.count("）"), said


def rooms() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(translations.PACKAGE.rglob("*.py")):
        relative = path.relative_to(translations.PACKAGE)
        room = relative.parts[0] if len(relative.parts) > 1 else relative.stem
        yield room, path, ast.parse(path.read_text(encoding="utf-8"))


def test_what_is_kept_is_english_and_what_is_shown_asks_the_catalogue() -> None:
    for room, path, tree in rooms():
        if room == "language":
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.ImportFrom) and node.module == "driftsync.language"):
                continue
            taken = {alias.name for alias in node.names}
            if room not in SHOWN_LOWER:
                assert not taken & {"_", "ngettext", "translated"}, (
                    f"{path}: what is made here is kept: from driftsync.language import english as _"
                )


ERRORS = {name for name, each in vars(errors).items() if isinstance(each, type)} - {"SpecError", "Path"}


SENTENCE = re.compile(r"^(?!pip |keyring ).*[a-z]{2,} [a-z]{2,}", re.DOTALL)
"""Several words, and no command to type."""


def bare(node: ast.expr) -> bool:
    """Say whether an expression is a text of several words that nobody marked."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(SENTENCE.search(node.value))
    if isinstance(node, ast.JoinedStr):
        return any(bare(part) for part in node.values)
    return isinstance(node, ast.BinOp) and (bare(node.left) or bare(node.right))


def test_no_sentence_goes_round_the_catalogue() -> None:
    found = []
    for _room, path, tree in rooms():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            said: list[ast.expr] = []
            if name in ERRORS:
                said = [*node.args, *(word.value for word in node.keywords if word.arg in {"hint", "reason"})]
            elif name in {"add_column", "confirm", "prompt", "getpass", "Gap", "Note", "Unreadable"}:
                said = [
                    *node.args,
                    *(word.value for word in node.keywords if word.arg in {"reason", "text", "hint"}),
                ]
            found += [f"{path}:{node.lineno}" for each in said if bare(each)]
    assert found == [], "mark these with _"


def test_help_is_marked_where_it_is_declared_and_translated_when_the_language_is_known() -> None:
    for room, path, tree in rooms():
        for node in ast.walk(tree) if room == "cli" else ():
            if isinstance(node, ast.Call):
                for word in node.keywords:
                    if word.arg in {"help", "epilog"}:
                        called = word.value.func if isinstance(word.value, ast.Call) else word.value
                        shown = ast.unparse(called)
                        assert shown == "N_" or shown.endswith("HELP"), f"{path}:{node.lineno}: help=N_(…)"
