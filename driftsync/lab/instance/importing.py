"""This module reads back what the lab exports, as `Import` and `ImportAll` do: all of a file or nothing."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.errors import failed
from driftsync.lab.instance.exporting import ORDER
from driftsync.lab.instance.facts import ClassFacts, PropertyFacts
from driftsync.lab.instance.identities import Record, key_of_record
from driftsync.lab.instance.storage import facts_of
from driftsync.lab.instance.texts import days_of, seconds_of

if TYPE_CHECKING:
    from driftsync.lab.instance.session import SimulatedSession

_TAGS = {class_name.rpartition(".")[2]: class_name for class_name, _ in ORDER}


def import_text(session: SimulatedSession, text: str, only: str, *, count_only: bool) -> int:
    """Keep every record of an export, of one class if one is named; return how many there are."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - the lab reads what its own client wrote
    except ET.ParseError as error:
        raise failed(5001, f"The file is not XML: {error}") from error
    containers = list(root) if root.tag == "SecurityExport" else [root]
    records = [
        (facts_of(_TAGS[element.tag]), element)
        for container in containers
        for element in container
        if element.tag in _TAGS and only in ("", _TAGS[element.tag])
    ]
    if count_only:
        return len(records)
    made = [(facts, _record(session, facts, element)) for facts, element in records]
    for facts, record in made:
        session.must_may(facts.name, write=True)
        old = session.instance.storage.find(facts.name, key_of_record(facts, record)) or {}
        session.instance.storage.put(facts, {**old, **record})
    return len(made)


def _record(session: SimulatedSession, facts: ClassFacts, element: ET.Element) -> Record:
    record = new_record(facts, session.instance, session.login.user)
    names = {found.params.get("XMLNAME", found.name): found for found in facts.properties.values()}
    for child in element:
        found = names.get(child.tag)
        if found is None:
            raise failed(5001, f"Property {child.tag} is not one of {facts.name}")
        record[found.name] = _value(found, child)
    for name in [name for name in facts.properties if name.endswith("LowerCase")]:
        record[name] = str(record.get(name.removesuffix("LowerCase"), "")).lower()
    return record


def _value(found: PropertyFacts, element: ET.Element) -> Any:
    if found.relationship:
        return [{part.tag: _number(part.text or "") for part in pair} for pair in element]
    if len(element):
        return [item.text or "" for item in element]
    text = element.text or ""
    if found.is_flag:
        return {"true": 1, "false": 0}.get(text, _number(text))
    if found.short_type in {"Binary", "Password"}:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            return text
    if found.short_type == "Date" and "-" in text:
        return days_of(text)
    if found.short_type == "Time" and ":" in text:
        return seconds_of(text)
    return _number(text) if found.short_type not in {"String", "Username"} else text


def _number(text: str) -> Any:
    return int(text) if text.lstrip("-").isdigit() and len(text) < 16 else text  # noqa: PLR2004 - beyond it is an identifier
