"""This module holds the files of a simulated host: in memory, gone with the lab."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from driftsync.lab.instance.errors import PLACE, failed


class HostFiles:
    """Files by full path, and the directories they make."""

    def __init__(self, manager_directory: str, is_full: Callable[[], bool]) -> None:
        self.manager_directory = manager_directory
        self._files: dict[str, bytes] = {}
        self._directories: set[str] = {manager_directory}
        self._is_full = is_full
        self._numbers = itertools.count(1)
        self.changes = 0
        """How often a file was written or taken away by a call."""

    def full_path(self, path: str) -> str:
        """Return a path; a relative one begins in the manager directory."""
        return path if path.startswith("/") else self.manager_directory + path

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole. Raises `<DSKFUL>` as a status."""
        if self._is_full():
            raise failed(5002, f"<DSKFUL>{PLACE}")
        if not path:
            raise failed(5005, path)
        self._files[self.full_path(path)] = content
        self.changes += 1

    def put(self, path: str, content: bytes) -> None:
        """Write a file of a scenario."""
        self._files[self.full_path(path)] = content

    def read(self, path: str) -> bytes:
        """Return a file. Raises as a status where there is none."""
        content = self._files.get(self.full_path(path))
        if content is None:
            raise failed(5005, path)
        return content

    def find(self, path: str) -> bytes | None:
        return self._files.get(self.full_path(path))

    def exists(self, path: str) -> bool:
        return self.full_path(path) in self._files

    def delete(self, path: str) -> bool:
        """Take a file away; return whether it was there."""
        self.changes += 1
        return self._files.pop(self.full_path(path), None) is not None

    def has_directory(self, path: str) -> bool:
        """Say whether a directory was made, or holds a file."""
        wanted = self.full_path(path).rstrip("/") + "/"
        return wanted in self._directories or any(
            name.startswith(wanted) for name in [*self._files, *self._directories]
        )

    def make_directory(self, path: str) -> None:
        self.changes += 1
        self._directories.add(self.full_path(path).rstrip("/") + "/")

    def below(self, directory: str) -> list[str]:
        """Return the full paths of the files in a directory and below it, sorted."""
        start = self.full_path(directory).rstrip("/") + "/"
        return sorted(path for path in self._files if path.startswith(start))

    def temporary(self, extension: str, directory: str = "") -> str:
        """Name a file that does not exist yet."""
        place = (directory or f"{self.manager_directory}Temp").rstrip("/")
        return f"{place}/lab{next(self._numbers):06}" + (f".{extension}" if extension else "")
