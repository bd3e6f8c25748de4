"""The lab's server answers the unmodified driver over real sockets; behind it stands the smallest of instances."""

from __future__ import annotations

import os
import random
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.errors import UsageError
from driftsync.lab import certificates, protocol
from driftsync.lab.certificates import make_certificates, write_settings
from driftsync.lab.contract import (
    Argument,
    Column,
    LoginRefused,
    ObjectReference,
    ObjectScriptError,
    Reply,
    ResultSet,
    SqlError,
    Value,
)
from driftsync.lab.faults import WireFaults, parse_instance_faults, parse_wire_faults
from driftsync.lab.members import LabError, Place, RunningMembers
from driftsync.lab.protocol import scramble, unscramble
from driftsync.lab.serving import Server
from driftsync.lab.values import Items, MalformedError, decode, encode, encode_all

iris = pytest.importorskip("iris")

LONG = "driftsync 漂移 " * 100_000
SAMPLES: dict[str, Value] = {
    "empty": "",
    "none": None,
    "ascii": "Payroll",
    "latin": "Zürich",
    "chinese": "漂移检测",
    "emoji": "a😀b",
    "zero": "\x00",
    "253": "a" * 253,
    "254": "a" * 254,
    "65534": "a" * 65534,
    "65535": "a" * 65535,
    "70k": "b" * 70_000,
    "3MB": LONG,
    "one": 1,
    "negative": -257,
    "least": -(2**63),
    "most": 2**63 - 1,
    "more": 2**70,
    "half": 0.5,
    "tenth": -0.1,
    "huge": 2.5e200,
    "true": True,
    "list": encode_all(["%All", "%Developer", 3]),
    "bytes": bytes(range(256)),
}


class FakeSession:
    """A session that echoes, fails and counts rows on demand."""

    def __init__(self, instance: FakeInstance, user: str) -> None:
        self.instance, self.user = instance, user
        self.properties: dict[str, Value] = {}
        self.numbers = iter(range(1, 10_000))

    def open(self, class_name: str = "User.Thing") -> ObjectReference:
        return ObjectReference(next(self.numbers), class_name)

    def class_method(self, class_name: str, method: str, arguments: Sequence[Argument]) -> Reply:
        if class_name not in {"Lab.Echo", "%SYSTEM.Version"}:
            raise ObjectScriptError(f"<CLASS DOES NOT EXIST>zx+1^%SYS *{class_name}")
        plain = [each.value for each in arguments]
        match method:
            case "Sample":
                return Reply(SAMPLES[str(plain[0])])
            case "Show":
                return Reply(repr(plain))
            case "Same":
                return Reply(plain[0])
            case "Length":
                return Reply(len(str(plain[0])))
            case "User":
                return Reply(f"{self.user} {self.instance.role}")
            case "Swap":
                return Reply("swapped", (plain[2], plain[0]))
            case "Forget":
                return Reply("forgotten")
            case "Exists":
                return Reply(1, (self.open("Security.Users"),))
            case "Open":
                return Reply(self.open())
            case "Class":
                assert isinstance(plain[0], ObjectReference)
                return Reply(plain[0].class_name)
            case "GetVersion":
                return Reply(self.instance.version)
            case "Bug":
                raise KeyError("no such key")
        raise ObjectScriptError(f"<METHOD DOES NOT EXIST>zx+1^%SYS *{method},{class_name}")

    def method(self, target: ObjectReference, method: str, arguments: Sequence[Argument]) -> Reply:
        return Reply(f"{target.class_name}.{method}{[each.value for each in arguments]!r}")

    def get(self, target: ObjectReference, name: str) -> Value:
        if name not in self.properties:
            raise ObjectScriptError(f"<PROPERTY DOES NOT EXIST>zx+1^%SYS *{name},{target.class_name}")
        return self.properties[name]

    def set(self, target: ObjectReference, name: str, value: Value) -> None:  # noqa: ARG002
        self.properties[name] = value

    def function(self, function: str, routine: str, arguments: Sequence[Argument]) -> Reply:
        return Reply(f"{function}^{routine}{[each.value for each in arguments]!r}")

    def query(self, sql: str, parameters: Sequence[Value]) -> ResultSet:
        self.instance.statements.append((sql, list(parameters)))
        if "Secret" in sql:
            raise SqlError(-99, "User lab is not privileged for the operation: 权限")
        if "Types" in sql:
            columns = [Column("T"), Column("I", 4), Column("B", -7), Column("D", 8), Column("N", 2)]
            rows: list[list[Value]] = [["x", -5, 1, 0.25, 1.5], ["", 0, 0, -1e300, None], [None] * 5]
            return ResultSet(columns, iter(rows))
        if "Late" in sql:
            return ResultSet([Column("A")], self.failing())
        if "Wide" in sql:
            return ResultSet([Column("A"), Column("B")], ((i, "宽" * 50_000) for i in range(5)))
        if "Many" in sql:
            return ResultSet([Column("Number", 4), Column("Name")], ((i, f"user {i}") for i in range(10_000)))
        return ResultSet([Column(f"P{i}") for i in range(len(parameters))], iter([parameters]))

    def failing(self) -> Iterator[Sequence[Value]]:
        for i in range(10_000):
            if i == 5_000:
                raise SqlError(-400, "the row could not be read")
            yield [f"row {i}"]

    def execute(self, sql: str, parameters: Sequence[Value]) -> int:
        self.instance.statements.append((sql, list(parameters)))
        if "Secret" in sql:
            raise SqlError(-99, "not privileged")
        return 7

    def close(self) -> None:
        self.instance.closed += 1


