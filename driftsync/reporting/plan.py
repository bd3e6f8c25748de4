"""This module prints a plan: what would be done in which order with which hazards, what is withheld, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from driftsync.language import N_, _, ngettext, translated, visible
from driftsync.model import Change, Conflict, Gap, Plan, Sort, Withheld
from driftsync.model.drift import Changed, Clash, Missing
from driftsync.rendering.heading import HAZARDS
from driftsync.rendering.heading import hazards_of as counted_hazards
from driftsync.reporting.steps import FEW, indented, lines_of, more, print_step, short
from driftsync.reporting.wording import ROLES, edited_in_words, folded_gaps, moment, show_change

COUNTED: Mapping[Sort, str] = {
    Sort.CREATE: N_("create"),
    Sort.CHANGE: N_("change"),
    Sort.DELETE: N_("delete"),
}
MANY = 12
"""Warnings that are shown unless everything is."""


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
    indented(console, Text(counts_of(plan)))
    if hazards := hazards_of(plan):
        indented(console, Text(hazards, style="dim"))
    if quiet:
        return
    warnings = plan.warnings if verbose else plan.warnings[:MANY]
    for warning in warnings:
        indented(console, Text(f"! {visible(translated(warning))}", style="bold yellow"))
    if rest := len(plan.warnings) - len(warnings):
        indented(console, Text(more(rest), style="dim"))
    if plan.actions:
        console.print(Text("\n" + _("would be done, in this order"), style="bold"))
    for action in plan.actions:
        print_step(console, action, verbose=verbose)
    for conflict in plan.conflicts:
        _conflict(console, conflict, first=conflict is plan.conflicts[0])
    _withheld(console, plan.withheld, verbose=verbose)
    _gaps(console, plan.gaps, verbose=verbose)
    if to_be_asked:
        return
    console.print()
    for line in _next(plan, file, verbose=verbose):
        indented(console, Text(visible(line)))


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
    return _(", ").join(f"{_(HAZARDS[hazard])} ({count})" for hazard, count in counted_hazards(plan))


def _conflict(console: Console, conflict: Conflict, *, first: bool) -> None:
    if first:
        console.print(
            Text("\n" + _("conflicts: somebody has to say which side is right"), style="bold magenta")
        )
    difference = conflict.difference
    console.print(Text(f"    ≠ {visible(difference.key)}", style="magenta"))
    indented(console, Text(visible(translated(conflict.reason))), 6)
    if isinstance(difference, (Changed, Clash)):
        for change in difference.changes:
            indented(console, Text(visible(_both(change, difference.kind, difference.key))), 10)
    else:
        here = (
            _("only the primary has it") if isinstance(difference, Missing) else _("only the member has it")
        )
        indented(console, Text(here), 10)
    if edited := edited_in_words(difference):
        indented(console, Text(edited, style="dim"), 10)
    indented(console, Text(f"→ {visible(translated(conflict.do))}", style="cyan"), 6)


def _both(change: Change, kind: str, key: str) -> str:
    expected, actual = show_change(change, kind, key)
    return _("{property}: {expected} on the primary, {actual} here").format(
        property=change.property, expected=short(expected), actual=short(actual)
    )


def _withheld(console: Console, withheld: list[Withheld], *, verbose: bool) -> None:
    """Print what was withheld, what has one reason and one way together."""
    groups: dict[tuple[bool, str, str], list[Withheld]] = {}
    for each in withheld:
        groups.setdefault((not each.pending, each.reason, _way(each)), []).append(each)
    if groups:
        console.print(Text("\n" + _("withheld: nothing is done about these, and why"), style="bold"))
    for (_pending, reason, way), found in sorted(groups.items(), key=lambda group: group[0][0]):
        indented(console, Text(visible(translated(reason)), style="yellow"), 4)
        if verbose:
            for each in found:
                indented(console, Text(_entry(each)), 6)
                for name, value in lines_of(each):
                    indented(console, Text(f"{name}: {visible(value)}"), 10)
                for name in each.secrets:
                    indented(console, Text(_("{name}: a secret").format(name=name), style="dim"), 10)
        elif len(found) > FEW:
            for line in _by_kind(found):
                indented(console, Text(visible(short(line))), 6)
        else:
            for each in found:
                indented(console, Text(_entry(each)), 6)
        do = translated(found[0].do if len(found) == 1 else way)
        if len(found) > 1 and way.startswith("--prune "):
            do = _("--prune KIND, or --prune KEY, deletes them")
        indented(console, Text(f"→ {visible(do)}", style="cyan"), 6)


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
        listed = visible(short(", ".join(places), verbose=verbose))
        indented(console, Text(f"? {visible(member)} {listed}".replace("  ", " "), style="yellow"), 4)
        indented(console, Text(visible(reason), style="dim"), 6)


def _next(plan: Plan, file: Path | None, *, verbose: bool) -> Iterator[str]:
    """Yield what to do now."""
    yield _("Nothing was written to any member.")
    if plan.conflicts:
        yield _("Settle the conflicts first: --overwrite KEY or --keep KEY for each.")
    adopted = {each.kind for each in plan.withheld if each.do.startswith(f"--adopt {each.kind} ")}
    if adopted:
        yield _("Where the primary is right in all of a kind, say so: {options}").format(
            options=" ".join(f"--adopt {kind}" for kind in sorted(adopted))
        )
    if not verbose and any(each.sort is Sort.CHANGE and each.sets for each in plan.withheld):
        yield _("-v shows what is withheld with the values of both.")
    if plan.actions and file is not None:
        yield _("`driftsync sync --plan {file} --apply` carries it out: once, until {when}.").format(
            file=file, when=moment(plan.expires_at)
        )
    elif plan.actions:
        yield _("`driftsync plan -o FILE` keeps the plan, sealed.")
