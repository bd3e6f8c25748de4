"""This package swaps the roles on paper: what would run, stop or break if a member became primary, and who would notice.

`swap` goes through the areas; `tasks`, `access`, `applications` and `settings` know one each.
"""

from driftsync.rehearsing.swap import rehearse

__all__ = ["rehearse"]
