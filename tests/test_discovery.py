"""A mirror is found from its members, through the real driver: who belongs to it, what each is, who does not answer."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from driftsync.connections import failures, open_member, warnings_of
from driftsync.connections.asking import ask, release_of
from driftsync.connections.discovery import Discovered, discover, short_name
from driftsync.connections.tls import VARIABLE, system_authorities
from driftsync.errors import MirrorError, NotInMirrorError, PrimaryError, SettingsError
from driftsync.lab.certificates import Certificates, make_certificates, write_settings
from driftsync.lab.faults import parse_instance_faults
from driftsync.lab.values import encode_list
from driftsync.model import MemberRole, MemberSeen
from driftsync.serial_list import decode_get_list
from tests.mirrors import LOOPBACK, Served, served

ROLES = {
    "HOSPA": MemberRole.PRIMARY,
    "HOSPB": MemberRole.BACKUP,
    "HOSPDR": MemberRole.DR_ASYNC,
    "HOSPRPT": MemberRole.REPORTING_ASYNC,
}


@pytest.fixture(scope="module")
def hospital() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def a(hospital: Served) -> Iterator[Served]:
    """The same mirror, put back as it was after a test that changed it."""
    before = [(state, state.status) for state in hospital.mirror.states]
    yield hospital
    for state, status in before:
        state.status = status


def by_name(found: Discovered) -> dict[str, MemberSeen]:
    return {member.name: member for member in found.mirror.members}


def state(running: Served, name: str, status: str) -> None:
    running.mirror.state_of(running.members[name]).status = status


@pytest.mark.parametrize("profile", ["2022.1", "2024.1", "2025.2"])
def test_one_member_is_enough_where_the_addresses_of_the_mirror_can_be_reached(
    profile: str, tmp_path: Path
) -> None:
    with served(profile, at_home=True) as running:
        found = discover({"b": running.login("HOSPB")}, tmp_path)
    assert found.whole().name == "HOSPITAL"
    seen = by_name(found)
    assert {member.instance.partition("/")[0]: member.role for member in seen.values()} == ROLES
    assert [member.role for member in found.mirror.members] == list(ROLES.values())
    assert {name: member.configured for name, member in seen.items()} == {
        "HOSPA": False,
        "b": True,
        "HOSPDR": False,
        "HOSPRPT": False,
    }
    assert all(member.release.startswith(profile) for member in seen.values())
    assert found.mirror.complete
    assert found.logins["HOSPDR"].port == running.ports["HOSPDR"]


def test_private_addresses_are_said_and_settings_override_them(a: Served, tmp_path: Path) -> None:
    found = discover(a.logins("HOSPA HOSPDR"), tmp_path)
    seen = by_name(found)
    assert set(seen) == set(ROLES)
    assert seen["HOSPDR"].address == f"{LOOPBACK}:{a.ports['HOSPDR']}"
    assert seen["HOSPDR"].defined is not None
    assert seen["HOSPDR"].defined.mirror == "HOSPDR.invalid:1972"
    assert seen["HOSPB"].role is MemberRole.FAILOVER  # what the mirror defines: it did not answer itself
    assert "cannot be reached" in seen["HOSPB"].reason
    assert "[member.HOSPB]" in seen["HOSPB"].hint
    assert not found.mirror.complete
    assert found.whole().primary is not None


def test_alternatives_are_tried_in_order_and_then_remembered(a: Served, tmp_path: Path) -> None:
    login = a.login("HOSPA", port=1, alternatives=((LOOPBACK, 2), (LOOPBACK, a.ports["HOSPA"])))
    with open_member(login, "HOSPA", tmp_path) as connection:
        assert connection.address.port == a.ports["HOSPA"]
    found = discover({**a.logins(), "HOSPA": login}, tmp_path)
    assert found.logins["HOSPA"].places[0] == (LOOPBACK, a.ports["HOSPA"])
    assert found.mirror.complete


def test_every_place_that_was_tried_is_named(a: Served, tmp_path: Path) -> None:
    login = a.login("HOSPA", port=1, alternatives=((LOOPBACK, 2),))
    with pytest.raises(failures.ConnectionFailed) as error:
        open_member(login, "HOSPA", tmp_path)
    assert f"{LOOPBACK}:1" in error.value.message
    assert f"{LOOPBACK}:2" in error.value.message
    assert error.value.exit_code == 3


def test_a_silent_member_costs_its_deadline_and_is_listed(tmp_path: Path) -> None:
    with served(faults={"HOSPB": ["hang@1"]}) as running:
        logins = running.logins()
        logins["HOSPB"] = running.login("HOSPB", deadline=1.0)
        started = time.monotonic()
        found = discover(logins, tmp_path)
        assert time.monotonic() - started < 10
    member = by_name(found)["HOSPB"]
    assert "no answer within 1 s" in member.reason
    assert member.role is MemberRole.FAILOVER
    assert found.whole().primary is not None


@pytest.mark.parametrize(
    ("statuses", "says"),
    [
        ({"HOSPB": "PRIMARY"}, "HOSPA PRIMARY, HOSPB PRIMARY"),
        ({"HOSPA": "TRANSITION"}, "HOSPA TRANSITION"),
        ({"HOSPA": "STOPPED", "HOSPB": "STOPPED"}, "HOSPB STOPPED"),
    ],
)
def test_two_primaries_or_none_is_an_error_that_shows_what_each_said(
    a: Served, tmp_path: Path, statuses: dict[str, str], says: str
) -> None:
    for name, status in statuses.items():
        state(a, name, status)
    found = discover(a.logins(), tmp_path)
    with pytest.raises(PrimaryError) as error:
        found.whole()
    assert says in error.value.message
    assert found.mirror.problem == error.value.message
    assert error.value.exit_code == 3
    assert by_name(found)["HOSPDR"].answered


def test_a_virtual_address_beside_the_members_own_is_no_second_primary(a: Served, tmp_path: Path) -> None:
    found = discover({**a.logins(), "VIP": a.login("HOSPA")}, tmp_path)
    assert found.whole().primary is not None
    assert "HOSPA/IRIS answers here, as at HOSPA" in by_name(found)["VIP"].reason


def test_an_instance_outside_any_mirror_says_so(a: Served, tmp_path: Path) -> None:
    alone = a.members["HOSPA"]
    mirror, alone.mirror = alone.mirror, None
    try:
        with pytest.raises(NotInMirrorError, match="belongs to no mirror"):
            discover(a.logins("HOSPA"), tmp_path).whole()
        found = discover(a.logins("HOSPA HOSPB"), tmp_path)
    finally:
        alone.mirror = mirror
    assert by_name(found)["HOSPA"].reason == "belongs to no mirror"
    with pytest.raises(PrimaryError, match="HOSPA no answer"):
        found.whole()


def test_a_member_of_another_mirror_is_told_from_ours(a: Served, tmp_path: Path) -> None:
    with served() as other:
        other.mirror.name = "CLINIC"
        found = discover({**a.logins(), "STRAY": other.login("HOSPA")}, tmp_path, mirror="HOSPITAL")
    assert by_name(found)["STRAY"].reason == "belongs to the mirror CLINIC"
    assert found.whole().name == "HOSPITAL"


def test_nobody_answers(tmp_path: Path, a: Served) -> None:
    found = discover({"A": a.login("HOSPA", port=1), "B": a.login("HOSPB", port=2)}, tmp_path, mirror="M")
    with pytest.raises(MirrorError, match="none of the members"):
        found.whole()
    assert {member.reason for member in found.mirror.members} == {"cannot be reached"}


def test_a_wrong_password_and_a_closed_service_are_a_refused_login(a: Served, tmp_path: Path) -> None:
    with pytest.raises(failures.LoginRefused) as error:
        open_member(a.login("HOSPA", alternatives=((LOOPBACK, 1),)), "A", tmp_path, password="not-it")
    assert "not-it" not in f"{error.value.message}{error.value.hint}{error.value.details}"
    assert f"{LOOPBACK}:1)" not in error.value.message, "an account is not tried until it is locked"
    service = {"Name": "%Service_Bindings"}
    a.members["HOSPB"].change("Security.Services", service, {"Enabled": 0})
    try:
        with pytest.raises(failures.LoginRefused) as error:
            open_member(a.login("HOSPB"), "B", tmp_path)
    finally:
        a.members["HOSPB"].change("Security.Services", service, {"Enabled": 1})
    assert "%Service_Bindings" in error.value.hint


def test_who_may_not_read_the_definition_still_learns_the_role(a: Served, tmp_path: Path) -> None:
    instance = a.members["HOSPA"]
    before, instance.faults = instance.faults, parse_instance_faults(["refuse:Config.*"])
    try:
        with open_member(a.login("HOSPA"), "A", tmp_path) as connection:
            told = ask(connection)
        found = discover(a.logins("HOSPA"), tmp_path)
    finally:
        instance.faults = before
    assert told.role is MemberRole.PRIMARY
    assert "not permitted" in told.not_told
    assert not found.mirror.complete
    assert "not permitted" in found.mirror.untold


def test_a_release_without_get_list_still_names_the_members(a: Served, tmp_path: Path) -> None:
    instance = a.members["HOSPA"]
    before, instance.faults = instance.faults, parse_instance_faults(["absent:Config.MapMirrors:GetList"])
    try:
        with open_member(a.login("HOSPA"), "A", tmp_path) as connection:
            told = ask(connection)
    finally:
        instance.faults = before
    assert [member.name.partition("/")[0] for member in told.defined] == list(ROLES)


def test_properties_come_in_one_list_or_one_by_one() -> None:
    pairs = [encode_list(["Name", "A"]), encode_list(["Port", 1972])]
    for answer in (encode_list([1, *pairs]), encode_list([1, encode_list(pairs)])):
        assert decode_get_list(answer) == {"Name": "A", "Port": 1972}
        assert decode_get_list(answer.decode("latin-1")) == {"Name": "A", "Port": 1972}
    assert decode_get_list(encode_list([1, encode_list(["Name", "A"])])) == {"Name": "A"}
    with pytest.raises(ValueError, match="no properties"):
        decode_get_list(encode_list([encode_list([0, "failed"])]))


@pytest.mark.parametrize("fault", ["nonsense", "garbled", "crash"])
def test_whatever_members_answer_is_listed_and_never_raised(fault: str, tmp_path: Path) -> None:
    faults = {name: [f"{fault}@{number}"] for number, name in enumerate(ROLES, 4)}
    with served(faults=faults) as running:
        found = discover({name: running.login(name, deadline=2.0) for name in ROLES}, tmp_path)
    assert set(ROLES) <= set(by_name(found))
    assert not found.mirror.complete
    assert all("\n" not in member.reason for member in found.mirror.members)


def test_a_member_that_is_read_from_files_is_not_asked(a: Served, tmp_path: Path) -> None:
    found = discover(a.logins("HOSPA HOSPB HOSPDR"), tmp_path, otherwise=["hosprpt"])
    assert set(by_name(found)) == {"HOSPA", "HOSPB", "HOSPDR"}
    assert found.mirror.complete


def test_names_are_short_where_they_can_be() -> None:
    assert short_name("HOSPA/IRIS", []) == "HOSPA"
    assert short_name("HOST/TWO", ["host"]) == "HOST/TWO"
    assert release_of("IRIS for UNIX (Red Hat) 2024.1.2 (Build 398U) Thu Oct 3 2024") == "2024.1.2"


# -- TLS --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def secure(issued: Certificates) -> Iterator[Served]:
    with served(certificates=issued) as running:
        yield running


unix = pytest.mark.skipif(sys.platform == "win32", reason="the driver has one settings file there")


@unix
def test_tls_with_the_authority_of_the_mirror(
    secure: Served, issued: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    login = secure.login("HOSPA", tls=True, ca_file=issued.authority)
    with open_member(login, "A", tmp_path) as connection:
        assert ask(connection).role is MemberRole.PRIMARY
    assert not list(tmp_path.glob("driftsync-*")), "the settings of the driver are gone"


@unix
def test_tls_with_a_section_of_the_drivers_own_settings(
    secure: Served, issued: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = secure.login("HOSPA", tls="lab")
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(SettingsError, match=VARIABLE):
        open_member(login, "A", tmp_path)
    monkeypatch.setenv(VARIABLE, str(write_settings(tmp_path / "SSLDefs.ini", issued.authority)))
    with open_member(login, "A", tmp_path) as connection:
        assert connection.version
    with pytest.raises(SettingsError, match=r"no section \[other\]"):
        open_member(secure.login("HOSPA", tls="other"), "A", tmp_path)


@unix
@pytest.mark.parametrize("own", [True, False])
def test_an_authority_that_did_not_sign_is_named_as_the_reason(
    secure: Served, tmp_path: Path, own: bool
) -> None:
    authority = make_certificates(tmp_path).authority if own else None
    with pytest.raises(failures.TlsFailed) as error:
        open_member(secure.login("HOSPA", tls=True, ca_file=authority), "A", tmp_path)
    assert "its certificate was not accepted" in error.value.message
    assert "ca_file" in error.value.hint


@unix
def test_an_expired_certificate_is_named_as_the_reason(tmp_path: Path) -> None:
    expired = make_certificates(tmp_path, expired=True)
    with served(certificates=expired) as running:
        login = running.login("HOSPA", tls=True, ca_file=expired.authority)
        with pytest.raises(failures.TlsFailed, match="expired"):
            open_member(login, "A", tmp_path)


@unix
def test_tls_against_none_and_none_against_tls(a: Served, secure: Served, tmp_path: Path) -> None:
    with pytest.raises(failures.TlsFailed):
        open_member(a.login("HOSPA", tls=True), "A", tmp_path)
    with pytest.raises(failures.ConnectionFailed) as error:
        open_member(secure.login("HOSPA"), "A", tmp_path)
    assert "tls = true" in error.value.hint


@unix
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_cannot_be_used_is_named(a: Served, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(SettingsError, match="cannot be used"):
        open_member(a.login("HOSPA", tls=True, ca_file=path), "A", tmp_path)


def test_windows_is_told_where_the_driver_looks(
    a: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftsync.connections.tls.sys.platform", "win32")
    with pytest.raises(SettingsError, match="SSLDefs"):
        open_member(a.login("HOSPA", tls=True), "A", tmp_path)


def test_this_computer_has_authorities() -> None:
    assert system_authorities().is_file()


def test_what_tls_does_not_protect_is_said(a: Served) -> None:
    (without,) = warnings_of(a.login("HOSPA"))
    assert "without TLS" in without
    (with_tls,) = warnings_of(a.login("HOSPA", tls=True))
    assert "not its host name" in with_tls
