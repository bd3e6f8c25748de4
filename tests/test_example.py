"""The example: what was planted in it is found, what rightly differs is not, and none of its secrets is told."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from driftsync.cli.mirrors import compare_mirrors
from driftsync.comparing import Scope
from driftsync.documents.merge_file import split_action
from driftsync.documents.sections import split_sections
from driftsync.kinds import all_kinds
from driftsync.kinds.spec import Treat
from driftsync.model import Changed, Clash, Drift, Extra, MemberRole, Missing, NoteType, Report
from driftsync.serial_list import decode_pairs
from driftsync.settings import (
    DELIVER_TABLES,
    MemberSettings,
    MirrorSettings,
    RuleSettings,
    ScopeSettings,
    Settings,
    StoreSettings,
    SyncSettings,
    Thresholds,
    read_settings,
)

EXAMPLES = Path(__file__).parent.parent / "examples"
HOSPITAL = EXAMPLES / "hospital"
SETTINGS = HOSPITAL / "driftsync.toml"
MEMBERS = ("hosp-a", "hosp-b", "hosp-dr", "hosp-rpt")

NOT_SHOWN: dict[str, str] = {}
"""Kinds that have a place in a document and no difference on HOSP-B, each with the reason."""

RIGHTLY_DIFFERENT = {
    "instance-setting:Startup/CliSysName",
    "instance-setting:Journal/CurrentDirectory",
    "instance-setting:Journal/AlternateDirectory",
    "instance-setting:Journal/JournalFilePrefix",
    "instance-setting:config/wijdir",
    "instance-setting:Conversions/LastConvertTime",
    "licence-server:LOCAL",
    "tls-configuration:%MirrorClient",
    "tls-configuration:%MirrorServer",
    "task:%SYS/Integrity Check",
    "task:%SYS/Switch Journal",
    "task:%SYS/Copy backup to the archive",
    "role:Clinician",
    "role:InterfaceEngine",
    "role:Pharmacist",
    "namespace:USER",
    "user:chen.jing",
    "user:hl7service",
    "user:SuperUser",
    "user:zhang.wei",
    "sql-privilege:EMR/1,Hosp_Record.Visit/s/ReportReader",
    "audit-event:%System/%Login/Login",
    "web-application:/interop/soap",
    "database:RADIOLOGY",
}
"""Items of HOSP-B whose export differs from that of HOSP-A, rightly or only to look at."""

NEVER_REPORTED = {
    "Directory", "StreamLocation", "Path", "SystemName", "CertificateFile", "PrivateKeyFile", "CAFile", "LDAPCACertFile",
    "LDAPInstanceId", "TwoFactorPWIssuer", "StartDate", "JobGUID", "RunAfterGUID", "Grantor", "CreateDateTime",
    "LastModifiedDateTime", "LastModifiedInfo", "LoginDateTime", "InvalidLoginAttempts", "PasswordChangedDateTime",
    "HOTPKey", "OCSPRequestFailures", "Total", "Written", "BindAddress", "PhysicalDevice", "VirtualAddressInterface",
    "AsyncMemberGUID", "Password",
}  # fmt: skip
"""Properties that differ somewhere in the example and are no difference anywhere."""

SECRET_TAGS = {
    "Password", "Salt", "HOTPKey", "LDAPSearchPassword", "SMTPPassword", "PrivateKeyPassword", "PrivateKeyExport",
    "PrivateKeyPasswordExport",
}  # fmt: skip
SECRET_WORDS = {"InitialAccessToken", "ClientSecret", "ServerPassword"}
"""Words of merge actions whose values are secret."""


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("example") / "fingerprint.key"


@pytest.fixture(scope="module")
def report(key_file: Path) -> Iterator[Report]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTSYNC_KEY_FILE", str(key_file))
        yield compare_mirrors(
            read_settings(SETTINGS), [], Scope(), show_local=False, cross_product=False, quiet=True
        )


@pytest.fixture(scope="module")
def drifts(report: Report) -> dict[str, Drift]:
    return {drift.member.name: drift for mirror in report.mirrors for drift in mirror.drifts}


def reported(drift: Drift) -> set[str]:
    return {difference.key for difference in drift.differences}


# -- what is found ---------------------------------------------------------------------------------------------------


def test_every_member_is_read(report: Report, drifts: dict[str, Drift]) -> None:
    assert [mirror.unreadable for mirror in report.mirrors] == [[]]
    assert list(drifts) == ["HOSP-B", "HOSP-DR", "HOSP-RPT"]


def test_roles_come_from_the_files_where_files_tell(drifts: dict[str, Drift]) -> None:
    roles = {name: drift.member.member.role for name, drift in drifts.items()}
    assert roles == {
        "HOSP-B": MemberRole.BACKUP,
        "HOSP-DR": MemberRole.DR_ASYNC,
        "HOSP-RPT": MemberRole.REPORTING_ASYNC,
    }
    assert {drift.primary.member.role for drift in drifts.values()} == {MemberRole.PRIMARY}
    settings = read_settings(SETTINGS)
    stated = {name for name, member in settings.member.items() if member.role is not MemberRole.UNKNOWN}
    assert stated == {"HOSP-B"}


def test_the_backup_differs_in_every_kind_that_files_show(drifts: dict[str, Drift]) -> None:
    shown_by_files = {name for name, kind in all_kinds().items() if kind.places}
    assert set(NOT_SHOWN) <= shown_by_files
    assert shown_by_files - {each.kind for each in drifts["HOSP-B"].differences} == set(NOT_SHOWN)


def test_all_four_types_of_difference_occur(drifts: dict[str, Drift]) -> None:
    assert {type(each) for each in drifts["HOSP-B"].differences} == {Missing, Extra, Changed, Clash}


def test_the_clash_is_the_agent_address_of_a_cloned_instance(drifts: dict[str, Drift]) -> None:
    (clash,) = (each for each in drifts["HOSP-B"].differences if isinstance(each, Clash))
    assert [change.property for change in clash.changes] == ["AgentAddress"]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("web-application:/lab/api", Missing),
        ("user:labfeed", Missing),
        ("resource:LabApi", Missing),
        ("task:LAB/Lab results purge", Missing),
        ("sql-gateway-connection:LABSYSTEM", Missing),
        ("language-server:Lab Connector", Missing),
        ("tls-configuration:LabAnalyser", Missing),
        ("role:LabInterface", Changed),
        ("user:wang.min", Changed),
        ("service:%Service_Telnet", Changed),
        ("global-mapping:EMR/PriceList", Changed),
        ("sql-gateway-connection:WAREHOUSE", Changed),
        ("audit-event:%System/%Login/LoginFailure", Changed),
        ("instance-setting:config/locksiz", Changed),
        ("instance-setting:config/gmheap", Changed),
        ("instance-setting:Journal/DaysBeforePurge", Changed),
        ("task:EMR/病区床位日报", Changed),
        ("user:tmp.consultant", Extra),
        ("namespace:EMRTEST", Extra),
    ],
)
def test_the_story_is_told(drifts: dict[str, Drift], key: str, kind: type) -> None:
    found = {each.key: type(each) for each in drifts["HOSP-B"].differences}
    assert found.get(key) is kind


def test_a_password_with_another_salt_is_a_note_with_dates(drifts: dict[str, Drift]) -> None:
    (note,) = (each for each in drifts["HOSP-B"].notes if each.type is NoteType.NOT_COMPARABLE)
    assert (note.key, note.property) == ("user:hl7service", "Password")
    assert note.expected != note.actual
    assert str(note.expected).startswith("2024-")


# -- what is not found -----------------------------------------------------------------------------------------------


def test_what_rightly_differs_is_not_reported(drifts: dict[str, Drift]) -> None:
    assert not reported(drifts["HOSP-B"]) & RIGHTLY_DIFFERENT


def test_what_rightly_differs_is_there_to_be_compared() -> None:
    """Otherwise its absence from the report would prove nothing."""
    a, b = ((HOSPITAL / name / "iris.cpf").read_bytes() for name in ("hosp-a", "hosp-b"))
    assert b"\r\n" in b
    assert b"\r\n" not in a
    assert b"\r\n\r\n\r\n[" in b
    order = [re.findall(rb"^\[(.+?)\]", content, re.MULTILINE) for content in (a, b)]
    assert order[0] != order[1]
    assert sorted(order[0]) == sorted(order[1])
    a, b = ((HOSPITAL / name / "security.xml").read_bytes() for name in ("hosp-a", "hosp-b"))
    assert b"<Enabled>true</Enabled>" in a
    assert b"<Enabled>true</Enabled>" not in b
    assert b"<Enabled>1</Enabled>" in b
    mine, theirs = (
        resources_of_role(HOSPITAL / name / "security.xml", "InterfaceEngine")
        for name in ("hosp-a", "hosp-b")
    )
    assert mine != theirs
    assert sorted(mine) == sorted(theirs)


def resources_of_role(path: Path, name: str) -> list[str]:
    roles = etree.parse(path).getroot().iterfind("RolesExport/Roles")
    return [
        each.text or ""
        for role in roles
        if role.findtext("Name") == name
        for each in role.iterfind("Resources/Resource/Name")
    ]


def test_no_property_is_reported_that_rightly_differs(drifts: dict[str, Drift]) -> None:
    for drift in drifts.values():
        changed = {
            change.property
            for each in drift.differences
            if isinstance(each, (Changed, Clash))
            for change in each.changes
        }
        assert not changed & NEVER_REPORTED


# -- what could not be read ------------------------------------------------------------------------------------------


def test_the_backup_is_whole_and_the_asyncs_are_not(report: Report, drifts: dict[str, Drift]) -> None:
    assert {name: drift.complete for name, drift in drifts.items()} == {
        "HOSP-B": True,
        "HOSP-DR": False,
        "HOSP-RPT": False,
    }
    assert not report.complete


def test_two_tasks_of_one_name_are_one_gap(drifts: dict[str, Drift]) -> None:
    (gap,) = drifts["HOSP-DR"].gaps
    assert (gap.member, gap.key) == ("HOSP-DR", "task:EMR/病区床位日报")
    assert gap.key not in reported(drifts["HOSP-DR"])


def test_tasks_that_nobody_exported_are_a_gap_and_not_missing(drifts: dict[str, Drift]) -> None:
    (gap,) = drifts["HOSP-RPT"].gaps
    assert (gap.member, gap.kind) == ("HOSP-RPT", "task")
    assert not any(each.kind == "task" for each in drifts["HOSP-RPT"].differences)


def test_the_dr_member_lacks_mappings_of_the_product_and_little_else(drifts: dict[str, Drift]) -> None:
    product = [each for each in drifts["HOSP-DR"].differences if each.product]
    site = reported(drifts["HOSP-DR"]) - {each.key for each in product}
    assert {each.kind for each in product} == {"global-mapping"}
    assert len(product) == 6
    assert site == {
        "global-mapping:EMR/LabResult",
        "package-mapping:EMR/Hosp.Lab.Model",
        "resource:LabGateway",
        "user:wang.min",
        "instance-setting:Startup/ShutdownTimeout",
    }


def test_little_security_on_a_reporting_member_is_a_note(drifts: dict[str, Drift]) -> None:
    drift = drifts["HOSP-RPT"]
    assert reported(drift) == {
        "global-mapping:RADIOLOGY/PacsStudy",
        "instance-setting:config/globals",
    }
    noted = {note.key for note in drift.notes if note.type is NoteType.EXPECTED}
    assert {"user:labfeed", "role:Pharmacist", "web-application:/lab/api"} <= noted


# -- secrets ---------------------------------------------------------------------------------------------------------


def planted() -> dict[str, str]:
    """Return every secret of the example, with the place it stands in."""
    found: dict[str, str] = {}
    for name in MEMBERS:
        folder = HOSPITAL / name
        for path in folder.glob("*.xml"):
            found |= _of_xml(path)
        found |= _of_config_api(folder / "config-api.json")
        found |= _of_merge_file(folder / "access_merge.cpf")
        sections = split_sections(folder / "iris.cpf", (folder / "iris.cpf").read_text(encoding="utf-8"))
        startup = sections.get("Startup")
        assert startup is not None
        for part in startup.value("PasswordHash").split(",")[:2]:
            found[part] = f"{name} PasswordHash"
    return found


def _of_xml(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in etree.parse(path).getroot().iter():
        if element.tag in SECRET_TAGS and element.text:
            found[element.text] = f"{path.parent.name} {element.tag}"
        if element.tag == "Task" and element.findtext("Settings"):
            settings = decode_pairs(base64.b64decode(element.findtext("Settings", "")))
            found |= {
                str(value): f"{path.parent.name} {name}"
                for name, value in settings.items()
                if "not-a-real-secret" in str(value)
            }
    return found


def _of_config_api(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, connection in json.loads(path.read_text(encoding="utf-8"))["Library.SQLConnection"].items():
        found[connection["pwd"]] = f"{path.parent.name} {name} pwd"
        for text in (connection.get("URL", ""), connection.get("properties", "")):
            for value in re.findall(r"password=([^;&]+)", text, re.IGNORECASE):
                found[value] = f"{path.parent.name} {name}"
    return found


def _of_merge_file(path: Path) -> dict[str, str]:
    actions = split_sections(path, path.read_text(encoding="utf-8")).get("Actions")
    assert actions is not None
    return {
        value: f"{path.parent.name} {word}"
        for entry in actions.entries
        for word, value in split_action(entry.value).items()
        if word in SECRET_WORDS
    }


def test_secrets_are_planted_wherever_an_export_has_them() -> None:
    places = {place.split(" ", 1)[1].rpartition(" ")[2] for place in planted().values()}
    assert places >= SECRET_TAGS | SECRET_WORDS | {
        "PasswordHash", "pwd", "WAREHOUSE", "LABSYSTEM", "ApiToken", "SftpPassword", "ExecuteCode",
    }  # fmt: skip
    everything = "".join(
        path.read_text(encoding="utf-8") for name in MEMBERS for path in (HOSPITAL / name).iterdir()
    )
    assert set(re.findall(r"not-a-real-secret-[\w-]+", everything)) <= set(planted())


def test_what_is_collected_as_secret_is_declared_secret() -> None:
    declared = {
        each.name for kind in all_kinds().values() for each in kind.properties if each.treat is Treat.SECRET
    }
    assert declared >= SECRET_TAGS | SECRET_WORDS


def run(key_file: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "driftsync", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "DRIFTSYNC_KEY_FILE": str(key_file), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    )
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("format", ["json", "markdown", "html", "terminal", "junit", "sarif"])
def test_no_secret_is_told(key_file: Path, format: str) -> None:
    code, told = run(
        key_file, "report", "--settings", str(SETTINGS), "--format", format, "--verbose", "--show-local"
    )
    assert code == 1, told
    assert "HOSP-DR" in told
    assert "病区床位日报" in told
    assert [place for secret, place in planted().items() if secret in told] == []
    assert "not-a-real-secret" not in told


@pytest.mark.parametrize(("format", "ends"), [("prometheus", 1), ("nagios", 2)])
def test_no_secret_is_told_by_what_only_counts(key_file: Path, format: str, ends: int) -> None:
    code, told = run(key_file, "report", "--settings", str(SETTINGS), "--format", format)
    assert code == ends, told
    assert "HOSP-DR" in told
    assert [place for secret, place in planted().items() if secret in told] == []


@pytest.mark.parametrize("member", ["HOSP-A", "HOSP-B"])
def test_no_secret_is_kept_in_a_snapshot(key_file: Path, tmp_path: Path, member: str) -> None:
    output = tmp_path / "member.snapshot"
    run(key_file, "snapshot", member, "--settings", str(SETTINGS), "--output", str(output))
    kept = output.read_text(encoding="utf-8")
    assert "user:zhang.wei" in kept
    assert [place for secret, place in planted().items() if secret in kept] == []


# -- the reference of the settings -----------------------------------------------------------------------------------


def test_the_reference_is_valid_as_it_stands(key_file: Path) -> None:
    settings = read_settings(EXAMPLES / "driftsync.toml")
    assert all(settings.source_of(name).is_dir() for name in settings.member)
    code, told = run(key_file, "report", "--settings", str(EXAMPLES / "driftsync.toml"), "--format", "json")
    assert code == 1, told


def test_the_reference_names_every_key() -> None:
    text = (EXAMPLES / "driftsync.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([a-z_]+) = ", text, re.MULTILINE))
    tables = set(re.findall(r"^#?\[\[?([^\]]+)\]", text, re.MULTILINE))
    for struct in (
        MirrorSettings,
        MemberSettings,
        ScopeSettings,
        StoreSettings,
        SyncSettings,
        RuleSettings,
        Thresholds,
        *DELIVER_TABLES,
    ):
        assert keys(struct) - named - {"paths"} == set()
    assert {table.split(".")[0] for table in tables} | {"lang"} == keys(Settings) - {"path"}
    assert "lang" in named
    assert any(table.endswith(".paths") for table in tables)
    for way in DELIVER_TABLES:
        tag = str(way.__struct_config__.tag)
        assert re.search(rf"^# .*\b{tag}\b", text, re.MULTILINE), tag


def test_the_reference_shows_running_members_that_could_be_switched_on(tmp_path: Path) -> None:
    text = (EXAMPLES / "driftsync.toml").read_text(encoding="utf-8")
    path = tmp_path / "driftsync.toml"
    path.write_text(re.sub(r"^#(?=[a-z[])", "", text, flags=re.MULTILINE), encoding="utf-8")
    settings = read_settings(path)
    assert [name for name in settings.member if settings.is_live(name)] == ["CLINIC-A", "CLINIC-B"]
    login = settings.login_of("CLINIC-A")
    assert login.places == (("10.20.4.11", 1972), ("10.30.4.11", 1972))
    assert login.ca_file == tmp_path / "clinic-ca.pem"
    assert [each.called for each in settings.deliver] == ["ops", "dingtalk", "webhook"]


def keys(struct: Any) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)}
