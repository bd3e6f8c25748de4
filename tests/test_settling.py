"""What a cut-off run has left is told from what somebody else has made: ours is finished or taken back, theirs stays."""

# ruff: noqa: F811 - fixtures of another module are named as the arguments that take them

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftsync.applying.journal import Journal, journals
from driftsync.applying.permitted import Writer
from driftsync.applying.settling import between
from driftsync.lab.scenarios import build
from driftsync.model import Action, Item, ItemKey, RunState, Sort, StepState
from tests.at_step import at_step
from tests.live import BACKUP, PRIMARY, compared, member_of
from tests.test_applying import Killed, Pair, pair, serving, snapshots  # noqa: F401 - fixtures

RESOURCE = "resource:Made_Read"
STEPS = 4
LINES = 2 * STEPS + STEPS + 4
"""Lines of a journal of four steps: sending, written and verified of each; first line, copy, activated, ended."""


def killed(pair: Pair) -> str:
    """Carry the plan out until the run is killed; return its number."""
    with pytest.raises(Killed):
        pair.apply()
    return Journal.read(next(journals(pair.folder))).run


def die() -> None:
    raise Killed


def reason_of(carried: Any) -> str:
    return next(each.reason for each in carried.run.outcomes if each.key == RESOURCE)


class TestACreationThatWasCutOff:
    def test_what_somebody_else_made_of_that_name_stays(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at_step(monkeypatch, StepState.SENDING, die)
        run = killed(pair)
        pair.member.add("Security.Resources", Name="Made_Read", PublicPermission=7, Type=31)
        finished = pair.resume(run)
        assert (finished.run.state, finished.writes) == (RunState.FAILED, 0)
        assert "somebody else's" in reason_of(finished)
        returned = pair.roll_back(run)
        assert (returned.run.state, returned.writes, pair.written) == (RunState.FAILED, 0, 0)
        assert "somebody else's" in reason_of(returned)
        assert pair.member.where("Security.Resources", Name="Made_Read")["PublicPermission"] == 7
        assert Journal.read(next(journals(pair.folder))).steps[1].state is StepState.FAILED

    def test_what_is_just_as_intended_is_taken_for_ours(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = Writer.call

        def created(writer: Writer, class_name: str, method: str, *words: Any) -> Any:
            answer = call(writer, class_name, method, *words)
            if method == "Create":
                die()
            return answer

        with monkeypatch.context() as patched:
            patched.setattr(Writer, "call", created)
            run = killed(pair)
        assert pair.member.where("Security.Resources", Name="Made_Read")
        assert pair.roll_back(run).run.state is RunState.REVERTED
        assert compared(pair.read(pair.member)) == compared(pair.before)

    @pytest.mark.parametrize("permission", [1, 7], ids=["as intended", "otherwise"])
    def test_what_somebody_made_an_instant_before_is_never_taken_back(
        self, pair: Pair, permission: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The member refuses ours, so that what is there is theirs, whatever it looks like."""

        def make() -> None:
            pair.member.add("Security.Resources", Name="Made_Read", PublicPermission=permission, Type=31)

        at_step(monkeypatch, StepState.SENDING, make)
        carried = pair.apply()
        assert carried.run.outcomes[0].state is StepState.FAILED
        assert pair.written == 0
        pair.roll_back(carried.run.id)
        assert pair.written == 0
        assert pair.member.where("Security.Resources", Name="Made_Read")["PublicPermission"] == permission


def test_what_was_saved_and_not_activated_is_activated_when_the_run_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = build("clean")
    name = next(row["Name"] for row in member_of(mirror, PRIMARY).storage.rows("Security.SSLConfigs"))
    member_of(mirror, BACKUP).change("Security.SSLConfigs", {"Name": name}, {"Description": "other"})
    with serving(Pair(mirror, tmp_path, kinds=("tls-configuration",))) as pair:
        invoke = Writer.invoke

        def cut(writer: Writer, target: Any, method: str, *words: Any) -> Any:
            return die() if method == "Activate" else invoke(writer, target, method, *words)

        with monkeypatch.context() as patched:
            patched.setattr(Writer, "invoke", cut)
            run = killed(pair)
        assert pair.member.writes.done["Security.SSLConfigs.Activate"] == 0
        assert pair.resume(run).run.state is RunState.DONE
        assert pair.member.writes.done["Security.SSLConfigs.Activate"] == 1
        assert pair.member.writes.done["Security.SSLConfigs.%Save"] == 1


def killed_at_line(pair: Pair, line: int, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """Kill the run before or after a line of its journal was written, then finish it or take it back."""
    write, seen = Journal._write, [0]

    def written(journal: Journal, given: Any) -> None:
        seen[0] += 1
        if seen[0] == line and not after:
            die()
        write(journal, given)
        if seen[0] == line:
            die()

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "_write", written)
        with pytest.raises(Killed):
            pair.apply()
    if line == 1 and not after:  # no journal, and nothing sent
        assert pair.written == 0
        return
    run = Journal.read(next(journals(pair.folder))).run
    if line % 2:
        assert pair.resume(run).run.state is RunState.DONE
        assert pair.differences() == {}
    else:
        assert pair.roll_back(run).run.state is RunState.REVERTED
        assert compared(pair.read(pair.member)) == compared(pair.before)


@pytest.mark.parametrize(("line", "after"), [(4, False), (7, True), (10, True)])
def test_killed_between_two_lines_of_the_journal(
    pair: Pair, line: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_line(pair, line, monkeypatch, after=after)


@pytest.mark.soak
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("line", range(1, LINES + 1))
def test_killed_between_any_two_lines_of_the_journal(
    pair: Pair, line: int, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_line(pair, line, monkeypatch, after=after)


def item(kind: str, **values: Any) -> Item:
    return Item(key=ItemKey(kind, "", "a"), compared=values)


def action(kind: str, sort: Sort, sets: dict[str, Any], before: dict[str, Any]) -> Action:
    return Action(
        number=1, sort=sort, kind=kind, key=f"{kind}:a", identity={"Name": "a"}, sets=sets, before=before, digest_before=""
    )  # fmt: skip


def test_a_half_is_what_one_step_could_have_left() -> None:
    made = action("audit-event", Sort.CREATE, {"Enabled": True, "Description": "d"}, {})
    assert between(made, item("audit-event", Enabled=True, Description="d"))
    changed = action(
        "web-application", Sort.CHANGE, {"Timeout": 2, "Recurse": 2}, {"Timeout": 1, "Recurse": 1}
    )
    assert between(changed, item("web-application", Timeout=2, Recurse=1))
    assert not between(changed, item("web-application", Timeout=3, Recurse=1))
    assert not between(changed, None)
    whole = action("web-application", Sort.CREATE, {"Timeout": 2}, {})
    assert not between(whole, item("web-application", Timeout=3))
    assert not between(
        action("web-application", Sort.DELETE, {}, {"Timeout": 2}), item("web-application", Timeout=3)
    )
    role = action("role", Sort.CREATE, {"Description": "d", "GrantedRoles": ["x"]}, {})
    assert not between(role, item("role", Description="other", GrantedRoles=["x"]))
