"""The role swap on paper: what the hospital would notice is a golden file; an equal member breaks nothing."""

from __future__ import annotations

import io
import json
import shlex
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
from driftsync.model import Effect, Item, Member, MemberRole, Rehearsal, Snapshot
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
            address = Address(
                "127.0.0.1", server.port, user="driftsync", password=PASSWORDS["driftsync"], deadline=20.0
            )
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


@pytest.fixture
def settings(tmp_path: Path, hospital: list[Snapshot]) -> Path:
    lines = ['[mirror.HOSPITAL]\nprimary = "HOSPA"\n']
    for snapshot in hospital:
        name = snapshot.header.member.name
        with written_whole(tmp_path / f"{name}.jsonl") as file:
            write_snapshot(snapshot, file)
        lines.append(f'[member.{name}]\nsource = "{name}.jsonl"\n')
    path = tmp_path / "driftsync.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


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
    ("user:nina", {"drop": True}),
    ("user:nina", {"Enabled": False}),
    ("user:nina", {"Roles": []}),
    ("user:nina", {"ExpirationDate": "2020-01-01"}),
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
    old = changed(clean[0], "user:nina", local={"LoginDateTime": "2026-11-20T08:00:00Z"})
    new = changed(clean[1], "user:nina", local={"LoginDateTime": "2025-01-01T08:00:00Z"})
    new = changed(new, "security-settings:SYSTEM", InactiveLimit=90)
    [told] = [each for each in swap(old, new).consequences if each.key == "user:nina"]
    assert told.effect is Effect.BREAKS
    assert "90" in told.what


def test_a_password_that_was_changed_on_the_primary_only(clean: list[Snapshot]) -> None:
    old = changed(clean[0], "user:nina", local={"PasswordChangedDateTime": "2026-11-01T08:00:00Z"})
    new = changed(clean[1], "user:nina", local={"PasswordChangedDateTime": "2024-01-01T08:00:00Z"})
    [told] = [each for each in swap(old, new).consequences if each.key == "user:nina"]
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


def added(snapshot: Snapshot, *items: Item) -> Snapshot:
    found = tuple(sorted((*snapshot.items, *items), key=lambda item: item.key))
    return Snapshot(header=msgspec.structs.replace(snapshot.header, items=len(found)), items=found)


def as_role(snapshot: Snapshot, role: MemberRole) -> Snapshot:
    member = msgspec.structs.replace(snapshot.header.member, role=role)
    return msgspec.structs.replace(snapshot, header=msgspec.structs.replace(snapshot.header, member=member))


def item(key: str, **compared: Any) -> Item:
    return Item(key=parse_key(key), compared=compared)


def told(rehearsal: Rehearsal, key: str) -> list[tuple[Effect, str, str]]:
    return [(each.effect, each.who, each.what) for each in rehearsal.consequences if each.key == key]


ADDED = [
    (
        item("global-mapping:LAB/Visit", Database="EMR"),
        Effect.BREAKS,
        "would look for global Visit in EMR instead of LAB",
    ),
    (
        item("global-mapping:%ALL/LabResult", Database="EMR"),
        Effect.BREAKS,
        "would look for global LabResult in EMR",
    ),
    (
        item("package-mapping:LAB/Hosp.Lab.Api", Database="EMRCODE"),
        Effect.BREAKS,
        "package Hosp.Lab.Api in EMRCODE",
    ),
    (item("user:stranger", Enabled=True, Roles=["%All"]), Effect.STARTS, "could log in"),
    (
        item("web-application:/lab/api/v2", Enabled=True, NameSpace="LAB"),
        Effect.STARTS,
        "instead of /lab/api",
    ),
    (item("task:LAB/Purge all", MirrorStatus=1), Effect.STARTS, "would start"),
    (item("production:LAB/Try.Production", AutoStart=True), Effect.STARTS, "would start"),
    (item("superserver:51799", Enabled=True), Effect.STARTS, "could come in"),
    (item("custom-code:%ZSTOP.mac", Hash="0"), Effect.STARTS, "would run"),
    (item("sql-privilege:EMR/1,Emr.Visit/d/Nurse", Grantable=0), Effect.CHANGES, "DELETE Emr.Visit"),
]


@pytest.mark.parametrize(("extra", "effect", "what"), ADDED, ids=[str(each[0].key) for each in ADDED])
def test_what_only_the_new_primary_has(clean: list[Snapshot], extra: Item, effect: Effect, what: str) -> None:
    [(seen, _who, said)] = told(swap(clean[0], added(clean[1], extra)), str(extra.key))
    assert seen is effect
    assert what in said


def test_a_class_that_is_mapped_elsewhere_is_not_found_by_its_application(clean: list[Snapshot]) -> None:
    new = added(clean[1], item("package-mapping:LAB/Hosp.Lab", Database="EMRCODE"))
    [(_effect, who, what)] = told(swap(clean[0], new), "web-application:/lab/api")
    assert who == "users of /lab/api"
    assert what == "would get 404: its class Hosp.Lab.Api is looked for in EMRCODE instead of LABCODE"


