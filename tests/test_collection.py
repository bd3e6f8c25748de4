"""A collection says what exports say, never more than it may, and never that something is missing which was lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from driftsync.comparing import compare
from driftsync.documents import read_member
from driftsync.documents.collection import SCRIPT
from driftsync.errors import DocumentError
from driftsync.kinds import all_kinds
from driftsync.kinds.spec import Treat
from driftsync.lab.instance import RELEASES, SimulatedMirror
from driftsync.lab.instance.collecting import write_collection
from driftsync.lab.instance.folders import write_exports
from driftsync.lab.scenarios import MEMBERS, build
from driftsync.model import Changed, Coverage, Missing, Snapshot
from tests.documents import FINGERPRINTER, items

ONLY_OBJECTS_SHOW = {
    "database": {
        "BlockSize", "ClusterMountMode", "EncryptedDB", "ExpansionSize", "GlobalJournalState", "MaxSize", "MirrorDBName",
        "MirrorSetName", "NewGlobalCollation", "NewGlobalGrowthBlock", "NewGlobalIsKeep", "NewGlobalPointerBlock",
        "NewVolumeThreshold", "ReadOnly", "ResourceName",
    },
    "language-server": {"AllowedIPAddresses", "ConnectionTimeout", "InitializationTimeout", "VerifySSLHostName"},
    "security-settings": {"DefaultSignatureHash"},
}  # fmt: skip
"""Compared properties that no export file shows: labels of databases, what is not in the CPF, or not in XML."""

ONLY_COLLECTIONS_SHOW = {
    "custom-code", "encryption-key", "file", "ipm-package", "nls-locale", "oauth2-client", "oauth2-server-configuration",
    "oauth2-server-definition", "production", "security-domain", "sql-gateway-connection", "task-manager-settings",
}  # fmt: skip


@cache
def mirror(profile: str = "2024.1") -> SimulatedMirror:
    return build("hospital", profile)


def collected(folder: Path, member: int = 0, profile: str = "2024.1") -> Path:
    write_collection(mirror(profile).states[member].instance, folder)
    return folder


def read(folder: Path) -> Snapshot:
    return read_member(folder, fingerprinter=FINGERPRINTER)


@pytest.mark.parametrize("member", range(4), ids=MEMBERS["hospital"])
@pytest.mark.parametrize("profile", RELEASES)
def test_a_collection_says_what_the_exports_say(profile: str, member: int, tmp_path: Path) -> None:
    instance = mirror(profile).states[member].instance
    write_exports(instance, tmp_path / "exports")
    write_collection(instance, tmp_path / "collection")
    exports, collection = read(tmp_path / "exports"), read(tmp_path / "collection")
    mine, theirs = items(collection), items(exports)
    assert {key for key in mine if key.partition(":")[0] not in ONLY_COLLECTIONS_SHOW} == set(theirs)
    assert len(theirs) > 400
    assert not exports.header.gaps
    for kind, coverage in exports.header.coverage.items():
        assert collection.header.coverage[kind] is coverage is Coverage.WHOLE, kind
    assert collection.header.coverage.keys() - exports.header.coverage.keys() == ONLY_COLLECTIONS_SHOW
    for key, item in theirs.items():
        beyond = {*mine[key].unread, *ONLY_OBJECTS_SHOW.get(item.key.kind, ())}
        for part in ("compared", "unlisted"):
            expected, actual = getattr(item, part), getattr(mine[key], part)
            kept = {name: value for name, value in expected.items() if name not in mine[key].unread}
            assert {
                name: value for name, value in actual.items() if name in kept or name not in beyond
            } == kept, key
    assert exports.header.facts == collection.header.facts
    assert collection.header.member.instance == exports.header.member.instance == instance.name


@pytest.mark.parametrize("profile", RELEASES)
def test_no_secret_is_in_a_collection(profile: str, tmp_path: Path) -> None:
    for member in range(4):
        folder = collected(tmp_path / str(member), member, profile)
        content = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
        assert b"not-a-real" not in content
        assert b"bm90LWEtcmVhbC" not in content  # the same in base64
        for user in mirror(profile).states[member].instance.storage.rows("Security.Users"):
            for name in ("Password", "Salt", "HOTPKey"):
                if isinstance(user[name], bytes):
                    assert user[name].hex().encode() not in content
                    assert json.dumps(user[name].decode("latin-1")).encode() not in content


def test_what_was_left_out_is_told_once_and_never_equal(tmp_path: Path) -> None:
    snapshot = read(collected(tmp_path / "a"))
    assert "Password" in items(snapshot)["user:nina"].unread
    assert not any("Password" in item.compared for item in snapshot.items if item.key.kind == "user")
    told = [(gap.kind, gap.key, gap.property) for gap in snapshot.header.gaps]
    assert len(told) == len(set(told)) < 20
    assert ("user", "", "Password") in told
    assert ("instance-setting", "instance-setting:Logging/ChildProcessLaunchCommand", "Value") in told
    for kind, _key, name in told:
        declared = all_kinds()[kind].declared(name)
        assert declared is not None
        assert declared.kept


def test_a_secret_that_is_not_set_is_no_gap(tmp_path: Path) -> None:
    snapshot = read(collected(tmp_path / "a"))
    found = items(snapshot)
    assert "PrivateKeyPassword" in found["tls-configuration:Insurance"].unread
    assert "PrivateKeyPassword" not in found["tls-configuration:LabAnalyser"].unread


def test_two_collections_compared_say_what_was_not_compared(tmp_path: Path) -> None:
    primary, backup = read(collected(tmp_path / "a", 0)), read(collected(tmp_path / "b", 1))
    drift = compare(primary, backup)
    assert not drift.complete
    changed = {each.key: each for each in drift.differences if isinstance(each, Changed)}
    missing = {each.key for each in drift.differences if isinstance(each, Missing)}
    assert "user:locum" in missing
    assert "ipm-package:EMR/csvgen" in missing
    assert "custom-code:%ZSTART.mac" in missing
    page = "file:web-application:/emr/index.csp"  # whatever directory each member keeps it in
    assert {"custom-code:ZMIRROR.mac", page, "ipm-package:EMR/hosp-util"} <= set(changed)
    assert "file:web-application:/emr/style.css" in missing
    assert [change.property for change in changed["production:INTEROP/Hosp.Production"].changes] == [
        "AutoStart"
    ]
    assert [change.property for change in changed["language-server:ImageServer"].changes] == [
        "ConnectionTimeout"
    ]
    for each in changed.values():
        for change in each.changes:
            declared = all_kinds()[each.kind].declared(change.property)
            assert declared is None or declared.treat is not Treat.SECRET


def test_the_same_collection_twice_is_incomplete_and_not_clean(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    collected(tmp_path / "a")
    collected(tmp_path / "b")
    ended = cli("diff", tmp_path / "a", tmp_path / "b", "--exclude", "mirror-member")
    assert ended.code == 3
    assert ended.out.count("left out of the collection on purpose") == 2
    told = json.loads(cli("diff", tmp_path / "a", tmp_path / "b", "--format", "json").out)["gaps"]
    assert ("user", "Password") in {(gap.get("kind"), gap.get("property")) for gap in told}


def test_role_and_moment_come_from_the_manifest(tmp_path: Path) -> None:
    roles = [read(collected(tmp_path / str(member), member)).header for member in range(4)]
    assert [header.member.role.value for header in roles] == [
        "primary",
        "backup",
        "dr-async",
        "reporting-async",
    ]
    assert {header.taken_at for header in roles} == {"2026-11-21T10:00:00+00:00"}
    assert {header.member.mirror for header in roles} == {"HOSPITAL"}


# -- what is lost on the way --------------------------------------------------------------------------------------


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").splitlines(keepends=True)


def reasons(snapshot: Snapshot, kind: str = "") -> list[str]:
    return [gap.reason for gap in snapshot.header.gaps if gap.kind == kind and not gap.property]


def test_a_run_that_was_cut_short_is_noticed(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    manifest = folder / "manifest.jsonl"
    manifest.write_text("".join(lines_of(manifest)[:5]), encoding="ascii")
    snapshot = read(folder)
    assert any("cut short" in reason for reason in reasons(snapshot))
    assert "user" not in snapshot.header.coverage
    assert snapshot.header.coverage["web-application"] is Coverage.WHOLE


@pytest.mark.parametrize("kept", range(0, 400, 13))
def test_a_manifest_that_was_cut_anywhere_is_never_whole(kept: int, tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    manifest = folder / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[: -1 - kept])
    snapshot = read(folder)
    if kept:
        assert any("cut short" in reason for reason in reasons(snapshot))


def test_a_file_that_lost_lines_is_a_gap_and_nothing_is_missing(tmp_path: Path) -> None:
    whole, cut = read(collected(tmp_path / "a", 0)), collected(tmp_path / "b", 0)
    users = cut / "Security.Users.jsonl"
    users.write_text("".join(lines_of(users)[:-2]), encoding="ascii")
    snapshot = read(cut)
    assert snapshot.header.coverage["user"] is Coverage.PARTIAL
    assert len(reasons(snapshot, "user")) == 1
    assert not [each for each in compare(whole, snapshot).differences if each.kind == "user"]


@pytest.mark.parametrize(
    "damage", [b"\xff\xfe", b"{", b'{"class":"X","values":[]}', b"null", b"[]", b'{"values":{}}']
)
def test_a_damaged_line_costs_that_line(damage: bytes, tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    users = folder / "Security.Users.jsonl"
    content = users.read_bytes().split(b"\n")
    content[1] = damage
    users.write_bytes(b"\n".join(content))
    snapshot = read(folder)
    assert snapshot.header.coverage["user"] is Coverage.PARTIAL
    assert len([item for item in snapshot.items if item.key.kind == "user"]) == len(content) - 2


def test_an_item_of_another_class_is_a_gap(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    (folder / "Security.Users.jsonl").write_bytes((folder / "Security.Roles.jsonl").read_bytes())
    snapshot = read(folder)
    assert not [item for item in snapshot.items if item.key.kind == "user"]
    assert snapshot.header.coverage["user"] is not Coverage.WHOLE


def test_a_file_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    (folder / "SYS.Task.jsonl").unlink()
    (folder / "member.cpf").unlink()
    snapshot = read(folder)
    assert reasons(snapshot, "task")
    assert snapshot.header.coverage["task"] is not Coverage.WHOLE
    assert any("CPF" in reason for reason in reasons(snapshot))
    assert "namespace" not in snapshot.header.coverage


def test_a_damaged_copy_of_the_cpf_is_a_gap(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    (folder / "member.cpf").write_text("[ConfigFile]\nVersion=2024.1\nwhat is this\n[Databases]\n")
    assert any("damaged" in reason for reason in reasons(read(folder)))
    text = "".join((folder / "member.cpf").read_text().splitlines(keepends=True)[:2])
    (folder / "member.cpf").write_text(text)
    assert any("cut or edited" in reason for reason in reasons(read(folder)))


def test_what_the_script_could_not_read_is_a_gap_with_its_reason(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    manifest = folder / "manifest.jsonl"
    made = [json.loads(line) for line in lines_of(manifest)]
    for line in made:
        if line.get("section") == "Security.Roles":
            line |= {"status": "failed", "reason": "SQLCODE -99 \x1b[31mPrivilege violation"}
    manifest.write_text("".join(json.dumps(line) + "\n" for line in made), encoding="ascii")
    snapshot = read(folder)
    assert "SQLCODE -99" in reasons(snapshot, "role")[0]
    assert "\x1b" not in reasons(snapshot, "role")[0]
    assert snapshot.header.coverage["role"] is Coverage.PARTIAL


def test_a_class_that_the_release_lacks_is_not_looked_at(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    manifest = folder / "manifest.jsonl"
    text = manifest.read_text().replace('"count":3,"status":"whole"', '"count":0,"status":"absent"')
    manifest.write_text(text)
    for line in map(json.loads, lines_of(manifest)):
        if line.get("status") == "absent":
            (folder / line["file"]).write_text("")
    snapshot = read(folder)
    assert "docdb-application" not in snapshot.header.coverage
    assert not reasons(snapshot, "docdb-application")


def test_a_section_of_a_newer_script_is_a_gap(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    manifest = folder / "manifest.jsonl"
    text = manifest.read_text().replace('"section":"Security.Domains"', '"section":"Security.NewThings"')
    manifest.write_text(text)
    assert any("Security.NewThings" in reason for reason in reasons(read(folder)))


@pytest.mark.parametrize(
    "head", [b"", b"{}", b'{"format":"driftsync-collection","format_version":2}', b"\xff"]
)
def test_a_manifest_that_is_not_understood_is_an_error(head: bytes, tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    (folder / "manifest.jsonl").write_bytes(head + b"\n")
    with pytest.raises(DocumentError):
        read(folder)


@pytest.mark.parametrize("file", ["../outside.jsonl", "/etc/passwd", "..\\outside.jsonl"])
def test_a_manifest_does_not_lead_out_of_its_folder(file: str, tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    (tmp_path / "outside.jsonl").write_text('{"class":"Security.Users","values":{"Name":"intruder"}}\n')
    manifest = folder / "manifest.jsonl"
    manifest.write_text(manifest.read_text().replace('"Security.Users.jsonl"', json.dumps(file)))
    snapshot = read(folder)
    assert "user:intruder" not in items(snapshot)
    assert any("cut short" in reason for reason in reasons(snapshot))


def test_one_file_of_a_collection_asks_for_its_folder(tmp_path: Path) -> None:
    folder = collected(tmp_path / "a")
    for name in ("manifest.jsonl", "Security.Users.jsonl"):
        with pytest.raises(DocumentError, match="one file of a collection"):
            read(folder / name)
    (folder / "manifest.jsonl").unlink()
    with pytest.raises(DocumentError, match="one file of a collection"):
        read(folder)


def test_tasks_refer_to_each_other_by_name_and_numbers_are_shown(tmp_path: Path) -> None:
    found = items(read(collected(tmp_path / "a")))
    assert found["task:EMR/Archive visits"].compared["RunAfter"] == "EMR/Night report"
    assert "Settings" in found["task:EMR/Send claims"].unread


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_writes_the_script(cli: Callable[..., Any], tmp_path: Path) -> None:
    shown = cli("collect", "--script")
    assert shown.code == 0
    assert shown.out.encode() == SCRIPT.read_bytes()
    assert not shown.err
    written = cli("collect", "--script", "-o", tmp_path / "it.mac")
    assert written.code == 0
    assert not written.out
    assert "snapshot FOLDER" in written.err
    assert (tmp_path / "it.mac").read_bytes() == SCRIPT.read_bytes()


def test_the_command_says_what_it_needs(cli: Callable[..., Any]) -> None:
    ended = cli("collect")
    assert ended.code == 2
    assert "--script" in ended.err


def test_a_collection_becomes_a_snapshot(cli: Callable[..., Any], tmp_path: Path) -> None:
    collected(tmp_path / "hosp-b", 1)
    ended = cli("snapshot", tmp_path / "hosp-b", "-o", tmp_path / "b.snapshot")
    assert ended.code == 3
    assert "user Password: left out of the collection on purpose" in ended.err
    assert b"not-a-real" not in (tmp_path / "b.snapshot").read_bytes()
    again = cli("diff", tmp_path / "b.snapshot", tmp_path / "hosp-b", "--exclude", "mirror-member")
    assert again.code == 3
