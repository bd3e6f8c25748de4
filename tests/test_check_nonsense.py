"""Whatever a member says in place of a fact: no rule breaks, and what is no answer is never a reason to be ready."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftsync.checking import check, view_member
from driftsync.checks.spec import MemberView
from driftsync.files import SnapshotInMemory
from driftsync.model import Drift, Outcome, Readiness, Verdict
from tests.test_checking import Change, Snapshots, assess, clean, drift_of, worst  # noqa: F401

Views = dict[str, MemberView]
WORD = st.text(alphabet="xyz 不明{}\n;:", max_size=5).map(lambda word: f"?{word}")
RECORD = st.dictionaries(WORD, WORD, min_size=1, max_size=3)
NONSENSE = st.one_of(WORD, RECORD, st.lists(WORD | RECORD, min_size=1, max_size=3))
"""What is no answer to any question."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
WITHOUT_A_RULE = {
    "journal.alternate_directory",  # a path of whatever form
    "journal.directory",
    "journal.space",  # asked only where journals are kept for too long
    "mirror.member_type",  # decides the role when a member is read
    "namespaces.interoperable",  # says why a production is missing
    "task.runs",  # asked only after a switch
}
"""Facts of which a healthy mirror needs no answer."""
FACTS = [
    "certificates", "configuration.needs_activation", "configuration.pending_restart", "databases", "databases.space",
    "journal.alternate_directory", "journal.directory", "journal.encrypted", "journal.free_megabytes", "journal.space",
    "licence.expires", "licence.most_used", "licence.units", "log.events", "log.window", "mirror.agent", "mirror.arbiter",
    "mirror.certificates", "mirror.database_latency", "mirror.databases", "mirror.failover_ready", "mirror.journal_latency",
    "mirror.journals", "mirror.member_status", "mirror.member_type", "mirror.members", "mirror.missing_databases",
    "mirror.pending_names", "mirror.promote_check", "mirror.status", "namespaces.interoperable", "platform.big_endian",
    "platform.memory", "platform.number", "platform.time", "platform.time_zone", "platform.unicode", "processes", "task.runs",
]  # fmt: skip


@pytest.fixture(scope="module")
def views(clean: Snapshots) -> Views:  # noqa: F811
    return {name: view_member(SnapshotInMemory(each)) for name, each in clean.items()}


@pytest.fixture(scope="module")
def drift(clean: Snapshots) -> Drift | None:  # noqa: F811
    return drift_of(clean)


def said(views: Views, fact: str, value: Any) -> Views:
    """Let every member that tells a fact tell this."""
    return {name: _said(view, fact, value) for name, view in views.items()}


def _said(view: MemberView, fact: str, value: Any) -> MemberView:
    facts = view.header.facts
    if fact not in facts.observed:
        return view
    changed = msgspec.structs.replace(facts, observed={**facts.observed, fact: value})
    return MemberView(msgspec.structs.replace(view.header, facts=changed), view._items)


def judged(views: Views, drift: Drift | None) -> Readiness:
    return check("HOSPITAL", views, unread={}, drift=drift)


def test_every_fact_is_tried(views: Views) -> None:
    assert sorted({name for each in views.values() for name in each.header.facts.observed}) == FACTS


@pytest.mark.parametrize("fact", [each for each in FACTS if each not in WITHOUT_A_RULE])
def test_nonsense_is_never_ready(views: Views, drift: Drift | None, fact: str) -> None:
    @settings(max_examples=10, deadline=None)
    @given(NONSENSE)
    def never_ready(value: Any) -> None:
        readiness = judged(said(views, fact, value), drift)
        assert readiness.verdict is not Verdict.READY
        assert not [each.seen for each in readiness.findings if "this check failed" in each.seen]

    never_ready()


@pytest.mark.parametrize("fact", FACTS)
def test_any_value_is_judged(views: Views, drift: Drift | None, fact: str) -> None:
    @settings(max_examples=5, deadline=None)
    @given(JSON)
    def is_judged(value: Any) -> None:
        readiness = judged(said(views, fact, value), drift)
        assert len(readiness.findings) == len(judged(views, drift).findings)
        msgspec.json.encode(readiness)

    is_judged()


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 10**30, "1e999"])
@pytest.mark.parametrize("fact", [each for each in FACTS if each not in WITHOUT_A_RULE])
def test_numbers_beyond_all_measure_break_no_rule(
    views: Views, drift: Drift | None, fact: str, value: Any
) -> None:
    assert not [
        each for each in judged(said(views, fact, value), drift).findings if "this check failed" in each.seen
    ]


@pytest.mark.parametrize(
    "fact", ["mirror.databases", "mirror.journals", "mirror.members", "processes", "databases"]
)
def test_a_list_without_a_row_is_no_answer_where_something_must_be_in_it(
    views: Views, drift: Drift | None, fact: str
) -> None:
    assert judged(said(views, fact, []), drift).verdict is not Verdict.READY


UNREAD = [
    ("MIR-007", "mirror", "ArbiterNode"), ("MIR-008", "mirror", "ArbiterNode"), ("MIR-009", "mirror", "DefinedPrimary"),
    ("MIR-013", "database", "MountRequired"), ("MIR-013", "database", "Directory"), ("MIR-014", "namespace", "Globals"),
    ("MIR-014", "global-mapping", "Database"), ("MIR-014", "database", "MirrorSetName"), ("MIR-017", "mirror-member-map", "GUID"),
    ("MIR-020", "mirror", "QOSTimeout"), ("KEY-206", "database", "EncryptedDB"), ("JRN-305", "task", "Suspended"),
    ("JRN-305", "task", "TaskClass"), ("PLT-108", "instance-setting", "Value"), ("PLT-110", "instance-setting", "Value"),
    ("CFG-501", "namespace", "Globals"), ("CFG-502", "database", "MirrorSetName"),
    ("CFG-503", "task", "MirrorStatus"), ("CFG-515", "database", "ResourceName"),
]  # fmt: skip


def unread(kind: str, name: str) -> Change:
    """Let no member tell a property of any item of a kind."""

    def change(snapshots: Snapshots) -> None:
        for member, snapshot in snapshots.items():
            items = tuple(_without(item, name) if item.key.kind == kind else item for item in snapshot.items)
            snapshots[member] = msgspec.structs.replace(snapshot, items=items)

    return change


def _without(item: Any, name: str) -> Any:
    kept = [
        {key: value for key, value in each.items() if key != name} for each in (item.compared, item.local)
    ]
    return msgspec.structs.replace(
        item, compared=kept[0], local=kept[1], unread=tuple(sorted({*item.unread, name}))
    )


@pytest.mark.parametrize(("id", "kind", "name"), UNREAD)
def test_a_property_that_was_not_read_is_unknown(clean: Snapshots, id: str, kind: str, name: str) -> None:  # noqa: F811
    members = dict(clean)
    unread(kind, name)(members)
    assert worst(assess(members), id).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("id", ["MIR-007", "MIR-009", "MIR-020"])
def test_a_mirror_without_its_definition_is_unknown(views: Views, drift: Drift | None, id: str) -> None:
    bare = {name: MemberView(view.header, {**view._items, "mirror": {}}) for name, view in views.items()}
    assert worst(judged(bare, drift), id).outcome is Outcome.UNKNOWN
