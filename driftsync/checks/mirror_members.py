"""This module declares the checks of the members themselves: who they are, whether they join, what runs when one takes over."""

from __future__ import annotations

from collections import Counter

from driftsync.checks.named_code import is_zmirror
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    known,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import MemberRole, Outcome


def _unique(view: View) -> Result:
    rows = list(view.the_primary.items("mirror-member-map").values())
    if not rows:
        raise Unanswered(_("the mirror's definition names no member"))
    told: Counter[str] = Counter()
    for item in rows:
        guid, host, port = (known(item, name) for name in ("GUID", "MirrorAddress", "MirrorSSPort"))
        if not host:
            raise Unanswered(_("{key} has no address").format(key=item.key))
        told[f"{host}:{port or '?'}".casefold()] += 1
        if guid:
            told[f"GUID {guid}"] += 1
    told.update(
        each.header.member.instance.casefold() for each in view.members if each.header.member.instance
    )
    twice = sorted(name for name, count in told.items() if count > 1)
    return (
        failed(_("twice: {names}").format(names=listed(twice)))
        if twice
        else passed(_("{count} members").format(count=len(rows)))
    )


UNIQUE = Check(
    id="MIR-017",
    title=N_("Members have names, GUIDs and addresses of their own"),
    why=N_("Two members that go by the same name or address, as after a copied host, are taken for one."),
    do=N_("Remove the member that was copied from the mirror and join it anew under its own name."),
    source="Config.MapMirrors, Config.MirrorMember SystemName; High Availability Guide",
    about=About.MIRROR,
    rule=_unique,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _promotable(view: View, member: MemberView) -> Result:
    told = member.fact("mirror.promote_check")
    if not isinstance(told, list) or not told:
        raise Unanswered(_("PromoteCheck gave no answer"))
    said, *returned = (str(each) for each in told)
    if said != "1":
        return failed(said.removeprefix("0").strip() or _("IRIS says that it cannot be promoted"))
    if returned and returned[0]:
        return warned(_("not reached: {names}").format(names=returned[0]))
    if view.promote is member and view.the_primary.header.facts.virtual_address is not False:
        interface = member.value("mirror-member", "mirror-member:this", "VirtualAddressInterface")
        if not interface:
            return warned(
                _("no interface for the virtual address is named here; it must be given when it is promoted")
            )
    return passed(_("IRIS says that it can be promoted"))


PROMOTABLE = Check(
    id="MIR-018",
    title=N_("The DR async member can be promoted"),
    why=N_("When both failover members are lost, it is what is left."),
    do=N_("Look at the members that were not reached; name the interface of the virtual address beforehand."),
    source="SYS.Mirror.PromoteCheck",
    about=About.EACH,
    roles=frozenset({MemberRole.DR_ASYNC}),
    rule=_promotable,
    outcomes=PASS_WARN_FAIL,
)


def _joins(view: View, member: MemberView) -> Result:
    del view
    if member.value("mirror-member", "mirror-member:this", "JoinMirror") is None:
        raise Unanswered(_("JoinMirror is not known"))
    if not member.value("mirror-member", "mirror-member:this", "JoinMirror"):
        return failed(_("it does not join the mirror when it starts (JoinMirror is 0)"))
    validated = member.value("mirror-member", "mirror-member:this", "ValidatedMember")
    if member.role.takes_over and validated is None:
        raise Unanswered(_("ValidatedMember is not known"))
    if member.role.takes_over and not validated:
        return failed(_("it waits for a person to say what it is (ValidatedMember is 0)"))
    return passed(_("it joins by itself"))


JOINS = Check(
    id="MIR-019",
    title=N_("Members join the mirror when they start"),
    why=N_(
        "One that does not join is no backup after its next restart; one that was left unvalidated after a promotion may become a second primary."
    ),
    do=N_(
        "Finish what was begun: let the former failover member rejoin as the High Availability Guide describes it."
    ),
    source="Config.MirrorMember JoinMirror and ValidatedMember; High Availability Guide 5.5",
    about=About.EACH,
    rule=_joins,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _at_takeover(view: View) -> Result:
    mine, theirs = _routines(view.the_primary), _routines(view.the_promoted)
    lacking, extra = sorted(mine.keys() - theirs.keys()), sorted(theirs.keys() - mine.keys())
    if lacking or extra:
        return failed(_("on one member only: {names}").format(names=listed([*lacking, *extra])))
    differing = sorted(name for name in mine if mine[name] != theirs[name])
    if differing:
        return failed(_("another one than on the primary: {names}").format(names=listed(differing)))
    return passed(_("the same on both") if mine else _("there is none on either"))


def _routines(member: MemberView) -> dict[str, object]:
    """Return the hash of every ZMIRROR of a member. Raises `Unanswered` where one could not be read."""
    found: dict[str, object] = {}
    for item in member.items("custom-code").values():
        if is_zmirror(item):
            found[item.key.identity] = known(item, "Hash")
    return found


AT_TAKEOVER = Check(
    id="MIR-021",
    title=N_("^ZMIRROR, which runs when a member takes over"),
    why=N_(
        "IRIS asks it whether the member may become primary and calls it when it did; another one decides otherwise."
    ),
    do=N_("Bring the same ^ZMIRROR to both members, and keep what it does at the takeover short."),
    source="custom code in %SYS; High Availability Guide 4.17",
    about=About.PROMOTED,
    rule=_at_takeover,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)
