"""Security exports: mixed containers, empty and absent ones, records and properties of one name."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftsync.errors import ConflictError, DocumentError
from driftsync.model import Coverage, Secret
from tests.documents import SECURITY, compared, drift, items, read


def single(tag: str, *records: str) -> str:
    return f"<?xml version='1.0'?><{tag}Export>" + "".join(records) + f"</{tag}Export>"


def test_an_empty_container_is_whole_and_an_absent_one_was_not_looked_at(tmp_path: Path) -> None:
    coverage = read(tmp_path, SECURITY).header.coverage
    assert (
        coverage["role"]
        is coverage["document-database" if "document-database" in coverage else "docdb-application"]
    )
    assert coverage["openam-identity-service"] is Coverage.WHOLE
    assert "tls-configuration" not in coverage


def test_a_guest_is_never_known_to_be_all_there_is(tmp_path: Path) -> None:
    assert read(tmp_path, SECURITY).header.coverage["sql-privilege"] is Coverage.PARTIAL
    both = SECURITY.replace("</SecurityExport>", "<SQLPrivilegesExport/></SecurityExport>")
    assert read(tmp_path, both).header.coverage["sql-privilege"] is Coverage.WHOLE


def test_roles_and_resources_are_records_and_properties(tmp_path: Path) -> None:
    found = read(tmp_path, SECURITY)
    assert compared(found, "role:Clerk") == {
        "Resources": {"%DB_APP": "R", "Payroll": "RW"},
        "GrantedRoles": ["%Developer"],
    }
    assert compared(found, "user:Wang")["Roles"] == ["Clerk"]
    assert {"resource:Payroll", "role:Clerk"} <= items(found).keys()
    assert "role:" not in "".join(key for key in items(found) if key != "role:Clerk")


def test_a_single_class_is_partial_with_its_guests(tmp_path: Path) -> None:
    privilege = "<SQLPrivileges><Namespace>A</Namespace><SQLObject>1,S.T</SQLObject><Privilege>s</Privilege><Grantee>G</Grantee></SQLPrivileges>"
    found = read(tmp_path, single("Roles", "<Roles><Name>A</Name></Roles>", privilege))
    assert found.header.sources[0].format == "security-class-export"
    assert found.header.coverage == {"role": Coverage.PARTIAL, "sql-privilege": Coverage.PARTIAL}
    assert len(found.items) == 2


def test_a_single_class_may_be_declared_whole(tmp_path: Path) -> None:
    assert read(tmp_path, single("Roles"), whole=["role"]).header.coverage == {"role": Coverage.WHOLE}


def test_a_property_that_is_left_out_is_empty(tmp_path: Path) -> None:
    spelled = SECURITY.replace(
        "<NameSpace>APP</NameSpace>", "<NameSpace>APP</NameSpace><Resource/><MatchRoles></MatchRoles>"
    )
    assert drift(read(tmp_path, SECURITY), read(tmp_path, spelled)).clean


def test_true_and_1_agree(tmp_path: Path) -> None:
    spelled = SECURITY.replace(">true<", ">1<").replace("<Enabled>1<", "<Enabled>true<")
    assert spelled != SECURITY
    assert drift(read(tmp_path, SECURITY), read(tmp_path, spelled)).clean


@pytest.mark.parametrize(
    "spelled",
    [
        SECURITY.replace("\n", "\r\n"),
        "\ufeff" + SECURITY,
        "\n \n" + SECURITY.partition("?>")[2],
        SECURITY.replace("UTF-8", "UTF-16").encode("utf-16"),
        SECURITY.replace('encoding="UTF-8"', 'encoding="GBK"').encode("gbk"),
        SECURITY.replace("<Roles>\n<Name>", "<!-- <Roles> --><Roles>\n<Name>"),
        SECURITY.replace("病人", "&#x75C5;人").replace("Clerk</Name>", "<![CDATA[Clerk]]></Name>"),
        "<!-- <AuditExport> --><?php x ?>" + SECURITY.partition("?>")[2],
    ],
    ids=["CRLF", "BOM", "blank first", "UTF-16", "GBK", "comment", "references", "comment first"],
)
def test_another_spelling_is_no_drift(tmp_path: Path, spelled: str | bytes) -> None:
    assert drift(read(tmp_path, SECURITY), read(tmp_path, spelled)).clean


def test_chinese_and_japanese_arrive_as_they_are(tmp_path: Path) -> None:
    assert compared(read(tmp_path, SECURITY), "resource:Payroll")["Description"] == "病人 & 職員"


def test_the_same_record_twice_is_fine_and_another_is_not(tmp_path: Path) -> None:
    record = "<Roles>\n<Name>Webinar</Name>\n<Description>{}</Description>\n</Roles>\n"
    found = read(tmp_path, single("Roles", record.format("a"), record.format("a")))
    assert len(found.items) == 1
    with pytest.raises(
        ConflictError, match=r":5: role:Webinar has another Description here than in .*:1 *$"
    ) as caught:
        read(tmp_path, single("Roles", record.format("a"), record.format("canary")))
    assert "canary" not in str(caught.value)


def test_a_property_twice_in_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r":2: a property"):
        read(tmp_path, single("Roles", "<Roles><Name>A</Name>\n<Name>canary</Name></Roles>"))


def test_the_same_right_from_two_grantors_is_one_right(tmp_path: Path) -> None:
    """The key leaves the grantor out; what counts is the most that anybody granted."""
    other = SECURITY[SECURITY.index("<SQLPrivileges>") : SECURITY.index("</RolesExport>")]
    other = other.replace("_SYSTEM", "Admin").replace("<Grantable>0", "<Grantable>1")
    found = read(tmp_path, SECURITY.replace("</RolesExport>", other + "</RolesExport>"))
    assert found.header.gaps == []
    assert [item.compared["Grantable"] for item in found.items if item.key.kind == "sql-privilege"] == [1]


def test_a_record_that_no_kind_covers_is_a_gap(tmp_path: Path) -> None:
    found = read(tmp_path, single("Roles", "<Invented><Name>A</Name></Invented>"))
    assert [gap.reason for gap in found.header.gaps] == [
        "records <Invented> of the export are covered by no kind"
    ]


def test_a_record_without_a_name_is_a_gap(tmp_path: Path) -> None:
    found = read(tmp_path, single("Roles", "\n<Roles><Description>x</Description></Roles>"))
    assert [gap.kind for gap in found.header.gaps] == ["role"]
    assert ":2: an item whose name is missing" in found.header.gaps[0].reason


def test_a_value_of_another_shape_is_a_gap_of_the_property(tmp_path: Path) -> None:
    found = read(tmp_path, single("Users", "<Users><Name>A</Name><Enabled>canary</Enabled></Users>"))
    assert [(gap.key, gap.property) for gap in found.header.gaps] == [("user:A", "Enabled")]
    assert "canary" not in found.header.gaps[0].reason


def test_the_release_is_that_of_the_system(tmp_path: Path) -> None:
    assert read(tmp_path, SECURITY).header.facts.release == "2024.1"


def test_hashes_become_fingerprints(tmp_path: Path) -> None:
    user = items(read(tmp_path, SECURITY))["user:Wang"]
    assert isinstance(user.compared["Password"], Secret)
    assert "Y2FuYXJ5" not in repr(user)


@pytest.mark.parametrize("root", ["AuditExport", "Export", "Manifest", "InventedExport", "Foo"])
def test_what_is_no_configuration_is_refused(tmp_path: Path, root: str) -> None:
    with pytest.raises(DocumentError, match=r":1: "):
        read(tmp_path, f"<?xml version='1.0'?><{root}><Name>x</Name></{root}>")


def test_lines_beyond_65535_are_counted(tmp_path: Path) -> None:
    with pytest.raises(ConflictError, match=r":70002: .* than in .*:70001$"):
        read(
            tmp_path,
            "<RolesExport>"
            + "\n" * 70_000
            + "<Roles><Name>A</Name></Roles>\n<Roles><Name>A</Name><Description>b</Description></Roles></RolesExport>",
        )
