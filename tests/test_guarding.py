"""What is looked at again before each write: the mirror, the epoch, the CPF and both items. Writes are counted by the lab."""

# ruff: noqa: F811 - fixtures of another module are named as the arguments that take them

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from driftsync.applying.carrying_out import Carried
from driftsync.connections import Address, connect
from driftsync.connections.failures import CallFailed
from driftsync.errors import PlanRefusedError
from driftsync.lab.instance.mirror import FAILOVER
from driftsync.lab.protocol import Code
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import RunState, StepState, Terms
from tests.live import BACKUP, DR, EVERYTHING, PRIMARY, member_of
from tests.mending import everything
from tests.test_applying import Pair, pair, serving, snapshots, with_extras  # noqa: F401 - fixtures

NOT_TAKEN = [StepState.VERIFIED, StepState.FAILED, StepState.PLANNED, StepState.PLANNED]
"""Of four steps the first was taken, the second stopped, and no other was tried."""


def stopped(carried: Carried, text: str) -> None:
    outcomes = carried.run.outcomes
    assert [each.state for each in outcomes] == NOT_TAKEN
    assert text in outcomes[1].reason
    assert carried.run.state is RunState.FAILED


def after_the_first(deed: Callable[[], object]) -> Callable[[int], None]:
    def done(count: int) -> None:
        if count == 1:
            deed()

    return done


def become_primary(pair: Pair, name: str = PRIMARY) -> None:
    """Let the log of a member say that it has just become primary, by a clock that is minutes behind ours."""
    files = member_of(pair.mirror, name).files
    at = datetime.now(timezone.utc) - timedelta(minutes=3)
    line = f"{at:%m/%d/%y-%H:%M:%S}:000 (1234) 0 [Generic.Event] Becoming primary mirror server\n"
    files.put("messages.log", files.read("messages.log") + line.encode())


@contextmanager
def listed(pair: Pair) -> Iterator[list[str]]:
    """Write down, over both members, what was asked about the mirror and what was written, in order."""
    heard: list[str] = []
    for name, words in (
        (PRIMARY, {b"MemberStatusList": "members", b"messages.log": "log", b"GetList": "rule", b"Exists": "rule",
                   b"Security . Resources": "rule", b"Security . Roles": "rule", b"Security . Applications": "rule", b"MapGlobals": "rule"}),
        (BACKUP, {b"GetStatus": "status", b"%Save": "write", b"Create": "write", b"GetList": "item", b"Exists": "item"}),
    ):  # fmt: skip
        counts = pair.servers[name].counts

        def received(
            session: Any, request: Any, words: Any = words, counted: Any = counts.received, kept: Any = {},  # noqa: B006
        ) -> int:  # fmt: skip
            asked = [what for word, what in words.items() if word in request.body]
            if request.code == Code.DIRECT_QUERY:
                asked = [what for what in asked if what != "write"]  # a column of that name, and no call
                kept[id(words), request.statement] = asked
            elif request.code == Code.QUERY:  # of a statement that the driver still holds
                asked = kept.get((id(words), request.statement), [])
            heard.extend(asked)
            return int(counted(session, request))

        counts.received = received  # type: ignore[method-assign, assignment]
    yield heard


