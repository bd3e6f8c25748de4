"""This package swaps the roles on paper: what would run, stop or break if a member became primary, and who would notice.

`swap` goes through the areas, each of which knows who would notice one sort of thing; `others` tells of whatever
differs and no area knows; `repairing` names the command for it.
"""

from driftsync.rehearsing.swap import drift_after, rehearse

__all__ = ["drift_after", "rehearse"]
