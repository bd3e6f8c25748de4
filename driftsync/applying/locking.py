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
def client_lock(folder: Path, mirror: str) -> Iterator[None]:
    """Hold this user's lock of one mirror: one member at a time. Raises `PlanRefusedError` where it cannot be had."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", mirror) or "_"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", timeout=0)
        with lock:
            yield
    except Timeout:
        raise PlanRefusedError(
            _("another driftsync of this user is writing to a member of mirror {mirror}").format(
                mirror=mirror
            ),
            hint=_("wait until it has ended; nothing was written"),
        ) from None
    except OSError as error:
        raise PlanRefusedError(
            _("the lock in {path} cannot be used: {reason}").format(
                path=folder, reason=error.strerror or type(error).__name__
            ),
            hint=_("nothing was written; see to the folder, or set {variable}").format(
                variable="DRIFTSYNC_STORE"
            ),
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
