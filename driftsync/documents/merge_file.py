"""This module reads a configuration merge file: an intention rather than a state, so always partial.

Facts: formats.md 2. A key of `[Actions]` repeats freely and the order counts: a later action on the same item
adds to the earlier one. Values may be quoted, or hold spaces and commas without being quoted.
"""

from __future__ import annotations

import re
from pathlib import Path

from driftsync.documents.cpf import read_section
from driftsync.documents.document import Document
from driftsync.documents.sections import Section, split_sections
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.making import RawItem, RawValue, key_of
from driftsync.kinds.spec import Action, Kind
from driftsync.language import _
from driftsync.model import Coverage

FORMAT = "merge-file"

_VERBS = ("Create", "Modify", "Delete")
_ALIASES = {("database", "Resource"): "ResourceName"}
"""Words of an action that its class spells otherwise."""
_TEMPLATE = re.compile(r"\$\{|\{\$|#\{")


def read_merge_file(path: Path, text: str) -> Document:
    """Read a merge file. Nothing follows from what it does not say."""
    document = Document(path, FORMAT)
    sections = split_sections(path, text)
    if not sections.by_name:
        raise DocumentError(
            path, _("holds no [Section]"), line=1, hint=_("this is no configuration merge file")
        )
    actions = sections.by_name.pop("actions", None)
    for section in sections.by_name.values():
        read_section(document, section)
    if actions:
        document.items.extend(_actions(document, actions))
    for item in document.items:
        document.saw(item.kind.name, Coverage.PARTIAL)
    return document


def _actions(document: Document, section: Section) -> list[RawItem]:
    kinds = {place.noun: kind for kind, place in places() if isinstance(place, Action)}
    found: dict[str, RawItem] = {}
    passed_over: dict[str, int] = {}
    for entry in section.entries:
        verb = next((verb for verb in _VERBS if entry.key.startswith(verb)), "")
        kind = kinds.get(entry.key[len(verb) :]) if verb else None
        if kind is None or verb == "Delete":
            passed_over[entry.key] = passed_over.get(entry.key, 0) + 1
            continue
        values = split_action(entry.value)
        raw = _raw(kind, values, entry.line)
        try:
            key = key_of(kind, raw.values).match
        except ValueError:
            raise DocumentError(
                document.path,
                _("{action} does not say which item it is about").format(action=entry.key),
                line=entry.line,
                hint=_("an action needs Name= (and Namespace= for a mapping)"),
            ) from None
        before = found.get(key)
        merged = {**before.values, **raw.values} if before else raw.values
        unread = tuple(sorted({*(before.unread if before else ()), *raw.unread}))
        found[key] = RawItem(kind, merged, entry.line, partial=True, unread=unread)
    if passed_over:
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(passed_over.items()))
        document.remarks.append(
            _("actions that state no item were passed over: {listed}").format(listed=listed)
        )
    return list(found.values())


def _raw(kind: Kind, values: dict[str, str], line: int) -> RawItem:
    named: dict[str, RawValue] = {}
    unread = []
    for name, value in values.items():
        spelled = _ALIASES.get((kind.name, name), name)
        if _TEMPLATE.search(value) and spelled not in kind.identity.properties:
            unread.append(spelled)
        else:
            named[spelled] = value
    return RawItem(kind, named, line, partial=True, unread=tuple(unread))


def split_action(text: str) -> dict[str, str]:
    """Split `Name=%All,Roles=A,B,Description="x, y"`: a comma divides only where `word=` follows."""
    found: dict[str, str] = {}
    for part in _parts(text):
        name, _equals, value = part.partition("=")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1].replace('""', '"')
        found[name.strip()] = value
    return found


def _parts(text: str) -> list[str]:
    parts, start, quoted = [], 0, False
    for position, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted and re.match(r",\s*\w+\s*=", text[position:]):
            parts.append(text[start:position])
            start = position + 1
    return [part for part in (*parts, text[start:]) if part.strip()]
