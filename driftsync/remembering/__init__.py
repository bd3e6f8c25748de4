"""This package sees a comparison against the runs before it: Report × Store → Night.

`digests` is what a difference and an item are known by, `origins` says which side moved and `bases` since what,
`acceptance` what was accepted, `accepting` accepts, `nights` does one mirror, `knowing` looks without keeping,
`absent` notices the nights without a run, `earlier` looks back for forecasts.
"""

from driftsync.remembering.absent import nights_missed, without_run
from driftsync.remembering.accepting import (
    accept,
    all_accepted,
    named,
    not_accepted,
    open_now,
    withdraw,
    without_accepted,
)
from driftsync.remembering.earlier import past_of, past_of_snapshots
from driftsync.remembering.knowing import known_of
from driftsync.remembering.nights import Seen, remember
from driftsync.remembering.origins import ABSENT, origin_of

__all__ = [
    "ABSENT",
    "Seen",
    "accept",
    "all_accepted",
    "known_of",
    "named",
    "nights_missed",
    "not_accepted",
    "open_now",
    "origin_of",
    "past_of",
    "past_of_snapshots",
    "remember",
    "withdraw",
    "without_accepted",
    "without_run",
]
