"""This module does what `%Save` and `%DeleteId` do: check, normalise, keep, and make live what is activated."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from driftsync.lab.instance.calling import as_number, as_text
from driftsync.lab.instance.checking import check, normalised
from driftsync.lab.instance.defaults import FLAGS_OF_CPF, new_record
from driftsync.lab.instance.errors import failed
from driftsync.lab.instance.facts import ClassFacts
from driftsync.lab.instance.identities import COUNTED, Key, Record, id_of, key_of_record
from driftsync.lab.instance.scheduling import is_once_a_day, next_run

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

SAVE, WRITE, ACTIVATE = 1, 2, 4
"""The bits of `Flags` (api.md 2.4)."""

FIXED = frozenset({"Security.Services", "Security.System"})
"""Classes whose records nobody creates or deletes."""

LDAP_USER = 2
"""The bit of `Flags` of an account that LDAP made."""

MAPPINGS = ("Config.MapGlobals", "Config.MapRoutines", "Config.MapPackages")

NAMESAKES = {"Security.Users": "Security.Roles", "Security.Roles": "Security.Users"}
"""Classes that share their names: no user is called as a role is (api.md 5.9)."""

COMPOSITES = {
    "globals": tuple(f"globals{size}kb" for size in (2, 4, 8, 16, 32, 64)),
    "zfheap": ("ZFSize", "ZFString"),
}
"""What `Config.config` only shows, and the properties that it is put together from (api.md 5.20)."""

WORK_QUEUES = frozenset({"SQL", "Default", "Utility"})


def save(session: SimulatedSession, facts: ClassFacts, record: Record, old: Key | None) -> Key:
    """Keep a record. Raises what `%Save` would return."""
    session.must_may(facts.name, write=True)
    _must_be_writable(session, facts, record)
    for found in session.instance.release.properties(facts):
        value = record.get(found.name)
        if value is not None and not isinstance(value, (list, dict, bytes)):
            record[found.name] = normalised(facts, found, value)
    _prepare(session, facts, record, old)
    check(facts, record, session.instance.release)
    storage = session.instance.storage
    key = key_of_record(facts, record) if facts.name not in COUNTED or record.get("ID") else None
    if key is not None and old is None:
        if facts.name in FIXED:
            raise failed(5001, f"{facts.name} cannot be created")
        if storage.has(facts.name, key):
            raise failed(5808, f"{facts.name}:{id_of(key)}")
        if facts.name in NAMESAKES and storage.has(NAMESAKES[facts.name], key):
            raise failed(5001, f"{id_of(key)} is the name of a role or a user already")
    _must_be_unique(session, facts, record)
    previous = storage.find(facts.name, old) if old else None
    if old is not None and key is not None and key != old:
        storage.remove(facts.name, old)
    _make_mapping_whole(session, facts, record)
    kept = {name: value for name, value in record.items() if not _is_transient(facts, name)}
    key = storage.put(facts, kept)
    record.update({name: value for name, value in kept.items() if name == "ID"})
    if facts.name.startswith("Config."):
        _flags(session, facts, record, key, previous)
    return key


def delete(session: SimulatedSession, facts: ClassFacts, key: Key, flags: int = FLAGS_OF_CPF) -> None:
    """Take a record away with what depends on it. Raises what `%DeleteId` would return."""
    session.must_may(facts.name, write=True)
    storage = session.instance.storage
    found = storage.find(facts.name, key)
    if found is None:
        raise failed(5810, facts.name, id_of(key))
    if facts.name in FIXED or (facts.name == "Config.WorkQueues" and found["Name"] in WORK_QUEUES):
        raise failed(5001, f"{found['Name']} cannot be deleted")
    if facts.name == "Security.Events" and found["Source"].startswith("%"):
        raise failed(5001, "System events cannot be deleted")
    _must_be_writable(session, facts, found)
    storage.remove(facts.name, key)
    if facts.name in MAPPINGS and flags & ACTIVATE:
        _activate(session, facts, key)
    name = as_text(found.get("Name")).lower()
    if facts.name == "Security.Roles":
        for user in storage.table("Security.Users").values():
            user["Roles"] = [role for role in user.get("Roles", []) if role.lower() != name]
        for role in storage.table("Security.Roles").values():
            role["GrantedRoles"] = [held for held in role.get("GrantedRoles", []) if held.lower() != name]
    if facts.name == "Security.LDAPConfigs":
        users = storage.table("Security.Users")
        for gone in [each for each, user in users.items() if _came_from(user, name)]:
            del users[gone]
    if facts.name == "Security.Resources":
        for role in storage.table("Security.Roles").values():
            role["Resources"] = [pair for pair in role.get("Resources", []) if pair["Name"].lower() != name]


def _came_from(user: Record, configuration: str) -> bool:
    """Say whether an LDAP user goes with a configuration: by its domain, where it has one (api.md 4 and 5.9)."""
    _name, _at, domain = as_text(user.get("Name")).lower().partition("@")
    return bool(as_number(user.get("Flags")) & LDAP_USER) and domain in {"", configuration}


def _prepare(session: SimulatedSession, facts: ClassFacts, record: Record, old: Key | None) -> None:
    for name in [name for name in facts.properties if name.endswith("LowerCase")]:
        if session.instance.has_property(facts.name, name):
            record[name] = as_text(record.get(name.removesuffix("LowerCase"))).lower()
    if facts.name == "Security.Users":
        prepare_user(session.instance.release.has_property("Security.Users", "PasswordHash"), record)
        record["LastModifiedDateTime"] = session.instance.moment()
        record["LastModifiedUsername"] = session.login.user
    elif facts.name == "%SYS.Task":
        _prepare_task(session, record, old)
    elif facts.name == "Config.MapGlobals" and not as_text(record.get("LockDatabase")):
        record["LockDatabase"] = ""
    elif facts.name in {"Config.MapGlobals", "Config.MapRoutines", "Config.MapPackages"}:
        record["SectionHeader"] = f"Map.{record.get('Namespace', '')}"
    elif facts.name == "OAuth2.ServerDefinition":
        record["Hash"] = hashlib.sha256(as_text(record.get("IssuerEndpoint")).encode()).hexdigest()[:40]
    elif facts.name == "Config.config":
        for composite, made_of in COMPOSITES.items():
            record[composite] = ",".join(str(record.get(part) or 0) for part in made_of)
    elif facts.name == "SYS.Database":
        record["Size"] = max(as_number(record.get("Size"), 1), 1)
    if "SectionHeader" in record and not record["SectionHeader"]:
        parts = record.get("Namespace") or record.get("ID") or ""
        record["SectionHeader"] = f"{facts.name.removeprefix('Config.')}.{parts}".replace("MapGlobals", "Map")


def prepare_user(knows_hash: bool, record: Record) -> None:
    """Turn the transient forms of a password into the stored ones."""
    packed = as_text(record.get("PasswordHash"))
    clear = as_text(record.get("PasswordExternal"))
    if packed and knows_hash:
        parts = packed.split(",")
        record["Password"], record["Salt"] = bytes.fromhex(parts[0]), bytes.fromhex(parts[1])
        record["PasswordHashWorkFactor"] = as_number(parts[2], 10000)
        record["PasswordHashAlgorithm"] = parts[3]
    elif clear not in ("", "\x00"):
        set_password(record, clear)
    record.setdefault("PasswordHashAlgorithm", "SHA512")
    record["PasswordHashAlgorithm"] = record["PasswordHashAlgorithm"] or "SHA512"
    record["PasswordHashWorkFactor"] = record.get("PasswordHashWorkFactor") or 10000


def set_password(record: Record, clear: str, salt: bytes | None = None) -> None:
    """Hash a password as the lab does: one round, since nobody attacks it."""
    made = salt or hashlib.sha256(f"{record.get('Name')}{clear}".encode()).digest()[:16]
    record["Salt"] = made
    record["Password"] = hashlib.sha512(made + clear.encode()).digest()
    record["PasswordHashAlgorithm"], record["PasswordHashWorkFactor"] = "SHA512", 10000


def password_fits(record: Record, clear: str) -> bool:
    """Say whether a password is the one of the record."""
    salt = record.get("Salt") or b""
    return (
        bool(record.get("Password")) and record["Password"] == hashlib.sha512(salt + clear.encode()).digest()
    )


def _prepare_task(session: SimulatedSession, record: Record, old: Key | None) -> None:
    day, second = (int(float(part)) for part in session.instance.moment().split(","))
    if old is None:
        record["StartDate"] = record.get("StartDate") or day + 1
        if (as_number(record["StartDate"]), as_number(record.get("DailyStartTime"))) < (day, second):
            raise failed(7432, as_text(record["StartDate"]))
        record["JobGUID"] = record.get("JobGUID") or session.instance.guid()
        record["RunAsUser"] = record.get("RunAsUser") or session.login.user
    other = as_text(record.get("RunAsUser")).lower() != session.login.user.lower()
    if other and not session.login.may("%Admin_Secure:U"):
        raise failed(7405, as_text(record["RunAsUser"]))
    if record.get("TaskClass") == "%SYS.Task.RunLegacyTask" and not session.login.may("%Admin_Manage:U"):
        raise failed(7434, as_text(record.get("Name")))
    if is_once_a_day(record):
        record["DayNextScheduled"], record["TimeNextScheduled"] = next_run(record, day, second)


def _must_be_unique(session: SimulatedSession, facts: ClassFacts, record: Record) -> None:
    name = COUNTED.get(facts.name)
    if name and any(
        other.get(name) == record.get(name) and other.get("ID") != record.get("ID")
        for other in session.instance.storage.rows(facts.name)
    ):
        raise failed(5808, f"{facts.name}:{name}:{record.get(name)}")


def _make_mapping_whole(session: SimulatedSession, facts: ClassFacts, record: Record) -> None:
    """Add the mapping of the whole global that the mapping of a part of it needs (api.md 5.2)."""
    if facts.name != "Config.MapGlobals":
        return
    name = as_text(record.get("Name")).partition("(")[0]
    storage = session.instance.storage
    namespace = as_text(record.get("Namespace"))
    if name == record.get("Name") or storage.has(facts.name, (namespace, name)):
        return
    home = storage.find("Config.Namespaces", (namespace,)) or {}
    whole = {**new_record(facts, session.instance), "Namespace": namespace, "Name": name}
    whole |= {"Database": home.get("Globals") or record.get("Database"), "SectionHeader": f"Map.{namespace}"}
    storage.put(facts, whole)


def _is_transient(facts: ClassFacts, name: str) -> bool:
    found = facts.properties.get(name)
    return bool(found and found.transient)


def _flags(
    session: SimulatedSession, facts: ClassFacts, record: Record, key: Key, before: Record | None
) -> None:
    instance, flags = session.instance, as_number(record.get("Flags", FLAGS_OF_CPF), FLAGS_OF_CPF)
    instance.storage.unwritten = not flags & WRITE
    if flags & ACTIVATE:
        _activate(session, facts, key)
        instance.storage.restart_reasons += _restarts(facts, record, before)


def _activate(session: SimulatedSession, facts: ClassFacts, key: Key) -> None:
    """Make a record live; with a mapping all that was saved in its namespace without being activated."""
    instance = session.instance
    if facts.name not in MAPPINGS:
        instance.storage.make_live(facts.name, key)
        return
    instance.activations[key[0]] += 1
    for name in MAPPINGS:
        for other in instance.storage.table(name):
            if other[0] == key[0]:
                instance.storage.make_live(name, other)


def _must_be_writable(session: SimulatedSession, facts: ClassFacts, record: Record) -> None:
    """Raise what keeps a class from being written to: a CPF that somebody edited, a database that only the primary writes."""
    instance = session.instance
    if facts.name.startswith("Config.") and instance.cpf_edited:
        raise failed(5001, "CPF file has been modified and needs to be activated")
    if facts.name == "SYS.Database" and record.get("Mirrored") and not instance.is_primary:
        raise failed(
            5001, f"{record.get('Directory')} is mirrored and read-only: this member is not the primary"
        )


def _restarts(facts: ClassFacts, record: Record, before: Record | None) -> list[str]:
    if before is None:
        return []
    return [
        f"{facts.name.removeprefix('Config.')}:{name}"
        for name, found in facts.properties.items()
        if found.restart and before.get(name) != record.get(name)
    ]
