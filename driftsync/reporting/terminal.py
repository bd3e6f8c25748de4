"""This module prints drift for a terminal: the verdict first, counts next, then `-` missing, `+` extra, `~` changed.

Colour is never the only carrier of a meaning; what only the product brings is folded into one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from driftsync.kinds import all_kinds
from driftsync.language import _, ngettext, translated, visible
from driftsync.model import (
    Changed,
    Clash,
    Coverage,
    Difference,
    Drift,
    Extra,
    MirrorReport,
    Missing,
    NoteType,
    Report,
    Severity,
    Standing,
)
from driftsync.model.drift import Party
from driftsync.reporting import nights, wording
from driftsync.reporting.readiness import print_summary

STYLES = {Missing: "red", Extra: "green", Changed: "yellow", Clash: "bold magenta"}
SEVERITY_STYLES = {
    Severity.FAILOVER: "bold red",
    Severity.APPLICATION: "yellow",
    Severity.SECURITY: "magenta",
    Severity.HYGIENE: "dim",
}
LONGEST_VALUE = 160
"""Characters of a value; the whole one stands in JSON and HTML."""


def print_drift(
    drift: Drift,
    console: Console,
    *,
    quiet: bool = False,
    verbose: bool = False,
    standings: Mapping[str, Standing] | None = None,
) -> None:
    """Print the drift of one member; `verbose` unfolds the product's items, what is accepted, notes and coverage."""
    console.print(_headline(drift))
    if quiet:
        return
    console.print(Padding(Text(wording.meaning_in_one_line(drift)), (0, 0, 0, 2), expand=False))
    console.print()
    for part in _body(drift, standings or {}, verbose=verbose):
        console.print(part)


def print_report(report: Report, console: Console, *, quiet: bool = False, verbose: bool = False) -> None:
    """Print every mirror, every member; one line each first, then the details."""
    for mirror in report.mirrors:
        title = _("mirror {name}, primary {primary}").format(
            name=visible(mirror.name), primary=visible(mirror.primary)
        )
        console.print(Text(f"━━ {title} ━━", style="bold"))
        console.print(_overview(mirror))
        for part in _night(mirror, quiet=quiet):
            console.print(part)
        if mirror.readiness:
            print_summary(mirror.readiness, console)
        if quiet:
            continue
        for drift in mirror.drifts:
            if not drift.clean or verbose:
                console.print()
                known = mirror.night.by_key(drift.member.name) if mirror.night else {}
                print_drift(drift, console, verbose=verbose, standings=known)
    for remark in report.remarks:
        console.print(Text(visible(_("Settings: {remark}").format(remark=remark)), style="yellow"))
    for sentence in nights.without_run_in_words(report.without_run):
        console.print(Text(f"? {visible(sentence)}", style="bold yellow"))
    console.print()


def _night(mirror: MirrorReport, *, quiet: bool) -> list[RenderableType]:
    """Say what earlier runs make of this one: in a sentence, then what is new and what is gone."""
    lines: list[RenderableType] = [_loud(sentence, "bold") for sentence in nights.summary_of(mirror)]
    if mirror.not_kept:
        lines.append(_loud(visible(nights.not_kept_in_words(mirror)), "bold red"))
    night = mirror.night
    if night is None or not night.previous or quiet:
        return lines
    for standing in night.standings:
        if standing.new and not standing.accepted:
            line = Text("  ● ", style="bold red")
            line.append(visible(f"{standing.key} "), style="bold")
            line.append(visible(_("on {member}").format(member=standing.member)))
            line.append(f"  {visible(nights.standing_in_words(standing))}", style="dim")
            lines.append(line)
    lines += [
        Text(f"  ✓ {visible(nights.resolved_in_words(each))}", style="green") for each in night.resolved
    ]
    return lines


def _loud(sentence: str, style: str) -> RenderableType:
    return Padding(Text(sentence, style=style), (0, 0, 0, 2), expand=False)


def _overview(mirror: MirrorReport) -> Table:
    table = Table(box=None, padding=(0, 2), collapse_padding=True, show_edge=False)
    for title in (
        _("member"),
        _("role"),
        _("missing"),
        _("extra"),
        _("changed"),
        _("clash"),
        _("gaps"),
    ):
        table.add_column(title, header_style="dim", no_wrap=True)  # words without blanks would break anywhere
    table.add_column(_("verdict"), header_style="dim", overflow="fold")
    for drift in mirror.drifts:
        counts = drift.summary
        table.add_row(
            visible(drift.member.name),
            _(wording.ROLES[drift.member.member.role]),
            *(
                str(each)
                for each in (counts.missing, counts.extra, counts.changed, counts.clash, counts.gaps)
            ),
            Text(_mark(drift) + " " + wording.verdict(drift), style=_style(drift)),
        )
    for member in mirror.unreadable:
        table.add_row(
            visible(member.member),
            "",
            "?",
            "?",
            "?",
            "?",
            "1",
            Text(f"? {visible(translated(member.reason))}", style="bold red"),
        )
    return table


