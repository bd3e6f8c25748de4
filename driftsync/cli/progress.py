"""This module shows that long work goes on: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from driftsync.language import _, translated

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Tell = Callable[[int], None]
"""Told how much is done."""

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


@contextmanager
def side_by_side(names: Iterable[str], total: int, *, quiet: bool) -> Iterator[dict[str, Tell]]:
    """Yield for each member a function that takes how much of it is done: a bar each on a terminal."""
    labels = {name: _("reading {member}").format(member=name) for name in names}
    if quiet:
        yield dict.fromkeys(labels, lambda _done: None)
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bars:
            tasks = {name: bars.add_task(label, total=total) for name, label in labels.items()}
            yield {name: partial(_advance, bars, task) for name, task in tasks.items()}
    else:
        yield {name: _plain_lines(label, total) for name, label in labels.items()}


def _advance(bars: Progress, task: TaskID, done: int) -> None:
    bars.update(task, completed=done)


def warn(sentences: Iterable[str]) -> None:
    """Say each sentence once, on stderr."""
    for sentence in dict.fromkeys(sentences):
        print(_("warning: {sentence}").format(sentence=translated(sentence)), file=sys.stderr)


def _plain_lines(label: str, total: int | None) -> Callable[[int], None]:
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            of = _(" of {total}").format(total=total) if total else ""
            print(f"{label}: {done}{of}", file=sys.stderr)

    return tell
