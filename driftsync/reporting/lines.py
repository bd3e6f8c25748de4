"""This module prints marked lines that hang beside their mark, and rows that say once what members have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from driftsync.language import ngettext, visible

Key = TypeVar("Key")

GOOD, WARNED, BAD, NEITHER = ("✓", "green"), ("!", "yellow"), ("✗", "red"), ("–", "dim")
"""Marks and their colours."""
NARROW = 30
"""Columns of the names at the left."""
MOST = 8
"""Names in one line, before the rest is counted."""


@dataclass(frozen=True)
class Cell:
    """What is said of one thing on one member."""

    mark: tuple[str, str]
    text: str = ""


def heading(text: str, console: Console) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def line(console: Console, mark: tuple[str, str], text: str, *, indent: int = 2, style: str = "") -> None:
    """Print a mark and a text that hangs beside it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=indent + 1, justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark[0], style=mark[1]), Text(text, style=style))
    console.print(grid)


def print_row(title: str, cells: dict[str, Cell], console: Console, *, above: bool = False) -> None:
    """Print a row: one line where all members agree, else a line for each answer with the members that gave it."""
    groups = list(grouped((cell, name) for name, cell in cells.items()))
    if len(groups) > 1:
        line(console, ("", ""), title)
        for cell, names in groups:
            line(
                console, cell.mark, ": ".join(part for part in (names_of(names), cell.text) if part), indent=6
            )
        return
    for cell, _all in groups:
        if above:
            line(console, cell.mark, title + (f" ({cell.text})" if cell.text else ""))
            continue
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=3, justify="right", no_wrap=True)
        grid.add_column(width=NARROW, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(cell.mark[0], style=cell.mark[1]), Text(title), Text(cell.text, style="dim"))
        console.print(grid)


def grouped(pairs: Iterable[tuple[Key, str]]) -> list[tuple[Key, list[str]]]:
    """Return each thing that is said, with the members of which it is said."""
    found: dict[Key, list[str]] = {}
    for key, name in pairs:
        found.setdefault(key, []).append(name)
    return list(found.items())


def some(texts: list[str], most: int = MOST, *, verbose: bool = False) -> str:
    """Return the first of many, and how many more there are."""
    if verbose or len(texts) <= most:
        return ", ".join(texts)
    more = len(texts) - most
    rest = ngettext("and {count} more", "and {count} more", more).format(count=more)
    return f"{', '.join(texts[:most])} {rest}"


def names_of(names: Iterable[str]) -> str:
    return ", ".join(visible(name) for name in names)
