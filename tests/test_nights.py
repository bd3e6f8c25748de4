"""What a night knows of the nights before it: who moved, what is new, what was accepted; a truth table and laws."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftsync.comparing import Scope
from driftsync.model import Acknowledgement, Gap, Night, Origin, Reopened, Standing
from driftsync.remembering import origin_of
from driftsync.settings import RuleSettings, Then
from driftsync.store import Agreed
from tests.nights import FIRST, MEMORY, MIRROR, UNREAD, Held, Nights, one

P, M, B, N, ALONE = Origin.PRIMARY, Origin.MEMBER, Origin.BOTH, Origin.NEVER, Origin.PRIMARY_ALONE
X = "role:x"


@contextmanager
def fresh(**words: object) -> Iterator[Nights]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        nights = Nights(Path(folder) / "store.sqlite", **words)  # type: ignore[arg-type]
        try:
            yield nights
        finally:
            nights.store.close()


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    nights = Nights(tmp_path / "store.sqlite")
    yield nights
    nights.store.close()


# -- the truth table --------------------------------------------------------------------------------------------------

STATES = {"as it was": "base", "changed": "changed", "gone": None}
TABLE = {
    ("as it was", "as it was"): None,
    ("as it was", "changed"): M,
    ("as it was", "gone"): M,
    ("changed", "as it was"): P,
    ("changed", "changed"): B,
    ("changed", "gone"): B,
    ("gone", "as it was"): P,
    ("gone", "changed"): B,
    ("gone", "gone"): None,
}
"""(primary, member) against the base → who moved; `None` where they agree. Changed on both means: otherwise."""
TURNED = {P: ALONE, M: P, B: B}
"""The same difference after the member has become the primary: what only the new primary has or lacks is its own."""


@pytest.mark.parametrize(("primary", "member"), TABLE)
@settings(max_examples=8)
@given(base=st.text(min_size=1, max_size=4), one_value=st.text(max_size=4), other=st.text(max_size=4))
def test_nine_cases_and_their_mirror_image(
    primary: str, member: str, base: str, one_value: str, other: str
) -> None:
    held = {"base": base, "changed": "1" + one_value + base, None: None}
    a, b = held[STATES[primary]], held[STATES[member]]
    if (primary, member) == ("changed", "changed"):
        b = "2" + other + base
    expected = TABLE[primary, member]
    with fresh() as nights:
        nights.run("A", {"A": {"x": base}, "B": {"x": base}})
        night = nights.run("A", {"A": {"x": a}, "B": {"x": b}})
        assert [each.origin for each in night.standings] == ([expected] if expected else [])
        again = nights.run("A", {"A": {"x": a}, "B": {"x": b}})
        assert [(each.origin, each.new) for each in again.standings] == (
            [(expected, False)] if expected else []
        )
        for _night in range(2):
            swapped = nights.run("B", {"A": {"x": a}, "B": {"x": b}})
            assert [(each.member, each.origin, each.new) for each in swapped.standings] == (
                [("A", TURNED[expected], False)] if expected else []
            )
            assert not swapped.resolved


@pytest.mark.parametrize(
    ("a", "b", "expected", "turned"),
    [("1", None, P, ALONE), (None, "1", M, P), ("1", "2", B, B), ("1", "1", None, None)],
)
def test_the_base_may_be_that_both_lacked_it(
    nights: Nights, a: str | None, b: str | None, expected: Origin | None, turned: Origin | None
) -> None:
    nights.run("A", {"A": {}, "B": {}})
    for _night in range(3):
        night = nights.run("A", {"A": {"x": a}, "B": {"x": b}})
        assert [each.origin for each in night.standings] == ([expected] if expected else [])
    for _night in range(2):
        night = nights.run("B", {"A": {"x": a}, "B": {"x": b}})
        assert [each.origin for each in night.standings] == ([turned] if turned else [])


def test_what_was_never_equal_says_so_and_after_a_swap_lies_with_the_new_primary(nights: Nights) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1", "y": "1"}, "B": {"x": "2", "z": "1"}}
    assert {each.origin for each in nights.run("A", held).standings} == {N}
    assert {each.origin for each in nights.run("A", held).standings} == {N}
    for _night in range(3):
        assert {each.origin for each in nights.run("B", held).standings} == {ALONE}


def test_with_three_members_the_one_that_stayed_behind_is_known(nights: Nights) -> None:
    nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}, "C": {"x": "1"}})
    for _night in range(2):
        night = nights.run("A", {"A": {"x": "2"}, "B": {"x": "2"}, "C": {"x": "1"}})
        assert (one(night, "C", X).origin, len(night.standings)) == (P, 1)
    for _night in range(2):
        night = nights.run("B", {"A": {"x": "2"}, "B": {"x": "2"}, "C": {"x": "1"}})
        assert (one(night, "C", X).origin, len(night.standings)) == (P, 1)
    for _night in range(2):  # the one that stayed behind takes over: the others are as the mirror was
        night = nights.run("C", {"A": {"x": "2"}, "B": {"x": "2"}, "C": {"x": "1"}})
        assert {(each.member, each.origin) for each in night.standings} == {("A", ALONE), ("B", ALONE)}


def test_what_two_got_and_the_third_did_not_is_known_although_nobody_had_it_before(nights: Nights) -> None:
    nights.run("A", {"A": {}, "B": {}, "C": {}})
    for _night in range(2):
        night = nights.run("A", {"A": {"x": "1"}, "C": {}, "B": {"x": "1"}})
        assert (one(night, "C", X).origin, len(night.standings)) == (P, 1)


@given(
    st.tuples(*[st.sampled_from(["", "1", "2"])] * 2),
    st.tuples(*[st.sampled_from(["", "1", "2"])] * 2),
)
def test_origin_of_is_its_own_mirror_image(bases: tuple[str, str], held: tuple[str, str]) -> None:
    """With bases of one run, exchanging the sides exchanges who moved."""
    ours, theirs = (Agreed("v", each, 1) for each in bases)
    there, back = origin_of(ours, held[0], theirs, held[1]), origin_of(theirs, held[1], ours, held[0])
    assert {P: M, M: P}.get(there, there) is back


# -- what is new ------------------------------------------------------------------------------------------------------


def test_a_first_run_then_new_open_other_values_and_resolved(nights: Nights) -> None:
    first = nights.run("A", {"A": {"x": "1"}, "B": {"x": "2"}})
    assert (first.previous, one(first, "B", X).new) == ("", True)
    second = nights.run("A", {"A": {"x": "1"}, "B": {"x": "2"}})
    assert (one(second, "B", X).new, one(second, "B", X).since) == (False, first.at)
    third = nights.run("A", {"A": {"x": "1"}, "B": {"x": "3"}})
    assert (one(third, "B", X).new, one(third, "B", X).altered, one(third, "B", X).since) == (
        True,
        True,
        first.at,
    )
    assert not one(nights.run("A", {"A": {"x": "1"}, "B": {"x": "3"}}), "B", X).new
    last = nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}})
    assert [(each.key, each.since) for each in last.resolved] == [(X, first.at)]
    assert nights.open() == set()
    assert one(nights.run("A", {"A": {"x": "1"}, "B": {"x": "3"}}), "B", X).new


def test_nights_without_a_run_are_counted(nights: Nights) -> None:
    nights.run("A", {"A": {}, "B": {}})
    assert nights.run("A", {"A": {}, "B": {}}).missed == 0
    assert nights.run("A", {"A": {}, "B": {}}, later=timedelta(days=4)).missed == 3


@pytest.mark.parametrize(
    "gaps",
    [
        {"B": [Gap(reason="refused", kind="role")]},
        {"A": [Gap(reason="refused", kind="role")]},
        {"B": [Gap(reason="refused", kind="role", key=X)]},
    ],
)
def test_a_gap_keeps_findings_open_and_agrees_on_nothing(nights: Nights, gaps: dict[str, list[Gap]]) -> None:
    nights.run("A", {"A": {"x": "1", "y": "1"}, "B": {"x": "2"}})
    open_before = nights.open()
    held: Held = {"y": "1"} if "key" in str(gaps) and gaps.get("B") and gaps["B"][0].key else {}
    night = nights.run("A", {"A": {"x": "1", "y": "1"} if "B" in gaps else {}, "B": held}, gaps=gaps)
    assert {each.key for each in night.resolved} <= {"role:y"}
    assert ("B", X) in nights.open() & open_before
    assert night.unseen >= 1
    after = nights.run("A", {"A": {"x": "1", "y": "1"}, "B": {"x": "2", "y": "1"}})
    assert not one(after, "B", X).new


def test_a_member_that_is_not_reached_keeps_its_findings(nights: Nights) -> None:
    nights.run("A", {"A": {"x": "1"}, "B": {"x": "2"}, "C": {"x": "1"}})
    night = nights.run("A", {"A": {"x": "1"}, "B": "cannot be reached", "C": {"x": "1"}})
    assert (night.standings, night.resolved, night.unseen) == ([], [], 1)
    after = nights.run("A", {"A": {"x": "1"}, "B": {"x": "2"}, "C": {"x": "1"}})
    assert (one(after, "B", X).new, after.unseen) == (False, 0)


@given(st.sampled_from("AB"), st.booleans())
def test_an_unread_value_is_never_resolved_agreed_or_another_value(side: str, accepted: bool) -> None:
    with fresh() as nights:
        held = {"A": {"x": "1"}, "B": {"x": "2"}}
        nights.run("A", held)
        if accepted:
            nights.accept("B")
        night = nights.run("A", {**held, side: {"x": UNREAD}})
        assert (night.resolved, night.unseen, nights.open()) == ([], 1, {("B", X)})
        after = nights.run("A", held)
        standing = one(after, "B", X)
        assert (standing.new, bool(standing.accepted), standing.origin) == (False, accepted, N)


def test_an_item_of_which_one_property_was_not_read_is_still_the_accepted_one(nights: Nights) -> None:
    """One side lacks the item; what it holds on the other was not read tonight."""
    nights.run("A", {"A": {"x": "1"}, "B": {}})
    nights.accept("B")
    night = nights.run("A", {"A": {"x": UNREAD}, "B": {}})
    assert (one(night, "B", X).new, bool(one(night, "B", X).accepted)) == (False, True)
    again = nights.run("A", {"A": {"x": "1"}, "B": {}})
    assert (one(again, "B", X).new, bool(one(again, "B", X).accepted)) == (False, True)


def test_what_is_out_of_scope_is_not_resolved(nights: Nights) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1", "%Developer": "1"}, "B": {"x": "2"}}
    nights.run("A", held)
    for scope in (Scope(frozenset({"user"})), Scope(frozenset({"role"}), site_only=True)):
        night = nights.run("A", held, scope=scope)
        assert night.resolved == []
    assert len(nights.open()) == 2
    assert not any(each.new for each in nights.run("A", held).standings)


def test_a_name_that_is_spelled_otherwise_after_a_swap_is_the_same_item(nights: Nights) -> None:
    nights.run("A", {"A": {"Payroll": "1"}, "B": {"PAYROLL": "2"}})
    nights.accept("B", "role:payroll")
    night = nights.run("B", {"A": {"Payroll": "1"}, "B": {"PAYROLL": "2"}})
    (standing,) = night.standings
    assert (standing.key, standing.new, bool(standing.accepted), night.resolved) == (
        "role:PAYROLL", False, True, [],
    )  # fmt: skip
    assert len(nights.store.life_of("role:pAYROLL")) == 2


# -- role swaps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [False, True])
def test_a_primary_that_crashed_comes_back_and_nothing_of_it_is_new(nights: Nights, unknown: bool) -> None:
    a, b, c = {"x": "1", "y": "1"}, {"x": "2"}, {"x": "1", "y": "1"}
    first = nights.run("A", {"A": a, "B": b, "C": c})
    nights.accept("B", "role:y")
    if unknown:  # nobody is the primary while the mirror switches over
        night = nights.run("", {"A": "crashed", "B": b, "C": c})
        assert (night.standings, night.resolved, night.unseen, night.primary_before) == ([], [], 2, "")
    night = nights.run("B", {"A": "crashed", "B": b, "C": c})
    assert night.primary_before == "A"
    assert {(each.member, each.key, each.new, each.since) for each in night.standings} == {
        ("C", X, False, first.at),
        ("C", "role:y", False, first.at),
    }
    for _night in range(2):
        night = nights.run("B", {"A": a, "B": b, "C": c})
        assert {(each.member, each.new, each.origin) for each in night.standings} == {
            ("A", False, ALONE),
            ("C", False, ALONE),
        }
        assert all(bool(each.accepted) == (each.key == "role:y") for each in night.standings)
    back = nights.run("A", {"A": a, "B": b, "C": c})
    assert {(each.member, each.new, bool(each.accepted)) for each in back.standings} == {
        ("B", False, False),
        ("B", False, True),
    }


def test_after_a_swap_a_third_member_is_not_new_only_because_the_primary_is_another(nights: Nights) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}, "C": {"x": "3"}}
    nights.run("A", held)
    assert not any(each.new for each in nights.run("B", held).standings)
    moved = nights.run("A", {**held, "C": {"x": "4"}})
    assert [(each.member, each.new) for each in moved.standings] == [("B", False), ("C", True)]


def test_what_was_repaired_after_a_swap_is_new_when_it_comes_again(nights: Nights) -> None:
    apart, equal = {"A": {"x": "1"}, "B": {"x": "2"}}, {"A": {"x": "2"}, "B": {"x": "2"}}
    nights.run("A", apart)
    nights.accept("B")
    nights.run("B", apart)
    assert [each.member for each in nights.run("B", equal).resolved] == ["A"]
    standing = one(nights.run("B", apart), "A", X)
    assert (standing.new, standing.accepted) == (True, None)


# -- acceptance -------------------------------------------------------------------------------------------------------


def test_accepted_holds_until_its_last_day_and_is_new_once_after_it(nights: Nights) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}}
    nights.run("A", held)
    nights.accept("B", X, days=2)
    for _night in range(2):
        assert one(nights.run("A", held), "B", X).accepted
    over = one(nights.run("A", held), "B", X)
    assert (over.accepted, over.reopened, over.new) == (None, Reopened.EXPIRED, True)
    later = one(nights.run("A", held), "B", X)
    assert (later.accepted, later.new) == (None, False)


@pytest.mark.parametrize("side", ["A", "B"])
def test_accepted_is_open_again_when_either_side_changes(nights: Nights, side: str) -> None:
    held: dict[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}}
    nights.run("A", held)
    nights.accept("B")
    held[side] = {"x": "3"}
    standing = one(nights.run("A", held), "B", X)
    assert (standing.accepted, standing.reopened, standing.new) == (None, Reopened.CHANGED, True)
    assert not one(nights.run("A", held), "B", X).new


def stated(nights: Nights, days: int) -> list[Acknowledgement]:
    """Return the open difference as the reviewed file would accept it, and nothing in the store."""
    (given,) = nights.accept("B", days=days)
    with nights.store.writing():
        nights.store.end_acknowledgement(MIRROR, "B", given.key, "moved to the file")
    return [given]


def test_what_the_file_accepts_is_new_once_when_its_day_is_over(nights: Nights) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}}
    nights.run("A", held)
    file = stated(nights, days=1)
    told = [one(nights.run("A", held, stated=file), "B", X) for _night in range(4)]
    assert [(bool(each.accepted), each.new) for each in told] == [
        (True, False), (False, True), (False, False), (False, False),
    ]  # fmt: skip
    assert told[-1].reopened is Reopened.EXPIRED


def test_the_file_counts_in_a_new_store_too(nights: Nights, tmp_path: Path) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}}
    nights.run("A", held)
    file = stated(nights, days=100)
    anew = Nights(tmp_path / "anew.sqlite")
    assert one(anew.run("A", held, stated=file), "B", X).accepted
    assert one(anew.run("A", {**held, "B": {"x": "3"}}, stated=file), "B", X).new
    assert not one(anew.run("A", {**held, "B": {"x": "3"}}, stated=file), "B", X).new
    anew.store.close()


# -- two runs at once -------------------------------------------------------------------------------------------------


def test_a_run_that_began_to_read_before_another_saw_a_difference_does_not_resolve_it(nights: Nights) -> None:
    nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}})
    began = nights.now + timedelta(hours=1)
    nights.run("A", {"A": {"x": "1"}, "B": {"x": "2"}}, later=timedelta(hours=2))
    late = nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}}, began=began, later=timedelta(seconds=5))
    assert (late.resolved, nights.open()) == ([], {("B", X)})


# -- rules ------------------------------------------------------------------------------------------------------------


def test_a_rule_closes_what_was_open_and_says_why(tmp_path: Path) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1", "y": "1"}, "B": {"x": "2"}}
    nights = Nights(tmp_path / "store.sqlite")
    nights.run("A", held)
    nights.rules = [RuleSettings(then=Then.IGNORE, kind="role", because="test roles")]
    night = nights.run("A", held)
    assert {(each.key, each.because) for each in night.resolved} == {
        (X, "test roles"),
        ("role:y", "test roles"),
    }
    assert (night.standings, nights.open()) == ([], set())
    nights.rules = []
    assert all(each.new and each.origin is N for each in nights.run("A", held).standings)
    nights.store.close()


# -- laws over any nights ---------------------------------------------------------------------------------------------

VALUES = st.sampled_from([None, "1", "1", "2", "3", UNREAD])
MEMBERS = "ABC"


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, dict[str, Held | str], bool]]:
    """Draw nights: who is the primary, what each member holds, and whether somebody accepts everything afterwards."""
    found = []
    primary = "A"
    held: dict[str, dict[str, str | None]] = {
        name: {"x": draw(VALUES), "y": draw(VALUES)} for name in MEMBERS
    }
    for _night in range(draw(st.integers(3, 7))):
        primary = draw(st.sampled_from([primary, primary, primary, "A", "B"]))
        for name in MEMBERS:
            for item in "xy":
                if draw(st.integers(0, 3)) == 0:
                    held[name] = {**held[name], item: draw(VALUES)}
        night: dict[str, Held | str] = {
            name: "silent" if name != primary and draw(st.integers(0, 5)) == 0 else held[name]
            for name in MEMBERS
        }
        found.append((primary, night, draw(st.integers(0, 3)) == 0))
    return found


class Model:
    """What must be true after each night, told without a store: by the pairs of values that were seen."""

    def __init__(self) -> None:
        self.reign = 0
        """How often the primary has changed."""
        self.primary = ""
        self.last: dict[tuple[str, str], tuple[int, str | None, str | None]] = {}
        """(member, item) → when and how the pair was last seen with both values read."""
        self.before: dict[str, Held | str] = {}
        """What everybody held the night before."""
        self.accepted: dict[tuple[str, str], tuple[str | None, str | None]] = {}

    def check(self, primary: str, night: dict[str, Held | str], told: Night) -> None:
        swapped = self.primary not in {"", primary}
        self.reign += swapped
        standings = {(each.member, each.key.partition(":")[2]): each for each in told.standings}
        resolved = {(each.member, each.key.partition(":")[2]) for each in told.resolved}
        rule_of = night[primary]
        assert not isinstance(rule_of, str)
        for name, what in night.items():
            for item in "xy":
                pair = (name, item)
                if name == primary or isinstance(what, str):
                    assert pair not in standings
                    assert pair not in resolved
                    continue
                a, b = rule_of.get(item), what.get(item)
                if UNREAD in {a, b}:
                    assert pair not in resolved, "what was not read is not resolved"
                    continue
                self._pair(pair, a, b, standings.get(pair))
                if swapped and name == self.primary and a != b and self._turned(primary, name, item, a, b):
                    assert not standings[pair].new, "what is turned round is not new"
        self.primary, self.before = primary, night

    def _pair(self, pair: tuple[str, str], a: str | None, b: str | None, standing: Standing | None) -> None:
        if self.accepted.get(pair) != (a, b):
            self.accepted.pop(pair, None)
        if a == b:
            assert standing is None
        else:
            assert standing is not None, "nothing that differs is missed"
            reign, *values = self.last.get(pair, (-1, None, None))
            if reign == self.reign:
                if values[0] == values[1] or {*values} != {a, b}:
                    assert standing.new, "what is new is told"
                else:
                    assert not standing.new, "what is known is not new"
                if self.accepted.get(pair) == (a, b) == tuple(values):
                    assert standing.accepted, "what was accepted and did not change is accepted"
        self.last[pair] = (self.reign, a, b)

    def _turned(self, primary: str, name: str, item: str, a: str | None, b: str | None) -> bool:
        """Say whether both held the same the night before, when the other was the primary."""
        held = self.before.get(primary), self.before.get(name)
        return not any(isinstance(each, str) or each is None for each in held) and (a, b) == tuple(
            each.get(item) for each in held if not isinstance(each, str) and each is not None
        )

    def accept(self, nights: Nights) -> None:
        nights.accept("", days=1000)
        self.accepted = {
            pair: (both[0], both[1])
            for pair, (_reign, *both) in self.last.items()
            if (pair[0], f"role:{pair[1]}") in nights.open()
        }


@given(histories())
def test_laws_hold_over_any_nights(history: list[tuple[str, dict[str, Held | str], bool]]) -> None:
    model = Model()
    with fresh() as nights:
        for primary, held, accepts in history:
            night = nights.run(primary, held)
            assert len(night.standings) == sum(len(each.differences) for each in nights.drifts.values())
            assert all(not (each.new and each.accepted) for each in night.standings)
            model.check(primary, held, night)
            if accepts:
                model.accept(nights)


@given(histories())
def test_the_first_night_of_a_store_agrees_with_any_later_one_on_what_differs(
    history: list[tuple[str, dict[str, Held | str], bool]],
) -> None:
    with fresh() as long, fresh() as short:
        for primary, held, _accepts in history:
            told = long.run(primary, held)
        now = short.run(primary, held)
        assert {(each.member, each.key) for each in told.standings} == {
            (each.member, each.key) for each in now.standings
        }


def test_dates_of_the_helper_are_nights() -> None:
    assert FIRST.date() == date(2026, 11, 1)


def test_a_gap_on_the_night_of_a_swap_makes_nothing_new_later(nights: Nights) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}, "C": {"x": "1"}}
    first = nights.run("A", held)
    nights.accept("B")
    gap = [Gap(reason="refused", kind="role")]
    night = nights.run("B", {**held, "A": {}, "C": {}}, gaps={"A": gap, "C": gap})
    assert (night.standings, night.resolved) == ([], [])
    for _night in range(2):
        after = nights.run("B", held)
        assert {(each.member, each.new, bool(each.accepted), each.since) for each in after.standings} == {
            ("A", False, True, first.at),
            ("C", False, True, first.at),
        }


def test_what_was_accepted_of_a_member_does_not_excuse_others_when_it_is_the_primary(nights: Nights) -> None:
    """B alone had it, as was accepted; B took over, everybody got it, and then B lost it."""
    nights.run("A", {"A": {}, "B": {"x": "1"}, "C": {}})
    nights.accept("B")
    nights.run("B", {"A": "silent", "B": {"x": "1"}, "C": {"x": "1"}})
    standing = one(nights.run("B", {"A": "silent", "B": {}, "C": {"x": "1"}}), "C", X)
    assert (standing.new, standing.accepted, standing.origin) == (True, None, P)


def test_what_was_accepted_of_all_stays_accepted_over_a_swap_although_each_has_a_value_of_its_own(
    nights: Nights,
) -> None:
    """Journal directories on three hosts: nobody moved, and both differences were accepted."""
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}, "C": {"x": "3"}}
    nights.run("A", held)
    nights.accept("")
    for primary in "BBAAB":
        night = nights.run(primary, held)
        assert len(night.standings) == 2
        assert all(each.accepted and not each.new for each in night.standings)
    assert one(nights.run("B", {**held, "C": {"x": "4"}}), "C", X).reopened is Reopened.CHANGED


def test_an_open_difference_of_the_new_primary_is_not_hidden_by_what_was_accepted_of_another(
    nights: Nights,
) -> None:
    held: Mapping[str, Held] = {"A": {"x": "1"}, "B": {"x": "2"}, "C": {"x": "3"}}
    nights.run("A", held)
    nights.accept("C")
    standing = one(nights.run("B", held), "C", X)
    assert (standing.accepted, standing.reopened, standing.new) == (None, Reopened.CHANGED, False)


def test_what_two_got_while_the_third_was_silent_is_the_primarys_change(nights: Nights) -> None:
    nights.run("A", {"A": {}, "B": {}, "C": {}})
    nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}, "C": "silent"})
    for _night in range(2):
        night = nights.run("A", {"A": {"x": "1"}, "B": {"x": "1"}, "C": {}})
        assert (one(night, "C", X).origin, len(night.standings)) == (P, 1)
