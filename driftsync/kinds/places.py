"""This module holds the words for where items of a kind stand in the documents an administrator has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CpfRows:
    """A CPF section with one item a line: `NAME=field,field`. `Map.*` puts the rest into the namespace."""

    section: str
    fields: tuple[str, ...]
    """The properties that the positions hold, in order."""
    separator: str = ","
    prefix: str = ""
    """What a line of this kind begins with, where kinds share a section: `Global_`."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Properties that the section itself states."""


@dataclass(frozen=True)
class CpfSection:
    """A CPF section that is one item, its keys being the properties."""

    section: str


@dataclass(frozen=True)
class CpfSettings:
    """CPF sections in which every key is an item of its own."""

    sections: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """A record of the security export, by its tag (`Roles`), not by the container it stands in."""

    tag: str


@dataclass(frozen=True)
class TaskRecord:
    """A `<Task>` of a task export."""


@dataclass(frozen=True)
class ConfigApi:
    """A section of a config-api document; `key` is the property that its object keys hold."""

    section: str
    key: str = "Name"
    nested: bool = False
    """Whether objects are arrays below a namespace: `{"USER": [{...}]}`."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Properties that the section itself states."""
    omits: frozenset[str] = frozenset()
    """Properties that it cannot state."""
    empties: bool = False
    """Whether loading an object empties what it does not state, so that nothing that is there can be changed in part."""


@dataclass(frozen=True)
class Action:
    """A noun of the merge file's `[Actions]`: `CreateRole`, `ModifyRole`."""

    noun: str
    verbs: frozenset[str] = frozenset({"Create", "Modify", "Delete"})
    """What can be done by it."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Property → its word in the action, where that is another."""
    omits: frozenset[str] = frozenset()
    """Properties that it cannot state."""
    needs: frozenset[str] = frozenset()
    """Properties without which nothing can be created."""
    filled: frozenset[str] = frozenset()
    """Properties that it cannot empty."""


Place = CpfRows | CpfSection | CpfSettings | Record | TaskRecord | ConfigApi | Action