def _mark(drift: Drift) -> str:
    if drift.differences:
        return "✗"
    return "✓" if drift.clean else "?"


def _style(drift: Drift) -> str:
    if drift.clean:
        return "bold green"
    return "bold red" if drift.differences else "bold yellow"


def _headline(drift: Drift) -> Text:
    line = Text()
    line.append(f"{_mark(drift)} ", style=_style(drift))
    line.append(visible(drift.member.name), style="bold")
    line.append(_side(drift.member), style="dim")
    line.append(_(" against "))
    line.append(visible(drift.primary.name), style="bold")
    line.append(_side(drift.primary), style="dim")
    line.append(_(": "))
    line.append(wording.verdict(drift), style=_style(drift))
    return line


def _side(party: Party) -> str:
    words = [_(wording.ROLES[party.member.role])] if party.member.role.value != "unknown" else []
    if party.facts.product.value or party.facts.release:
        words.append(f"{party.facts.product.value} {party.facts.release}".strip())
    return _(" ({words})").format(words=wording.clauses(*words)) if words else ""


def _body(drift: Drift, standings: Mapping[str, Standing], *, verbose: bool) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if drift.differences:
        parts.append(_counts(drift))
    for kind, differences in wording.by_kind(drift).items():
        parts.append(_kind(kind, differences, standings, verbose=verbose))
    if drift.gaps:
        parts.append(_gaps(drift))
    parts.extend(_closing(drift, verbose=verbose))
    return parts


def _counts(drift: Drift) -> Table:
    table = Table(box=None, padding=(0, 2), show_edge=False)
    table.add_column(_("kind"), header_style="dim", overflow="fold")
    for title in ("-", "+", "~", "!"):
        table.add_column(title, justify="right", header_style="dim", overflow="fold")
    table.add_column(_("worst"), header_style="dim", overflow="fold")
    for kind, differences in wording.by_kind(drift).items():
        counts = Counter(type(each) for each in differences)
        worst = min((each.severity for each in differences), key=lambda each: each.rank)
        table.add_row(
            wording.title_of(kind),
            *(str(counts[each] or "·") for each in (Missing, Extra, Changed, Clash)),
            Text(_(wording.SEVERITIES[worst]), style=SEVERITY_STYLES[worst]),
        )
    return table


def _kind(
    kind: str, differences: list[Difference], standings: Mapping[str, Standing], *, verbose: bool
) -> Group:
    accepted = [each for each in differences if (known := standings.get(each.key)) and known.accepted]
    left = [each for each in differences if each not in accepted] if accepted else differences
    shown = [each for each in left if verbose or not wording.is_noise(each)]
    folded = [each for each in left if each not in shown] if len(shown) < len(left) else []
    shown += accepted if verbose else []
    lines: list[RenderableType] = [Text(f"\n{wording.title_of(kind)}", style="bold")]
    declared = all_kinds().get(kind)
    if declared:
        lines.append(Padding(Text(_(declared.why), style="dim"), (0, 0, 0, 2), expand=False))
    for difference in shown:
        lines.extend(_difference(difference, standings.get(difference.key), verbose=verbose))
    if folded:
        counts = Counter(_(wording.TYPES[type(each)]) for each in folded)
        text = ngettext(
            "{count} item that the product brings is folded ({signs}); --verbose lists it",
            "{count} items that the product brings are folded ({signs}); --verbose lists them",
            len(folded),
        ).format(count=len(folded), signs=_(", ").join(f"{word} {count}" for word, count in counts.items()))
        lines.append(Padding(Text(f"· {text}", style="dim"), (0, 0, 0, 2), expand=False))
    if accepted and not verbose:
        text = ngettext(
            "{count} accepted difference is folded; --verbose lists it",
            "{count} accepted differences are folded; --verbose lists them",
            len(accepted),
        ).format(count=len(accepted))
        lines.append(Padding(Text(f"· {text}", style="dim"), (0, 0, 0, 2), expand=False))
    return Group(*lines)


