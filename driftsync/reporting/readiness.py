"""This module prints readiness: the verdict first, then what blocks it, then the rest; and one line for monitors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftsync.language import N_, _, translated, visible
from driftsync.model import Finding, Outcome, Readiness, Verdict

VERDICTS: Mapping[Verdict, str] = {
    Verdict.READY: N_("ready"),
    Verdict.NOT_READY: N_("NOT ready"),
    Verdict.UNKNOWN: N_("not known"),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.FAIL: N_("fails"),
    Outcome.UNKNOWN: N_("could not be answered: never counted as good"),
    Outcome.WARN: N_("warnings"),
    Outcome.MANUAL: N_("a person must look: no remote client can see it"),
    Outcome.PASS: N_("passed"),
}
MARKS = {Outcome.FAIL: "✗", Outcome.UNKNOWN: "?", Outcome.WARN: "!", Outcome.MANUAL: "☐", Outcome.PASS: "✓"}
STYLES = {
    Outcome.FAIL: "bold red", Outcome.UNKNOWN: "bold yellow", Outcome.WARN: "yellow", Outcome.MANUAL: "cyan",
    Outcome.PASS: "green",
}  # fmt: skip
VERDICT_STYLES = {Verdict.READY: "bold green", Verdict.NOT_READY: "bold red", Verdict.UNKNOWN: "bold yellow"}
NAGIOS = {Verdict.READY: (0, "OK"), Verdict.NOT_READY: (2, "CRITICAL"), Verdict.UNKNOWN: (3, "UNKNOWN")}
WARNING = (1, "WARNING")
TOGETHER = 2
"""How many checks that are unknown for one reason are still told one by one."""


def verdict_in_words(readiness: Readiness) -> str:
    """Say the answer in one line."""
    return _("mirror {mirror}: {promote} is {verdict} to take over from {primary}").format(
        mirror=readiness.mirror,
        promote=readiness.promote or "?",
        verdict=_(VERDICTS[readiness.verdict]),
        primary=readiness.primary or "?",
    )


def print_readiness(readiness: Readiness, console: Console, *, quiet: bool, verbose: bool) -> None:
    """Print the verdict, then the findings by outcome; what passed is counted unless `verbose`."""
    console.print(
        Text(f"━━ {visible(verdict_in_words(readiness))} ━━", style=VERDICT_STYLES[readiness.verdict])
    )
    counts = Counter(each.outcome for each in readiness.findings)
    shown = ", ".join(f"{MARKS[each]} {counts[each]} {_(OUTCOMES[each])}" for each in Outcome if counts[each])
    console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2), expand=False))
    for outcome in Outcome:
        if quiet and outcome not in {Outcome.FAIL, Outcome.UNKNOWN}:
            continue
        if outcome is Outcome.PASS and not verbose:
            continue
        found = [each for each in readiness.findings if each.outcome is outcome]
        if found:
            console.print(Text(f"\n{_(OUTCOMES[outcome])}", style=STYLES[outcome]))
        for alike in _alike(found):
            if len(alike) > TOGETHER:
                _print_together(alike, console)
                continue
            for finding in alike:
                _print(finding, console, brief=outcome is Outcome.PASS)


def _alike(found: list[Finding]) -> list[list[Finding]]:
    """Put together what is unknown of one member for one reason; everything else stays by itself, in order."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in found:
        unknown = finding.outcome is Outcome.UNKNOWN
        own = () if unknown else (finding.id, finding.source)
        groups.setdefault((finding.member, finding.seen, *own), []).append(finding)
    return list(groups.values())


def _print_together(alike: list[Finding], console: Console) -> None:
    first = alike[0]
    line = Text(f"  {MARKS[first.outcome]} ", style=STYLES[first.outcome])
    line.append(", ".join(each.id for each in alike), style="bold")
    line.append(f"  {visible(first.member)}: {visible(translated(first.seen))}")
    console.print(line)
    console.print(Padding(Text(visible(translated(alike[-1].do)), style="dim"), (0, 0, 0, 6), expand=False))


def _print(finding: Finding, console: Console, *, brief: bool) -> None:
    line = Text(f"  {MARKS[finding.outcome]} {finding.id} ", style=STYLES[finding.outcome])
    line.append(visible(translated(finding.title)), style="bold")
    if finding.member:
        line.append(f"  {visible(finding.member)}")
    if finding.seen:
        line.append(f": {visible(translated(finding.seen))}")
    console.print(line)
    if not brief:
        for sentence in (finding.why, finding.do):
            console.print(
                Padding(Text(visible(translated(sentence)), style="dim"), (0, 0, 0, 6), expand=False)
            )


def nagios_line(found: list[Readiness]) -> tuple[int, str]:
    """Return the plugin's exit code and its one line with performance data."""
    codes = [_nagios(each) for each in found]
    order = (2, 3, 1, 0)
    code, word = min(codes, key=lambda each: order.index(each[0]), default=(3, "UNKNOWN"))
    told = "; ".join(
        f"{each.mirror}: {each.promote or '?'} {each.verdict.value}"
        + "".join(f", {finding.id} {finding.member}".rstrip() for finding in each.blocking[:3])
        for each in found
    )
    counts = Counter(finding.outcome for each in found for finding in each.findings)
    perfdata = " ".join(f"{outcome.value}={counts[outcome]}" for outcome in Outcome)
    return code, visible(f"DRIFTSYNC {word} - {told}").replace("|", "/") + f" | {perfdata}"


def _nagios(readiness: Readiness) -> tuple[int, str]:
    warns = any(each.outcome is Outcome.WARN for each in readiness.findings)
    return WARNING if readiness.verdict is Verdict.READY and warns else NAGIOS[readiness.verdict]
