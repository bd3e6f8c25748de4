"""This module prints a plan: what would be done in which order with which hazards, what is withheld, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftsync.kinds import all_kinds
from driftsync.language import N_, _, ngettext, translated, visible
from driftsync.model import Action, Change, Conflict, Gap, Hazard, Plan, Sort, Withheld
from driftsync.model.drift import Changed, Clash, Missing
from driftsync.rendering.heading import HAZARDS
from driftsync.reporting.wording import (
    ROLES,
    edited_in_words,
    folded_gaps,
    moment,
    property_of,
    show,
    show_change,
    show_item,
)

STYLES = {Sort.CREATE: "green", Sort.CHANGE: "yellow", Sort.DELETE: "red"}
COUNTED: Mapping[Sort, str] = {
    Sort.CREATE: N_("create"),
    Sort.CHANGE: N_("change"),
    Sort.DELETE: N_("delete"),
}
LONG = 100
"""Letters of one value that are shown unless everything is."""
MANY = 12
"""Warnings that are shown unless everything is."""
FEW = 6
"""Properties of something new, and keys of one reason, that are shown unless everything is."""


def print_plan(
    console: Console,
    plan: Plan,
    *,
    quiet: bool = False,
    verbose: bool = False,
    file: Path | None = None,
    to_be_asked: bool = False,
) -> None:
    """Print a plan; `file` is where it was written. `quiet` leaves the counts, `verbose` unfolds everything.

    What is `to_be_asked` about says by itself what happens next.
    """
    title = _("plan for {member} ({role}) of mirror {mirror}, after {primary}").format(
        member=plan.member.name,
        role=_(ROLES[plan.member.role]),
        mirror=plan.mirror or "?",
        primary=plan.primary.name,
    )
    console.print(Text(f"━━ {visible(title)} ━━", style="bold"))
    _indented(console, Text(counts_of(plan)))
    if hazards := hazards_of(plan):
        _indented(console, Text(hazards, style="dim"))
    if quiet:
        return
    warnings = plan.warnings if verbose else plan.warnings[:MANY]
    for warning in warnings:
        _indented(console, Text(f"! {visible(translated(warning))}", style="bold yellow"))
    if rest := len(plan.warnings) - len(warnings):
        _indented(console, Text(_more(rest), style="dim"))
    if plan.actions:
        console.print(Text("\n" + _("would be done, in this order"), style="bold"))
    for action in plan.actions:
        _action(console, action, verbose=verbose)
    for conflict in plan.conflicts:
        _conflict(console, conflict, first=conflict is plan.conflicts[0])
    _withheld(console, plan.withheld, verbose=verbose)
    _gaps(console, plan.gaps, verbose=verbose)
    if to_be_asked:
        return
    console.print()
    for line in _next(plan, file, verbose=verbose):
        _indented(console, Text(visible(line)))


def counts_of(plan: Plan) -> str:
    """Say how many steps of each sort there are, and what is left."""
    counts = Counter(action.sort for action in plan.actions)
    parts = [f"{sort.sign} {counts[sort]} {_(COUNTED[sort])}" for sort in Sort if counts[sort]]
    if plan.conflicts:
        parts.append(
            ngettext("{count} conflict", "{count} conflicts", len(plan.conflicts)).format(
                count=len(plan.conflicts)
            )
        )
    if held := len(plan.withheld):
        parts.append(ngettext("{count} withheld", "{count} withheld", held).format(count=held))
    nothing = _("nothing to do: no drift") if plan.complete else _("nothing to do in what could be read")
    return _(", ").join(parts) or nothing


def hazards_of(plan: Plan) -> str:
    """Name the hazards of the steps, with how many have each."""
    counts = Counter(hazard for action in plan.actions for hazard in action.hazards)
    return _(", ").join(f"{_(HAZARDS[hazard])} ({counts[hazard]})" for hazard in Hazard if counts[hazard])


def _action(console: Console, action: Action, *, verbose: bool) -> None:
    line = Text(f"{action.number:5} ")
    line.append(f"{action.sort.sign} {visible(action.key)}", style=STYLES[action.sort])
    if action.hazards:
        line.append("  " + _(", ").join(_(HAZARDS[each]) for each in action.hazards), style="dim")
    console.print(line)
    lines = list(_lines(action))
    if not verbose and action.sort is not Sort.CHANGE:
        lines = _telling(action, lines)
    shown = lines if verbose or action.sort is Sort.CHANGE else lines[:FEW]
    for name, value in shown:
        _indented(console, Text(f"{name}: {visible(_short(value, verbose=verbose))}"), 10)
    if rest := len(lines) - len(shown):
        _indented(console, Text(_more(rest), style="dim"), 10)
    for name in action.secrets:
        _indented(
            console, Text(_("{name}: a secret, carried from the primary").format(name=name), style="dim"), 10
        )
    if action.note:
        _indented(console, Text(visible(translated(action.note)), style="italic"), 10)


def _lines(action: Action | Withheld) -> Iterator[tuple[str, str]]:
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


def _conflict(console: Console, conflict: Conflict, *, first: bool) -> None:
    if first:
        console.print(
            Text("\n" + _("conflicts: somebody has to say which side is right"), style="bold magenta")
        )
    difference = conflict.difference
    console.print(Text(f"    ≠ {visible(difference.key)}", style="magenta"))
    _indented(console, Text(visible(translated(conflict.reason))), 6)
    if isinstance(difference, (Changed, Clash)):
        for change in difference.changes:
            _indented(console, Text(visible(_both(change, difference.kind, difference.key))), 10)
    else:
        here = (
            _("only the primary has it") if isinstance(difference, Missing) else _("only the member has it")
        )
        _indented(console, Text(here), 10)
    if edited := edited_in_words(difference):
        _indented(console, Text(edited, style="dim"), 10)
    _indented(console, Text(f"→ {visible(translated(conflict.do))}", style="cyan"), 6)


def _both(change: Change, kind: str, key: str) -> str:
    expected, actual = show_change(change, kind, key)
    return _("{property}: {expected} on the primary, {actual} here").format(
        property=change.property, expected=_short(expected), actual=_short(actual)
    )


def _withheld(console: Console, withheld: list[Withheld], *, verbose: bool) -> None:
    """Print what was withheld, what has one reason and one way together."""
    groups: dict[tuple[bool, str, str], list[Withheld]] = {}
    for each in withheld:
        groups.setdefault((not each.pending, each.reason, _way(each)), []).append(each)
    if groups:
        console.print(Text("\n" + _("withheld: nothing is done about these, and why"), style="bold"))
    for (_pending, reason, way), found in sorted(groups.items(), key=lambda group: group[0][0]):
        _indented(console, Text(visible(translated(reason)), style="yellow"), 4)
        if verbose:
            for each in found:
                _indented(console, Text(_entry(each)), 6)
                for name, value in _lines(each):
                    _indented(console, Text(f"{name}: {visible(value)}"), 10)
                for name in each.secrets:
                    _indented(console, Text(_("{name}: a secret").format(name=name), style="dim"), 10)
        elif len(found) > FEW:
            for line in _by_kind(found):
                _indented(console, Text(visible(_short(line))), 6)
        else:
            for each in found:
                _indented(console, Text(_entry(each)), 6)
        do = translated(found[0].do if len(found) == 1 else way)
        if len(found) > 1 and way.startswith("--prune "):
            do = _("--prune KIND, or --prune KEY, deletes them")
        _indented(console, Text(f"→ {visible(do)}", style="cyan"), 6)


def _way(withheld: Withheld) -> str:
    """Return what to do with words in place of the names, so that what asks for the same stands together."""
    by_kind = withheld.do.replace(f"--adopt {withheld.kind} ", "--adopt KIND ")
    return by_kind.replace(withheld.key, "KEY") if withheld.do.startswith("--") else by_kind


def _entry(withheld: Withheld) -> str:
    names = f" {', '.join(withheld.properties)}" if withheld.properties else ""
    return f"{withheld.sort.sign} {visible(withheld.key)}{names}"


def _by_kind(withheld: list[Withheld]) -> Iterator[str]:
    """Yield a line for each kind and sort: many keys want to be seen, not to be scrolled past."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for each in withheld:
        identity = each.key.partition(":")[2]
        kinds.setdefault((each.sort.sign, each.kind), []).append(identity)
    for (sign, kind), identities in kinds.items():
        yield f"{sign} {kind}: {', '.join(dict.fromkeys(identities))}"


