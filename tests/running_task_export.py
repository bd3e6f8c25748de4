"""A small `%SYS.Task.ImportTasks`: it makes the tasks of an export on a member of the lab, and knows nothing of its writer.

How the real one is called is not established (api.md 9.8); what an export looks like is (formats.md 4). Every element has to
be a property of the class in the catalogue, and every value one that `%Save` takes.
"""

from __future__ import annotations

import base64
from typing import Any
from xml.etree import ElementTree as ET

from driftsync.lab.instance.checking import normalised
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.saving import save
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.instance.storage import facts_of
from driftsync.lab.instance.texts import days_of, seconds_of


def import_tasks(session: SimulatedSession, text: str) -> int:
    """Make every task; return how many."""
    facts = facts_of("%SYS.Task")
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.tag == "Tasks"
    for task in root:
        assert task.tag == "Task"
        record = new_record(facts, session.instance, session.login.user)
        for element in task:
            assert not element.attrib
            found = facts.properties[element.tag]
            assert session.instance.has_property(facts.name, found.name)
            record[found.name] = _value(facts, found, element)
        save(session, facts, record, None)
    return len(root)


def _value(facts: Any, found: Any, element: ET.Element) -> Any:
    if found.collection == "list":
        assert {item.tag for item in element} == {f"{found.name}Item"}
        return [item.text or "" for item in element]
    text = element.text or ""
    if found.name == "Settings":
        return base64.b64decode(text, validate=True)
    if found.is_flag and found.name != "Suspended":
        return {"true": 1, "false": 0}[text]
    if found.short_type == "Time" and ":" in text:
        return seconds_of(text)
    if found.short_type == "Date" and "-" in text:
        return days_of(text)
    return normalised(facts, found, text)
