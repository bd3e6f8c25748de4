"""`sync --apply`, `rollback` and `history` as a user runs them, over two members of the lab that answer the real driver."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from driftsync.applying.journal import FOLDER, Journal
from driftsync.cli.lab_settings import write_settings
from driftsync.connections import Address, connect
from driftsync.fingerprinting import own_fingerprinter
from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import RunState, StepState
from driftsync.planning import read_plan, sealed
from tests.live import BACKUP, DR, EVERYTHING, PRIMARY, member_of
from tests.task_manager import let_time_pass

Cli = Callable[..., Any]
SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "run.json").read_text(encoding="utf-8"))
TERMS = (
    "--kind",
    "resource",
    "--kind",
    "role",
    "--kind",
    "global-mapping",
    "--adopt",
    "resource",
    "--adopt",
    "role",
)


class Site:
    """A folder with settings for both members."""

    def __init__(
        self, cli: Cli, folder: Path, members: dict[str, SimulatedInstance], servers: dict[str, Server]
    ) -> None:
        self._cli, self.folder, self.members, self.servers = cli, folder, members, servers
        ports = {name: server.port for name, server in servers.items()}
        self.settings, self.ports = folder / "driftsync.toml", ports
        self.address = Address(
            "127.0.0.1", ports[BACKUP], deadline=20, user=EVERYTHING, password=PASSWORDS[EVERYTHING]
        )
        write_settings(self.settings, ports, EVERYTHING, None)

    def run(self, *words: object) -> Any:
        return self._cli(*words, "--settings", self.settings)

    def plan(self) -> Path:
        file = self.folder / "plan.json"
        ended = self.run("plan", *TERMS, "-o", file, "-q")
        assert ended.code == 1, ended.err
        self.written()
        return file

    def written(self) -> int:
        """Return how much was written to either member since this was asked last."""
        found = sum(each.writes.total for each in self.members.values())
        for each in self.members.values():
            each.writes.reset()
        return found


@pytest.fixture
def site(cli: Cli, tmp_path: Path) -> Iterator[Site]:
    mirror = build("hospital")
    members = {name: member_of(mirror, name) for name in (PRIMARY, BACKUP)}
    now = datetime.now(timezone.utc)
    told = ((now - timedelta(days=3), "Becoming primary mirror server"), (now, "Journal switched"))
    log = "".join(f"{at:%m/%d/%y-%H:%M:%S}:000 (1234) 0 [Generic.Event] {text}\n" for at, text in told)
    for each in members.values():
        each.files.put("messages.log", log.encode())  # the primary has been one for three days
    with Server(members[PRIMARY]) as primary, Server(members[BACKUP]) as backup:
        yield Site(cli, tmp_path, members, {PRIMARY: primary, BACKUP: backup})


def test_a_plan_is_carried_out_once_shown_in_history_and_taken_back(site: Site) -> None:
    before = site.members[BACKUP].storage.find("Security.Roles", ("doctor",))
    file = site.plan()
    assert site.run("sync", "--plan", file).code == 1
    ended = site.run("sync", "--apply", "--plan", file)
    assert (ended.code, "nobody is there to agree" in ended.err) == (2, True)
    assert site.run("sync", "--apply", *TERMS).code == 2
    assert site.written() == 0

    other = connect(site.address, BACKUP)
    assert other.lock("driftsync", "applying")
    ended = site.run("sync", "--apply", "--plan", file, "--yes")
    assert (ended.code, "somebody else is writing" in ended.err, site.written()) == (5, True, 0)
    other.close()  # what was refused has not used the plan

    ended = site.run("sync", "--apply", "--plan", file, "--yes", "--format", "json", "-q")
    run = json.loads(ended.out)
    jsonschema.validate(run, SCHEMA)
    assert (ended.code, run["state"], run["remaining"]) == (3, "done", []), ended.err  # some was withheld
    assert site.written() > 0
    assert site.members[BACKUP].storage.find("Security.Roles", ("doctor",)) != before

    ended = site.run("sync", "--apply", "--plan", file, "--yes")
    assert (ended.code, "was used already" in ended.err, site.written()) == (5, True, 0)
    ended = site.run("sync", "--resume")
    assert (ended.code, "no run was cut off" in ended.err) == (2, True)

    ended = site.run("history")
    assert run["id"] in ended.out
    ended = site.run("history", run["id"])
    assert ended.code == 0
    assert "role:Doctor" in ended.out
    assert "%DB_EMR=R, Emr_Read=U → %DB_EMR=RW" in ended.out
    jsonschema.validate(json.loads(site.run("history", run["id"], "--format", "json").out), SCHEMA)
    assert json.loads(site.run("history", "--format", "json").out)["applied"][0]["state"] == "done"
    assert site.run("rollback", run["id"]).code == 2
    ended = site.run("rollback", run["id"], "--yes")
    assert (ended.code, "as it was before the run" in ended.out) == (0, True), ended.out
    shown = ended.err.splitlines()
    assert (
        "%DB_EMR=RW, Emr_Read=U, Emr_Write=U → %DB_EMR=R, Emr_Read=U" in ended.err
    )  # before it is done, in reverse
    numbers = [int(line.split()[0]) for line in shown if line.strip()[:1].isdigit()]
    assert numbers == sorted(numbers, reverse=True) != []
    assert (
        site.members[BACKUP].storage.find("Security.Roles", ("doctor",))["Resources"] == before["Resources"]
    )  # type: ignore[index]
    assert json.loads(site.run("history", "--format", "json").out)["applied"][0]["state"] == "reverted"
    assert site.run("rollback", "nothing", "--yes").code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to others there")
@pytest.mark.parametrize("writes", [1, 3])
def test_a_run_that_is_interrupted_says_so_in_one_line_and_is_taken_back_or_finished(
    site: Site, writes: int
) -> None:
    before = site.members[BACKUP].storage.find("Security.Roles", ("doctor",))
    file = site.plan()
    member = site.members[BACKUP]
    run = subprocess.Popen(
        [sys.executable, "-m", "driftsync", "sync", "--apply", "--plan", file, "--yes", "--settings", site.settings],
        cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    counted = member.writes.note

    def note(class_name: str, method: str, *, done: bool) -> None:
        counted(class_name, method, done=done)
        if member.writes.total == writes:
            os.killpg(run.pid, signal.SIGINT)

    member.writes.note = note  # type: ignore[method-assign]
    out, said = run.communicate(timeout=60)
    member.writes.note = counted  # type: ignore[method-assign]
    assert run.returncode == 130, said
    assert "Traceback" not in out + said
    name = said.split("run ")[1].split()[0]
    assert f"run {name} was interrupted" in said
    assert f"`driftsync rollback {name}` takes it back" in said
    assert "cut off" in site.run("history").out
    if writes == 1:
        assert site.run("rollback", name, "--yes").code == 0
    else:
        ended = site.run("sync", "--resume")
        assert (ended.code, "are left, withheld or conflicts" in ended.out) == (3, True), ended.out
    rule = before if writes == 1 else site.members[PRIMARY].storage.find("Security.Roles", ("doctor",))
    after = member.storage.find("Security.Roles", ("doctor",))
    assert permissions(after) == permissions(rule)


def permissions(role: Any) -> dict[str, int]:
    return {each["Name"]: each["Permission"] for each in role["Resources"]}


def test_a_run_that_was_cut_off_is_finished_by_its_own_plan(site: Site) -> None:
    plan = read_plan(site.plan())
    folder = Path(os.environ["DRIFTSYNC_STORE"]).parent / FOLDER
    journal = Journal.begin(folder, "20261121T100000-abcdef", plan)
    journal.step(1, StepState.SENDING)
    journal.close()
    (folder / "20261121T090000-fedcba.jsonl").write_text("no record\n", encoding="utf-8")
    ended = site.run("history")
    assert (ended.code, journal.run in ended.out, "cut off" in ended.out) == (0, True, True)
    assert "its record cannot be read" in ended.out
    ended = site.run("history", journal.run)
    assert "in the air" in ended.out
    assert "`driftsync sync --resume` goes on" in ended.out
    assert site.run("history", "20261121T090000-fedcba").code == 2
    (folder / "20261121T090000-fedcba.jsonl").unlink()

    ended = site.run("sync", "--resume", "--format", "json", "-q")
    run = json.loads(ended.out)
    assert (ended.code, run["id"], run["state"], run["plan"]) == (3, journal.run, "done", plan.id)
    assert site.written() > 0
    assert site.run("sync", "--resume").code == 2


def test_a_run_before_the_last_one_is_never_finished_and_an_old_one_only_when_that_is_said(
    site: Site,
) -> None:
    plan = read_plan(site.plan())
    old = sealed(msgspec.structs.replace(plan, expires_at="2026-11-01T00:00:00+00:00"), own_fingerprinter())
    folder = Path(os.environ["DRIFTSYNC_STORE"]).parent / FOLDER
    for run, kept, ended in (
        ("20261121T100000-aaaaaa", plan, False),
        ("20261121T110000-bbbbbb", plan, True),
        ("20261121T120000-cccccc", old, False),
    ):
        journal = Journal.begin(folder, run, kept)
        journal.step(1, StepState.SENDING)
        if ended:
            journal.note("ended", RunState.DONE.value)
        journal.close()
    refused = site.run("sync", "--resume")
    assert (refused.code, "--yes" in refused.err, site.written()) == (2, True, 0)
    (folder / "20261121T120000-cccccc.jsonl").unlink()
    refused = site.run("sync", "--resume")
    assert (refused.code, "no run was cut off" in refused.err, site.written()) == (2, True, 0)


@pytest.mark.parametrize(
    "words",
    [
        ("--item", "resource:Emr_Write"), ("--kind", "role"), ("--keep", "role:Doctor"), ("--exclude", "role"),
        ("--member", "HOSPDR"), ("--prune", "role"), ("--include-secrets",),
    ],
)  # fmt: skip
def test_words_that_would_choose_among_steps_do_not_go_with_a_plan_that_was_made(
    site: Site, words: tuple[str, ...]
) -> None:
    ended = site.run("sync", "--apply", "--plan", site.plan(), "--yes", *words)
    assert (ended.code, site.written()) == (2, 0), ended.err


def test_without_the_log_of_the_primary_nobody_knows_since_when_it_is_one(site: Site) -> None:
    file = site.plan()
    site.members[PRIMARY].files.put("messages.log", b"")
    ended = site.run("sync", "--apply", "--plan", file, "--yes")
    assert (ended.code, "when it became primary cannot be read" in ended.err, site.written()) == (5, True, 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [("tampered", "the seal of plan"), ("expired", "expired at"), ("swapped", "no longer what it was")],
)
def test_a_plan_that_may_not_be_used_writes_nothing(
    site: Site, name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = site.plan()
    if name == "tampered":
        file.write_text(file.read_text(encoding="utf-8").replace('"Emr_Write"', '"%All"'), encoding="utf-8")
    elif name == "expired":
        import driftsync.cli.applied

        class Later(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + timedelta(hours=2)

        monkeypatch.setattr(driftsync.cli.applied, "datetime", Later)
    else:
        mirror = site.members[PRIMARY].mirror
        assert mirror is not None
        mirror.fail_over()
    ended = site.run("sync", "--apply", "--plan", file, "--yes")
    assert (ended.code, text in ended.err) == (5, True), ended.err
    assert site.written() == 0


@pytest.mark.parametrize(("answer", "code"), [("n\n", 5), ("\n", 5), ("y\n", 3)])
def test_on_a_terminal_it_shows_the_plan_and_asks(
    site: Site, answer: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Typed(answer))
    monkeypatch.setattr("driftsync.cli.applied._is_terminal", lambda: True)
    ended = site.run("sync", "--apply", *TERMS)
    assert ended.code == code, ended.err
    assert "on HOSPB? [y/N]" in ended.err
    assert "takes access" in ended.out or "grants access" in ended.out or "at once" in ended.out
    assert (site.written() > 0) is (code == 3)


def test_nobody_is_asked_about_a_plan_that_was_not_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    monkeypatch.setattr("driftsync.cli.applied._is_terminal", lambda: True)
    ended = site.run("sync", "--apply", "--format", "json", *TERMS)
    assert (ended.code, ended.out, site.written()) == (5, "", 0)
    assert "would be done, in this order" in ended.err.partition("on HOSPB? [y/N]")[0], ended.err


def test_a_password_is_carried_in_memory_and_stands_nowhere(site: Site) -> None:
    file = site.folder / "secrets.json"
    words = ("--kind", "user", "--adopt", "user", "--include-secrets")
    planned = site.run("plan", *words, "-o", file)
    ended = site.run("sync", "--apply", "--plan", file, "--yes", "--verbose")
    assert ended.code in {0, 3}, ended.err
    primary, backup = (site.members[name].where("Security.Users", Name="locum") for name in (PRIMARY, BACKUP))
    assert (backup["Password"], backup["Salt"]) == (primary["Password"], primary["Salt"])
    assert backup["HOTPKey"] != primary["HOTPKey"]
    canaries = [*PASSWORDS.values(), "not-a-real-secret"]
    canaries += [primary[name].hex() for name in ("Password", "Salt")]
    kept = [path.read_bytes() for folder in (site.folder, Path(os.environ["DRIFTSYNC_STORE"]).parent)
            for path in folder.rglob("*") if path.is_file() and "password" not in path.name]  # fmt: skip
    assert len(kept) > 3
    told = f"{planned.out}{planned.err}{ended.out}{ended.err}".encode() + b"".join(kept)
    assert [each for each in canaries if each.encode() in told] == []


def test_a_plan_of_files_is_never_applied(site: Site) -> None:
    file = site.plan()
    site.settings.write_text('[member.HOSPA]\nsource = "a"\n[member.HOSPB]\nsource = "b"\n', encoding="utf-8")
    assert read_plan(file).actions
    ended = site.run("sync", "--apply", "--plan", file, "--yes")
    assert (ended.code, "no running member" in ended.err, site.written()) == (5, True, 0)


def test_a_member_that_a_plan_is_not_about_is_asked_who_it_is_and_not_read(site: Site) -> None:
    with Server(member_of(build("hospital"), DR)) as other:
        write_settings(site.settings, {**site.ports, DR: other.port}, EVERYTHING, None)
        assert site.run("plan", "--kind", "role", "-q").code in {1, 3}
        assert 0 < other.round_trips < 30
        assert site.run("plan", "--kind", "role", "-q", "--member", "HOSPDR").code in {0, 3}
        assert other.round_trips > 100


def test_members_have_their_turn_the_backup_first_and_the_primary_learns_only_from_whom_is_named(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = site.members[PRIMARY].mirror
    assert mirror is not None
    dr = member_of(mirror, DR)
    dr.change("Security.Resources", {"Name": "Emr_Write"}, {"PublicPermission": 4})
    both = ("--member", "HOSPDR", "--member", "HOSPB", "--kind", "resource")
    monkeypatch.setattr("driftsync.cli.applied._is_terminal", lambda: True)
    with Server(dr) as other:
        write_settings(site.settings, {**site.ports, DR: other.port}, EVERYTHING, None)
        shown = site.run("sync", *both)
        assert shown.code == 1
        assert 0 < shown.out.find("plan for HOSPB") < shown.out.find("plan for HOSPDR")
        assert shown.out.count("say so: --adopt resource\n") == 2
        assert site.run("sync", *both, "--format", "json").code == 2

        for answer, code in (("n\n", 5), ("y\ny\n", 3)):
            monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
            ended = site.run("sync", "--apply", *both, "--adopt", "resource")
            assert ended.code == code, ended.err
            assert ("HOSPDR: not begun, see to HOSPB first" in ended.err) is (code == 5)
            assert bool(dr.writes.total and site.written()) is (code == 3)

        turned = ("plan", "--member", "HOSPA", "--to-primary", "--kind", "resource", "--format", "json")
        refused = site.run(*turned)
        assert (refused.code, "--from; there are: HOSPB, HOSPDR" in refused.err) == (2, True)
        assert json.loads(site.run(*turned, "--from", "HOSPDR").out)["primary"]["name"] == "HOSPDR"
        assert site.run("plan", "--from", "HOSPDR").code == 2


def test_a_run_waits_to_be_confirmed_and_history_says_until_when(site: Site) -> None:
    terms = ("--kind", "resource", "--adopt", "resource", "--item", "resource:Emr_Write")
    file = site.folder / "small.json"
    assert site.run("plan", *terms, "-o", file, "-q").code == 1
    assert site.run("sync", "--confirm-within", "10m").code == 2
    for time, code in (("soon", 2), ("1m", 5), ("25h", 5)):
        assert site.run("sync", "--apply", "--plan", file, "--yes", "--confirm-within", time).code == code
    assert site.written() == 0

    ended = site.run("sync", "--apply", "--plan", file, "--yes", "--confirm-within", "10m")
    assert "waits on the member until" in ended.out, ended.err
    run = json.loads(site.run("history", "--format", "json").out)["applied"][0]
    assert (run["state"], bool(run["confirm_by"])) == ("unconfirmed", True)
    assert "to be confirmed until" in site.run("history").out
    name = f"driftsync takes {run['run']} back"
    assert site.members[BACKUP].where("%SYS.Task", Name=name)["Suspended"] == 0

    ended = site.run("confirm", run["run"])
    assert (ended.code, "is confirmed" in ended.out) == (0, True), ended.err
    assert json.loads(site.run("history", "--format", "json").out)["applied"][0]["state"] == "confirmed"
    ended = site.run("confirm", run["run"], "--format", "json")
    jsonschema.validate(json.loads(ended.out), SCHEMA)
    assert site.run("confirm", "nothing").code == 2


def test_too_late_ends_with_4_and_says_what_the_member_did(site: Site) -> None:
    terms = ("--kind", "resource", "--adopt", "resource", "--item", "resource:Emr_Write")
    file = site.folder / "small.json"
    site.run("plan", *terms, "-o", file, "-q")
    site.run("sync", "--apply", "--plan", file, "--yes", "--confirm-within", "2m", "-q")
    run = json.loads(site.run("history", "--format", "json").out)["applied"][0]["run"]
    let_time_pass(site.members[BACKUP], minutes=5)
    ended = site.run("confirm", run)
    assert (ended.code, "the member has taken it back" in ended.err) == (4, True), ended.err
    assert json.loads(site.run("history", "--format", "json").out)["applied"][0]["state"] == "recalled"
    assert "taken back by the member" in site.run("history").out
