"""The configuration merge file: actions that repeat, values without quotes, templates."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.documents.merge_file import split_action
from driftsync.errors import DocumentError
from driftsync.model import Coverage, Secret
from tests.documents import MERGE, compared, items, read, setting


def test_it_is_always_partial(tmp_path: Path) -> None:
    found = read(tmp_path, MERGE)
    assert found.header.sources[0].format == "merge-file"
    assert set(found.header.coverage.values()) == {Coverage.PARTIAL}
    assert all(item.partial for item in found.items)


def test_a_later_action_on_the_same_item_adds_to_the_earlier(tmp_path: Path) -> None:
    assert compared(read(tmp_path, MERGE), "role:Clerk") == {
        "Resources": {"Payroll": "RW"},
        "Description": "the clerk, of payroll",
        "GrantedRoles": ["%Developer"],
    }


def test_two_actions_of_one_verb_are_two_items(tmp_path: Path) -> None:
    found = read(
        tmp_path, "[Actions]\nCreateDatabase:Name=A,Directory=/a\nCreateDatabase:Name=B,Directory=/b\n"
    )
    assert items(found).keys() == {"database:A", "database:B"}


def test_what_is_created_and_deleted_is_not_there(tmp_path: Path) -> None:
    found = read(tmp_path, "[Actions]\nCreateRole:Name=Clerk\nCreateRole:Name=Nurse\nDeleteRole:Name=clerk\n")
    assert items(found).keys() == {"role:Nurse"}
    assert "DeleteRole (1)" in found.header.sources[0].remark


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "Name=x,Roles=%All,COMMON,PasswordHash=a,b,1,SHA512",
            {"Roles": "%All,COMMON", "PasswordHash": "a,b,1,SHA512"},
        ),
        ('Name=x,Description="a, b=c"', {"Description": "a, b=c"}),
        ("Name=x,Description=two words, and more", {"Description": "two words, and more"}),
        ('Name=x,Description="say ""hello"""', {"Description": 'say "hello"'}),
        ("Name=x, Resource = y ", {"Resource": "y"}),
        ("Name=x,AutheEnabled=$$$AutheOS+$$$AuthePassword", {"AutheEnabled": "$$$AutheOS+$$$AuthePassword"}),
        ('Name=x,Empty=""', {"Empty": ""}),
        ('Name=x,Global=a("b,c=d",1),Database=D', {"Global": 'a("b,c=d",1)', "Database": "D"}),
        ("Name=x,Path=", {"Path": ""}),
    ],
)
def test_a_comma_divides_only_before_a_name(text: str, values: dict[str, str]) -> None:
    assert split_action(text) == {"Name": "x", **values}


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z]\w{0,9}", fullmatch=True),
        st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])),
        min_size=1,
    )
)
def test_what_is_quoted_comes_back(values: dict[str, str]) -> None:
    written = ",".join('{}="{}"'.format(name, value.replace('"', '""')) for name, value in values.items())
    assert split_action(written) == values


def test_a_quoted_mapping_name_keeps_its_subscripts(tmp_path: Path) -> None:
    found = read(tmp_path, '[Actions]\nCreateMapGlobal:Namespace=APP,Name="X(1):(101)",Database=D\n')
    assert items(found).keys() == {"global-mapping:APP/X(1):(101)"}


def test_macros_and_numbers_of_authentication_agree(tmp_path: Path) -> None:
    found = [
        compared(
            read(tmp_path, f"[Actions]\nCreateApplication:Name=/csp/x,AutheEnabled={value}\n"),
            "web-application:/csp/x",
        )
        for value in ("$$$AutheUnauthenticated+$$$AuthePassword", "96")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("template", ["${secret}", "{$password}", "#{x}", "a${b}c"])
def test_a_template_is_a_gap_and_not_a_value(tmp_path: Path, template: str) -> None:
    found = read(
        tmp_path,
        f"[Startup]\nSystemMode={template}\n[Actions]\nCreateRole:Name=Clerk,Description={template}\n",
    )
    assert items(found)["role:Clerk"].compared == {}
    assert [(gap.key, gap.property) for gap in found.header.gaps] == [
        ("instance-setting:Startup/SystemMode", "Value"),
        ("role:Clerk", "Description"),
    ]


def test_a_template_in_a_name_is_a_gap_without_an_item(tmp_path: Path) -> None:
    found = read(tmp_path, "[Actions]\nCreateRole:Name=${role},Description=x\n", whole=["all"])
    assert items(found) == {}
    assert [gap.kind for gap in found.header.gaps] == ["role"]
    assert found.header.coverage["role"] is Coverage.PARTIAL


def test_a_value_after_a_template_is_known_again(tmp_path: Path) -> None:
    found = read(
        tmp_path, "[Actions]\nCreateRole:Name=A,Description=${x}\nModifyRole:Name=A,Description=known\n"
    )
    assert compared(found, "role:A") == {"Description": "known"}
    assert found.header.gaps == []


def test_two_quotes_mean_empty(tmp_path: Path) -> None:
    assert setting(read(tmp_path, '[Startup]\nSystemMode=""\n'), "Startup/SystemMode") is None


def test_a_missing_line_end_loses_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, MERGE).items == read(tmp_path, MERGE.rstrip()).items


def test_the_password_hash_is_one_secret(tmp_path: Path) -> None:
    user = compared(read(tmp_path, MERGE), "user:wang")
    assert user["Roles"] == ["%All", "Clerk"]
    assert [value for value in user.values() if isinstance(value, Secret)] != []
    assert "cafe" not in repr(user)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("CreateRole:Description=x", "does not say which item"),
        ("CreateMapGlobal:Name=X,Database=D", "does not say which item"),
        ('CreateRole:Name=A,Description="open', "quote is opened"),
        ("canary-hash:rest", "is neither"),
        ("canary", "is neither"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_damaged_action_is_refused_at_its_line(tmp_path: Path, line: str, reason: str, end: str) -> None:
    with pytest.raises(DocumentError, match=f":2: .*{reason}") as caught:
        read(tmp_path, f"[Actions]\n{line}{end}")
    assert "canary" not in str(caught.value)


def test_actions_that_state_no_item_are_named(tmp_path: Path) -> None:
    found = read(
        tmp_path, "[Actions]\nExecute:Namespace=%SYS,RoutineName=x\nConfigMirror:Name=M\n[Startup]\nIPv6=0\n"
    )
    assert (
        found.header.sources[0].remark
        == "actions that state no item were passed over: ConfigMirror (1), Execute (1)"
    )


def test_sections_of_a_mirror_member_state_only_some_keys(tmp_path: Path) -> None:
    found = read(tmp_path, "[MirrorMember]\nVirtualAddressInterface=eth0\n")
    assert items(found)["mirror-member:this"].partial
