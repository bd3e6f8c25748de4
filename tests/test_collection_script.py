"""The collecting script cannot be run here: it is parsed by InterSystems' grammar, and every name in it is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
import tree_sitter_objectscript
from tree_sitter import Language, Node, Parser

from driftsync.documents.collection import MASK, SCRIPT
from driftsync.kinds import all_kinds
from driftsync.kinds.settings_table import SETTINGS
from driftsync.kinds.spec import Shape, Treat
from driftsync.lab.instance import RELEASES, left_out
from driftsync.lab.instance.collecting import CLASSES
from driftsync.lab.instance.facts import all_classes, sql_name
from driftsync.lab.instance.objects import EMBEDDED

TEXT = SCRIPT.read_text(encoding="ascii")

CHANGES_NOTHING = {
    "%Dictionary.CompiledClass": {"%ExistsId"},
    "%Library.EnsembleMgr": {"IsEnsembleNamespace"},
    "%Library.File": {
        "CreateDirectory", "DirectoryExists", "Exists", "GetFileDateModified", "GetFileSHA256Hash", "GetFileSize",
        "NormalizeDirectory",
    },
    "%Library.Routine": {"%New", "ReadLine"},
    "%SQL.Statement": {"%New", "%Prepare", "%PrepareClassQuery", "%Execute"},
    "%SQL.StatementResult": {"%Next", "%GetData"},
    "%Stream.FileCharacter": {"%New", "LinkToFile", "ReadLine", "WriteLine", "%Save"},
    "%SYS.NLS.Locale": {"%New"},
    "%SYS.System": {"GetCPFFileName", "GetInstanceName", "GetNodeName"},
    "%SYSTEM.Encryption": {"Base64Encode", "ListEncryptionKeys", "SHAHash", "ToHex"},
    "%SYSTEM.Mirror": {"GetMemberType", "GetStatus", "MirrorName"},
    "%SYSTEM.Status": {"GetErrorText", "IsError"},
    "Config.Gateways": {"Open"},
    "Ens.Director": {"GetProductionStatus"},
}  # fmt: skip
"""All that the script may call. Only `CreateDirectory` and streams write, and only into the new folder."""

COMMANDS = {
    f"command_{name}"
    for name in [
        "continue",
        "do",
        "for",
        "if",
        "kill",
        "new",
        "quit",
        "return",
        "set",
        "trycatch",
        "while",
        "write",
    ]
}
"""No `xecute`, `job`, `lock`, `merge`, `open` or transaction; what is killed and set is looked at below."""

OBJECTS = {
    "statement": "%SQL.Statement",
    "row": "%SQL.StatementResult",
    "stream": "%Stream.FileCharacter",
    "source": "%Stream.FileCharacter",
    "routine": "%Library.Routine",
}
"""What the script calls its objects; `value` is a collection, of which only `COLLECTION` is called."""
COLLECTION = {"Count": 0, "GetAt": 1, "Next": 1}
"""As `%Library.ListOfDataTypes` and `%Library.ArrayOfDataTypes` have them."""


@cache
def tree() -> Node:
    parser = Parser(Language(tree_sitter_objectscript.language_objectscript()))
    return parser.parse(TEXT.encode()).root_node


def nodes(kind: str = "", below: Node | None = None) -> Iterator[Node]:
    waiting = [below or tree()]
    while waiting:
        node = waiting.pop()
        if not kind or node.type == kind:
            yield node
        waiting.extend(reversed(node.children))


def text_of(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def child(node: Node, kind: str) -> Node | None:
    return next((each for each in node.children if each.type == kind), None)


def arguments(node: Node) -> int:
    found = child(node, "method_args")
    return sum(each.type == "method_arg" for each in found.children) if found is not None else 0


def table(label: str) -> list[list[str]]:
    """Return the `;;` lines below a label, as `$text` finds them: at once below it, up to an empty one."""
    after = TEXT.split(f"\n{label}\n", 1)[1].splitlines()
    rows = []
    for line in after:
        assert line.startswith("    ;;"), f"{label}: {line}"
        if line == "    ;;":
            return rows
        rows.append(line.removeprefix("    ;;").split(";"))
    raise AssertionError(label)


def words(label: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for class_name, listed in table(label):
        found.setdefault(class_name, set()).update(listed.split(","))
    return found


def called() -> Iterator[tuple[str, str, int, bool]]:
    """Yield class, method, number of arguments, and whether it is a class method."""
    for node in nodes("class_method_call"):
        name = next(nodes("class_name", node))
        yield text_of(name), text_of(child(node, "method_name")), arguments(node), True
    for node in nodes("system_defined_function"):
        if child(node, "class_name") is not None:
            name = f"%SYSTEM.{text_of(child(node, 'class_name'))}"
            yield name, text_of(child(node, "method_name")), arguments(node), True
    for variable, method, given in re.findall(r"\b(\w+)(?:\(\"\w+\"\))?\.(%?[A-Z]\w*)\(([^\n]*)", TEXT):
        if variable in OBJECTS or variable == "run":
            yield OBJECTS.get(variable, "%Stream.FileCharacter"), method, depth_of(given), False


def depth_of(given: str) -> int:
    """Count the arguments at the beginning of a text that follows an opening bracket."""
    count, depth, quoted = 0, 1, False
    for place, letter in enumerate(given):
        if letter == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if not depth:
                return count + bool(given[:place].strip())
        elif letter == "," and depth == 1:
            count += 1
    raise AssertionError(given)


def test_the_grammar_finds_no_error() -> None:
    wrong = [node for node in nodes() if node.is_error or node.is_missing]
    assert not wrong, [(node.start_point[0] + 1, text_of(node)[:60]) for node in wrong]
    assert not tree().has_error


def test_the_grammar_would_find_one() -> None:
    parser = Parser(Language(tree_sitter_objectscript.language_objectscript()))
    assert parser.parse(TEXT.replace("quit run(", "quit run((", 1).encode()).root_node.has_error


def test_every_call_is_in_the_class_reference_and_changes_nothing() -> None:
    seen = list(called())
    assert len(seen) > 80
    for class_name, method, given, of_class in seen:
        assert method in CHANGES_NOTHING.get(class_name, ()), f"{class_name}.{method} is not allowed"
        facts = all_classes()[class_name].methods.get(method)
        if facts is None:
            assert (class_name, method) in {
                ("%Stream.FileCharacter", "%New"),
                ("%SQL.Statement", "%New"),
            }, f"{class_name}.{method} is not in the class reference"
            continue
        variadic = facts.arguments and facts.arguments[-1].name == "%parm"
        assert variadic or given <= len(facts.arguments), f"{class_name}.{method} takes fewer arguments"
        assert facts.class_method is of_class or method == "%New", f"{class_name}.{method}"


def test_nothing_that_is_allowed_is_idle() -> None:
    used = {(class_name, method) for class_name, method, _given, _of_class in called()}
    assert used == {(name, method) for name, methods in CHANGES_NOTHING.items() for method in methods}


def test_collections_are_only_read() -> None:
    for method, given in re.findall(r"\bvalue\.(\w+)\(([^\n]*)", TEXT):
        assert depth_of(given) == COLLECTION[method]


def test_no_other_way_of_calling_or_changing() -> None:
    dynamic = re.findall(r"\$classmethod\((.*)", TEXT)
    assert dynamic == ['class, "%OpenId", id, 0, .status)']
    kinds = {node.type for node in nodes()}
    commands = {kind for kind in kinds if re.fullmatch("command_[a-z]+", kind)}
    assert commands <= COMMANDS, commands - COMMANDS
    assert not re.search(r"\$(zf|zu|xecute|method)\b|&sql|\$ZF", TEXT, re.IGNORECASE)
    assert [text_of(node) for node in nodes("command_kill")] == ['kill run("stream")']
    assert {text_of(node) for node in nodes("gvn")} == {"^Ens.AutoStart"}
    targets = {text_of(node).partition("(")[0] for node in nodes("set_target")}
    assert not {target for target in targets if target.startswith("^")}
    assert {target for target in targets if "." in target} <= {
        "statement.%SelectMode",
        "stream.TranslateTable",
        "stream.LineTerminator",
        "source.TranslateTable",
    }


def test_calls_of_labels_fit_the_labels() -> None:
    takes = {
        name: len([each for each in given.split(",") if each.strip()])
        for name, given in re.findall(r"^([A-Z]+)\(([^)\n]*)\)", TEXT, re.MULTILINE)
    }
    for name, given in re.findall(r"(?:\$\$|\bdo(?::\S+)? |\) )([A-Z]+)\(([^\n]*)", TEXT):
        assert depth_of(given) <= takes[name], name
    assert set(takes) - {"COLLECT"} <= {
        name for name, _given in re.findall(r"(?:\$\$|\bdo(?::\S+)? |\) |ITEM)([A-Z]+)?(\()", TEXT)
    } | set(re.findall(r"\b([A-Z]+)\(", TEXT))


def test_classes_tables_and_queries_are_in_the_class_reference() -> None:
    for class_name, name in table("TABLES"):
        assert all_classes()[class_name].table == name
        assert "%OpenId" in all_classes()[class_name].methods
        assert name in {sql_name(class_name), "%Library.sys_SQLConnection"}
    for class_name, query in re.findall(r'%PrepareClassQuery\("([^"]+)", "([^"]+)"\)', TEXT):
        found = all_classes()[class_name].queries[query]
        executed = {"FileSet": 5, "RoutineList": 5}
        assert executed.get(query, 0) == len(found.arguments)
    for columns, name in re.findall(r'SELECT ([\w, ]+)"? ?_? ?"? ?FROM ([%\w.]+)', TEXT):
        facts = next(each for each in all_classes().values() if each.table == name)
        assert {each.strip() for each in columns.split(",")} <= {
            each.column for each in facts.properties.values()
        }


def test_the_lab_collects_the_classes_of_the_script() -> None:
    listed = {class_name for class_name, _table in table("TABLES")}
    assert listed | {"%SYS.X509Credentials", "Config.Gateways", "SYS.Database"} == set(CLASSES)


def leave(class_name: str, name: str) -> bool:
    """Say as LEAVE in the script does whether a property is left out."""
    if name in words("LEFTOUT").get(class_name, ()):
        return True
    if name in words("HARMLESS").get(class_name, ()):
        return False
    lower = name.rpartition(".")[2].lower()
    tails = re.findall(r'"(_\w+)"', next(line for line in TEXT.splitlines() if "for tail =" in line))
    sounds = re.findall(r'"(\w+)"', next(line for line in TEXT.splitlines() if "for word =" in line))
    assert len(tails) > 5
    assert len(sounds) > 10
    return not any(tail in lower for tail in tails) and any(word in lower for word in sounds)


def stored() -> Iterator[tuple[str, str]]:
    for class_name in CLASSES:
        for found in all_classes()[class_name].properties.values():
            if found.calculated or found.transient or found.private:
                continue
            if found.type in EMBEDDED:
                yield from (
                    (class_name, f"{found.name}.{inner}") for inner in all_classes()[found.type].properties
                )
            yield class_name, found.name


@pytest.mark.parametrize(
    "kind", [kind for kind in all_kinds().values() if kind.iris_class in CLASSES], ids=lambda kind: kind.name
)
def test_every_secret_of_a_kind_is_left_out(kind) -> None:
    hiding = {Shape.GUARDED, Shape.URL, Shape.RECORDS}
    for declared in kind.properties:
        if declared.treat is Treat.SECRET or (declared.kept and declared.shape in hiding):
            assert declared.name in words("LEFTOUT")[kind.iris_class], declared.name
        elif declared.kept:
            assert not leave(kind.iris_class, declared.name), f"{declared.name} would be lost"


def test_what_is_called_harmless_is_no_secret() -> None:
    by_class = {kind.iris_class: kind for kind in all_kinds().values()}
    for class_name, names in words("HARMLESS").items():
        for name in names:
            declared = by_class[class_name].declared(name) if class_name in by_class else None
            assert declared is None or declared.treat is not Treat.SECRET, name
            assert name not in words("LEFTOUT").get(class_name, ()), name


def test_the_lab_leaves_out_what_the_script_does() -> None:
    for class_name, name in stored():
        assert left_out.is_left_out(class_name, name) is leave(class_name, name), f"{class_name} {name}"
    assert left_out.MASK == MASK
    assert MASK in TEXT


def test_secret_settings_of_the_configuration_file_are_masked() -> None:
    for section, settings in SETTINGS.items():
        for name, declared in settings.items():
            if declared.treat is Treat.SECRET:
                assert leave("CPF", name), f"{section} {name}"
                assert f",{section}," in TEXT, section
            elif declared.kept:
                assert not leave("CPF", name), f"{section} {name} would be lost"


def test_the_script_is_plain_and_refuses_other_namespaces() -> None:
    assert TEXT.isascii()
    assert "\t" not in TEXT
    assert 'if $namespace \'= "%SYS"' in TEXT
    assert max(map(len, TEXT.splitlines())) < 190


def test_no_release_of_the_lab_knows_a_secret_that_the_script_would_write() -> None:
    sounding = re.compile(r"password|pwd|secret|passphrase|privatejwk|symmetricjwk", re.IGNORECASE)
    told = {"PasswordExpirationDays", "PasswordPattern", "PasswordValidationRoutine", "PasswordHashAlgorithm",
            "PasswordHashWorkFactor", "ChangePassword", "ChangePasswordPage", "PasswordNeverExpires",
            "PasswordChangedDateTime", "ClientSecretInterval"}  # fmt: skip
    assert RELEASES
    for class_name, name in stored():
        if sounding.search(name) and name not in told:
            assert leave(class_name, name), f"{class_name} {name}"
