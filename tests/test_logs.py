"""Logs are read right: the grammar, each pattern and what ends it, windows, rotation, encodings; from the end as from the start."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.logs import Event, LogRead, LogUnreadable, file_sources, read_log
from driftsync.logs.events import MOST_SORTS, Tallies
from driftsync.logs.lines import LIMIT, SHOWN, first_head, record_at, shortened
from driftsync.logs.patterns import ENDED, FOUND, LITERALS, MARKS, SEVERE_LITERALS
from driftsync.logs.reading import BLOCK, blocks_backwards
from tests.benchmarks.made_log import write_log

NOW = datetime(2026, 11, 20, 12, 0, 0)  # noqa: DTZ001 - a log names no time zone
WEEK = NOW - timedelta(days=7)


class Memory:
    """A log in memory, which counts what is read of it."""

    def __init__(self, data: bytes, name: str = "messages.log") -> None:
        self.data, self.name, self.size = data, name, len(data)
        self.asked = 0

    def read(self, start: int, length: int) -> bytes:
        self.asked += length
        return self.data[start : start + length]


def line(
    text: str, hours: float = 1, severity: int = 0, *, category: str = "[Utility.Event] ", pid: int = 684
) -> str:
    moment = NOW - timedelta(hours=hours)
    return f"{moment:%m/%d/%y-%H:%M:%S}:{moment.microsecond // 1000:03} ({pid}) {severity} {category}{text}\n"


OLD = line("Journaling switched to: /j/1", 24 * 30)
"""A line from before every window, so that the log is whole."""


def read(text: str | bytes, since: datetime = WEEK, block: int = BLOCK, **words: object) -> LogRead:
    data = text if isinstance(text, bytes) else text.encode()
    return read_log([Memory(data)], since, now=NOW, block=block, **words)  # type: ignore[arg-type]


def found(text: str | bytes, **words: object) -> dict[tuple[str, str, str], Event]:
    return {(each.id, each.sort, each.about): each for each in read(text, **words).events}  # type: ignore[arg-type]


def ids(text: str | bytes) -> set[str]:
    return {each.id for each in read(text).events if each.sort == FOUND}


PATTERNS = [
    ("LOG-401", 2, "Arbiter connection lost", ""),
    ("LOG-402", 2, "MirrorServer: Connection to HOSPB/IRIS (backup) terminated", "HOSPB/IRIS"),
    ("LOG-403", 1, "MirrorServer: Connection to HOSPDR/IRIS (async member) terminated", "HOSPDR/IRIS"),
    ("LOG-404", 2, "Async member for HOSPITAL started but failed to connect to primary", ""),
    ("LOG-405", 0, "Switched from Arbiter Controlled to Agent Controlled failover on request from primary", ""),
    ("LOG-406", 2, "Becoming primary mirror server", ""),
    ("LOG-406", 0, "No other mirror members configured, becoming primary mirror server", ""),
    ("LOG-407", 2, "Preserving all mirror journal files for offline failover member HOSPB/IRIS", ""),
    ("LOG-408", 2, "Could not open mirror journal log to read checksum", ""),
    ("LOG-409", 2, "Server^MIRRORCOMM(d): Failed to notify HOSPB/IRIS for mirror configuration change", "HOSPB/IRIS"),
    ("LOG-410", 2, "Failed to become either Primary or Backup at startup", ""),
    ("LOG-411", 2, "Previous system shutdown was abnormal, ^SHUTDOWN forced down", ""),
    ("LOG-412", 2, "AddVirtualAddress failed, cannot become primary: AddVirtualAddress Failed - could not assign IP", ""),
    ("LOG-413", 1, "Production Hosp.Production in namespace INTEROP is already running", ""),
    ("LOG-413", 1, "Auto-start of namespace INTEROP skipped: the production is in a mirrored database", ""),
    ("JRN-306", 0, "Mirror Catchup started for /data/emr/", "/data/emr/"),
    ("LOG-414", 1, "Mirrored database /data/emr/ is not encrypted on this member", ""),
    ("LOG-415", 2, "There is no room left on the device", ""),
    ("LOG-415", 3, "CACHE PANIC", ""),
]  # fmt: skip
ENDINGS = [
    ("LOG-401", "Connected to arbiter arbiter.example|2188", ""),
    ("LOG-401", "Arbiter connection re-established", ""),
    ("LOG-401", "Switched from Agent Controlled to Arbiter Controlled failover on request from primary", ""),
    ("LOG-402", "MirrorServer: Connected to backup HOSPB/IRIS", "HOSPB/IRIS"),
    ("LOG-402", "MirrorServer: Connection to HOSPB/IRIS (backup) established", "HOSPB/IRIS"),
    ("LOG-402", "Found HOSPB/IRIS as primary, becoming backup", "*"),
    ("LOG-403", "MirrorServer: HOSPDR/IRIS (async member) reconnected", "HOSPDR/IRIS"),
    ("LOG-403", "MirrorServer: New connection from HOSPDR/IRIS (async member) accepted", "HOSPDR/IRIS"),
    ("LOG-404", "MirrorClient: Connected to primary: HOSPA/IRIS (ver 4)", "*"),
    ("LOG-405", "Switched from Agent Controlled to Arbiter Controlled failover on request from primary", ""),
    ("LOG-410", "Becoming primary mirror server", ""),
    ("LOG-410", "Found HOSPA/IRIS as primary, becoming backup", ""),
    ("JRN-306", "Mirror Catchup completed for /data/emr/", "/data/emr/"),
    ("LOG-412", "Becoming primary mirror server", ""),
]  # fmt: skip
NO_ENDING = [
    "Skipping connection to arbiter while still in Arbiter Controlled failover mode.",
    "Failed to connect to arbiter",
    "Not connected to arbiter",
    "Lost connection to arbiter",
    "MirrorServer: Connection to HOSPB/IRIS (backup) not established: refused",
    "MirrorServer: HOSPB/IRIS (backup) disconnected",
]


class TestPatterns:
    @pytest.mark.parametrize(("name", "severity", "text", "about"), PATTERNS)
    def test_a_line_is_read_right(self, name: str, severity: int, text: str, about: str) -> None:
        events = found(OLD + line(text, 2, severity) + line(text, 1, severity))
        event = events[name, FOUND, about]
        assert (event.count, event.severity, event.line[:20]) == (2, severity, text[:20])
        assert event.first < event.last
        assert {each.id for each in events.values() if each.sort == FOUND} == {name}

    @pytest.mark.parametrize(("name", "text", "about"), ENDINGS)
    def test_what_ends_it(self, name: str, text: str, about: str) -> None:
        assert (name, ENDED, about) in found(OLD + line(text, 2))

    @pytest.mark.parametrize("text", NO_ENDING)
    def test_what_denies_ends_nothing(self, text: str) -> None:
        assert not [each for each in read(OLD + line(text, 2)).events if each.sort == ENDED]

    def test_every_mark_has_an_example_and_each_example_one_of_its_literals(self) -> None:
        texts = [text.encode() for _id, _severity, text, _about in PATTERNS] + [
            text.encode() for _id, text, _about in ENDINGS
        ]
        for mark in MARKS:
            fitting = [text for text in texts if mark.regex.search(text)]
            assert fitting, mark
            assert all(any(literal in text for literal in mark.literals) for text in fitting), mark
            assert set(mark.literals) <= set(LITERALS)
        assert set(SEVERE_LITERALS) <= set(LITERALS)

    def test_what_is_usual_is_no_event(self) -> None:
        assert not ids(
            OLD
            + line("Mounted database /data/emr/ (SFN 5) read-write.")
            + line("CPU usage warning", severity=1)
        )


class TestGrammar:
    @pytest.mark.parametrize(
        "text",
        [
            "mirror-demo-master | 11/20/26-11:02:08:227 (684) 2 [Utility.Event] Arbiter connection lost\n",
            "\x1b[36mmaster  |\x1b[0m 11/20/26-11:02:08:227 (684) 2 [Utility.Event] Arbiter connection lost\n",
            "11/20/26-11:02:08:227 (684) 2 Arbiter connection lost\n",
            "11/20/26-11:02:08:227 (684) 2 [Generic.Event] Arbiter connection lost\r\n",
            "11/20/26-11:02:08:227 (684) 2 [Utility.Event] Arbiter connection lost",
            "11/20/26-11:02:08:227 (684) 2 [Utility.Event] The mirror says:\n   Arbiter connection lost\n   and more\n",
        ],
        ids=["container", "coloured container", "Caché", "CRLF", "torn end", "continuation"],
    )
    def test_ways_to_write_a_line(self, text: str) -> None:
        [event] = read(OLD + text).events
        assert (event.id, event.count, event.last) == ("LOG-401", 1, "2026-11-20 11:02:08")

    def test_continuation_lines_belong_to_the_line_above(self) -> None:
        text = (
            OLD
            + line("A failure:", 1, 2)
            + "  Arbiter connection lost\n  *** Recovery started\n"
            + line("fine")
        )
        assert ids(text) == {"LOG-401"}
        assert ids(OLD + line("A severe one", 1, 2) + "  at ^X+1\n") == {"LOG-415"}

    def test_a_torn_last_line_and_a_log_that_begins_within_a_record(self) -> None:
        assert ids(
            "  Arbiter connection lost\n" + OLD + line("Arbiter connection lost", 1, 2) + "11/20/26-1"
        ) == {"LOG-401"}
        assert read("  Arbiter connection lost\n" + OLD).events == []

    def test_a_day_that_no_calendar_has(self) -> None:
        assert ids(OLD + "02/31/26-10:00:00:000 (1) 2 Arbiter connection lost\n" + line("no room", 1, 2)) == {
            "LOG-415"
        }

    def test_the_lines_of_two_containers_are_not_those_of_one_member(self) -> None:
        with pytest.raises(LogUnreadable, match="backup, master"):
            read("master | " + line("Arbiter connection lost", 1, 2) + "backup | " + line("fine"))

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_chinese_text(self, encoding: str) -> None:
        [event] = read(OLD.encode() + line("路径 /data/导出 无法写入", 1, 2).encode(encoding)).events
        assert event.line == "路径 /data/导出 无法写入"

    def test_latin_text_and_control_characters(self) -> None:
        [event] = read(OLD.encode() + line("Menü \x1b[2J voll", 1, 2).encode("latin-1")).events
        assert event.line == "Menü \\x1b[2J voll"

    @pytest.mark.parametrize("size", [SHOWN * 4 - 1, SHOWN * 4, SHOWN * 4 + 1, SHOWN * 4 + 2])
    def test_a_character_that_is_cut_does_not_spoil_the_rest(self, size: int) -> None:
        assert set(shortened(("病" * size).encode())[:-1]) == {"病"}

    def test_the_line_shown_is_short(self) -> None:
        [event] = read(OLD + line("x" * 5000, 1, 2)).events
        assert len(event.line) == SHOWN


def records_forwards(data: bytes) -> Iterable[tuple[int, object]]:
    place = first_head(data)
    while 0 <= place < len(data):
        record, after = record_at(data, place)
        if record is not None:
            yield place, record
        place = after


def tallied(data: bytes) -> list[Event]:
    tallies = Tallies(WEEK, WEEK)
    for place, record in records_forwards(data):
        tallies.add(place, record)  # type: ignore[arg-type]
    return tallies.events()


TEXTS = st.sampled_from(
    [text for _id, _severity, text, _about in PATTERNS]
    + [text for _id, text, _about in ENDINGS]
    + NO_ENDING
    + ["病人 登记", "usual", ""]
)
ENTRIES = st.tuples(
    st.floats(0, 24 * 12),
    st.integers(0, 3),
    TEXTS,
    st.sampled_from(["", "", "  Arbiter connection lost\n", "\n\n", "  x | y\r\n"]),
)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    entries = draw(st.lists(ENTRIES, max_size=12))
    prefix = draw(st.sampled_from(["", "", "mirror-a | "]))
    text = "".join(prefix + line(told, hours, severity) + more for hours, severity, told, more in entries)
    data = (draw(st.sampled_from(["", "torn\n", OLD])) + text).encode(
        draw(st.sampled_from(["utf-8", "gb18030"]))
    )
    return data[: len(data) - draw(st.integers(0, 9))] if data else data


class TestBlocks:
    @given(logs(), st.integers(1, 700))
    def test_wherever_blocks_are_cut_and_from_either_end_the_events_are_the_same(
        self, data: bytes, block: int
    ) -> None:
        forwards = tallied(data)
        for size in (block, BLOCK):
            try:
                assert read(data, block=size).events == forwards
            except LogUnreadable:
                assert first_head(data) < 0 or not forwards

    @given(logs(), st.integers(1, 300))
    def test_blocks_begin_with_a_head_and_lose_nothing(self, data: bytes, block: int) -> None:
        pieces = list(blocks_backwards(Memory(data), size=block))
        assert all(first_head(piece.data) == 0 for piece in pieces)
        start = first_head(data)
        joined = b"".join(piece.data for piece in reversed(pieces))
        assert joined == (data[start:] if start >= 0 else b"")

    def test_a_line_of_a_megabyte_is_cut_and_costs_no_more(self) -> None:
        data = (
            OLD
            + line("x" * 3_000_000 + " Arbiter connection lost", 2, 2)
            + line("Arbiter connection lost", 1, 2)
        ).encode()
        for size in (10_000, BLOCK):
            assert [(each.id, each.count) for each in read(data, block=size).events] == [
                ("LOG-401", 1),
                ("LOG-415", 1),
            ]
        longest = max(len(piece.data) for piece in blocks_backwards(Memory(data), size=10_000))
        assert longest <= LIMIT + 10_000

    def test_memory_does_not_grow_with_the_log(self, tmp_path: Path) -> None:
        peaks: list[int] = []
        for size in (2_000_000, 12_000_000):
            path = tmp_path / f"{size}.log"
            write_log(path, size)
            tracemalloc.start()
            [source] = file_sources([path])
            read_log([source], datetime(2000, 1, 1), now=NOW)  # noqa: DTZ001
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] * 1.5 + 1_000_000

    def test_many_sorts_of_severe_lines_are_counted_in_bounded_memory(self) -> None:
        names = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(MOST_SORTS * 2)]
        events = read(OLD + "".join(line(f"Trouble {name}", 1, 2) for name in names)).events
        assert len(events) == 11
        assert sum(each.count for each in events) == MOST_SORTS * 2


class TestWindow:
    def test_only_what_is_inside_counts_and_reading_stops_before_it(self) -> None:
        before = line("no room", 24 * 9, 2) * 90_000
        memory = Memory((before + line("no room", 24 * 6, 2)).encode())
        read = read_log([memory], WEEK, now=NOW)
        assert [(each.id, each.count) for each in read.events] == [("LOG-415", 1)]
        assert memory.asked < memory.size * 0.6
        assert read.window.short == ""

    def test_what_may_still_last_counts_from_before_a_short_window(self) -> None:
        hour = NOW - timedelta(hours=1)
        text = OLD + line("Arbiter connection lost", 30, 2) + line("no room", 30, 2) + line("fine", 0.5)
        assert {each.id for each in read(text, since=hour).events} == {"LOG-401"}

    def test_a_log_that_begins_inside_the_window(self) -> None:
        assert read(line("fine", 24 * 3)).window.short == "rotated"
        assert read(OLD + line("fine")).window.short == ""

    def test_the_log_before_it_makes_it_whole(self, tmp_path: Path) -> None:
        (tmp_path / "messages.old_20261118").write_text(
            OLD + line("Arbiter connection lost", 50, 2), encoding="utf-8"
        )
        (tmp_path / "messages.log").write_text(line("Connected to arbiter", 40), encoding="utf-8")
        read = read_log(opened(tmp_path), WEEK, now=NOW)
        assert read.window.short == ""
        lost, back = sorted(read.events, key=lambda each: each.sort, reverse=True)
        assert (lost.id, back.sort) == ("LOG-401", ENDED)
        assert back.place > lost.place

    def test_the_bound_is_said(self) -> None:
        text = OLD + line("fine", 24 * 6) * 10_000 + line("Arbiter connection lost", 1, 2)
        read = read_log([Memory(text.encode())], WEEK, now=NOW, most=100_000, block=30_000)
        assert (read.window.short, [each.id for each in read.events]) == ("bound", ["LOG-401"])
        assert read.window.read <= 100_000

    def test_a_clock_that_went_wrong_is_no_beginning(self) -> None:
        wrong = "01/01/15-00:00:01:000 (1) 0 [Utility.Event] clock\n" * 50
        assert ids(OLD + line("Arbiter connection lost", 5, 2) + wrong + line("fine")) == {"LOG-401"}

    def test_the_later_place_wins_though_the_clock_went_back(self) -> None:
        events = found(OLD + line("Arbiter connection lost", 1, 2) + line("Connected to arbiter", 1.5))
        assert events["LOG-401", ENDED, ""].place > events["LOG-401", FOUND, ""].place

    def test_a_copy_that_ends_long_ago_is_no_witness(self) -> None:
        assert read(OLD + line("fine", 50), copied=True).window.short == "stale"
        assert read(OLD + line("fine", 50)).window.short == ""

    def test_alerts_alone_hold_severe_lines_only(self, tmp_path: Path) -> None:
        (tmp_path / "alerts.log").write_text(OLD + line("Arbiter connection lost", 5, 2), encoding="utf-8")
        assert read_log(opened(tmp_path), WEEK, now=NOW).window.short == "alerts"
        (tmp_path / "messages.log").write_text(OLD + line("Arbiter connection lost", 5, 2), encoding="utf-8")
        read = read_log(opened(tmp_path), WEEK, now=NOW)
        assert (read.window.short, read.events[0].count) == ("", 1)

    @pytest.mark.parametrize("data", [b"", b"hello\n", b"\xff\xfe1\x001\x00/\x002\x000\x00"])
    def test_what_is_no_log(self, data: bytes) -> None:
        with pytest.raises(LogUnreadable):
            read(data)


def opened(folder: Path) -> Sequence[object]:
    return file_sources(sorted(folder.iterdir()))
