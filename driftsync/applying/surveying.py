"""This module looks once more, before the first write, at what no single step shows: who would be locked out by now, who else is at work.

The proof that a plan locks nobody out was made of the member as it was then. What else was changed there since is in no
item of the plan, so the proof is made again of the member as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone

from driftsync.access import KINDS
from driftsync.applying.failures import Stopped
from driftsync.checks.spec import MemberView, Unanswered
from driftsync.extracting.single import SingleReader, Unreadable
from driftsync.kinds import all_kinds
from driftsync.language import english as _
from driftsync.model import (
    FORMAT_VERSION,
    Action,
    Coverage,
    Facts,
    Gap,
    Hazard,
    Header,
    Item,
    Member,
    Plan,
    PlannedFor,
    Sort,
)
from driftsync.planning import agent_at, prove, read_whole
from driftsync.version import __version__

Items = Mapping[str, Item]


def narrows(action: Action) -> bool:
    """Say whether an action takes something away that an account may need to get in."""
    return action.sort is Sort.DELETE or any(hazard.narrows for hazard in action.hazards)


def must_lock_out_nobody(
    plan: Plan, rule: Mapping[str, Items], items: Callable[[str], Items], protected: Iterable[str]
) -> None:
    """Raise `PlanRefusedError` or `Stopped` where the plan would lock out, by now, what it did not when it was made.

    `rule` holds the primary's items of the kinds of the plan, `items` reads those of the member.
    """
    if not any(narrows(action) and action.kind in KINDS for action in plan.actions):
        return
    member = _view(plan.member, dict.fromkeys(KINDS, items))
    primary = _view(plan.primary, dict.fromkeys(rule, rule.__getitem__))
    try:
        for kind in KINDS:
            read_whole(member, kind)
        now, _losses = prove(
            plan.actions, primary, member, protected=protected, today=datetime.now(timezone.utc).date()
        )
    except Unanswered as reason:
        raise Stopped(
            _("whether this plan locks somebody out cannot be proven any more: {reason}").format(
                reason=reason
            ),
            hint=_("`driftsync doctor` says what stands in the way"),
        ) from None
    for was, action in zip(plan.actions, now, strict=True):
        if Hazard.LOCKS_OUT in action.hazards and Hazard.LOCKS_OUT not in was.hazards:
            raise Stopped(
                _("{key} would by now take the login from somebody, which the plan does not say").format(
                    key=action.key
                ),
                hint=_("make a new plan: it names who that is"),
            )


def nobody_else_may_be_at_work(plan: Plan, reader: SingleReader) -> None:
    """Raise `Stopped` where the Mirror Monitor Agent may owe steps on the member, unless that was allowed by its name."""
    if Hazard.AGENT_AT_WORK in plan.terms.allow:
        return
    reads = dict.fromkeys(("database", "task"), lambda kind: reader.whole(all_kinds()[kind]))
    if said := agent_at(_view(plan.member, reads), live=True):
        raise Stopped(said, hint=_("make the plan with it once somebody has looked"))


def _view(side: PlannedFor, reads: Mapping[str, Callable[[str], Items]]) -> MemberView:
    """Return a member as checks and plans see it, of some kinds only; what cannot be read is a gap."""
    items: dict[str, Items] = {}
    gaps = []
    for kind, read in reads.items():
        try:
            items[kind] = read(kind)
        except Unreadable as error:
            gaps.append(Gap(kind=kind, reason=error.message))
    header = Header(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        member=Member(name=side.name, role=side.role, instance=side.instance),
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        items=sum(map(len, items.values())),
        facts=Facts(),
        coverage=dict.fromkeys(items, Coverage.WHOLE)
        | dict.fromkeys((gap.kind for gap in gaps), Coverage.NONE),
        gaps=gaps,
    )
    return MemberView(header, items)
