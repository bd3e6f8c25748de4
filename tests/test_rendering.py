"""A plan as text for somebody else to run: nothing is dropped, nothing secret is written, and parsers read it back."""

from __future__ import annotations

import json
from base64 import b64decode
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.documents.merge_file import split_action
from driftsync.documents.task_export import read_task_export
from driftsync.kinds import all_kinds
from driftsync.kinds.making import Maker
from driftsync.kinds.spec import Treat
from driftsync.language import choose
from driftsync.model import Hazard, Sort, Withheld
from driftsync.rendering import Form, render
from driftsync.rendering.merge_file import quoted
from driftsync.rendering.values import CannotBeSaid
from driftsync.serial_list import decode_pairs
from tests.documents import compared, items, read
from tests.plans import action, plan
from tests.test_kinds import FINGERPRINTER

WARD = action(
    "web-application",
    {"Name": "/csp/ward"},
    sets={"NameSpace": "APP", "Enabled": True, "AutheEnabled": 32, "MatchRoles": [":%All", "Ward:A:B"]},
    hazards=[Hazard.GRANTS_ACCESS],
)
ROLE = action(
    "role", {"Name": "Payroll"}, sets={"Resources": {"%DB_APP": "RW", "Pay": "U"}, "GrantedRoles": ["A", "B"]}
)
MAPPING = action(
    "global-mapping",
    {"Namespace": "APP", "Name": 'Order("a,b=c",1)'},
    sets={"Database": "DATA", "Collation": 5, "LockDatabase": "DATA"},
)
SETTING = action(
    "instance-setting",
    {"Section": "Startup", "Name": "EnsembleAutoStart"},
    Sort.CHANGE,
    sets={"Value": True},
    before={"Value": False},
)
ALICE = action(
    "user", {"Name": "alice"}, sets={"Roles": ["Payroll"], "Enabled": True}, secrets=["Password"],
    hazards=[Hazard.NEEDS_SECRET],
)  # fmt: skip
GONE = action("role", {"Name": "Old"}, Sort.DELETE, before={"Description": "old"})
CHANGED = action(
    "role", {"Name": "Nurse"}, Sort.CHANGE, sets={"Description": "x"}, before={"Description": None}
)
SOME = [WARD, ROLE, MAPPING, SETTING, ALICE, CHANGED, GONE]


def text(form: Form, *actions: Any) -> str:
    return render(plan(actions), form).text


def test_every_rendering_begins_with_what_it_is_for() -> None:
    withheld = Withheld(
        sort=Sort.CREATE, kind="database", key="database:APP", reason="it is mirrored", do="ask the vendor"
    )
    made = plan(SOME, [withheld], warnings=["somebody loses the login"])
    for form in Form:
        head = unescape(render(made, form).text)[:2500]
        for word in (
            "HOSPITAL",
            "HOSPB",
            "HOSPA",
            "7f3a",
            "2026-11-20T22:05",
            "grants-access",
            "needs-secret",
        ):
            assert word in head, (form, word)
        for sentence in ("database:APP: it is mirrored -> ask the vendor", "somebody loses the login"):
            assert sentence in head, (form, sentence)


@pytest.mark.parametrize("form", Form)
def test_what_a_form_cannot_say_is_listed_in_it_with_the_way_that_would_work(form: Form) -> None:
    task = action("task", {"NameSpace": "APP", "Name": "Purge"}, sets={"TaskClass": "App.Purge"})
    wallet = action(
        "production", {"Namespace": "APP", "Name": "App.P"}, Sort.CHANGE, sets={"AutoStart": True}
    )
    made = render(plan([*SOME, task, wallet]), form)
    for unsaid in made.unsaid:
        assert f"{unsaid.step.label}. {unsaid.step.title}" in unescape(made.text)
        assert unsaid.reason in unescape(made.text)
        assert unsaid.do
        assert unsaid.do in unescape(made.text)


@pytest.mark.parametrize("form", Form)
def test_a_plan_without_steps_says_so_and_does_nothing(form: Form) -> None:
    made = render(plan(), form)
    assert (made.steps, made.said, made.complete) == (0, 0, True)
    assert "HOSPITAL" in made.text


