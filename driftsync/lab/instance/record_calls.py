"""This module answers the calls that every class with storage has: `%New`, `%OpenId`, `%Save`, `Exists`, `GetList`."""

from __future__ import annotations

from typing import Any

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import Call, answers, as_text
from driftsync.lab.instance.checking import check, normalised
from driftsync.lab.instance.computed import computed_value
from driftsync.lab.instance.defaults import FLAGS_OF_CPF, new_record
from driftsync.lab.instance.errors import OK, not_found
from driftsync.lab.instance.exporting import record_text
from driftsync.lab.instance.facts import ClassFacts
from driftsync.lab.instance.identities import Key, id_of, key_of, parts_of
from driftsync.lab.instance.objects import RecordObject
from driftsync.lab.instance.saving import delete, save
from driftsync.lab.values import encode_list


def opened(call: Call, facts: ClassFacts, key: Key) -> RecordObject | None:
    """Return an object for a record, or nothing."""
    record = call.instance.storage.find(facts.name, key)
    return None if record is None else RecordObject(call.session, facts, record, key)


def target(call: Call) -> RecordObject:
    """Return the object that a method was called on."""
    assert isinstance(call.target, RecordObject)  # noqa: S101 - the session gives class methods no target
    return call.target


def key_from_id(call: Call, text: str) -> Key:
    """Return the key that an ID stands for."""
    if call.facts.single:
        return key_of(call.facts, [])
    return key_of(call.facts, text.split("||"))


@answers("*", "%New")
def _new(call: Call) -> Any:
    record = new_record(call.facts, call.instance, call.session.login.user)
    return RecordObject(call.session, call.facts, record)


@answers("*", "%OpenId")
def _open_id(call: Call) -> Any:
    text = call.text("id")
    found = opened(call, call.facts, key_from_id(call, text))
    call.give("sc", OK if found else not_found(call.facts.name, text).status)
    return found or ""


@answers("*", "%ExistsId")
def _exists_id(call: Call) -> Value:
    return int(call.instance.storage.has(call.facts.name, key_from_id(call, call.text("id"))))


@answers("*", "%DeleteId")
def _delete_id(call: Call) -> Value:
    delete(call.session, call.facts, key_from_id(call, call.text("id")))
    return OK


@answers("OAuth2.*", "DeleteId")
def _delete_oauth(call: Call) -> Value:
    delete(call.session, call.facts, (call.text("id"),))
    return OK


@answers("*", "%Save")
@answers("OAuth2.Server.Configuration", "Save")
@answers("%SYS.X509Credentials", "Save")
def _save(call: Call) -> Value:
    mine = target(call)
    mine.key = save(call.session, mine.facts, mine.record, mine.key)
    return OK


@answers("*", "%Id")
def _id(call: Call) -> Value:
    key = target(call).key
    return id_of(key) if key else ""


@answers("*", "%Reload")
def _reload(call: Call) -> Value:
    mine = target(call)
    fresh = call.instance.storage.find(mine.facts.name, mine.key) if mine.key else None
    if fresh is None:
        raise not_found(mine.facts.name, id_of(mine.key or ()))
    mine.record.clear()
    mine.record.update(fresh)
    return OK


@answers("*", "%IsModified")
def _is_modified(call: Call) -> Value:
    mine = target(call)
    return int(mine.key is None or call.instance.storage.find(mine.facts.name, mine.key) != mine.record)


@answers("*", "%ValidateObject")
def _validate(call: Call) -> Value:
    check(target(call).facts, target(call).record, call.instance.release)
    return OK


@answers("*", "%ClassName")
def _class_name(call: Call) -> Value:
    return call.facts.name if call.number("full") else call.facts.name.rpartition(".")[2]


@answers("*", "XMLExportToString")
def _xml(call: Call) -> Value:
    mine = target(call)
    call.give("export", record_text(mine.facts, mine.record, call.instance.release, call.text("top")))
    return OK


def key_from_arguments(call: Call) -> Key:
    """Return the key that the first arguments of a method spell."""
    parts = () if call.facts.single else parts_of(call.facts)
    formal = list(call.arguments)[: len(parts)]
    ordered = parts if set(parts) == set(formal) else formal
    return key_of(call.facts, [call.text(name) for name in ordered])


@answers("Security.*", "Exists")
@answers("%SYS.*", "Exists")
@answers("Config.*", "Exists")
def _exists(call: Call) -> Value:
    key = key_from_arguments(call)
    found = opened(call, call.facts, key)
    names = [formal.name for formal in call.facts.methods["Exists"].arguments]
    place = names.index("Status")
    call.give(names[place - 1], found or "")
    call.give("Status", OK if found else not_found(call.facts.name, id_of(key)).status)
    return int(found is not None)


@answers("Security.*", "Delete")
@answers("%SYS.*", "Delete")
@answers("Config.*", "Delete")
def _delete(call: Call) -> Value:
    key = key_from_arguments(call)
    delete(call.session, call.facts, key, call.number("Flags", FLAGS_OF_CPF))
    return OK


@answers("Config.*", "Open")
def _open(call: Call) -> Any:
    key = key_from_arguments(call)
    found = opened(call, call.facts, key)
    call.give("Status", OK if found else not_found(call.facts.name, id_of(key)).status)
    return found or ""


@answers("Config.*", "GetList")
def _get_list(call: Call) -> Value:
    key = key_from_arguments(call)
    record = call.instance.storage.find(call.facts.name, key)
    if record is None:
        return encode_list([not_found(call.facts.name, id_of(key)).status])
    pairs: list[Value] = []
    for found in call.instance.release.properties(call.facts):
        if found.name in {"SectionHeader", "Flags", "CPFFile"} or found.private or found.transient:
            continue
        value = (
            computed_value(call.facts.name, found.name, record)
            if found.calculated
            else record.get(found.name, "")
        )
        if isinstance(value, list):
            value = encode_list(value) if value else ""
        pairs.append(encode_list([found.name, value]))
    return encode_list([OK, *pairs])


def create(call: Call, values: dict[str, Any]) -> Value:
    """Make a record out of the scalar arguments of `Create`, empty ones left at their defaults."""
    record = new_record(call.facts, call.instance, call.session.login.user)
    for name, value in values.items():
        found = call.facts.properties.get(name)
        if found is None or not call.instance.has_property(call.facts.name, name):
            continue
        if isinstance(value, list) or value not in ("", None):
            record[name] = value if isinstance(value, list) else normalised(call.facts, found, value)
    save(call.session, call.facts, record, None)
    return OK


def listed(text: str) -> list[str]:
    """Return the elements of a comma list."""
    return [part.strip() for part in as_text(text).split(",") if part.strip()]
