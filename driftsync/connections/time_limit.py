"""This module says when a piece of work has to be over: so many seconds after it began, or at once when somebody says so."""

from __future__ import annotations

import math
import time
from threading import Event, Lock

from driftsync.connections.failures import TimeOver
from driftsync.language import english as _


class TimeLimit:
    """Shared by all that belongs together, the members of one mirror for instance; safe between threads."""

    def __init__(self, seconds: float = math.inf) -> None:
        self.seconds = seconds
        self._end = math.inf
        self._begun = Lock()
        self._ended = Event()

    def begin(self) -> None:
        """Let the time run from now on, unless it does already."""
        with self._begun:
            if self._end == math.inf:
                self._end = time.monotonic() + self.seconds

    def end(self) -> None:
        """Let the time be over now."""
        self._ended.set()

    @property
    def left(self) -> float:
        """Seconds that are left; 0 when the time is over."""
        return 0.0 if self._ended.is_set() else max(0.0, self._end - time.monotonic())

    def check(self, member: str) -> None:
        """Raise `TimeOver` when the time is over."""
        if self.left <= 0:
            raise self.error(member)

    def error(self, member: str) -> TimeOver:
        """Return the error that says so of `member`."""
        if self._ended.is_set():
            return TimeOver(_("{member}: reading was interrupted").format(member=member))
        return TimeOver(
            _("{member}: the {seconds:.0f} s that its mirror may take were over before it was read").format(
                member=member, seconds=self.seconds
            ),
            hint=_(
                "look at which member was slow; time_limit in [report] or [mirror.NAME] gives more time, "
                "--parallel reads more members at once"
            ),
        )
