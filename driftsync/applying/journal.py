"""This module keeps on disk how far each step of a run has come, written through to the disk before what it speaks of is done.

The first line holds the plan, whole: with it alone a run can be finished or taken back. A line that was cut off by a
crash was never acted on, and does not count. The file is its owner's alone; no secret stands in a plan, so none does here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from driftsync.applying.batching import is_batched
from driftsync.applying.journal_lines import Beginning, Note, Recall, Step, first, further, now
from driftsync.errors import DriftsyncError
from driftsync.files import ENCODER
from driftsync.language import english as _
from driftsync.model import Plan, RunState, Sort, StepOutcome, StepState

FORMAT_VERSION = 1
FOLDER = "runs"
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")


class JournalError(DriftsyncError):
    """A journal is not there, is in use, or cannot be understood."""


class NeverBegunError(JournalError):
    """Its first line was cut off: it was not on the disk yet, so nothing was ever sent to a member."""


_BY_HAND = _(
    "what the run did is not known: look at its items on the member, then move this file to another folder"
)
_BEGINS = b'{"format":"driftsync-journal"'


class Journal:
    """The journal of one run, open for what happens next."""

    def __init__(self, path: Path, beginning: Beginning, file: IO[bytes] | None = None) -> None:
        self.path, self.beginning = path, beginning
        self.plan = beginning.plan
        self.steps: dict[int, Step] = {}
        """The last line of each action."""
        self.notes: list[Note] = []
        self.kept: dict[int, dict[str, Any]] = {}
        """What was noted of an item before it was deleted, beside what the plan holds."""
        self.intended: dict[int, str] = {}
        """What the secrets of an action were known by when it was sent."""
        self.unactivated: set[int] = set()
        """Actions that were saved and that nothing has brought to life yet, as far as the journal knows."""
        self.touched = False
        """Whether anything may have been sent to the member in this run."""
        self.sent: set[int] = set()
        """Actions that this run may have carried out: only these are ever taken back."""
        self.recall: Recall | None = None
        """The last line about the task that takes the run back on the member; `None` where none was asked for."""
        self._batched = {action.number for action in self.plan.actions if is_batched(action)}
        self._file = file
        self._lost: OSError | None = None
        """Why nothing more can be noted: what was noted last may be half a line."""

    @classmethod
    def begin(cls, folder: Path, run: str, plan: Plan) -> Journal:
        """Make the file, with its first line on the disk. Raises `JournalError` where it cannot be made."""
        path = folder / f"{run}.jsonl"
        beginning = Beginning(format_version=FORMAT_VERSION, run=run, started_at=now(), plan=plan)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
            )
            journal = cls(path, beginning, os.fdopen(descriptor, "wb", buffering=0))
            try:
                journal._write(beginning)
                _sync_folder(folder)
            except BaseException:
                journal.close()
                with suppress(OSError):
                    path.unlink()
                raise
        except OSError as error:
            raise _unusable(path, error) from None
        return journal

    @classmethod
    def read(cls, path: Path) -> Journal:
        """Read a journal, to look at it. Raises `JournalError`."""
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise _unusable(path, error) from None
        if len(lines) == 1 and lines[0][: len(_BEGINS)] == _BEGINS[: len(lines[0])]:
            raise NeverBegunError(
                _("{path}: the record of this run was cut off before anything was written").format(path=path),
                hint=_("nothing is to be finished or taken back: the file can go"),
            )
        try:
            journal = cls(path, first(lines[0]))
        except (msgspec.MsgspecError, IndexError):
            raise JournalError(
                _("{path}: this is no record of a run, or one of a newer driftsync").format(path=path),
                hint=_BY_HAND,
            ) from None
        for number, line in enumerate(lines[1:], start=2):
            journal._take(line, number, last=number >= len(lines))
        return journal

    @classmethod
    def reopen(cls, path: Path) -> Journal:
        """Read a journal and open it for what happens next."""
        journal = cls.read(path)
        journal.open_again()
        return journal

    @property
    def run(self) -> str:
        return self.beginning.run

    @property
    def state(self) -> RunState:
        """Return what became of the run, `running` where nothing says that it ended."""
        ended = next((each.value for each in reversed(self.notes) if each.note == "ended"), "")
        return RunState(ended) if ended else RunState.RUNNING

    def step(
        self,
        number: int,
        state: StepState,
        reason: str = "",
        *,
        undoing: bool = False,
        finding: str = "",
        intended: str = "",
        kept: Mapping[str, Any] | None = None,
    ) -> None:
        """Note how far an action has come; when this returns, the disk has it."""
        line = Step(
            number=number,
            state=state,
            at=now(),
            reason=reason,
            undoing=undoing,
            finding=finding,
            intended=intended,
            kept=dict(kept or {}),
        )
        self._write(line)
        self._keep(line)

    def note(self, note: str, value: str = "") -> None:
        """Note something about no single action; when this returns, the disk has it."""
        line = Note(note=note, at=now(), value=value)
        self._write(line)
        self._keep(line)

    def recalled(self, line: Recall) -> None:
        """Note how far the task has come that takes the run back; when this returns, the disk has it."""
        self._write(line)
        self._keep(line)

    @property
    def waits(self) -> bool:
        """Say whether a task may stand on the member that takes this run back."""
        return self.recall is not None and self.recall.recall.may_stand

    def outcomes(self) -> list[StepOutcome]:
        """Return how far each action of the plan has come."""
        return [
            StepOutcome(
                number=action.number,
                key=action.key,
                sort=Sort(action.sort),
                state=step.state if step else StepState.PLANNED,
                at=step.at if step else self.beginning.started_at,
                reason=step.reason if step else "",
            )
            for action in self.plan.actions
            for step in (self.steps.get(action.number),)
        ]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def open_again(self) -> None:
        """Open the file for what happens next."""
        try:
            whole = self.path.read_bytes().endswith(b"\n")
            self._file = self.path.open("ab", buffering=0)
            if not whole:
                self._file.write(b"\n")  # what was cut off stays alone on its line
        except OSError as error:
            raise _unusable(self.path, error) from None

    def _write(self, line: msgspec.Struct) -> None:
        if self._lost is not None:  # what follows a line that was cut off could not be told from it
            raise _unusable(self.path, self._lost)
        assert self._file is not None  # noqa: S101 - whoever writes has begun or reopened it
        left = memoryview(ENCODER.encode(line) + b"\n")
        try:
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._lost = error
            raise _unusable(self.path, error) from None

    def _take(self, line: bytes, number: int, *, last: bool) -> None:
        if not line.strip():
            return
        try:
            self._keep(further(line))
        except msgspec.MsgspecError:
            if last or self._is_cut(line):
                return
            raise JournalError(
                _("{path}:{line}: this line cannot be understood").format(path=self.path, line=number),
                hint=_BY_HAND,
            ) from None

    def _keep(self, line: Step | Note | Recall) -> None:
        if isinstance(line, Recall):
            self.recall = line
            return
        if isinstance(line, Note):
            self.notes.append(line)
            if line.note == "activated":
                self.unactivated.clear()
            return
        self.steps[line.number] = line
        self.kept.update({line.number: line.kept} if line.kept else {})
        self.intended.update({line.number: line.intended} if line.intended else {})
        if line.state is StepState.PLANNED or (line.finding == "before" and not line.undoing):
            self.sent.discard(line.number)
        if line.state is StepState.SENDING:
            self.touched = True
            self.sent.add(line.number)
            self.unactivated |= {line.number} & self._batched

    def _is_cut(self, line: bytes) -> bool:
        try:
            msgspec.json.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return True
        return False


def journals(folder: Path) -> Iterator[Path]:
    """Yield the journals of a folder, the latest first."""
    found = []
    with suppress(OSError):
        found = [path for path in folder.iterdir() if path.suffix == ".jsonl"]
    yield from sorted(found, key=lambda path: path.name, reverse=True)


def begun(folder: Path, since: float = 0.0) -> Iterator[Journal]:
    """Yield what the journals of a folder hold, the latest first, but for those that were cut off in their first line.

    `since` leaves out what was last written before, in seconds of the epoch. Raises `JournalError` for a damaged one.
    """
    for path in journals(folder):
        if not since or path.stat().st_mtime >= since:
            try:
                journal = Journal.read(path)
            except NeverBegunError:
                continue
            yield journal


def journal_of(folder: Path, run: str) -> Path:
    """Return the file of a run. Raises `JournalError` where there is none."""
    path = named(folder, run)
    if path is None:
        raise JournalError(
            _("there is no run {run}").format(run=run),
            hint=_("`driftsync history` lists the runs"),
        )
    return path


def named(folder: Path, run: str) -> Path | None:
    """Return the file of a run, `None` where nothing of that name is a run."""
    path = folder / f"{run}.jsonl"
    return path if _NAME.fullmatch(run) and path.is_file() else None


def _unusable(path: Path, error: OSError) -> JournalError:
    reason = error.strerror or type(error).__name__
    return JournalError(
        _("the record {path} cannot be used: {reason}").format(path=path, reason=reason),
        hint=_("without a record nothing is written on a member: make room, or set {variable}").format(
            variable="DRIFTSYNC_STORE"
        ),
    )


def _sync_folder(folder: Path) -> None:
    """Bring the name of a new file to the disk, where the system can do that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