class FakeInstance:
    name, version = "FAKE", "IRIS for UNIX (Ubuntu) 2024.1 (Build 267U)"

    def __init__(self) -> None:
        self.statements: list[tuple[str, list[Value]]] = []
        self.closed = 0
        self.role = "backup"

    def login(self, user: str, password: str, namespace: str) -> FakeSession:
        if password != "geheim 密码":
            raise LoginRefused(f"Access Denied for {user} in {namespace}")
        return FakeSession(self, user)

    def fail_over(self) -> None:
        self.role = "primary"


def make_fake() -> FakeInstance:
    return FakeInstance()


def make_nothing() -> FakeInstance:
    raise OSError("the disk is gone")


def connect(server: Server | int, **options: Any) -> Any:
    port = server if isinstance(server, int) else server.port
    words = {"username": "lab", "password": "geheim 密码", "sharedmemory": False, "timeout": 10} | options
    return iris.connect("127.0.0.1", port, "%SYS", **words)


@pytest.fixture
def instance() -> FakeInstance:
    return FakeInstance()


@pytest.fixture
def server(instance: FakeInstance) -> Iterator[Server]:
    with Server(instance) as running:
        yield running
    expected = [each for each in running.failures if "no such key" not in each]
    assert not expected, "".join(expected)


@pytest.fixture
def connection(server: Server) -> Iterator[Any]:
    opened = connect(server)
    yield opened
    opened.close()


@pytest.fixture
def native(connection: Any) -> Any:
    return iris.createIRIS(connection)


DRIVER = """
import faulthandler, sys, time
import iris
def connect():
    return iris.connect("127.0.0.1", {port}, "%SYS", "lab", "geheim 密码", timeout=2, sharedmemory=False{more})
try:
    connection = connect()
    native = iris.createIRIS(connection)
    for i in range(20):
        assert native.classMethodValue("Lab.Echo", "Same", i) == i
        cursor = connection.cursor()
        cursor.execute("SELECT ?", [i])
        cursor.fetchall()
    print("done")
except Exception as error:
    print("error", type(error).__name__, error)
"""


def driver(port: int, *, seconds: float = 20, more: str = "", **environment: str) -> str | None:
    """What a driver in a process of its own comes to: its last words, None if it had to be killed."""
    try:
        ended = subprocess.run(
            [sys.executable, "-c", DRIVER.format(port=port, more=more)],
            capture_output=True,
            timeout=seconds,
            encoding="utf-8",
            check=False,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
        )
    except subprocess.TimeoutExpired:
        return None
    return ended.stdout.strip() or f"crashed {ended.returncode}"


# -- values -----------------------------------------------------------------------------------------------------

INTEGERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text("aé漂", min_size=250, max_size=260)
REFERENCES = st.builds(
    ObjectReference, st.integers(0, 2**31), st.from_regex(r"[%A-Z][a-z.]{0,20}", fullmatch=True)
)
VALUES = st.none() | INTEGERS | TEXTS | REFERENCES | st.floats(allow_nan=False)


@given(st.lists(VALUES))
def test_what_is_written_is_read(written: list[Value]) -> None:
    assert decode(encode_all(written)) == written


@given(st.binary())
def test_bytes_are_narrow_text(data: bytes) -> None:
    assert decode(encode(data)) == [data.decode("latin-1")]


