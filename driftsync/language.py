"""This module lends every sentence that a person reads its place in a translation catalogue.

What is *kept* is English, what is *shown* is in the reader's language. Rooms that make values or errors (all below
`reporting`) import `english as _`: their sentences are marked, and stand in snapshots, stores and JSON as they are.
`reporting` and `cli` show, and use `_`; a sentence that was made below, or comes out of a file that somebody else
wrote, they show by `translated`. `N_` marks what is declared once and shown later: a kind's *why*, a help text.
"""

from __future__ import annotations

import gettext as _gettext
import os
import re
import struct
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

CATALOGUES = Path(__file__).parent / "locale"
"""Where gettext catalogues live: `<language>/LC_MESSAGES/driftsync.mo`."""
LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""What a reader may choose, and what each is called by those who read it."""
DOMAIN = "driftsync"
FEWEST_LETTERS = 5
"""A sentence with fewer letters of its own is too little to be recognised by."""
LONGEST = 1000
"""Letters of a filled sentence that is looked at: what is longer holds what a member or a file said."""
MOST_JOINTS = 12
INNER = {"reason", "reasons", "sentence", "what", "why"}
"""Blanks that hold sentences; what fills any other is a name unless it has several words."""

NUMBER = r"-?\d[\d.,]*"

_BLANK = re.compile(r"\{(\w*)(?:![rs])?(?::[^{}]*)?\}")
CLAUSE = "; "
"""What stands between clauses: `translated` takes each for itself."""
PLACE, SENTENCE = ": ", ". "
_chosen = "en"


def known(word: str) -> str:
    """Return the language that `word` means (`zh_CN`, `zh-Hans`, `en_US.UTF-8`), or nothing where we have none."""
    language, *rest = re.split(r"[-_.@]", word.casefold())
    if language in {"zh", "chinese", "chinese (simplified)"}:
        return "" if {"tw", "hk", "mo", "hant"} & set(rest) else "zh_CN"
    return "en" if language in {"en", "c", "posix"} else ""


def choose(language: str) -> None:
    """Let all that follows be shown in `language`, what the command line's own library says included."""
    global _chosen  # noqa: PLW0603 - a process speaks one language, as it has one locale
    _chosen = language
    os.environ["LANGUAGE"] = language  # typer asks gettext, and gettext asks this
    _gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    _gettext.textdomain(DOMAIN)
    translated.cache_clear()
    _recognised.cache_clear()


def chosen() -> str:
    """Return the language in which sentences are shown."""
    return _chosen


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(DOMAIN, localedir=CATALOGUES, languages=[language], fallback=True)


def _(sentence: str) -> str:
    """Return `sentence` in the reader's language, itself where no catalogue has it."""
    return _catalogue(_chosen).gettext(sentence) if sentence else ""


def ngettext(one: str, many: str, count: int) -> str:
    """Return the singular or the plural in the reader's language."""
    return _catalogue(_chosen).ngettext(one, many, count)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name
    """Mark `sentence` for translation and return it unchanged."""
    return sentence


def english(sentence: str) -> str:
    """Mark `sentence` and keep it English: for values and errors, which are `translated` where they are shown."""
    return sentence


def english_plural(one: str, many: str, count: int) -> str:
    """Mark both forms and return the English one."""
    return one if count == 1 else many


@lru_cache(maxsize=8192)
def translated(sentence: str) -> str:
    """Return an English sentence whose blanks are filled already in the reader's language.

    The sentence of the catalogue is found whose own words it has; what fills its blanks moves over. What stands before
    a colon may be a place (a file and line, a member), and clauses may be joined by semicolons. What is recognised in no
    way stays as it is, so a sentence can be handed in twice.
    """
    return (_recognised(sentence) or sentence) if sentence and _forms(_chosen) else sentence


