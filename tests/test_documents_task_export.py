"""Task exports and `$LIST`: settings are decoded, tasks find each other by name, names may repeat."""

from __future__ import annotations

import base64
import contextlib
import struct
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.model import Coverage, Secret
from driftsync.serial_list import decode_list, decode_pairs
from tests.documents import SETTINGS, TASKS, compared, drift, items, read

# -- $LIST ------------------------------------------------------------------------------------------------------


def element(kind: int, data: bytes) -> bytes:
    """Encode one element as wire.md describes it."""
    if len(data) <= 253:
        return bytes([len(data) + 2, kind]) + data
    if len(data) < 0xFFFF:
        return b"\0" + struct.pack("<H", len(data) + 1) + bytes([kind]) + data
    return b"\0\0\0" + struct.pack("<I", len(data) + 1) + bytes([kind]) + data


def integer(value: int) -> tuple[int, bytes]:
    rest = value if value >= 0 else -value - 1
    data = rest.to_bytes((rest.bit_length() + 7) // 8, "little")
    return (4, data) if value >= 0 else (5, bytes(byte ^ 0xFF for byte in data))


def encoded(value: str | float | Decimal | None) -> bytes:
    if value is None:
        return b"\x01"
    if isinstance(value, str):
        try:
            return element(1, value.encode("latin-1"))
        except UnicodeEncodeError:
            return element(2, value.encode("utf-16-le"))
    if isinstance(value, Decimal):
        sign, digits, exponent = value.as_tuple()
        number = int("".join(map(str, digits))) * (-1 if sign else 1)
        kind, data = integer(number)
        return element(kind + 2, struct.pack("b", int(exponent)) + data)
    if isinstance(value, float):
        return element(9, struct.pack("<d", value))
    return element(*integer(value))


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.decimals(-(10**15), 10**15, allow_nan=False, allow_infinity=False, places=3)
FLOATS = st.floats(allow_nan=False)


@given(st.lists(st.none() | WORDS | NUMBERS | DECIMALS | FLOATS))
def test_what_was_encoded_is_decoded(values: list[str | int | float | Decimal | None]) -> None:
    expected = ["" if each is None else float(each) if isinstance(each, Decimal) else each for each in values]
    assert decode_list(b"".join(map(encoded, values))) == expected


@pytest.mark.parametrize("length", [0, 1, 252, 253, 254, 255, 256, 65533, 65534, 65535, 65536, 70000])
def test_every_form_of_length(length: int) -> None:
    for value in ("x" * length, "病" * (length // 2)):
        assert decode_list(encoded(value) + encoded("end")) == [value, "end"]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("02 04", 0),
        ("03 04 7f", 127),
        ("02 05", -1),
        ("03 05 fe", -2),
        ("04 06 ff 0f", 1.5),
        ("04 06 02 05", 500),
        ("04 07 ff f1", -1.5),
        ("03 08 3f", None),
        ("0a 09 00 00 00 00 00 00 f8 3f", 1.5),
        ("04 08 f8 3f", 1.5),
        ("06 08 00 00 c0 3f", 1.5),
    ],
)
def test_every_type_of_number(data: str, value: float | None) -> None:
    found = decode_list(bytes.fromhex(data))
    assert value is None or found == [value]


@pytest.mark.parametrize(
    "data",
    ["05 01 41", "00", "00 00", "00 00 00 00 00 00 00", "02 63", "03 02 41", "02 06", "00 ff ff 01",
     "0b 09" + " 00" * 9, "0b 04" + " ff" * 9, "0c 06 7f" + " ff" * 9, "04 02 00 d8", "00 00 00 ff ff ff ff 01"],
)  # fmt: skip
def test_other_bytes_are_refused(data: str) -> None:
    with pytest.raises(ValueError, match=r"^(a|an|'utf)"):
        decode_list(bytes.fromhex(data))


@given(st.binary(max_size=80))
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        decode_pairs(data)


def test_a_name_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="without a value"):
        decode_pairs(encoded("a"))


# -- tasks ------------------------------------------------------------------------------------------------------


def test_it_is_whole(tmp_path: Path) -> None:
    found = read(tmp_path, TASKS)
    assert found.header.coverage == {"task": Coverage.WHOLE}
    assert found.header.gaps == []
    assert items(found).keys() == {"task:%SYS/Backup", "task:APP/Report"}