@given(st.floats(allow_nan=False))
def test_floats_keep_every_digit(number: float) -> None:
    (read,) = decode(encode(number))
    assert read == number


@given(st.binary(max_size=40))
def test_any_bytes_are_items_or_malformed(data: bytes) -> None:
    try:
        decode(data)
    except MalformedError as error:
        told = error
    else:
        return
    assert 0 <= told.offset <= len(data)
    assert str(told).startswith(f"byte {told.offset}: ")


@given(st.lists(VALUES, min_size=1), st.data())
def test_what_is_cut_short_is_not_read_as_more(written: list[Value], data: st.DataObject) -> None:
    whole = encode_all(written)
    end = data.draw(st.integers(0, len(whole) - 1))
    read: list[Value] = []
    items = Items(whole[:end])
    while True:
        try:
            read.append(items.value())
        except MalformedError:
            break
    assert read == written[: len(read)]
    assert len(read) < len(written)


@given(st.lists(VALUES))
def test_the_driver_reads_what_is_written(written: list[Value]) -> None:
    plain = [each for each in written if not isinstance(each, ObjectReference)]
    read = iris.IRISList(encode_all(plain))
    assert read.count() == len(plain)
    for place, value in enumerate(plain, 1):
        got = read.getFloat(place) if isinstance(value, float) else read.get(place)
        assert got == value or (isinstance(value, float) and abs(got - value) <= abs(value) * 1e-14)


@given(st.lists(st.none() | INTEGERS | TEXTS | st.floats(allow_nan=False) | st.booleans()))
def test_what_the_driver_writes_is_read(written: list[Value]) -> None:
    theirs = iris.IRISList()
    for each in written:
        theirs.add(each)
    assert decode(theirs.getBuffer()) == written


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ("0406ff0f", 1.5),
        ("0407fff0", -1.6),
        ("0506020f01", 27100.0),
        ("0408c03f", 1.5),
        ("0409f83f", 1.5),
        ("0209", 0.0),
        ("0204", 0),
        ("0205", -1),
        ("0a050000000000000080", -(2**63)),
    ],
)
def test_spellings_of_the_driver(item: str, value: Value) -> None:
    data = bytes.fromhex(item)
    assert decode(data) == [value]


