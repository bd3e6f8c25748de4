"""This module reads the JSON of config-api (lscalese/iris-config-api). Facts: formats.md 6; api.md 3.3."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from driftsync.documents.document import Document
from driftsync.errors import DocumentError
from driftsync.kinds import places
from driftsync.kinds.making import RawItem, RawValue
from driftsync.kinds.spec import ConfigApi, Kind
from driftsync.language import _
from driftsync.model import Coverage

FORMAT = "config-api"
DEFAULTS = "Defaults"

OTHER_SECTIONS = frozenset(
    {
        "Defaults", "SYS.Databases", "MapMirrors", "MapShadows", "Mirrors", "MirrorMember", "SYS.MirrorMaster",
        "SYS.MirrorFailOver", "Shadows", "ZPM", "NLS.Locales", "MagTapes",
    }
)  # fmt: skip
"""Sections that config-api has and that say nothing about an item that can be compared from here."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def looks_like_config_api(found: Any) -> bool:
    """Say whether decoded JSON is an object with at least one section of config-api."""
    return isinstance(found, dict) and any(name in OTHER_SECTIONS or name in _by_section() for name in found)


def _by_section() -> dict[str, tuple[Kind, ConfigApi]]:
    return {place.section: (kind, place) for kind, place in places() if isinstance(place, ConfigApi)}


def read_config_api(path: Path, content: bytes) -> Document:
    """Read a config-api document: an intention, so always partial."""
    found = parse_json(path, content)
    document = Document(path, FORMAT)
    variables = {name: str(value) for name, value in (found.get(DEFAULTS) or {}).items()}
    passed_over = []
    for section, body in found.items():
        if section == DEFAULTS:
            continue
        known = _by_section().get(section)
        if known is None:
            passed_over.append(section)
            continue
        kind, place = known
        if kind.name == "sql-privilege" and isinstance(body, list):
            document.saw(kind.name, Coverage.PARTIAL)
            rows = _privileges([row for row in body if isinstance(row, dict)])
            document.items.extend(_item(kind, row, variables) for row in rows)
            continue
        if not isinstance(body, dict):
            raise DocumentError(path, _("section {name} is no JSON object").format(name=section), line=1)
        document.saw(kind.name, Coverage.PARTIAL)
        document.items.extend(
            _item(kind, values, variables) for values in _objects(path, kind, place, section, body)
        )
    if passed_over:
        document.remarks.append(
            _("sections not looked at: {names}").format(names=", ".join(sorted(passed_over)))
        )
    return document


def parse_json(path: Path, content: bytes) -> dict[str, Any]:
    """Decode a JSON object; raises `DocumentError` with the line."""
    try:
        found = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        at = re.search(r"byte (\d+)", str(error))
        line = content[: int(at[1])].count(b"\n") + 1 if at else content.count(b"\n") + 1
        raise DocumentError(
            path,
            _("the JSON ends too early or is damaged here"),
            line=line,
            hint=_("the file was cut or edited; export it again"),
        ) from None
    if not isinstance(found, dict):
        raise DocumentError(path, _("is JSON, but no object with sections"), line=1)
    return found


def _objects(
    path: Path, kind: Kind, place: ConfigApi, section: str, body: dict[str, Any]
) -> list[dict[str, RawValue]]:
    if kind.per_item:
        return [{"Section": section, "Name": name, "Value": value} for name, value in body.items()]
    if kind.identity.fixed:
        return [dict(body)]
    try:
        if place.nested:
            return [
                {**each, str(kind.identity.namespace): namespace}
                for namespace, rows in body.items()
                for each in rows
            ]
        return [_row(kind, place, name, values) for name, values in body.items()]
    except TypeError:
        raise DocumentError(
            path, _("section {name} has another shape than config-api writes").format(name=section), line=1
        ) from None


def _row(kind: Kind, place: ConfigApi, name: str, values: Any) -> dict[str, RawValue]:
    """Return one object of a section; where an object is a bare text, it is the only property there is."""
    if isinstance(values, str):
        values = {kind.properties[0].name: values}
    return {**place.sets, **(values or {}), place.key: name}


def _privileges(rows: list[dict[str, RawValue]]) -> list[dict[str, RawValue]]:
    """Give one record a privilege, where config-api writes several letters in `PrivList`."""
    return [
        {**{name: value for name, value in row.items() if name != "PrivList"}, "Privilege": letter}
        for row in rows
        for letter in str(row.get("PrivList") or row.get("Privilege") or "")
    ]


def _item(kind: Kind, values: dict[str, RawValue], variables: dict[str, str]) -> RawItem:
    filled: dict[str, RawValue] = {}
    unread = []
    named = {*kind.identity.properties, kind.identity.namespace}
    for name, value in values.items():
        known = _fill(value, variables) if isinstance(value, str) else value
        if isinstance(known, str) and _VARIABLE.search(known) and name not in named:
            unread.append(name)
        else:
            filled[name] = known
    return RawItem(kind, filled, partial=True, unread=tuple(unread))


def _fill(value: str, variables: dict[str, str]) -> str:
    """Put the document's own defaults in place of `${NAME}`, two levels deep."""
    for _depth in range(2):
        value = _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), value)
    return value
