"""This module says where a log is read from, a piece at a time: a file here, or a stream on a member."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from driftsync.language import english as _
from driftsync.logs.lines import HEAD, LIMIT, first_head, moment_of

ALERTS = "alerts"
"""How the name of a log begins that holds severe lines only."""


class Source(Protocol):
    """One log. Pieces may be asked for in any order."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def read(self, start: int, length: int) -> bytes:
        """Return the bytes from `start` on; raises `OSError` where they cannot be had."""
        ...


class FileSource:
    """A log file on this machine. What is appended while it is read is not looked at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self.size = path.stat().st_size

    def read(self, start: int, length: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            piece = file.read(length)
        if len(piece) < length:
            raise OSError(_("{path} became shorter while it was read").format(path=self.path))
        return piece


def file_sources(paths: Iterable[Path]) -> list[FileSource]:
    """Open the log files of one member, newest first, by what their first lines say. Raises `OSError`."""
    return newest_first([FileSource(path) for path in dict.fromkeys(paths)])


def newest_first(sources: list[FileSource]) -> list[FileSource]:
    """Order logs by their first line; `alerts.log` is left out where there is another: its lines stand there too."""
    whole = [each for each in sources if not is_alerts(each.name)] or sources
    return sorted(whole, key=lambda each: (begins(each), each.name), reverse=True)


def begins(source: Source) -> str:
    """Return when the first line of a log was written, empty where none can be understood."""
    data = source.read(0, min(source.size, LIMIT))
    at = first_head(data)
    head = HEAD.match(data, at) if at >= 0 else None
    moment = moment_of(head) if head else None
    return moment.isoformat() if moment else ""


def is_alerts(name: str) -> bool:
    """Say whether a log is `alerts.log`, which holds severe lines only."""
    return name.replace("\\", "/").rpartition("/")[2].casefold().startswith(ALERTS)
