"""This module shows that long work goes on: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from driftsync.language import _

QUIET_SECONDS = 2.0
"""Seconds of work before anything is shown: most commands are done by then."""


@contextmanager
def shown(label: str, total: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes how much is done, of `total` if that is known."""
    if quiet:
        yield lambda _done: None
        return
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(label, total=total)
            yield lambda done: progress.update(task, completed=done)
        return
    yield _plain_lines(label, total)


def _plain_lines(label: str, total: int | None) -> Callable[[int], None]:
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            of = _(" of {total}").format(total=total) if total else ""
            print(f"{label}: {done}{of}", file=sys.stderr)

    return tell