def test_the_merge_file_is_read_back_as_what_the_plan_sets(tmp_path: Path) -> None:
    found = read(tmp_path, text(Form.MERGE_FILE, *SOME))
    assert compared(found, "role:Payroll") == {
        "Resources": {"%DB_APP": "RW", "Pay": "U"},
        "GrantedRoles": ["A", "B"],
    }
    assert compared(found, "web-application:/csp/ward") == {
        "NameSpace": "APP", "Enabled": True, "AutheEnabled": 32, "MatchRoles": [":%All", "Ward:A:B"]
    }  # fmt: skip
    assert compared(found, 'global-mapping:APP/Order("a,b=c",1)') == {
        "Database": "DATA", "Collation": 5, "LockDatabase": "DATA"
    }  # fmt: skip
    assert compared(found, "instance-setting:Startup/EnsembleAutoStart") == {"Value": True}
    assert "role:Old" not in items(found)
    assert "user:alice" not in items(found)


def test_the_merge_file_says_which_of_its_actions_an_older_release_may_lack() -> None:
    options = action(
        "security-settings", {}, Sort.CHANGE, sets={"InactiveLimit": 90}, before={"InactiveLimit": 9}
    )
    rights = action("sql-admin-privilege", {"Namespace": "LAB", "Grantee": "Nurse"}, sets={"CreateTable": 1})
    assert "established for 2025.3: GrantAdminPrivilege, ModifySystem\n" in text(
        Form.MERGE_FILE, WARD, options, rights
    )
    assert "2025.3" not in text(Form.MERGE_FILE, *SOME)


def test_the_merge_file_creates_modifies_and_deletes_only_as_planned() -> None:
    lines = [
        line for line in text(Form.MERGE_FILE, *SOME).splitlines() if ":" in line and line[0] not in "#["
    ]
    assert [line.partition(":")[0] for line in lines] == [
        "CreateApplication", "CreateRole", "CreateMapGlobal", "ModifyRole", "DeleteRole"
    ]  # fmt: skip


WITH_METHODS_AND_RESOURCE = {
    Form.MERGE_FILE: ("AutheEnabled=32", 'Resource=""'),
    Form.ROUTINE: ("set item.AutheEnabled = 32", 'set item.Resource = ""'),
    Form.MANIFEST: ('AuthenticationMethods="32"', 'Resource=""'),
    Form.CONFIG_API: ('"AutheEnabled": 32', '"Resource": ""'),
    Form.CHECKLIST: ("AutheEnabled: 32 (password)", "Resource: empty"),
}


@pytest.mark.parametrize("form", Form)
def test_every_web_application_is_written_with_its_methods_and_its_resource(form: Form) -> None:
    full = msgspec.structs.replace(WARD, sets={**WARD.sets, "Path": "/srv/ward"})
    made = render(plan([full]), form)
    assert (made.said == 1) is (form in WITH_METHODS_AND_RESOURCE)
    for words in WITH_METHODS_AND_RESOURCE.get(form, ()):
        assert words in made.text
    unknown = action("web-application", {"Name": "/csp/x"}, sets={"NameSpace": "APP", "Path": "/srv/x"})
    made = render(plan([unknown]), form)
    if form is Form.CHECKLIST:
        assert "AutheEnabled: not known here; look it up on the primary first" in made.text
    else:
        assert made.said == 0
        assert form is Form.TASK_XML or [each.properties for each in made.unsaid] == [("AutheEnabled",)]


def test_a_secret_has_a_placeholder_and_its_line_does_nothing_until_it_is_filled_in() -> None:
    made = text(Form.MERGE_FILE, ALICE)
    assert "# CreateUser:Name=alice,Roles=Payroll,Enabled=1,PasswordHash=<SECRET>" in made
    assert "\nCreateUser" not in made
    assert "hash,salt,work factor,algorithm" in made


GRANTED = {"Namespace": "LAB", "SQLObject": "1,Lab.Order", "Privilege": "s", "Grantee": "Nurse"}


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ({"SQLObject": "9,Lab.Order"}, "tables and views"),
        ({"Privilege": "a"}, "not established"),
        ({"Grantee": "Nurse,%All"}, "lists"),
        ({"SQLObject": "1,*"}, "lists"),
    ],
)
def test_a_merge_file_grants_nothing_but_what_is_meant(names: dict[str, str], why: str) -> None:
    made = render(
        plan([action("sql-privilege", {**GRANTED, **names}, sets={"Grantable": 0})]), Form.MERGE_FILE
    )
    assert made.said == 0
    assert why in made.unsaid[0].reason
    assert "GrantPrivilege" not in made.text


