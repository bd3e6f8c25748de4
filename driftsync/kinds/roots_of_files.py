"""This module says which files an instance depends on, and after what each is called.

A file is called after what it belongs to (`web-application:/emr/index.csp`), for members keep it in different places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftsync.kinds.making import RawItem
from driftsync.normalize import is_path

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
SYSTEM = 1
"""The bit of `Type` that marks web applications of the product."""


@dataclass
class Roots:
    """Directories and single files to look at, each with the name under which its files go."""

    directories: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def add_directory(self, path: str, name: str) -> None:
        self.directories.setdefault(path.rstrip("/\\") or path, name)

    def add_path(self, path: str, name: str) -> None:
        """Add a file, or a directory where the path ends like one."""
        if path.endswith(("/", "\\")):
            self.add_directory(path, name)
        else:
            self.files.setdefault(path, f"{name}/{base_of(path)}")

    def name_of(self, path: str) -> str:
        """Return the name of a file: of what it belongs to, and where it lies below; else its path."""
        if path in self.files:
            return self.files[path]
        folded = path.replace("\\", "/")
        below = [each for each in self.directories if folded.startswith(each.replace("\\", "/") + "/")]
        root = max(below, key=len, default="")
        return f"{self.directories[root]}{folded[len(root) :]}" if root else path


def roots_of(items: Iterable[RawItem], named: Iterable[str]) -> Roots:
    """Derive what to look at from items of other kinds and from the paths of the settings."""
    roots = Roots()
    for item in items:
        name = f"{item.kind.name}:{item.values.get('Name')}"
        if item.kind.name == "web-application":
            path = str(item.values.get("Path") or "")
            if is_path(path) and not int(str(item.values.get("Type") or 0)) & SYSTEM:
                roots.add_directory(path, name)
        elif item.kind.name in {"language-server", "sql-gateway-connection"}:
            for path in class_path(item.values):
                roots.add_path(path, name)
    for path in named:
        if path.endswith(("/", "\\")):
            roots.add_directory(path, path.rstrip("/\\"))
        else:
            roots.files.setdefault(path, path)
    return roots


def class_path(values: Mapping[str, Any]) -> list[str]:
    """Return the paths that a language server or a gateway runs code from."""
    found: list[str] = []
    for name in ("Field1", "Field2", "Field3", "classpath"):
        value = str(values.get(name) or "")
        windows = _DRIVE.match(value)
        parts = value.split(";" if windows or ";" in value else ":")
        found += [part for part in parts if is_path(part)]
    return found


def base_of(path: str) -> str:
    """Return the last part of a path."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]
