"""This module keeps a second writer out: by a file lock of this user, and by a lock that the member itself holds.

The member's lock belongs to the connection: it is free again when the connection ends, however it ends, and no cleaning
up can be forgotten. It is the lock of the Native API on a name of our own; nothing is stored under that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from driftsync.connections.failures import CallFailed
from driftsync.connections.interface import WritableConnection
from driftsync.errors import PlanRefusedError
from driftsync.extracting.permitted import why
from driftsync.language import english as _

NAME, SUBSCRIPT = "driftsync", "applying"


@contextmanager
def client_lock(folder: Path, mirror: str, member: str) -> Iterator[None]:
    """Hold this user's lock of one member. Raises `PlanRefusedError` where another process has it."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{mirror}-{member}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", timeout=0)
        with lock:
            yield
    except Timeout:
        raise PlanRefusedError(
            _("another driftsync of this user is writing to {member}").format(member=member),
            hint=_("wait until it has ended; nothing was written"),
        ) from None


def lock_member(connection: WritableConnection, member: str) -> None:
    """Take the member's own lock. Raises `PlanRefusedError` where another process holds it, or it cannot be had."""
    try:
        held = connection.lock(NAME, SUBSCRIPT)
    except CallFailed as error:
        raise PlanRefusedError(
            _("{member}: its lock could not be taken: {why}").format(member=member, why=why(error)),
            hint=_("the account needs %DB_IRISSYS:RW in %SYS, as for every write to the configuration"),
        ) from error
    if not held:
        raise PlanRefusedError(
            _("somebody else is writing to {member} with driftsync").format(member=member),
            hint=_("wait until that run has ended; nothing was written"),
        )
