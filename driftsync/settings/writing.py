"""This module makes the text of a `driftsync.toml` for a mirror of running members."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from driftsync.settings.login import DEFAULT_PORT

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class Listed:
    """One member as it shall stand in the file."""

    name: str
    host: str
    port: int = DEFAULT_PORT
    comments: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    """Names for the member's own directories."""


def settings_text(
    mirror: str, words: Mapping[str, Any], members: Sequence[Listed], comments: Sequence[str] = ()
) -> str:
    """Return the file: comments, what counts for all members of the mirror, then each member in order."""
    lines = [*map(_comment, comments), "", f"[mirror.{_key(mirror)}]"]
    lines += [f"{name} = {_value(value)}" for name, value in words.items()]
    for member in members:
        lines += ["", f"[member.{_key(member.name)}]", *map(_comment, member.comments)]
        lines += [f"host = {_value(member.host)}", f"port = {member.port}"]
        if member.paths:
            lines += ["", f"[member.{_key(member.name)}.paths]"]
            lines += [f"{_key(name)} = {_value(path)}" for name, path in member.paths.items()]
    return "\n".join(lines).lstrip("\n") + "\n"


def _comment(sentence: str) -> str:
    return f"# {' '.join(sentence.split())}".rstrip()


def _key(name: str) -> str:
    return name if _BARE.match(name) else _value(name)


def _value(value: Any) -> str:
    """Return a text or a flag as TOML spells it; what JSON escapes, TOML escapes alike."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
