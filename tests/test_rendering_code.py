"""Rendered ObjectScript and Manifests: InterSystems' grammar reads them, and every name in them is in the class reference."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driftsync.kinds import all_kinds
from driftsync.kinds.spec import Kind, Shape, Treat
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.instance.merging import CLASSES, GRANTING, LABEL, values_of
from driftsync.model import Sort, Withheld
from driftsync.rendering import Form, render
from driftsync.rendering.object_script import literal
from driftsync.rendering.values import CannotBeSaid
from tests.object_script import calls, parsed, texts, value_of, wrong
from tests.plans import action, plan
from tests.test_rendering import ALICE, SETTING, WARD

GENERATED = {("Config.MirrorMember", "Open"), ("%Exception.SQL", "CreateFromSQLCODE")}
"""What the class reference at hand leaves out: a class of IRIS itself."""
TAGS = {
    "Manifest": "",
    "Configuration": "",
    "Namespace": "Name! Code Data Create Ensemble",
    "Database": "Name! Dir! Create Resource PublicPermissions Encrypted EncryptionKeyID BlockSize InitialSize MaximumSize ExpansionSize Collation StreamLocation ClusterMountMode MountAtStartup MountRequired",
    "GlobalMapping": "Global! From! Collation",
    "RoutineMapping": "Routines! Type! From!",
    "ClassMapping": "Package! From!",
    "CSPApplication": "Url! Description Directory! Resource Recurse LoginClass CookiePath AuthenticationMethods LockCSPName EventClass DefaultTimeout DefaultSuperclass UseSessionCookie ServeFiles ServeFilesTimeout CustomErrorPage PackageName ChangePasswordPage GroupById CSPZENEnabled InboundWebServicesEnabled TwoFactorEnabled IsNamespaceDefault PermittedClasses AutoCompile DispatchClass MatchRoles Grant",
    "Resource": "Name! Description! Permission! Type",
    "Role": "Name! Description! Resources RolesGranted",
    "User": "Username! Roles! PasswordVar! Fullname! Namespace Routine ExpirationDate ChangePassword Enabled Comment",
    "SystemSetting": "Name! Value!",
    "Invoke": "Class! Method! Return CheckStatus",
    "Arg": "Value",
    "If": "Condition!",
}
"""Tag → attributes, `!` behind those that are required, off the classes `%Installer.*` of the class reference."""
NEWER = {"TraceEnabled", "BindToIPAddress", "BindToIPAddresses"}
"""Properties that releases after that of the class reference have."""
VALUES = {
    Shape.FLAG: True, Shape.NUMBER: 7, Shape.MASK: 1, Shape.SET: ['a"b', "é"], Shape.LIST: ["a", "b"], Shape.TIME: "03:04:05",
    Shape.PAIRS: {"%DB_A": "R"}, Shape.HOROLOG: "2027-01-31", Shape.RECORDS: {"Days": 3, "Dir": "/x y"}, Shape.PATHS: ["/a", "/b"],
}  # fmt: skip
"""One value of each shape."""


def sample(kind: Kind) -> tuple[dict[str, str], dict[str, object]]:
    """Return names and a value for every property of a kind."""
    names = {name: "APP" for name in (kind.identity.namespace, *kind.identity.properties) if name}
    if kind.per_item:
        return {"Section": "Startup", "Name": "EnsembleAutoStart"}, {"Value": True}
    if kind.name == "sql-datatype":
        names["Set"] = "user"
    sets = {
        each.name: int(next(iter(each.values))) if each.shape is Shape.CHOICE and next(iter(each.values)).isdigit() else VALUES.get(each.shape, 'x"y z')
        for each in kind.properties
        if each.name not in names and each.treat is Treat.COMPARE and each.shape is not Shape.URL
    }  # fmt: skip
    return names, sets


def everything() -> list[object]:
    """Return actions of each sort for every kind."""
    made = []
    for kind in all_kinds().values():
        names, sets = sample(kind)
        secrets = [each.name for each in kind.properties if each.treat is Treat.SECRET]
        made += [
            action(kind.name, names, sets=sets, secrets=secrets),
            action(kind.name, names, Sort.CHANGE, sets=sets, before=dict.fromkeys(sets)),
            action(kind.name, names, Sort.DELETE, before=sets),
        ]
    return made


@pytest.fixture(scope="module")
def routine() -> str:
    return render(plan(everything()), Form.ROUTINE).text


def test_the_grammar_finds_no_error(routine: str) -> None:
    assert wrong(parsed(routine)) == []
    assert wrong(parsed(routine.replace("return 1", "return (1", 1))) != []


def test_every_class_and_method_is_in_the_class_reference(routine: str) -> None:
    found = set(calls(parsed(routine)))
    assert len({call.class_name for call in found}) > 25
    for call in sorted(found):
        if (call.class_name, call.method) in GENERATED:
            continue
        facts = all_classes()[call.class_name].methods.get(call.method)
        assert facts is not None, call
        variadic = facts.arguments and facts.arguments[-1].name == "%parm"
        assert facts.class_method, call
        assert variadic or call.arguments <= len(facts.arguments), call


def test_every_property_that_is_set_is_one_of_its_class(routine: str) -> None:
    seen = 0
    for block in routine.split("\n}\n"):
        opened = re.findall(
            r"##class\(([\w.%]+)\)\.(?:Open|OpenByIssuer|Exists|%OpenId|NameIndexOpen)\(", block
        )
        for variable, class_name in (("item", opened[:1]), ("label", opened[1:2])):
            for name in re.findall(rf"(?:\bset |title, ){variable}\.(\w+)(?: =|\.)", block):
                facts = all_classes()[class_name[0]]
                found = facts.properties.get(name)
                if name in NEWER:
                    continue
                assert found is not None, (class_name, name)
                assert (f"item.{name}.Clear()" in block) == (found.collection == "list"), (class_name, name)
                seen += 1
    assert seen > 300


def test_every_label_that_is_called_is_there_once(routine: str) -> None:
    labels = re.findall(r"^(\w+)\([^)]*\) PUBLIC$", routine, re.MULTILINE)
    assert len(labels) == len(set(labels))
    assert set(re.findall(r"[^$]\$\$(\w+)\(", routine)) == set(labels) - {"RUN"}


def test_code_is_ascii_and_reads_in_one_language(routine: str) -> None:
    assert routine.isascii()
    assert "\t" not in routine


def test_it_looks_where_it_is_before_it_begins() -> None:
    made = render(plan([WARD, ALICE, SETTING]), Form.ROUTINE).text
    before = made[made.index("PROBLEM(secret) PUBLIC") : made.index("S1(secret) PUBLIC")]
    for question in ("MirrorName()", "IsPrimary()", '"HOSPB/IRIS"', "CPFFileNeedsActivation", "Password"):
        assert question in before
    assert made.index("$$PROBLEM(.secret)") < made.index("$$S1(.secret)") < made.index("$$S2(.secret)")


def test_every_status_is_checked_and_the_first_failure_ends_it(routine: str) -> None:
    for line in routine[routine.index("\nRUN(") :].splitlines():
        if re.search(
            r"\.(%Save|Create|Delete|Modify|Clear|Insert|Activate|%DeleteId|NameIndexDelete)\(", line
        ):
            assert "$$SAID(title, " in line or "if $$FAILED(title, " in line, line
    assert all("{ return 0 }" in line for line in routine.splitlines() if re.search(r"if '\$\$[SW]\d", line))


def test_mappings_of_a_namespace_come_to_life_together() -> None:
    names = [{"Namespace": "APP", "Name": f"G{count}"} for count in range(3)]
    made = render(
        plan(action("global-mapping", each, sets={"Database": "D"}, namespace="APP") for each in names),
        Form.ROUTINE,
    ).text
    assert made.count("item.Flags = 1") == 2
    assert "Flags" not in made[made.index("S3(secret)") :]


def test_what_was_withheld_is_there_and_not_carried_out() -> None:
    withheld = Withheld(
        sort=Sort.DELETE, kind="role", key="role:Try", identity={"Name": "Try"}, rendered=True,
        reason="what names it could not be read", do="read it",
    )  # fmt: skip
    made = {form: render(plan([WARD], [withheld]), form) for form in Form}
    assert "# DeleteRole:Name=Try" in made[Form.MERGE_FILE].text.splitlines()
    assert "        ; if '$$W1(.secret) { return 0 }" in made[Form.ROUTINE].text.splitlines()
    assert "[ ] w1. delete Role Try" in made[Form.CHECKLIST].text
    for form in (Form.MANIFEST, Form.CONFIG_API, Form.TASK_XML):
        assert "w1" in {each.step.label for each in made[form].unsaid}
    for each in made.values():
        assert "what names it could not be read" in each.text


def test_a_privilege_is_granted_in_its_namespace() -> None:
    names = {"Namespace": "LAB", "SQLObject": "1,Lab.Order", "Privilege": "s", "Grantee": 'N"urse'}
    granted = action("sql-privilege", names, sets={"Grantable": 1})
    taken = action("sql-privilege", {**names, "SQLObject": "9,Lab.Thing"}, Sort.DELETE)
    made = render(plan([granted, taken]), Form.ROUTINE)
    assert wrong(parsed(made.text)) == []
    assert 'GRANT SELECT ON "Lab"."Order" TO "N""urse" WITH GRANT OPTION' in list(texts(parsed(made.text)))
    assert made.text.index('set $namespace = "LAB"') < made.text.index("%ExecDirect(, ")
    assert [each.step.title for each in made.unsaid] == ['- sql-privilege:LAB/9,Lab.Thing/s/N"urse']


def test_a_secret_is_asked_for_and_never_written() -> None:
    made = render(plan([ALICE]), Form.ROUTINE)
    assert 'set item.PasswordHash = secret("1", "Password")' in made.text
    assert 'set secret("1", "Password") = "..."' in made.text


def manifest_of(text: str) -> ET.Element:
    """Return the Manifest out of its class, as any reader of XML sees it."""
    found = re.search(r"<Manifest>.*?</Manifest>", text, re.DOTALL)
    assert found
    return ET.fromstring(found[0])  # noqa: S314 - our own text


SPELLED = {"Database": LABEL}
"""Noun → word of the action → property, where they are not the same."""


def test_every_word_of_an_action_is_a_property_of_its_class() -> None:
    made = render(plan(everything()), Form.MERGE_FILE).text.partition("[Actions]")[2].partition("\n[")[0]
    classes = {noun: found[:1] for noun, found in CLASSES.items()}
    classes["Database"] = ("Config.Databases", "SYS.Database")
    seen = 0
    for verb, said in re.findall(r"^(?:# )?(\w+):(?=\w+=)(.+)$", made, re.MULTILINE):
        if verb in GRANTING or verb[6:] in {"WebAppPctAccess", "OAuth2Resource"}:
            continue  # statements, a global, and a class that the reference does not have
        known = {name for each in classes[verb[6:]] for name in all_classes()[each].properties}
        words = {SPELLED.get(verb[6:], {}).get(name, name) for name in values_of(said)}
        assert words <= known | NEWER, (verb, words - known)
        seen += len(words)
    assert seen > 500


def test_every_member_of_a_config_api_object_is_a_property_of_its_class() -> None:
    seen = 0
    for each in everything():
        document = json.loads(render(plan([each]), Form.CONFIG_API).text)
        for section, body in list(document.items())[1:]:
            class_name = "%Library.SQLConnection" if section == "Library.SQLConnection" else section
            facts = all_classes()[class_name if "." in class_name else f"Config.{section}"]
            objects = body if isinstance(body, list) else list(body.values())
            objects = [one for found in objects for one in (found if isinstance(found, list) else [found])]
            names = {name for found in objects if isinstance(found, dict) for name in found}
            names |= set(body) if not any(isinstance(found, dict) for found in objects) else set()
            assert names - {"PrivList"} <= facts.properties.keys() | NEWER, (section, names)
            seen += len(names)
    assert seen > 300


def test_every_field_of_a_task_is_a_property_of_its_class() -> None:
    names, sets = sample(all_kinds()["task"])
    text = render(plan([action("task", names, sets=sets)]), Form.TASK_XML).text
    fields = {field.tag for field in ET.fromstring(text)[0]}  # noqa: S314 - our own text
    assert fields <= all_classes()["%SYS.Task"].properties.keys()
    assert len(fields) > 25


@pytest.fixture(scope="module")
def manifest() -> str:
    more = [
        action("role", {"Name": "A"}, sets={"Description": "a", "Resources": {"%DB_A": "R"}}),
        action(
            "database", {"Name": "A"}, sets={"Directory": "/data/a", "MaxSize": 0, "ResourceName": "%DB_A"}
        ),
    ]
    return render(plan([*everything(), *more]), Form.MANIFEST).text


def test_the_grammar_finds_no_error_in_the_class(manifest: str) -> None:
    assert manifest.isascii()
    assert wrong(parsed(manifest)) == []


def test_a_manifest_has_the_tags_and_attributes_that_there_are(manifest: str) -> None:
    root = manifest_of(manifest)
    for each in root.iter():
        known = TAGS[each.tag].split()
        assert set(each.attrib) <= {name.rstrip("!") for name in known}, each.tag
        assert {name.rstrip("!") for name in known if name.endswith("!")} <= set(each.attrib), each.tag
    assert len({each.tag for each in root.iter()}) == len(TAGS)


def test_what_a_manifest_invokes_is_in_the_class_reference(manifest: str) -> None:
    found = list(manifest_of(manifest).iter("Invoke"))
    assert len(found) > 15
    for each in found:
        method = all_classes()[each.attrib["Class"]].methods[each.attrib["Method"]]
        assert method.class_method
        assert len(each) <= len(method.arguments)
        assert each.attrib["CheckStatus"] == "1"
    asked = [each.attrib["Condition"] for each in manifest_of(manifest).iter("If")]
    assert len(asked) == len(found)
    assert {len(each) for each in manifest_of(manifest).iter("If")} == {1}
    for condition in asked:
        root = parsed(f"ROUTINE Some [Type=MAC]\nSome\n    if {condition} {{ quit }}\n    quit\n")
        assert wrong(root) == []
        (call,) = calls(root)
        method = all_classes()[call.class_name].methods[call.method]
        assert method.class_method
        assert call.arguments <= len(method.arguments)


def test_a_manifest_looks_where_it_is_before_it_begins(manifest: str) -> None:
    for question in ("MirrorName()", "IsPrimary()", '"HOSPB/IRIS"', "CPFFileNeedsActivation"):
        assert question in manifest
    for call in calls(parsed(manifest)):
        if not call.class_name.startswith("%Installer.") and tuple(call[:2]) not in GENERATED:
            assert call.method in all_classes()[call.class_name].methods, call


def test_a_manifest_never_changes_what_is_there() -> None:
    made = render(
        plan([action("role", {"Name": "Nurse"}, Sort.CHANGE, sets={"Description": "x"})]), Form.MANIFEST
    )
    assert made.said == 0
    assert "merge-file" in made.unsaid[0].do
    assert render(plan([SETTING]), Form.MANIFEST).complete


def test_the_password_of_a_user_comes_out_of_a_variable() -> None:
    full = action("user", {"Name": "alice"}, sets={"Roles": ["A"], "FullName": "Alice"}, secrets=["Password"])
    made = render(plan([full]), Form.MANIFEST)
    assert manifest_of(made.text).find("User").attrib["PasswordVar"] == "SECRET_1"  # type: ignore[union-attr]
    assert 'vars("SECRET_1") = "..."' in made.text
    assert "the password itself, not its hash" in made.text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
@example("#(")
@example("##{")
def test_a_text_in_a_manifest_is_exact_or_refused(name: str) -> None:
    made = render(plan([action("role", {"Name": name}, sets={"Description": name})]), Form.MANIFEST)
    assert wrong(parsed(made.text)) == []
    assert made.text.isascii()
    found = manifest_of(made.text).find("Role")
    if found is None:
        assert made.unsaid
    else:
        assert (found.attrib["Name"], found.attrib["Description"]) == (name, name)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_text_in_code_is_exact(text: str) -> None:
    written = literal(text)
    assert written.isascii()
    assert value_of(written) == text
    root = parsed(f"ROUTINE Some [Type=MAC]\nSome\n    set x = {written}\n    quit\n")
    assert wrong(root) == []
    assert text in list(texts(root))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_no_name_breaks_the_routine(name: str) -> None:
    made = render(
        plan([action("role", {"Name": name}, sets={"Description": name, "GrantedRoles": [name]})]),
        Form.ROUTINE,
    )
    root = parsed(made.text)
    assert wrong(root) == []
    assert made.text.isascii()
    assert name in list(texts(root))


def test_what_is_too_long_for_a_line_is_refused() -> None:
    with pytest.raises(CannotBeSaid):
        literal("x" * 40_000)
