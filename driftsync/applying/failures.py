"""This module holds what ends a run before its first write, and what ends one of its steps."""

from __future__ import annotations

from driftsync.errors import DriftsyncError


class PlanRefused(DriftsyncError):  # noqa: N818 - named for what happened
    """The plan is not carried out, and nothing was written."""

    exit_code = 5


class Stopped(DriftsyncError):  # noqa: N818 - named for what happened
    """Something is not as it was when the plan was made: no further step is taken."""

    exit_code = 4


class WriteFailed(DriftsyncError):  # noqa: N818 - named for what happened
    """The member refused one step."""

    exit_code = 4


class NotPermittedError(AssertionError):
    """Something asked for a call that writing does not need: a mistake in driftsync."""
