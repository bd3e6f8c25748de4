"""This module holds the words in which a kind says how its items are written on a running member.

Only what `api.md` 3 and 5 support is declared; a kind that declares nothing is never written, and the planner names the
way that would work. Who writes reads this and nothing else: which class, how an object is brought, made and deleted,
and under which names its properties are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ByObject:
    """An object is brought (or made), its properties are set, and it is saved (api.md 3, ways A and B)."""

    iris_class: str = ""
    """Where it is not that of the kind. `{Section}` stands for a property of the identity."""
    class_by: tuple[str, Mapping[str, str]] | None = None
    """Where a property of the identity chooses the class."""
    opener: str = "Exists"
    """The class method that brings it. `Exists` takes the key, the object by reference and a status by reference;
    `Open`, `NameIndexOpen` and `%OpenId` take the key and return it."""
    key: tuple[str, ...] = ("Name",)
    """Properties of the identity that `opener` and `deletes` take, in order."""
    literal: tuple[str, ...] = ()
    """What `opener` takes instead, for the only object of its class."""
    found_by: str = ""
    """The SELECT that gives the id from the identity, in its order, where the id is a local counter."""
    creates: str = "%New"
    """How a new one is made: `%New`, or a class method with the properties in `arguments`; empty: not at all."""
    arguments: tuple[str, ...] = ()
    deletes: str = "Delete"
    """The class method that deletes one; empty: never deleted by this tool."""
    by_id: bool = False
    """Whether `deletes` takes the id of the open object, a local counter, and not the key."""
    taken_back: str = ""
    """Where `deletes` is empty: the class method by which a run deletes again what it has made itself, unless …"""
    unless: tuple[str, Callable[[Mapping[str, Any]], bool]] | None = None
    """… the member has an item of this kind of which this is so."""
    keeps: str = ""
    """Why it is never made, or never deleted, where one of the two is empty."""
    saves: str = "%Save"
    """The method of the object that keeps it."""
    activates: str = ""
    """The method of the object that brings a saved one to life."""
    batched: bool = False
    """Whether items of one namespace are saved with `Flags` 1 and activated together (api.md 2.4)."""
    texts: frozenset[str] = frozenset()
    """Sets that the class keeps as one text, not as a collection."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Property that is an object of its own → its class; its properties are named with a dot, its sets are `$LIST`s."""
    links: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    """Property that is another item's object → class, class method that brings it, the property that names it."""
    afterwards: str = ""
    """What a person has to see to once a new one is made."""
    stored_as: Mapping[str, str] = field(default_factory=dict)
    """Property → the name under which the object takes it, where that is another."""
    made_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Setting that the class only shows → the properties that its elements are set by, in order; none: by no property."""
    carries: frozenset[str] = frozenset()
    """Secret properties that can be read from one member and set on another."""
    own: tuple[str, ...] = ()
    """Properties that are each host's own and without which a new one is of no use."""
    leaves: Mapping[str, str] = field(default_factory=dict)
    """Property → why it is never written this way."""
    beside: Mapping[str, ByObject] = field(default_factory=dict)
    """Where properties that stand in another place (`label`) are written."""
    at_once: bool = False
    """Whether people notice it the moment it is saved."""

    @property
    def taken_back_by(self) -> str:
        """The class method by which a run deletes what it has made; empty: it stays."""
        return self.deletes or self.taken_back

    def __str__(self) -> str:
        return f"{self.saves}()"


@dataclass(frozen=True, kw_only=True)
class ByStatement:
    """SQL statements, carried out in the namespace of the item (api.md 5.10)."""

    grant: str
    """Braces hold properties; `{object}` and `{privilege}` are made of them as `words` says."""
    revoke: str
    option: str = ""
    """What is added where the grantee may pass it on."""
    option_only: str = ""
    """The statement that takes no more than the right to pass it on, where SQL has one."""
    role: tuple[str, str] = ("", "")
    """The properties that name a role which is given, or taken, along with the right to pass it on, and who holds it."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Code of a privilege → its word."""
    each: Mapping[str, str] = field(default_factory=dict)
    """Property → the privilege that it is about, where an item holds many: 0 not held, 1 held, 2 held and passed on."""
    types: frozenset[str] = frozenset()
    """What the number before the comma of `SQLObject` may be; other objects are not written."""
    at_once: bool = True

    def __str__(self) -> str:
        return "GRANT, REVOKE"


Written = ByObject | ByStatement


def in_cpf(iris_class: str) -> bool:
    """Say whether what a class holds stands in the CPF: `Config.*` (api.md 2.4)."""
    return iris_class.startswith("Config.")


def contradictions(written: ByObject, known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each word that names no property, or lacks a reason, with what is wrong about it; `known` are properties."""
    if not (written.creates and written.deletes) and not written.keeps:
        yield "keeps", "what is never made or never deleted needs a reason"
    own = {*written.key, *written.arguments, *written.own}
    named = (*own, *written.texts, *written.links, *written.stored_as, *written.carries, *written.leaves)
    for name in named:
        if name not in known and not written.found_by:
            yield name, "is written and not declared"
    if {name.partition(".")[0] for name in known if "." in name} != set(written.parts):
        yield "parts", "names the class of each object that has properties with a dot"
