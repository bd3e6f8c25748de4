"""This module makes an `Item` of what a file or a member said about one thing, as its kind declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from driftsync import normalize
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import declaration
from driftsync.kinds.settings_of_tasks import settings_of_task
from driftsync.kinds.spec import WHETHER_SET, Fold, Kind, Property, Shape, Treat
from driftsync.language import english as _
from driftsync.model import Gap, Item, ItemKey, Secret

RawValue = str | int | float | bool | list[Any] | dict[str, Any] | None


@dataclass(frozen=True)
class RawItem:
    """What one place in one document said about one thing, before anything was made of it."""

    kind: Kind
    values: Mapping[str, RawValue] = field(repr=False)
    line: int = 0
    partial: bool = False
    unread: tuple[str, ...] = ()
    """Properties that the document names without giving a value that can be used."""
    left_out: tuple[str, ...] = ()
    """Properties that were left out on purpose: unread, and told once for all items by whoever left them out."""


def folded_key(kind: Kind, namespace: str, identity: str) -> ItemKey:
    """Return the key of an item, its identity folded as IRIS folds it."""
    folded = identity
    if kind.identity.fold is not Fold.NONE:
        folded = identity.lower() if kind.identity.fold is Fold.LOWER else identity.upper()
    kept = identity if kind.identity.fold is Fold.LOWER and folded != identity else ""
    return ItemKey(kind.name, namespace, folded, kept)


def key_of(kind: Kind, values: Mapping[str, RawValue]) -> ItemKey:
    """Return the key of an item; raises `ValueError` where a part of its name is not there."""
    if kind.identity.fixed:
        return ItemKey(kind.name, "", kind.identity.fixed)
    parts = [_name(values, name) for name in kind.identity.properties]
    if not any(parts):
        raise ValueError("no name")
    escaped = [part.replace("/", "\\/") for part in parts[:-1]] + parts[-1:]
    namespace = ""
    if kind.identity.namespace:
        namespace = _name(values, kind.identity.namespace)
        if not namespace:
            raise ValueError("no namespace")
        if not kind.per_item:
            namespace = namespace.upper()
    return folded_key(kind, namespace, "/".join(escaped))


def _name(values: Mapping[str, RawValue], name: str) -> str:
    return normalize.text(values.get(name) if values.get(name) is not None else "") or ""


def moves_by_itself(raw: RawItem) -> bool:
    """Say whether the whole item is of no interest: a setting whose only value is ignored, a set that holds nothing."""
    whole = not (raw.unread or raw.left_out or raw.partial)
    if whole and raw.kind.says_nothing and raw.kind.says_nothing(raw.values):
        return True
    per_item = raw.kind.per_item
    return per_item is not None and not per_item(_name(raw.values, "Section"), _name(raw.values, "Name")).kept


class Maker:
    """Makes items of one member: knows its key for secrets and the directories that stand for themselves."""

    def __init__(self, fingerprinter: Fingerprinter, directories: Mapping[str, str] | None = None) -> None:
        self._fingerprinter = fingerprinter
        self._directories = directories or {}

    def make(self, raw: RawItem) -> tuple[Item, list[Gap]]:
        """Return the item and a gap for each property that has another shape than its kind declares.

        Raises `ValueError` where the item cannot even be named.
        """
        return _Making(raw, self._fingerprinter, self._directories).finish()


class _Making:
    def __init__(self, raw: RawItem, fingerprinter: Fingerprinter, directories: Mapping[str, str]) -> None:
        self.raw, self.kind = raw, raw.kind
        self.fingerprinter, self.directories = fingerprinter, directories
        self.key = key_of(raw.kind, raw.values)
        self.compared: dict[str, Any] = {}
        self.local: dict[str, Any] = {}
        self.unlisted: dict[str, Any] = {}
        self.unread = [*raw.unread, *raw.left_out]
        self.secret_parts: dict[str, list[tuple[Property, str]]] = {}

    def finish(self) -> tuple[Item, list[Gap]]:
        named = {*self.kind.identity.properties, self.kind.identity.namespace}
        for name, value in self.raw.values.items():
            if name not in named and value is not None:
                self._take(name, value)
        self._join_secrets()
        if not self.raw.partial:
            self._inherit()
        self._drop_what_does_not_count()
        item = Item(
            key=self.key,
            compared=self.compared,
            local=self.local,
            unlisted=self.unlisted,
            unread=tuple(sorted(self.unread)),
            partial=self.raw.partial,
        )
        return item, [
            Gap(
                reason=_("its value could not be read: refused, filled in only later, or undecodable")
                if name in self.raw.unread
                else _("the value has another shape than this property has, or names something unknown"),
                kind=self.kind.name,
                namespace=self.key.namespace,
                key=str(self.key),
                property=name,
            )
            for name in item.unread
            if name not in self.raw.left_out
        ]

    def _take(self, name: str, value: RawValue) -> None:
        declared = declaration(self.kind, self.key.namespace, self.key.identity, name)
        if declared is None:
            if value not in ("", [], {}):
                self.unlisted[name] = self._secret(name, _flat(value))
            return
        if not declared.kept:
            return
        if declared.treat is Treat.SECRET:
            if clear := _flat(value):
                self.secret_parts.setdefault(declared.part_of or name, []).append((declared, clear))
            return
        try:
            made = self._shape(declared, value)
        except (ValueError, OverflowError):
            self.unread.append(name)
            return
        if made in (None, [], {}):
            return
        if declared.treat is Treat.LOCAL:
            self.local[name] = _flat(value) if declared.shape is Shape.PATH else made
            if declared.presence:
                word = _flat(value)  # a word of IRIS, such as %OSCertificateStore, is no file
                self.compared[f"{name}{WHETHER_SET}"] = word if word.startswith("%") else True
        else:
            self.compared[name] = made
            shown = not isinstance(made, Secret)
            if shown and declared.shape in {Shape.PATH, Shape.PATHS, Shape.GUARDED} and made != _flat(value):
                self.local[name] = _flat(value)

    def _shape(self, declared: Property, value: RawValue) -> Any:
        match declared.shape:
            case Shape.NUMBER:
                return normalize.number(value)
            case Shape.FLAG:
                return normalize.flag(value)
            case Shape.CHOICE:
                return normalize.choice(value, declared.values)
            case Shape.MASK:
                return normalize.mask(value, declared.values)
            case Shape.SET:
                made = normalize.names(value, declared.separator, declared.inner)
                return [each.upper() for each in made] if made and declared.upper else made
            case Shape.LIST:
                return normalize.ordered(value, declared.separator)
            case Shape.PAIRS:
                return normalize.pairs(value, declared.values)
            case Shape.RECORDS:
                return settings_of_task(value, self.raw.values, self._secret_setting, self.directories)
            case Shape.HOROLOG:
                return normalize.horolog(value)
            case Shape.PATH:
                return normalize.path(value, self.directories)
            case Shape.URL:
                return self._url(declared.name, value)
            case Shape.GUARDED:
                return self._guarded(declared.name, value)
            case Shape.PATHS:
                return normalize.paths(value, self.directories)
            case Shape.TIME:
                return normalize.time(value)
        made_text = normalize.text(value)
        return made_text.upper() if made_text and declared.upper else made_text

    def _guarded(self, name: str, value: RawValue) -> Any:
        clear = _flat(value)
        if not clear:
            return None
        return (
            normalize.path(clear, self.directories) if normalize.is_path(clear) else self._secret(name, clear)
        )

    def _url(self, name: str, value: RawValue) -> Any:
        shown = normalize.url(value)
        if shown is None:
            return None
        return {"shown": shown, "whole": self._secret(name, _flat(value))}

    def _secret(self, name: str, clear: str) -> Secret:
        return self.fingerprinter.fingerprint(f"{self.key.match} {name}", clear)

    def _secret_setting(self, name: str, clear: str) -> Secret:
        return self._secret(f"Settings {name}", clear)

    def _join_secrets(self) -> None:
        for name, parts in self.secret_parts.items():
            ordered = sorted(parts, key=lambda part: part[0].name)
            clear = tuple(value for declared, value in ordered if not declared.salt)
            salt = tuple(value for declared, value in ordered if declared.salt)
            if len(clear) == 1 and ordered[0][0].salted:
                hashed, *rest = clear[0].split(",")
                clear, salt = (hashed,), tuple(rest)
            if clear:
                place = f"{self.key.match} {name}"
                self.compared[name] = self.fingerprinter.fingerprint(place, *clear, context=salt)

    def _inherit(self) -> None:
        for declared in self.kind.properties:
            heir, source = declared.name, declared.default_from
            if source and heir not in self.compared and heir not in self.unread and source in self.compared:
                self.compared[heir] = self.compared[source]

    def _drop_what_does_not_count(self) -> None:
        for declared in self.kind.properties:
            if declared.only_when is None:
                continue
            other, values = declared.only_when
            if other in self.unread:
                continue
            counts = str(self.compared.get(other, self.local.get(other, ""))) in values
            if not counts and not (self.raw.partial and other not in self.raw.values):
                self.compared.pop(declared.name, None)
                self.local.pop(declared.name, None)


def _flat(value: RawValue) -> str:
    """Give any raw value as one text, for fingerprints and raw paths."""
    if isinstance(value, dict):
        return "\x1e".join(f"{name}\x1f{_flat(inner)}" for name, inner in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return "\x1e".join(_flat(inner) for inner in value)
    return normalize.text("" if value is None else value) or ""
