"""This module sets properties of a record from texts, as `Create` and `Modify` do with what stands in their array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftsync.lab.instance.checking import normalised, permission_bits
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.errors import failed
from driftsync.lab.instance.facts import ClassFacts
from driftsync.lab.instance.identities import key_of
from driftsync.lab.instance.saving import delete, save
from driftsync.lab.instance.storage import facts_of

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

SEPARATORS = {"ClientSystems": ";"}
"""What divides the elements of a list in its flat form, where it is no comma (api.md 5.6)."""


def create(session: SimulatedSession, class_name: str, key: list[str], values: dict[str, str]) -> bool:
    """Make a record; return whether there was none: what exists is passed over (api.md 3.1)."""
    facts = facts_of(class_name)
    if session.instance.storage.has(class_name, key_of(facts, key)):
        return False
    record = new_record(facts, session.instance, session.login.user)
    fill(session, facts, record, values)
    save(session, facts, record, None)
    return True


def modify(session: SimulatedSession, class_name: str, key: list[str], values: dict[str, str]) -> None:
    """Change a record that is there. Raises what `Modify` would return."""
    facts = facts_of(class_name)
    old = key_of(facts, key)
    record = session.instance.storage.find(class_name, old)
    if record is None:
        raise failed(5809, class_name, "||".join(old))
    fill(session, facts, record, values)
    save(session, facts, record, old)


def remove(session: SimulatedSession, class_name: str, key: list[str]) -> None:
    """Take a record away. Raises what `Delete` would return."""
    facts = facts_of(class_name)
    delete(session, facts, key_of(facts, key))


def fill(
    session: SimulatedSession, facts: ClassFacts, record: dict[str, Any], values: dict[str, str]
) -> None:
    """Set properties; raises for one that the class does not have."""
    for name, text in values.items():
        found = facts.properties.get(name)
        if found is None or not session.instance.has_property(facts.name, name):
            raise failed(5001, f"{facts.name} has no property {name}")
        if found.relationship and facts.name == "Security.Roles":
            record[name] = _pairs(text)
        elif found.collection == "list":
            parts = text.split(SEPARATORS.get(name, ","))
            record[name] = [part.strip() for part in parts if part.strip()]
        else:
            record[name] = normalised(facts, found, text)


def _pairs(text: str) -> list[dict[str, Any]]:
    made = []
    for part in filter(None, text.split(",")):
        name, _colon, permission = part.rpartition(":")
        made.append({"Name": name.strip(), "Permission": permission_bits(permission)})
    return made
