"""The process that carries a plan out is killed in the middle of any step: the member ends before or after, never between."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from driftsync.applying.carrying_out import apply, resume, roll_back
from driftsync.applying.ground import Carried, Ground
from driftsync.applying.journal import Journal, journals
from driftsync.errors import PlanRefusedError
from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.instance.storage import Storage
from driftsync.lab.protocol import Request
from driftsync.lab.scenarios import build
from driftsync.lab.serving import Server
from driftsync.model import Plan, RunState, StepState
from driftsync.planning import write_plan
from tests.carrying import opener
from tests.live import BACKUP, EVERYTHING, KEY, PRIMARY, member_of, read
from tests.mending import everything

CLASSES = ("Security.Resources", "Security.Roles", "Config.MapGlobals")
KINDS = ("resource", "role", "web-application", "global-mapping")
STEPS = 40
ROOT = Path(__file__).parent.parent
WRITING = (b"%Save", b"\x01Create")
"""What the request of a step holds that commits it: a role and a resource are made by `Create`, all else is saved."""


def with_forty(mirror: SimulatedMirror) -> SimulatedMirror:
    primary, backup = member_of(mirror, PRIMARY), member_of(mirror, BACKUP)
    for number in range(10):
        name = f"Made{number}"
        primary.add("Security.Resources", Name=name, PublicPermission=1, Type=31)
        pairs = [{"Name": name, "Permission": 5}]
        primary.add("Security.Roles", Name=f"Role{number}", Resources=pairs, GrantedRoles=["Nurse"])
        primary.add(
            "Config.MapGlobals", Namespace="EMR", Name=name, Database="LAB", Collation=5, SectionHeader=""
        )
        for member, timeout in ((primary, 100), (backup, 200)):
            member.add("Security.Applications", Name=f"/made{number}", NameSpace="EMR", Timeout=timeout)
    return mirror


class Field:
    """Both members, listening, and the plan of forty steps."""

    def __init__(self, folder: Path) -> None:
        mirror = with_forty(build("clean"))
        self.primary, self.member, self.folder = member_of(mirror, PRIMARY), member_of(mirror, BACKUP), folder
        self.rule = read(self.primary, user=EVERYTHING, kinds=KINDS).snapshot
        self.before = read(self.member, user=EVERYTHING, kinds=KINDS).snapshot
        self.former = deepcopy(self.member.storage)
        self.after = self.former
        """What the member holds when nobody was killed."""
        self.plan: Plan = everything(self.rule, self.before, only=KINDS)
        self.file = folder / "plan.json"
        write_plan(self.plan, self.file)
        self.servers: tuple[Server, Server]
        self.child: subprocess.Popen[bytes] | None = None
        self.kill_at, self.lost, self.seen = 0, False, 0

    def received(self, session: Any, request: Request) -> int:
        """Kill the child at the request that would commit a step; `lost` never reaches the member."""
        number = self.counted(session, request)
        if (
            self.child is not None
            and request.code[1] == 0xC2
            and any(word in request.body for word in WRITING)
        ):
            self.seen += 1
            if self.seen == self.kill_at:
                self.child.kill()
                if self.lost:
                    raise OSError("the request was lost on its way")
        return number

    def listen(self, primary: Server, member: Server) -> None:
        self.servers = (primary, member)
        self.counted: Callable[[Any, Request], int] = member.counts.received
        member.counts.received = self.received  # type: ignore[method-assign]

    def ground(self, _plan: Plan) -> Ground:
        primary, member = self.servers
        paths, rule = self.before.header.facts.paths, self.rule.header.facts.paths
        return Ground(
            opener(BACKUP, member.port), opener(PRIMARY, primary.port), self.folder, KEY, paths, rule,
            unsettled=timedelta(),
        )  # fmt: skip

    def run_until(self, step: int, *, lost: bool) -> Journal:
        """Let a child carry the plan out until it is killed in this step; return the journal that it left."""
        primary, member = self.servers
        told = {
            "member": member.port, "primary": primary.port, "plan": str(self.file), "folder": str(self.folder),
            "paths": self.before.header.facts.paths,
        }  # fmt: skip
        self.kill_at, self.lost, self.seen = step, lost, 0
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.carrying", json.dumps(told)], cwd=ROOT, stderr=subprocess.PIPE
        )
        _out, told_last = self.child.communicate(timeout=120)
        code, self.child = self.child.returncode, None
        assert code not in {0, 1}, told_last.decode()
        return Journal.read(next(journals(self.folder)))

    def again(self, verb: Callable[..., Carried], run: str) -> Carried:
        """Resume or take back, as soon as the member has noticed that the process is gone."""
        for _attempt in range(100):
            try:
                return verb(run, self.ground, self.folder)
            except PlanRefusedError as error:
                if "somebody else" not in error.message:
                    raise
                time.sleep(0.1)
        raise AssertionError("the lock of the member stayed")

    def records(self, storage: Storage) -> dict[str, Any]:
        """Return what a member holds of what the plan is about; saving fills in more of a web application than that."""
        applications = {
            key: record["Timeout"] for key, record in storage.table("Security.Applications").items()
        }
        return {"Timeout": applications, **{name: storage.table(name) for name in CLASSES}}


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    made = Field(tmp_path_factory.mktemp("killed"))
    with Server(made.primary) as primary, Server(made.member) as member:
        made.listen(primary, member)
        assert apply(made.plan, made.ground(made.plan)).run.state is RunState.DONE
        made.after = deepcopy(made.member.storage)
        yield made
        assert primary.failures == member.failures == []


def killed_in(field: Field, step: int) -> None:
    field.member.storage = deepcopy(field.former)
    journal = field.run_until(step, lost=step % 3 == 0)
    assert len(field.plan.actions) == STEPS
    assert journal.state is RunState.RUNNING
    states = [journal.steps[number].state for number in range(1, step)]
    assert states == [StepState.WRITTEN] * (step - 1)
    assert journal.steps[step].state is StepState.SENDING
    assert step + 1 not in journal.steps
    if step % 2:
        carried = field.again(resume, journal.run)
        assert (carried.run.state, carried.run.remaining) == (RunState.DONE, [])
        assert field.records(field.member.storage) == field.records(field.after)
        live = [
            field.member.storage.is_live("Config.MapGlobals", ("EMR", f"Made{each}")) for each in range(10)
        ]
        assert live == [True] * 10
    else:
        returned = field.again(roll_back, journal.run)
        assert returned.run.state is RunState.REVERTED
        assert field.records(field.member.storage) == field.records(field.former)


@pytest.mark.parametrize("step", range(1, STEPS + 1, 7))
def test_killed_in_every_seventh_step(field: Field, step: int) -> None:
    killed_in(field, step)  # odd ones are finished, even ones taken back


@pytest.mark.soak
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_killed_in_every_step(field: Field, step: int) -> None:
    killed_in(field, step)
