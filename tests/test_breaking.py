"""Odd situations at the command line: each ends in one line with what to do, none with a traceback, and nothing is written by mistake."""

# ruff: noqa: F811 - fixtures of another module are named as the arguments that take them

from __future__ import annotations

import errno
import io
import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from driftsync.applying.journal import FOLDER
from driftsync.lab.faults import WireFaults
from driftsync.lab.scenarios.ailments.mirror_state import health_product
from driftsync.model import StepState
from driftsync.planning.sealing import USED
from tests.at_step import at_step
from tests.live import BACKUP, DR, PRIMARY, member_of
from tests.test_sync_apply import TERMS, Site, site  # noqa: F401 - a fixture


def folder_of_state() -> Path:
    return Path(os.environ["DRIFTSYNC_STORE"]).parent


def told(ended: Any, code: int, text: str) -> None:
    """See how a command ended: with one line that says these words and what to do."""
    assert (ended.code, text in ended.err) == (code, True), ended.err
    assert "Traceback" not in ended.err
    (line,) = (line for line in ended.err.splitlines() if "driftsync: " in line)
    assert line.endswith(")"), line


def test_before_the_first_write(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    file = site.plan()
    text = file.read_text(encoding="utf-8")

    def refused(code: int, said: str, given: Path = file) -> None:
        ended = site.run("sync", "--apply", "--plan", given, "--yes")
        told(ended, code, said)
        assert site.written() == 0

    other = site.folder / "other.json"
    for code, said, content in (
        (5, "the seal", text.replace('"id":', '"remark": "harmless", "id":', 1)),
        (5, "the seal", text.replace('"actions": [', '"actions": [], "actions": [', 1)),
        (5, "the seal", text.replace('"seal": "', '"seal": "é', 1)),
        (2, "no plan of driftsync", text[: len(text) // 2]),
        (2, "no plan of driftsync", "[" * 5000),
        (2, "no plan of driftsync", ""),
    ):
        other.write_text(content, encoding="utf-8")
        refused(code, said, other)
    refused(2, "", site.folder)

    import driftsync.cli.applied

    class Before(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - timedelta(days=1)

    with monkeypatch.context() as patched:
        patched.setattr(driftsync.cli.applied, "datetime", Before)
        refused(5, "still to come by the clock here")

    folder = folder_of_state() / FOLDER
    folder.rmdir() if folder.exists() else None
    folder.write_text("x")
    refused(5, "cannot be used")
    folder.unlink()

    used = Path(os.environ["DRIFTSYNC_KEY_FILE"]).parent / USED
    used.write_text("x")
    refused(5, "cannot be noted")
    used.unlink()

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        refused(5, "No space left")
    for path in folder.glob("*.jsonl"):
        path.unlink()

    damaged = folder / "20991121T090000-fedcba.jsonl"
    damaged.write_text("no record\n")
    refused(2, "no record of a run")
    damaged.write_text('{"format":"driftsync-jour')
    swapped = site.settings.read_text(encoding="utf-8")
    a, b = (str(site.ports[name]) for name in (PRIMARY, BACKUP))
    site.settings.write_text(swapped.replace(a, "X").replace(b, a).replace("X", b), encoding="utf-8")
    refused(5, "no longer what it was")
    site.settings.write_text(swapped, encoding="utf-8")

    (folder_of_state() / "fingerprint.key").rename(folder_of_state() / "away")
    refused(5, "the seal")
    (folder_of_state() / "fingerprint.key").unlink()
    (folder_of_state() / "away").rename(folder_of_state() / "fingerprint.key")

    server = site.servers[BACKUP]
    for later in (2, 10, 35):
        server.faults = WireFaults(drop_at=frozenset({server.counts.total.requests.total() + later}))
        refused(3 if later == 2 else 5, "")

    ended = site.run("sync", "--apply", "--plan", file, "--yes", "-q")
    assert ended.code == 3, ended.err


def full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_in_the_middle_of_a_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is lost on the way, the run says how to go on, goes on, and can be taken back whole."""
    member, server = site.members[BACKUP], site.servers[BACKUP]

    def held() -> dict[str, Any]:
        names = ("PublicPermission", "Resources", "GrantedRoles")
        rows = [*member.storage.rows("Security.Resources"), *member.storage.rows("Security.Roles")]
        return {row["Name"]: [row.get(name) for name in names] for row in rows}

    before = held()

    def cut() -> None:
        server.faults = WireFaults(drop_at=frozenset({server.counts.total.requests.total() + 1}))

    fsync = os.fsync

    def fill() -> None:
        monkeypatch.setattr(os, "fsync", full)

    for state, deed, said in (
        (StepState.SENDING, cut, "was cut off"),
        (StepState.WRITTEN, fill, "No space left"),
    ):
        file = site.plan()
        with monkeypatch.context() as patched:
            at_step(patched, state, deed)
            ended = site.run("sync", "--apply", "--plan", file, "--yes", "-q")
        monkeypatch.setattr(os, "fsync", fsync)
        told(ended, 4, said)
        assert "`driftsync sync --resume`" in ended.err
        ended = site.run("sync", "--resume", "--format", "json", "-q")
        run = json.loads(ended.out)
        assert (run["state"], run["remaining"]) == ("done", []), ended.err
        assert site.run("rollback", run["id"], "--yes", "-q").code == 0
        assert held() == before


def test_a_role_that_moves_while_somebody_thinks_about_the_question(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, *_words: Any) -> str:
            mirror = site.members[PRIMARY].mirror
            assert mirror is not None
            mirror.fail_over()
            return "y\n"

    monkeypatch.setattr(sys, "stdin", Typed())
    monkeypatch.setattr("driftsync.cli.applied._is_terminal", lambda: True)
    told(site.run("sync", "--apply", *TERMS), 5, "no longer what it was")
    assert site.written() == 0


def test_what_no_step_shows_is_in_the_plan_and_stops_it_unless_it_is_allowed_by_name(site: Site) -> None:
    mirror = site.members[PRIMARY].mirror
    assert mirror is not None
    health_product(mirror)
    mirror.state_of(member_of(mirror, DR)).away_days = 3
    words, file = ("--item", "resource:Emr_Write", "--adopt", "resource"), site.folder / "small.json"
    shown = site.run("plan", *words, "-o", file)
    for said in (
        "has the Mirror Monitor Agent (database:HSSYS)",
        "not asked whether they are a primary too: HOSPDR/IRIS",
    ):
        assert said in shown.out, shown.err
    told(site.run("sync", "--apply", "--plan", file, "--yes"), 5, "HOSPDR/IRIS (Connected)")
    told(site.run("plan", *words, "--allow", "anything"), 2, "agent-at-work, unseen-member")
    allowed = ("--allow", "unseen-member", "--allow", "agent-at-work")
    assert site.run("plan", *words, *allowed, "-o", file, "-q").code == 1
    assert site.written() == 0
    ended = site.run("sync", "--apply", "--plan", file, "--yes", "-q")
    assert (ended.code, site.written()) == (0, 1), ended.err


def test_an_item_that_was_made_anew_in_other_letters_is_the_same_item(site: Site) -> None:
    """IRIS tells names of roles apart without regard to case, and so does the look before the write."""
    file, member = site.plan(), site.members[BACKUP]
    row = dict(member.where("Security.Roles", Name="Doctor"))
    member.remove("Security.Roles", {"Name": "Doctor"})
    member.add("Security.Roles", **{**row, "Name": "DOCTOR"})
    ended = site.run("sync", "--apply", "--plan", file, "--yes", "--format", "json", "-q")
    assert (ended.code, json.loads(ended.out)["remaining"]) == (3, []), ended.err
