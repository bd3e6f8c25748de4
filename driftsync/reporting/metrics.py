"""This module writes drift as gauges in text that Prometheus, its textfile collectors and OpenMetrics all read.

The classic text format and OpenMetrics differ little, and what both allow is written: gauges without
timestamps, HELP without quotes, no empty line, and `# EOF` at the end, which the classic format takes for a comment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from driftsync.model import Coverage, Drift, Outcome, Readiness, Report, Verdict
from driftsync.reporting import entries
from driftsync.reporting.entries import Compared
from driftsync.version import __version__

Labels = Mapping[str, str]


class Family(NamedTuple):
    """One metric: its name, what it is, and its samples."""

    name: str
    help: str
    samples: list[tuple[Labels, int]]


def as_metrics(found: Drift | Report) -> str:
    """Return all gauges, one family after the other."""
    lines: list[str] = []
    for family in _families(found):
        lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} gauge"]
        lines += [f"{family.name}{_labels(labels)} {value}" for labels, value in family.samples]
    return "".join(f"{line}\n" for line in [*lines, "# EOF"])


def _families(found: Drift | Report) -> Iterator[Family]:
    members = list(entries.comparisons(found))
    read = [member for member in members if member.drift]
    yield Family(
        "driftsync_build_info", "The version that made this report.", [({"version": __version__}, 1)]
    )
    yield Family(
        "driftsync_report_timestamp_seconds",
        "When the report was made, in seconds since 1970.",
        [({}, int(entries.moment(found).timestamp()))],
    )
    yield Family(
        "driftsync_complete",
        "1 if all that was looked at could be read, else 0.",
        [({}, int(found.complete))],
    )
    yield Family(
        "driftsync_member_readable",
        "1 if the member could be read and compared, else 0.",
        [*_primaries(members), *((_who(each), int(each.drift is not None)) for each in members)],
    )
    yield Family(
        "driftsync_member_clean",
        "1 if the member has no gaps and no differences but accepted ones, else 0.",
        [(_who(each), int(bool(each.drift) and not each.unaccepted and not each.gaps)) for each in members],
    )
    yield Family(
        "driftsync_differences",
        "Differences of a member from its primary: new, open or accepted; a kind without any has no sample.",
        [sample for each in members for sample in _differences(each)],
    )
    yield Family(
        "driftsync_resolved",
        "Differences of the run before that are gone; only where runs are kept.",
        [(_who(each), each.resolved) for each in read if each.resolved is not None],
    )
    yield Family(
        "driftsync_gaps",
        "What could not be read or compared of a member that could be reached.",
        [(_who(each), len(each.gaps)) for each in read],
    )
    yield Family(
        "driftsync_items_compared",
        "Items that stand on at least one side and were looked at.",
        [(_who(each), each.drift.summary.compared) for each in read if each.drift],
    )
    yield Family(
        "driftsync_kinds_not_looked_at",
        "Kinds that are out of scope or that no file of either side shows.",
        [(_who(each), _not_looked_at(each)) for each in read],
    )
    checked = (
        [each.readiness for each in found.mirrors if each.readiness] if isinstance(found, Report) else []
    )
    if checked:
        yield Family(
            "driftsync_ready",
            "1 if the member could take over by every check, 0 if not or if that is not known.",
            [(_promoted(each), int(each.verdict is Verdict.READY)) for each in checked],
        )
        yield Family(
            "driftsync_readiness_findings",
            "Findings of the readiness check by outcome: fail, unknown, warn, manual, pass.",
            [
                (
                    {**_promoted(each), "outcome": outcome.value},
                    sum(one.outcome is outcome for one in each.findings),
                )
                for each in checked
                for outcome in Outcome
            ],
        )
    yield Family(
        "driftsync_member_taken_timestamp_seconds",
        "When the member was read or its snapshot made, in seconds since 1970.",
        [(_who(each), _taken(each.drift.member.taken_at)) for each in read if each.drift],
    )


def _who(member: Compared) -> dict[str, str]:
    return {"mirror": member.mirror, "member": member.member}


def _promoted(readiness: Readiness) -> dict[str, str]:
    return {"mirror": readiness.mirror, "member": readiness.promote}


def _primaries(members: Iterable[Compared]) -> list[tuple[Labels, int]]:
    """Return a sample for each primary that something was compared with; one that failed stands among the members."""
    found = {(each.mirror, each.primary) for each in members if each.drift}
    return [({"mirror": mirror, "member": primary}, 1) for mirror, primary in sorted(found)]


def _differences(member: Compared) -> list[tuple[Labels, int]]:
    counts = Counter(
        (each.kind, each.severity.value, entries.TYPES[type(each)], member.standing(each))
        for each in member.differences
    )
    return [
        (
            {**_who(member), "kind": kind, "severity": severity, "type": sort, "standing": standing},
            count,
        )
        for (kind, severity, sort, standing), count in counts.items()
    ]


def _not_looked_at(member: Compared) -> int:
    pairs = member.drift.coverage.values() if member.drift else ()
    return sum(Coverage.NOT_LOOKED_AT in {pair.primary, pair.member} for pair in pairs)


def _taken(text: str) -> int:
    return int(entries.instant(text).timestamp())


def _labels(labels: Labels) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(value: str) -> str:
    return entries.plain(value).replace("\\", "\\\\").replace('"', '\\"')
