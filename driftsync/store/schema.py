"""This module makes the store's file, brings an older one up to date, and refuses what is no store.

A new file is made aside and renamed, so that a file under the store's name is always a whole store. One that is empty
or damaged is therefore told from one that is not there yet, and never made anew.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from driftsync.errors import StoreError
from driftsync.language import english as _

APPLICATION = 0x64726966
"""`drif`: SQLite keeps it in the header of the file."""
BUSY_SECONDS = 15.0

MIGRATIONS = (
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, mirror TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL,
        primary_name TEXT NOT NULL, complete INTEGER NOT NULL, driftsync TEXT NOT NULL
    );
    CREATE INDEX run_of_mirror ON run (mirror, id);
    CREATE TABLE content (digest TEXT PRIMARY KEY, lines BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE reading (
        run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE, member TEXT NOT NULL, role TEXT NOT NULL,
        header BLOB, digest TEXT REFERENCES content (digest), error TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (run, member)
    ) WITHOUT ROWID;
    CREATE INDEX reading_of_content ON reading (digest);
    CREATE TABLE agreed (
        mirror TEXT NOT NULL, member TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, run INTEGER NOT NULL,
        PRIMARY KEY (mirror, member, key)
    ) WITHOUT ROWID;
    CREATE TABLE finding (
        id INTEGER PRIMARY KEY, mirror TEXT NOT NULL, member TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
        type TEXT NOT NULL, severity TEXT NOT NULL, digest TEXT NOT NULL, first_run INTEGER NOT NULL,
        first_seen TEXT NOT NULL, last_run INTEGER NOT NULL, last_seen TEXT NOT NULL, resolved TEXT
    );
    CREATE UNIQUE INDEX open_finding ON finding (mirror, member, key) WHERE resolved IS NULL;
    CREATE INDEX finding_of_key ON finding (key);
    CREATE TABLE acknowledgement (
        id INTEGER PRIMARY KEY, mirror TEXT NOT NULL, member TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL,
        owner TEXT NOT NULL, until TEXT NOT NULL, accepted_at TEXT NOT NULL, seen TEXT NOT NULL, ended TEXT
    );
    CREATE UNIQUE INDEX standing_acknowledgement ON acknowledgement (mirror, member, key) WHERE ended IS NULL;
    """,
    """
    CREATE TABLE told (
        delivery TEXT NOT NULL, mirror TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (delivery, mirror)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE agreed ADD COLUMN version TEXT NOT NULL DEFAULT '';
    UPDATE agreed SET version = digest;
    ALTER TABLE finding ADD COLUMN turned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE run ADD COLUMN differences INTEGER NOT NULL DEFAULT 0;
    UPDATE run SET differences = (
        SELECT COUNT(*) FROM finding WHERE finding.mirror = run.mirror AND first_run <= run.id
        AND (resolved IS NULL OR resolved > run.ended)
    );
    """,
    """
    CREATE TABLE applied (
        id TEXT PRIMARY KEY, mirror TEXT NOT NULL, member TEXT NOT NULL, started TEXT NOT NULL, content BLOB NOT NULL
    ) WITHOUT ROWID;
    """,
)
"""One script a version; `PRAGMA user_version` counts those that were carried out."""


def connect(path: Path, *, make: bool) -> sqlite3.Connection:
    """Open the store, making it where there is none and `make` says so.

    Raises `StoreError` for a file that is damaged, empty, in use, no store, or of a newer driftsync.
    """
    try:
        if not path.exists():
            if not make:
                raise StoreError(
                    _("there is no store at {path} yet").format(path=path),
                    hint=_("`driftsync report` makes it at its first run"),
                )
            _make(path)
        if path.stat().st_size == 0:
            raise damaged(path)
        connection = _open(path)
    except sqlite3.DatabaseError as error:
        raise told(path, error) from None
    except OSError as error:
        raise _unusable(path, error.strerror or type(error).__name__) from None
    try:
        _bring_up_to_date(connection, path)
        _settle(connection)
        _check(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise told(path, error) from None
    except StoreError:
        connection.close()
        raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    """Open a file that is there; one that went away meanwhile is not made anew."""
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _settle(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `StoreError` where pages or indexes do not fit together."""
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise damaged(path, str(found))


def _make(path: Path) -> None:
    """Make an empty store aside and give it its name, unless somebody else was first."""
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        if path.exists():
            return
        left = path.with_name(f"{path.name}-wal")
        if left.exists() and left.stat().st_size:
            raise StoreError(
                _("the store {path} is gone, but {left} is left of it").format(path=path, left=left.name),
                hint=_("put the store back beside it, or move that file away too to begin anew"),
            )
        aside = path.with_name(f".{path.name}.new")
        for name in (aside.name, f"{aside.name}-journal"):  # of a process that was killed here
            aside.with_name(name).unlink(missing_ok=True)
        os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(aside, isolation_level=None)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        _bring_up_to_date(connection, path)
        connection.close()
        aside.replace(path)


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise StoreError(
            _("{path} is no store of driftsync").format(path=path),
            hint=_("name another place: [store] path in the settings, or DRIFTSYNC_STORE"),
        )
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StoreError(
            _("the store {path} was written by a newer driftsync").format(path=path),
            hint=_("update driftsync here"),
        )
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    for script in MIGRATIONS[_version(connection) :]:  # another process may have been first
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _unusable(path: Path, reason: str) -> StoreError:
    return StoreError(
        _("the store {path} cannot be used: {reason}").format(path=path, reason=reason),
        hint=_("name another place: [store] path in the settings, or DRIFTSYNC_STORE"),
    )


def told(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """Return what SQLite said as an error that an administrator can act on."""
    if isinstance(error, sqlite3.OperationalError) and "lock" in str(error):
        return StoreError(
            _("the store {path} is in use by another run").format(path=path),
            hint=_("wait for it to end; look for a driftsync that hangs"),
            details=str(error),
        )
    if isinstance(error, sqlite3.OperationalError) and (
        "unable to open" in str(error) or "disk I/O" in str(error)
    ):
        return _unusable(path, str(error))
    if isinstance(error, sqlite3.OperationalError) and ("full" in str(error) or "readonly" in str(error)):
        return StoreError(
            _("the store {path} cannot be written").format(path=path),
            hint=_("free some space, or check who owns the file"),
            details=str(error),
        )
    return damaged(path, str(error))


def damaged(path: Path, details: str = "") -> StoreError:
    """Say that what is there is no whole store."""
    return StoreError(
        _("the store {path} is damaged").format(path=path),
        hint=_(
            "put a backup of it in its place, or move it away to begin anew: what was accepted is then gone"
        ),
        details=details,
    )
