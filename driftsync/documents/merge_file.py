"""This module reads a configuration merge file: an intention rather than a state, so always partial.

Facts: formats.md 2. A key of `[Actions]` repeats freely and the order counts: a later action on the same item
adds to the earlier one. Values may be quoted, or hold spaces and commas without being quoted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from driftsync.documents.cpf import is_known_section, read_section
from driftsync.documents.document import Document
from driftsync.documents.sections import Entry, Section, not_understood, split_sections
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.making import RawItem, RawValue, key_of
from driftsync.kinds.places import Action
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Coverage, Gap

FORMAT = "merge-file"

_VERBS = ("Create", "Modify", "Delete")
DEEDS = frozenset(
    {"Execute", "ImportLocale", "InstallLocale", "ConfigMirror", "CreateDatabaseFile", "ModifyDatabaseFile"}
)
"""Actions that do something once and state no item that could be compared."""
_TEMPLATE = re.compile(r"\$\{|\{\$|#\{")
_NEXT_VALUE = re.compile(r",\s*[\w.%]+\s*=")
_WHOLLY_QUOTED = re.compile(r'"([^"]*)"')
_QUOTED = re.compile(r'"[^"]*"')
_UNCLEAR = re.compile(r",[^,]*=")
"""Inside an unquoted value: perhaps another property, under a name that none has."""
_VERB = re.compile(r"[A-Z][a-z]+[A-Za-z0-9]*")


_SECTION = re.compile(r"^[ \t]*\[([^\[\]\n]+)\][ \t]*$", re.MULTILINE)


def looks_like_merge_file(text: str) -> bool:
    """Say whether a text has a section of a CPF, or `[Actions]`; other files have [sections] too."""
    names = {match[1].strip() for match in _SECTION.finditer(text)}
    return any(name.lower() == "actions" or is_known_section(name) for name in names)


def read_merge_file(path: Path, text: str) -> Document:
    """Read a merge file. Nothing follows from what it does not say."""
    document = Document(path, FORMAT)
    sections = split_sections(path, text)
    if sections.fragment:
        raise not_understood(path, sections.unfinished)
    actions = sections.by_name.pop("actions", None)
    for section in sections.by_name.values():
        read_section(document, section, partial=True)
    if actions:
        document.items.extend(_actions(document, actions))
    document.items = [item for raw in document.items if (item := _filled(document, raw))]
    for item in document.items:
        document.saw(item.kind.name, Coverage.PARTIAL)
    return document


def _actions(document: Document, section: Section) -> list[RawItem]:
    nouns = {place.noun: (kind, place) for kind, place in places() if isinstance(place, Action)}
    found: dict[str, RawItem] = {}
    passed_over: dict[str, int] = {}
    for entry in section.entries:
        if not _VERB.fullmatch(entry.key):
            raise not_understood(document.path, entry.line)
        verb = next((verb for verb in _VERBS if entry.key.startswith(verb)), "")
        found_noun = nouns.get(entry.key[len(verb) :]) if verb else None
        if found_noun is None:
            passed_over[entry.key] = passed_over.get(entry.key, 0) + 1
            if entry.key not in DEEDS:
                reason = _("line {line}: what {action} states is covered by no kind")
                document.gaps.append(Gap(reason=reason.format(line=entry.line, action=entry.key)))
            continue
        kind, place = found_noun
        values = _values(document.path, place, entry)
        key = _key(document.path, kind, values, entry)
        before = found.pop(key, None)
        if verb == "Delete":
            passed_over[entry.key] = passed_over.get(entry.key, 0) + 1
        else:
            found[key] = RawItem(
                kind, {**(before.values if before else {}), **values}, entry.line, partial=True
            )
    if passed_over:
        listed = ", ".join(f"{name} ({count})" for name, count in sorted(passed_over.items()))
        document.remarks.append(
            _("actions that state no item were passed over: {listed}").format(listed=listed)
        )
    return list(found.values())


def _key(path: Path, kind: Kind, values: dict[str, RawValue], entry: Entry) -> str:
    try:
        return key_of(kind, values).match
    except ValueError:
        raise DocumentError(
            path,
            _("{action} does not say which item it is about").format(action=entry.key),
            line=entry.line,
            hint=_("an action needs Name= (and Namespace= for a mapping)"),
        ) from None


def _values(path: Path, place: Action, entry: Entry) -> dict[str, RawValue]:
    if entry.value.count('"') % 2:
        raise DocumentError(
            path, _("a quote is opened here and never closed"), line=entry.line, hint=_('write " inside quotes as ""')
        )  # fmt: skip
    properties = {word: name for name, word in place.words.items()}
    return {properties.get(word, word): value for word, value in split_action(entry.value).items()}


def _filled(document: Document, raw: RawItem) -> RawItem | None:
    """Leave out what a template would fill in: a property, or the whole item where its name holds one."""
    open_names = [name for name, value in raw.values.items() if value is None or _TEMPLATE.search(str(value))]
    if {*raw.kind.identity.properties, raw.kind.identity.namespace} & {*open_names}:
        document.lost_item(raw.kind.name, raw.line)
        return None
    values = {
        name: _unquoted(value) if raw.kind.per_item else "" if value == '""' else value
        for name, value in raw.values.items()
        if name not in open_names
    }
    return replace(raw, values=values, partial=True, unread=tuple(open_names))


def _unquoted(value: RawValue) -> RawValue:
    """Take one pair of quotes off the value of a setting: `SystemMode="LIVE"`; `""` is the empty value."""
    match = _WHOLLY_QUOTED.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else value


def split_action(text: str) -> dict[str, str | None]:
    """Split `Name=%All,Roles=A,B,Description="x, y"`: a comma divides only where `word=` follows.

    `None` stands for a value that may hold another property: it must be neither compared nor shown.
    """
    found: dict[str, str | None] = {}
    for part in _parts(text):
        name, _equals, value = part.partition("=")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] == '"':
            found[name.strip()] = value[1:-1].replace('""', '"')
        else:
            found[name.strip()] = None if _UNCLEAR.search(_QUOTED.sub("", value)) else value
    return found


def _parts(text: str) -> list[str]:
    parts, start, quoted = [], 0, False
    for position, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted and _NEXT_VALUE.match(text, position):
            parts.append(text[start:position])
            start = position + 1
    return [part for part in (*parts, text[start:]) if part.strip()]
