"""This module opens the store for a command, and reads the file of what was accepted that lies beside the settings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import msgspec

from driftsync.checks.spec import Past
from driftsync.errors import SettingsError, StoreError
from driftsync.files import SnapshotFile, write_bytes
from driftsync.language import _
from driftsync.model import Acknowledgement
from driftsync.remembering import all_accepted, past_of, past_of_snapshots
from driftsync.settings import Settings, read_toml
from driftsync.store import Store, store_path

ACCEPTED = "driftsync.accepted.toml"
FIRST_LINE = "# What was accepted, for review and version control. Written by `driftsync accept --export`."

Accepted = dict[tuple[str, str], Acknowledgement]


class AcceptedFile(msgspec.Struct, forbid_unknown_fields=True):
    """The file: one `[[accepted]]` each."""

    accepted: list[Acknowledgement] = []


def open_store(settings: Settings | None, *, make: bool = True) -> Store:
    """Open the store of the settings. Raises `StoreError`."""
    return Store(path_of_store(settings), make=make)


def path_of_store(settings: Settings | None) -> Path:
    """Return where the store of the settings is, or the one of who has none."""
    return store_path(settings.path if settings else None, settings.store.path if settings else "")


def past_runs(settings: Settings, mirror: str, members: Iterable[str]) -> Past | None:
    """Return what the kept runs of a mirror told; `None` where none was kept, the reason where they cannot be looked at."""
    if not store_path(settings.path, settings.store.path).exists():
        return None
    try:
        with open_store(settings, make=False) as store:
            now = datetime.now(timezone.utc)
            return past_of(store, mirror, members, now, settings.check, stated=accepted_beside(settings))
    except StoreError as error:
        return Past(untold=error.message)


def with_earlier(past: Past | None, before: Mapping[str, list[Path]], members: Iterable[str]) -> Past | None:
    """Put snapshots that were given as earlier ones in place of those of kept runs.

    Raises `SnapshotError` for a file that is none.
    """
    headers = [
        msgspec.structs.replace(header, member=msgspec.structs.replace(header.member, name=name))
        for name in members
        for header in (SnapshotFile(path).header for path in before.get(name, ()))
    ]
    given = past_of_snapshots(headers, datetime.now(timezone.utc))
    if past is None or given is None:
        return past or given
    return replace(past, former={**past.former, **given.former})


def accepted_now(settings: Settings, mirror: str) -> list[Acknowledgement]:
    """Return what is accepted in a mirror, by the store and by the file beside the settings.

    A store that cannot be looked at accepts nothing: what was accepted then counts as open.
    """
    stated = accepted_beside(settings)
    if not store_path(settings.path, settings.store.path).exists():
        return [each for each in stated if each.mirror == mirror]
    try:
        with open_store(settings, make=False) as store:
            return all_accepted(store, mirror, stated)
    except StoreError:
        return []


def prune(store: Store, settings: Settings, mirror: str, today: date) -> None:
    """Forget runs of a mirror that are older than the settings want."""
    with store.writing():
        store.prune(
            mirror,
            keep_runs=settings.store.keep_runs,
            before=today - timedelta(days=settings.store.keep_days),
        )


def accepted_beside(settings: Settings) -> list[Acknowledgement]:
    """Return what the file beside the settings accepts; nothing where there is none. Raises `SettingsError`."""
    path = settings.path.parent / ACCEPTED
    if not path.exists():
        return []
    try:
        accepted = msgspec.convert(read_toml(path), AcceptedFile).accepted
    except msgspec.ValidationError as error:
        raise SettingsError(
            _("{path}: {what}").format(path=path, what=str(error).replace("`", "")),
            hint=_("`driftsync accept --export` writes this file"),
        ) from None
    for each in accepted:
        try:
            date.fromisoformat(each.until)
        except ValueError:
            raise SettingsError(
                _("{path}: {key}: {until} is no date").format(path=path, key=each.key, until=each.until),
                hint=_("write it as 2027-03-31"),
            ) from None
    return accepted


def export(found: list[Acknowledgement], path: Path) -> None:
    """Write the file, sorted, so that its changes can be reviewed."""
    import json

    names = [field.name for field in msgspec.structs.fields(Acknowledgement)]
    lines = [FIRST_LINE]
    for each in sorted(found, key=lambda each: (each.mirror, each.member, each.key)):
        lines += ["", "[[accepted]]"]
        lines += [f"{name} = {json.dumps(getattr(each, name), ensure_ascii=False)}" for name in names]
    write_bytes(path, ("\n".join(lines) + "\n").encode())
    print(_("written: {path}").format(path=path), file=sys.stderr)
