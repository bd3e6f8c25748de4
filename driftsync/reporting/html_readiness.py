"""This module prepares readiness for the HTML page: the answer, what blocks it, what people would notice, the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from driftsync.language import N_, _, translated
from driftsync.model import Effect, Finding, Outcome, Readiness, Rehearsal
from driftsync.reporting.html_members import Ids
from driftsync.reporting.readiness import MARKS, TOGETHER, Answer, alike, mark_of, sentence_of, worst_answer
from driftsync.reporting.rehearsal import EFFECTS
from driftsync.reporting.rehearsal import MARKS as EFFECT_MARKS

STATES: Mapping[Answer, str] = {Answer.NO: "drift", Answer.UNKNOWN: "gap", Answer.YES: "clean"}
STATE_LEADS: Mapping[str, str] = {
    "drift": N_("Each finding below says what was seen, why it matters and what to do."),
    "gap": N_("What could not be read is never counted as good: this is no all-clear."),
    "clean": N_("In everything that a remote client can see; what only a person can see is listed below."),
}
TILES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.FAIL: (N_("failed"), N_("stands in the way")),
    Outcome.UNKNOWN: (N_("not known"), N_("never counted as good")),
    Outcome.WARN: (N_("warnings"), N_("stop no failover")),
    Outcome.MANUAL: (N_("for a person"), N_("no remote client can see it")),
    Outcome.PASS: (N_("passed"), N_("as it should be")),
}
"""What is counted, in a word, and what that means."""
TITLES: Mapping[Outcome, str] = {
    Outcome.FAIL: N_("What stands in the way: {count}"),
    Outcome.UNKNOWN: N_("What is not known: {count}"),
    Outcome.WARN: N_("Warnings: {count}"),
    Outcome.MANUAL: N_("What a person must look at: {count}"),
    Outcome.PASS: N_("What passed: {count}"),
}
LEADS: Mapping[Outcome, str] = {
    Outcome.UNKNOWN: N_("Unknown is not good: each of these may stand in the way, and nobody has seen it."),
    Outcome.WARN: N_("None of these stops a failover today."),
    Outcome.MANUAL: N_("No remote client can see these; the answer above does not depend on them."),
}
EFFECT_CLASSES: Mapping[Effect, str] = {
    Effect.BREAKS: "missing", Effect.STOPS: "changed", Effect.STARTS: "clash", Effect.CHANGES: "extra",
}  # fmt: skip


class FindingShown(NamedTuple):
    """One check with what it found of each member, or what several checks could not say for one reason."""

    anchor: str
    checks: list[tuple[str, str]]
    """Id and title of each."""
    seen: list[tuple[str, str]]
    """Member and what was seen; the member is empty where it is about the mirror."""
    why: str
    do: str
    source: str


class Part(NamedTuple):
    """All findings of one outcome."""

    code: str
    sign: str
    title: str
    lead: str
    findings: list[FindingShown]


class Noticed(NamedTuple):
    """One thing that people would notice."""

    who: str
    what: str
    key: str
    anchor: str
    """The row of the difference behind it, where the page has it."""
    portal: str
    repair: str
    """The command that leads to the repair, where there is one."""


class SwapShown(NamedTuple):
    """What people would notice, by effect."""

    total: int
    effects: list[tuple[str, str, str, bool, list[Noticed]]]
    """Class, sign, word, whether it stands open, and what there is of each."""
    blind: list[str]


class ReadinessShown(NamedTuple):
    """The answer for one mirror."""

    id: str
    mirror: str
    taken_at: str
    state: str
    mark: str
    sentence: str
    lead: str
    counts: list[tuple[str, str, str, int, str]]
    """Of each outcome: code, sign, word, number, what it means."""
    blocking: list[Part]
    swap: SwapShown | None
    others: list[Part]
    passed: Part | None


def readiness_of(readiness: Readiness, ids: Ids, rows: Mapping[str, str] | None = None) -> ReadinessShown:
    """Prepare one mirror; `rows` are the anchors of differences by key."""
    anchor = ids.of("readiness", readiness.mirror)
    state = STATES[worst_answer(readiness)]
    counts = Counter(each.outcome for each in readiness.findings)
    parts = {each: _part(each, readiness, counts[each], ids) for each in Outcome if counts[each]}
    return ReadinessShown(
        id=anchor,
        mirror=readiness.mirror,
        taken_at=readiness.taken_at,
        state=state,
        mark=mark_of(readiness),
        sentence=sentence_of(readiness),
        lead=_(STATE_LEADS[state]),
        counts=[
            (each.value, MARKS[each], _(word), counts[each], _(means))
            for each, (word, means) in TILES.items()
        ],
        blocking=[parts[each] for each in (Outcome.FAIL, Outcome.UNKNOWN) if each in parts],
        swap=_swap(readiness.rehearsal, rows or {}) if readiness.rehearsal else None,
        others=[parts[each] for each in (Outcome.WARN, Outcome.MANUAL) if each in parts],
        passed=parts.get(Outcome.PASS),
    )


def _part(outcome: Outcome, readiness: Readiness, count: int, ids: Ids) -> Part:
    found = [each for each in readiness.findings if each.outcome is outcome]
    lead = _(LEADS[outcome]) if outcome in LEADS else ""
    if outcome is Outcome.WARN and readiness.strict:
        lead = _("Warnings count here: each of these stands in the way.")
    return Part(
        code=outcome.value,
        sign=MARKS[outcome],
        title=_(TITLES[outcome]).format(count=count),
        lead=lead,
        findings=[
            _shown(each, ids.of("readiness", readiness.mirror, each[0].id)) for each in _grouped(found)
        ],
    )


def _grouped(found: list[Finding]) -> list[list[Finding]]:
    """Put together what many checks of one member could not say for one reason, and else what one check says of many."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for same in alike(found):
        if len(same) > TOGETHER:
            groups[same[0].member, same[0].seen, ""] = same
        else:
            for each in same:
                groups.setdefault((each.id,), []).append(each)
    return list(groups.values())


def _shown(found: list[Finding], anchor: str) -> FindingShown:
    checks = dict.fromkeys((each.id, translated(each.title)) for each in found)
    seen = dict.fromkeys((each.member, translated(each.seen)) for each in found if each.seen)
    together = len(checks) > 1
    return FindingShown(
        anchor=anchor,
        checks=list(checks),
        seen=list(seen),
        why="" if together else translated(found[0].why),
        do=translated(found[-1].do),
        source="" if together else translated(found[0].source),
    )


def _swap(rehearsal: Rehearsal, rows: Mapping[str, str]) -> SwapShown:
    effects = []
    for effect in Effect:
        found = [each for each in rehearsal.consequences if each.effect is effect]
        if found:
            noticed = [
                Noticed(
                    translated(each.who),
                    translated(each.what),
                    each.key,
                    rows.get(each.key, ""),
                    translated(each.portal),
                    each.repair,
                )
                for each in found
            ]
            effects.append(
                (
                    EFFECT_CLASSES[effect],
                    EFFECT_MARKS[effect],
                    _(EFFECTS[effect]),
                    effect is not Effect.CHANGES,
                    noticed,
                )
            )
    return SwapShown(len(rehearsal.consequences), effects, list(map(translated, rehearsal.blind)))


def worst_first(found: Iterable[ReadinessShown]) -> list[ReadinessShown]:
    """Put the mirrors that are not ready before those of which it is not known, and these before the rest."""
    order = list(STATES.values())
    return sorted(found, key=lambda each: order.index(each.state))
