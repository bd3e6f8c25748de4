"""This module says what every rendering begins with: for whom it is, from what it was made, and what is not in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from driftsync.files import ENCODER
from driftsync.language import english as _
from driftsync.model import Conflict, Hazard, MemberRole, Plan, Withheld
from driftsync.rendering.steps import Said, Unsaid
from driftsync.version import __version__

Tongue = Callable[[str], str]
"""Gives a sentence in the language of the text: itself in code, the reader's language elsewhere."""

HAZARDS: Mapping[Hazard, str] = {
    Hazard.LOCKS_OUT: _("somebody loses the login"),
    Hazard.REMOVES_ACCESS: _("takes access away"),
    Hazard.GRANTS_ACCESS: _("grants access"),
    Hazard.AT_ONCE: _("takes effect at once"),
    Hazard.NEEDS_RESTART: _("takes effect after a restart"),
    Hazard.NEEDS_SECRET: _("needs a secret"),
    Hazard.NO_WAY_BACK: _("cannot be undone"),
    Hazard.AGENT_AT_WORK: _("the Mirror Monitor Agent may be at work there"),
    Hazard.UNSEEN_MEMBER: _("a member could not be asked whether it is a primary"),
}
ROLES: Mapping[MemberRole, str] = {
    MemberRole.PRIMARY: _("primary"),
    MemberRole.BACKUP: _("backup"),
    MemberRole.FAILOVER: _("failover member"),
    MemberRole.DR_ASYNC: _("DR async"),
    MemberRole.REPORTING_ASYNC: _("reporting async"),
    MemberRole.UNKNOWN: _("role unknown"),
}


def digest(plan: Plan) -> str:
    """Return the digest of a whole plan, its seal included."""
    return hashlib.sha256(ENCODER.encode(plan)).hexdigest()


def hazards_of(plan: Plan) -> list[tuple[Hazard, int]]:
    """Return each hazard of the actions with how many of them have it, worst first; all have what the whole has."""
    counted = Counter(hazard for action in plan.actions for hazard in (*action.hazards, *plan.beside))
    return [(hazard, counted[hazard]) for hazard in Hazard if counted[hazard]]


def heading(plan: Plan, said: Iterable[Said], say: Tongue) -> Iterator[str]:
    """Yield the lines with which a rendering begins."""
    steps = list(said)
    yield say(_("Made by driftsync {version} from a plan, for somebody else to carry out. Read it before you run it.")).format(
        version=__version__
    )  # fmt: skip
    yield ""
    yield say(_("Mirror: {mirror}")).format(mirror=plan.mirror or say(_("not known")))
    yield say(_("Run it on: {member} ({role})")).format(
        member=plan.member.name, role=say(ROLES[plan.member.role])
    )
    yield say(_("The rule is: {member} ({role})")).format(
        member=plan.primary.name, role=say(ROLES[plan.primary.role])
    )
    yield say(_("Plan: {id}, made {created}, not to be used after {expires}")).format(
        id=plan.id, created=plan.created_at, expires=plan.expires_at
    )
    yield say(_("Digest of the plan: {digest}")).format(digest=digest(plan))
    there = sum(each.body is not None for each in steps)
    yield say(_("Steps: {steps}; said here: {said}")).format(steps=len(steps), said=there)
    found = hazards_of(plan)
    listed = ", ".join(f"{hazard.value} ({count})" for hazard, count in found)
    yield say(_("Hazards: {hazards}")).format(hazards=listed or say(_("none")))
    for hazard, _count in found:
        yield f"  {hazard.value}: {say(HAZARDS[hazard])}"
    if not plan.complete:
        yield say(_("Not all of both members could be read, so more may differ than is written here."))
    yield from _part(say(_("Know before you run it:")), (say(each) for each in plan.warnings))
    yield from _part(
        say(_("Not said here, because this form cannot:")),
        (unsaid_line(each, say) for one in steps for each in one.unsaid),
    )
    yield from _part(
        say(_("Withheld, and not written down here:")),
        (_withheld(each, say) for each in plan.withheld if not each.rendered),
    )
    yield from _part(
        say(_("Withheld, but shown here as a comment or in words, for somebody to decide:")),
        (_withheld(each, say) for each in plan.withheld if each.rendered),
    )
    yield from _part(
        say(_("Conflicts: left as they are until somebody decides:")),
        (_conflict(each, say) for each in plan.conflicts),
    )


def unsaid_line(unsaid: Unsaid, say: Tongue) -> str:
    """Say what is not said of a step, why, and what would work."""
    which = f" {', '.join(unsaid.properties)}" if unsaid.properties else ""
    do = f" -> {say(unsaid.do)}" if unsaid.do else ""
    return f"{unsaid.step.label}. {unsaid.step.title}{which}: {say(unsaid.reason)}{do}"


def _withheld(withheld: Withheld, say: Tongue) -> str:
    which = f" {', '.join(withheld.properties)}" if withheld.properties else ""
    return f"{withheld.sort.sign} {withheld.key}{which}: {say(withheld.reason)} -> {say(withheld.do)}"


def _conflict(conflict: Conflict, say: Tongue) -> str:
    return f"{conflict.difference.key}: {say(conflict.reason)} -> {say(conflict.do)}"


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def one_line(text: str) -> str:
    """Return a text that cannot leave its line: whoever reads a comment must not run it."""
    return "".join(
        letter if letter.isprintable() else f"\\u{ord(letter):04x}" if letter not in "\n\t" else " "
        for letter in text
    )
