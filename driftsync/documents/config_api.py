"""This module reads the JSON of config-api (lscalese/iris-config-api). Facts: formats.md 6; api.md 3.3."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from driftsync.documents.document import Document
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.places import ConfigApi
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Coverage, Gap

FORMAT = "config-api"
DEFAULTS = "Defaults"

LARGEST = 1 << 24
"""Characters of JSON: a document of 10,000 users has two million."""
DEEPEST = 20
"""Levels: a document of config-api has five."""

OTHER_SECTIONS = frozenset(
    {
        "Defaults", "SYS.Databases", "MapMirrors", "MapShadows", "Mirrors", "MirrorMember", "SYS.MirrorMaster",
        "SYS.MirrorFailOver", "Shadows", "ZPM", "NLS.Locales", "MagTapes",
    }
)  # fmt: skip
"""Sections that config-api has and that say nothing about an item that can be compared from here."""

_VARIABLE = re.compile(r"\$\{([^{}]+)\}")


def looks_like_config_api(found: dict[str, Any]) -> bool:
    """Say whether decoded JSON has at least one section of config-api."""
    return any(name in OTHER_SECTIONS or name in _by_section() for name in found)


@cache
def _by_section() -> dict[str, tuple[Kind, ConfigApi]]:
    return {place.section: (kind, place) for kind, place in places() if isinstance(place, ConfigApi)}


def read_config_api(path: Path, found: dict[str, Any], text: str) -> Document:
    """Read a config-api document: an intention, so always partial. `text` tells where a section stands."""
    document = Document(path, FORMAT)
    defaults = found.get(DEFAULTS) or {}
    if not isinstance(defaults, dict):
        raise _other_shape(path, DEFAULTS, text)
    variables = {name: str(value) for name, value in defaults.items()}
    passed_over = []
    for section, body in found.items():
        if section == DEFAULTS:
            continue
        if section not in _by_section():
            passed_over.append(section)
            labels = section == "SYS.Databases" and isinstance(body, dict) and any(body.values())
            if section not in OTHER_SECTIONS or labels:
                reason = _("what section {name} states is covered by no kind").format(name=section)
                document.gaps.append(Gap(reason=reason))
            continue
        kind, place = _by_section()[section]
        document.saw(kind.name, Coverage.PARTIAL)
        try:
            objects = _objects(kind, place, section, body)
        except (TypeError, AttributeError):
            raise _other_shape(path, section, text) from None
        for values in objects:
            _add(document, kind, values, variables)
    if passed_over:
        document.remarks.append(
            _("sections not looked at: {names}").format(names=", ".join(sorted(passed_over)))
        )
    return document


def parse_json(path: Path, text: str) -> dict[str, Any]:
    """Decode a JSON object; raises `DocumentError` with the line, also for a name that stands twice."""
    if len(text) > LARGEST:
        raise DocumentError(path, _("is larger than any config-api document"), line=1)
    try:
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _damaged(path, _("the JSON ends too early or is damaged here"), error.lineno) from None
    except _TwiceError:
        raise _damaged(path, _("the JSON has one name twice in an object, with different values")) from None
    except (ValueError, RecursionError):
        raise _damaged(path, _("the JSON holds what no export of IRIS has")) from None
    if not isinstance(found, dict):
        raise DocumentError(path, _("is JSON, but no object with sections"), line=1)
    if _depth(found) > DEEPEST:
        raise _damaged(path, _("the JSON holds what no export of IRIS has"))
    return found


class _TwiceError(ValueError):
    """An object has a name twice, with different values."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if found.setdefault(name, value) != value:
            raise _TwiceError
    return found


def _no_constant(_word: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def _depth(found: Any) -> int:
    """Count the levels of lists and objects, `DEEPEST` + 1 at the most."""
    level, depth = [found], 0
    while level and depth <= DEEPEST:
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        depth += bool(level)
    return depth


def _damaged(path: Path, reason: str, line: int = 0) -> DocumentError:
    return DocumentError(path, reason, line=line, hint=_("the file was cut or edited; export it again"))


def _other_shape(path: Path, section: str, text: str) -> DocumentError:
    at = max(text.find(f'"{section}"'), 0)
    return DocumentError(
        path,
        _("section {name} has another shape than config-api writes").format(name=section),
        line=text.count("\n", 0, at) + 1,
        hint=_("see what config-api itself exports"),
    )


def _objects(kind: Kind, place: ConfigApi, section: str, body: Any) -> list[dict[str, RawValue]]:
    """Return the objects of a section; raises `TypeError` or `AttributeError` where it has another shape."""
    if kind.name == "sql-privilege" and isinstance(body, list):
        return _privileges([{**row} for row in body])
    if kind.per_item:
        return [{"Section": section, "Name": name, "Value": value} for name, value in body.items()]
    if kind.identity.fixed:
        return [{**body}]
    if place.nested:
        return [
            {**each, str(kind.identity.namespace): namespace}
            for namespace, rows in body.items()
            for each in rows
        ]
    return [_row(kind, place, name, values) for name, values in body.items()]


def _row(kind: Kind, place: ConfigApi, name: str, values: Any) -> dict[str, RawValue]:
    """Return one object of a section; where an object is a bare text, it is the only property there is."""
    if isinstance(values, str) and kind.properties:
        values = {kind.properties[0].name: values}
    return {**place.sets, **({} if values is None else values), place.key: name}


def _privileges(rows: list[dict[str, RawValue]]) -> list[dict[str, RawValue]]:
    """Give one record a privilege, where config-api writes several letters in `PrivList`."""
    return [
        {**{name: value for name, value in row.items() if name != "PrivList"}, "Privilege": letter}
        for row in rows
        for letter in str(row.get("PrivList") or row.get("Privilege") or "")
    ]


def _add(document: Document, kind: Kind, values: dict[str, RawValue], variables: dict[str, str]) -> None:
    """Add an item, without the values that hold a variable which the document does not define."""
    filled = {name: _fill(value, variables) for name, value in values.items()}
    unread = [name for name, value in filled.items() if _VARIABLE.search(str(value))]
    if {*kind.identity.properties, kind.identity.namespace} & {*unread}:
        document.lost_item(kind.name)
        return
    known = {name: value for name, value in filled.items() if name not in unread}
    document.items.append(RawItem(kind, known, partial=True, unread=tuple(unread)))


def _fill(value: RawValue, variables: dict[str, str]) -> RawValue:
    """Put the document's own defaults in place of `${NAME}`, two levels deep."""
    if isinstance(value, list):
        return [_fill(each, variables) for each in value]
    if isinstance(value, dict):
        return {name: _fill(each, variables) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    for _depth in range(2):
        value = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), value)
    return value
