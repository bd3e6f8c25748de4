"""Laws of the rehearsal: equal members break nothing, what matters is always told, order means nothing, silence is blind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftsync.checking import view_member
from driftsync.files import SnapshotInMemory
from driftsync.kinds import all_kinds, declaration, parse_key
from driftsync.kinds.spec import Kind, Treat
from driftsync.model import Coverage, Effect, Gap, Item, ItemKey, Rehearsal, Secret, Severity, Snapshot
from driftsync.rehearsing import drift_after, rehearse
from driftsync.rehearsing.others import WHO
from tests.test_rehearsing import TODAY, read

MATTERS = {Severity.FAILOVER, Severity.APPLICATION}
NOBODY = {
    ("service", "ClientSystems"): "the one service with a list of addresses is closed on both",
}
"""(kind, property) of which a difference is told to nobody, and why."""


@pytest.fixture(scope="module")
def clean() -> list[Snapshot]:
    return read("clean", 0, 1)


def swap(old: Snapshot, new: Snapshot) -> Rehearsal:
    a, b = SnapshotInMemory(old), SnapshotInMemory(new)
    return rehearse(view_member(a), view_member(b), drift_after(a, b), today=TODAY)


def with_items(snapshot: Snapshot, items: list[Item]) -> Snapshot:
    found = tuple(sorted(items, key=lambda item: item.key))
    return Snapshot(header=msgspec.structs.replace(snapshot.header, items=len(found)), items=found)


def replaced(snapshot: Snapshot, item: Item, *other: Item) -> Snapshot:
    return with_items(snapshot, [*(each for each in snapshot.items if each.key != item.key), *other])


def told_of(rehearsal: Rehearsal, item: Item) -> list[str]:
    match = item.key.match
    return [
        each.what for each in rehearsal.consequences if ":" in each.key and parse_key(each.key).match == match
    ]


def examples(snapshot: Snapshot, kind: Kind) -> Iterator[Item]:
    """Yield items of a kind, those first that are in use."""
    found = [each for each in snapshot.items if each.key.kind == kind.name]
    yield from sorted(found, key=lambda each: not (each.compared.get("Enabled", True) and _runs(each)))


def _runs(item: Item) -> bool:
    return item.key.kind != "task" or item.compared.get("MirrorStatus") in {1, 3}


def other_than(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case list():
            return [*value[1:], "Other"]
        case dict():
            return {**dict(list(value.items())[1:]), "Other": "U"}
        case Secret():
            key, context, _digest = value.token.split(":")
            return Secret.of(key, "another", context)
        case _:
            return "OTHER"


def test_every_kind_has_somebody_who_would_notice() -> None:
    assert set(WHO) == set(all_kinds())


def test_whatever_is_missing_is_told(clean: list[Snapshot]) -> None:
    silent = []
    for kind in all_kinds().values():
        if kind.severity not in MATTERS or kind.name == "instance-setting":
            continue  # of settings one that is missing has its default; that it differs is told below
        item = next(examples(clean[0], kind), None)
        old = clean[0]
        if item is None:
            namespace = "EMR" if kind.identity.namespace else ""
            item = Item(key=parse_key(f"{kind.name}:{namespace}{'/' if namespace else ''}Thing"))
            old, new = (_seen(each, kind.name) for each in clean)
            old = with_items(old, [*old.items, item])
        else:
            new = replaced(clean[1], item)
        if not told_of(swap(old, new), item):
            silent.append(str(item.key))
    assert silent == []


def _seen(snapshot: Snapshot, kind: str) -> Snapshot:
    coverage = {**snapshot.header.coverage, kind: Coverage.WHOLE}
    return Snapshot(header=msgspec.structs.replace(snapshot.header, coverage=coverage), items=snapshot.items)


def properties_that_matter(kind: Kind, item: Item) -> Iterator[str]:
    for name, value in item.compared.items():
        declared = declaration(kind, item.key.namespace, item.key.identity, name)
        severity = (declared.severity if declared else None) or kind.severity
        compared = declared is not None and declared.treat in {Treat.COMPARE, Treat.READ_ONLY, Treat.SECRET}
        salted = isinstance(value, Secret) and value.salted
        if compared and severity in MATTERS and value is not None and not salted:
            yield name


def test_whatever_differs_and_matters_is_told(clean: list[Snapshot]) -> None:
    """Every property of every kind that matters, one of each kind at a time."""
    waiting: dict[str, dict[str, tuple[Item, str]]] = {}
    for kind in all_kinds().values():
        for item in examples(clean[1], kind):
            for name in properties_that_matter(kind, item):
                one = f"{item.key} {name}" if kind.per_item else name
                if name not in kind.identity.properties:
                    waiting.setdefault(kind.name, {}).setdefault(one, (item, name))
    total, silent = sum(map(len, waiting.values())), []
    while any(waiting.values()):
        changed = {}
        for kind_name, left in waiting.items():
            for one in list(left)[: None if all_kinds()[kind_name].per_item else 1]:
                item, name = left.pop(one)
                changed[item.key] = (item, name)
        found = swap(clean[0], altered(clean[1], changed))
        silent += [
            f"{key} {name}"
            for key, (item, name) in changed.items()
            if not told_of(found, item) and (key.kind, name) not in NOBODY
        ]
    assert silent == []
    assert total > 350


def altered(snapshot: Snapshot, changed: dict[ItemKey, tuple[Item, str]]) -> Snapshot:
    def one(item: Item) -> Item:
        name = changed[item.key][1] if item.key in changed else ""
        other = {name: other_than(item.compared[name])} if name else {}
        return msgspec.structs.replace(item, compared={**item.compared, **other})

    return with_items(snapshot, [one(item) for item in snapshot.items])


KINDS = sorted(all_kinds())


@given(left_out=st.sets(st.sampled_from(KINDS), max_size=5), altered=st.sets(st.integers(0, 400), max_size=8))
@settings(max_examples=25)
def test_equal_members_break_nothing(clean: list[Snapshot], left_out: set[str], altered: set[int]) -> None:
    """Whatever both have, as long as both have it: here any part of the items, some of them altered alike."""
    keys = {clean[0].items[place].key.match for place in altered} - {"mirror-member:this"}  # that must differ

    def part(snapshot: Snapshot) -> Snapshot:
        found = []
        for item in snapshot.items:
            if item.key.kind in left_out:
                continue
            names = item.compared if item.key.match in keys else ()
            other = {name: other_than(item.compared[name]) for name in names}
            found.append(msgspec.structs.replace(item, compared={**item.compared, **other}))
        return with_items(snapshot, found)

    told = swap(part(clean[0]), part(clean[1]))
    assert [(each.key, each.what) for each in told.consequences if each.effect is not Effect.CHANGES] == []


@given(seed=st.integers())
@settings(max_examples=10)
def test_the_order_of_input_never_matters(hospital_pair: list[Snapshot], seed: int) -> None:
    drawn = random.Random(seed)  # noqa: S311 - a shuffle

    def shuffled(snapshot: Snapshot) -> Snapshot:
        items = list(snapshot.items)
        drawn.shuffle(items)
        compared = [
            msgspec.structs.replace(
                item, compared=dict(sorted(item.compared.items(), reverse=drawn.random() < 0.5))
            )
            for item in items
        ]
        return Snapshot(header=snapshot.header, items=tuple(compared))

    old, new = hospital_pair
    a, b = SnapshotInMemory(old), SnapshotInMemory(new)
    views = [view_member(SnapshotInMemory(shuffled(each))) for each in hospital_pair]
    found = rehearse(*views, drift_after(a, b), today=TODAY)
    assert found.consequences == swap(old, new).consequences
    assert found.blind == swap(old, new).blind


@pytest.fixture(scope="module")
def hospital_pair() -> list[Snapshot]:
    return read("hospital", 0, 1)


READABLE = [
    name
    for name, kind in all_kinds().items()
    if any(not getattr(route, "unsure", False) for route in kind.live)
]


@pytest.mark.parametrize("side", [(0,), (1,), (0, 1)], ids=["primary", "member", "both"])
def test_a_kind_that_was_not_read_is_named(clean: list[Snapshot], side: tuple[int, ...]) -> None:
    def without(snapshot: Snapshot, kind: str) -> Snapshot:
        coverage = {name: seen for name, seen in snapshot.header.coverage.items() if name != kind}
        header = msgspec.structs.replace(snapshot.header, coverage=coverage)
        items = [item for item in snapshot.items if item.key.kind != kind]
        return with_items(Snapshot(header=header, items=()), items)

    for kind in READABLE:
        pair = [without(each, kind) if place in side else each for place, each in enumerate(clean)]
        found = swap(*pair)
        assert any(kind in reason.split(":")[0].split() for reason in found.blind), kind
        assert not found.harmless, kind


def test_a_kind_that_was_read_in_part_is_named(clean: list[Snapshot]) -> None:
    for kind in READABLE:
        gap = Gap(kind=kind, reason="refused")
        header = msgspec.structs.replace(clean[1].header, gaps=[gap])
        found = swap(clean[0], Snapshot(header=header, items=clean[1].items))
        assert any(kind in reason and "refused" in reason for reason in found.blind), kind


def test_a_property_that_was_not_read_is_never_taken_for_another_value(clean: list[Snapshot]) -> None:
    """The first property of every item, then the second of each …: nothing follows from it, and it is named."""
    most = max(len(item.compared) for item in clean[1].items)
    for place in range(most):
        gaps, items = [], []
        for item in clean[1].items:
            names = list(item.compared)[place : place + 1]
            left = {name: value for name, value in item.compared.items() if name not in names}
            items.append(msgspec.structs.replace(item, compared=left, unread=tuple(names)))
            gaps += [
                Gap(kind=item.key.kind, key=str(item.key), property=name, reason="refused") for name in names
            ]
        header = msgspec.structs.replace(clean[1].header, gaps=gaps)
        found = swap(clean[0], Snapshot(header=header, items=tuple(items)))
        assert [(each.key, each.what) for each in found.consequences] == []
        assert {f"HOSPB {gap.key} {gap.property}: refused" for gap in gaps} <= set(found.blind)
