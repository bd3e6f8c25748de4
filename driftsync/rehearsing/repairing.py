"""This module names the command that leads from a consequence to its repair: the one place that knows it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from driftsync.kinds import all_kinds

_PLAIN = re.compile(r"[\w@%+=:,./-]+")
_WITHIN_QUOTES = re.compile(r"[^\"$`\\!]+")


def command_for(member: str, key: str) -> str:
    """Return what to type to see, and then to carry out, what makes an item of `member` as it is on the primary."""
    return f"driftsync sync --member {quoted(member)} --item {quoted(key)}"


def explanation_of(key: str, kind: str, properties: Sequence[str]) -> str:
    """Return what to type where nothing can be planned: the member is the primary by now, or the item agrees."""
    declared = all_kinds()[kind]
    about = kind
    if declared.per_item:
        about = f"{kind}.{key.partition(':')[2]}"
    elif len(properties) == 1 and any(each.name == properties[0] for each in declared.properties):
        about = f"{kind}.{properties[0]}"
    return f"driftsync explain {quoted(about)}"


def readiness_of(member: str) -> str:
    """Return what to type about what is no item but a fact of the member."""
    return f"driftsync check --promote {quoted(member)}"


def quoted(word: str) -> str:
    """Return a word as a command line takes it, on Windows too wherever that is possible."""
    if _PLAIN.fullmatch(word):
        return word
    return f'"{word}"' if _WITHIN_QUOTES.fullmatch(word) else shlex.quote(word)
