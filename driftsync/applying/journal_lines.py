"""This module says what the lines of a journal hold: the first the plan, the further ones how far something has come."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum
from typing import Any

import msgspec

from driftsync.model import Plan, StepState


class Beginning(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="driftsync-journal"):
    """The first line."""

    format_version: int
    run: str
    started_at: str
    plan: Plan


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One further line: what is about to be done, or was done, to one action."""

    number: int
    state: StepState
    at: str
    reason: str = ""
    undoing: bool = False
    """Whether the action is being taken back."""
    finding: str = ""
    """`before`, `after` or `neither`, where the item itself had to say it; `neither` is somebody else's."""
    intended: str = ""
    """What the secrets that are about to be carried are known by; of all else the plan in the first line says it."""
    kept: dict[str, Any] = {}
    """Of an item that is about to be deleted: what belongs to its host and is compared with nothing, to make it again."""


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One further line that is about no single action."""

    note: str
    """`activating`, `activated`, `cpf-copy`, `ended`."""
    at: str
    value: str = ""


class RecallState(Enum):
    """How far the task has come that takes the run back on the member; written down before what it speaks of is done."""

    PLANNED = "planned"
    SENDING = "sending"
    """It is about to be made, or its time to be set: the member has to say whether it was."""
    WRITTEN = "written"
    VERIFIED = "verified"
    """Read again, with its code and its time: it waits."""
    REMOVING = "removing"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    """Gone with the run, which was taken back from here or never wrote anything."""
    SPENT = "spent"
    """It ran, or its time passed."""

    @property
    def may_stand(self) -> bool:
        """Say whether such a task may be on the member."""
        return self not in {
            RecallState.PLANNED, RecallState.CONFIRMED, RecallState.WITHDRAWN, RecallState.SPENT
        }  # fmt: skip


class Recall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One further line: the task on the member that takes the run back unless it is confirmed."""

    recall: RecallState
    at: str
    task: str = ""
    """Its id on the member, empty before that is known."""
    within: int = 0
    """The seconds that were asked for."""
    deadline: int = 0
    """When it runs, by the member's own clock: seconds since day 0 of $HOROLOG."""
    until: str = ""
    """The same moment, UTC, ISO 8601."""


_BEGINNING = msgspec.json.Decoder(Beginning)
_RECALL = msgspec.json.Decoder(Recall)
_STEP = msgspec.json.Decoder(Step)
_NOTE = msgspec.json.Decoder(Note)


def first(line: bytes) -> Beginning:
    """Return what the first line holds. Raises `msgspec.MsgspecError`."""
    return _BEGINNING.decode(line)


def further(line: bytes) -> Step | Note | Recall:
    """Return what a further line holds; its first name tells what it is. Raises `msgspec.MsgspecError`."""
    if b'"note"' in line[:10]:
        return _NOTE.decode(line)
    return _RECALL.decode(line) if b'"recall"' in line[:10] else _STEP.decode(line)


def now() -> str:
    """Return this moment, UTC, ISO 8601."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
