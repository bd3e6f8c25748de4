"""This module prints readiness: the verdict first, then what blocks it, then the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftsync.checks.spec import THIS_RUN
from driftsync.language import N_, _, translated, visible
from driftsync.model import Effect, Finding, Outcome, Readiness, ReadinessReport, Rehearsal, Verdict
from driftsync.reporting.rehearsal import EFFECTS
from driftsync.reporting.rehearsal import MARKS as EFFECT_MARKS
from driftsync.reporting.wording import clauses

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
TOGETHER = 2
"""How many checks that are unknown for one reason are still told one by one."""


class Answer(Enum):
    """The answer to one half of the question, worst last."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


SENTENCES: Mapping[tuple[Answer, Answer], str] = {
    (Answer.YES, Answer.YES): N_(
        "{promote} could take over from {primary}, and the applications would work."
    ),
    (Answer.YES, Answer.UNKNOWN): N_(
        "{promote} could take over from {primary}; whether the applications would work is not known."
    ),
    (Answer.YES, Answer.NO): N_(
        "{promote} could take over from {primary}, but not everything would work there."
    ),
    (Answer.UNKNOWN, Answer.YES): N_(
        "Whether {promote} could take over from {primary} is not known; the applications would work there."
    ),
    (Answer.UNKNOWN, Answer.UNKNOWN): N_(
        "Whether {promote} could take over from {primary}, and whether the applications would work, is not known."
    ),
    (Answer.UNKNOWN, Answer.NO): N_(
        "Whether {promote} could take over from {primary} is not known, and not everything would work there."
    ),
    (Answer.NO, Answer.YES): N_(
        "{promote} is not ready to take over from {primary}; the applications would work there."
    ),
    (Answer.NO, Answer.UNKNOWN): N_(
        "{promote} is not ready to take over from {primary}; whether the applications would work is not known."
    ),
    (Answer.NO, Answer.NO): N_(
        "{promote} is not ready to take over from {primary}, and not everything would work there."
    ),
}
"""Would the mirror take over, and would the applications work?"""
ANSWER_MARKS = {Answer.YES: "✓", Answer.UNKNOWN: "?", Answer.NO: "✗"}
ANSWER_STYLES = {Answer.YES: "bold green", Answer.UNKNOWN: "bold yellow", Answer.NO: "bold red"}


def answers_of(readiness: Readiness) -> tuple[Answer, Answer]:
    """Return whether the mirror would take over, and whether the applications would work.

    The checks of the configuration answer the second, and so does the rehearsal; all others, and that a member could not
    be read at all, answer the first.
    """
    configuration = [each.id.startswith("CFG-") and each.source != THIS_RUN for each in readiness.findings]
    mirror, applications = (
        _answer(
            [
                each.outcome
                for each, own in zip(readiness.findings, configuration, strict=True)
                if own is wanted
            ],
            strict=readiness.strict,
        )
        for wanted in (False, True)
    )
    if readiness.rehearsal is not None:
        swap = readiness.rehearsal
        if any(each.effect in {Effect.BREAKS, Effect.STOPS} for each in swap.consequences):
            applications = Answer.NO
        elif swap.blind and applications is Answer.YES:
            applications = Answer.UNKNOWN
    return mirror, applications


def _answer(outcomes: list[Outcome], *, strict: bool) -> Answer:
    if Outcome.FAIL in outcomes or (strict and Outcome.WARN in outcomes):
        return Answer.NO
    return Answer.UNKNOWN if Outcome.UNKNOWN in outcomes or Outcome.PASS not in outcomes else Answer.YES


def sentence_of(readiness: Readiness) -> str:
    """Answer in one sentence, as honestly as one sentence can."""
    if not readiness.promote:
        return _("Nobody is known who could take over in mirror {mirror}.").format(mirror=readiness.mirror)
    return _(SENTENCES[answers_of(readiness)]).format(
        promote=readiness.promote, primary=readiness.primary or _("the primary")
    )


