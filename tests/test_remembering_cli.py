"""`report`, `accept`, `history` over nights, as a user runs them: words, exits, the reviewed file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from driftsync.files import write_lines
from driftsync.model import MemberRole
from driftsync.settings import read_toml
from tests.nights import Held, snapshot_of

Cli = Callable[..., Any]
SCHEMA = Path(__file__).parent.parent / "schemas" / "report.json"
UNTIL = (date.today() + timedelta(days=90)).isoformat()  # noqa: DTZ011 - the command line takes the real day
WORDS = ("--reason", "known", "--owner", "mirror team", "--until", UNTIL)
SETTINGS = """
[mirror.M]
primary = "A"
[member.A]
source = "A.snapshot"
[member.B]
source = "B.snapshot"
[member.C]
source = "C.snapshot"
"""


class Site:
    """A mirror of snapshot files, and the commands over it."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self.cli, self.folder = cli, folder
        self.path = folder / "driftsync.toml"
        self.path.write_text(SETTINGS, encoding="utf-8")
        self.holds("A", {"x": "1", "Payroll": "1"})
        self.holds("B", {"x": "2"})
        self.holds("C", {"x": "1", "Payroll": "1"})

    def holds(self, name: str, held: Held) -> None:
        with (self.folder / f"{name}.snapshot").open("wb") as file:
            lines = snapshot_of(name, held, role=MemberRole.UNKNOWN)
            write_lines(lines.header, lines.lines(), file)

    def __call__(self, *words: object) -> Any:
        return self.cli(words[0], "--settings", self.path, *words[1:])

    def night(self, *words: object) -> dict[str, Any]:
        ended = self("report", "--format", "json", "--kind", "role", *words)
        found: dict[str, Any] = json.loads(ended.out)
        jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
        return {
            **found["mirrors"][0].get("night", {}),
            "exit": ended.code,
            "remarks": found.get("remarks", []),
        }


@pytest.fixture
def site(cli: Cli, tmp_path: Path) -> Site:
    return Site(cli, tmp_path)


def state(night: dict[str, Any]) -> dict[str, str]:
    """Return each difference as `member key` → what is said of it."""
    return {
        f"{each['member']} {each['key']}": "accepted"
        if each.get("accepted")
        else "new"
        if each["new"]
        else "open"
        for each in night.get("standings", [])
    }


# -- accept -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "nothing was named"),
        (("role:x",), "--reason is missing"),
        (("role:x", "--reason", "r"), "--owner is missing"),
        (("role:x", "--reason", "r", "--owner", " "), "--owner is missing"),
        (("role:x", "--reason", "r", "--owner", "o"), "--until is missing"),
        (("role:x", "--reason", "r", "--owner", "o", "--until", "soon"), "--until soon is no date"),
        (("role:x", "--reason", "r", "--owner", "o", "--until", "2020-01-01"), "is over already"),
        (("role:y", *WORDS), "role:y is no open difference"),
        (("role:x", "--member", "C", *WORDS), "role:x is no open difference"),
        (("role:x", "--member", "Z", *WORDS), "mirror M has no member Z"),
        (("role:x", "--mirror", "Z", *WORDS), "has no mirror Z"),
        (("role:x", "--all-current", *WORDS), "--all-current means all of them"),
        (("role:x", "--withdraw"), "nothing of this was accepted here"),
    ],
)
def test_what_cannot_be_accepted_is_said_in_one_line(site: Site, words: tuple[str, ...], says: str) -> None:
    site.night()
    ended = site("accept", *words)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "accepted" not in state(site.night()).values()


def test_accept_counts_folds_and_can_be_taken_back(site: Site) -> None:
    assert state(site.night()) == {"B role:x": "new", "B role:Payroll": "new"}
    ended = site("accept", "role:x", "--member", "B", *WORDS)
    assert (ended.code, ended.err) == (0, f"accepted: 1 difference until {UNTIL}\n")
    assert state(site.night()) == {"B role:x": "accepted", "B role:Payroll": "open"}
    shown = site("report", "--kind", "role").out
    assert "1 still open, 0 resolved, 1 accepted" in shown
    assert "1 accepted difference is folded" in shown
    assert "accepted by mirror team until" in site("report", "--kind", "role", "--verbose").out
    assert site("accept", "ROLE:X".lower(), "--withdraw").err == "taken back: 1 acknowledgement\n"
    assert state(site.night())["B role:x"] == "open"


