"""This module holds what stops a run and what ends one of its steps; what refuses a plan is `errors.PlanRefusedError`."""

from __future__ import annotations

from driftsync.errors import DriftsyncError


class Stopped(DriftsyncError):  # noqa: N818 - named for what happened
    """Something is not as it was when the plan was made: no further step is taken."""

    exit_code = 4


class WriteFailed(DriftsyncError):  # noqa: N818 - named for what happened
    """The member refused one step."""

    exit_code = 4


class NotPermittedError(AssertionError):
    """Something asked for a call that writing does not need: a mistake in driftsync."""
