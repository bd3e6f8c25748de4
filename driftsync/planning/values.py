"""This module makes of the primary's item what is to be written to the member: plain values of the member's own host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftsync import normalize
from driftsync.kinds import declaration
from driftsync.kinds.spec import WHETHER_SET, Kind, Property, Route, Shape, Treat
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import Facts, Item, ItemKey, Secret, Value
from driftsync.planning.whose import Why

_NAMED_DIRECTORY = re.compile(r"\$\{(\w+)\}")
IN_TEXT = frozenset({Route.MANIFEST, Route.MERGE_FILE, Route.CONFIG_API, Route.TASK_XML})
"""Routes that somebody else can carry out."""
SET_BY_IRIS = frozenset({("user", "Flags")})
"""What IRIS itself gives to a new item, rightly."""


@dataclass
class Written:
    """What of one item can be written, and what not."""

    sets: dict[str, Value] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    """Those that can be carried."""
    not_carried: list[str] = field(default_factory=list)
    refused: dict[str, Why] = field(default_factory=dict)
    """Property → why it is not written."""


def identity_of(kind: Kind, key: ItemKey) -> dict[str, str]:
    """Return the properties that name an item, as spelled and without escapes."""
    if kind.identity.fixed:
        return {}
    rest, parts = key.spelled or key.identity, []
    for _name in kind.identity.properties[:-1]:
        match = re.search(r"(?<!\\)/", rest)
        at = match.start() if match else len(rest)
        parts.append(rest[:at].replace("\\/", "/"))
        rest = rest[at + 1 :]
    named = dict(zip(kind.identity.properties, [*parts, rest], strict=True))
    return {**({kind.identity.namespace: key.namespace} if kind.identity.namespace else {}), **named}


def brought_by(kind: Kind, member: Item | None) -> dict[str, str]:
    """Return what of a member's own its object is brought by, beside its name: an address, a directory."""
    if member is None or not isinstance(kind.written, ByObject):
        return {}
    keys: dict[str, str | None] = {
        name: "" for name in kind.written.key if name not in kind.identity.properties
    }
    keys.update(dict.fromkeys(name for other in kind.written.beside.values() for name in other.key))
    own = {name: member.local.get(name, none) for name, none in keys.items() if _is_local(kind, name)}
    return {name: str(value) for name, value in own.items() if value is not None}


def _is_local(kind: Kind, name: str) -> bool:
    declared = kind.declared(name)
    return declared is not None and declared.treat is Treat.LOCAL


class Writing:
    """Makes values for one member."""

    def __init__(self, facts: Facts) -> None:
        self._paths, self._release = facts.paths, normalize.release_parts(facts.release)

    def of(
        self, kind: Kind, item: Item | None, key: ItemKey, names: Iterable[str], *, creating: bool
    ) -> Written:
        """Return what of the primary's item is written for the properties in `names`."""
        found = Written()
        stated: Mapping[str, Any] = item.compared if item else {}
        for name in names:
            declared = declaration(kind, key.namespace, key.identity, name)
            value = stated.get(name)
            if item is not None and name in item.unread:
                found.refused[name] = (_("the primary's value could not be read"), kind.portal)
            elif declared is None:
                found.refused[name] = (
                    _("no declaration lists this property: its value is not known, and might be a secret"),
                    kind.portal,
                )
            elif refused := self._refused(kind, declared, name, value, creating=creating):
                if (
                    not (creating and declared.treat is Treat.READ_ONLY)
                    and (kind.name, name) not in SET_BY_IRIS
                ):
                    found.refused[name] = refused
            else:
                self._take(kind, declared, name, value, found)
        return found

    def _refused(
        self, kind: Kind, declared: Property, name: str, value: Value, *, creating: bool
    ) -> Why | None:
        if creating and (kind.name, name) in SET_BY_IRIS:
            return "", ""
        if declared.treat is Treat.READ_ONLY:
            return declared.because, kind.instead or kind.portal
        form = self._form(kind, declared)
        if form is None:
            return _("no class interface is established for it"), kind.instead or kind.portal
        if name in form.leaves:
            return form.leaves[name], kind.portal
        if name.endswith(WHETHER_SET) and value is not None and not isinstance(value, str):
            return (
                _("each host has its own, and which one belongs here is not known"),
                kind.portal,
            )
        if declared.since and self._release and self._release < normalize.release_parts(declared.since):
            return _("the release of the member has no such property"), _("update the member")
        return None

    def _form(self, kind: Kind, declared: Property) -> ByObject | None:
        if not isinstance(kind.written, ByObject):
            in_text = not IN_TEXT.isdisjoint(kind.routes)
            return ByObject(keeps=".") if kind.written or in_text else None
        return kind.written.beside.get(declared.beside, kind.written)

    def _take(self, kind: Kind, declared: Property, name: str, value: Value, found: Written) -> None:
        if name.endswith(WHETHER_SET):
            found.sets[name.removesuffix(WHETHER_SET)] = value
            return
        if declared.treat is Treat.SECRET or holds_secret(value):
            carries = kind.written.carries if isinstance(kind.written, ByObject) else frozenset()
            (found.secrets if name in carries else found.not_carried).append(name)
            return
        try:
            found.sets[name] = self._here(value) if value is not None else empty(declared)
        except KeyError as unknown:
            found.refused[name] = (
                _("it names a directory of the primary, and this member's own {name} is not known").format(
                    name=f"${{{unknown.args[0]}}}"
                ),
                _("state it in [member.NAME.paths] of the settings"),
            )

    def here(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return what the member holds with its own directories; one that is not known keeps its name."""
        found = {}
        for name, value in values.items():
            try:
                found[name.removesuffix(WHETHER_SET)] = self._here(value)
            except KeyError:
                found[name] = value
        return found

    def _here(self, value: Value) -> Value:
        """Put this member's own directories in place of their names. Raises `KeyError` for one that is not known."""
        if isinstance(value, str):
            return _NAMED_DIRECTORY.sub(lambda named: self._paths[named[1]].rstrip("/\\") or "/", value)
        if isinstance(value, list):
            return [self._here(each) for each in value]
        if isinstance(value, dict):
            return {name: self._here(each) for name, each in value.items()}
        return value


def empty(declared: Property) -> Value:
    """Return what stands for an absent value when it has to be written."""
    if declared.default is not None or "." in declared.name:  # of an object of its own much is never set
        return declared.default
    return {Shape.FLAG: False, Shape.MASK: 0}.get(declared.shape)


def holds_secret(value: Value) -> bool:
    """Say whether a secret stands anywhere in a value."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(map(holds_secret, value.values()))
    return isinstance(value, list) and any(map(holds_secret, value))


def shown(values: Mapping[str, Value], names: Iterable[str]) -> dict[str, Value]:
    """Return values without whatever holds a secret."""
    found = {name: values.get(name, values.get(f"{name}{WHETHER_SET}")) for name in names}
    return {name: value for name, value in found.items() if not holds_secret(value)}
