"""This module writes what the collecting script writes on a member: one folder, made from the lab's own records."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftsync.lab.instance.cpf_file import cpf_text
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.facts import ClassFacts, PropertyFacts, all_classes
from driftsync.lab.instance.identities import Record
from driftsync.lab.instance.left_out import MASK, is_left_out
from driftsync.lab.instance.objects import EMBEDDED
from driftsync.lab.instance.sql.dictionary import hash_of_class
from driftsync.lab.instance.storage import facts_of
from driftsync.lab.values import decode

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance

CLASSES = (
    "Security.Applications", "Security.DocDBs", "Security.Domains", "Security.Events", "Security.KMIPServer",
    "Security.LDAPConfigs", "Security.Resources", "Security.Roles", "Security.Servers", "Security.Services",
    "Security.SQLAdminPrivilegeSet", "Security.SQLPrivileges", "Security.SQLRoleGrantOption", "Security.SSLConfigs",
    "Security.System", "Security.Users", "Security.X509Users", "%SYS.PhoneProviders", "%SYS.Task",
    "%SYS.Task.Config", "%Library.SQLConnection", "OAuth2.ServerDefinition", "OAuth2.Client",
    "OAuth2.Server.Configuration", "%SYS.X509Credentials", "Config.Gateways", "SYS.Database",
)  # fmt: skip
"""The classes that are written object by object, in the order of the script."""

SYSTEM = 1
"""The bit of `Type` that marks web applications of the product."""
TAKEN = "2026-11-21T10:00:00+00:00"

Line = tuple[str, dict[str, Any], list[str]]
"""The class of an item, its values, and the names of what was left out."""


def write_collection(instance: SimulatedInstance, folder: Path) -> None:
    """Write the folder that the script makes on a member."""
    folder.mkdir(parents=True, exist_ok=True)
    cpf = _masked(cpf_text(instance))
    (folder / "member.cpf").write_text(cpf, encoding="latin-1", newline="\n")
    sections = [_section("CPF", "member.cpf", cpf.count("\n"))]
    for name, file, lines in _contents(instance):
        absent = name in all_classes() and not instance.release.has_class(name)
        texts = [] if absent else [_json(line) for line in lines]
        (folder / file).write_text("".join(f"{text}\n" for text in texts), encoding="ascii", newline="\n")
        sections.append(_section(name, file, len(texts), "absent" if absent else "whole"))
    manifest = [_head(instance), *sections, {"end": True, "sections": len(sections)}]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in manifest)
    (folder / "manifest.jsonl").write_text(text, encoding="ascii", newline="\n")


def _head(instance: SimulatedInstance) -> dict[str, Any]:
    state = instance.mirror.state_of(instance) if instance.mirror else None
    return {
        "format": "driftsync-collection", "format_version": 1, "instance": instance.name.rpartition("/")[2], "host": instance.host,
        "mirror": instance.mirror.name if instance.mirror else "", "mirror_status": state.status if state else "NOTINIT",
        "member_type": state.member_type if state else "Not Member", "version": instance.version, "locale": instance.locale,
        "taken_at": TAKEN,
    }  # fmt: skip


def _section(name: str, file: str, count: int, status: str = "whole") -> dict[str, Any]:
    return {"section": name, "file": file, "count": count, "status": status, "reason": ""}


def _json(line: Line) -> str:
    class_name, values, left = line
    made: dict[str, Any] = {"class": class_name, "values": values}
    return json.dumps({**made, "left_out": left} if left else made, separators=(",", ":"))


def _contents(instance: SimulatedInstance) -> Iterator[tuple[str, str, list[Line]]]:
    for name in CLASSES:
        yield (
            name,
            f"{name.lstrip('%')}.jsonl",
            [_object(instance, name, row) for row in _rows(instance, name)],
        )
    locale = new_record(facts_of("%SYS.NLS.Locale"), instance) | {"Name": instance.locale}
    yield "%SYS.NLS.Locale", "SYS.NLS.Locale.jsonl", [_object(instance, "%SYS.NLS.Locale", locale)]
    keys: list[Line] = [("%SYSTEM.Encryption", {"KeyID": key}, []) for key in instance.encryption_keys]
    yield "%SYSTEM.Encryption", "SYSTEM.Encryption.jsonl", keys
    yield (
        "%IPM.Storage.Module",
        "IPM.Storage.Module.jsonl",
        [
            ("%IPM.Storage.Module", {name: str(value) for name, value in row.items() if value != ""}, [])
            for row in instance.packages
        ],
    )
    yield "Ens.Director", "Ens.Director.jsonl", [
        ("Ens.Director", {
            "Namespace": namespace, "Name": found.name, "AutoStart": str(int(found.auto_start)),
            "Status": "1" if instance.is_primary else "2",
        }, [])
        for namespace, found in sorted(instance.productions.items())
    ]  # fmt: skip
    yield (
        "code",
        "code.jsonl",
        [_code(one.name, one.source) for one in instance.code if one.namespace == "%SYS"],
    )
    yield "%Library.File", "Library.File.jsonl", [_file(instance, path) for path in _files(instance)]


def _rows(instance: SimulatedInstance, class_name: str) -> Iterator[Record]:
    rows = instance.storage.rows(class_name)
    if class_name != "SYS.Database":
        return rows
    listed = {row["Directory"] for row in instance.storage.rows("Config.Databases") if not row.get("Server")}
    return (row for row in rows if row["Directory"] in listed)


# -- one object ---------------------------------------------------------------------------------------------------


def _object(instance: SimulatedInstance, class_name: str, row: Record) -> Line:
    values: dict[str, Any] = {}
    left: list[str] = []
    _properties(instance, facts_of(class_name), class_name, row, "", values, left)
    return class_name, values, left


def _properties(
    instance: SimulatedInstance,
    facts: ClassFacts,
    top: str,
    row: Record,
    prefix: str,
    values: dict[str, Any],
    left: list[str],
) -> None:
    for found in sorted(instance.release.properties(facts), key=lambda one: one.name):
        if found.calculated or found.transient or found.private:
            continue
        full, value = prefix + found.name, row.get(found.name, "")
        if value in ("", b"", [], {}, None):
            continue
        if is_left_out(top, full):
            numbers = _numbers(value) if (top, full) == ("%SYS.Task", "Settings") else {}
            if numbers:
                values[full] = numbers
            else:
                left.append(full)
        elif found.type in EMBEDDED:
            _properties(instance, all_classes()[found.type], top, value, f"{full}.", values, left)
        elif found.relationship:
            _related(instance, top, found, value, values)
        else:
            values[full] = _value(value)


def _related(
    instance: SimulatedInstance, top: str, found: PropertyFacts, value: Any, values: dict[str, Any]
) -> None:
    if (top, found.name) == ("Security.Roles", "Resources"):
        values["Resources"] = [
            {"Name": str(pair["Name"]), "Permission": str(pair["Permission"])} for pair in value
        ]
    elif (top, found.name) == ("OAuth2.Client", "ServerDefinition"):
        server = instance.storage.find("OAuth2.ServerDefinition", (str(value),)) or {}
        values["ServerDefinition"] = str(server.get("IssuerEndpoint", ""))


def _value(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return [str(element) for element in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def _numbers(settings: Any) -> dict[str, str]:
    """Return the settings of a task where all are bare numbers, nothing otherwise."""
    elements = [str(element) for element in decode(settings)]
    pairs = dict(zip(elements[::2], elements[1::2], strict=True))
    sounds = ("pass", "pwd", "secret", "token", "key", "pin", "credential")
    bare = all(not value or (value.isdigit() and len(value) <= 5) for value in pairs.values())  # noqa: PLR2004
    return {} if not bare or any(word in name.lower() for name in pairs for word in sounds) else pairs


# -- beside the objects ----------------------------------------------------------------------------------------


def _masked(cpf: str) -> str:
    """Mask what the script masks: the password of a start-up, device and server arguments, a command line."""
    lines = []
    section = ""
    for line in cpf.removesuffix("\n").split("\n"):
        name, mark, value = line.partition("=")
        made = line
        if line.startswith("["):
            section = line[1:-1]
        elif mark and section == "Devices":
            made = f"{name}={_masked_parts(value, '^', range(4, 5))}"
        elif mark and section == "Gateways":
            made = f"{name}={_masked_parts(value, ',', range(4, 9))}"
        elif mark and value and (section, name) in {("Startup", "PasswordHash"), ("Logging", "ChildProcessLaunchCommand")}:  # fmt: skip
            made = f"{name}={MASK}"
        lines.append(made)
    return "".join(f"{line}\n" for line in lines)


def _masked_parts(value: str, separator: str, places: range) -> str:
    parts = value.split(separator)
    return separator.join(MASK if place in places and part else part for place, part in enumerate(parts))


def _code(name: str, source: str) -> Line:
    kind = {"cls": "class", "inc": "include file"}.get(name.rpartition(".")[2], "routine")
    class_name = "%Dictionary.CompiledClass" if kind == "class" else "%Library.Routine"
    if kind == "class":
        source = hash_of_class(source)
    lines = source.rstrip("\n").split("\n")
    digest = hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()
    return class_name, {"Name": name, "Hash": digest, "Kind": kind}, []


def _files(instance: SimulatedInstance) -> list[str]:
    rows = instance.storage.rows
    places = [
        str(row.get("Path", "")) for row in rows("Security.Applications") if not int(row["Type"]) & SYSTEM
    ]
    places += [place for row in rows("%Library.SQLConnection") for place in str(row["classpath"]).split(":")]
    fields = [str(row[name]) for row in rows("Config.Gateways") for name in ("Field1", "Field2", "Field3")]
    places += [place for field in fields for place in field.split(":") if place.startswith("/")]
    found: set[str] = set()
    for place in places:
        if place:
            found.update(instance.files.below(place))
            found.update([place] if instance.files.exists(place) else [])
    return sorted(found)


def _file(instance: SimulatedInstance, path: str) -> Line:
    content = instance.files.read(path)
    digest = hashlib.sha256(content).hexdigest()
    values = {"Path": path, "Hash": digest, "Size": str(len(content)), "Modified": "66900,36000"}
    return "%Library.File", values, []