def test_a_privilege_that_is_to_be_lowered_is_left_to_a_form_that_keeps_its_order() -> None:
    lowered = action("sql-privilege", GRANTED, Sort.CHANGE, sets={"Grantable": 0}, before={"Grantable": 1})
    made = render(plan([lowered]), Form.MERGE_FILE)
    assert (made.said, "routine" in made.unsaid[0].do) == (0, True)
    raised = action("sql-privilege", GRANTED, Sort.CHANGE, sets={"Grantable": 1}, before={"Grantable": 0})
    assert "Namespace=LAB,WithGrant=1" in text(Form.MERGE_FILE, raised)


def test_the_config_api_document_is_read_back_as_what_the_plan_sets(tmp_path: Path) -> None:
    made = render(plan(SOME), Form.CONFIG_API)
    found = read(tmp_path, made.text)
    assert compared(found, "role:Payroll") == {
        "Resources": {"%DB_APP": "RW", "Pay": "U"},
        "GrantedRoles": ["A", "B"],
    }
    assert compared(found, "web-application:/csp/ward") == {
        "NameSpace": "APP", "Enabled": True, "AutheEnabled": 32, "MatchRoles": [":%All", "Ward:A:B"]
    }  # fmt: skip
    assert compared(found, 'global-mapping:APP/Order("a,b=c",1)')["Database"] == "DATA"
    assert compared(found, "instance-setting:Startup/EnsembleAutoStart") == {"Value": True}
    assert (
        json.loads(made.text)["Security.Users"]["alice"]["PasswordHash"] == "${DRIFTSYNC_SECRET_5_PASSWORD}"
    )
    assert compared(found, "role:Nurse") == {"Description": "x"}
    assert [each.step.title for each in made.unsaid] == ["- role:Old"]


def test_a_config_api_document_comes_back_to_a_section_only_for_what_takes_nothing_away() -> None:
    narrowing = msgspec.structs.replace(CHANGED, hazards=[Hazard.REMOVES_ACCESS])
    later = action("role", {"Name": "Later"}, sets={"Description": "later"})
    for each, stays in ((CHANGED, True), (narrowing, False), (later, False)):
        made = render(plan([ROLE, WARD, each]), Form.CONFIG_API)
        document = json.loads(made.text)
        assert list(document) == ["Defaults", "Security.Roles", "Security.Applications"]
        assert list(document["Security.Roles"]) == ["Payroll", *(["Nurse"] if stays else [])]
        assert [(one.step.key, "once" in one.reason) for one in made.unsaid] == [
            (each.key, True) for _once in range(not stays)
        ]


@pytest.mark.parametrize(
    ("kind", "names", "sort", "why"),
    [
        ("sql-privilege", {**GRANTED, "Privilege": "e"}, Sort.CREATE, "passes over"),
        ("sql-privilege", {**GRANTED, "SQLObject": "1,Lab.*"}, Sort.CREATE, "all tables that begin so"),
        ("sql-admin-privilege", {"Namespace": "LAB", "Grantee": "Nurse"}, Sort.CHANGE, "empties"),
    ],
)
def test_config_api_grants_and_takes_nothing_but_what_is_meant(
    kind: str, names: dict[str, str], sort: Sort, why: str
) -> None:
    sets = {"Grantable": 0} if kind == "sql-privilege" else {"CreateTable": 1}
    made = render(plan([action(kind, names, sort, sets=sets)]), Form.CONFIG_API)
    assert (made.said, [why in each.reason for each in made.unsaid]) == (0, [True])


@pytest.mark.parametrize("form", [Form.CONFIG_API, Form.MANIFEST, Form.ROUTINE])
def test_a_setting_that_stands_in_a_row_of_its_own_is_no_property_of_an_object(form: Form) -> None:
    row = action("instance-setting", {"Section": "Debug", "Name": "x"}, Sort.CHANGE, secrets=["Value"])
    made = render(plan([row]), form)
    assert (made.said, [each.step.key for each in made.unsaid]) == (0, [row.key])


