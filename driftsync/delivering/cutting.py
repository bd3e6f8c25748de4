"""This module shortens a text to what a channel takes: at the end of a line, and saying how much is left out."""

from __future__ import annotations

from collections.abc import Callable

from driftsync.language import _


def cut(text: str, fits: Callable[[str], bool], *, more: int = 0) -> str:
    """Return as many whole lines as fit, and what is left out; `more` counts what the text already left out.

    A first line that does not fit by itself is cut within.
    """
    if not more and fits(text):
        return text
    lines = text.rstrip("\n").split("\n")
    kept = _most(len(lines), lambda count: fits(_with_rest(lines, count, more)))
    if kept:
        return _with_rest(lines, kept, more)
    whole = lines[0]

    def begun(letters: int) -> str:
        return _with_rest([whole[:letters] + "…", *lines[1:]], 1, more)

    return begun(_most(len(whole), lambda letters: fits(begun(letters))))


def _with_rest(lines: list[str], kept: int, more: int) -> str:
    left_out = sum(bool(line.strip()) for line in lines[kept:]) + more
    shown = lines[:kept]
    while shown and not shown[-1].strip():
        shown = shown[:-1]
    rest = [_("… {count} more, see the report").format(count=left_out)] if left_out else []
    return "\n".join([*shown, *rest])


def _most(highest: int, fits: Callable[[int], bool]) -> int:
    """Return the highest number that fits, 0 where none above it does."""
    low, high = 0, highest
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low