def test_a_parent_application_answers_for_one_that_is_missing(clean: list[Snapshot]) -> None:
    parent = item("web-application:/lab", Enabled=True, NameSpace="LAB", Type=2)
    old, new = (added(each, parent) for each in clean[:2])
    [(_effect, _who, what)] = told(
        swap(old, changed(new, "web-application:/lab/api", drop=True)), "web-application:/lab/api"
    )
    assert "would be answered by /lab" in what


def test_a_missing_resource_closes_what_it_guards(clean: list[Snapshot]) -> None:
    found = swap(clean[0], changed(clean[1], "resource:Emr_Read", drop=True))
    assert told(found, "web-application:/emr") == [
        (Effect.BREAKS, "users of /emr", "would get 403: the resource Emr_Read that it needs is not there")
    ]


@pytest.mark.parametrize(("required", "who"), [(True, "everybody"), (False, "programs in EMR, LAB")])
def test_a_database_without_its_resource_does_not_mount(
    clean: list[Snapshot], required: bool, who: str
) -> None:
    members = [changed(each, "database:LAB", MountRequired=required) for each in clean[:2]]
    [(_effect, noticed, what)] = told(
        swap(members[0], changed(members[1], "resource:%DB_LAB", drop=True)), "database:LAB"
    )
    assert noticed.startswith(who)
    assert "does not mount" in what
    assert ("could not become primary" in what) is required


def test_databases_are_one_where_the_mirror_says_so(clean: list[Snapshot]) -> None:
    """Local names may differ (mirror.md 2.2): what is called LABDATA here is the LAB of the mirror."""
    items = []
    for each in clean[1].items:
        if str(each.key) == "database:LAB":
            items.append(Item(key=parse_key("database:LABDATA"), compared=each.compared, local=each.local))
        else:
            compared = {name: "LABDATA" if value == "LAB" else value for name, value in each.compared.items()}
            items.append(msgspec.structs.replace(each, compared=compared))
    new = added(Snapshot(header=clean[1].header, items=()), *items)
    found = swap(clean[0], new)
    keys = {each.key for each in found.consequences if each.effect is Effect.BREAKS and "mapping" in each.key}
    assert keys == set()
    assert told(found, "namespace:LAB") == []


def test_accounts_that_ldap_brings_need_only_ldap(clean: list[Snapshot]) -> None:
    account = item("user:consultant", Enabled=True, Flags=2)
    old, new = added(clean[0], account), clean[1]
    assert told(swap(old, new), "user:consultant") == []
    for name in ("hospital.example", "lab.example", "old.example"):
        new = changed(new, f"ldap-configuration:{name}", LDAPFlags=0)
    [(_effect, _who, what)] = told(swap(old, new), "user:consultant")
    assert "LDAP" in what


def test_a_role_that_every_login_needs_may_come_through_another(clean: list[Snapshot]) -> None:
    """`Doctor` grants `Nurse`: whoever holds one of the two gets in."""
    new = changed(clean[1], "security-settings:SYSTEM", RequiredRole="Nurse")
    found = swap(clean[0], new)
    assert told(found, "user:dora") == []
    assert told(found, "user:nina") == []
    [(effect, _who, what)] = told(found, "user:lara")
    assert effect is Effect.BREAKS
    assert "the role Nurse that" in what


def test_accounts_that_no_service_admits(clean: list[Snapshot]) -> None:
    new = clean[1]
    for each in clean[1].items:
        if each.key.kind == "service" and each.compared.get("Enabled"):
            new = changed(new, str(each.key), AutheEnabled=64)
    [(_effect, _who, what)] = told(swap(clean[0], new), "user:nina")
    assert what == "could not log in: no service that is on admits it by any method"


def test_a_jar_that_is_named_and_not_there(clean: list[Snapshot]) -> None:
    key = "file:sql-gateway-connection:Insurance/postgresql.jar"
    found = swap(clean[0], changed(clean[1], key, drop=True))
    assert "would fail" in told(found, key)[0][2]


def test_nobody_is_left_who_could_repair_it(clean: list[Snapshot]) -> None:
    new = clean[1]
    for each in clean[1].items:
        if each.key.kind == "user" and "%All" in (each.compared.get("Roles") or ()):
            new = changed(new, str(each.key), Enabled=False)
    found = swap(clean[0], new)
    assert any(each.who == "administrators" and "%All" in each.what for each in found.consequences)


def test_a_dr_async_is_promoted_and_a_reporting_async_never(clean: list[Snapshot]) -> None:
    asked = swap(clean[0], clean[2])
    assert asked.promote_role is MemberRole.DR_ASYNC
    assert [each.who for each in asked.consequences] == ["whoever promotes it"]
    never = swap(clean[0], as_role(changed(clean[2], "user:nina", drop=True), MemberRole.REPORTING_ASYNC))
    assert "never promoted" in never.consequences[0].what
    assert told(never, "user:nina"), "what it lacks is told all the same"


