"""This module counts what travels: requests by function code, replies and bytes, for each session and in total."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from driftsync.lab.protocol import Code, Request


@dataclass
class Tally:
    """What one session, or one server, has exchanged."""

    requests: Counter[str] = field(default_factory=Counter)
    """By function code, as people read it: `PQ`, `4BC2`."""
    replies: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0

    @property
    def messages(self) -> int:
        """Every message, in both directions."""
        return self.requests.total() + self.replies

    @property
    def round_trips(self) -> int:
        """The requests for which the driver waits."""
        return self.requests.total() - sum(self.requests[code.decode()] for code in Code.UNANSWERED)

    @property
    def pages(self) -> int:
        """The round trips that only fetched more rows."""
        return self.requests[Code.FETCH.decode()]


@dataclass
class Counts:
    """The tallies of one server."""

    total: Tally = field(default_factory=Tally)
    sessions: list[Tally] = field(default_factory=list)
    """One for each connection, in the order of their arrival, kept after their end."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def opened(self) -> tuple[int, Tally]:
        """Begin the tally of a connection; return its number, from 1."""
        with self._lock:
            self.sessions.append(Tally())
            return len(self.sessions), self.sessions[-1]

    def received(self, session: Tally, request: Request) -> int:
        """Count a request; return its number among all of the server, from 1."""
        with self._lock:
            for tally in (self.total, session):
                tally.requests[request.name] += 1
                tally.bytes_received += len(request.body)
            return self.total.requests.total()

    def sent(self, session: Tally, size: int) -> None:
        """Count a reply."""
        with self._lock:
            for tally in (self.total, session):
                tally.replies += 1
                tally.bytes_sent += size

    def reset(self) -> None:
        """Begin the total anew; the tallies of sessions go on."""
        with self._lock:
            self.total = Tally()
