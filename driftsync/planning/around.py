"""This module names the hazards of the moment: what may happen beside a plan that no step of it shows (mirror.md 4).

The Mirror Monitor Agent of Health products replays on every member what the product did on the primary. Which steps it
still has to carry out, no documented class says; so where it is, or where nobody could see whether it is, somebody has
to look and to say so. The same holds for a member that does not say itself that it is no second primary.
"""

from __future__ import annotations

from collections.abc import Mapping

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.checks.watching import sign_of_agent
from driftsync.language import english as _
from driftsync.model import Hazard


def around(member: MemberView, unseen: Mapping[str, str]) -> dict[Hazard, str]:
    """Return the hazards of a plan as a whole, each with the sentence that says why."""
    found = {}
    if said := agent_at(member, live=member.header.extraction is not None):
        found[Hazard.AGENT_AT_WORK] = said
    if unseen:
        found[Hazard.UNSEEN_MEMBER] = not_asked(unseen)
    return found


def agent_at(member: MemberView, *, live: bool) -> str:
    """Say that the Mirror Monitor Agent may have steps pending on a member; empty where it has no such agent.

    What files do not show is passed over: a plan of files is never applied from here, one of a `live` member is.
    """
    try:
        sign = sign_of_agent(member)
    except Unanswered as reason:
        if not live:
            return ""
        return _(
            "whether the Mirror Monitor Agent is at work on {member} could not be read ({reason}): look, then say --allow agent-at-work"
        ).format(member=member.name, reason=reason)
    if not sign:
        return ""
    return _(
        "{member} has the Mirror Monitor Agent ({sign}), and no client can see which steps it owes: look that none is pending on the Mirror Monitor page of the product, then say --allow agent-at-work"
    ).format(member=member.name, sign=sign)


def not_asked(unseen: Mapping[str, str]) -> str:
    """Say who could not be asked whether they are a primary, with the status under which they are listed."""
    listed = ", ".join(f"{name} ({status or '?'})" for name, status in unseen.items())
    return _(
        "not asked whether they are a primary too: {members}; look at each, then say --allow unseen-member"
    ).format(members=listed)
