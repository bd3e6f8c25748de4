"""This module says in words what a drift holds; every way of reporting uses the same sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import reduce
from typing import Any

from driftsync.kinds import all_kinds, declaration
from driftsync.kinds.spec import Expectation, Kind, Property, Replicated, Shape
from driftsync.language import N_, _, ngettext, translated
from driftsync.model import (
    Change,
    Changed,
    Clash,
    Coverage,
    Difference,
    Drift,
    Extra,
    Gap,
    MemberRole,
    Missing,
    NoteType,
    Secret,
    Severity,
)

SEVERITIES: Mapping[Severity, str] = {
    Severity.FAILOVER: N_("fails a failover"),
    Severity.APPLICATION: N_("breaks an application"),
    Severity.SECURITY: N_("security"),
    Severity.HYGIENE: N_("hygiene"),
}
CONSEQUENCES: Mapping[Severity, str] = {
    Severity.FAILOVER: N_("After a failover something would not run at all until a person repairs it."),
    Severity.APPLICATION: N_("After a failover some applications or users would meet errors."),
    Severity.SECURITY: N_("After a failover other people could do other things than today."),
    Severity.HYGIENE: N_(
        "A failover would work; the difference will confuse whoever looks for a cause later."
    ),
}
MAY_HIDE = N_("What could not be read or compared may hide more.")
TYPES: Mapping[type, str] = {
    Missing: N_("missing"),
    Extra: N_("extra"),
    Changed: N_("changed"),
    Clash: N_("clash"),
}
SIGNS: Mapping[type, str] = {Missing: "-", Extra: "+", Changed: "~", Clash: "!"}
COVERAGES: Mapping[Coverage, str] = {
    Coverage.WHOLE: N_("whole"),
    Coverage.PARTIAL: N_("partial"),
    Coverage.NONE: N_("could not be read"),
    Coverage.NOT_LOOKED_AT: N_("not looked at"),
}
ROLES: Mapping[MemberRole, str] = {
    MemberRole.PRIMARY: N_("primary"),
    MemberRole.BACKUP: N_("backup"),
    MemberRole.FAILOVER: N_("failover member"),
    MemberRole.DR_ASYNC: N_("DR async"),
    MemberRole.REPORTING_ASYNC: N_("reporting async"),
    MemberRole.UNKNOWN: N_("role not known"),
}
NOTES: Mapping[NoteType, str] = {
    NoteType.VERSION: N_("only one of the two releases has it"),
    NoteType.UNLISTED: N_("unlisted properties, compared by fingerprint"),
    NoteType.NOT_COMPARABLE: N_("cannot be compared"),
    NoteType.LOCAL: N_("rightly differs between members"),
    NoteType.EXPECTED: N_("need not agree on a member of this role"),
    NoteType.IGNORED: N_("left out by a rule of the settings"),
}
REPLICATED: Mapping[Replicated, str] = {
    Replicated.NO: N_("no"),
    Replicated.PARTLY: N_("partly"),
    Replicated.YES: N_("yes"),
}
EXPECTATIONS: Mapping[Expectation, str] = {
    Expectation.SAME: N_("must agree with the primary"),
    Expectation.OPTIONAL: N_("only what its databases need"),
}


def verdict(drift: Drift) -> str:
    """Say in one line what matters most."""
    counts = drift.summary
    if drift.clean:
        return ngettext(
            "no drift: {count} item compared", "no drift: {count} items compared", counts.compared
        ).format(count=counts.compared)
    parts = []
    if counts.differences:
        parts.append(
            ngettext("{count} difference", "{count} differences", counts.differences).format(
                count=counts.differences
            )
        )
    if counts.gaps:
        parts.append(
            ngettext(
                "{count} gap: could not be read or compared",
                "{count} gaps: could not be read or compared",
                counts.gaps,
            ).format(count=counts.gaps)
        )
    return clauses(*parts)


def clauses(*parts: str) -> str:
    """Put statements side by side, empty ones left out; an enumeration is another thing in some languages."""
    said = [part for part in parts if part]
    return reduce(
        lambda first, second: _("{first}, {second}").format(first=first, second=second), said or [""]
    )


def consequence(drift: Drift) -> str:
    """Say what the worst difference would do after a failover."""
    if drift.differences:
        worst = min((each.severity for each in drift.differences), key=lambda each: each.rank)
        if drift.member.member.role.reports_only:
            return _("This member never takes over; whoever reads from it would notice the differences.")
        return _(CONSEQUENCES[worst])
    if drift.gaps:
        return _(
            "Nothing differs in what could be compared, but not all of it could be: this is no all-clear."
        )
    return _("In everything that was looked at, the member would serve as the primary does today.")


def meaning(drift: Drift) -> list[str]:
    """Say what a drift means after a failover, and what may hide behind its gaps."""
    return [consequence(drift), *([_(MAY_HIDE)] if drift.gaps and drift.differences else [])]


def meaning_in_one_line(drift: Drift) -> str:
    """Say it with one sentence after the other, as the language puts sentences together."""
    first, *more = meaning(drift)
    return _("{first} {second}").format(first=first, second=more[0]) if more else first


def title_of(kind: str) -> str:
    """Return what a person calls a kind."""
    declared = all_kinds().get(kind)
    return _(declared.title) if declared else kind


def where_of_gap(gap: Gap) -> str:
    """Say what a gap is about, as narrowly as it is known."""
    if gap.key:
        return f"{gap.key} {gap.property}".strip()
    if gap.namespace:
        return f"{gap.kind}:{gap.namespace}"
    return f"{gap.kind} {gap.property}".strip() or _("(no kind)")


def property_of(kind: str, name: str, key: str) -> Property | None:
    """Return the declaration of a property of one item."""
    declared = all_kinds().get(kind)
    if declared is None:
        return None
    namespace, _slash, identity = key.partition(":")[2].partition("/")
    return declaration(declared, namespace, identity, name)


def show(value: Any, declared: Property | None = None) -> str:
    """Write one value as a person reads it: codes with their words, secrets as such."""
    if value is None:
        return _("no") if declared and declared.shape is Shape.FLAG else _("(empty)")
    if isinstance(value, Secret):
        return _("(secret)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if declared and declared.values and isinstance(value, int):
        return _with_words(value, declared)
    if isinstance(value, dict):
        if set(value) == {"shown", "whole"}:
            return str(value["shown"])
        return ", ".join(f"{name}={show(inner)}" if inner else str(name) for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(show(inner) for inner in value)
    return str(value)


def _with_words(value: int, declared: Property) -> str:
    if declared.shape is Shape.CHOICE:
        word = declared.values.get(str(value))
        return str(value) + (_(" ({words})").format(words=_(word)) if word else "")
    words = [_(word) for bit, word in declared.values.items() if value & int(bit)]
    listed = _(", ").join(dict.fromkeys(words))
    return str(value) + (_(" ({words})").format(words=listed) if words else "")


def show_change(change: Change, kind: str, key: str) -> tuple[str, str]:
    """Write both values of a change."""
    declared = property_of(kind, change.property, key)
    expected, actual = show(change.expected, declared), show(change.actual, declared)
    if isinstance(change.expected, Secret) and isinstance(change.actual, Secret):
        return expected, _("(another secret)")
    if expected == actual and change.expected != change.actual:
        return expected, _("{value} (something hidden in it differs)").format(value=actual)
    return expected, actual


def details(change: Change) -> list[str]:
    """Return what differs within a value, line by line, as it is shown."""
    return [
        re.sub(r"(?<= )\(secret\)(?=$| → )", lambda _found: _("(secret)"), line) for line in change.detail
    ]


def show_item(properties: Mapping[str, Any], kind: str, key: str) -> list[tuple[str, str]]:
    """Write the properties of an item that only one side has."""
    return [(name, show(value, property_of(kind, name, key))) for name, value in properties.items()]


def one_line(difference: Difference) -> str:
    """Say what differs in one short line, without the key."""
    match difference:
        case Missing():
            return _("is on the primary and not on the member")
        case Extra():
            return _("is on the member and not on the primary")
        case Changed() | Clash():
            return ", ".join(change.property for change in difference.changes)


def edited_in_words(difference: Difference) -> str:
    """Say when the item was last edited on each side and by whom, as far as the members tell; else nothing."""
    parts = [
        (_("on the primary {at} by {by}") if each.on_primary else _("on the member {at} by {by}")).format(
            at=_minute(each.at), by=each.by
        )
        if each.by
        else (_("on the primary {at}") if each.on_primary else _("on the member {at}")).format(
            at=_minute(each.at)
        )
        for each in difference.edited
    ]
    return _("last edited: {where}").format(where=clauses(*parts)) if parts else ""


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def portal_of(kind: Kind) -> str:
    """Return where a kind is set in the Management Portal."""
    return _(kind.portal)


def by_kind(drift: Drift) -> dict[str, list[Difference]]:
    """Group differences by kind, in the order of the table."""
    groups: dict[str, list[Difference]] = {}
    for difference in drift.differences:
        groups.setdefault(difference.kind, []).append(difference)
    return groups


def folded_gaps(gaps: list[Gap]) -> list[tuple[str, str, list[str]]]:
    """Group gaps that have one reason on one member: (member, reason, what they are about)."""
    groups: dict[tuple[str, str], list[str]] = {}
    for gap in gaps:
        groups.setdefault((gap.member, translated(gap.reason)), []).append(where_of_gap(gap))
    return [(member, reason, places) for (member, reason), places in groups.items()]


def is_noise(difference: Difference) -> bool:
    """Say whether a difference is folded away unless asked for: the product's own item on one side only."""
    return difference.product and isinstance(difference, (Missing, Extra))


def moment(text: str) -> str:
    """Write a moment as a person reads it; what is no moment stays as it is."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    if found.tzinfo is None:
        return found.strftime("%Y-%m-%d %H:%M")
    return found.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