def test_accept_takes_a_name_in_any_case_and_several_at_once(site: Site) -> None:
    site.night()
    assert site("accept", "role:payroll", "role:X", *WORDS).code == 0
    assert set(state(site.night()).values()) == {"accepted"}


def test_all_current_does_not_overwrite_what_was_accepted_before(site: Site) -> None:
    site.night()
    site("accept", "role:x", "--reason", "first", "--owner", "o", "--until", UNTIL)
    assert "accepted: 1 difference" in site("accept", "--all-current", *WORDS).err
    assert "accepted: 0 differences" in site("accept", "--all-current", *WORDS).err
    told = {each["key"]: each["accepted"]["reason"] for each in site.night()["standings"]}
    assert told == {"role:x": "first", "role:Payroll": "known"}


def test_what_changed_since_it_was_accepted_is_told(site: Site) -> None:
    site.night()
    site("accept", "--all-current", *WORDS)
    site.holds("B", {"x": "3"})
    night = site.night()
    assert state(night) == {"B role:x": "new", "B role:Payroll": "accepted"}
    assert "NEW, was accepted with other values" in site("report", "--kind", "role").out or night["standings"]
    assert "since" in site("report", "--kind", "role").out


# -- the reviewed file ------------------------------------------------------------------------------------------------


def test_the_exported_file_counts_also_where_the_store_is_new(site: Site, own_state: Path) -> None:
    site.night()
    site("accept", "--all-current", *WORDS)
    file = site.folder / "driftsync.accepted.toml"
    ended = site("accept", "--export", file)
    assert (ended.code, ended.err) == (0, f"written: {file}\n")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# What was accepted, for review")
    assert [each["key"] for each in read_toml(file)["accepted"]] == ["role:Payroll", "role:x"]
    for each in own_state.glob("store.sqlite*"):
        each.unlink()
    assert set(state(site.night()).values()) == {"accepted"}
    assert "take it out of driftsync.accepted.toml" in site("accept", "role:x", "--withdraw").err
    assert "accepted: 0 differences" in site("accept", "--all-current", *WORDS).err
    file.write_text(text.replace(UNTIL, "2026-01-01"), encoding="utf-8")
    assert set(state(site.night()).values()) == {"open"}


def test_exporting_again_keeps_what_only_the_file_has_and_drops_what_was_taken_back(
    site: Site, own_state: Path
) -> None:
    file = site.folder / "driftsync.accepted.toml"
    site.night()
    site("accept", "role:x", "--export", file, *WORDS)
    for each in own_state.glob("store.sqlite*"):
        each.unlink()
    site.night()
    site("accept", "role:Payroll", "--export", file, *WORDS)
    assert [each["key"] for each in read_toml(file)["accepted"]] == ["role:Payroll", "role:x"]
    assert set(state(site.night()).values()) == {"accepted"}
    ended = site("accept", "role:Payroll", "--withdraw")
    assert "driftsync.accepted.toml still accepts role:Payroll" in ended.err
    assert state(site.night())["B role:Payroll"] == "accepted"
    site("accept", "--export", file)
    assert [each["key"] for each in read_toml(file)["accepted"]] == ["role:x"]
    assert state(site.night()) == {"B role:x": "accepted", "B role:Payroll": "open"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("reason", "raison"), "reason"),
        (lambda text: text.replace(UNTIL, "some day"), "role:x: some day is no date"),
        (lambda text: text + "nonsense", "this is not TOML"),
    ],
)
def test_a_file_that_is_wrong_is_said_and_nothing_is_kept(
    site: Site, change: Callable[[str], str], says: str
) -> None:
    site.night()
    file = site.folder / "driftsync.accepted.toml"
    site("accept", "role:x", "--export", file, *WORDS)
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    ended = site("report", "--kind", "role")
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert len(json.loads(site("history", "--format", "json").out)["runs"]) == 1


# -- how a report ends ------------------------------------------------------------------------------------------------


