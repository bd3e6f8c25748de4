"""This module writes drift as SARIF 2.1.0: a run a mirror, a rule a kind, a result a property that differs.

A result stands at a *logical* location, mirror/member/item: configuration of an instance lies in no source file,
and none is pretended. Its fingerprint is made of member, key and property alone, so a viewer can tell what is new;
where runs are kept, `baselineState` says it, and what was accepted is suppressed with its reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from driftsync.files import ENCODER
from driftsync.kinds import all_kinds
from driftsync.model import Clash, Difference, Drift, Extra, Gap, Missing, Report, Severity
from driftsync.reporting import entries
from driftsync.reporting.entries import Compared
from driftsync.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {
    Severity.FAILOVER: "error",
    Severity.APPLICATION: "error",
    Severity.SECURITY: "warning",
    Severity.HYGIENE: "note",
}
CLASH, GAP, UNREADABLE = "clash", "gap", "unreadable-member"
BESIDE_KINDS = {
    CLASH: (
        "Values that must differ are the same",
        "Two members of a mirror cannot work side by side with one name or one address.",
        "error",
    ),
    GAP: (
        "Something could not be read or compared",
        "What could not be read may hide a difference; that no result is shown for it means nothing.",
        "warning",
    ),
    UNREADABLE: (
        "A member could not be read or compared",
        "Nothing is known of this member, so nothing can be said of a failover to it.",
        "error",
    ),
}
"""Rules that are no kind: id → title, why it matters, level."""


def as_sarif(found: Drift | Report) -> Iterator[bytes]:
    """Yield the document in pieces, one result at a time."""
    ended = entries.moment(found).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield b'{"$schema":' + ENCODER.encode(SCHEMA) + b',"version":"2.1.0","runs":['
    between = b"\n"
    for mirror, members in groupby(entries.comparisons(found), key=lambda each: each.mirror):
        yield between
        yield from _run(mirror, list(members), ended)
        between = b",\n"
    yield b"\n]}\n"


def _run(mirror: str, members: list[Compared], ended: str) -> Iterator[bytes]:
    rules = [_rule(each) for each in _rules_used(members)]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    complete = not any(each.reason or each.gaps for each in members)
    head = {
        "tool": {"driver": {"name": "driftsync", "version": __version__, "rules": rules}},
        "automationDetails": {"id": f"driftsync/{mirror}/"},
        "invocations": [{"executionSuccessful": complete, "endTimeUtc": ended}],
        "properties": {"mirror": mirror, "primary": members[0].primary},
    }
    yield ENCODER.encode(head)[:-1] + b',"results":['
    between = b"\n"
    for member in members:
        for result in _results(member):
            yield between + ENCODER.encode({**result, "ruleIndex": index[result["ruleId"]]})
            between = b",\n"
    yield b"\n]}"


def _rules_used(members: Iterable[Compared]) -> list[str]:
    """Return the rules that results refer to, in the order of the table of kinds, the others last."""
    used: set[str] = set()
    for member in members:
        used.update(CLASH if isinstance(each, Clash) else each.kind for each in member.differences)
        used.update({GAP} if member.gaps else ())
        used.update({UNREADABLE} if member.reason else ())
    order = [*all_kinds(), *BESIDE_KINDS]
    return sorted(used, key=order.index)


def _rule(name: str) -> dict[str, Any]:
    if name in BESIDE_KINDS:
        title, why, level = BESIDE_KINDS[name]
        return _described(name, title, why, level)
    kind = all_kinds()[name]
    rule = _described(name, kind.title, kind.why, LEVELS[kind.severity])
    if kind.portal:
        rule["help"] = {"text": f"Management Portal: {kind.portal}"}
    return rule


def _described(name: str, title: str, why: str, level: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "defaultConfiguration": {"level": level},
    }


def _results(member: Compared) -> Iterator[dict[str, Any]]:
    if member.reason:
        yield _result(UNREADABLE, "error", member.reason, member, ["member"])
    for difference in member.differences:
        known = _known(difference, member)
        yield from ({**result, **known} for result in _of_difference(difference, member))
    for gap in member.gaps:
        where = [gap.member, gap.kind, gap.namespace, gap.key, gap.property]
        yield _result(
            GAP, "warning", f"Not read or not comparable: {entries.line_of_gap(gap)}", member, where, gap
        )


def _known(difference: Difference, member: Compared) -> dict[str, Any]:
    """Return what earlier runs say of a difference; nothing where none was kept."""
    standing = member.standings.get(difference.key)
    if standing is None:
        return {}
    accepted = standing.accepted
    justification = accepted and entries.plain(
        f"{accepted.reason} ({accepted.owner}, until {accepted.until})"
    )
    return {
        "baselineState": "new" if standing.new else "unchanged",
        "suppressions": [{"kind": "external", "status": "accepted", "justification": justification}]
        if accepted
        else [],
    }


def _of_difference(difference: Difference, member: Compared) -> Iterator[dict[str, Any]]:
    key, level = entries.plain(difference.key), LEVELS[difference.severity]
    properties = {"severity": difference.severity.value, "product": difference.product}
    if isinstance(difference, (Missing, Extra)):
        word = entries.TYPES[type(difference)]
        there, not_there = (
            (member.primary, member.member)
            if isinstance(difference, Missing)
            else (member.member, member.primary)
        )
        text = f"{key} is on {there} and not on {not_there}"
        result = _result(difference.kind, level, text, member, [key, word], key)
        yield {**result, "properties": {**properties, "type": word}}
        return
    word = entries.TYPES[type(difference)]
    rule = CLASH if isinstance(difference, Clash) else difference.kind
    says = "is the same on" if isinstance(difference, Clash) else "differs between"
    for name in entries.properties_of(difference):
        text = f"{name} of {key} {says} {member.primary} and {member.member}"
        result = _result(rule, level, text, member, [key, name], key, name)
        yield {**result, "properties": {**properties, "type": word, "property": name}}


def _result(
    rule: str,
    level: str,
    text: str,
    member: Compared,
    identity: list[str],
    about: str | Gap = "",
    property: str = "",
) -> dict[str, Any]:
    """Make one result; `identity` is what makes it the same result in the next run."""
    name = entries.place_of(about) if isinstance(about, Gap) else about
    path = [part for part in (member.mirror, member.member, name, property) if part]
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": _literal(text)},
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": property or name or member.member,
                        "fullyQualifiedName": "/".join(path),
                        "kind": "property" if property else "item" if name else "member",
                    }
                ]
            }
        ],
        "partialFingerprints": {"driftsync/v1": _fingerprint(rule, member, identity)},
    }


def _fingerprint(rule: str, member: Compared, identity: list[str]) -> str:
    parts = [rule, member.mirror, member.member, *identity]
    return hashlib.sha256("\0".join(map(entries.plain, parts)).encode()).hexdigest()[:32]


def _literal(text: str) -> str:
    """Keep a name with brackets from being read as a placeholder or a link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")
