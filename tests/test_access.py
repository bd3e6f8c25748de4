"""Access on one member: roles within roles, permissions, who can log in by what and why not, and what stands open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from driftsync.access import Access, Right, holders_of_all, narrowed
from driftsync.checks.spec import Unanswered
from driftsync.checks.viewing import view_member
from driftsync.files import SnapshotInMemory
from tests.planned import snapshot

TODAY = date(2026, 11, 21)
USUAL: dict[str, list[dict[str, Any]]] = {
    "security-settings": [{"AutheEnabled": 32 + 64 + 2048}],
    "service": [
        {"Name": "%Service_Bindings", "Enabled": 1, "AutheEnabled": 32},
        {"Name": "%Service_WebGateway", "Enabled": 1, "AutheEnabled": 32 + 2048},
        {"Name": "%Service_Telnet", "Enabled": 0, "AutheEnabled": 32},
        {"Name": "%Service_ECP", "Enabled": 1, "AutheEnabled": 64},
    ],
    "web-application": [
        {"Name": "/csp/sys", "Enabled": 1, "AutheEnabled": 32, "Type": 3},
        {"Name": "/csp/sys/sec", "Enabled": 1, "AutheEnabled": 64, "Type": 3},
        {"Name": "/emr", "Enabled": 1, "AutheEnabled": 32, "Type": 2},
    ],
    "resource": [{"Name": "Public", "PublicPermission": 4}, {"Name": "Ward", "PublicPermission": 0}],
    "role": [
        {"Name": "%All"},
        {"Name": "Nurse", "Resources": "Ward:R", "GrantedRoles": ["basic"]},
        {"Name": "Basic", "Resources": "Hall:U", "GrantedRoles": ["Nurse"]},
        {"Name": "Night", "Resources": "Ward:RW", "EscalationOnly": 1},
        {"Name": "Boss", "GrantedRoles": ["%all"]},
    ],
}


def access(*users: dict[str, Any], without: tuple[str, ...] = (), **kinds: Any) -> Access:
    records = {**USUAL, **{kind.replace("_", "-"): each for kind, each in kinds.items()}}
    records["user"] = [{"Enabled": 1, "Flags": 1, **each} for each in users]
    return Access(view_member(SnapshotInMemory(snapshot("member", records, without=without))), TODAY)


def test_roles_within_roles_count_however_they_are_spelled_and_even_in_a_circle() -> None:
    nurse = access({"Name": "ann", "Roles": ["NURSE"]}).principals["ann"]
    assert nurse.roles == {"nurse", "basic"}
    assert nurse.permissions == {Right("ward", "R"), Right("hall", "U"), Right("public", "U")}


def test_a_role_that_is_only_taken_up_is_not_held() -> None:
    ann = access({"Name": "ann", "Roles": ["Night"], "EscalationRoles": ["Nurse"]}).principals["ann"]
    assert ann.roles == set()
    assert ann.escalation_roles == {"night", "nurse", "basic"}
    assert Right("ward", "W") not in ann.permissions


def test_whoever_holds_all_by_any_way_is_found_and_needs_no_permission() -> None:
    found = access(
        {"Name": "boss", "Roles": ["Boss"]}, {"Name": "off", "Roles": ["%All"], "Enabled": 0}, {"Name": "ann"}
    )
    assert holders_of_all(found.principals) == {"boss"}
    assert found.principals["boss"].permissions == {Right("%all")}


@pytest.mark.parametrize(
    ("user", "settings", "why"),
    [
        ({"Enabled": 0}, {}, "disabled"),
        ({"ExpirationDate": "67000"}, {}, "expired on 2024-06-09"),
        ({"ExpirationDate": "67000", "AccountNeverExpires": 1}, {}, ""),
        ({}, {"RequiredRole": "Staff"}, "lacks the role Staff"),
        ({"Roles": ["%All"]}, {"RequiredRole": "Staff"}, ""),
        ({}, {"AutheEnabled": 64}, "no service"),
        ({"Flags": 2}, {}, ""),
        ({"Flags": 4}, {}, "no service"),
    ],
)
def test_it_says_why_somebody_cannot_log_in(user: dict[str, Any], settings: dict[str, Any], why: str) -> None:
    found = access({"Name": "ann", **user}, security_settings=[{**USUAL["security-settings"][0], **settings}])
    ann = found.principals["ann"]
    assert why in ann.why_not
    assert ann.logs_in is not bool(why)


def test_it_says_by_which_services() -> None:
    found = access({"Name": "ann"}, {"Name": "ldap", "Flags": 2})
    assert found.principals["ann"].services == {"%service_bindings", "%service_webgateway"}, (
        "off, or without a proof"
    )
    assert found.principals["ldap"].services == {"%service_webgateway"}


def test_doors_are_those_that_prove_who_comes_in() -> None:
    assert access().doors.keys() == {
        "service:%service_bindings",
        "service:%service_webgateway",
        "web-application:/csp/sys",
    }


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({"method 32", "address *"}, {"method 32", "address 10.0.0.1"}, {"address *"}),
        ({"method 32", "address 10.0.0.1"}, {"method 32", "address *"}, set()),
        ({"resource *"}, {"resource x"}, {"resource *"}),
        ({"resource x"}, {"resource *"}, set()),
        ({"method 32", "method 2048"}, {"method 2048"}, {"method 32"}),
    ],
)
def test_a_door_narrows_when_somebody_is_turned_away(
    before: set[str], after: set[str], lost: set[str]
) -> None:
    assert narrowed(frozenset(before), frozenset(after)) == lost


def test_a_limit_of_idle_days_leaves_alone_whom_it_is_known_to() -> None:
    found = access(
        {"Name": "used", "LoginDateTime": "67891,0"},
        {"Name": "never"},
        {"Name": "lasting", "AccountNeverExpires": 1},
    ).principals
    assert found["used"].outlives(90)
    assert not found["used"].outlives(1)
    assert not found["never"].outlives(90), "what is not known is not good"
    assert found["lasting"].outlives(1)
    assert found["never"].outlives(0)


def test_what_was_not_read_is_never_assumed() -> None:
    for kind in ("user", "role", "resource", "service", "web-application", "security-settings"):
        with pytest.raises(Unanswered):
            access(without=(kind,))
