"""This package knows what IRIS says of a mirror in words: English, Simplified Chinese and Japanese texts to codes.

Every function is pure and returns `None` for what no table holds: an unknown text is unknown, never a pass. `words` is
the table, `reading` reads one text, `connected` a row; `display` and `walk` read what was copied, `telling` makes facts.
"""

from driftsync.statuses.connected import (
    not_following,
    row_connected,
    row_follows,
    row_is_async,
    row_lag,
    status_connected,
)
from driftsync.statuses.display import Shown, StatusUnreadable
from driftsync.statuses.reading import (
    Lag,
    arbiter_of,
    dejournaling_of,
    failover_mode_of,
    journal_transfer_of,
    member_type_of,
    role_of,
    state_of,
    status_of,
)
from driftsync.statuses.telling import Told, read_status, told_of

__all__ = [
    "Lag",
    "Shown",
    "StatusUnreadable",
    "Told",
    "arbiter_of",
    "dejournaling_of",
    "failover_mode_of",
    "journal_transfer_of",
    "member_type_of",
    "not_following",
    "read_status",
    "role_of",
    "row_connected",
    "row_follows",
    "row_is_async",
    "row_lag",
    "state_of",
    "status_connected",
    "status_of",
    "told_of",
]
