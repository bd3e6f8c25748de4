"""This module prints a rehearsal: what breaks first, grouped by effect, each with who would notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftsync.language import N_, _, translated, visible
from driftsync.model import Effect, Rehearsal
from driftsync.reporting.wording import clauses

EFFECTS: Mapping[Effect, str] = {
    Effect.BREAKS: N_("would break"),
    Effect.STOPS: N_("would stop"),
    Effect.STARTS: N_("would start"),
    Effect.CHANGES: N_("would be different"),
}
MARKS = {Effect.BREAKS: "✗", Effect.STOPS: "■", Effect.STARTS: "▶", Effect.CHANGES: "~"}
STYLES = {Effect.BREAKS: "bold red", Effect.STOPS: "yellow", Effect.STARTS: "magenta", Effect.CHANGES: "cyan"}


def print_rehearsal(
    console: Console, rehearsal: Rehearsal, *, afterwards: bool = False, verbose: bool = False
) -> None:
    """Print every consequence; `verbose` adds the page where each is set."""
    title = (
        _("{new} after {old}: what was lost")
        if afterwards
        else _("if {new} became primary in place of {old}")
    )
    console.print(
        Text(f"━━ {visible(title.format(new=rehearsal.promote, old=rehearsal.primary))} ━━", style="bold")
    )
    counts = Counter(each.effect for each in rehearsal.consequences)
    if counts:
        shown = clauses(
            *(f"{MARKS[each]} {counts[each]} {_(EFFECTS[each])}" for each in Effect if counts[each])
        )
        console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2), expand=False))
    elif not rehearsal.blind:
        console.print(Text(_("  nobody would notice, in everything that was looked at"), style="bold green"))
    for effect in Effect:
        found = [each for each in rehearsal.consequences if each.effect is effect]
        if found:
            console.print(Text(f"\n{_(EFFECTS[effect])}", style=STYLES[effect]))
        for each in found:
            line = Text(f"  {MARKS[effect]} ", style=STYLES[effect])
            line.append(visible(translated(each.who)), style="bold")
            line.append(f": {visible(translated(each.what))}")
            line.append(f"  {visible(each.key)}", style="dim")
            console.print(line)
            if verbose:
                console.print(
                    Padding(Text(visible(translated(each.portal)), style="dim"), (0, 0, 0, 6), expand=False)
                )
    if rehearsal.blind:
        console.print(
            Text("\n" + _("? Not known: what could not be read may hide more"), style="bold yellow")
        )
        for reason in rehearsal.blind:
            console.print(Text(f"  ? {visible(translated(reason))}"))