@lru_cache(maxsize=8192)
def _recognised(sentence: str) -> str:
    if sentence in _whole(_chosen):
        return _whole(_chosen)[sentence]
    if len(sentence) > LONGEST:
        return ""
    several = CLAUSE in sentence
    for own, form, translation in _forms(_chosen):
        if several and re.escape(CLAUSE) not in form.pattern:
            continue  # a blank would swallow the clauses that follow
        if own in sentence and (found := form.fullmatch(sentence)):
            return _filled(translation, found)
    if sum(map(sentence.count, (PLACE, CLAUSE, SENTENCE))) > MOST_JOINTS:
        return ""
    if several:
        return _each_clause(sentence.split(CLAUSE))
    for mark in (PLACE, SENTENCE):
        head, _mark, rest = sentence.partition(mark)
        if not rest:
            continue
        first, second = _recognised(head) if " " in head else "", _recognised(rest)
        if second or (first and mark == SENTENCE):
            return _joined(first or head, mark, second or rest)
    return ""


def _each_clause(clauses: list[str]) -> str:
    """Return clauses in the reader's language, empty where none of them is recognised."""
    said = [_recognised(each) for each in clauses]
    return _(CLAUSE).join(new or old for new, old in zip(said, clauses, strict=True)) if any(said) else ""


def _joined(first: str, mark: str, second: str) -> str:
    if mark == PLACE:
        return f"{first}: {second}"  # a place, as compilers write it
    return _("{first}. {second}").format(first=first, second=second)


def _filled(translation: str, found: re.Match[str]) -> str:
    blanks = found.groupdict()

    def fill(blank: re.Match[str]) -> str:
        value = blanks.get(blank[1] or "_0") or ""
        return translated(value) if blank[1] in INNER or " " in value else value

    return _BLANK.sub(fill, translation).replace("{{", "{").replace("}}", "}")


@lru_cache(maxsize=len(LANGUAGES))
def _whole(language: str) -> dict[str, str]:
    return {sentence: said for sentence, said in _pairs(language) if not _BLANK.search(sentence)}


@lru_cache(maxsize=len(LANGUAGES))
def _forms(language: str) -> list[tuple[str, re.Pattern[str], str]]:
    """Return of each sentence with blanks: a piece that it must hold, its pattern, its translation; the wordiest first."""
    found = []
    for sentence, said in _pairs(language):
        own = sum(map(str.isalpha, _BLANK.sub("", sentence)))
        if _BLANK.search(sentence) and own >= FEWEST_LETTERS:
            longest = max(_BLANK.split(sentence)[::2], key=len).replace("{{", "{").replace("}}", "}")
            found.append((own, longest, _form(sentence), said))
    return [(longest, form, said) for _own, longest, form, said in sorted(found, key=lambda each: -each[0])]


def _form(sentence: str) -> re.Pattern[str]:
    """Return a pattern for `sentence` with anything in its blanks; one that comes twice holds the same twice."""
    pattern, at = "", 0
    seen: set[str] = set()
    for blank in _BLANK.finditer(sentence):
        name = blank[1] or "_0"
        pattern += re.escape(sentence[at : blank.start()].replace("{{", "{").replace("}}", "}"))
        within = NUMBER if name == "count" else ".*?"
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{within})"
        at = blank.end()
        seen.add(name)
    return re.compile(pattern + re.escape(sentence[at:].replace("{{", "{").replace("}}", "}")), re.DOTALL)


def _pairs(language: str) -> Iterator[tuple[str, str]]:
    """Yield every sentence with what the catalogue says, singular and plural apart (gettext itself keeps but one)."""
    path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return
    held = path.read_bytes()
    _magic, _version, count, sentences, translations = struct.unpack_from("<5I", held)
    for number in range(count):
        key, said = (
            held[start : start + length].decode()
            for length, start in (
                struct.unpack_from("<2I", held, table + 8 * number) for table in (sentences, translations)
            )
        )
        forms, words = key.split("\x00"), said.split("\x00")
        if key:
            yield from ((form, words[min(place, len(words) - 1)]) for place, form in enumerate(forms))


_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "⏎"}


def visible(text: str) -> str:
    """Make control characters visible: what a file holds, or is called, must not steer a terminal."""
    return text.translate(_VISIBLE)
