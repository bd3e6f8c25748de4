"""This module answers whether a member could take over: snapshots + drift → Readiness.

Every check is asked; what it needs and nobody could read makes it *unknown*, which is never a pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone

from driftsync.checks import all_checks, manual_checks
from driftsync.checks.spec import (
    THIS_RUN,
    About,
    Check,
    Declared,
    ForAPerson,
    MemberView,
    Past,
    Result,
    Unanswered,
    View,
)
from driftsync.checks.viewing import view_member
from driftsync.checks.watching import EVERY_MEMBER
from driftsync.language import english as _
from driftsync.model import (
    FORMAT_VERSION,
    Drift,
    Finding,
    MemberRole,
    Outcome,
    Readiness,
    Verdict,
)
from driftsync.settings import Thresholds
from driftsync.version import __version__


def pair_of(roles: Mapping[str, MemberRole], promote: str = "") -> tuple[str, str]:
    """Return the primary and who would be promoted: the backup where nobody is named, else the other failover member.

    Empty where there is none; two primaries are none.
    """
    by_role: dict[MemberRole, list[str]] = {}
    for name, role in roles.items():
        by_role.setdefault(role, []).append(name)
    primaries = by_role.get(MemberRole.PRIMARY, [])
    others = [*by_role.get(MemberRole.BACKUP, []), *by_role.get(MemberRole.FAILOVER, [])]
    return primaries[0] if len(primaries) == 1 else "", promote or next(iter(others), "")


def check(
    mirror: str,
    members: Mapping[str, MemberView],
    *,
    unread: Mapping[str, str],
    promote: str = "",
    drift: Drift | None = None,
    thresholds: Thresholds | None = None,
    past: Past | None = None,
    declared: Declared | None = None,
) -> Readiness:
    """Return every finding for a mirror in which `promote` would become primary (the backup where none is named).

    `unread` are members that could not be read at all; `drift` is that of the promoted member from the primary; `past`
    is what earlier runs told, and `declared` what people say of the mirror.
    """
    primary, promoted = pair_of({name: each.role for name, each in members.items()}, promote)
    view = View(
        mirror=mirror,
        primary=members.get(primary),
        promote=members.get(promoted),
        members=tuple(members.values()),
        unread=unread,
        thresholds=thresholds or Thresholds(),
        worst_drift=_worst(drift),
        drift_gaps=len(drift.gaps) if drift else None,
        drift_kinds=Counter(each.kind for each in drift.differences) if drift else {},
        past=past,
        declared=declared or Declared(),
    )
    findings = [finding for each in all_checks() for finding in _ask(each, view)]
    findings += [_lost(name, reason) for name, reason in unread.items()]
    findings += [
        Finding(
            id=each.id,
            title=_(each.title),
            outcome=Outcome.MANUAL,
            seen="",
            why=_(each.why),
            do=_(each.do),
            source=each.source,
        )
        for each in manual_checks()
    ]
    order = list(Outcome)
    return Readiness(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        mirror=mirror,
        primary=primary,
        promote=promoted,
        verdict=verdict_of(findings),
        findings=sorted(findings, key=lambda each: (order.index(each.outcome), each.id, each.member)),
    )


def verdict_of(findings: Iterable[Finding], *, strict: bool = False) -> Verdict:
    """Return the verdict: one failure is enough, and what is unknown is never ready. `strict`: nor is a warning."""
    outcomes = {each.outcome for each in findings}
    if Outcome.FAIL in outcomes or (strict and Outcome.WARN in outcomes):
        return Verdict.NOT_READY
    return Verdict.UNKNOWN if Outcome.UNKNOWN in outcomes else Verdict.READY


def _worst(drift: Drift | None) -> tuple[str, int] | None:
    if drift is None:
        return None
    worst = min((each.severity for each in drift.differences), key=lambda each: each.rank, default=None)
    return (worst.value if worst else "", len(drift.differences))


def _ask(declared: Check, view: View) -> list[Finding]:
    if declared.about is not About.EACH:
        about = view.promote.name if declared.about is About.PROMOTED and view.promote else ""
        return [_finding(declared, about, _answer(declared, view))]
    return [
        _finding(declared, member.name, _answer(declared, view, member))
        for member in view.members
        if member.role in declared.roles
    ]


def _answer(declared: Check, view: View, *member: MemberView) -> Result:
    try:
        return declared.rule(view, *member)
    except ForAPerson as reason:
        return Result(Outcome.MANUAL, str(reason))
    except Unanswered as reason:
        return Result(Outcome.UNKNOWN, str(reason))
    except Exception as error:  # noqa: BLE001 - what a rule did not foresee is not known, and hides no other rule
        what = f"{type(error).__name__}: {error}"
        return Result(Outcome.UNKNOWN, _("this check failed on what was read: {what}").format(what=what))


def _finding(declared: Check, member: str, result: Result) -> Finding:
    return Finding(
        id=declared.id,
        title=_(declared.title),
        outcome=result.outcome,
        seen=result.seen,
        why=_(declared.why),
        do=_(declared.do),
        source=declared.source,
        member=member,
        measure=result.measure,
    )


def _lost(name: str, reason: str) -> Finding:
    return Finding(
        id="CFG-513",
        title=_(EVERY_MEMBER),
        outcome=Outcome.UNKNOWN,
        seen=reason,
        why=_("Nothing is known of a member that could not be read."),
        do=_("`driftsync doctor` says what stands in the way."),
        source=_(THIS_RUN),
        member=name,
    )


__all__ = ["check", "pair_of", "verdict_of", "view_member"]
