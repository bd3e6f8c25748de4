"""This package compares a member with its primary, in constant memory: Snapshot × Snapshot → Drift.

`walking` reads lines in order, `scope` knows what may be concluded, `judging` decides about one property,
`findings` gathers, `comparison` joins them, `shared` knows of members that belong to two mirrors.
"""

from driftsync.comparing.comparison import compare
from driftsync.comparing.judging import severity_of
from driftsync.comparing.scope import Scope
from driftsync.comparing.shared import without_what_others_want
from driftsync.comparing.walking import Lines

__all__ = ["Lines", "Scope", "compare", "severity_of", "without_what_others_want"]
