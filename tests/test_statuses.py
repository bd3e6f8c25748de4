"""What IRIS displays of a mirror, in three languages: read right, or not at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.statuses import (
    Lag,
    arbiter_of,
    dejournaling_of,
    failover_mode_of,
    journal_transfer_of,
    member_type_of,
    role_of,
    state_of,
    status_of,
)
from driftsync.statuses.words import WORDS, plain, table_of

READERS = {
    "role": role_of, "type": member_type_of, "status": status_of, "state": state_of, "arbiter": arbiter_of,
    "mode": failover_mode_of,
}  # fmt: skip
GONE = datetime.fromisoformat("2026-11-02T17:17:53")
GOOD = {"ACTIVE", "CAUGHT_UP"}


def test_no_text_means_two_things() -> None:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for word in WORDS:
        found[word.subject, plain(word.text)].add(word.code)
    assert {key: codes for key, codes in found.items() if len(codes) > 1} == {}


def test_every_code_has_a_word_in_each_language() -> None:
    languages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for word in WORDS:
        languages[word.subject, word.code].add(word.language)
    assert {key: told for key, told in languages.items() if told != {"en", "zh", "ja"}} == {}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{word.subject}-{word.language}-{word.text[:12]}")
def test_every_word_is_read(word: object) -> None:
    from driftsync.statuses.words import Word

    assert isinstance(word, Word)
    if word.subject in READERS:
        for text in (word.text, word.text.upper(), f"  {word.text} "):
            assert READERS[word.subject](text) == word.code


@pytest.mark.parametrize(
    ("text", "lag"),
    [
        ("Active", Lag("ACTIVE", 0)),
        ("活动", Lag("ACTIVE", 0)),
        ("アクティブ", Lag("ACTIVE", 0)),
        ("Caught up", Lag("CAUGHT_UP", 0)),
        ("被捕获", Lag("CAUGHT_UP", 0)),
        ("N/A", Lag("NOT_APPLICABLE")),
        ("0", Lag("CAUGHT_UP", 0)),
        (0, Lag("CAUGHT_UP", 0)),
        ("12.4", Lag("BEHIND", 12)),
        ("0.2 seconds behind", Lag("BEHIND", 1)),
        ("12 seconds behind", Lag("BEHIND", 12)),
        ("5 minutes behind", Lag("BEHIND", 300)),
        ("1 hour and 5 minutes behind", Lag("BEHIND", 3900)),
        ("2 days, 3 hours behind", Lag("BEHIND", 183_600)),
        ("00:05:12 behind", Lag("BEHIND", 312)),
        ("落后 12 秒", Lag("BEHIND", 12)),
        ("落后1小时5分钟", Lag("BEHIND", 3900)),
        ("12 秒遅れ", Lag("BEHIND", 12)),
        ("Disconnected", Lag("DISCONNECTED")),
        ("断开", Lag("DISCONNECTED")),
        ("Disconnected on 2026-11-02 17:17:53", Lag("DISCONNECTED", since=GONE)),
        ("Disconnected on 11/02/2026 17:17:53", Lag("DISCONNECTED", since=GONE)),
        ("断开于 2026-11-02 17:17:53", Lag("DISCONNECTED", since=GONE)),
        ("2026-11-02 17:17:53 に切断", Lag("DISCONNECTED", since=GONE)),
        ("Disconnected on 2 Nov 2026", Lag("DISCONNECTED")),
    ],
)  # fmt: skip
def test_how_far_behind(text: object, lag: Lag) -> None:
    assert journal_transfer_of(text) == lag


@pytest.mark.parametrize(
    "text",
    ["", None, True, "-1", "behind", "seconds behind", "12 behind behind", "12 parsecs behind", "Caught up 3",
     "Not caught up", "Inactive", "Disconnected from A", "未被捕获", "Caught", "1e9", "Some databases need attention"],
)  # fmt: skip
def test_what_no_table_holds_is_unknown(text: object) -> None:
    assert journal_transfer_of(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Warning! Some databases need attention.", "NEEDS_ATTENTION"),
        ("Some databases need attention", "NEEDS_ATTENTION"),
        ("Warning! Dejournaling is stopped.", "STOPPED"),
        ("警告！某些数据库需要注意。", "NEEDS_ATTENTION"),
        ("Caught up", "CAUGHT_UP"),
    ],
)  # fmt: skip
def test_dejournaling(text: str, code: str) -> None:
    found = dejournaling_of(text)
    assert found is not None
    assert found.code == code
    assert dejournaling_of("Active") is None


def test_codes_are_read_as_texts_are() -> None:
    for code in ("PRIMARY", "BACKUP", "CONNECTED", "TRANSITION", "SYNCHRONIZING", "WAITING", "STOPPED", "CRASHED",
                 "NOTINIT", "MULTIASYNC^1/2"):  # fmt: skip
        assert status_of(code) == code
    assert status_of("1/2 Connected") == "MULTIASYNC^1/2"
    assert role_of("Unknown") is None
    assert arbiter_of("Only HOSPA is connected to the arbiter") == "ONE"


@given(st.sampled_from(sorted(table_of("lag"))), st.text(min_size=1, max_size=8))
def test_a_mutated_text_is_never_better(word: str, more: str) -> None:
    if plain(word + more) in table_of("lag") or plain(more + word) in table_of("lag"):
        return
    for text in (word + more, more + word):
        found = journal_transfer_of(text)
        assert found is None or found.code not in GOOD


@given(st.text(max_size=40) | st.integers() | st.floats() | st.none() | st.lists(st.integers()))
def test_whatever_comes_no_reader_raises(text: object) -> None:
    for reader in (*READERS.values(), journal_transfer_of, dejournaling_of):
        reader(text)  # type: ignore[operator]


@given(st.integers(1, 9_999_999))
def test_units_are_converted(seconds: int) -> None:
    minutes, left = divmod(seconds, 60)
    for text in (
        f"{seconds} seconds behind",
        f"{minutes} minutes {left} seconds behind",
        f"落后 {minutes} 分钟 {left} 秒",
    ):
        found = dejournaling_of(text)
        assert found is not None
        assert found.seconds == seconds