def _difference(difference: Difference, standing: Standing | None, *, verbose: bool) -> list[RenderableType]:
    style = STYLES[type(difference)]
    line = Text("  ")
    line.append(f"{wording.SIGNS[type(difference)]} {visible(difference.key)}", style=style)
    if not isinstance(difference, (Changed, Clash)):
        line.append(f"  {wording.one_line(difference)}", style="dim")
    line.append(
        f"  [{_(wording.SEVERITIES[difference.severity])}]", style=SEVERITY_STYLES[difference.severity]
    )
    if standing is not None:
        style = "bold" if standing.new and not standing.accepted else "dim"
        line.append(f"  {visible(nights.standing_in_words(standing))}", style=style)
    lines: list[RenderableType] = [line]
    if verbose and isinstance(difference, (Missing, Extra)):
        values = difference.expected if isinstance(difference, Missing) else difference.actual
        for name, value in wording.show_item(values, difference.kind, difference.key):
            lines.append(
                Padding(Text(f"{visible(name)}: {_short(value)}", style="dim"), (0, 0, 0, 6), expand=False)
            )
    if told := wording.edited_in_words(difference):
        lines.append(Padding(Text(visible(told), style="dim"), (0, 0, 0, 6), expand=False))
    if isinstance(difference, (Changed, Clash)):
        for change in difference.changes:
            lines.append(
                _change(
                    difference, change.property, *wording.show_change(change, difference.kind, difference.key)
                )
            )
            lines.extend(
                Padding(Text(visible(each), style="dim"), (0, 0, 0, 8), expand=False)
                for each in wording.details(change)
            )
    return lines


def _change(difference: Difference, name: str, expected: str, actual: str) -> Padding:
    line = Text(f"{visible(name)}: ")
    if isinstance(difference, Clash):
        line.append(_("{value} on both members").format(value=_short(expected)))
    else:
        line.append(_("primary "), style="dim")
        line.append(_short(expected))
        line.append(_("  →  member "), style="dim")
        line.append(_short(actual))
    return Padding(line, (0, 0, 0, 6), expand=False)


def _short(value: str) -> str:
    value = visible(value)
    return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"


def _gaps(drift: Drift) -> Group:
    lines: list[RenderableType] = [
        Text("\n" + _("? Not read or not comparable: unknown, not equal"), style="bold yellow")
    ]
    for member, reason, places in wording.folded_gaps(drift.gaps):
        line = Text("  ? ", style="bold yellow")
        line.append(visible(f"{member}: "), style="bold")
        line.append(_short(", ".join(places)))
        line.append(f"  {visible(reason)}", style="dim")
        lines.append(line)
    return Group(*lines)


def _closing(drift: Drift, *, verbose: bool) -> list[RenderableType]:
    lines: list[RenderableType] = []
    notes = Counter(note.type for note in drift.notes)
    notes[NoteType.LOCAL] = max(notes[NoteType.LOCAL], drift.summary.local)
    colon = _(": ")
    parts = [f"{_(wording.NOTES[each])}{colon}{count}" for each, count in notes.items()]
    if parts:
        hint = "" if verbose else _("  (--verbose lists notes, --show-local what is local)")
        lines += [Text(""), Text(_("Notes: ") + _("; ").join(parts) + hint, style="dim")]
    if verbose:
        lines.extend(_note_lines(drift))
    unseen = [
        wording.title_of(kind)
        for kind, pair in drift.coverage.items()
        if pair.primary is pair.member is Coverage.NOT_LOOKED_AT
    ]
    if unseen:
        text = ngettext(
            "Not looked at: {count} kind that is out of scope, or that no file here shows",
            "Not looked at: {count} kinds that are out of scope, or that no file here shows",
            len(unseen),
        ).format(count=len(unseen))
        few = verbose or len(unseen) <= 4  # noqa: PLR2004 - fits a line
        names = _(" ({words})").format(words=_(", ").join(unseen)) if few else ""
        lines.append(Text(text + names, style="dim"))
    for party in (drift.primary, drift.member):
        lines.extend(
            Text(visible(f"{source.path}: {translated(source.remark)}"), style="dim")
            for source in party.sources
            if source.remark
        )
    return lines


def _note_lines(drift: Drift) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for note in drift.notes:
        line = Text(visible(f"  · {note.key or wording.title_of(note.kind)} {note.property}: "), style="dim")
        declared = wording.property_of(note.kind, note.property, note.key)
        if isinstance(note.expected, (str, int, float, list)) or isinstance(
            note.actual, (str, int, float, list)
        ):
            line.append(
                visible(
                    f"{wording.show(_set(note.expected), declared)} | {wording.show(_set(note.actual), declared)}  "
                )
            )
        line.append(visible(translated(note.text)))
        lines.append(line)
    return lines


def _set(value: object) -> object:
    import msgspec

    return None if value is msgspec.UNSET else value