def test_an_item_by_reference() -> None:
    assert Items(bytes.fromhex("032141")).argument() == Argument("A", by_reference=True)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("00", "the length of the item is cut off"),
        ("0000", "the length of the item is cut off"),
        ("05 01 61", "5 bytes are announced, 3 are there"),
        ("00 0500 01 61", "8 bytes are announced, 5 are there"),
        ("03 02 61", "odd number"),
        ("02 06", "no scale"),
        ("03 0b 41", "there is no type 11"),
        ("0b 04 000000000000000001", "too long"),
        ("03 19 41", "no object reference"),
    ],
)
def test_malformed_items_say_why(item: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        decode(bytes.fromhex(item))


@given(st.text())
def test_scrambling_is_undone(plain: str) -> None:
    assert unscramble(scramble(plain)) == plain


# -- sessions ---------------------------------------------------------------------------------------------------


def test_the_driver_connects(server: Server, instance: FakeInstance) -> None:
    connection = connect(server)
    native = iris.createIRIS(connection)
    assert "2024.1" in native.getServerVersion()
    assert native.classMethodValue("Lab.Echo", "User") == "lab backup"
    connection.close()
    wait_for(lambda: instance.closed == 1)


def test_a_wrong_password_is_said(server: Server) -> None:
    with pytest.raises(RuntimeError, match="Access Denied for lab in %SYS"):
        connect(server, password="falsch")


def test_only_loopback_is_served(instance: FakeInstance) -> None:
    for host in ("0.0.0.0", "192.168.1.1", "::"):  # noqa: S104 - refused
        with pytest.raises(ValueError, match="this computer alone"):
            Server(instance, host=host)


def test_several_connections_at_once(server: Server) -> None:
    results: list[list[int]] = []

    def work() -> None:
        connection = connect(server)
        native = iris.createIRIS(connection)
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM Many")
        results.append(
            [len(cursor.fetchall())] + [native.classMethodValue("Lab.Echo", "Same", i) for i in range(50)]
        )
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [[10_000, *range(50)]] * 8


def test_round_trips_are_counted(server: Server) -> None:
    connection = connect(server)
    native = iris.createIRIS(connection)
    for i in range(3):
        native.classMethodValue("Lab.Echo", "Same", i)
    cursor = connection.cursor()
    cursor.execute("SELECT ?", [1])
    cursor.fetchall()
    total = server.counts.total
    assert total.requests == {"HS": 1, "CN": 1, "4BC2": 3, "PP": 1, "PQ": 1}
    assert server.round_trips == total.round_trips == 7
    assert server.messages == 14
    other = connect(server)
    iris.createIRIS(other).classMethodValue("Lab.Echo", "Same", 1)
    assert [each.round_trips for each in server.counts.sessions] == [7, 3]
    server.counts.reset()
    connection.setAutoCommit(False)
    connection.close()
    other.close()
    wait_for(lambda: server.counts.total.requests["DC"] == 2)
    assert server.round_trips == 0


# -- native calls -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in {"half", "tenth", "list", "bytes"}])
def test_values_arrive(native: Any, name: str) -> None:
    expected = SAMPLES[name]
    if expected == "":
        expected = None
    if name == "more":
        expected = str(expected)
    assert native.classMethodValue("Lab.Echo", "Sample", name) == expected


def test_other_sorts_of_class_methods(native: Any) -> None:
    assert float(native.classMethodValue("Lab.Echo", "Sample", "half")) == 0.5
    assert native.classMethodFloat("Lab.Echo", "Sample", "tenth") == -0.1
    assert native.classMethodString("Lab.Echo", "Sample", "tenth") == "-.1"
    assert native.classMethodString("Lab.Echo", "Sample", "one") == "1"
    assert native.classMethodInteger("Lab.Echo", "Sample", "one") == 1
    assert native.classMethodBoolean("Lab.Echo", "Sample", "true") is True
    assert native.classMethodBytes("Lab.Echo", "Sample", "bytes") == bytes(range(256))
    roles = native.classMethodIRISList("Lab.Echo", "Sample", "list")
    assert [roles.get(i) for i in range(1, roles.count() + 1)] == ["%All", "%Developer", 3]
    assert native.classMethodVoid("Lab.Echo", "Same", 1) is None
    assert native.function("now", "Clock", 1) == "now^Clock[1]"
    assert native.procedure("now", "Clock", 1) is None


def test_arguments_arrive(native: Any) -> None:
    listed = iris.IRISList()
    listed.add("a")
    given_ = [1, -1, 2**62, 1.5, "漂移", "", None, True, b"\xff\x00", listed]
    shown = native.classMethodValue("Lab.Echo", "Show", *given_)
    assert shown == repr([1, -1, 2**62, 1.5, "漂移", "", "", 1, "ÿ\x00", "\x03\x01a"])
    assert native.classMethodValue("Lab.Echo", "Length", LONG) == len(LONG)


def test_objectscript_errors_arrive(native: Any) -> None:
    with pytest.raises(RuntimeError, match=r"<CLASS DOES NOT EXIST>zx\+1\^%SYS \*No.Such"):
        native.classMethodValue("No.Such", "Method")
    with pytest.raises(RuntimeError, match="<METHOD DOES NOT EXIST>"):
        native.classMethodVoid("Lab.Echo", "Nothing", iris.IRISReference(1))
    for touch in (
        lambda: native.get("^DATA", 1),
        lambda: native.set(1, "^DATA", 1),
        lambda: native.kill("^DATA"),
    ):
        with pytest.raises(RuntimeError, match=r"<PROTECT>.*DATA"):
            touch()
    with pytest.raises(RuntimeError, match="does not know the native call"):
        native.lock("", 1, "^DATA")
    assert native.classMethodValue("Lab.Echo", "Same", 1) == 1


def test_a_mistake_of_the_instance_ends_nothing(native: Any, server: Server) -> None:
    with pytest.raises(RuntimeError, match="The lab failed: KeyError"):
        native.classMethodValue("Lab.Echo", "Bug")
    assert native.classMethodValue("Lab.Echo", "Same", 1) == 1
    assert "no such key" in server.failures[0]


def test_values_by_reference(native: Any) -> None:
    first, last = iris.IRISReference("first"), iris.IRISReference(3)
    assert native.classMethodValue("Lab.Echo", "Swap", first, "between", last) == "swapped"
    assert (first.getValue(), last.getValue()) == (3, "first")
    assert native.classMethodVoid("Lab.Echo", "Swap", first, "between", last) is None
    assert (first.getValue(), last.getValue()) == ("first", 3)


def test_a_reference_is_answered_even_if_the_instance_forgets_it(native: Any) -> None:
    first, last = iris.IRISReference("first"), iris.IRISReference(None)
    assert native.classMethodValue("Lab.Echo", "Forget", first, last) == "forgotten"
    assert (first.getValue(), last.getValue()) == ("first", None)


def test_objects(native: Any) -> None:
    thing = native.classMethodObject("Lab.Echo", "Open")
    thing.set("Name", "漂移")
    assert thing.get("Name") == "漂移"
    assert thing.invoke("Describe", 1, "x") == "User.Thing.Describe[1, 'x']"
    assert thing.invokeVoid("Describe") is None
    assert native.classMethodValue("Lab.Echo", "Class", thing) == "User.Thing"
    other = native.classMethodObject("Lab.Echo", "Open")
    thing.set("Other", other)
    assert thing.getObject("Other").getOREF() == other.getOREF()
    with pytest.raises(RuntimeError, match="<PROPERTY DOES NOT EXIST>"):
        thing.get("Colour")


def test_an_object_by_reference(native: Any) -> None:
    found = iris.IRISReference(None)
    assert native.classMethodValue("Lab.Echo", "Exists", "_SYSTEM", found) == 1
    assert found.getObject().invoke("Describe") == "Security.Users.Describe[]"


# -- SQL --------------------------------------------------------------------------------------------------------


def test_parameters_and_literals_in_order(connection: Any, instance: FakeInstance) -> None:
    cursor = connection.cursor()
    cursor.execute(
        "SELECT a FROM Security.Users WHERE a=? AND b='it''s' AND c=3 AND d=? AND e=?", ["漂移", "", None]
    )
    (row,) = cursor.fetchall()
    assert list(row) == ["漂移", "it's", "3", "", None]
    sql, parameters = instance.statements[-1]
    assert sql.startswith("SELECT a FROM Security . Users WHERE a = :%qpar(1) AND")
    assert parameters == ["漂移", "it's", "3", "", None]
    assert instance.statements[0] == (sql, [None] * 5)


def test_a_session_that_describes_is_asked_once(server: Server, instance: FakeInstance) -> None:
    class Describing(FakeSession):
        def describe(self, sql: str, parameters: int) -> list[Column]:
            assert sql == "SELECT :%qpar(1)"
            return [Column("Told")] * parameters

    instance.login = lambda user, _password, _namespace: Describing(instance, user)  # type: ignore[method-assign]
    connection = connect(server)
    assert [list(row) for row in rows(connection, "SELECT ?", ["x"])] == [["x"]]
    assert instance.statements == [("SELECT :%qpar(1)", ["x"])]
    connection.close()


def test_sql_types(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM Types")
    first, second, third = map(list, cursor.fetchall())
    assert first[:4] == ["x", -5, True, 0.25]
    assert str(first[4]) == "1.5"
    assert second == ["", 0, False, -1e300, None]
    assert third == [None] * 5
    assert [each[0] for each in cursor.description] == ["T", "I", "B", "D", "N"]


def test_many_rows_come_in_pages(connection: Any, server: Server) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM Many")
    rows = cursor.fetchall()
    assert [list(row) for row in rows] == [[i, f"user {i}"] for i in range(10_000)]
    size = server.counts.total.bytes_sent
    assert size / 32_768 - 1 <= server.counts.total.pages <= size / 32_768 + 1


def test_wide_rows_travel_alone(connection: Any, server: Server) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM Wide")
    assert [list(row) for row in cursor.fetchall()] == [[i, "宽" * 50_000] for i in range(5)]
    assert server.counts.total.pages == 4


def test_cursors_side_by_side(connection: Any) -> None:
    one, two = connection.cursor(), connection.cursor()
    one.execute("SELECT * FROM Many")
    first = one.fetchmany(10)
    two.execute("SELECT * FROM Many")
    assert len(two.fetchall()) == 10_000
    assert len(first) + len(one.fetchall()) == 10_000


def test_sql_errors_arrive(connection: Any, server: Server) -> None:
    cursor = connection.cursor()
    with pytest.raises(iris.dbapi.Error, match="not privileged for the operation: 权限") as caught:
        cursor.execute("SELECT * FROM Secret")
    assert server.counts.total.requests["OE"] == 1
    assert isinstance(caught.value, iris.dbapi.DatabaseError)
    with pytest.raises(iris.dbapi.Error, match="not privileged"):
        connection.cursor().execute("UPDATE Secret SET a = 1")
    with pytest.raises(iris.dbapi.Error, match="could not be read"):
        rows(connection, "SELECT * FROM Late")
    assert [list(row) for row in rows(connection, "SELECT ?", ["on"])] == [["on"]]


def rows(connection: Any, sql: str, parameters: Sequence[Value] = ()) -> list[Any]:
    cursor = connection.cursor()
    cursor.execute(sql, list(parameters))
    return list(cursor.fetchall())


def test_updates_are_counted(connection: Any, instance: FakeInstance) -> None:
    cursor = connection.cursor()
    cursor.execute("UPDATE X SET a = ? WHERE b = 5", ["p"])
    assert cursor.rowcount == 7
    assert instance.statements[-1] == ("UPDATE X SET a = :%qpar(1) WHERE b = :%qpar(2)", ["p", "5"])
    cursor.executemany("INSERT INTO X VALUES (?, ?)", [["p", 1], ["q", 2]])
    assert [each[1] for each in instance.statements[1:]] == [["p", 1], ["q", 2]]
    assert cursor.rowcount == 14


def test_direct_execution(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.direct_execute("SELECT * FROM Many WHERE a = ?", ["p"])
    assert len(cursor.fetchall()) == 10_000
    cursor.direct_execute("UPDATE X SET a = ?", ["p"])
    assert cursor.rowcount == 7
    with pytest.raises(iris.dbapi.Error, match="not privileged"):
        cursor.direct_execute("SELECT * FROM Secret")


def test_what_the_lab_does_not_know_is_said(connection: Any) -> None:
    cursor = connection.cursor()
    with pytest.raises(iris.dbapi.Error, match=r"does not know CALL; select from Security\.Users_List"):
        cursor.execute("CALL Security.Users_List('*')")
    with pytest.raises(iris.dbapi.Error, match="does not know the function SP"):
        cursor.callproc("Security.Users_List", ["*"])
    assert rows(connection, "SELECT ?", [1])


def test_transactions(connection: Any) -> None:
    connection.setAutoCommit(False)
    connection.commit()
    connection.rollback()
    connection.setAutoCommit(True)
    assert rows(connection, "SELECT ?", [1])


def test_statements_are_not_kept_for_ever(connection: Any) -> None:
    for i in range(1_100):
        assert rows(connection, "SELECT ? FROM T%d" % i, [i])  # noqa: UP031, S608


# -- faults -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 20])
def test_a_dropped_connection_is_an_error(instance: FakeInstance, number: int) -> None:
    with Server(instance, faults=parse_wire_faults([f"drop@{number}"])) as server:
        said = driver(server.port)
        assert said is not None
        assert said.startswith(("error RuntimeError", "error OperationalError", "error InterfaceError")), said
        assert driver(server.port) == "done"


def test_silence_from_the_start_ends_with_the_timeout_of_connecting(instance: FakeInstance) -> None:
    with Server(instance, faults=parse_wire_faults(["hang"])) as server:
        said = driver(server.port)
    assert said is not None
    assert said.startswith("error RuntimeError")


@pytest.mark.parametrize("number", [3, 6])
def test_silence_lasts(instance: FakeInstance, number: int) -> None:
    with Server(instance, faults=parse_wire_faults([f"hang@{number}"])) as server:
        assert driver(server.port, seconds=4) is None
        begun = time.monotonic()
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("word", ["nonsense", "garbled"])
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_nonsense_harms_the_driver_alone(instance: FakeInstance, word: str, number: int) -> None:
    with Server(instance, faults=parse_wire_faults([f"{word}@{number}"])) as server:
        driver(server.port, seconds=3)
        assert driver(server.port) == "done"
        assert not server.failures


def test_an_answer_that_crashes_the_driver(instance: FakeInstance) -> None:
    with Server(instance, faults=parse_wire_faults(["crash@3"])) as server:
        assert driver(server.port) == f"crashed {-signal.SIGSEGV if os.name != 'nt' else 0xC0000005}"
        assert driver(server.port) == "done"


def test_latency_is_added_to_each_answer(instance: FakeInstance) -> None:
    with Server(instance, faults=parse_wire_faults(["latency=30"])) as server:
        connection = connect(server)
        native = iris.createIRIS(connection)
        begun = time.monotonic()
        for _ in range(5):
            native.classMethodValue("Lab.Echo", "Same", 1)
        assert 0.15 <= time.monotonic() - begun < 1
        connection.close()


def test_the_role_changes_at_a_message(instance: FakeInstance) -> None:
    seen: list[str] = []
    hooks = {4: lambda: seen.append(instance.role)}
    with Server(instance, faults=parse_wire_faults(["role-change@5"]), hooks=hooks) as server:
        connection = connect(server)
        native = iris.createIRIS(connection)
        roles = [native.classMethodValue("Lab.Echo", "User") for _ in range(4)]
        connection.close()
    assert roles == ["lab backup", "lab backup", "lab primary", "lab primary"]
    assert seen == ["backup"]


def test_words_of_faults() -> None:
    words = (
        ["latency=20, drop@30", "hang@12", "nonsense@5,garbled@6,crash@7", "role-change@40", "expired-certificate",
         "refuse:Security.Users", "refuse:Config.*", "absent:Config.Gateways", "absent:Config.SQL:GetList",
         "no-procedure:SYS.Mirror:MemberStatusList", "disk-full", "wrong-password"]
    )  # fmt: skip
    faults = parse_instance_faults(words)
    assert parse_wire_faults(words) == WireFaults(
        latency=0.02, drop_at=frozenset({30}), hang_from=12, nonsense_at=frozenset({5}), garbled_at=frozenset({6}),
        crash_at=frozenset({7}),
        role_change_at=frozenset({40}), expired_certificate=True,
    )  # fmt: skip
    assert faults.refused_classes == {"Security.Users", "Config.*"}
    assert faults.absent_classes == {"Config.Gateways"}
    assert faults.absent_methods == faults.absent_queries == {"Config.SQL:GetList"}
    assert faults.not_procedures == {"SYS.Mirror:MemberStatusList"}
    assert faults.disk_full
    assert faults.wrong_password


@pytest.mark.parametrize(
    "word",
    ["slow", "drop", "drop@0", "drop@x", "drop=3", "latency", "latency@3", "latency=fast", "refuse", "refuse:a b",
     "refuse:A:B", "absent:A.*", "no-procedure:A", "disk-full:A", "hang:2", "hang@"],
)  # fmt: skip
def test_other_words_are_refused(word: str) -> None:
    with pytest.raises(UsageError, match="fault") as caught:
        parse_wire_faults([word])
    assert "latency=MS" in caught.value.hint


# -- nonsense from outside --------------------------------------------------------------------------------------


def test_garbage_does_not_harm_the_server(server: Server) -> None:
    source = random.Random(7)  # noqa: S311 - the same garbage each time
    for _ in range(60):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stream:
            stream.sendall(source.randbytes(source.randrange(1, 400)))
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert stream.recv(10) == b""
    assert driver(server.port) == "done"


def exactly(stream: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = stream.recv(size - len(received))
        assert part, "the server ended the connection"
        received += part
    return received


def exchange(
    stream: socket.socket, code: bytes, body: bytes = b"", statement: int = 1
) -> tuple[int, list[Value]]:
    """Ask by hand."""
    stream.sendall(struct.pack("<III2s", len(body), 9, statement, code) + body)
    head = exactly(stream, 14)
    length, number, echoed, status = struct.unpack("<IIIH", head)
    assert (number, echoed) == (9, statement)
    return status, decode(exactly(stream, length))


def login(stream: socket.socket) -> None:
    body = encode_all(["%SYS", scramble("lab"), scramble("geheim 密码")])
    assert exchange(stream, b"CN", body)[0] == 0


def test_malformed_requests_are_answered(server: Server) -> None:
    source = random.Random(11)  # noqa: S311
    codes = [b"PP", b"PQ", b"PU", b"DQ", b"DU", b"FD", b"OE", b"TC", b"XX", b"SP"]
    codes += [bytes([each, 0xC2]) for each in (0x41, 0x48, 0x4B, 0x4C, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x77)]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stream:
        assert exchange(stream, b"HS")[0] == protocol.REFUSED
        assert exchange(stream, b"PQ") == (417, ["<PROTECT>Nobody has logged in on this connection"])
        assert exchange(stream, b"CN", b"\x05\x01")[0] == protocol.REFUSED
        login(stream)
        for code in codes * 20:
            exchange(stream, code, source.randbytes(source.randrange(30)))
        status, _body = exchange(stream, b"XX")
        assert status == (-400) & 0xFFFF
        assert exchange(stream, b"OE", encode(status)) == (
            0,
            ["<FUNCTION>The lab does not know the function XX"],
        )
        assert exchange(stream, b"FD", statement=77)[0] == (-103) & 0xFFFF
        many = encode_all(["Lab.Echo", "Same", 10**9])
        assert exchange(stream, b"\x4b\xc2", many)[0] == protocol.REFUSED
        unknown = encode_all([ObjectReference(99, ""), "Name"])
        assert exchange(stream, b"\x5d\xc2", unknown) == (417, ["<INVALID OREF>zx+1^%SYS.NATIVE *99"])
        text = encode_all(["Lab.Echo", "Same", 1, "still"])
        assert exchange(stream, b"\x4b\xc2", text) == (protocol.NATIVE_SUCCESS, ["still"])
    assert not server.failures


# -- TLS --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    pytest.importorskip("cryptography")
    return make_certificates(tmp_path_factory.mktemp("tls"))


def tls_driver(server: Server, authority: Path, folder: Path) -> str | None:
    settings = write_settings(folder / "ssl.ini", authority)
    return driver(server.port, more=", sslconfig='lab'", **{certificates.SETTINGS_VARIABLE: str(settings)})


def test_tls(instance: FakeInstance, issued: certificates.Certificates, tmp_path: Path) -> None:
    assert os.name == "nt" or not issued.key.stat().st_mode & 0o077
    with Server(instance, tls=issued.server_context()) as server:
        assert tls_driver(server, issued.authority, tmp_path) == "done"
        assert server.round_trips == 62
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stream:
            stream.sendall(b"no TLS at all" * 10)
        context = ssl.create_default_context(cafile=str(issued.authority))
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as stream,
        ):
            login(stream)
            begun = time.monotonic()
            server.close()
            assert time.monotonic() - begun < 2


def test_tls_faults(instance: FakeInstance, issued: certificates.Certificates, tmp_path: Path) -> None:
    with Server(instance, tls=issued.server_context(), faults=parse_wire_faults(["drop@5"])) as server:
        said = tls_driver(server, issued.authority, tmp_path)
        assert said is not None
        assert said.startswith("error")


def test_an_expired_or_foreign_certificate_is_refused(
    instance: FakeInstance, issued: certificates.Certificates, tmp_path: Path
) -> None:
    expired = make_certificates(tmp_path / "expired", expired=True)
    with Server(instance, tls=expired.server_context()) as server:
        for authority in (expired.authority, issued.authority):
            said = tls_driver(server, authority, tmp_path)
            assert said is not None
            assert said.startswith("error RuntimeError"), said
        assert server.messages == 0


def test_tls_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    with pytest.raises(UsageError, match="cryptography") as caught:
        make_certificates(tmp_path)
    assert "driftsync[lab]" in caught.value.hint


# -- processes --------------------------------------------------------------------------------------------------


def wait_for(condition: Any, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_members_run_in_processes_of_their_own() -> None:
    faults = parse_wire_faults(["role-change@4"])
    places = [Place("A", make_fake, faults=faults), Place("B", partial(make_fake)), Place("C", make_fake)]
    with RunningMembers(places) as members:
        natives = {name: iris.createIRIS(connect(port)) for name, port in members.ports.items()}
        assert len(set(members.ports.values())) == 3

        def role(name: str) -> str:
            return str(natives[name].classMethodValue("Lab.Echo", "User"))

        assert {role(name) for name in natives} == {"lab backup"}
        assert role("A") == "lab primary"
        wait_for(lambda: role("B") == role("C") == "lab primary")
        counts = members.counts()
        assert counts["A"].requests == {"HS": 1, "CN": 1, "4BC2": 2}
        members.kill("C")
        assert members.alive == {"A": True, "B": True, "C": False}
        assert set(members.counts()) == {"A", "B"}
        assert role("B") == "lab primary"
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    assert not any(members.alive.values())


def test_a_member_that_cannot_start_is_named() -> None:
    with pytest.raises(LabError, match=r"member B .* OSError: the disk is gone"):
        RunningMembers([Place("A", make_fake), Place("B", make_nothing)])
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(LabError, match="member A") as caught:
        RunningMembers([Place("A", make_fake, port=taken.getsockname()[1])])
    assert "--port-base" in caught.value.hint


def test_members_end_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        f"import sys, time\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from driftsync.lab.members import Place, RunningMembers\nfrom test_wire import make_fake\n"
        "if __name__ == '__main__':\n"
        "    members = RunningMembers([Place('A', make_fake), Place('B', make_fake)])\n"
        "    print(*members.ports.values(), flush=True)\n    time.sleep(60)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        ports = [int(word) for word in parent.stdout.readline().split()]
        assert len(ports) == 2
        assert all(driver(port) == "done" for port in ports)
        parent.kill()

    def gone(port: int) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return True
        return False

    wait_for(lambda: all(map(gone, ports)))
