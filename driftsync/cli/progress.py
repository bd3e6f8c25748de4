"""This module shows that long work goes on: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from driftsync.language import _, translated

if TYPE_CHECKING:
    from rich.progress import Progress

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
        with _bars() as progress:
            task = progress.add_task(label, total=total)
            yield lambda done: progress.update(task, completed=done)
        return
    yield _plain_lines(label, total)


class Board:
    """Several members being read, of one mirror or many. This one shows nothing; safe between threads."""

    def member(self, name: str) -> AbstractContextManager[Tell]:
        """Show one member for as long as it is read."""
        return _nothing(name)

    def mirror_done(self, name: str) -> None:
        """Note that a mirror was compared."""


@contextmanager
def board(kinds: int, mirrors: int = 0, *, quiet: bool) -> Iterator[Board]:
    """Yield what shows members while they are read: a bar each on a terminal, and a counter of `mirrors`."""
    if quiet:
        yield Board()
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield _Bars(bars, kinds, mirrors)
    else:
        yield _PlainLines(kinds, mirrors)


class _Bars(Board):
    """A bar for each running member; it goes when the member was read, so that fifty mirrors fit a window."""

    def __init__(self, bars: Progress, kinds: int, mirrors: int) -> None:
        self._bars, self._kinds, self._done = bars, kinds, 0
        self._mirrors = mirrors
        self._counter = bars.add_task(self._label(), total=mirrors) if mirrors > 1 else None

    def _label(self) -> str:
        return _("mirrors compared: {done} of {all}").format(done=self._done, all=self._mirrors)

    @contextmanager
    def member(self, name: str) -> Iterator[Tell]:
        task = self._bars.add_task(_reading(name), total=self._kinds)
        try:
            yield lambda done: self._bars.update(task, completed=done)
        finally:
            if self._counter is not None:
                self._bars.remove_task(task)

    def mirror_done(self, name: str) -> None:  # noqa: ARG002 - the counter does without it
        if self._counter is not None:
            self._done += 1
            self._bars.update(self._counter, completed=self._done, description=self._label())


class _PlainLines(Board):
    """Lines for a log: of one mirror, how far each member is; of many, each mirror when it is done."""

    def __init__(self, kinds: int, mirrors: int) -> None:
        self._kinds, self._mirrors, self._done = kinds, mirrors, 0

    @contextmanager
    def member(self, name: str) -> Iterator[Tell]:
        yield (lambda _done: None) if self._mirrors > 1 else _plain_lines(_reading(name), self._kinds)

    def mirror_done(self, name: str) -> None:
        if self._mirrors > 1:
            self._done += 1
            sentence = _("mirror {name} compared ({done} of {all})")
            print(sentence.format(name=name, done=self._done, all=self._mirrors), file=sys.stderr)


def warn(sentences: Iterable[str]) -> None:
    """Say each sentence once, on stderr."""
    for sentence in dict.fromkeys(sentences):
        print(_("warning: {sentence}").format(sentence=translated(sentence)), file=sys.stderr)


def _reading(name: str) -> str:
    return _("reading {member}").format(member=name)


@contextmanager
def _nothing(_name: str) -> Iterator[Tell]:
    yield lambda _done: None


def _bars() -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True)


def _plain_lines(label: str, total: int | None) -> Callable[[int], None]:
    last = time.monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            sentence = _("{label}: {done} of {total}") if total else _("{label}: {done}")
            print(sentence.format(label=label, done=done, total=total), file=sys.stderr)

    return tell