def test_config_api_is_told_to_change_what_is_there_and_where_its_secrets_come_from() -> None:
    made = " ".join(json.loads(text(Form.CONFIG_API, ALICE))["Defaults"].values())
    assert 'params("IFEXISTS") = "Update"' in made
    assert 'add to Defaults: "DRIFTSYNC_SECRET_1_PASSWORD"' in made
    assert "the secrets too" in made
    assert "the secrets too" not in text(Form.CONFIG_API, ROLE)


PURGE = action(
    "task",
    {"NameSpace": "APP", "Name": 'Purge <old> & "odd"'},
    sets={
        "TaskClass": "App.Purge", "Settings": {"DaysToKeep": 30, "Kind": "é"}, "DailyStartTime": "03:30:00", "MirrorStatus": 1,
        "Suspended": 1, "SuspendOnError": False, "EmailOnError": ["a@b", "c@d"], "EndDate": "2027-01-31", "TimePeriod": 0,
    },
)  # fmt: skip


def test_the_task_export_is_read_back_as_what_the_plan_sets(tmp_path: Path) -> None:
    made = render(plan([PURGE, ROLE]), Form.TASK_XML)
    document = read_task_export(tmp_path / "tasks.xml", made.text.encode())
    wanted = {**PURGE.identity, **PURGE.sets}
    (task,) = document.items
    assert (
        dict(decode_pairs(b64decode(made.text.partition("<Settings>")[2].partition("<")[0])))
        == wanted["Settings"]
    )
    item, gaps = Maker(FINGERPRINTER).make(task)
    assert gaps == []
    assert {name: item.compared[name] for name in PURGE.sets if name != "Settings"} == {
        name: value for name, value in PURGE.sets.items() if name != "Settings"
    }
    assert item.key.identity == PURGE.identity["Name"].lower()
    assert made.text.partition("<Tasks>")[2].startswith("<Task>")
    assert "Once only" in made.text
    assert not made.text.endswith("\n")


def test_what_a_task_runs_after_is_left_for_the_portal() -> None:
    after = action("task", {"NameSpace": "APP", "Name": "B"}, sets={"TaskClass": "X", "RunAfter": "APP/A"})
    made = render(plan([after]), Form.TASK_XML)
    assert [each.properties for each in made.unsaid] == [("RunAfter",)]
    assert "RunAfterGUID>" not in made.text


CANARY = "CANARY-of-a-secret"


@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_no_secret_is_written_even_where_a_plan_wrongly_holds_one(kind: str) -> None:
    declared = all_kinds()[kind]
    names = {name: "user" for name in (declared.identity.namespace, *declared.identity.properties) if name}
    secrets = [each.name for each in declared.properties if each.treat is Treat.SECRET]
    made = plan([action(kind, names, sets=dict.fromkeys(secrets, CANARY), secrets=secrets)])
    for form in Form:
        assert CANARY not in render(made, form).text, form


def test_the_checklist_names_the_page_and_every_value() -> None:
    made = text(Form.CHECKLIST, *SOME)
    assert "System Administration > Security > Applications > Web Applications" in made
    assert "AutheEnabled: 32 (password)" in made
    assert "Description: x (before: empty)" in made
    assert "Password: a secret" in made
    for each in SOME:
        for name in each.sets:
            assert name in made


@pytest.mark.parametrize(
    ("kind", "names", "words"),
    [
        ("instance-setting", {"Section": "SQL", "Name": "LockTimeout"}, ["SQL and Object Settings > SQL"]),
        ("sql-datatype", {"Set": "system", "Name": "MONEY"}, ["System DDL Mappings"]),
        ("sql-datatype", {"Set": "user", "Name": "MONEY"}, ["User DDL Mappings"]),
        ("sql-privilege", GRANTED, ["> SQL Tables", 'in the namespace LAB: GRANT SELECT ON "Lab"."Order" TO "Nurse"']),
        ("sql-privilege", {**GRANTED, "SQLObject": "9,Lab.Order"}, ["> SQL Tables"]),
        ("x509-user", {"LookupKey": "CN=a"}, ["no page known", "--render routine"]),
        ("resource", {"Name": "Ward"}, ["Security > Resources", "PublicPermission: 0 (none)"]),
    ],
)  # fmt: skip
def test_each_step_of_the_checklist_says_how_it_is_done(
    kind: str, names: dict[str, str], words: list[str]
) -> None:
    sets = {
        "resource": {"PublicPermission": 0},
        "sql-privilege": {"Grantable": 0},
        "x509-user": {"Username": "a"},
    }
    steps = text(Form.CHECKLIST, action(kind, names, sets=sets.get(kind, {}))).partition("[ ]")[2]
    assert [word for word in words if word not in steps] == []
    assert ("As SQL" in steps) is any("GRANT" in word for word in words)


