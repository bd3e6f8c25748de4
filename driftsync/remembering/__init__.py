"""This package sees a comparison against the runs before it: Report × Store → Night.

`origins` says which side moved, `digests` what a difference and an item are known by, `nights` does one mirror,
`absent` notices the nights without a run.
"""

from driftsync.remembering.absent import nights_missed, without_run
from driftsync.remembering.nights import Seen, remember
from driftsync.remembering.origins import ABSENT, UNKNOWN, origin_of

__all__ = ["ABSENT", "UNKNOWN", "Seen", "nights_missed", "origin_of", "remember", "without_run"]
