"""This module finds what the user means by a member: a name in the settings, a snapshot, a file or a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from driftsync.cli import progress
from driftsync.comparing import Lines, Scope
from driftsync.documents import read_member
from driftsync.documents.recognising import is_snapshot
from driftsync.errors import UsageError
from driftsync.files import SnapshotFile, SnapshotInMemory
from driftsync.fingerprinting import own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.language import _
from driftsync.settings import Settings, find_settings, read_settings


def settings_or_none(named: Path | None) -> Settings | None:
    """Read the settings that were named, or those that are found here; none is no error."""
    path = find_settings(named)
    return read_settings(path) if path else None


def open_member(
    word: str, settings: Settings | None, *, whole: Iterable[str] = (), quiet: bool = False
) -> Lines:
    """Return a member's items as lines. A name in the settings wins over a file of the same name."""
    configured = settings.named(word) if settings else None
    if settings and configured:
        return open_configured(configured, settings, whole=whole, quiet=quiet)
    path = Path(word)
    if is_snapshot(path):
        return SnapshotFile(path)
    with progress.shown(_("reading {member}").format(member=word), None, quiet=quiet) as tell:
        return SnapshotInMemory(
            read_member(path, fingerprinter=own_fingerprinter(), whole=whole, progress=tell)
        )


def open_configured(
    name: str, settings: Settings, *, whole: Iterable[str] = (), quiet: bool = False
) -> Lines:
    """Return a member of the settings."""
    source, member = settings.source_of(name), settings.member[name]
    if is_snapshot(source):
        return SnapshotFile(source)
    with progress.shown(_("reading {member}").format(member=name), None, quiet=quiet) as tell:
        return SnapshotInMemory(
            read_member(
                source,
                fingerprinter=own_fingerprinter(),
                member=settings.stated(name),
                directories=member.paths,
                whole=check_whole([*member.whole, *whole]),
                progress=tell,
            )
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