def test_the_checklist_is_wholly_in_chinese_for_who_reads_chinese() -> None:
    withheld = Withheld(
        sort=Sort.CHANGE, kind="role", key="role:Try", identity={"Name": "Try"}, rendered=True, sets={"Description": "a"},
        reason="IRIS gives no way to set it", do="do it by hand: x",
    )  # fmt: skip
    choose("zh_CN")
    made = render(plan(SOME, [withheld]), Form.CHECKLIST).text
    choose("en")
    assert "Description: x（原为：空）" in made.replace("Description：", "Description: ")
    for sentence in ("管理门户：", "授予访问权限", "删除 角色 Old", "机密", "IRIS 没有提供设置它的方法"):
        assert sentence in made
    english = render(plan(SOME, [withheld]), Form.CHECKLIST).text
    assert len(made.splitlines()) == len(english.splitlines())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_quoting_in_an_action_is_exact_or_refused(value: str) -> None:
    try:
        written = quoted(value)
    except CannotBeSaid:
        assert any(not letter.isprintable() for letter in value) or "$" in value or "{" in value
        return
    assert "\n" not in written
    assert split_action(f"Name={written},Next=1") == {"Name": value, "Next": "1"}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_a_text_in_a_task_export_is_exact_or_refused(text: str) -> None:
    made = render(
        plan([action("task", {"NameSpace": "APP", "Name": "A"}, sets={"Description": text})]), Form.TASK_XML
    )
    (task,) = read_task_export(Path("tasks.xml"), made.text.encode()).items
    if made.unsaid:
        assert not all(letter.isprintable() or letter in "\t\n\r" for letter in text)
    else:
        assert task.values["Description"] == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_a_text_in_config_api_is_exact_or_refused(text: str) -> None:
    made = render(plan([action("role", {"Name": text}, sets={"Description": text})]), Form.CONFIG_API)
    found = json.loads(made.text).get("Security.Roles")
    assert found == (None if "${" in text else {text: {"Description": text}})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.sampled_from(list(Form)))
def test_no_name_leaves_its_line(name: str, form: Form) -> None:
    quiet = text(form, action("role", {"Name": "x"}, sets={"Description": "x"}))
    loud = text(form, action("role", {"Name": name or "x"}, sets={"Description": name or "x"}))
    assert len(loud.splitlines()) <= len(quiet.splitlines()) + 3


OTHER_WORDS = {
    Form.ROUTINE: {"Grantable": "GRANT", "RunAfter": "RunAfterGUID", "RemoteDirectory": "Directory"},
    Form.MERGE_FILE: {"ResourceName": "Resource", "Allowed": "AllowAccess"},
}
"""Property → the word that a form has for it."""


@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_nothing_is_dropped(kind: str) -> None:
    declared = all_kinds()[kind]
    names = {name: "X" for name in (declared.identity.namespace, *declared.identity.properties) if name}
    sets: dict[str, Any] = {each.name: None for each in declared.properties if each.name not in names}
    if kind == "sql-datatype":
        names["Set"] = "user"
    if declared.per_item:
        names, sets = {"Section": "Startup", "Name": "ZSTU"}, {"Value": True}
    for sort in Sort:
        made = plan([action(kind, names, sort, sets={} if sort is Sort.DELETE else sets)])
        for form in Form:
            said = render(made, form)
            assert said.said or said.unsaid
            if sort is Sort.CHANGE and said.said and not declared.per_item:
                listed = {name for each in said.unsaid for name in each.properties}
                written = said.text[said.text.rindex("Hazards") :]
                words = OTHER_WORDS.get(form, {})
                said_as = {name: words.get(name, name.partition(".")[2] or name) for name in sets}
                lost = [name for name in sets if name not in listed and said_as[name] not in written]
                assert lost == [], form
