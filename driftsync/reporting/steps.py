"""This module prints one step of a plan or a run: its sign and key, its hazards, what it sets and what stood there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftsync.kinds import all_kinds
from driftsync.language import _, ngettext, translated, visible
from driftsync.model import Action, Sort, Withheld
from driftsync.rendering.heading import HAZARDS
from driftsync.reporting.wording import property_of, show, show_item

STYLES = {Sort.CREATE: "green", Sort.CHANGE: "yellow", Sort.DELETE: "red"}
LONG = 100
"""Letters of one value that are shown unless everything is."""
FEW = 6
"""Properties of something new, and keys of one reason, that are shown unless everything is."""


def print_step(console: Console, action: Action, *, verbose: bool, became: str = "") -> None:
    """Print one step; `became` is how far it came, with the reason, where it was begun."""
    line = Text(f"{action.number:5} ")
    line.append(f"{action.sort.sign} {visible(action.key)}", style=STYLES[action.sort])
    if action.hazards:
        line.append("  " + _(", ").join(_(HAZARDS[each]) for each in action.hazards), style="dim")
    console.print(line)
    if became:
        indented(console, Text(visible(became), style="bold"), 8)
    lines = list(lines_of(action))
    if not verbose and action.sort is not Sort.CHANGE:
        lines = _telling(action, lines)
    shown = lines if verbose or action.sort is Sort.CHANGE else lines[:FEW]
    for name, value in shown:
        indented(console, Text(f"{name}: {visible(short(value, verbose=verbose))}"), 10)
    if rest := len(lines) - len(shown):
        indented(console, Text(more(rest), style="dim"), 10)
    for name in action.secrets:
        indented(
            console, Text(_("{name}: a secret, carried from the primary").format(name=name), style="dim"), 10
        )
    if action.note:
        indented(console, Text(visible(translated(action.note)), style="italic"), 10)


def lines_of(action: Action | Withheld) -> Iterator[tuple[str, str]]:
    """Yield properties with what they become, and of a change what they were."""
    if action.sort is Sort.DELETE:
        yield from show_item(action.before, action.kind, action.key)
        return
    for name, value in action.sets.items():
        declared = property_of(action.kind, name, action.key)
        if action.sort is Sort.CREATE:
            if value is not None:
                yield name, show(value, declared) or _("(empty)")
        else:
            yield name, _arrow(show(action.before.get(name), declared), show(value, declared))


def _telling(action: Action, lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what is worth a line of something new or gone: not its defaults; in the order of the declaration."""
    kind = all_kinds()[action.kind]
    ranks = {each.name: rank for rank, each in enumerate(kind.properties)}
    values = action.before if action.sort is Sort.DELETE else action.sets

    def told(name: str) -> bool:
        value, declared = values.get(name), property_of(action.kind, name, action.key)
        default = declared.default if declared else None
        return name in kind.stated or (value not in (None, "", False, [], {}) and value != default)

    found = [(name, value) for name, value in lines if told(name)]
    return sorted(found, key=lambda line: (line[0] not in kind.stated, ranks.get(line[0], len(ranks))))


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}"


def more(count: int) -> str:
    """Say how many lines were left out."""
    return ngettext("and {count} more (-v)", "and {count} more (-v)", count).format(count=count)


def short(value: Any, *, verbose: bool = False) -> str:
    """Return a value as it fits a line, whole where everything is shown."""
    text = str(value)
    return text if verbose or len(text) <= LONG else text[: LONG - 1] + "…"


def indented(console: Console, text: Text, indent: int = 2) -> None:
    """Print text with its further lines under its first."""
    console.print(Padding(text, (0, 0, 0, indent), expand=False))
