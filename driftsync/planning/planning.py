"""This module makes the plan: one drift and both snapshots, under the terms of the user, become an ordered whole."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.checks.viewing import view_member
from driftsync.comparing import Lines
from driftsync.errors import PlanRefusedError
from driftsync.files import LINE_DECODER, digest_of_line
from driftsync.kinds import folded, parse_key
from driftsync.language import english as _
from driftsync.logs.patterns import BECAME_PRIMARY
from driftsync.model import (
    FORMAT_VERSION,
    Difference,
    Drift,
    Epoch,
    Gap,
    Hazard,
    MemberRole,
    Plan,
    PlannedFor,
    Sort,
    Terms,
)
from driftsync.planning.afterwards import afterwards
from driftsync.planning.around import around
from driftsync.planning.deciding import Known, Ruling
from driftsync.planning.drafting import Drafting
from driftsync.planning.drafts import Drafts
from driftsync.planning.needing import withhold_what_is_named, withhold_what_lacks
from driftsync.planning.ordering import order
from driftsync.planning.proving import prove, withhold_what_has_no_proof
from driftsync.planning.role_grants import withhold_what_moves_a_role
from driftsync.planning.withholding import MEMORY, does_not_fit
from driftsync.version import __version__

LIFETIME = timedelta(hours=1)
MAP = "mirror-member-map"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a plan is made under, beside what was found."""

    terms: Terms = field(default_factory=Terms)
    known: Mapping[str, Known] = field(default_factory=dict)
    """What earlier runs know of the differences, by folded key; empty where there was none."""
    protected: frozenset[str] = frozenset()
    """Accounts that must not lose anything, beside those that always must not: the tool's own, those of the settings."""
    port: int = 0
    """Where the tool itself reaches the member; 0 where it is no running one."""
    lifetime: timedelta = LIFETIME
    unseen: Mapping[str, str] = field(default_factory=dict)
    """Members of the mirror that could not be asked whether they are a primary, and how they are listed."""


def plan(drift: Drift, primary: Lines, member: Lines, wish: Wish, at: datetime) -> Plan:
    """Return what is to be done to the member, not yet sealed; `primary` is whose items are the rule.

    Raises `PlanRefusedError` where the roles forbid it, or where it would lock out what must stay open.
    """
    a, b = view_member(primary), view_member(member)
    _check_roles(a, b, to_primary=wish.terms.to_primary)
    ruling = Ruling(wish.terms, {folded(key): known for key, known in wish.known.items()})
    drafting = Drafting(a, b, ruling, port=wish.port)
    for difference in in_scope(drift.differences, wish.terms):
        drafting.add(difference)
    drafts = drafting.drafts
    withhold_what_has_no_proof(drafts, b, at.date())
    _withhold_what_does_not_fit(drafts, a, b)
    _settle(drafts, a, b)
    if _too_many(drafts, wish.terms.prune_limit):
        _settle(drafts, a, b)
    gaps = _gaps_in_scope(drift, wish.terms)
    actions = order(drafts)
    actions, losses = prove(actions, a, b, protected=wish.protected, today=at.date())
    beside = around(b, wish.unseen) if actions else {}
    return Plan(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        id=secrets.token_hex(8),
        created_at=at.isoformat(timespec="seconds"),
        expires_at=(at + wish.lifetime).isoformat(timespec="seconds"),
        mirror=a.header.member.mirror or b.header.member.mirror,
        mirror_guid=_mirror_guid(a, b),
        primary=_side(a, primary),
        member=_side(b, member),
        epoch=Epoch(
            primary_status=_fact(a, "mirror.status"),
            member_status=_fact(b, "mirror.status"),
            became_primary=_became_primary(b if wish.terms.to_primary else a),
        ),
        terms=wish.terms,
        complete=not gaps,
        gaps=gaps,
        actions=actions,
        withheld=sorted(drafts.withheld, key=lambda each: (each.kind, each.key, each.properties)),
        conflicts=drafts.conflicts,
        beside=[hazard for hazard in Hazard if hazard in beside],
        warnings=[*beside.values(), *_warnings(a, b), *_named_in_vain(wish.terms, drift, a, b), *losses],
    )


def in_scope(differences: Iterable[Difference], terms: Terms) -> list[Difference]:
    """Return the differences that the terms are about."""
    items = {folded(each) for each in terms.items}
    return [
        each
        for each in differences
        if (not terms.kinds or each.kind in terms.kinds) and (not items or parse_key(each.key).match in items)
    ]


def _gaps_in_scope(drift: Drift, terms: Terms) -> list[Gap]:
    """Return what could not be read of what the terms are about."""
    items = {folded(each) for each in terms.items}
    kinds = {each.partition(":")[0] for each in items}
    return [
        each
        for each in drift.gaps
        if not each.kind
        or (
            (not terms.kinds or each.kind in terms.kinds)
            and (not items or (each.kind in kinds and (not each.key or folded(each.key) in items)))
        )
    ]


def _named_in_vain(terms: Terms, drift: Drift, primary: MemberView, member: MemberView) -> list[str]:
    """Say which keys that somebody named fit no difference: a slip of the pen, or already mended."""
    there = {parse_key(each.key).match for each in drift.differences}
    found = []
    pruned = (each for each in terms.prune if ":" in each)
    for text in dict.fromkeys((*terms.items, *terms.overwrite, *terms.keep, *pruned)):
        key = parse_key(text)
        if key.match in there:
            continue
        known = any(view.found(key.kind, key.match) is not None for view in (primary, member)) or any(
            gap.kind == key.kind for gap in drift.gaps
        )
        sentence = _("{key}: no difference was found") if known else _("{key}: neither member has it")
        found.append(sentence.format(key=text))
    return found


