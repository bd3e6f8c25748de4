"""config-api: objects by name, defaults and variables, strict JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driftsync.errors import DocumentError
from driftsync.model import Coverage
from tests.documents import CONFIG_API, compared, items, read, setting


def document(**sections: object) -> str:
    return json.dumps({name.replace("__", "."): body for name, body in sections.items()})


def test_it_is_always_partial(tmp_path: Path) -> None:
    found = read(tmp_path, CONFIG_API)
    assert found.header.sources[0].format == "config-api"
    assert set(found.header.coverage.values()) == {Coverage.PARTIAL}
    assert found.header.gaps == []


def test_defaults_fill_names_and_values(tmp_path: Path) -> None:
    found = read(tmp_path, CONFIG_API)
    assert items(found)["database:APP"].local["Directory"] == "/data/app/"
    assert compared(found, "namespace:APP")["Globals"] == "APP"
    assert compared(found, "global-mapping:APP/Order")["Database"] == "APP"
    assert compared(found, "role:Clerk")["Resources"] == {"Payroll": "RW"}
    assert setting(found, "Startup/DefaultPort") == 1972


def test_defaults_may_name_each_other(tmp_path: Path) -> None:
    found = read(
        tmp_path, document(Defaults={"A": "${B}", "B": "DATA"}, Namespaces={"X": {"Globals": "${A}"}})
    )
    assert compared(found, "namespace:X")["Globals"] == "DATA"


@pytest.mark.parametrize("value", ["${UNKNOWN}", "a${UN-KNOWN}b", ["${UNKNOWN}"]])
def test_a_variable_of_the_environment_is_a_gap(tmp_path: Path, value: object) -> None:
    found = read(tmp_path, document(Security__Roles={"Clerk": {"GrantedRoles": value}}))
    assert [(gap.key, gap.property) for gap in found.header.gaps] == [("role:Clerk", "GrantedRoles")]
    assert compared(found, "role:Clerk") == {}


def test_a_variable_in_a_name_is_a_gap_without_an_item(tmp_path: Path) -> None:
    found = read(tmp_path, document(Security__Roles={"${ROLE}": {"Description": "x"}}), whole=["all"])
    assert items(found) == {}
    assert [gap.kind for gap in found.header.gaps] == ["role"]


def test_privileges_are_one_item_a_letter(tmp_path: Path) -> None:
    row = {"Namespace": "APP", "SQLObject": "1,S.T", "Grantee": "Clerk", "PrivList": "si", "Grantable": 0}
    found = read(tmp_path, document(Security__SQLPrivileges=[row]))
    assert len(found.items) == 2


def test_sections_that_are_not_compared_are_named(tmp_path: Path) -> None:
    found = read(tmp_path, document(ZPM={}, SYS__Databases={}, Startup={}))
    assert found.header.sources[0].remark == "sections not looked at: SYS.Databases, ZPM"


@pytest.mark.parametrize(
    "section",
    [
        '"Security.Users": []', '"Security.Users": "canary"', '"Security.Users": 5', '"Security.Users": null',
        '"Security.Users": {"a": [1]}', '"Security.Users": {"a": 5}', '"Security.Users": {"a": true}',
        '"MapGlobals": {"USER": {"Name": "x"}}', '"MapGlobals": {"USER": 5}', '"MapGlobals": {"USER": ["canary"]}',
        '"Startup": [1]', '"Security.System": "canary"', '"Security.SQLPrivileges": [5]', '"Defaults": [1]',
        '"Defaults": "canary"',
    ],
)  # fmt: skip
def test_another_shape_is_refused_at_the_line_of_its_section(tmp_path: Path, section: str) -> None:
    with pytest.raises(DocumentError, match=r":3: section \S+ has another shape") as caught:
        read(tmp_path, f'{{"Journal": {{}},\n\n{section}}}')
    assert "canary" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize(
    "damaged",
    [
        '{"Startup": {"a": 1}, "Startup": {"a": 2}}', '{"Startup": {"a": 1, "a": 2}}', '{"Startup": {"a": NaN}}',
        '{"Startup": {"a": -Infinity}}', '{"Startup": {"a": "\\ud800"}}', '{"Startup": {"a": ' + "9" * 5000 + "}}",
        '{"Startup": {"a": 1}', '{"Startup": {"a": 1}} x', "{", "{}x", '{"Startup": {"a": "\t"}}', "[{}]",
        '{"Startup": ' + "[" * 30 + "]" * 30 + "}", '{"Startup":' + '{"a":' * 100_000,
        '{"Startup":' + "[" * 5000 + "]" * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(tmp_path: Path, damaged: str) -> None:
    with pytest.raises(DocumentError):
        read(tmp_path, damaged)


def test_the_same_name_twice_with_the_same_value_is_fine(tmp_path: Path) -> None:
    assert len(read(tmp_path, '{"Startup": {"IPv6": 1, "IPv6": 1}}').items) == 1


@pytest.mark.parametrize("huge", [2**64, 10**300, -(2**64), 1e300, "9" * 400, "1e400"])
def test_a_number_beyond_all_numbers_is_a_gap(tmp_path: Path, huge: float | str) -> None:
    found = read(
        tmp_path,
        document(Startup={"DefaultPort": huge}, Security__Resources={"R": {"PublicPermission": huge}}),
    )
    assert {gap.key for gap in found.header.gaps} == {"instance-setting:Startup/DefaultPort", "resource:R"}


def test_null_is_not_stated(tmp_path: Path) -> None:
    found = read(
        tmp_path, document(Security__Roles={"A": {"Description": None, "GrantedRoles": [None]}, "B": None})
    )
    assert compared(found, "role:A") == {}
    assert compared(found, "role:B") == {}


def test_a_bom_and_line_ends_mean_nothing(tmp_path: Path) -> None:
    spelled = "\ufeff" + CONFIG_API.replace("\n", "\r\n")
    assert read(tmp_path, spelled).items == read(tmp_path, CONFIG_API).items