def test_what_a_report_fails_on(site: Site) -> None:
    assert site.night("--fail-on", "new")["exit"] == 1
    assert site.night("--fail-on", "new")["exit"] == 0
    assert site.night()["exit"] == 1
    assert site.night("--fail-on", "breaks-application")["exit"] == 1
    assert site.night("--fail-on", "fails-failover")["exit"] == 0
    site("accept", "--all-current", *WORDS)
    assert site.night()["exit"] == 0
    assert site.night("--no-remember")["exit"] == 1
    assert site.night("--no-remember", "--fail-on", "new")["exit"] == 1


def test_no_remember_leaves_no_trace(site: Site, own_state: Path) -> None:
    assert (
        "night"
        not in json.loads(site("report", "--no-remember", "--format", "json", "--kind", "role").out)[
            "mirrors"
        ][0]
    )
    assert not list(own_state.glob("store*"))


def test_what_was_left_out_of_a_report_is_not_resolved_in_it(site: Site) -> None:
    """The snapshot files hold the roles all the same; this report does not look at them."""
    site.night()
    site("report", "--kind", "user")
    assert "resolved" not in site.night()
    assert set(state(site.night()).values()) == {"open"}


def test_a_member_whose_file_is_gone_keeps_its_differences(site: Site) -> None:
    site.night()
    shutil.move(site.folder / "B.snapshot", site.folder / "away")
    night = site.night()
    assert (night["exit"], night["unseen"], state(night)) == (3, 2, {})
    shutil.move(site.folder / "away", site.folder / "B.snapshot")
    assert set(state(site.night()).values()) == {"open"}


# -- history ----------------------------------------------------------------------------------------------------------


def test_history_lists_runs_and_the_life_of_one_item(site: Site) -> None:
    site.night()
    site.holds("B", {"x": "1", "Payroll": "1"})
    site.night()
    site.holds("B", {"x": "3", "Payroll": "1"})
    site.night()
    runs = json.loads(site("history", "--format", "json").out)["runs"]
    assert [(run["run"], run["differences"], run["primary"]) for run in runs] == [
        (3, 1, "A"),
        (2, 0, "A"),
        (1, 2, "A"),
    ]
    assert len(json.loads(site("history", "--limit", "2", "--format", "json").out)["runs"]) == 2
    life = json.loads(site("history", "role:X", "--format", "json").out)["times"]
    assert [(each["type"], bool(each["resolved"])) for each in life] == [
        ("changed", False),
        ("changed", True),
    ]
    shown = site("history", "role:x").out
    assert "open" in shown
    assert shown.count("changed") == 2
    assert "never differed" in site("history", "role:z").out
    assert site("history", "--mirror", "Z").out == "no run was kept yet\n"


# -- rules ------------------------------------------------------------------------------------------------------------


def test_rules_are_applied_counted_and_remarked_on(site: Site) -> None:
    site.path.write_text(
        SETTINGS
        + """
[[rule]]
kind = "role"
key = "role:PAY*"
then = "ignore"
because = "payroll runs elsewhere"
[[rule]]
key = "role:x"
property = "Description"
then = "hygiene"
because = "only a text"
[[rule]]
property = "Desc*"
member = "B"
then = "local"
because = "texts differ"
[[rule]]
kind = "role"
member = "C"
then = "ignore"
because = "never needed"
""",
        encoding="utf-8",
    )
    site.path.write_text(
        site.path.read_text(encoding="utf-8").replace("role:PAY*", "role:pay*"), encoding="utf-8"
    )
    ended = site("report", "--format", "json")
    report = json.loads(ended.out)
    drift = next(each for each in report["mirrors"][0]["drifts"] if each["member"]["name"] == "B")
    assert [(each["key"], each["severity"]) for each in drift["differences"]] == [("role:x", "hygiene")]
    assert [(each["key"], each["text"]) for each in drift["notes"] if each.get("by_rule")] == [
        ("role:Payroll", "payroll runs elsewhere")
    ]
    assert drift["summary"]["missing"] == 0
    assert report["remarks"] == [
        "rules 2 (only a text) and 3 (texts differ) say different things of role:x Description: the first counts",
        "rule 4 (never needed) fits nothing that differs: take it out when it is not needed any more",
    ]
    assert ended.err.count("warning: rule") == 2
    assert "Settings: rule 4 (never needed)" in site("report").out
    assert "rule 4" not in site("report", "--kind", "role").out  # a smaller report does not know
