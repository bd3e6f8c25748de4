"""This module sees to it that a statement about a role changes the right to pass it on, and nothing else.

`GRANT role TO grantee` gives the role as well, `REVOKE role FROM grantee` takes it, and SQL has no statement about the
grant option alone (InterSystems SQL, REVOKE). So the first is planned only for whoever holds the role once the plan is
carried out, the second only for whoever does not: the role itself is given and taken by the steps about users and roles.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.kinds.holders import HOLDERS
from driftsync.kinds.references import key_named
from driftsync.kinds.statements import role_and_holder
from driftsync.language import english as _
from driftsync.model import Action, Sort
from driftsync.planning.afterwards import afterwards
from driftsync.planning.drafts import Drafts
from driftsync.planning.whose import Why


def withhold_what_moves_a_role(drafts: Drafts, primary: MemberView, member: MemberView) -> None:
    """Withhold the statements that would give a role, or take one, which the plan leaves otherwise."""
    grants = [(action, *named) for action in drafts.actions if (named := role_and_holder(action))]
    if not grants:
        return
    after = afterwards(primary, member, drafts.actions)
    for action, role, who in grants:
        if why := _why_not(action, role, who, after):
            drafts.take_back(action, why)


def keys_of_holder(who: str) -> Iterator[str]:
    """Yield the keys that whoever holds a role may have."""
    return (key_named(holder.kind, who) for holder in HOLDERS)


def _why_not(action: Action, role: str, who: str, after: MemberView) -> Why | None:
    try:
        held = _holds(after, role, who)
    except Unanswered as reason:
        return (
            _("whether {who} holds the role is not known: {reason}").format(who=who, reason=reason),
            _("`driftsync doctor` says what stands in the way"),
        )
    if action.sort is not Sort.DELETE and held is False:
        return (
            _("GRANT gives the role itself as well, and {who} is not to hold {role}").format(
                who=who, role=role
            ),
            _("see that {who} holds the role on both first; or revoke there what was granted").format(
                who=who
            ),
        )
    if action.sort is Sort.DELETE and held:
        return (
            _(
                "REVOKE takes the role itself as well, which {who} keeps; SQL has no statement about the grant option alone"
            ).format(who=who),
            _(
                "in SQL on the member: REVOKE {role} FROM {who}, then give the role again on the page of the portal"
            ).format(role=role, who=who),
        )
    return None


def _holds(view: MemberView, role: str, who: str) -> bool | None:
    """Say whether somebody holds a role; `None` where neither a user nor a role is called so (IRIS then refuses it)."""
    for holder in HOLDERS:
        item = view.items(holder.kind).get(key_named(holder.kind, who))
        if item is not None:
            listed = item.compared.get(holder.roles) or []
            return role.casefold() in {str(each).casefold() for each in listed}
    return None
