"""`driftsync doctor`: what it says of routes is what an extraction uses, and what it grants is enough."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from driftsync.connections import Address, Connection, connect
from driftsync.connections.failures import StatementFailed
from driftsync.connections.guarded import GuardedConnection
from driftsync.extracting import examine, extract, grants
from driftsync.extracting.privileges import QUERIES, TABLES, schemas_called, tables_of
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.lab.certificates import make_certificates
from driftsync.lab.faults import parse_instance_faults
from driftsync.lab.instance import RELEASES
from driftsync.lab.scenarios import PASSWORDS, make_member
from driftsync.lab.serving import Server
from driftsync.model import Coverage, Held, Legible, Member, MemberExamined, MemberRole, Snapshot, Truth
from tests.mirrors import LOOPBACK, READER, VARIABLE, Served, served

Cli = Callable[..., Any]
SCHEMA = Path(__file__).parent.parent / "schemas" / "doctor.json"
NAME = "HOSPA"
COVERAGES = {
    Legible.YES: Coverage.WHOLE,
    Legible.NO: Coverage.NONE,
    Legible.ABSENT: Coverage.NOT_LOOKED_AT,
    Legible.NO_WAY: Coverage.NOT_LOOKED_AT,
}


@contextmanager
def running(profile: str, *faults: str) -> Iterator[Callable[..., Address]]:
    """Serve the primary of the hospital; yield what gives its address for an account."""
    with ExitStack() as stack:
        instance = make_member("hospital", "HOSPA/IRIS", profile, parse_instance_faults(faults))
        server = stack.enter_context(Server(instance))

        def address(user: str = READER, password: str = "") -> Address:
            return Address(
                LOOPBACK, server.port, user=user, password=password or PASSWORDS[user], deadline=20.0
            )

        yield address


def examined(address: Address) -> MemberExamined:
    known = MemberExamined(name=NAME, address=str(address), tls=False)
    return examine(lambda: connect(address, NAME), known)


def extracted(address: Address) -> Snapshot:
    return extract(lambda: connect(address, NAME), Member(name=NAME), fingerprinter=own_fingerprinter())


# -- routes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", list(PASSWORDS))
@pytest.mark.parametrize(
    ("profile", "faults"),
    [
        *((profile, ()) for profile in RELEASES),
        ("2024.1", ("refuse:Config.*",)),
        ("2025.2", ("refuse:Security.*",)),
        ("2025.2", ("no-procedure:Security.Users:List", "absent:Config.Gateways", "refuse:%SYS.Task")),
        ("2022.1", ("no-procedure:Config.Devices:List", "absent:Config.SQL:GetList", "refuse:SYS.Database")),
        ("2024.1", ("refuse:OAuth2.Client", "refuse:%Library.File", "absent:Security.DocDBs")),
    ],
)
def test_what_it_says_of_routes_is_what_an_extraction_uses(
    profile: str, faults: tuple[str, ...], user: str
) -> None:
    with running(profile, *faults) as address:
        found, snapshot = examined(address(user)), extracted(address(user))
    header = snapshot.header
    assert header.extraction is not None
    assert [each.kind for each in found.kinds] == list(all_kinds())
    incomplete = {gap.kind for gap in header.gaps}
    for each in found.kinds:
        coverage = header.coverage.get(each.kind, Coverage.NOT_LOOKED_AT)
        if each.legible is Legible.PARTLY:
            assert each.kind in incomplete or coverage is Coverage.PARTIAL, each
        else:
            assert coverage is COVERAGES[each.legible], each
            assert (each.kind in incomplete) == (each.legible is Legible.NO), each
        if each.route:
            assert each.route == header.extraction.kinds[each.kind].route


def test_it_costs_a_part_of_an_extraction() -> None:
    with running("2025.2") as address:
        found, snapshot = examined(address()), extracted(address())
    assert snapshot.header.extraction is not None
    assert found.round_trips < snapshot.header.extraction.round_trips / 2


class Recording:
    """A connection that remembers what it was asked."""

    def __init__(self, address: Address, asked: list[str]) -> None:
        self._inner = GuardedConnection(address, NAME)
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def query(self, sql: str, *parameters: Any) -> Any:
        self._asked.append(sql)
        return self._inner.query(sql, *parameters)

    def call(self, class_name: str, method: str, *arguments: Any) -> Any:
        self._asked.append(f"{class_name}.{method}")
        return self._inner.call(class_name, method, *arguments)


@pytest.mark.parametrize("profile", RELEASES)
def test_security_is_not_tried_with_an_account_that_may_not_read_it(profile: str) -> None:
    asked: list[str] = []
    with running(profile) as address:

        def opened() -> Connection:
            return Recording(address("operator"), asked)  # type: ignore[return-value]

        found = examine(opened, MemberExamined(name=NAME, address="", tls=False))
    tried = [
        each
        for each in asked
        if re.search(r"(?<!SYSTEM\.)\b(Security|OAuth2)[._]", each) and "Dictionary" not in each
    ]
    assert not [each for each in tried if "CheckPrivilege" not in each]
    (users,) = [each for each in found.kinds if each.kind == "user"]
    assert users.reasons == ["the account lacks %Admin_Secure:USE, SELECT ON Security.Users"]


# -- privileges and grants ----------------------------------------------------------------------------------------------


def test_each_missing_privilege_names_what_needs_it() -> None:
    with running("2024.1") as address:
        found = examined(address("operator"))
    missing = {each.name: each for each in found.privileges if each.held is Held.NO}
    assert {"%Admin_Secure:USE", "%Admin_Manage:USE", "SELECT ON SCHEMA Security"} <= missing.keys()
    assert "%Admin_Operate:USE" not in missing
    assert {"user", "role", "x509-credentials"} <= set(missing["%Admin_Secure:USE"].kinds)
    assert missing["%Admin_OAuth2_Server:USE"].kinds == ["oauth2-server-configuration"]


@pytest.mark.parametrize(("user", "excessive"), [("_SYSTEM", True), (READER, False), ("operator", False)])
def test_an_account_that_may_do_too_much_is_told(user: str, *, excessive: bool) -> None:
    with running("2025.2") as address:
        found = examined(address(user))
    assert bool(found.excess) == excessive
    assert ("%DB_IRISSYS:WRITE" in found.excess) == excessive


def test_the_grants_cover_every_table_and_query_of_every_kind() -> None:
    for kind in all_kinds().values():
        if any("unsure" in str(route) for route in kind.live):
            continue
        assert {name.rpartition(".")[0] for name in tables_of(kind)} <= set(TABLES), kind.name
        assert schemas_called(kind) <= set(QUERIES), kind.name


def carry_out(administrator: GuardedConnection, lines: list[str]) -> None:
    """Do what the lines of ObjectScript say, as far as these few forms go."""
    variables = {"password": "not-a-secret", "resources": ""}
    for line in lines:
        if added := re.fullmatch(r'set resources = (resources_)?"(.*)"', line):
            variables["resources"] = (variables["resources"] if added[1] else "") + added[2]
        elif called := re.fullmatch(r"set sc = ##class\(([\w.]+)\)\.Create\((.*)\)", line):
            given = [
                text or variables[name] for text, name in re.findall(r'"([^"]*)"|\b([a-z]+)\b', called[2])
            ]
            assert str(administrator.call(called[1], "Create", *given).value) == "1", line
        else:
            assert re.match(r"if 'sc do |set password = |write password", line), line


@pytest.mark.parametrize("profile", RELEASES)
def test_the_printed_grants_are_enough_to_read_what_the_reader_reads(profile: str) -> None:
    account = grants("FreshReader", "fresh")
    with running(profile) as address:
        with GuardedConnection(address("_SYSTEM"), NAME) as administrator:
            carry_out(administrator, account.objectscript)
            for line in account.sql:
                with suppress(StatementFailed):  # it is carried out, and has no rows to fetch
                    administrator.query(line)
        snapshot, reader = extracted(address("fresh", "not-a-secret")), extracted(address())
        found = examined(address("fresh", "not-a-secret"))
    assert snapshot.header.coverage == reader.header.coverage
    assert snapshot.header.gaps == reader.header.gaps == []
    assert [item.key for item in snapshot.items] == [item.key for item in reader.items]
    assert found.complete
    assert all(each.held is Held.YES for each in found.privileges)
    assert not found.excess


# -- facts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", RELEASES)
def test_facts_of_iris_are_told_with_what_was_seen(profile: str) -> None:
    with running(profile) as address:
        found = examined(address("_SYSTEM"))
    verdicts = {each.name: each.verdict for each in found.facts}
    guarded = RELEASES[profile].guarded
    assert verdicts.pop("security-database") is (Truth.HOLDS if guarded else Truth.UNTOLD)
    assert set(verdicts.values()) == {Truth.HOLDS}, verdicts


@pytest.mark.parametrize(
    ("fault", "fact", "detail"),
    [
        ("no-procedure:Security.Users:List", "class-queries", "Security.Users:List"),
        ("no-procedure:SYS.Mirror:MemberStatusList", "member-status-list", "not in this release"),
        ("absent:%SYSTEM.Mirror:ArbiterState", "arbiter-state", "not in this release"),
        ("absent:Ens.Director:GetAutoStart", "production-autostart", "not in this release"),
        ("absent:Config.Startup:GetList", "get-list", "not in this release"),
        ("absent:SYS.Database", "database-labels", "not in this release"),
    ],
)
def test_a_fact_that_does_not_hold_is_said(fault: str, fact: str, detail: str) -> None:
    with running("2025.2", fault) as address:
        found = examined(address())
    (told,) = [each for each in found.facts if each.name == fact]
    assert told.verdict is Truth.DOES_NOT_HOLD
    assert detail in told.detail
    assert "127.0.0.1" not in told.detail


def test_connection_clock_and_licence_are_told() -> None:
    with running("2024.1") as address:
        found = examined(address())
    assert found.user == READER
    assert found.role is MemberRole.PRIMARY
    assert "2024.1" in found.version
    assert found.round_trip is not None
    assert 0 < found.round_trip < 5
    assert found.clock is not None
    assert timedelta(seconds=abs(found.clock)) < timedelta(seconds=5), datetime.now(timezone.utc)
    assert found.licence is not None
    assert (found.licence.consumed, found.licence.consumed_with_two) == (1, 2)


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hospital() -> Iterator[Served]:
    with served("2025.2") as found:
        yield found


def test_all_running_members_are_examined_and_the_page_ends_with_the_grants(
    cli: Cli, hospital: Served, tmp_path: Path
) -> None:
    ended = cli("doctor", "--settings", hospital.settings(tmp_path / "d.toml"))
    assert ended.code == 0, ended.err
    page = ended.out
    for name in hospital.members:
        assert f"✓ {name}" in page
    assert "HOSPA, HOSPB, HOSPDR, HOSPRPT: the account has all of them" in page
    assert "does not replicate this account" in page[page.index("GRANT EXECUTE ON SCHEMA") :]
    assert PASSWORDS[READER] not in page + ended.err


def test_json_fits_its_schema_and_is_alone_on_stdout(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    ended = cli("doctor", "hospb", "--format", "json", "--settings", hospital.settings(tmp_path / "d.toml"))
    report = json.loads(ended.out)
    jsonschema.validate(report, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert report["format_version"] == 1
    assert report["complete"]
    assert [each["name"] for each in report["members"]] == ["HOSPB"]
    assert PASSWORDS[READER] not in ended.out


def test_members_that_cannot_be_reached_hide_no_other(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    path = hospital.settings(tmp_path / "d.toml", "HOSPA")
    port = hospital.ports["HOSPB"]
    path.write_text(
        path.read_text()
        + f'\n[member.GONE]\nhost = "{LOOPBACK}"\nport = 9\n'
        + f'[member.WRONG]\nhost = "{LOOPBACK}"\nport = {port}\nuser = "_SYSTEM"\n'
    )
    ended = cli("doctor", "--settings", path)
    assert ended.code == 3
    lines = [line.strip() for line in ended.out.splitlines()]
    assert "cannot be reached" in lines
    assert "the login was refused" in lines
    assert "✓ HOSPA: all that it has can be read, 50 kinds" in lines
    assert "✗ GONE: cannot be reached" in lines
    assert "Traceback" not in ended.err


def folder(inside: Path, name: str) -> Path:
    made = inside / name
    made.mkdir()
    return made


def test_a_certificate_that_is_not_accepted_is_told_with_the_reason(cli: Cli, tmp_path: Path) -> None:
    theirs, ours = make_certificates(folder(tmp_path, "theirs")), make_certificates(folder(tmp_path, "ours"))
    with served(certificates=theirs) as found:
        path = found.settings(tmp_path / "d.toml", "HOSPA")
        path.write_text(path.read_text().replace("tls = false", f'ca_file = "{ours.authority}"'))
        ended = cli("doctor", "--settings", path)
        path.write_text(path.read_text().replace(str(ours.authority), str(theirs.authority)))
        accepted = cli("doctor", "--settings", path)
    assert ended.code == 3
    assert "its certificate was not accepted" in ended.out
    assert accepted.code == 0, accepted.out
    assert "not its host name" in accepted.out


def test_an_account_that_cannot_read_everything_ends_with_3(
    cli: Cli, hospital: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hospital.settings(tmp_path / "d.toml", "HOSPA")
    path.write_text(path.read_text().replace(f'"{READER}"', '"operator"'))
    monkeypatch.setenv(VARIABLE, PASSWORDS["operator"])
    ended = cli("doctor", "--settings", path)
    assert ended.code == 3
    assert "✗ %Admin_Secure:USE   HOSPA" in ended.out
    assert re.search(r"✗ user +cannot be read; the account lacks %Admin_Secure:USE", ended.out)
    quiet = cli("doctor", "-q", "--settings", path)
    assert quiet.code == 3
    assert len(quiet.out.strip().splitlines()) == 1


def test_a_password_that_cannot_be_found_is_2_and_names_the_member(
    cli: Cli, hospital: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hospital.settings(tmp_path / "d.toml", "HOSPA")
    monkeypatch.delenv(VARIABLE)
    ended = cli("doctor", "--settings", path)
    assert ended.code == 2
    assert VARIABLE in ended.out


def test_a_name_that_is_no_running_member_is_2(cli: Cli, hospital: Served, tmp_path: Path) -> None:
    ended = cli("doctor", "NOBODY", "--settings", hospital.settings(tmp_path / "d.toml"))
    assert (ended.code, ended.out) == (2, "")
    assert "HOSPA, HOSPB" in ended.err