def summary_of(readiness: Readiness) -> str:
    """Answer in one line, with how much there is of what matters."""
    counts = Counter(each.outcome for each in readiness.findings)
    told = _("Checks: {fail} failed, {unknown} not known, {warn} warnings.").format(
        fail=counts[Outcome.FAIL], unknown=counts[Outcome.UNKNOWN], warn=counts[Outcome.WARN]
    )
    return _("{first} {second}").format(first=sentence_of(readiness), second=told)


def mark_of(readiness: Readiness) -> str:
    """Return the sign that stands before the answer, so that colour is not its only carrier."""
    return ANSWER_MARKS[worst_answer(readiness)]


def worst_answer(readiness: Readiness) -> Answer:
    """Return the worse of both answers."""
    return max(answers_of(readiness), key=list(Answer).index)


def print_summary(readiness: Readiness, console: Console) -> None:
    """Print the answer in one line, indented as what stands below a mirror."""
    line = f"{mark_of(readiness)} {visible(summary_of(readiness))}"
    style = ANSWER_STYLES[worst_answer(readiness)]
    console.print(Padding(Text(line, style=style), (0, 0, 0, 2), expand=False))


def print_blocking(readiness: Readiness, console: Console) -> None:
    """Print the answer and what stands in the way, a line each."""
    print_summary(readiness, console)
    for same in alike(readiness.blocking):
        if len(same) > TOGETHER:
            _print_together(same, console)
            continue
        for finding in same:
            _print(finding, console, brief=True)
    if readiness.rehearsal:
        line = rehearsal_in_words(readiness.rehearsal)
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))


def verdict_in_words(readiness: Readiness) -> str:
    """Say the answer in one line."""
    return _("mirror {mirror}: {promote} is {verdict} to take over from {primary}").format(
        mirror=readiness.mirror,
        promote=readiness.promote or "?",
        verdict=_(VERDICTS[readiness.verdict]),
        primary=readiness.primary or "?",
    )


def print_readinesses(found: ReadinessReport, console: Console, *, quiet: bool, verbose: bool) -> None:
    """Print one mirror after another."""
    for number, each in enumerate(found.mirrors):
        if number:
            console.print()
        print_readiness(each, console, quiet=quiet, verbose=verbose)


def print_readiness(readiness: Readiness, console: Console, *, quiet: bool, verbose: bool) -> None:
    """Print the verdict, then the findings by outcome; what passed is counted unless `verbose`."""
    console.print(
        Text(f"━━ {visible(verdict_in_words(readiness))} ━━", style=VERDICT_STYLES[readiness.verdict])
    )
    counts = Counter(each.outcome for each in readiness.findings)
    shown = clauses(
        *(f"{MARKS[each]} {counts[each]} {_(OUTCOMES[each])}" for each in Outcome if counts[each])
    )
    console.print(Padding(Text(shown, style="dim"), (0, 0, 0, 2), expand=False))
    if readiness.rehearsal and not quiet:
        line = rehearsal_in_words(readiness.rehearsal)
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 2), expand=False))
    for outcome in Outcome:
        if quiet and outcome not in {Outcome.FAIL, Outcome.UNKNOWN}:
            continue
        if outcome is Outcome.PASS and not verbose:
            continue
        found = [each for each in readiness.findings if each.outcome is outcome]
        if found:
            console.print(Text(f"\n{_(OUTCOMES[outcome])}", style=STYLES[outcome]))
        for same in alike(found):
            if len(same) > TOGETHER:
                _print_together(same, console)
                continue
            for finding in same:
                _print(finding, console, brief=outcome is Outcome.PASS)


def rehearsal_in_words(rehearsal: Rehearsal) -> str:
    """Say in one line what people would notice, and what lists it."""
    counts = Counter(each.effect for each in rehearsal.consequences)
    told = clauses(
        *(f"{EFFECT_MARKS[each]} {counts[each]} {_(EFFECTS[each])}" for each in Effect if counts[each])
    )
    if rehearsal.blind:
        told = clauses(told, _("? not all of it could be looked at"))
    return _("What people would notice: {told} (`driftsync rehearse` lists it)").format(
        told=told or _("nothing, in everything that was looked at")
    )


def alike(found: list[Finding]) -> list[list[Finding]]:
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
