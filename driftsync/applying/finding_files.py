"""This module sees that a directory or file that a plan names is there on the member, where the primary has its own.

An application, a gateway or a language server that is written with a path of this host, and finds nothing there, is
repaired on paper only (mirror.md 4). What the primary does not find either is not the plan's to judge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from driftsync.applying.failures import Stopped
from driftsync.connections.failures import CallFailed
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.values import as_flag
from driftsync.kinds import declaration
from driftsync.kinds.spec import Kind, Shape
from driftsync.language import english as _
from driftsync.model import Action, Item

FILES = "%Library.File"
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_ABSOLUTE = re.compile(r"[\\/]|[A-Za-z]:[\\/]")
MADE_LATER = frozenset({"OutputFilename"})
"""What a task writes itself when it runs."""


class Files:
    """What is there on two hosts, asked once for each path."""

    def __init__(
        self, member: PermittedConnection, primary: PermittedConnection, names: tuple[str, str]
    ) -> None:
        """`names` are those of the member and of the primary."""
        self._sides = ((names[0], member), (names[1], primary))
        self._known: dict[tuple[str, str], bool] = {}

    def must_be_there(self, kind: Kind, action: Action, rule: Item | None) -> None:
        """Raise `Stopped` for a path of an action that the member lacks and the primary has, or cannot be asked for."""
        for name, value in action.sets.items():
            declared = declaration(kind, action.namespace, action.identity.get("Name", ""), name)
            if declared is None or name in MADE_LATER or declared.shape not in {Shape.PATH, Shape.PATHS}:
                continue
            theirs = paths_in(_raw(rule, name))
            for place, path in enumerate(paths_in(value)):
                if self._there(0, path):
                    continue
                if len(theirs) > place and not self._there(1, theirs[place]):
                    continue
                raise Stopped(
                    _("{key}: {path} is not there on {member}, and the primary has its own").format(
                        key=action.key, path=path, member=self._sides[0][0]
                    ),
                    hint=_("copy it there first, or leave the item out with --keep {key}").format(
                        key=action.key
                    ),
                )

    def _there(self, side: int, path: str) -> bool:
        name, connection = self._sides[side]
        if (name, path) not in self._known:
            try:
                self._known[name, path] = any(
                    as_flag(connection.call(FILES, method, path).value)
                    for method in ("DirectoryExists", "Exists")
                )
            except (CallFailed, ValueError) as error:
                raise Stopped(
                    _("{member}: whether {path} is there could not be asked: {why}").format(
                        member=name, path=path, why=why(error)
                    ),
                    hint=_("`driftsync doctor` says what stands in the way"),
                ) from error
        return self._known[name, path]


def _raw(item: Item | None, name: str) -> Any:
    values: Mapping[str, Any] = {**item.compared, **item.local} if item else {}
    return values.get(name)


def paths_in(value: Any) -> list[str]:
    """Return the absolute paths of a value: of a list, or of a text that joins them by colons, on Windows by semicolons."""
    if isinstance(value, list):
        return [path for each in value for path in paths_in(each)]
    if not isinstance(value, str):
        return []
    windows = ";" in value or _DRIVE.match(value)
    return [each for each in value.split(";" if windows else ":") if _ABSOLUTE.match(each)]
