"""Rules: what is meant to differ is a note with a reason, and one thing is never said twice unnoticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.cli.reported import Looking, Reading, mirrors_to_read, report_on
from driftsync.comparing import Scope, compare
from driftsync.files import SnapshotInMemory
from driftsync.model import Drift, Item, ItemKey, MemberRole, NoteType, Severity
from driftsync.ruling import LeftOut, Use, remarks_on, rule
from driftsync.settings import RuleSettings, Then, read_settings
from tests.nights import FIRST
from tests.test_comparing import snapshot

ROLE = RuleSettings(kind="role", then=Then.IGNORE, because="r")


def item(name: str, **compared: object) -> Item:
    return Item(
        key=ItemKey("role", "", name.lower(), name if name != name.lower() else ""), compared=compared
    )


def drift(role: MemberRole = MemberRole.BACKUP) -> Drift:
    """`changed` differs in two properties, `Missing` and `extra` stand on one side, a user differs too."""
    a = [item("changed", Description="1", GrantedRoles=["a"]), item("Missing", Description="1")]
    b = [item("changed", Description="2", GrantedRoles=["b"]), item("extra", Description="1")]
    user = [Item(key=ItemKey("user", "", "u"), compared={"FullName": value}) for value in "12"]
    return compare(snapshot(*a, user[0], name="A"), snapshot(*b, user[1], name="B", role=role))


def left(rules: Sequence[RuleSettings], use: Use | None = None, **words: MemberRole) -> dict[str, list[str]]:
    """Return what is left: key → properties."""
    found = rule(drift(**words), rules, use or Use())
    counts = found.summary
    assert counts.differences == len(found.differences)
    return {
        each.key: [change.property for change in getattr(each, "changes", [])] for each in found.differences
    }


ALL = {
    "role:Missing": [],
    "role:changed": ["Description", "GrantedRoles"],
    "role:extra": [],
    "user:u": ["FullName"],
}


def rule_of(then: Then = Then.IGNORE, **words: object) -> RuleSettings:
    return RuleSettings(then=then, because="because", **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ({"kind": "role"}, {"role:Missing", "role:changed", "role:extra"}),
        ({"kind": "user", "member": "B"}, {"user:u"}),
        ({"kind": "user", "member": "C"}, set()),
        ({"kind": "user", "role": MemberRole.BACKUP}, {"user:u"}),
        ({"kind": "user", "role": MemberRole.DR_ASYNC}, set()),
        ({"key": "role:M*"}, {"role:Missing"}),
        ({"key": "role:missing"}, {"role:Missing"}),
        ({"key": "*"}, set(ALL)),
        ({"key": "role:*", "kind": "user"}, set()),
        ({"kind": "role", "property": "GrantedRoles"}, {"GrantedRoles"}),
        ({"property": "*"}, {"user:u", "role:changed"}),
    ],
)
@pytest.mark.parametrize("then", [Then.IGNORE, Then.LOCAL])
def test_a_rule_fits_what_it_names(words: Mapping[str, object], gone: set[str], then: Then) -> None:
    expected = {
        key: [each for each in properties if each not in gone]
        for key, properties in ALL.items()
        if key not in gone
    }
    assert left([rule_of(then, **words)]) == expected


@pytest.mark.parametrize(("then", "type"), [(Then.IGNORE, NoteType.IGNORED), (Then.LOCAL, NoteType.LOCAL)])
def test_what_a_rule_takes_out_is_a_note_with_both_values_and_the_reason(then: Then, type: NoteType) -> None:
    found = rule(drift(), [rule_of(then, kind="role")], Use())
    notes = {(note.key, note.property): note for note in found.notes if note.by_rule}
    assert set(notes) == {
        ("role:Missing", ""), ("role:extra", ""), ("role:changed", "Description"), ("role:changed", "GrantedRoles"),
    }  # fmt: skip
    assert {note.text for note in notes.values()} == {"because"}
    assert {note.type for note in notes.values()} == {type}
    note = notes["role:changed", "Description"]
    assert (note.expected, note.actual) == ("1", "2")
    assert notes["role:Missing", ""].expected == {"Description": "1"}
    assert (found.summary.missing, found.summary.extra, found.summary.changed) == (0, 0, 1)
    assert found.summary.compared == drift().summary.compared


def test_a_severity_counts_for_what_is_left() -> None:
    def severity(*rules: RuleSettings) -> Severity:
        return next(
            each.severity for each in rule(drift(), rules, Use()).differences if each.key == "role:changed"
        )

    usual = severity()
    assert severity(rule_of(Then.FAILOVER, kind="role")) is Severity.FAILOVER
    assert severity(rule_of(Then.FAILOVER, kind="role", property="Description")) is Severity.FAILOVER
    assert severity(rule_of(Then.HYGIENE, kind="role", property="Description")) is usual
    assert severity(rule_of(Then.HYGIENE, kind="role")) is Severity.HYGIENE
    assert (
        severity(
            rule_of(Then.HYGIENE, kind="role", property="Description"),
            rule_of(Then.IGNORE, kind="role", property="GrantedRoles"),
        )
        is Severity.HYGIENE
    )


def test_the_first_rule_counts_and_what_says_otherwise_is_told() -> None:
    rules = [rule_of(kind="role", property="Description"), rule_of(Then.SECURITY, kind="role")]
    use = Use()
    assert left(rules, use)["role:changed"] == ["GrantedRoles"]
    assert use.used == {0, 1}
    (remark,) = remarks_on(rules, use, blind=frozenset())
    assert "rules 1 (because) and 2 (because) say different things of role:changed Description" in remark
    same = [rule_of(kind="role"), rule_of(kind="role", property="Description")]
    use = Use()
    left(same, use)
    assert remarks_on(same, use, blind=frozenset()) == []


@pytest.mark.parametrize(("blind", "told"), [(frozenset(), 1), (frozenset({"role"}), 0), (None, 0)])
def test_a_rule_that_fits_nothing_is_told_where_everything_was_seen(
    blind: frozenset[str] | None, told: int
) -> None:
    rules = [rule_of(key="role:nowhere")]
    use = Use()
    left(rules, use)
    assert len(remarks_on(rules, use, blind=blind)) == told


def test_only_what_no_member_is_asked_for_is_left_out_of_baselines() -> None:
    out = LeftOut(
        [
            rule_of(kind="role", property="Description"),
            rule_of(kind="role", property="GrantedRoles", member="B"),
            rule_of(Then.SECURITY, kind="role", property="Resources"),
            rule_of(kind="role"),
        ]
    )
    assert (out("role:x"), out("user:x")) == (("Description",), ())


@given(
    st.lists(
        st.builds(
            rule_of,
            st.sampled_from(Then),
            kind=st.sampled_from(["", "role", "user"]),
            key=st.sampled_from(["*", "role:c*", "user:u"]),
            property=st.sampled_from(["", "Description", "*"]),
            member=st.sampled_from(["", "B", "C"]),
        ),
        max_size=4,
    )
)
def test_nothing_vanishes_under_rules(rules: list[RuleSettings]) -> None:
    """Every property and every item is left, or is a note."""
    before, found = drift(), rule(drift(), rules, Use())

    def told(each: Drift) -> list[tuple[str, str]]:
        return [
            (difference.key, name)
            for difference in each.differences
            for name in [change.property for change in getattr(difference, "changes", [])] or [""]
        ]

    noted = [(note.key, note.property) for note in found.notes if note.by_rule]
    assert sorted(told(found) + noted) == sorted(told(before))


# -- a member of two mirrors ------------------------------------------------------------------------------------------

TWO = """
[mirror.M]
primary = "MA"
[mirror.N]
primary = "NA"
[member.MA]
source = "ma"
mirror = "M"
[member.MR]
source = "r"
mirror = "M"
role = "reporting-async"
[member.NA]
source = "na"
mirror = "N"
[member.NR]
source = "r"
mirror = "N"
role = "reporting-async"
"""


def member(name: str, role: MemberRole, *items: Item) -> SnapshotInMemory:
    return SnapshotInMemory(snapshot(*items, name=name, role=role))


@pytest.mark.parametrize("shared", [True, False])
def test_a_reporting_async_of_two_mirrors_holds_what_either_wants(tmp_path: Path, shared: bool) -> None:
    path = tmp_path / "driftsync.toml"
    path.write_text(TWO if shared else TWO.replace('"r"', '"r2"', 1), encoding="utf-8")
    settings = read_settings(path)

    def mapping(name: str, database: str = "1") -> Item:
        return Item(key=ItemKey("global-mapping", "APP", name), compared={"Database": database})

    both = [
        mapping("m", database="1"),
        mapping("n", database="1"),
        mapping("same", database="N"),
        mapping("own"),
    ]
    reporting = MemberRole.REPORTING_ASYNC
    readings = {
        "M": Reading(FIRST, FIRST, {
            "MA": member("MA", MemberRole.PRIMARY, mapping("m", database="1"), mapping("same", database="M")),
            "MR": member("MR", reporting, *both),
        }),
        "N": Reading(FIRST, FIRST, {
            "NA": member("NA", MemberRole.PRIMARY, mapping("n", database="1"), mapping("same", database="N")),
            "NR": member("NR", reporting, *both),
        }),
    }  # fmt: skip
    assert mirrors_to_read(settings, ["M"]) == (["M", "N"] if shared else ["M"])
    report = report_on(settings, readings, ["M"], Looking(Scope()), store=None, at=FIRST)
    (found,) = report.mirrors[0].drifts
    told = {each.key for each in found.differences}
    noted = {note.key for note in found.notes if note.type is NoteType.EXPECTED and "mirror N" in note.text}
    if shared:
        assert (told, noted) == (
            {"global-mapping:APP/own"},
            {"global-mapping:APP/n", "global-mapping:APP/same"},
        )
    else:
        assert (told, noted) == (
            {"global-mapping:APP/own", "global-mapping:APP/n", "global-mapping:APP/same"},
            set(),
        )
    assert found.summary.differences == len(found.differences)