def test_a_smaller_licence(clean: list[Snapshot]) -> None:
    def with_facts(snapshot: Snapshot, **facts: int) -> Snapshot:
        known = snapshot.header.facts
        observed = {**known.observed, **{f"licence.{name}": value for name, value in facts.items()}}
        facts_now = msgspec.structs.replace(known, observed=observed)
        return msgspec.structs.replace(
            snapshot, header=msgspec.structs.replace(snapshot.header, facts=facts_now)
        )

    old = with_facts(clean[0], units=100, most_used=60)
    assert told(swap(old, with_facts(clean[1], units=80)), "licence.units")[0][0] is Effect.CHANGES
    assert told(swap(old, with_facts(clean[1], units=50)), "licence.units")[0][0] is Effect.BREAKS


SETTINGS = [
    ("config/locksiz", 1, "LOCKTABLEFULL", Effect.CHANGES),
    ("config/globals", ["0", "0", "64", "0", "0", "0"], "slower", Effect.CHANGES),
    ("config/MaxServerConn", 0, "refused", Effect.BREAKS),
    ("Startup/EnsembleAutoStart", False, "no production", Effect.BREAKS),
    ("Journal/DaysBeforePurge", 1, "purged sooner", Effect.CHANGES),
    ("Journal/DaysBeforePurge", 30, "fills sooner", Effect.CHANGES),
]


@pytest.mark.parametrize(("name", "there", "means", "effect"), SETTINGS)
def test_what_a_setting_means(
    clean: list[Snapshot], name: str, there: Any, means: str, effect: Effect
) -> None:
    key = f"instance-setting:{name}"
    [(seen, _who, what)] = told(swap(clean[0], changed(clean[1], key, Value=there)), key)
    assert seen is effect
    assert means in what


def test_the_repair_is_a_command_that_runs(hospital: list[Snapshot], cli: Any, settings: Path) -> None:
    repairs = {each.repair for each in swap(*hospital).consequences}
    assert len(repairs) > 50
    planned = sorted(each for each in repairs if each.startswith("driftsync sync"))
    others = sorted(repairs - set(planned))
    assert len(planned) > len(others) > 0
    for repair in planned[::9]:
        program, *words = shlex.split(repair)
        ended = cli(*words, "--settings", settings)
        assert program == "driftsync"
        assert ended.code in {1, 3}, repair
        assert words[-1] in ended.out
    for repair in others:
        program, *words = shlex.split(repair)
        assert (program, cli(*words).code) == ("driftsync", 0), repair


def test_what_is_the_same_for_many_is_told_once(clean: list[Snapshot]) -> None:
    old = added(clean[0], *(item(f"user:clerk{n}", Enabled=True, Roles=["Nurse"]) for n in range(20)))
    found = swap(old, clean[1])
    text = shown(found)
    assert "20 × " in text
    assert text.count("the account is not there") == 1
    assert shown(found, verbose=True).count("the account is not there") == 20


def test_a_long_list_of_one_kind_is_counted(clean: list[Snapshot]) -> None:
    old = added(clean[0], *(item(f"global-mapping:EMR/G{n}", Database="LAB") for n in range(40)))
    found = swap(old, clean[1])
    assert "Global mapping: 28 more" in shown(found)
    assert shown(found, verbose=True).count("would look for global") == 40


def test_how_old_it_is_is_said(hospital: list[Snapshot]) -> None:
    found = msgspec.structs.replace(
        swap(*hospital), **{**MOMENTS, "primary_taken_at": "2026-11-19T20:00:00+00:00"}
    )
    assert "HOSPA as of 2026-11-19 20:00 UTC, 36 hours ago" in shown(found)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(hospital: list[Snapshot], width: int) -> None:
    assert max(map(len, shown(swap(*hospital), width=width, verbose=True).splitlines())) <= width


class TestCommand:
    """`driftsync rehearse`, before a planned switch and after an unplanned one."""

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

    def test_the_old_primary_as_the_last_run_kept_it(self, cli: Any, settings: Path) -> None:
        refused = cli("rehearse", "--settings", settings, "--after", "HOSPA", "--promote", "HOSPB")
        assert refused.code == 2
        assert cli("report", "--settings", settings, "--quiet").code == 1
        (settings.parent / "HOSPA.jsonl").unlink()  # it is dead now
        ended = cli(
            "rehearse", "--settings", settings, "--after", "hospa", "--promote", "HOSPB", "--format", "json"
        )
        assert ended.code == 1
        found = json.loads(ended.out)
        assert (found["primary"], found["promote"]) == ("HOSPA", "HOSPB")
        assert len(found["consequences"]) > 80

    def test_a_member_does_not_take_over_from_itself(self, cli: Any, settings: Path) -> None:
        old = settings.parent / "HOSPA.jsonl"
        for words in (["--promote", "HOSPA"], ["--after", old, "--promote", "HOSPA"]):
            assert cli("rehearse", "--settings", settings, *words).code == 2

    def test_a_stranger(self, cli: Any, settings: Path) -> None:
        ended = cli("rehearse", "--settings", settings, "--promote", "NOBODY")
        assert (ended.code, "NOBODY" in ended.err) == (2, True)