def test_settings_are_decoded_and_their_secrets_are_fingerprints(tmp_path: Path) -> None:
    found = read(tmp_path, TASKS)
    settings = compared(found, "task:%SYS/Backup")["Settings"]
    assert settings["Device"] == "/usr/irissys/mgr/Backup"
    assert isinstance(settings["ApiToken"], Secret)
    assert "canary" not in repr(found)


def test_base64_may_be_broken_into_lines(tmp_path: Path) -> None:
    assert drift(
        read(tmp_path, TASKS),
        read(tmp_path, TASKS.replace(SETTINGS, f"\n{SETTINGS[:20]}\r\n {SETTINGS[20:]}\n")),
    ).clean


@pytest.mark.parametrize(
    "damaged",
    [SETTINGS[:-6], SETTINGS[1:], "canary!" + SETTINGS, SETTINGS[:20] + "*" + SETTINGS[21:],
     base64.b64encode(encoded("one")).decode(), base64.b64encode(encoded("x") + element(6, b"\x7f" + b"\xff" * 300)).decode()],
)  # fmt: skip
def test_settings_that_cannot_be_decoded_are_a_gap(tmp_path: Path, damaged: str) -> None:
    found = read(tmp_path, TASKS.replace(SETTINGS, damaged))
    assert [(gap.key, gap.property) for gap in found.header.gaps] == [("task:%SYS/Backup", "Settings")]
    assert drift(read(tmp_path, TASKS), found).differences == []
    assert "canary" not in repr(found)


def test_a_task_that_runs_after_another_names_it(tmp_path: Path) -> None:
    assert compared(read(tmp_path, TASKS), "task:APP/Report")["RunAfter"] == "%SYS/Backup"
    other_ids = TASKS.replace("1111", "AAAA").replace("2222", "BBBB")
    assert drift(read(tmp_path, TASKS), read(tmp_path, other_ids)).clean


def test_a_reference_to_no_task_is_a_gap_of_the_property(tmp_path: Path) -> None:
    found = read(tmp_path, TASKS.replace("<RunAfterGUID>1111", "<RunAfterGUID>9999"))
    assert [(gap.key, gap.property) for gap in found.header.gaps] == [("task:APP/Report", "RunAfter")]


def test_two_tasks_of_one_name_are_one_gap(tmp_path: Path) -> None:
    twice = TASKS.replace(
        "</Task></Tasks>", "</Task>\n<Task><Name>report</Name><NameSpace>app</NameSpace></Task></Tasks>"
    )
    found = read(tmp_path, twice)
    assert items(found).keys() == {"task:%SYS/Backup"}
    assert [gap.key for gap in found.header.gaps] == ["task:APP/report"]
    assert drift(read(tmp_path, TASKS), found).differences == []


def test_three_tasks_of_one_name_and_a_copy_of_the_file_are_still_one_gap(tmp_path: Path) -> None:
    more = "<Task><Name>Report</Name><NameSpace>APP</NameSpace><Priority>{}</Priority></Task>"
    thrice = TASKS.replace("</Tasks>", more.format(1) + more.format(2) + "</Tasks>")
    (tmp_path / "folder").mkdir()
    for name in ("a", "b"):
        (tmp_path / "folder" / name).write_text(thrice, encoding="utf-8")
    from driftsync.documents import read_member
    from tests.documents import FINGERPRINTER

    found = read_member(tmp_path / "folder", fingerprinter=FINGERPRINTER)
    assert {gap.key for gap in found.header.gaps} == {"task:APP/Report"}
    assert items(found).keys() == {"task:%SYS/Backup"}


def test_a_record_that_is_no_task_is_a_gap(tmp_path: Path) -> None:
    found = read(
        tmp_path, TASKS.replace("</Tasks>", "<Other><Name>x</Name><NameSpace>y</NameSpace></Other></Tasks>")
    )
    assert len(found.items) == 2
    assert [gap.kind for gap in found.header.gaps] == ["task"]


def test_no_tasks_at_all_is_knowledge(tmp_path: Path) -> None:
    for empty in ("<Tasks/>", "<Tasks></Tasks>"):
        assert read(tmp_path, empty).header.coverage == {"task": Coverage.WHOLE}
