"""This module leaves on the member what a run leaves there beside its steps: a copy of the CPF, and an audit event."""

from __future__ import annotations

from driftsync.applying.failures import Stopped
from driftsync.applying.permitted import Writer
from driftsync.connections.failures import CallFailed
from driftsync.connections.interface import BY_REFERENCE
from driftsync.extracting.permitted import PermittedConnection
from driftsync.language import english as _

EVENT = ("driftsync", "sync", "run")
"""Source, type and name of the audit event that a site may define."""


def copy_cpf(writer: Writer, run: str) -> str:
    """Copy the CPF beside itself, under the name of the run, and return where. Raises `Stopped` where it cannot be."""
    made = writer.made(writer.call("Config.Namespaces", "%New").value)
    place = str(writer.get(made, "CPFFile"))
    copy = f"{place}_driftsync_{run}"
    if not place or not writer.call("%Library.File", "CopyFile", place, copy).value:
        raise Stopped(
            _("the CPF could not be copied to {path}").format(path=copy),
            hint=_("make room beside it, or let the account write there: without a copy nothing is written"),
        )
    return copy


def write_audit_event(connection: PermittedConnection, writer: Writer, said: str) -> None:
    """Write an audit event where the site has defined one; nothing else hangs on it."""
    try:
        if connection.call("Security.Events", "Exists", *EVENT, BY_REFERENCE, BY_REFERENCE).value:
            writer.call("%SYSTEM.Security", "Audit", *EVENT, said, "driftsync")
    except CallFailed:
        return
