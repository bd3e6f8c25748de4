"""This module holds everything that can go wrong as a whole, each with what to do next.

    DriftsyncError
    ├── UsageError            a command that cannot be carried out as it was asked
    ├── SettingsError         driftsync.toml cannot be understood
    ├── DocumentError         a file cannot be understood: names the file and, where known, the line
    │   └── ConflictError     two documents of one member give one item different values
    ├── SnapshotError         a snapshot file is damaged, unsorted or of another format version
    ├── MirrorError           what running members say of their mirror makes no whole
    │   ├── NotInMirrorError  the instance belongs to no mirror
    │   └── PrimaryError      two primaries, or none
    ├── ProductMismatchError  a Caché member against an IRIS member
    ├── StoreError            what is kept between runs is damaged, in use, or of a newer driftsync
    ├── PlanRefusedError      a plan is not made, or not carried out: nothing was written
    ├── InterruptedRunError   somebody pressed Ctrl-C while a member was written to
    ├── KeyFileError          the key for fingerprints of secrets cannot be used
    └── SpecError             a kind's declaration contradicts itself

One *item* going wrong is not here: it is a value (`Gap`), and the run goes on.
"""

from __future__ import annotations

from pathlib import Path

from driftsync.language import english as _


class DriftsyncError(Exception):
    """Something is impossible as a whole; prints as one line, with a hint beside it."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class UsageError(DriftsyncError):
    """The command cannot be carried out as it was asked."""


class SettingsError(DriftsyncError):
    """The settings cannot be understood."""


class DocumentError(DriftsyncError):
    """A file cannot be understood. `line` counts from 1 and is 0 where it is not known."""

    def __init__(
        self, path: Path | str, reason: str, *, line: int = 0, hint: str = "", details: str = ""
    ) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{where}: {reason}", hint=hint, details=details)
        self.path = Path(path)
        self.reason = reason
        self.line = line


class ConflictError(DocumentError):
    """Two documents of one member give one item different values."""


class SnapshotError(DocumentError):
    """A snapshot file is damaged, unsorted or of another format version."""


class MirrorError(DriftsyncError):
    """What running members say of their mirror makes no whole."""

    exit_code = 3


class NotInMirrorError(MirrorError):
    """The instance belongs to no mirror."""


class PrimaryError(MirrorError):
    """Two members say that they are the primary, or none does."""


class ProductMismatchError(DriftsyncError):
    """A Caché member cannot be compared with an IRIS member key by key."""

    def __init__(self, primary: str, member: str) -> None:
        super().__init__(
            _("{primary} and {member} are of different products").format(primary=primary, member=member),
            hint=_(
                "databases, mappings and settings were renamed between Caché and IRIS, so nearly everything "
                "would look like drift; add --cross-product to compare all the same"
            ),
        )


class PlanRefusedError(DriftsyncError):
    """A plan is not made, or not carried out, because that would not be safe; nothing was written."""

    exit_code = 5


class InterruptedRunError(DriftsyncError):
    """Somebody pressed Ctrl-C while a member was written to: says how far it came, and how to go on."""

    exit_code = 130


class KeyFileError(DriftsyncError):
    """The key that fingerprints secrets cannot be read, or others can read it."""


class StoreError(DriftsyncError):
    """What is kept between runs cannot be used. It is never made anew in its place."""


class SpecError(DriftsyncError):
    """A kind's declaration contradicts itself; names the kind and the word."""

    exit_code = 70

    def __init__(self, kind: str, word: str, reason: str) -> None:
        super().__init__(f"kind {kind}: {word}: {reason}")
