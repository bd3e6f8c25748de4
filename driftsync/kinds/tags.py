"""This module holds the words in which a kind says by which tag of a `%Installer` Manifest an item is made.

`api.md` 3.2 and the classes `%Installer.*` say which tags and attributes there are; those of later releases are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag that creates an item; a Manifest changes nothing that is there, single settings excepted."""

    name: str
    attributes: Mapping[str, str]
    """Property, or part of the item's name, → attribute."""
    within: str = ""
    """The tag that it stands in, below its namespace: `Configuration`."""
    namespace: str = ""
    """The property that says in which namespace it stands; `%SYS` itself where it stands in that."""
    needs: frozenset[str] = frozenset()
    """Attributes that the tag requires, and that may not be empty."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Attributes that are always the same."""
    takes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Attributes that take only some of the values that the property has."""
    absent: Mapping[str, Any] = field(default_factory=dict)
    """What a new item has in properties that are left out, where it is not nothing (initial values of the class)."""
    secret: str = ""
    """The attribute that takes the name of a variable which holds the password."""
    changes: bool = False
    """Whether it also changes what is there."""
