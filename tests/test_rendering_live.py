"""A rendered plan, carried out in the lab by the lab's own readers, makes the member what the primary is."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftsync.comparing import compare
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.instance.errors import StatusError
from driftsync.lab.instance.installing import install
from driftsync.lab.instance.merging import merge, values_of
from driftsync.lab.scenarios import build
from driftsync.model import Plan, Snapshot, Sort
from driftsync.rendering import Form, Rendered, render
from driftsync.rendering.merge_file import quoted
from driftsync.rendering.values import CannotBeSaid
from tests.live import BACKUP, DR, EVERYTHING, PRIMARY, found, member_of, read
from tests.planned import planned
from tests.plans import action, plan
from tests.running_renderings import opened, routine_with_secrets, with_secrets

PROFILE = "2025.2"
MERGED = (
    "namespace", "global-mapping", "routine-mapping", "package-mapping", "database", "web-application", "resource", "role",
    "user", "service", "tls-configuration", "ldap-configuration", "audit-event", "work-queue", "ecp-server", "device",
    "device-subtype", "licence-server", "security-settings", "instance-setting", "com-port", "sql-privilege",
    "sql-admin-privilege",
)  # fmt: skip


def snapshot(instance: SimulatedInstance, kinds: Iterable[str]) -> Snapshot:
    return read(instance, user=EVERYTHING, kinds=kinds, scenario="hospital", deadline=60).snapshot


def backup() -> SimulatedInstance:
    return member_of(build("hospital", PROFILE), BACKUP)


def primary() -> SimulatedInstance:
    return member_of(build("hospital", PROFILE), PRIMARY)


@pytest.fixture(scope="module")
def sides() -> tuple[Snapshot, Snapshot]:
    mirror = build("hospital", PROFILE)
    return snapshot(member_of(mirror, PRIMARY), MERGED), snapshot(member_of(mirror, BACKUP), MERGED)


@pytest.fixture(scope="module")
def made(sides: tuple[Snapshot, Snapshot]) -> Plan:
    return planned(*sides)


def left_after(sides: tuple[Snapshot, Snapshot], instance: SimulatedInstance) -> dict[str, str]:
    """Return what still differs from the primary, by key."""
    return found(compare(sides[0], snapshot(instance, MERGED)))


def said_wholly(plan: Plan, rendered: Rendered) -> set[str]:
    """Return the keys of the steps of which nothing is left unsaid."""
    unsaid = {each.step.key for each in rendered.unsaid}
    return {action.key for action in plan.actions if action.key not in unsaid}


def test_the_merge_file_makes_the_member_what_the_primary_is(
    sides: tuple[Snapshot, Snapshot], made: Plan
) -> None:
    rendered = render(made, Form.MERGE_FILE)
    instance = backup()
    text = with_secrets(rendered.text, primary())
    assert merge(opened(instance), text) == []
    said = said_wholly(made, rendered)
    assert {action.sort for action in made.actions if action.key in said} == set(Sort)
    lowered = "sql-privilege:EMR/1,Emr.Visit/u/Doctor"
    assert {action.key for action in made.actions} - said == {lowered}, "IRIS orders actions by itself"
    assert len(said) > 40
    assert {key.partition(":")[0] for key in said} == set(MERGED) - {"namespace"}, "its deletion is withheld"
    assert said & set(left_after(sides, instance)) == set()
    assert merge(opened(instance), text) == [], "it may be merged again"


def test_the_manifest_makes_on_the_member_what_the_primary_has(
    sides: tuple[Snapshot, Snapshot], made: Plan
) -> None:
    rendered = render(made, Form.MANIFEST)
    instance = backup()
    secrets = {f"SECRET_{action.number}": "not-a-real-password" for action in made.actions}
    install(opened(instance), rendered.text, secrets)
    said = said_wholly(made, rendered)
    assert len(said) > 15
    assert {action.sort for action in made.actions if action.key in said} == set(Sort)
    assert said & set(left_after(sides, instance)) == set()


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z]\w{0,9}", fullmatch=True),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        min_size=1,
    )
)
def test_the_lab_reads_every_value_as_it_was_meant(values: dict[str, str]) -> None:
    try:
        line = ",".join(f"{name}={quoted(value)}" for name, value in values.items())
    except CannotBeSaid:
        return
    assert values_of(line) == values


def test_what_a_manifest_cannot_do_stops_it() -> None:
    session = opened(backup())
    wrong = action("audit-event", {"Source": "Emr", "Type": "Emr", "Name": "x" * 200}, sets={"Enabled": True})
    later = action("role", {"Name": "Later"}, sets={"Description": "later"})
    with pytest.raises(StatusError):
        install(session, render(plan([wrong, later]), Form.MANIFEST).text)
    assert session.instance.storage.find("Security.Roles", ("later",)) is None


def test_the_routine_makes_the_member_what_the_primary_is_and_may_run_again(
    sides: tuple[Snapshot, Snapshot], made: Plan
) -> None:
    instance = backup()
    routine, secrets = routine_with_secrets(made, instance, primary())
    assert routine.call("RUN", secrets) == 1, routine.written
    assert f"All {len(made.actions)} steps are done" in routine.written
    assert routine.written.count("done    ") == len(made.actions)
    assert {action.key for action in made.actions} & set(left_after(sides, instance)) == set()
    before = copy.deepcopy(instance.storage._tables)
    again, secrets = routine_with_secrets(made, instance, primary())
    assert again.call("RUN", secrets) == 1, again.written
    after = instance.storage._tables
    moved = {"LastModifiedDateTime", "LastModifiedUsername"}
    for name, table in before.items():
        for key, record in table.items():
            assert {k: v for k, v in record.items() if k not in moved} == {
                k: v for k, v in after[name][key].items() if k not in moved
            }, key


@pytest.mark.parametrize("wrong", ["another member", "the primary", "edited CPF", "no secret", "namespace"])
def test_the_routine_does_nothing_where_it_is_not_meant_to_run(made: Plan, wrong: str) -> None:
    instance = member_of(
        build("hospital", PROFILE), {"another member": DR, "the primary": PRIMARY}.get(wrong, BACKUP)
    )
    routine, secrets = routine_with_secrets(made, instance, primary())
    instance.cpf_edited = wrong == "edited CPF"
    routine.session.namespace = "USER" if wrong == "namespace" else "%SYS"
    before = copy.deepcopy(instance.storage._tables)
    assert routine.call("RUN", {} if wrong == "no secret" else secrets) == 0
    assert "Nothing was done" in routine.written
    assert instance.storage._tables == before


def test_the_routine_stops_at_the_first_failure() -> None:
    instance = backup()
    wrong = action("role", {"Name": "x" * 100}, sets={"Description": "too long a name"})
    later = action("role", {"Name": "Later"}, sets={"Description": "later"})
    given = plan([wrong, later])
    routine, secrets = routine_with_secrets(given, instance, primary())
    assert routine.call("RUN", secrets) == 0
    assert "FAILED  1. + role:xxx" in routine.written
    assert instance.storage.find("Security.Roles", ("later",)) is None
