"""This package reaches members: each connection lives in a process of its own, so that silence costs its deadline.

`interface` says what a connection can do, `iris` is the only importer of the driver and runs in the child, `guarded`
is the parent's end, `failures` turns what the driver says into errors with hints, `credentials` finds passwords,
`tls` writes the driver's settings, `opening` takes all of it from the settings, `time_limit` bounds all of it together.
`asking` hears what one member says of its mirror, `discovery` finds the whole of it, `seeing` is what is shown.

Its names are imported when they are first used: the child, which is started for every connection, needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftsync.connections.guarded import connect
    from driftsync.connections.interface import Address, Answer, Connection, ObjectHandle, Table
    from driftsync.connections.opening import open_member, warnings_of
    from driftsync.connections.time_limit import TimeLimit

_HOMES = {
    "Address": "interface",
    "Answer": "interface",
    "Connection": "interface",
    "ObjectHandle": "interface",
    "Table": "interface",
    "TimeLimit": "time_limit",
    "connect": "guarded",
    "open_member": "opening",
    "warnings_of": "opening",
}

__all__ = [
    "Address",
    "Answer",
    "Connection",
    "ObjectHandle",
    "Table",
    "TimeLimit",
    "connect",
    "open_member",
    "warnings_of",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
