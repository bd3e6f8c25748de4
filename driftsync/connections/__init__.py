"""This package reaches members: each connection lives in a process of its own, so that silence costs its deadline.

`interface` says what a connection can do, `iris` is the only importer of the driver and runs in the child, `guarded`
is the parent's end, `failures` turns what the driver says into errors with hints, `credentials` finds passwords,
`tls` writes the driver's settings, `opening` takes all of it from the settings, `time_limit` bounds all of it together.
`asking` hears what one member says of its mirror, `discovery` finds the whole of it, `seeing` is what is shown.
"""

from driftsync.connections.guarded import connect
from driftsync.connections.interface import Address, Answer, Connection, ObjectHandle, Table
from driftsync.connections.opening import open_member, warnings_of
from driftsync.connections.time_limit import TimeLimit

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
