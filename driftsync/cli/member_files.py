"""This module takes `MEMBER=FILE`, as `--log` and `--status` have it: files that were copied from a member's host."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from driftsync.errors import UsageError
from driftsync.language import _


def files_of(
    option: str, words: Iterable[str], members: Iterable[str], example: str
) -> dict[str, list[Path]]:
    """Return the files by member; raises `UsageError` for anything else than `MEMBER=FILE`."""
    known = list(members)
    found: dict[str, list[Path]] = {}
    for word in words:
        member, equals, path = word.partition("=")
        if not equals or not path:
            raise UsageError(
                _("{option} {word}: not MEMBER=FILE").format(option=option, word=word),
                hint=_("for instance {example}").format(example=f"{option} {example}"),
            )
        if member not in known:
            raise UsageError(
                _("{option}: {member} is no member of the settings").format(option=option, member=member),
                hint=_("they have: {names}").format(names=", ".join(known)),
            )
        if not Path(path).is_file():
            raise UsageError(_("{option}: there is no file {path}").format(option=option, path=path))
        found.setdefault(member, []).append(Path(path))
    return found
