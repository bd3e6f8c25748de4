"""This module writes a run into the store, whole or not at all, and answers what earlier runs saw."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from driftsync.files import ENCODER
from driftsync.model import Acknowledgement, Header
from driftsync.store.schema import connect, told

_HEADER = msgspec.json.Decoder(Header)
LEVEL = 6
"""Of compression: 64 MB of lines become a few in half a second."""


@dataclass(frozen=True)
class RunRow:
    """One run over one mirror."""

    id: int
    mirror: str
    started: str
    ended: str
    primary: str
    complete: bool


@dataclass(frozen=True)
class Found:
    """One difference as it is remembered."""

    member: str
    key: str
    kind: str
    type: str
    severity: str
    digest: str
    since: str = ""


@dataclass(frozen=True)
class MemberRead:
    """One member of a run: its snapshot, or why there is none."""

    member: str
    role: str
    header: Header | None = None
    lines: Iterable[bytes] = field(default=(), repr=False)
    error: str = ""


@dataclass(frozen=True)
class Before:
    """What the store holds of a member from its last run: which kinds it saw whole, and which items there were."""

    header: Header
    keys: frozenset[str]


class Store:
    """The store's file, open. Every method raises `StoreError` where the file does not play along."""

    def __init__(self, path: Path, *, make: bool = True) -> None:
        self.path = path
        self._connection = connect(path, make=make)

    def __enter__(self) -> Store:  # noqa: PYI034 - `Self` is of Python 3.11
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make what happens inside one transaction: all of it is kept, or nothing."""
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._execute("COMMIT")

    # -- writing: only inside `writing` --------------------------------------------------------------------------

    def add_run(
        self, mirror: str, started: datetime, ended: datetime, primary: str, *, complete: bool, version: str
    ) -> int:
        """Note a run and return its number."""
        return (
            self._execute(
                "INSERT INTO run (mirror, started, ended, primary_name, complete, driftsync) VALUES (?, ?, ?, ?, ?, ?)",
                (mirror, _text(started), _text(ended), primary, complete, version),
            ).lastrowid
            or 0
        )

    def add_reading(self, run: int, read: MemberRead) -> None:
        """Keep a snapshot; equal contents are kept once."""
        digest = None
        if read.header is not None:
            lines = b"".join(read.lines)
            digest = sha256(lines).hexdigest()
            known = self._execute("SELECT 1 FROM content WHERE digest = ?", (digest,)).fetchone()
            if known is None:
                self._execute("INSERT INTO content VALUES (?, ?)", (digest, zlib.compress(lines, LEVEL)))
        self._execute(
            "INSERT INTO reading (run, member, role, header, digest, error) VALUES (?, ?, ?, ?, ?, ?)",
            (
                run,
                read.member,
                read.role,
                ENCODER.encode(read.header) if read.header else None,
                digest,
                read.error,
            ),
        )

    def set_agreed(self, mirror: str, member: str, run: int, digests: Mapping[str, str]) -> None:
        """Note items that were found equal on both sides, by the digest of what is compared of them."""
        self._many(
            "INSERT OR REPLACE INTO agreed (mirror, member, key, digest, run) VALUES (?, ?, ?, ?, ?)",
            ((mirror, member, key, digest, run) for key, digest in digests.items()),
        )

    def forget_agreed(self, mirror: str, member: str, keys: Iterable[str]) -> None:
        """Note that items are gone on both sides, so that nothing is agreed on any more."""
        self._many(
            "DELETE FROM agreed WHERE mirror = ? AND member = ? AND key = ?",
            ((mirror, member, key) for key in keys),
        )

    def see(self, mirror: str, run: int, at: datetime, found: Found, *, first: datetime) -> None:
        """Note that a difference is there, and when it was first seen; of an open one that stays as it is."""
        self._execute(
            "INSERT INTO finding (mirror, member, key, kind, type, severity, digest, first_run, first_seen, last_run,"
            " last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mirror, member, key)"
            " WHERE resolved IS NULL DO UPDATE SET type = excluded.type, severity = excluded.severity,"
            " digest = excluded.digest, last_run = excluded.last_run, last_seen = excluded.last_seen",
            (
                mirror, found.member, found.key, found.kind, found.type, found.severity, found.digest, run, _text(first),
                run, _text(at),
            ),
        )  # fmt: skip

    def resolve(
        self, mirror: str, member: str, key: str, at: datetime, *, ends_acceptance: bool = True
    ) -> None:
        """Note that a difference was looked for and is gone; what was accepted of it ends with it.

        Not so where the member became the primary: the difference then stands at the others, turned round.
        """
        self._execute(
            "UPDATE finding SET resolved = ? WHERE mirror = ? AND member = ? AND key = ? AND resolved IS NULL",
            (_text(at), mirror, member, key),
        )
        if ends_acceptance:
            self.end_acknowledgement(mirror, member, key, f"{_text(at)} resolved")

    def acknowledge(self, given: Acknowledgement) -> None:
        """Keep an acknowledgement in place of an earlier one of the same difference."""
        self.end_acknowledgement(given.mirror, given.member, given.key, f"{given.accepted_at} replaced")
        self._execute(
            "INSERT INTO acknowledgement (mirror, member, key, reason, owner, until, accepted_at, seen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                given.mirror, given.member, given.key, given.reason, given.owner, given.until, given.accepted_at,
                given.seen,
            ),
        )  # fmt: skip

    def end_acknowledgement(self, mirror: str, member: str, key: str, why: str) -> int:
        """End an acknowledgement; return how many there were."""
        return self._execute(
            "UPDATE acknowledgement SET ended = ? WHERE mirror = ? AND member = ? AND key = ? AND ended IS NULL",
            (why, mirror, member, key),
        ).rowcount

    def prune(self, mirror: str, *, keep_runs: int, before: date) -> int:
        """Forget runs older than `before` beyond the last `keep_runs`; return how many. Findings stay."""
        gone = self._execute(
            "DELETE FROM run WHERE mirror = ? AND ended < ? AND id NOT IN"
            " (SELECT id FROM run WHERE mirror = ? ORDER BY id DESC LIMIT ?)",
            (mirror, before.isoformat(), mirror, max(keep_runs, 1)),
        ).rowcount
        self._execute(
            "DELETE FROM content WHERE digest NOT IN (SELECT digest FROM reading WHERE digest NOTNULL)"
        )
        return gone

    def tell(self, delivery: str, digests: Mapping[str, str]) -> None:
        """Note what a delivery now knows of each mirror, by the digest of what it was told."""
        self._many(
            "INSERT OR REPLACE INTO told (delivery, mirror, digest) VALUES (?, ?, ?)",
            ((delivery, mirror, digest) for mirror, digest in digests.items()),
        )

    # -- asking ------------------------------------------------------------------------------------------------

    def runs(self, mirror: str = "", limit: int = 30) -> list[RunRow]:
        """Return the last runs, newest first, of one mirror or of all."""
        rows = self._execute(
            "SELECT id, mirror, started, ended, primary_name, complete FROM run WHERE ? IN ('', mirror)"
            " ORDER BY id DESC LIMIT ?",
            (mirror, limit),
        )
        return [
            RunRow(run, name, started, ended, primary, bool(complete))
            for run, name, started, ended, primary, complete in rows
        ]

    def last_run(self, mirror: str) -> RunRow | None:
        return next(iter(self.runs(mirror, 1)), None)

    def errors_of(self, run: int) -> dict[str, str]:
        """Return which members of a run could not be read, and why."""
        rows = self._execute("SELECT member, error FROM reading WHERE run = ? AND error != ''", (run,))
        return dict(rows.fetchall())

    def before(self, mirror: str, member: str) -> Before | None:
        """Return what the last run that could read a member saw of it."""
        row = self._execute(
            "SELECT header, lines FROM reading JOIN run ON run.id = reading.run JOIN content USING (digest)"
            " WHERE mirror = ? AND member = ? ORDER BY run.id DESC LIMIT 1",
            (mirror, member),
        ).fetchone()
        if row is None:
            return None
        try:
            header, lines = _HEADER.decode(row[0]), zlib.decompress(row[1])
        except (msgspec.MsgspecError, zlib.error) as error:
            raise told(self.path, sqlite3.DatabaseError(str(error))) from None
        return Before(header, frozenset(_key(line) for line in lines.splitlines()))

    def agreed(self, mirror: str, member: str) -> dict[str, str]:
        """Return what a member last agreed on with a primary, by key."""
        rows = self._execute(
            "SELECT key, digest FROM agreed WHERE mirror = ? AND member = ?", (mirror, member)
        )
        return dict(rows.fetchall())

    def open_findings(self, mirror: str) -> dict[tuple[str, str], Found]:
        """Return the differences of a mirror that are not resolved, by member and key."""
        rows = self._execute(
            "SELECT member, key, kind, type, severity, digest, first_seen FROM finding"
            " WHERE mirror = ? AND resolved IS NULL",
            (mirror,),
        )
        return {(row[0], row[1]): Found(*row) for row in rows}

    def life_of(self, key: str) -> list[tuple[str, str, str, str, str, str]]:
        """Return each time an item differed: mirror, member, type, first seen, last seen, resolved (or empty)."""
        rows = self._execute(
            "SELECT mirror, member, type, first_seen, last_seen, COALESCE(resolved, '') FROM finding"
            " WHERE key = ? ORDER BY id DESC",
            (key,),
        )
        return rows.fetchall()

    def acknowledgements(self, mirror: str) -> dict[tuple[str, str], Acknowledgement]:
        """Return what is acknowledged in a mirror, by member and key."""
        rows = self._execute(
            "SELECT mirror, member, key, reason, owner, until, accepted_at, seen FROM acknowledgement"
            " WHERE mirror = ? AND ended IS NULL",
            (mirror,),
        )
        names = ("mirror", "member", "key", "reason", "owner", "until", "accepted_at", "seen")
        found = (Acknowledgement(**dict(zip(names, row, strict=True))) for row in rows)
        return {(each.member, each.key): each for each in found}

    def told(self) -> dict[str, dict[str, str]]:
        """Return what each delivery was last told, by its name and the mirror."""
        found: dict[str, dict[str, str]] = {}
        for delivery, mirror, digest in self._execute("SELECT delivery, mirror, digest FROM told"):
            found.setdefault(delivery, {})[mirror] = digest
        return found

    def counts_of(self, run: int) -> int:
        """Return how many differences were there at a run."""
        row = self._execute(
            "SELECT COUNT(*) FROM finding, run WHERE run.id = ? AND finding.mirror = run.mirror"
            " AND first_run <= run.id AND (resolved IS NULL OR resolved > run.ended)",
            (run,),
        ).fetchone()
        return int(row[0])

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise told(self.path, error) from None

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            raise told(self.path, error) from None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _key(line: bytes) -> str:
    """Return the key of an encoded item."""
    return str(msgspec.json.decode(line, type=_Keyed).key)


class _Keyed(msgspec.Struct):
    key: str
