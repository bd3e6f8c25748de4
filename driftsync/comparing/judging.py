"""This module judges one property that is not byte for byte the same: drift, a note, or no difference at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from driftsync.files import decode_values
from driftsync.kinds import all_kinds, declaration, parse_key
from driftsync.kinds.spec import WHETHER_SET, Fold, Kind, Property, Shape, Treat
from driftsync.language import english as _
from driftsync.model import Change, Difference, Header, Line, NoteType, Secret, SecretAnswer, Severity
from driftsync.normalize import release_parts

NEVER_LEFT_OUT = frozenset({Shape.FLAG, Shape.NUMBER, Shape.CHOICE, Shape.MASK})
"""Shapes that an export writes even when they are zero: absent means that the release lacks the property."""


SHORT_LIST = 8
"""Elements of an ordered list that are told by the two values alone."""


class Verdict(Enum):
    """What becomes of a property that stands differently on the two sides."""

    CHANGED = "changed"
    CLASH = "clash"
    NOTE = "note"
    HALF_STATED = "half stated"


@dataclass(frozen=True)
class Judged:
    """A verdict with the change it is about."""

    verdict: Verdict
    change: Change
    severity: Severity = Severity.HYGIENE
    note: NoteType = NoteType.VERSION
    text: str = ""


def worst_of(severities: Iterable[Severity]) -> Severity:
    """Return the worst severity."""
    return min(severities, key=lambda severity: severity.rank)


def severity_of(difference: Difference, change: Change) -> Severity:
    """Return how bad one change of a difference is, never worse than the difference."""
    kind = all_kinds()[difference.kind]
    key = parse_key(difference.key)
    declared = declaration(kind, key.namespace, key.identity, change.property)
    severity = (declared.severity if declared else None) or kind.severity
    return max(severity, difference.severity, key=lambda each: each.rank)


class PropertyVerdict:
    """Judges properties of two members, knowing their releases and the facts that decide what counts."""

    def __init__(self, expected: Header, actual: Header, *, same_member: bool) -> None:
        self._facts = (expected.facts, actual.facts)
        self._same_member = same_member
        self._failover = all(each.member.role.takes_over for each in (expected, actual))
        self._reports_only = actual.member.role.reports_only
        releases = {facts.release for facts in self._facts}
        self.other_release = len(releases) > 1 and "" not in releases

    def severity_of_item(self, kind: Kind, namespace: str, identity: str) -> Severity:
        """Return how bad it is that an item is missing or extra."""
        declared = kind.per_item(namespace, identity) if kind.per_item else None
        return (declared.severity if declared else None) or kind.severity

    def of_item(self, kind: Kind, namespace: str, identity: str, a: Line, b: Line) -> Iterator[Judged]:
        """Judge every property of an item that both sides have."""
        expected, actual = decode_values(a.compared), decode_values(b.compared)
        local = (decode_values(a.local), decode_values(b.local))
        unread = {*a.unread, *b.unread}
        shipped = kind.built_in(namespace, identity, expected)
        other_release = self.other_release or _other_record(*local)
        for name in sorted(expected.keys() | actual.keys()):
            if name in unread or (not kind.must_differ and expected.get(name) == actual.get(name)):
                continue
            if self._is_presence_of_others(kind, name):
                continue
            declared = declaration(kind, namespace, identity, name)
            if (name not in expected and (a.partial or _lacks_place(kind, declared, expected))) or (
                name not in actual and (b.partial or _lacks_place(kind, declared, actual))
            ):
                yield Judged(Verdict.HALF_STATED, Change(property=name, expected=None, actual=None))
                continue
            if declared and _follows(declared, expected) and _follows(declared, actual):
                continue
            judged = self._property(
                kind, declared, name, expected.get(name), actual.get(name), other_release, local
            )
            if judged and shipped and declared and declared.localised:
                text = _("the product writes it in the language of the instance")
                yield Judged(Verdict.NOTE, judged.change, note=NoteType.LOCAL, text=text)
            elif judged:
                yield judged
        yield from self._unlisted(a, b, other_release=other_release)

    def _property(
        self,
        kind: Kind,
        declared: Property | None,
        name: str,
        expected: Any,
        actual: Any,
        other_release: bool,
        local: tuple[dict[str, Any], dict[str, Any]],
    ) -> Judged | None:
        severity = (declared.severity if declared else None) or kind.severity
        treat = declared.treat if declared else Treat.COMPARE
        if treat is Treat.MUST_DIFFER:
            if expected == actual and not self._same_member:
                change = Change(property=name, expected=expected, actual=actual)
                return Judged(Verdict.CLASH, change, severity)
            return None
        if expected == actual or _means_the_same(declared, expected, actual):
            return None
        if (
            declared
            and declared.refers_to
            and _names_fold(declared.refers_to)
            and _folded(expected) == _folded(actual)
        ):
            return None
        answer = _secret_answer(expected, actual)
        if answer is SecretAnswer.SAME:
            return None
        if answer is SecretAnswer.NOT_COMPARABLE:
            return _not_comparable(name, expected, local)
        change = Change(
            property=name, expected=expected, actual=actual, detail=_detail(declared, expected, actual)
        )
        if other_release and self._only_in_one_release(declared, expected, actual, local):
            return Judged(
                Verdict.NOTE, change, note=NoteType.VERSION, text=_("only one of the two releases has it")
            )
        if (
            declared
            and declared.shape in {Shape.PATH, Shape.PATHS}
            and self._other_directories(expected, actual)
        ):
            text = _(
                "the directories of one of the two are not known, so paths cannot be compared; give its CPF too"
            )
            return Judged(Verdict.NOTE, change, note=NoteType.NOT_COMPARABLE, text=text)
        if declared and declared.free_on_reporting and self._reports_only:
            text = _("a reporting async may have its own")
            return Judged(Verdict.NOTE, change, note=NoteType.EXPECTED, text=text)
        if declared and declared.compared_if and self.known_false(declared.compared_if):
            text = _("no virtual address is in use, so each member may have its own")
            return Judged(Verdict.NOTE, change, note=NoteType.LOCAL, text=text)
        return Judged(Verdict.CHANGED, change, severity)

    def _only_in_one_release(
        self,
        declared: Property | None,
        expected: Any,
        actual: Any,
        local: tuple[dict[str, Any], dict[str, Any]],
    ) -> bool:
        """Say whether an absent value is absent because the release of its side, the older one, lacks the property."""
        if expected is not None and actual is not None:
            return False
        if declared is None or not declared.since:
            return declared is None or declared.shape in NEVER_LEFT_OUT
        without, other = (0, 1) if expected is None else (1, 0)
        releases = [release_parts(facts.release) for facts in self._facts]
        if all(releases):
            return releases[without] < release_parts(declared.since)
        records = [side.get("Version") or 0 for side in local]
        return bool(records[without] < records[other])

    def _other_directories(self, expected: Any, actual: Any) -> bool:
        """Say whether one side's path stands for its own directory where the other's directories are not known."""
        known = [bool(facts.paths) for facts in self._facts]
        return known[0] != known[1] and any("${" in str(value) for value in (expected, actual))

    def _is_presence_of_others(self, kind: Kind, name: str) -> bool:
        """Say whether a presence counts between failover members only, and one of these is none."""
        declared = kind.declared(name) if name.endswith(WHETHER_SET) else None
        return bool(declared and declared.presence == "failover") and not self._failover

    def known_false(self, fact: str) -> bool:
        return all(getattr(facts, fact) is False for facts in self._facts)

    def _unlisted(self, a: Line, b: Line, *, other_release: bool) -> Iterator[Judged]:
        expected, actual = decode_values(a.unlisted), decode_values(b.unlisted)
        for name in sorted(expected.keys() | actual.keys()):
            mine, theirs = expected.get(name), actual.get(name)
            answer = _secret_answer(mine, theirs)
            change = Change(property=name, expected=mine, actual=theirs, unlisted=True)
            if mine == theirs or answer is SecretAnswer.SAME:
                continue
            if (name not in expected and a.partial) or (name not in actual and b.partial):
                yield Judged(Verdict.HALF_STATED, change)
            elif other_release and (mine is None or theirs is None):
                text = _("only one of the two releases has it")
                yield Judged(Verdict.NOTE, change, note=NoteType.VERSION, text=text)
            elif answer is SecretAnswer.NOT_COMPARABLE:
                text = _("the two snapshots were made with different keys")
                yield Judged(Verdict.NOTE, change, note=NoteType.NOT_COMPARABLE, text=text)
            else:
                yield Judged(Verdict.CHANGED, change, Severity.HYGIENE)


def _other_record(expected: dict[str, Any], actual: dict[str, Any]) -> bool:
    """Say whether the records were written by different releases, by their `Version`."""
    return expected.get("Version") != actual.get("Version")


def _lacks_place(kind: Kind, declared: Property | None, values: dict[str, Any]) -> bool:
    """Say whether one side did not read the place that a property stands in beside the rest of its item."""
    if declared is None or not declared.beside:
        return False
    return not any(each.beside == declared.beside and each.name in values for each in kind.properties)


def _means_the_same(declared: Property | None, expected: Any, actual: Any) -> bool:
    """Say whether an absent value stands for the one on the other side."""
    if declared is None or (expected is not None and actual is not None):
        return False
    present = actual if expected is None else expected
    if declared.default is not None and present == declared.default:
        return True
    return declared.shape in {Shape.FLAG, Shape.MASK} and declared.default is None and not present


def _names_fold(kind: str) -> bool:
    """Say whether IRIS ignores the case of names of a kind."""
    return all_kinds()[kind].identity.fold is not Fold.NONE


def _folded(value: Any) -> Any:
    """Return a name, a set of names or names with permissions, their case folded."""
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, list):
        return sorted(_folded(each) for each in value)
    if isinstance(value, dict):
        return {name.casefold(): inner for name, inner in value.items()}
    return value


def _follows(declared: Property, values: dict[str, Any]) -> bool:
    """Say whether a value only follows another property, whose change is told already."""
    source = declared.default_from
    return bool(source) and values.get(declared.name) == values.get(source)


def _secret_answer(expected: Any, actual: Any) -> SecretAnswer | None:
    """Return what secrets among two values say, `None` where something that can be shown differs."""
    if isinstance(expected, Secret) and isinstance(actual, Secret):
        return expected.against(actual)
    if not (isinstance(expected, dict) and isinstance(actual, dict)) or expected.keys() != actual.keys():
        return None
    answers = {
        _secret_answer(expected[name], actual[name]) for name in expected if expected[name] != actual[name]
    }
    if not answers:
        return SecretAnswer.SAME
    if answers <= {SecretAnswer.NOT_COMPARABLE, SecretAnswer.SAME}:
        return SecretAnswer.NOT_COMPARABLE if SecretAnswer.NOT_COMPARABLE in answers else SecretAnswer.SAME
    return None


def _not_comparable(name: str, expected: Any, local: tuple[dict[str, Any], dict[str, Any]]) -> Judged:
    """Say that two secrets cannot be compared: salted hashes with the dates of both passwords."""
    if isinstance(expected, Secret) and expected.salted:
        text = _(
            "two password hashes with different salts cannot be compared; see when each was last changed"
        )
        dates = [side.get("PasswordChangedDateTime") for side in local]
        change = Change(property=name, expected=dates[0], actual=dates[1])
    else:
        text = _("the two snapshots were made with different keys, so their secrets cannot be compared")
        change = Change(property=name, expected=None, actual=None)
    return Judged(Verdict.NOTE, change, note=NoteType.NOT_COMPARABLE, text=text)


def _detail(declared: Property | None, expected: Any, actual: Any) -> list[str]:
    """Say what was added, removed or altered inside a list or record, one line each."""
    if not isinstance(expected, (list, dict)) or not isinstance(actual, (list, dict)):
        return []
    if declared and declared.shape is Shape.URL:
        return []
    if isinstance(expected, list) and max(len(expected), len(actual)) <= SHORT_LIST and not _is_set(declared):
        return []
    if _is_set(declared) and isinstance(expected, list) and isinstance(actual, list):
        lines = [f"- {each}" for each in expected if each not in actual]
        lines += [f"+ {each}" for each in actual if each not in expected]
        return sorted(lines, key=lambda line: line[2:])
    from deepdiff import DeepDiff

    found = DeepDiff(_opaque(expected), _opaque(actual), view="tree", threshold_to_diff_deeper=0)
    lines = []
    for group, changes in found.items():
        for each in changes:
            where = ".".join(str(part) for part in each.path(output_format="list"))
            if group.endswith("_added"):
                lines.append(f"+ {where}: {_show(each.t2)}")
            elif group.endswith("_removed"):
                lines.append(f"- {where}: {_show(each.t1)}")
            else:
                lines.append(f"~ {where}: {_show(each.t1)} → {_show(each.t2)}")
    return sorted(lines, key=lambda line: line[2:])


def _is_set(declared: Property | None) -> bool:
    return declared is not None and declared.shape is Shape.SET


def _opaque(value: Any) -> Any:
    """Put tokens in place of secrets, which deepdiff must not look into."""
    if isinstance(value, Secret):
        return _Token(value.token)
    if isinstance(value, dict):
        return {name: _opaque(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_opaque(inner) for inner in value]
    return value


class _Token(str):
    """A secret's token among values, so that it is printed as one."""

    __slots__ = ()


def _show(value: Any) -> str:
    """Write a value that may hold tokens anywhere; only bare texts and numbers are written as they are."""
    if isinstance(value, _Token):
        return _("(secret)")
    if isinstance(value, dict):
        return ", ".join(f"{name}={_show(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_show(inner) for inner in value)
    return str(value)