def _check_roles(primary: MemberView, member: MemberView, *, to_primary: bool) -> None:
    """Refuse to write to a primary that was not named, and to take for the rule what is none."""
    if to_primary:
        if member.role is not MemberRole.PRIMARY:
            raise PlanRefusedError(
                _("{member} is not the primary").format(member=member.name),
                hint=_("leave out --to-primary"),
            )
        return
    if member.role is MemberRole.PRIMARY:
        raise PlanRefusedError(
            _("{member} is the primary, and nothing is written to it unless that is said").format(
                member=member.name
            ),
            hint=_("--to-primary says it; the direction turns round then"),
        )
    if member.header.extraction is not None and MemberRole.UNKNOWN in {primary.role, member.role}:
        raise PlanRefusedError(
            _("the roles of {primary} and {member} are not settled").format(
                primary=primary.name, member=member.name
            ),
            hint=_("look at the Mirror Monitor; plan again when the mirror has come to rest"),
        )


def _withhold_what_does_not_fit(drafts: Drafts, primary: MemberView, member: MemberView) -> None:
    """Withhold memory that the host of the member may not have; all of it, for it is one sum."""
    memory = [
        each
        for each in drafts.actions
        if each.kind == "instance-setting"
        and each.namespace == "config"
        and parse_key(each.key).identity.casefold() in MEMORY
    ]
    if memory and (why := does_not_fit(afterwards(primary, member, drafts.actions))):
        for action in memory:
            drafts.take_back(action, why)


def _settle(drafts: Drafts, primary: MemberView, member: MemberView) -> None:
    """Withhold until every action has what it needs, and nothing deleted is still named."""
    count = -1
    while count != len(drafts.actions):
        count = len(drafts.actions)
        withhold_what_lacks(drafts, primary, member)
        withhold_what_is_named(drafts, primary, member)
        withhold_what_moves_a_role(drafts, primary, member)


def _too_many(drafts: Drafts, limit: int) -> bool:
    """Withhold every deletion where there are more than one plan may hold; say whether that was so."""
    keys = {each.key for each in drafts.actions if each.sort is Sort.DELETE}
    if len(keys) <= limit:
        return False
    why = (
        _("{count} items would be deleted, and one plan may delete {limit}").format(
            count=len(keys), limit=limit
        ),
        _(
            "look whether the primary really lacks all that; then name some with --prune, or raise --prune-limit"
        ),
    )
    for action in [each for each in drafts.actions if each.key in keys]:
        drafts.take_back(action, why)
    return True


# -- what a plan was made from ---------------------------------------------------------------------------------------


def digest_of_lines(lines: Lines) -> str:
    """Return what a whole snapshot is known by: what is compared of every item."""
    digest = sha256()
    for line in lines.lines():
        decoded = LINE_DECODER.decode(line)
        content = digest_of_line(bytes(decoded.compared), bytes(decoded.unlisted))
        digest.update(f"{decoded.key}\0{content}\n".encode())
    return digest.hexdigest()


def _side(view: MemberView, lines: Lines) -> PlannedFor:
    header = view.header
    return PlannedFor(
        name=view.name,
        role=view.role,
        instance=header.member.instance,
        guid=_guid(view),
        taken_at=header.taken_at,
        digest=digest_of_lines(lines),
    )


def _guid(view: MemberView) -> str:
    own = {view.header.member.instance.upper()} - {""}
    for item in view.all_of(MAP).values():
        if item.key.identity.upper() in own:
            return str(item.compared.get("GUID") or "")
    return ""


def _mirror_guid(primary: MemberView, member: MemberView) -> str:
    """Return the GUID of the mirror where both sides know the same one."""
    found = {
        str(item.compared.get("GUID") or "")
        for view in (primary, member)
        for item in view.all_of("mirror").values()
        if item.key.identity == view.header.member.mirror.upper()
    }
    return found.pop() if len(found) == 1 else ""


def _fact(view: MemberView, name: str) -> str:
    try:
        return str(view.fact(name))
    except Unanswered:
        return ""


def _became_primary(view: MemberView) -> str:
    try:
        found = [each for each in view.rows("log.events") if each.get("id") == BECAME_PRIMARY]
    except Unanswered:
        return ""
    return max((str(each.get("last") or "") for each in found), default="")


def _warnings(primary: MemberView, member: MemberView) -> list[str]:
    turned = _("{member} became the primary at {when}: what differs since then may be newer on either side")
    found = [
        turned.format(member=view.name, when=when)
        for view in (primary, member)
        if (when := _became_primary(view))
    ]
    unsettled = _(
        "the CPF of {member} was edited and not activated: nothing can be applied before that is settled"
    )
    found += [
        unsettled.format(member=view.name)
        for view in (primary, member)
        if _fact(view, "configuration.needs_activation") not in {"", "0"}
    ]
    if _fact(member, "configuration.pending_restart") not in {"", "0"}:
        found.append(_("{member} waits for a restart already").format(member=member.name))
    return found
