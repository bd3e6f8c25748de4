"""The laws of comparison: itself is empty, order never matters, swapping turns missing into extra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.comparing import Scope, compare
from driftsync.errors import ProductMismatchError, SnapshotError
from driftsync.files import SnapshotFile, write_snapshot
from driftsync.model import (
    FORMAT_VERSION,
    Change,
    Changed,
    Clash,
    Coverage,
    Drift,
    Extra,
    Facts,
    Gap,
    Header,
    Item,
    ItemKey,
    Member,
    MemberRole,
    Missing,
    NoteType,
    Product,
    Secret,
    Severity,
    Snapshot,
    Source,
)

KINDS = ("role", "service", "global-mapping", "database", "instance-setting", "user")


def snapshot(
    *items: Item,
    name: str = "A",
    coverage: dict[str, Coverage] | None = None,
    gaps: tuple[Gap, ...] = (),
    facts: Facts | None = None,
    role: MemberRole = MemberRole.UNKNOWN,
) -> Snapshot:
    ordered = tuple(sorted(items, key=lambda item: item.key.match))
    whole = dict.fromkeys((*KINDS, "mirror-member"), Coverage.WHOLE)
    header = Header(
        format_version=FORMAT_VERSION,
        driftsync="test",
        member=Member(name=name, role=role),
        taken_at="2026-01-01T00:00:00+00:00",
        items=len(ordered),
        facts=facts or Facts(),
        coverage=whole if coverage is None else coverage,
        sources=[Source(path=name, format="test")],
        gaps=list(gaps),
    )
    return Snapshot(header=header, items=ordered)


def role(name: str, **compared: Any) -> Item:
    return Item(
        key=ItemKey("role", "", name.lower(), name if name != name.lower() else ""), compared=compared
    )


# -- laws -------------------------------------------------------------------------------------------------

values = st.one_of(
    st.booleans(),
    st.integers(-1000, 1000),
    st.text(max_size=8),
    st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=3),
    st.builds(lambda digest: Secret(f"k::{digest}"), st.text("abcdef", min_size=1, max_size=4)),
)
properties = st.dictionaries(
    st.sampled_from(["Description", "GrantedRoles", "Enabled", "Value", "Database"]), values
)


@st.composite
def items(draw: st.DrawFn) -> Item:
    kind = draw(st.sampled_from(KINDS))
    namespace = (
        draw(st.sampled_from(["APP", "LAB"])) if kind in {"global-mapping", "instance-setting"} else ""
    )
    identity = draw(st.text('abcxyz%_()",/.病', min_size=1, max_size=6))
    unread = draw(st.sampled_from([(), (), ("Description",)]))
    return Item(
        key=ItemKey(kind, namespace, identity),
        compared=draw(properties),
        local=draw(st.dictionaries(st.sampled_from(["Path", "Directory"]), st.text(max_size=4))),
        unread=unread,
    )


def unique(found: list[Item]) -> list[Item]:
    return list({item.key.match: item for item in found}.values())


many = st.lists(items(), max_size=12).map(unique)


@given(many)
def test_a_snapshot_does_not_differ_from_itself(found: list[Item]) -> None:
    one = snapshot(*found)
    assert compare(one, one).differences == []


@given(many, many)
def test_swapping_sides_turns_missing_into_extra(left: list[Item], right: list[Item]) -> None:
    a, b = snapshot(*left, name="A"), snapshot(*right, name="B")
    there, back = compare(a, b), compare(b, a)
    assert {(d.key, _twin(type(d))) for d in there.differences} == {
        (d.key, type(d)) for d in back.differences
    }
    for forward in there.differences:
        if isinstance(forward, Changed):
            mirror = next(d for d in back.differences if d.key == forward.key and isinstance(d, Changed))
            assert [(c.expected, c.actual) for c in forward.changes] == [
                (c.actual, c.expected) for c in mirror.changes
            ]


def _twin(found: type) -> type:
    return {Missing: Extra, Extra: Missing}.get(found, found)


@given(many, many, st.randoms())
def test_order_of_input_never_matters(left: list[Item], right: list[Item], random: Any) -> None:
    first = compare(snapshot(*left), snapshot(*right, name="B"))
    random.shuffle(left)
    random.shuffle(right)
    again = compare(snapshot(*left), snapshot(*right, name="B"))
    assert msgspec.json.encode(first) == msgspec.json.encode(again)


@given(many, many)
def test_every_one_sided_item_is_told_once(left: list[Item], right: list[Item]) -> None:
    drift = compare(snapshot(*left), snapshot(*right, name="B"))
    mine, theirs = {i.key.match for i in left}, {i.key.match for i in right}
    assert {d.key for d in drift.differences if isinstance(d, Missing)} == mine - theirs
    assert {d.key for d in drift.differences if isinstance(d, Extra)} == theirs - mine
    assert drift.summary.compared == len(mine | theirs)


@given(many, st.sampled_from([Coverage.PARTIAL, Coverage.NONE, Coverage.NOT_LOOKED_AT]), st.booleans())
def test_nothing_is_missing_or_extra_where_coverage_is_not_whole(
    found: list[Item], seen: Coverage, on_primary: bool
) -> None:
    blind = {} if seen is Coverage.NOT_LOOKED_AT else dict.fromkeys(KINDS, seen)
    a = snapshot(*found, coverage=blind if on_primary else None)
    b = snapshot(name="B", coverage=None if on_primary else blind)
    drift = compare(a, b)
    assert drift.differences == []
    assert not found or seen is Coverage.NONE or not drift.complete


@given(many, many)
def test_a_file_compares_as_memory_does(left: list[Item], right: list[Item]) -> None:
    import tempfile

    a, b = snapshot(*left), snapshot(*right, name="B")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "a", Path(folder) / "b"]
        for path, each in zip(paths, (a, b), strict=True):
            with path.open("wb") as file:
                write_snapshot(each, file)
        from_files = compare(SnapshotFile(paths[0]), SnapshotFile(paths[1]))
    assert msgspec.json.encode(from_files) == msgspec.json.encode(compare(a, b))


# -- promises ---------------------------------------------------------------------------------------------


def only(drift: Drift) -> Any:
    assert len(drift.differences) == 1
    return drift.differences[0]


def test_an_item_that_only_the_primary_has_is_missing() -> None:
    found = only(compare(snapshot(role("Payroll", Description="x")), snapshot(name="B")))
    assert isinstance(found, Missing)
    assert (found.key, found.expected, found.severity) == (
        "role:Payroll",
        {"Description": "x"},
        Severity.APPLICATION,
    )


def test_case_of_a_name_is_no_difference_where_iris_ignores_it() -> None:
    assert compare(snapshot(role("Payroll")), snapshot(role("PAYROLL"), name="B")).clean


def test_a_gap_of_one_item_hides_neither_side_as_missing() -> None:
    gap = Gap(kind="role", key="role:Payroll", reason="two of that name")
    drift = compare(snapshot(role("Payroll")), snapshot(name="B", gaps=(gap,)))
    assert drift.differences == []
    assert [(each.key, each.member) for each in drift.gaps] == [("role:Payroll", "B")]
    assert not drift.clean


def test_a_gap_of_one_namespace_leaves_the_others_alone() -> None:
    items_ = [
        Item(key=ItemKey("global-mapping", ns, "Order"), compared={"Database": "D"}) for ns in ("APP", "LAB")
    ]
    gap = Gap(kind="global-mapping", namespace="APP", reason="denied")
    drift = compare(snapshot(*items_), snapshot(name="B", gaps=(gap,)))
    assert only(drift).key == "global-mapping:LAB/Order"


def test_a_property_that_could_not_be_read_is_never_equal_and_never_changed() -> None:
    gap = Gap(kind="role", key="role:Payroll", property="Description", reason="denied")
    unreadable = msgspec.structs.replace(role("Payroll"), unread=("Description",))
    drift = compare(snapshot(role("Payroll", Description="x")), snapshot(unreadable, name="B", gaps=(gap,)))
    assert drift.differences == []
    assert not drift.complete


def test_secrets_answer_same_different_or_not_comparable() -> None:
    def user(token: str, changed: str) -> Item:
        return Item(
            key=ItemKey("user", "", "labfeed"),
            compared={"Password": Secret(token)},
            local={"PasswordChangedDateTime": changed},
        )

    first = snapshot(user("k:salt1:aa", "2025-01-01"))
    assert compare(first, snapshot(user("k:salt1:aa", "2025-02-02"), name="B")).clean
    changed = only(compare(first, snapshot(user("k:salt1:bb", "2025-02-02"), name="B")))
    assert changed.changes[0].property == "Password"
    drift = compare(first, snapshot(user("k:salt2:cc", "2025-02-02"), name="B"))
    assert drift.clean
    (note,) = drift.notes
    assert (note.type, note.expected, note.actual) == (NoteType.NOT_COMPARABLE, "2025-01-01", "2025-02-02")


def test_what_must_differ_and_does_not_is_a_clash() -> None:
    own = Item(key=ItemKey("mirror-member", "", "this"), compared={"SystemName": "HOSP/A"})
    found = only(compare(snapshot(own), snapshot(own, name="B")))
    assert isinstance(found, Clash)
    assert found.changes == [Change(property="SystemName", expected="HOSP/A", actual="HOSP/A")]
    assert compare(snapshot(own), snapshot(own)).clean


def setting(section: str, name: str, value: Any) -> Item:
    return Item(key=ItemKey("instance-setting", section, name), compared={"Value": value})


def test_a_setting_that_one_release_lacks_is_a_version_note() -> None:
    old, new = Facts(release="2022.1"), Facts(release="2024.1")
    b = snapshot(setting("Journal", "CompressFiles", True), name="B", facts=new)
    drift = compare(snapshot(facts=old), b)
    assert drift.differences == []
    assert [note.type for note in drift.notes] == [NoteType.VERSION]
    assert isinstance(only(compare(snapshot(facts=new), b)), Extra)


def test_an_optional_setting_is_drift_whatever_the_release() -> None:
    b = snapshot(setting("config", "Maxprocesses", 100), name="B", facts=Facts(release="2024.1"))
    assert isinstance(only(compare(snapshot(facts=Facts(release="2022.1")), b)), Extra)


def test_a_port_is_compared_unless_no_virtual_address_is_known_to_be_used() -> None:
    def pair(known: bool | None) -> Drift:
        facts = Facts(virtual_address=known)
        a = snapshot(setting("Startup", "DefaultPort", 1972), facts=facts)
        return compare(a, snapshot(setting("Startup", "DefaultPort", 51773), name="B", facts=facts))

    assert only(pair(True)).key == only(pair(None)).key == "instance-setting:Startup/DefaultPort"
    assert [note.type for note in pair(False).notes] == [NoteType.LOCAL]
    assert pair(False).clean


def test_a_reporting_async_need_not_have_every_role() -> None:
    b = snapshot(name="B", role=MemberRole.REPORTING_ASYNC)
    drift = compare(snapshot(role("Payroll")), b)
    assert drift.clean
    assert [note.type for note in drift.notes] == [NoteType.EXPECTED]
    mapping = Item(key=ItemKey("global-mapping", "APP", "Order"), compared={"Database": "D"})
    assert isinstance(only(compare(snapshot(mapping), b)), Missing)


def test_cache_against_iris_is_refused_unless_asked_for() -> None:
    a, b = snapshot(facts=Facts(product=Product.CACHE)), snapshot(name="B", facts=Facts(product=Product.IRIS))
    with pytest.raises(ProductMismatchError):
        compare(a, b)
    assert compare(a, b, cross_product=True).clean


def test_kinds_out_of_scope_are_not_looked_at() -> None:
    a = snapshot(role("Payroll"), setting("config", "gmheap", 1))
    drift = compare(a, snapshot(name="B"), scope=Scope(only=frozenset({"instance-setting"})))
    assert only(drift).kind == "instance-setting"
    assert drift.coverage["role"].primary is Coverage.NOT_LOOKED_AT


def test_site_only_leaves_out_what_the_product_brings_but_never_its_changes() -> None:
    shipped, changed = role("%Operator"), role("%Manager", GrantedRoles=["x"])
    a = snapshot(shipped, changed)
    b = snapshot(role("%Manager", GrantedRoles=["y"]), name="B")
    assert len(compare(a, b).differences) == 2
    found = only(compare(a, b, scope=Scope(site_only=True)))
    assert (found.key, found.product) == ("role:%Manager", True)


def test_a_kind_that_one_side_does_not_show_is_a_gap() -> None:
    drift = compare(snapshot(role("Payroll")), snapshot(name="B", coverage={"service": Coverage.WHOLE}))
    assert drift.differences == []
    assert "role" in {gap.kind for gap in drift.gaps}
    assert not drift.complete


def test_unlisted_properties_are_compared_and_named() -> None:
    a = msgspec.structs.replace(role("Payroll"), unlisted={"Novelty": Secret("k::aa")})
    same = compare(snapshot(a), snapshot(a, name="B"))
    assert same.clean
    assert [(note.type, note.property) for note in same.notes] == [(NoteType.UNLISTED, "Novelty")]
    b = msgspec.structs.replace(role("Payroll"), unlisted={"Novelty": Secret("k::bb")})
    (change,) = only(compare(snapshot(a), snapshot(b, name="B"))).changes
    assert (change.property, change.unlisted) == ("Novelty", True)


@pytest.mark.parametrize("damage", ["unsorted", "twice", "no json", "cut", "newer"])
def test_a_damaged_snapshot_file_is_an_error_that_names_the_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        write_snapshot(snapshot(role("a"), role("b"), role("c")), file)
    header, *lines = path.read_bytes().splitlines(keepends=True)
    lines = {
        "unsorted": [lines[1], lines[0], lines[2]],
        "twice": [lines[0], lines[0], lines[2]],
        "no json": [lines[0], b"{broken\n", lines[2]],
        "cut": lines[:2],
        "newer": lines,
    }[damage]
    if damage == "newer":
        header = header.replace(b'"format_version":1', b'"format_version":99')
    path.write_bytes(header + b"".join(lines))
    with pytest.raises(SnapshotError) as error:
        compare(SnapshotFile(path), snapshot(name="B"))
    assert str(error.value).startswith(f"{path}:")


def test_a_path_is_not_compared_where_one_side_does_not_know_its_directories() -> None:
    def application(path: str) -> Item:
        return Item(key=ItemKey("web-application", "", "/lab"), compared={"Path": path})

    known = Facts(paths={"install": "/usr/irissys/"})
    whole = {"web-application": Coverage.WHOLE}
    a = snapshot(application("${install}/csp/lab"), facts=known, coverage=whole)
    drift = compare(a, snapshot(application("/iris/csp/lab"), name="B", coverage=whole))
    assert [note.type for note in drift.notes] == [NoteType.NOT_COMPARABLE]
    assert drift.differences == []
    b = snapshot(
        application("/elsewhere/lab"), name="B", facts=Facts(paths={"install": "/iris/"}), coverage=whole
    )
    assert only(compare(a, b)).changes[0].property == "Path"