def _gaps(console: Console, gaps: list[Gap], *, verbose: bool) -> None:
    if gaps:
        console.print(Text("\n" + _("not read, so nobody knows whether it differs"), style="bold"))
    for member, reason, places in folded_gaps(gaps):
        listed = visible(_short(", ".join(places), verbose=verbose))
        _indented(console, Text(f"? {visible(member)} {listed}".replace("  ", " "), style="yellow"), 4)
        _indented(console, Text(visible(reason), style="dim"), 6)


def _more(count: int) -> str:
    return ngettext("and {count} more (-v)", "and {count} more (-v)", count).format(count=count)


def _next(plan: Plan, file: Path | None, *, verbose: bool) -> Iterator[str]:
    """Yield what to do now."""
    yield _("Nothing was written to any member.")
    if plan.conflicts:
        yield _("Settle the conflicts first: --overwrite KEY or --keep KEY for each.")
    if not verbose and any(each.sort is Sort.CHANGE and each.sets for each in plan.withheld):
        yield _("-v shows what is withheld with the values of both.")
    if plan.actions and file is not None:
        yield _("`driftsync sync --plan {file} --apply` carries it out: once, until {when}.").format(
            file=file, when=moment(plan.expires_at)
        )
    elif plan.actions:
        yield _("`driftsync plan -o FILE` keeps the plan, sealed.")


def _short(value: Any, *, verbose: bool = False) -> str:
    text = str(value)
    return text if verbose or len(text) <= LONG else text[: LONG - 1] + "…"


def _indented(console: Console, text: Text, indent: int = 2) -> None:
    console.print(Padding(text, (0, 0, 0, indent), expand=False))
