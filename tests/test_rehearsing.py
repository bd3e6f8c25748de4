"""The role swap on paper: what the hospital would notice is a golden file; an equal member breaks nothing."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from driftsync.checking import view_member
from driftsync.checks.references import dangling
from driftsync.checks.spec import MemberView
from driftsync.connections import Address, connect
from driftsync.extracting import Wanted, extract
from driftsync.files import SnapshotInMemory, write_snapshot, written_whole
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import parse_key
from driftsync.lab.scenarios import PASSWORDS, build, own_directories
from driftsync.lab.serving import Server
from driftsync.language import choose
from driftsync.model import Effect, Item, Member, Rehearsal, Snapshot
from driftsync.rehearsing import drift_after, rehearse
from driftsync.reporting.rehearsal import print_rehearsal

GOLDEN = Path(__file__).parent / "rehearsal"
TODAY = date(2026, 11, 21)
MOMENTS = dict.fromkeys(("taken_at", "primary_taken_at", "promote_taken_at"), "2026-11-21T08:00:00+00:00")


def read(scenario: str, *places: int) -> list[Snapshot]:
    """Read members of a scenario through the driver, by their place: 0 is the primary."""
    found = []
    for place in places:
        instance = build(scenario, "2024.1").states[place].instance
        with Server(instance) as server:
            address = Address("127.0.0.1", server.port, user="driftsync", password=PASSWORDS["driftsync"])
            found.append(
                extract(
                    partial(connect, address, instance.name),
                    Member(name=instance.name.partition("/")[0]),
                    fingerprinter=Fingerprinter(b"k" * 32),
                    wanted=Wanted(directories=own_directories(instance.name)),
                )
            )
    return found


@pytest.fixture(scope="module")
def hospital() -> list[Snapshot]:
    return read("hospital", 0, 1)


@pytest.fixture(scope="module")
def clean() -> list[Snapshot]:
    return read("clean", 0, 1, 2)


def view(snapshot: Snapshot) -> MemberView:
    return view_member(SnapshotInMemory(snapshot))


def swap(old: Snapshot, new: Snapshot) -> Rehearsal:
    drift = drift_after(SnapshotInMemory(old), SnapshotInMemory(new))
    return rehearse(view(old), view(new), drift, today=TODAY)


def changed(
    snapshot: Snapshot, key: str, *, drop: bool = False, local: Any = None, **compared: Any
) -> Snapshot:
    wanted = parse_key(key).match
    items = []
    for item in snapshot.items:
        if item.key.match != wanted:
            items.append(item)
        elif not drop:
            items.append(
                Item(
                    key=item.key,
                    compared={**item.compared, **compared},
                    local={**item.local, **(local or {})},
                )
            )
    header = msgspec.structs.replace(snapshot.header, items=len(items))
    return Snapshot(header=header, items=tuple(items))


def shown(rehearsal: Rehearsal, *, width: int = 400, **words: bool) -> str:
    text = io.StringIO()
    print_rehearsal(Console(file=text, width=width, color_system=None), rehearsal, **words)
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


@pytest.mark.parametrize(("language", "name"), [("en", "hospital.txt"), ("zh_CN", "hospital.zh_CN.txt")])
def test_what_the_hospital_would_notice(
    hospital: list[Snapshot], update_expected: bool, language: str, name: str
) -> None:
    choose(language)
    told = shown(msgspec.structs.replace(swap(*hospital), **MOMENTS))
    if update_expected:
        (GOLDEN / name).write_text(told, encoding="utf-8")
    assert told == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("place", [1, 2])
def test_a_member_that_agrees_breaks_nothing(clean: list[Snapshot], place: int) -> None:
    rehearsal = swap(clean[0], clean[place])
    assert rehearsal.blind == []
    assert [each for each in rehearsal.consequences if each.effect in {Effect.BREAKS, Effect.STOPS}] == []


BREAKING = [
    ("user:nurse", {"drop": True}),
    ("user:nurse", {"Enabled": False}),
    ("user:nurse", {"Roles": []}),
    ("user:nurse", {"ExpirationDate": "2020-01-01"}),
    ("web-application:/emr", {"drop": True}),
    ("web-application:/emr", {"Enabled": False}),
    ("web-application:/emr", {"NameSpace": "NOWHERE"}),
    ("web-application:/emr", {"AutheEnabled": 64}),
    ("web-application:/emr", {"Resource": "Other"}),
    ("web-application:/lab/api", {"DispatchClass": "Other"}),
    ("namespace:LAB", {"drop": True}),
    ("namespace:LAB", {"Globals": "EMR"}),
    ("global-mapping:EMR/LabResult", {"drop": True}),
    ("global-mapping:EMR/LabResult", {"Database": "EMR"}),
    ("routine-mapping:LAB/HOSPUTIL*", {"drop": True}),
    ("package-mapping:LAB/Hosp.Patient", {"Database": "LABCODE"}),
    ("database:LAB", {"drop": True}),
    ("role:Nurse", {"drop": True}),
    ("resource:Emr_Read", {"drop": True}),
    ("task:EMR/Night report", {"drop": True}),
    ("task:EMR/Night report", {"Suspended": 1}),
    ("task:EMR/Night report", {"MirrorStatus": None}),
    ("task:EMR/Night report", {"RunAsUser": "nobody"}),
    ("production:INTEROP/Hosp.Production", {"drop": True}),
    ("production:INTEROP/Hosp.Production", {"AutoStart": False}),
    ("service:%Service_Bindings", {"Enabled": False}),
    ("service:%Service_Bindings", {"AutheEnabled": 0}),
    ("sql-gateway-connection:Insurance", {"drop": True}),
    ("language-server:PdfServer", {"drop": True}),
    ("tls-configuration:Insurance", {"drop": True}),
    ("oauth2-client:lab-api", {"drop": True}),
    ("ldap-configuration:hospital.example", {"drop": True}),
    ("custom-code:ZMIRROR.mac", {"drop": True}),
    ("file:web-application:/emr/index.csp", {"drop": True}),
]


@pytest.mark.parametrize(("key", "change"), BREAKING, ids=[f"{key} {change}" for key, change in BREAKING])
def test_each_drift_that_matters_breaks_something(
    clean: list[Snapshot], key: str, change: dict[str, Any]
) -> None:
    rehearsal = swap(clean[0], changed(clean[1], key, **change))
    broken = [each for each in rehearsal.consequences if each.effect is Effect.BREAKS]
    assert broken, key
    assert all(each.who and each.what and each.portal for each in broken)


def test_tasks_that_would_start_or_stop(clean: list[Snapshot]) -> None:
    task = "task:EMR/Night report"
    starts = swap(changed(clean[0], task, drop=True), clean[1])
    assert [each.key for each in starts.consequences if each.effect is Effect.STARTS] == [task]
    stops = swap(clean[0], changed(clean[1], task, MirrorStatus=2))
    assert [each.key for each in stops.consequences if each.effect is Effect.STOPS] == [task]


def test_an_account_that_was_never_used_here(clean: list[Snapshot]) -> None:
    """With `InactiveLimit`, nobody who logs in on the primary only can log in after a failover (api.md 10)."""
    old = changed(clean[0], "user:nurse", local={"LoginDateTime": "2026-11-20T08:00:00Z"})
    new = changed(clean[1], "user:nurse", local={"LoginDateTime": "2025-01-01T08:00:00Z"})
    new = changed(new, "security-settings:SYSTEM", InactiveLimit=90)
    [told] = [each for each in swap(old, new).consequences if each.key == "user:nurse"]
    assert told.effect is Effect.BREAKS
    assert "90" in told.what


def test_a_password_that_was_changed_on_the_primary_only(clean: list[Snapshot]) -> None:
    old = changed(clean[0], "user:nurse", local={"PasswordChangedDateTime": "2026-11-01T08:00:00Z"})
    new = changed(clean[1], "user:nurse", local={"PasswordChangedDateTime": "2024-01-01T08:00:00Z"})
    [told] = [each for each in swap(old, new).consequences if each.key == "user:nurse"]
    assert told.effect is Effect.BREAKS
    assert "2026-11-01" in told.what


def test_mappings_of_all_namespaces_win(clean: list[Snapshot]) -> None:
    """What `%ALL` maps is the same in every namespace, whatever the namespace itself says (api.md 10)."""
    shared = [item for item in clean[0].items if str(item.key).startswith("global-mapping:%ALL/")]
    assert shared, "the scenario has a mapping in %ALL"
    own = Item(key=parse_key(f"global-mapping:EMR/{shared[0].key.identity}"), compared={"Database": "LAB"})
    both = [
        Snapshot(
            header=msgspec.structs.replace(each.header, items=len(each.items) + 1),
            items=tuple(sorted((*each.items, item), key=lambda item: item.key.match)),
        )
        for each, item in ((clean[0], own), (clean[1], Item(key=own.key, compared={"Database": "EMR"})))
    ]
    told = [each for each in swap(*both).consequences if each.key == str(own.key)]
    assert told == []


def test_what_was_not_read_is_said(clean: list[Snapshot]) -> None:
    header = clean[1].header
    coverage = {kind: seen for kind, seen in header.coverage.items() if kind != "user"}
    blind = Snapshot(header=msgspec.structs.replace(header, coverage=coverage), items=clean[1].items)
    rehearsal = swap(clean[0], blind)
    assert any("user" in reason for reason in rehearsal.blind)
    assert not rehearsal.harmless


def test_a_healthy_member_names_nothing_that_is_not_there(clean: list[Snapshot]) -> None:
    found, blind = dangling(view(clean[0]))
    assert [str(each) for each in found] == []
    assert blind == []


class TestCommand:
    """`driftsync rehearse`, before a planned switch and after an unplanned one."""

    @pytest.fixture
    def settings(self, tmp_path: Path, hospital: list[Snapshot]) -> Path:
        lines = ['[mirror.HOSPITAL]\nprimary = "HOSPA"\n']
        for snapshot in hospital:
            name = snapshot.header.member.name
            with written_whole(tmp_path / f"{name}.jsonl") as file:
                write_snapshot(snapshot, file)
            lines.append(f'[member.{name}]\nsource = "{name}.jsonl"\n')
        path = tmp_path / "driftsync.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    def test_before(self, cli: Any, settings: Path) -> None:
        ended = cli("rehearse", "--settings", settings)
        assert ended.code == 1
        assert "if HOSPB became primary in place of HOSPA" in ended.out
        found = json.loads(cli("rehearse", "--settings", settings, "--format", "json").out)
        assert found["promote"] == "HOSPB"
        assert found["consequences"]

    def test_afterwards(self, cli: Any, settings: Path) -> None:
        old = settings.parent / "HOSPA.jsonl"
        ended = cli("rehearse", "--settings", settings, "--after", old, "--promote", "HOSPB")
        assert ended.code == 1
        assert "what was lost" in ended.out

    def test_a_stranger(self, cli: Any, settings: Path) -> None:
        ended = cli("rehearse", "--settings", settings, "--promote", "NOBODY")
        assert (ended.code, "NOBODY" in ended.err) == (2, True)