def test_everything_is_asked_anew_before_each_write(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftsync.applying.guarding.RULE_SECONDS", 0.0)  # of mappings: all at once, lately
    with listed(pair) as heard:
        assert pair.apply().run.state is RunState.DONE
    writes = [place for place, what in enumerate(heard) if what == "write"]
    assert len(writes) == 4
    looks = [set(heard[before:write]) for before, write in zip([0, *writes], writes, strict=False)]
    assert [{"members", "status", "log", "rule", "item"} - look for look in looks] == [set()] * 4, heard


class TestTheMirror:
    @pytest.mark.parametrize("status", ["TRANSITION", "SYNCHRONIZING", "PRIMARY", "STOPPED"])
    def test_the_member_changes_its_status_between_two_writes(self, pair: Pair, status: str) -> None:
        def change() -> None:
            pair.mirror.state_of(pair.member).status = status

        carried = pair.apply(progress=after_the_first(change))
        stopped(carried, "two members" if status == "PRIMARY" else status)
        assert pair.written == 1

    @pytest.mark.parametrize("status", ["TRANSITION", "BACKUP"])
    def test_the_primary_changes_its_status_between_two_writes(self, pair: Pair, status: str) -> None:
        def change() -> None:
            pair.mirror.state_of(pair.primary).status = status

        stopped(pair.apply(progress=after_the_first(change)), status)
        assert pair.written == 1

    def test_the_primary_is_in_trouble(self, pair: Pair) -> None:
        def change() -> None:
            pair.mirror.state_of(pair.primary).in_trouble = True

        stopped(pair.apply(progress=after_the_first(change)), "in trouble")

    def test_two_primaries_in_the_list_of_one_of_them(self, pair: Pair) -> None:
        third = next(each for each in pair.mirror.states if each.instance.name == DR)

        def promote() -> None:
            third.member_type, third.status = FAILOVER, "PRIMARY"

        stopped(pair.apply(progress=after_the_first(promote)), "two members say")
        assert pair.written == 1

    def test_two_primaries_where_only_the_other_says_so(
        self,
        pair: Pair,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("driftsync.applying.watching.OTHERS_SECONDS", 0.0)
        apart = build("clean")
        state = apart.state_of(member_of(apart, DR))
        with Server(state.instance) as server:
            address = Address(
                "127.0.0.1", server.port, user=EVERYTHING, password=PASSWORDS[EVERYTHING], deadline=20.0
            )
            others = {
                DR: lambda: connect(address, DR),
                "gone": lambda: connect(Address("127.0.0.1", 9, deadline=2.0), "gone"),
            }

            def promote() -> None:
                state.member_type, state.status = FAILOVER, "PRIMARY"

            stopped(pair.apply(others=others, progress=after_the_first(promote)), "two members say")
            assert pair.written == 1
            with pytest.raises(PlanRefusedError, match="two members say"):
                pair.apply(others=others)

    def test_a_role_that_moved_and_came_back_between_two_writes(self, pair: Pair) -> None:
        stopped(pair.apply(progress=after_the_first(lambda: become_primary(pair))), "became primary again")
        assert pair.written == 1

    def test_nor_where_the_primary_takes_no_several_questions_in_one_statement(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(*_arguments: Any) -> Any:
            raise CallFailed("no UNION of these")

        monkeypatch.setattr("driftsync.applying.watching.ask_together", refused)
        stopped(pair.apply(progress=after_the_first(lambda: become_primary(pair))), "became primary again")
        assert pair.written == 1

    def test_other_lines_of_the_log_stop_nothing(self, pair: Pair) -> None:
        files = pair.primary.files
        line = b"11/21/26-10:00:00:000 (1234) 0 [Utility.Event] Journal switched\n"

        def write() -> None:
            files.put("messages.log", files.read("messages.log") + line)

        assert pair.apply(progress=lambda _done: write()).run.state is RunState.DONE

    def test_a_log_that_can_no_longer_be_read_is_no_silence(self, pair: Pair) -> None:
        carried = pair.apply(progress=after_the_first(lambda: pair.primary.files.put("messages.log", b"")))
        stopped(carried, "cannot be read")

    def test_a_run_is_not_finished_for_another_epoch_but_may_be_taken_back(self, pair: Pair) -> None:
        def fall_behind() -> None:
            pair.mirror.state_of(pair.member).in_trouble = True

        run = pair.apply(progress=after_the_first(fall_behind)).run.id
        pair.mirror.state_of(pair.member).in_trouble = False
        become_primary(pair)
        with pytest.raises(PlanRefusedError, match="became primary only at"):
            pair.resume(run)
        assert pair.written == 1
        assert pair.roll_back(run).run.state is RunState.REVERTED


class TestTheRule:
    """What the primary has changed since the plan is no longer what it wants."""

    def test_it_was_changed_before_the_run(self, pair: Pair) -> None:
        plan = pair.plan()
        pair.primary.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 901})
        with pytest.raises(PlanRefusedError, match="web-application:/emr was changed on HOSPA"):
            pair.apply(plan)
        assert pair.written == 0

    def test_it_went_between_two_writes(self, pair: Pair) -> None:
        second = pair.plan().actions[1]
        assert second.kind == "role"
        carried = pair.apply(
            progress=after_the_first(lambda: pair.primary.remove("Security.Roles", {"Name": "MadeRole"}))
        )
        stopped(carried, "role:MadeRole was changed on HOSPA")
        assert pair.written == 1

    def test_a_mapping_of_many(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("driftsync.applying.guarding.RULE_SECONDS", 0.0)
        plan = pair.plan()
        place = [each.kind for each in plan.actions].index("global-mapping")

        def change(done: int) -> None:
            if done == place:
                pair.primary.change("Config.MapGlobals", {"Name": "Made"}, {"Database": "EMR"})

        carried = pair.apply(plan, progress=change)
        outcome = carried.run.outcomes[place]
        assert outcome.state is StepState.FAILED
        assert "was changed on HOSPA" in outcome.reason
        assert pair.written == place

    def test_it_does_not_matter_when_a_run_is_taken_back(self, pair: Pair) -> None:
        run = pair.apply().run.id
        pair.primary.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 901})
        assert pair.roll_back(run).run.state is RunState.REVERTED


def test_to_the_primary_the_backup_is_the_rule_and_the_primary_leads(pair: Pair) -> None:
    plan = msgspec.structs.replace(
        everything(pair.before, pair.rule, only=("web-application",)), terms=Terms(to_primary=True)
    )
    words = {
        "member": pair.opener(PRIMARY), "primary": pair.opener(BACKUP),
        "member_directories": pair.rule.header.facts.paths, "primary_directories": pair.before.header.facts.paths,
    }  # fmt: skip
    assert [action.key for action in plan.actions] == ["web-application:/emr"]
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 112})
    with pytest.raises(PlanRefusedError, match="was changed on HOSPB"):
        pair.apply(plan, **words)
    pair.member.change("Security.Applications", {"Name": "/emr"}, {"Timeout": 111})
    pair.mirror.state_of(pair.member).in_trouble = True
    with pytest.raises(PlanRefusedError, match="not Active in journal transfer"):
        pair.apply(plan, **words)
    pair.mirror.state_of(pair.member).in_trouble = False
    become_primary(pair)
    with pytest.raises(PlanRefusedError, match="became primary only at"):
        pair.apply(plan, **words)
    assert pair.written == 0
    plan = msgspec.structs.replace(plan, created_at=datetime.now(timezone.utc).isoformat())
    pair.primary.files.put("messages.log", pair.member.files.read("messages.log"))
    assert pair.apply(plan, **words).run.state is RunState.DONE
    assert pair.primary.where("Security.Applications", Name="/emr")["Timeout"] == 111
    assert (pair.primary.writes.total, pair.member.writes.total) == (1, 0)
