"""This module finds what the user means by a member: a name in the settings, a snapshot, a file or a folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from driftsync.cli import progress
from driftsync.cli.reading import read_members
from driftsync.comparing import Lines, Scope
from driftsync.documents import read_member
from driftsync.documents.recognising import is_snapshot
from driftsync.errors import DriftsyncError, UsageError
from driftsync.files import SnapshotFile, SnapshotInMemory
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.language import _
from driftsync.settings import Settings, find_settings, read_settings


def settings_or_none(named: Path | None) -> Settings | None:
    """Read the settings that were named, or those that are found here; none is no error."""
    path = find_settings(named)
    if path is None:
        return None
    settings = read_settings(path)
    for member in settings.member.values():
        check_whole(member.whole)
    for rule in settings.rule:
        if rule.kind:
            check_kind(rule.kind)
    return settings


def needed_settings(named: Path | None) -> Settings:
    """Read the settings; raises `UsageError` where there are none."""
    found = settings_or_none(named)
    if found is None:
        raise UsageError(
            _("there is no driftsync.toml here or in a folder above"),
            hint=_("`driftsync init` writes one; or name one with --settings"),
        )
    return found


def one_mirror(settings: Settings, named: str) -> str:
    """Return the mirror that is meant; raises `UsageError` where that is not clear."""
    names = list(settings.mirror)
    if named in names or (not named and len(names) == 1):
        return named or names[0]
    raise UsageError(
        _("{path} has no mirror {name}").format(path=settings.path, name=named)
        if named
        else _("{path} has several mirrors").format(path=settings.path),
        hint=_("say --mirror with one of: {names}").format(names=", ".join(names)),
    )


def open_members(
    words: list[str],
    settings: Settings | None,
    scope: Scope,
    *,
    whole: Iterable[str] = (),
    quiet: bool = False,
    logs_since: datetime | None = None,
) -> list[Lines]:
    """Return members' items as lines, read side by side. A name in the settings wins over a file of the same name.

    Raises the first error where one of them cannot be read.
    """
    declared = list(whole)
    named = {word: settings.named(word) for word in words} if settings else {}
    configured = [name for name in dict.fromkeys(named.values()) if name]
    found: dict[str, Lines | DriftsyncError] = {}
    if settings and configured:
        found = read_members(configured, settings, scope, whole=declared, quiet=quiet, logs_since=logs_since)
    opened: list[Lines] = []
    for word in words:
        lines = found[name] if (name := named.get(word)) else _open_file(word, declared, quiet=quiet)
        if isinstance(lines, DriftsyncError):
            raise lines
        opened.append(lines)
    return opened


def _open_file(word: str, whole: list[str], *, quiet: bool) -> Lines:
    path = Path(word)
    if is_snapshot(path):
        return SnapshotFile(path)
    with progress.shown(_("reading {member}").format(member=word), None, quiet=quiet) as tell:
        return SnapshotInMemory(
            read_member(path, fingerprinter=own_fingerprinter(), whole=whole, progress=tell)
        )


def scope_of(
    kinds: list[str] | None, exclude: list[str] | None, settings: Settings | None, *, site_only: bool
) -> Scope:
    """Return the scope: what the command line says, else what the settings say."""
    configured = settings.scope if settings else None
    only = kinds or (configured.kinds if configured else [])
    without = [*(exclude or []), *(configured.exclude if configured else [])]
    for name in (*only, *without):
        check_kind(name)
    return Scope(
        only=frozenset(only),
        without=frozenset(without),
        site_only=site_only or bool(configured and configured.site_only),
    )


def check_kind(name: str) -> None:
    """Raise `UsageError`, naming what comes close, for a kind that is not declared."""
    if name in all_kinds():
        return
    import difflib

    near = difflib.get_close_matches(name, all_kinds(), n=3)
    raise UsageError(
        _("there is no kind {name}").format(name=name),
        hint=_("did you mean {near}?").format(near=", ".join(near))
        if near
        else _("`driftsync kinds` lists them"),
    )


def check_whole(names: Iterable[str]) -> list[str]:
    """Return the names after `--whole` or `whole =`, each checked."""
    checked = list(names)
    for name in checked:
        if name != "all":
            check_kind(name)
    return checked
