"""This module reads the end of a member's log through its driver: `messages.log`, `cconsole.log` on Caché.

A file stream is opened, moved and read; nothing is written or saved. Reading begins at the end and goes back only as far
as the window asks, at most `MOST` bytes. What a log was called before it was switched is looked at where the present one
begins inside the window.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.values import as_bytes, as_text
from driftsync.kinds.live import ClassQuery
from driftsync.language import english as _
from driftsync.logs import LogRead, LogUnreadable, Source, read_log

WINDOW, EVENTS = "log.window", "log.events"
NAMES = ("messages.log", "cconsole.log", "alerts.log")
"""In the manager directory; the first that is there is read."""
MOST = 8 * 1024 * 1024
"""Bytes read of one member: more than IRIS lets a log grow to unless it is told otherwise (5 MB, MaxConsoleLogSize)."""
PIECE = 256 * 1024
"""Bytes of one answer."""
EARLIER = 3
"""Logs that were switched and are looked at, the newest first."""
_FIRST_DAY = datetime(1840, 12, 31)  # noqa: DTZ001 - day 0 of $HOROLOG


class StreamSource:
    """A log on a member, read through a stream over its file."""

    def __init__(self, connection: PermittedConnection, path: str) -> None:
        self.name = path
        self._connection = connection
        handle = connection.call("%Stream.FileBinary", "%New").value
        if not isinstance(handle, ObjectHandle):
            raise OSError(_("no stream could be opened"))
        self._handle = handle
        if as_text(connection.invoke(handle, "LinkToFile", path).value)[:1] != "1":
            raise OSError(_("{path} cannot be opened by the instance").format(path=path))
        self.size = int(as_text(connection.get(handle, "Size")) or 0)

    def read(self, start: int, length: int) -> bytes:
        """Return a piece; raises `OSError` where the member gives less."""
        moved = self._connection.invoke(self._handle, "MoveTo", start + 1).value
        if as_text(moved) not in {"1", "True"}:
            raise OSError(_("{path} became shorter while it was read").format(path=self.name))
        pieces = bytearray()
        while len(pieces) < length:
            answer = self._connection.invoke(self._handle, "Read", min(PIECE, length - len(pieces)))
            piece = as_bytes(answer.value or b"")
            if not piece:
                raise OSError(_("{path} became shorter while it was read").format(path=self.name))
            pieces += piece
        return bytes(pieces)


def observe_log(connection: PermittedConnection, since: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the member's log told since a moment (with its time zone), or why it told nothing.

    Raises `ConnectionFailed`.
    """
    try:
        read = _read(connection, since)
    except LogUnreadable as error:
        reason = str(error)
    except OSError as error:
        reason = str(error)
    except (CallFailed, ValueError, TypeError) as error:
        reason = why(error)
    else:
        return facts_of(read), {}
    return {}, dict.fromkeys((WINDOW, EVENTS), reason)


def facts_of(read: LogRead) -> dict[str, Any]:
    """Return what a log told, as a snapshot keeps it."""
    return {WINDOW: msgspec.to_builtins(read.window), EVENTS: msgspec.to_builtins(read.events)}


def _read(connection: PermittedConnection, since: datetime) -> LogRead:
    now = _clock(connection)
    local = _in_zone_of(now, since)
    directory, name = _place(connection)
    sources: list[Source] = [StreamSource(connection, directory + name)]
    read = _of(sources, local, now)
    if read is not None and read.window.short != "rotated":
        return read
    for path in _earlier(connection, directory, name):
        sources.append(StreamSource(connection, path))
        found = _of(sources, local, now)
        read = found or read
        if read is not None and read.window.short != "rotated":
            return read
    if read is None:
        raise LogUnreadable(_("no line of the log could be understood"))
    return read


def log_of(connection: PermittedConnection) -> str:
    """Return where the member writes its log. Raises `OSError` where there is none."""
    try:
        return "".join(_place(connection))
    except LogUnreadable as error:
        raise OSError(str(error)) from None


def _place(connection: PermittedConnection) -> tuple[str, str]:
    directory = as_text(connection.call("%SYSTEM.Util", "ManagerDirectory").value)
    name = next((each for each in NAMES if _exists(connection, directory + each)), "")
    if not name:
        raise LogUnreadable(_("there is no log in {path}").format(path=directory))
    return directory, name


def _of(sources: list[Source], since: datetime, now: datetime) -> LogRead | None:
    try:
        return read_log(sources, since, most=MOST, now=now, block=PIECE)
    except LogUnreadable:
        return None


def _exists(connection: PermittedConnection, path: str) -> bool:
    return as_text(connection.call("%Library.File", "Exists", path).value) in {"1", "True"}


def _earlier(connection: PermittedConnection, directory: str, name: str) -> list[str]:
    """Return the logs that were switched, the newest first: `messages.old_20261120`, `messages.log.1` and the like."""
    stem = name.partition(".")[0]
    query = ClassQuery("%Library.File", "FileSet", (directory, f"{stem}.*", "", 0))
    try:
        rows = connection.query(f"SELECT Name, DateModified FROM {query}").rows  # noqa: S608 - of this module
    except CallFailed:
        return []
    found = [(as_text(changed), as_text(path)) for path, changed in rows]
    kept = [
        path for _changed, path in sorted(found, reverse=True) if not path.casefold().endswith(f"{stem}.log")
    ]
    return kept[:EARLIER]


def _clock(connection: PermittedConnection) -> datetime:
    """Return the member's own time, which its log is written in. Raises `ValueError`."""
    day, _comma, second = as_text(connection.call("%SYSTEM.SYS", "Horolog").value).partition(",")
    return _FIRST_DAY + timedelta(days=int(day), seconds=int(float(second or 0)))


def _in_zone_of(now: datetime, moment: datetime) -> datetime:
    """Return a moment in the time of a member whose clock shows `now`, to the quarter of an hour that zones differ by."""
    ahead = now - datetime.now(timezone.utc).replace(tzinfo=None)
    quarters = round(ahead / timedelta(minutes=15))
    return moment.astimezone(timezone.utc).replace(tzinfo=None) + quarters * timedelta(minutes=15)
