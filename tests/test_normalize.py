"""Laws of the one spelling: normalising twice changes nothing, and what means the same becomes the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driftsync import normalize

PERMISSIONS = {"1": "R", "2": "W", "4": "U"}
AUTHENTICATION = {"16": "operating system", "32": "password", "64": "unauthenticated", "8192": "delegated"}
PERIODS = {"0": "daily", "1": "weekly", "5": "on demand"}
DIRECTORIES = {"mgr": "/usr/irissys/mgr/", "install": "/usr/irissys/", "data": "D:\\Data\\"}

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "text": normalize.text,
    "number": normalize.number,
    "flag": normalize.flag,
    "choice": lambda raw: normalize.choice(raw, PERIODS),
    "permissions": lambda raw: normalize.mask(raw, PERMISSIONS),
    "authentication": lambda raw: normalize.mask(raw, AUTHENTICATION),
    "names": normalize.names,
    "ordered": normalize.ordered,
    "pairs": lambda raw: normalize.pairs(raw, PERMISSIONS),
    "horolog": normalize.horolog,
    "path": normalize.path,
    "path with directories": lambda raw: normalize.path(raw, DIRECTORIES),
    "paths": lambda raw: normalize.paths(raw, DIRECTORIES),
    "time": normalize.time,
    "url": normalize.url,
}

LIKELY = st.sampled_from(
    [
        "", "0", "1", "08", "8.0", "-1", ".5", "1e3", "true", "No", "on", "weekly", "R", "rwu", "READ,WRITE",
        "$$$AutheOS+$$$AuthePassword", "a,b,,", "A:R,B:RW", "67113,4493.87", "67113", "/usr/irissys/mgr//x/", "C:\\IRIS\\Mgr\\",
        "\\\\host\\share\\", "s3://bucket/x", "/a:/b", "C:\\a;D:\\b", "13:05", "3600", "jdbc:IRIS://h:1972/NS", "${mgr}/x", "/", "//",
        "jdbc:sqlserver://h;password=x", "jdbc:mysql://u:p@h/db", None, True, False, 0, 1, 8.0, 2**70, 1e300, float("nan"), [], {},
        ["a", None], [{"Name": "A", "Permission": "3"}], {"Name": "A", "Permission": "1"}, ["A:R", "A:W"], [["x"]], [{"x": 1}],
    ]
)  # fmt: skip
NASTY = st.text(st.sampled_from("aZ0159/\\:;,.-+ ${}@?=\t\n\r%_é病İ٣'\""), max_size=20)
RAW = (
    LIKELY
    | NASTY
    | st.text(max_size=20)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.lists(NASTY, max_size=4)
)


def outcome(name: str, raw: Any) -> Any:
    """Return what a function makes of a value, an exception of the declared type included."""
    try:
        return FUNCTIONS[name](raw)
    except ValueError as error:
        return error


@pytest.mark.parametrize("name", FUNCTIONS)
@given(raw=RAW)
def test_normalising_twice_changes_nothing(name: str, raw: Any) -> None:
    once = outcome(name, raw)
    if once is not None and not isinstance(once, ValueError):
        assert FUNCTIONS[name](once) == once


@pytest.mark.parametrize("name", FUNCTIONS)
@given(raw=RAW)
def test_a_result_is_never_an_empty_value(name: str, raw: Any) -> None:
    """Empty is `None`: it is left out of an item."""
    assert outcome(name, raw) not in ("", [], {})


@pytest.mark.parametrize("name", FUNCTIONS)
@given(before=NASTY, after=NASTY)
def test_an_error_never_tells_the_value(name: str, before: str, after: str) -> None:
    for raw in (
        f"{before}canary{after}",
        [f"{before}canary{after}"],
        {"Name": "canary", "Permission": "canary"},
    ):
        found = outcome(name, raw)
        assert not isinstance(found, ValueError) or "canary" not in f"{found}{found.__cause__}"


@pytest.mark.parametrize("name", FUNCTIONS)
@given(number=st.integers() | st.floats(allow_nan=True, allow_infinity=True))
def test_numbers_can_be_stored(name: str, number: float) -> None:
    import msgspec

    for raw in (number, str(number)):
        found = outcome(name, raw)
        if not isinstance(found, ValueError):
            assert msgspec.json.decode(msgspec.json.encode(found)) == found


# -- the same, spelled otherwise --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("text", ["a\nb", "a\r\nb", "a\rb"]),
        ("text", [True, 1, "1"]),
        ("number", ["8", "08", "8.0", "+8", " 8 ", "8.", 8, 8.0, "0.8e1"]),
        ("number", [True, "true", "1", 1]),
        ("number", [".5", "0.5", "0.50", 0.5]),
        ("flag", ["1", "true", "True", "YES", "on", True, 1]),
        ("flag", ["0", "false", "No", "off", False, 0]),
        ("choice", ["5", "on demand", "On Demand", 5, "05", "5.0"]),
        ("permissions", ["7", "RWU", "uwr", "READ,WRITE,USE", "R,W,U", 7, "7.0"]),
        ("authentication", ["48", "$$$AutheOS+$$$AuthePassword", "$$$AuthePassword|$$$AutheOS", 48]),
        ("names", ["A,B", "B,A,A", "A, B ,", "A,,B", ["B", "A"], ["A", "", "B", None]]),
        ("ordered", ["8,2", "8, 2", "8,2,,", ["8", "2"], [8, 2, ""]]),
        ("pairs", ["A:RW,B:R", "B:R,A:WR", [{"Name": "B", "Permission": "1"}, {"Name": "A", "Permission": 3}], ["A:3", "B:R"], "A:R,B:R,A:W", {"A": "RW", "B": 1}]),
        ("horolog", ["67113,4493.87", "67113,4493", "67113,4493.1"]),
        ("path", ["C:\\IRIS\\Mgr\\", "c:/iris/mgr", "C:\\iris\\\\mgr", "C:/IRIS/mgr//"]),
        ("path", ["/usr/irissys/mgr", "/usr/irissys/mgr/", "/usr//irissys/mgr"]),
        ("path", ["\\\\Host\\Share\\x", "//host/share/x/"]),
        ("paths", ["C:\\a;D:\\B\\", "c:/a;d:/b", ["C:\\A", "D:\\b"]]),
        ("time", ["13:05:00", "13:05", "47100", 47100]),
        *((name, ["", None, "  "]) for name in FUNCTIONS if name != "text"),
    ],
)  # fmt: skip
def test_what_means_the_same_becomes_the_same(name: str, spellings: list[Any]) -> None:
    first = FUNCTIONS[name](spellings[0])
    for spelled in spellings[1:]:
        found = FUNCTIONS[name](spelled)
        assert (found, type(found)) == (first, type(first)), spelled


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("text", ["a"]),
        ("text", {}),
        *(("number", raw) for raw in ("x", "1_000", "nan", "inf", "٣", "1.2.3", "9" * 400, "1e999", float("inf"), [1])),
        *(("flag", raw) for raw in ("2", 2, "maybe", -1, [True])),
        ("choice", "9" * 30),
        *(("permissions", raw) for raw in ("X", "RX", "$$$Authe", "9" * 30, ["R"])),
        *(("pairs", raw) for raw in (":R", [{"Permission": "1"}], "A:X", "A:8", "A:15", [["A"]], [{"Name": ["A"]}])),
        ("names", {"a": 1}),
        ("names", [{"a": 1}]),
        ("ordered", [["a"]]),
        *(("time", raw) for raw in ("25:00", "12:60", "noon", "99999")),
        ("path", ["/a"]),
        ("url", {"a": 1}),
    ],
)  # fmt: skip
def test_another_shape_is_refused(name: str, raw: Any) -> None:
    assert isinstance(outcome(name, raw), ValueError)


@given(st.dictionaries(st.from_regex(r"[%A-Z][A-Za-z_]{0,8}", fullmatch=True), st.integers(1, 7), min_size=1))
def test_pairs_as_records_and_as_text_agree(granted: dict[str, int]) -> None:
    records = [{"Name": name, "Permission": str(bits)} for name, bits in reversed(granted.items())]
    written = ",".join(f"{name}:{normalize.letters(bits, PERMISSIONS)}" for name, bits in granted.items())
    assert normalize.pairs(records, PERMISSIONS) == normalize.pairs(written, PERMISSIONS)


@given(st.integers(0, 7))
def test_letters_and_bits_tell_the_same(bits: int) -> None:
    assert (normalize.mask(normalize.letters(bits, PERMISSIONS), PERMISSIONS) or 0) == bits


@given(st.integers(0, 99_999), st.integers(0, 86_399))
def test_a_moment_is_a_moment(day: int, second: int) -> None:
    found = normalize.horolog(f"{day},{second}")
    assert found is not None
    assert found.endswith("Z")
    assert found[:10] == normalize.horolog(str(day))


@pytest.mark.parametrize("raw", ["9999999", "9999999,1", "1,99999", "2024-05-20", "67113,1,1", "٣"])
def test_what_is_no_moment_stays(raw: str) -> None:
    assert normalize.horolog(raw) == raw


# -- paths ------------------------------------------------------------------------------------------------------

PARTS = st.lists(st.from_regex(r"[a-z][a-z0-9._-]{0,5}", fullmatch=True), min_size=1, max_size=4)


@given(PARTS, PARTS, st.sampled_from(["", "/", "//"]), st.sampled_from(["", "\\", "/"]))
def test_the_same_place_below_each_members_own_directory_is_equal(
    here: list[str], below: list[str], end: str, other_end: str
) -> None:
    linux = "/" + "/".join(here)
    windows = "E:\\" + "\\".join(here).upper()
    a = normalize.path(f"{linux}/{'/'.join(below)}{end}", {"mgr": linux + end})
    b = normalize.path(f"{windows}\\{chr(92).join(below).title()}{other_end}", {"mgr": windows + other_end})
    assert a == b == "${mgr}/" + "/".join(below)


@given(PARTS, st.permutations(["one", "two", "three"]))
def test_the_longest_directory_wins_whatever_the_order(here: list[str], order: list[str]) -> None:
    place = "/" + "/".join(here)
    depth = {"one": "", "two": "/b", "three": "/b/c"}
    directories = {name: place + depth[name] + "/" * (5 - len(depth[name])) for name in order}
    assert normalize.path(f"{place}/b/c/d", directories) == "${three}/d"
    assert normalize.path(f"{place}/b", directories) == "${two}"
    assert normalize.path(f"{place}/bc", directories) == "${one}/bc"


def test_the_case_of_a_linux_path_matters() -> None:
    assert normalize.path("/Data") != normalize.path("/data")
    assert normalize.path("/USR/irissys/mgr", DIRECTORIES) == "/USR/irissys/mgr"


def test_a_drive_may_be_a_directory() -> None:
    assert normalize.path("D:\\x", {"data": "d:\\"}) == "${data}/x"
    assert normalize.path("/x", {"root": "/"}) == "${root}/x"


def test_an_empty_directory_stands_for_nothing() -> None:
    assert normalize.path("/x", {"none": ""}) == "/x"


# -- connection URLs --------------------------------------------------------------------------------------------

SHOWN = {
    "jdbc:IRIS://host:1972/NS": "jdbc:IRIS://host:1972/NS",
    "jdbc:Cache://127.0.0.1:1972/SAMPLES": "jdbc:Cache://127.0.0.1:1972/SAMPLES",
    "jdbc:postgresql://host:5432/db": "jdbc:postgresql://host:5432/db",
    "jdbc:postgresql://host/db?user=canary&password=canary": "jdbc:postgresql://host/db…",
    "jdbc:sqlserver://host:1433;databaseName=db;user=sa;password=canary": "jdbc:sqlserver://host:1433…",
    "jdbc:mysql://user:canary@host:3306/db": "jdbc:mysql://…@host:3306/db",
    "jdbc:mysql://user:can@ary@host/db": "jdbc:mysql://…@host/db",
    "jdbc:oracle:thin:user/canary@//host:1521/service": "jdbc:oracle:thin://…@host:1521/service",
}
"""What can be shown is shown."""

SECRETIVE = [
    "jdbc:oracle:thin:scott/canary@host:1521:sid",
    "jdbc:oracle:thin:scott/canary@//host:1521/service",
    "jdbc:oracle:thin:scott/can;ary@host:1521:sid",
    "jdbc:oracle:thin:scott/can@ary@//host/service",
    "jdbc:oracle:thin:scott/canary",
    "jdbc:oracle:thin:scott:canary",
    "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1))(CONNECT_DATA=(PASSWORD=canary)))",
    "jdbc:oracle:oci:scott/canary@tns",
    "jdbc:sqlserver://host\\instance;user=u;password=canary",
    "jdbc:sqlserver://;servername=h;password={can;ary}",
    "jdbc:microsoft:sqlserver://h:1433;Password=canary",
    "jdbc:jtds:sqlserver://h/db;password=canary",
    "jdbc:postgresql://h/db?password=canary",
    "jdbc:postgresql://u:canary@h1:1,h2:2/db",
    "jdbc:postgresql://h/db&password=canary",
    "jdbc:mysql://u:canary@h/db",
    "jdbc:mysql://u:p?canary@h/db",
    "jdbc:mysql://u:12345?canary@h/db",
    "jdbc:mysql://u:p#canary@h/db",
    "jdbc:mysql://u:p/canary@h/db",
    "jdbc:mysql://address=(host=h)(user=u)(password=canary)/db",
    "jdbc:mysql://(host=h,password=canary)/db",
    "jdbc:mysql:loadbalance://u:canary@h1,h2/db",
    "jdbc:db2://h:50000/DB:user=u;password=canary;",
    "jdbc:db2://h:50000/DB:password=canary;",
    "jdbc:informix-sqli://h:1/db:INFORMIXSERVER=s;password=canary",
    "jdbc:sybase:Tds:h:5000/db?PASSWORD=canary",
    "jdbc:h2:tcp://h/db;USER=sa;PASSWORD=canary",
    "jdbc:derby:db;password=canary",
    "jdbc:snowflake://a.com/?password=canary",
    "jdbc:hive2://h:1/db;password=canary",
    "jdbc:IRIS://h:1972/NS,u,canary",
    "jdbc:IRIS://h:1972/NS u canary",
    "DSN=x;UID=u;PWD=canary",
    "Driver={IRIS ODBC35};Server=h;Password=canary",
    "u:canary@h",
    "x:u:canary@h",
    "x:y:u:canary@h",
    "u/canary@h",
    "canary",
    "https://u:canary@h/x?token=canary#canary",
    "mongodb+srv://u:canary@h/db",
    " jdbc:mysql://u:canary@h/db ",
    "jdbc:mysql://u:\ncanary@h/db",
    "jdbc:mysql://u%3Acanary%40h/db",
]


@pytest.mark.parametrize("raw", SHOWN)
def test_the_place_of_a_connection_is_shown(raw: str) -> None:
    assert normalize.url(raw) == SHOWN[raw]


@pytest.mark.parametrize("raw", [*SECRETIVE, *(each.replace("canary", "98765") for each in SECRETIVE)])
def test_no_parameter_and_no_password_is_shown(raw: str) -> None:
    shown = normalize.url(raw)
    assert shown
    for secret in ("canary", "98765", "12345", "can", "ary"):
        assert secret not in shown


@example("jdbc:mysql://u:{}@h/db", "", "?")
@example("jdbc:oracle:thin:u/{}@//h:1/s", "//x/", ";")
@given(
    st.sampled_from(
        ["jdbc:mysql://u:{}@h/db", "jdbc:oracle:thin:u/{}@//h:1/s", "jdbc:postgresql://u:{}@h:1/d?a=b"]
    ),
    st.text(st.sampled_from("@/;?:#&=%5aé$ "), max_size=6),
    st.text(st.sampled_from("@/;?:#&=%5aé$ "), max_size=6),
)
def test_a_password_of_any_characters_is_not_shown(form: str, before: str, after: str) -> None:
    for secret in ("qqqqqq", "77777"):
        shown = normalize.url(form.format(before + secret + after))
        assert secret not in (shown or "")
