"""This module writes a run into the store, whole or not at all, and answers what earlier runs saw."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from driftsync.files import ENCODER
from driftsync.kinds import folded
from driftsync.model import Acknowledgement, Header, Run, Severity
from driftsync.store.rows import Agreed, Before, Found, MemberRead, ReadingRow, RunRow
from driftsync.store.schema import connect, damaged, told

_HEADER = msgspec.json.Decoder(Header)
_RUN = msgspec.json.Decoder(Run)
LEVEL = 6
"""Of compression: 64 MB of lines become a few in half a second."""


FINDINGS = "SELECT member, key, kind, type, severity, turned, digest, first_seen, last_seen FROM finding"


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
            with suppress(sqlite3.Error):  # what went wrong first is what is told
                self._connection.rollback()
            raise
        self._execute("COMMIT")

    # -- writing: only inside `writing` --------------------------------------------------------------------------

    def add_run(
        self,
        mirror: str,
        started: datetime,
        ended: datetime,
        primary: str,
        *,
        differences: int,
        complete: bool,
        version: str,
    ) -> int:
        """Note a run and return its number."""
        return (
            self._execute(
                "INSERT INTO run (mirror, started, ended, primary_name, differences, complete, driftsync)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (mirror, _text(started), _text(ended), primary, differences, complete, version),
            ).lastrowid
            or 0
        )

    def keep_applied(self, run: Run) -> None:
        """Keep what became of a plan that was carried out, in place of what was kept of the same run before."""
        self._execute(
            "INSERT OR REPLACE INTO applied (id, mirror, member, started, content) VALUES (?, ?, ?, ?, ?)",
            (run.id, run.mirror, run.member, run.started_at, ENCODER.encode(run)),
        )

    def applied_run(self, run: str) -> Run | None:
        """Return what was kept of one run that wrote to a member."""
        return next(iter(self._decoded("SELECT content FROM applied WHERE id = ?", (run,))), None)

    def kept_runs(self) -> set[str]:
        """Return the ids of all runs that wrote to a member and were kept."""
        return {run for (run,) in self._rows("SELECT id FROM applied", ())}

    def add_reading(self, run: int, read: MemberRead) -> None:
        """Keep a snapshot; equal contents are kept once."""
        digest = None
        if read.header is not None:
            lines = b"".join(read.lines)
            digest = sha256(lines).hexdigest()
            known = next(iter(self._rows("SELECT 1 FROM content WHERE digest = ?", (digest,))), None)
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

    def set_agreed(self, mirror: str, member: str, agreed: Mapping[str, Agreed]) -> None:
        """Note items, by key, that were found equal on both sides or that both sides lack."""
        self._many(
            "INSERT OR REPLACE INTO agreed (mirror, member, key, version, digest, run) VALUES (?, ?, ?, ?, ?, ?)",
            ((mirror, member, key, found.version, found.digest, found.run) for key, found in agreed.items()),
        )

    def see(self, mirror: str, run: int, at: datetime, found: Found, *, first: datetime) -> None:
        """Note that a difference is there, and when it was first seen; of an open one that stays as it is."""
        self._execute(
            "INSERT INTO finding (mirror, member, key, kind, type, severity, digest, turned, first_run, first_seen,"
            " last_run, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mirror, member, key)"
            " WHERE resolved IS NULL DO UPDATE SET type = excluded.type, severity = excluded.severity,"
            " digest = excluded.digest, turned = excluded.turned, last_run = excluded.last_run,"
            " last_seen = excluded.last_seen",
            (
                mirror, found.member, found.key, found.kind, found.type, found.severity.value, found.digest,
                found.turned, run, _text(first), run, _text(at),
            ),
        )  # fmt: skip

    def resolve(self, mirror: str, member: str, key: str, at: datetime) -> None:
        """Note that a difference was looked for and is gone; what was accepted of it ends with it."""
        self._execute(
            "UPDATE finding SET resolved = ? WHERE mirror = ? AND member = ? AND key = ? AND resolved IS NULL",
            (_text(at), mirror, member, key),
        )
        self.end_acknowledgement(mirror, member, key, f"{_text(at)} resolved")

    def forget_turned(self, mirror: str, primary: str, keys: Iterable[str]) -> None:
        """Note that no other member shows differences of the primary, turned round, any more."""
        self._many(
            "UPDATE finding SET turned = 0 WHERE mirror = ? AND member = ? AND key = ?",
            ((mirror, primary, key) for key in keys),
        )

    def turn(self, mirror: str, primary: str, at: datetime) -> None:
        """Note that a member became the primary: its differences stand at the others from now on, turned round.

        Those of the primary before it stand at that member again.
        """
        self._execute(
            "UPDATE finding SET resolved = NULL WHERE mirror = ? AND turned AND member != ? AND NOT EXISTS"
            " (SELECT 1 FROM finding AS own WHERE own.mirror = finding.mirror AND own.member = finding.member"
            " AND own.key = finding.key AND own.resolved IS NULL)",
            (mirror, primary),
        )
        self._execute("UPDATE finding SET turned = 0 WHERE mirror = ?", (mirror,))
        self._execute(
            "UPDATE finding SET resolved = ?, turned = 1 WHERE mirror = ? AND member = ? AND resolved IS NULL",
            (_text(at), mirror, primary),
        )

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
        rows = self._rows(
            "SELECT id, mirror, started, ended, primary_name, complete, differences FROM run WHERE ? IN ('', mirror)"
            " ORDER BY id DESC LIMIT ?",
            (mirror, limit),
        )
        return [
            RunRow(run, name, started, ended, primary, bool(complete), differences)
            for run, name, started, ended, primary, complete, differences in rows
        ]

    def applied(self, mirror: str = "", limit: int = 30) -> list[Run]:
        """Return the runs that wrote to a member, the latest first."""
        return self._decoded(
            "SELECT content FROM applied WHERE ? IN ('', mirror) ORDER BY started DESC LIMIT ?",
            (mirror, limit),
        )

    def _decoded(self, select: str, values: tuple[str | int, ...]) -> list[Run]:
        try:
            return [_RUN.decode(content) for (content,) in self._rows(select, values)]
        except msgspec.MsgspecError as error:
            raise damaged(self.path, str(error)) from None

    def last_run(self, mirror: str) -> RunRow | None:
        return next(iter(self.runs(mirror, 1)), None)

    def last_primary(self, mirror: str, run: int | None = None) -> str:
        """Return who was the primary at the last run that knew it, up to `run`; empty where none did."""
        row = next(
            iter(
                self._rows(
                    "SELECT primary_name FROM run WHERE mirror = ? AND primary_name != '' AND id <= COALESCE(?, id)"
                    " ORDER BY id DESC LIMIT 1",
                    (mirror, run),
                )
            ),
            None,
        )
        return str(row[0]) if row else ""

    def errors_of(self, run: int) -> dict[str, str]:
        """Return which members of a run could not be read, and why."""
        rows = self._rows("SELECT member, error FROM reading WHERE run = ? AND error != ''", (run,))
        return dict(rows)

    def readings(self, mirror: str) -> Iterator[ReadingRow]:
        """Yield the readings of a mirror, those of the newest run first, without their items; one is held at a time."""
        found = self._execute(
            "SELECT run.id, run.started, member, header FROM reading JOIN run ON run.id = reading.run WHERE mirror = ?"
            " ORDER BY run.id DESC, member",
            (mirror,),
        )
        try:
            for run, started, member, header in found:
                yield ReadingRow(run, started, member, _HEADER.decode(header) if header else None)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise damaged(self.path, str(error)) from None
        except sqlite3.DatabaseError as error:
            raise told(self.path, error) from None

    def before(self, mirror: str, member: str) -> Before | None:
        """Return what the last run that could read a member saw of it."""
        row = next(
            iter(
                self._rows(
                    "SELECT header, lines, digest, run.id FROM reading JOIN run ON run.id = reading.run JOIN content USING (digest)"
                    " WHERE mirror = ? AND member = ? ORDER BY run.id DESC LIMIT 1",
                    (mirror, member),
                )
            ),
            None,
        )
        if row is None:
            return None
        try:
            header, lines = _HEADER.decode(row[0]), zlib.decompress(row[1])
        except (msgspec.MsgspecError, UnicodeDecodeError, zlib.error) as error:
            raise damaged(self.path, str(error)) from None
        if sha256(lines).hexdigest() != row[2]:
            raise damaged(self.path, f"snapshot {row[2]}")
        return Before(header, tuple(lines.splitlines()), row[3])

    def agreed(self, mirror: str, member: str) -> dict[str, Agreed]:
        """Return what a member last agreed on with a primary, by key."""
        rows = self._rows(
            "SELECT key, version, digest, run FROM agreed WHERE mirror = ? AND member = ?", (mirror, member)
        )
        return {key: Agreed(version, digest, run) for key, version, digest, run in rows}

    def open_findings(self, mirror: str) -> dict[tuple[str, str], Found]:
        """Return the differences of a mirror that are not resolved, by member and key."""
        rows = self._rows(f"{FINDINGS} WHERE mirror = ? AND resolved IS NULL ORDER BY id", (mirror,))
        return {(each.member, each.key): each for each in map(self._found, rows)}

    def turned_findings(self, mirror: str, primary: str) -> dict[str, Found]:
        """Return the differences, by key, that the primary had when it became the primary."""
        rows = self._rows(
            f"{FINDINGS} WHERE mirror = ? AND member = ? AND turned ORDER BY id", (mirror, primary)
        )
        return {each.key: each for each in map(self._found, rows)}

    def _found(self, row: tuple[str, ...]) -> Found:
        member, key, kind, tag, severity, turned, digest, since, last_seen = row
        try:
            return Found(
                member, key, kind, tag, Severity(severity), digest, since, last_seen, turned=bool(turned)
            )
        except ValueError as error:
            raise damaged(self.path, str(error)) from None

    def life_of(self, key: str) -> list[tuple[str, str, str, str, str, str]]:
        """Return each time an item differed: mirror, member, type, first seen, last seen, resolved (or empty)."""
        kind = key.partition(":")[0]
        rows = self._rows(
            "SELECT key, mirror, member, type, first_seen, last_seen, COALESCE(resolved, '') FROM finding"
            " WHERE kind = ? ORDER BY id DESC",
            (kind,),
        )
        return [row[1:] for row in rows if folded(row[0]) == folded(key)]

    def acknowledgements(self, mirror: str) -> dict[tuple[str, str], Acknowledgement]:
        """Return what is acknowledged in a mirror, by member and key."""
        rows = self._rows(
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

    def ended_acknowledgements(self, mirror: str) -> set[tuple[str, str, str]]:
        """Return member, key and moment of what was once accepted and counts no more."""
        rows = self._rows(
            "SELECT member, key, accepted_at FROM acknowledgement WHERE mirror = ? AND ended NOTNULL",
            (mirror,),
        )
        return {(member, key, at) for member, key, at in rows}

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.DatabaseError as error:
            raise told(self.path, error) from None

    def _rows(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise told(self.path, error) from None

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            raise told(self.path, error) from None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
