"""This module prints a rehearsal: what breaks, stops or starts, by who would notice; then what would only be different."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from driftsync.language import N_, _, ngettext, translated, visible
from driftsync.model import Audience, Consequence, Effect, MemberRole, Rehearsal
from driftsync.reporting.wording import ROLES, moment, title_of

EFFECTS: Mapping[Effect, str] = {
    Effect.BREAKS: N_("would break"),
    Effect.STOPS: N_("would stop"),
    Effect.STARTS: N_("would start"),
    Effect.CHANGES: N_("would be different"),
}
AUDIENCES: Mapping[Audience, str] = {
    Audience.EVERYBODY: N_("everybody"),
    Audience.USERS: N_("those who log in"),
    Audience.WEB: N_("users of web applications"),
    Audience.PROGRAMS: N_("programs and their data"),
    Audience.INTERFACES: N_("interfaces and other systems"),
    Audience.TASKS: N_("those who wait for tasks"),
    Audience.OPERATORS: N_("operators"),
}
MARKS = {Effect.BREAKS: "✗", Effect.STOPS: "■", Effect.STARTS: "▶", Effect.CHANGES: "~"}
STYLES = {Effect.BREAKS: "bold red", Effect.STOPS: "yellow", Effect.STARTS: "magenta", Effect.CHANGES: "cyan"}
OLD_AFTER_HOURS = 24
"""From then on the age of what was read is worth a warning."""
ALIKE = 3
"""So many consequences in the same words are still told one by one."""
OF_A_KIND = 12
"""So many of one kind and effect are told one by one; the rest is counted."""


def print_rehearsal(
    console: Console, rehearsal: Rehearsal, *, afterwards: bool = False, verbose: bool = False
) -> None:
    """Print every consequence; `verbose` adds why it matters and the page where it is set, and folds nothing."""
    console.print(Text(f"━━ {visible(title_in_words(rehearsal, afterwards=afterwards))} ━━", style="bold"))
    for age in ages_in_words(rehearsal):
        console.print(Padding(Text(age, style="dim"), (0, 0, 0, 2), expand=False))
    for line in _summary(rehearsal):
        console.print(Padding(line, (0, 0, 0, 2), expand=False))
    _print_groups(
        console,
        (each for each in rehearsal.consequences if each.effect is not Effect.CHANGES),
        verbose=verbose,
    )
    different = [each for each in rehearsal.consequences if each.effect is Effect.CHANGES]
    if different:
        console.print(Text(f"\n── {_(EFFECTS[Effect.CHANGES])} ──", style=STYLES[Effect.CHANGES]))
        _print_groups(console, different, verbose=verbose)
    _print_unknown(console, rehearsal)


def title_in_words(rehearsal: Rehearsal, *, afterwards: bool) -> str:
    """Say what was rehearsed."""
    title = (
        _("{new} after {old}: what was lost")
        if afterwards
        else _("if {new} became primary in place of {old}")
    )
    new = rehearsal.promote
    if rehearsal.promote_role in {MemberRole.DR_ASYNC, MemberRole.REPORTING_ASYNC}:
        new += f" ({_(ROLES[rehearsal.promote_role])})"
    return title.format(new=new, old=rehearsal.primary)


def ages_in_words(rehearsal: Rehearsal) -> list[str]:
    """Say when each side was read, and what that means where it is long ago."""
    lines = []
    for name, taken_at in (
        (rehearsal.primary, rehearsal.primary_taken_at),
        (rehearsal.promote, rehearsal.promote_taken_at),
    ):
        hours = _hours_between(taken_at, rehearsal.taken_at)
        if hours is None or hours < OLD_AFTER_HOURS:
            line = _("{member} as of {moment}").format(member=visible(name), moment=visible(moment(taken_at)))
        else:
            age = (
                ngettext("{count} hour", "{count} hours", hours).format(count=hours)
                if hours < 3 * OLD_AFTER_HOURS
                else ngettext("{count} day", "{count} days", hours // 24).format(count=hours // 24)
            )
            line = _(
                "{member} as of {moment}, {age} ago: what was changed there since then is not seen here"
            ).format(member=visible(name), moment=visible(moment(taken_at)), age=age)
        lines.append(line)
    return lines


def _hours_between(earlier: str, later: str) -> int | None:
    try:
        first, second = (datetime.fromisoformat(each.replace("Z", "+00:00")) for each in (earlier, later))
        return int((second - first).total_seconds() // 3600)
    except (ValueError, TypeError):
        return None


def _summary(rehearsal: Rehearsal) -> Iterable[Text]:
    """Yield a line for each effect: how many, and of whom."""
    if not rehearsal.consequences and not rehearsal.blind:
        yield Text(_("nobody would notice, in everything that was looked at"), style="bold green")
    for effect in Effect:
        counts = Counter(each.audience for each in rehearsal.consequences if each.effect is effect)
        if counts:
            line = Text(f"{MARKS[effect]} {counts.total()} {_(EFFECTS[effect])}", style=STYLES[effect])
            of_whom = _(", ").join(
                f"{_(AUDIENCES[each])} {counts[each]}" for each in Audience if counts[each]
            )
            line.append(f"  {of_whom}", style="not bold dim")
            yield line


def _print_groups(console: Console, found: Iterable[Consequence], *, verbose: bool) -> None:
    groups: dict[Audience, list[Consequence]] = {}
    for each in found:
        groups.setdefault(each.audience, []).append(each)
    for audience, consequences in groups.items():
        console.print(Text(f"\n{_(AUDIENCES[audience])}", style="bold"))
        seen: Counter[tuple[Effect, str]] = Counter()
        for alike in _alike(consequences):
            if len(alike) > ALIKE and not verbose:
                _print_together(console, alike)
                continue
            for each in alike:
                sort = (each.effect, each.key.partition(":")[0])
                seen[sort] += 1
                if verbose or seen[sort] <= OF_A_KIND:
                    _print(console, each, verbose=verbose)
        for (effect, kind), count in seen.items():
            if count > OF_A_KIND and not verbose:
                _print_rest(console, effect, kind, count - OF_A_KIND)


def _alike(consequences: Iterable[Consequence]) -> list[list[Consequence]]:
    """Put together what is the same for several, in order."""
    groups: dict[tuple[Effect, str, str], list[Consequence]] = {}
    for each in consequences:
        groups.setdefault((each.effect, each.what, each.key.partition(":")[0]), []).append(each)
    return list(groups.values())


def _print(console: Console, each: Consequence, *, verbose: bool) -> None:
    said = Text(visible(translated(each.who)), style="bold")
    said.append(f": {visible(translated(each.what))}", style="not bold")
    below = [Text(f"{visible(key_in_words(each))}  →  {visible(each.repair)}", style="dim")]
    if verbose:
        below += [
            Text(visible(translated(sentence)), style="dim")
            for sentence in (each.why, each.portal)
            if sentence
        ]
    _print_marked(console, each.effect, [said, *below])


def _print_together(console: Console, alike: list[Consequence]) -> None:
    first = alike[0]
    kind = title_of(first.key.partition(":")[0])
    said = Text(visible(f"{len(alike)} × {kind}"), style="bold")
    said.append(f": {visible(translated(first.what))}", style="not bold")
    names = _(", ").join(visible(translated(each.who)) for each in alike[:8])
    more = len(alike) - 8
    if more > 0:
        names += " " + ngettext("and {count} more", "and {count} more", more).format(count=more)
    below = [Text(names, style="dim"), Text(_("--verbose lists each, with its command"), style="dim")]
    _print_marked(console, first.effect, [said, *below])


def _print_rest(console: Console, effect: Effect, kind: str, count: int) -> None:
    said = ngettext(
        "{kind}: {count} more; --verbose lists each", "{kind}: {count} more; --verbose lists each", count
    ).format(kind=title_of(kind), count=count)
    _print_marked(console, effect, [Text(said, style="dim")])


def key_in_words(each: Consequence) -> str:
    """Return the item behind a consequence, and the properties."""
    return f"{each.key} {', '.join(each.properties)}".strip()


def _print_marked(console: Console, effect: Effect | str, lines: list[Text]) -> None:
    """Print lines beside a mark; on a narrow terminal they go on under their own beginning."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    first, *rest = lines
    mark, style = (MARKS[effect], STYLES[effect]) if isinstance(effect, Effect) else (effect, "bold yellow")
    grid.add_row(Text(f"  {mark}", style=style), first)
    for line in rest:
        grid.add_row("", line)
    console.print(grid)


def _print_unknown(console: Console, rehearsal: Rehearsal) -> None:
    if rehearsal.blind:
        console.print(
            Text("\n" + _("? Not known: what could not be read may hide more"), style="bold yellow")
        )
        for reason in rehearsal.blind:
            _print_marked(console, "?", [Text(visible(translated(reason)))])
    if rehearsal.not_looked_at:
        kinds = _(", ").join(title_of(name) for name in rehearsal.not_looked_at)
        console.print(Text("\n" + _("not looked at: {kinds}").format(kinds=kinds), style="dim"))
