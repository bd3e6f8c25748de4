"""`plan` and `sync` as a user runs them, over the hospital of the lab read through the driver: words, JSON, file, exits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace
from rich.console import Console

from driftsync.comparing import compare
from driftsync.connections import Address, connect
from driftsync.extracting import Wanted, extract
from driftsync.files import SnapshotInMemory, write_snapshot, written_whole
from driftsync.fingerprinting import Fingerprinter, own_fingerprinter
from driftsync.kinds import all_kinds
from driftsync.lab.instance import SimulatedMirror
from driftsync.lab.scenarios import PASSWORDS, build, own_directories
from driftsync.lab.serving import Server
from driftsync.language import choose
from driftsync.model import Hazard, Item, Member, Snapshot, Terms
from driftsync.planning import Wish, check_plan, plan, read_plan
from driftsync.reporting.plan import print_plan

Cli = Callable[..., Any]
GOLDEN = Path(__file__).parent / "plans"
SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "plan.json").read_text(encoding="utf-8"))
AT = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)
SETTINGS = """
[mirror.HOSPITAL]
primary = "HOSPA"
[member.HOSPA]
source = "a.snapshot"
[member.HOSPB]
source = "b.snapshot"
[sync]
protected = ["operator"]
minutes = 30
"""


@pytest.fixture(scope="module")
def hospital() -> tuple[Snapshot, Snapshot]:
    """Read primary and backup once, and see that nothing was written by it."""
    mirror = build("hospital", "2024.1")
    first, second = (read(mirror, place) for place in (0, 1))
    return first, second


def read(mirror: SimulatedMirror, place: int) -> Snapshot:
    instance = mirror.states[place].instance
    with Server(instance) as server:
        address = Address(
            "127.0.0.1", server.port, user="driftsync", password=PASSWORDS["driftsync"], deadline=20.0
        )
        return extract(
            partial(connect, address, instance.name),
            Member(name=instance.name.partition("/")[0]),
            fingerprinter=Fingerprinter(b"k" * 32),
            wanted=Wanted(directories=own_directories(instance.name)),
        )


def holding(snapshot: Snapshot, items: Iterable[Item]) -> Snapshot:
    """Return a snapshot of the same member with other items."""
    held = tuple(items)
    return Snapshot(header=replace(snapshot.header, items=len(held)), items=held)


class Site:
    """Two members kept as snapshots, and the commands over them."""

    def __init__(self, cli: Cli, folder: Path, snapshots: tuple[Snapshot, Snapshot]) -> None:
        self.cli, self.folder = cli, folder
        (folder / "driftsync.toml").write_text(SETTINGS, encoding="utf-8")
        for name, each in zip("ab", snapshots, strict=True):
            self.holds(name, each)

    def holds(self, name: str, snapshot: Snapshot) -> None:
        with written_whole(self.folder / f"{name}.snapshot") as file:
            write_snapshot(snapshot, file)

    def __call__(self, command: str, *words: object) -> Any:
        return self.cli(command, "--settings", self.folder / "driftsync.toml", *words)

    def json(self, command: str, *words: object) -> dict[str, Any]:
        ended = self(command, "--format", "json", *words)
        assert ended.err == ""
        found: dict[str, Any] = json.loads(ended.out)
        jsonschema.validate(found, SCHEMA)
        return found


@pytest.fixture
def site(cli: Cli, tmp_path: Path, hospital: tuple[Snapshot, Snapshot]) -> Site:
    return Site(cli, tmp_path, hospital)


@pytest.mark.parametrize(("language", "name"), [("en", "hospital.txt"), ("zh_CN", "hospital.zh_CN.txt")])
def test_what_would_be_done_to_the_hospital(
    hospital: tuple[Snapshot, Snapshot], language: str, name: str, update_expected: bool
) -> None:
    import io

    choose(language)
    a, b = (SnapshotInMemory(each) for each in hospital)
    terms = Terms(adopt=list(all_kinds()), prune=["namespace:SANDBOX", "role:TryRole"], include_secrets=True)
    made = plan(compare(a, b), a, b, Wish(terms=terms), AT)
    text = io.StringIO()
    print_plan(Console(file=text, width=160, color_system=None), made)
    told = "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())
    if update_expected:
        (GOLDEN / name).write_text(told, encoding="utf-8")
    assert told == (GOLDEN / name).read_text(encoding="utf-8")
    assert "not-a-real-secret" not in told


def test_sync_without_apply_shows_what_plan_shows_and_writes_nothing(site: Site) -> None:
    before = sorted((path.name, path.stat().st_mtime_ns) for path in site.folder.iterdir())
    shown, planned = site("sync"), site("plan")
    assert shown.code == planned.code == 1
    assert "Nothing was written to any member." in shown.out
    assert shown.out == planned.out
    assert sorted((path.name, path.stat().st_mtime_ns) for path in site.folder.iterdir()) == before


def test_without_a_baseline_only_additions_are_planned(site: Site) -> None:
    found = site.json("plan")
    assert {each["sort"] for each in found["actions"]} == {"create"}
    assert "user:locum" not in {each["key"] for each in found["actions"]}, "its password is a secret"
    assert found["terms"]["prune_limit"] == 10


def test_the_file_is_sealed_expires_and_is_checked(site: Site) -> None:
    file = site.folder / "plan.json"
    ended = site("plan", "--adopt", "role", "--kind", "role", "-o", file)
    assert f"sync --plan {file} --apply` carries it out: once" in ended.out
    shown = site("sync", "--plan", file)
    assert (shown.code, shown.out) == (1, ended.out), "a plan that was kept is shown as it was"
    assert json.loads(site("sync", "--plan", file, "--format", "json").out)["seal"] == read_plan(file).seal
    made = read_plan(file)
    assert {each.kind for each in made.actions} == {"role"}
    check_plan(made, own_fingerprinter(), datetime.now(timezone.utc))
    lasts = datetime.fromisoformat(made.expires_at) - datetime.fromisoformat(made.created_at)
    assert lasts.total_seconds() == 30 * 60
    assert made.mirror_guid
    assert made.primary.guid != made.member.guid


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="Linux has a disk that is always full")
def test_a_disk_that_is_full_is_an_error_and_a_device_is_never_replaced(site: Site) -> None:
    ended = site("plan", "--kind", "role", "-o", "/dev/full")
    assert (ended.code, "No space left on device" in ended.err) == (2, True)
    assert Path("/dev/full").is_char_device()
    assert site("plan", "-o", site.folder).code == 2


def test_terms_narrow_the_plan(site: Site) -> None:
    one = site.json("sync", "--item", "role:labtech", "--item", "resource:Lab_Release")
    assert [each["key"] for each in one["actions"]] == ["resource:Lab_Release", "role:LabTech"]
    lacking = site.json("sync", "--item", "role:labtech")
    assert not lacking["actions"]
    assert "resource:Lab_Release" in lacking["withheld"][0]["reason"]
    kept = site.json("sync", "--adopt", "service", "--kind", "service", "--keep", "service:%Service_Telnet")
    assert [each["key"] for each in kept["actions"]] == ["service:%Service_CacheDirect"]
    restart = site.json(
        "sync", "--adopt", "instance-setting", "--kind", "instance-setting", "--allow", "needs-restart"
    )
    assert any(Hazard.NEEDS_RESTART.value in each["hazards"] for each in restart["actions"])


def test_a_refused_plan_ends_with_five_and_the_path(site: Site) -> None:
    ended = site("plan", "--prune", "user:try")
    assert ended.code == 5
    assert "try would be gone, by user:try" in ended.err
    assert "--keep" in ended.err
    assert ended.out == ""


def test_an_account_of_the_settings_is_protected(site: Site, hospital: tuple[Snapshot, Snapshot]) -> None:
    def off(item: Item) -> Item:
        if item.key.match != "user:operator":
            return item
        return Item(key=item.key, compared={**item.compared, "Enabled": False}, local=item.local)

    primary = hospital[0]
    site.holds("a", holding(primary, map(off, primary.items)))
    ended = site("sync", "--overwrite", "user:operator", "--item", "user:operator")
    assert ended.code == 5
    assert "operator could no longer log in" in ended.err


def test_the_primary_is_left_alone_unless_that_is_said(site: Site) -> None:
    ended = site("plan", "--member", "HOSPA")
    assert ended.code == 5
    assert "is the primary" in ended.err
    turned = site.json("plan", "--member", "HOSPA", "--to-primary")
    assert turned["member"]["name"] == "HOSPA"
    assert turned["primary"]["name"] == "HOSPB"
    assert site("plan", "--member", "HOSPB", "--to-primary").code == 5, "the backup is not the primary"
    assert site("plan", "--to-primary").code == 2, "the primary has to be named"


def test_earlier_runs_say_who_moved(site: Site, hospital: tuple[Snapshot, Snapshot]) -> None:
    primary, member = hospital
    site.holds("b", holding(member, primary.items))
    assert site("report", "--quiet").code in {0, 1, 3}
    site.holds("b", member)
    found = site.json("plan", "--item", "service:%Service_Telnet")
    assert not found["actions"]
    (conflict,) = found["conflicts"]
    assert conflict["origin"] == "changed-on-member"
    shown = site("sync", "--item", "service:%Service_Telnet")
    assert shown.code == 1
    assert "Enabled: no on the primary, yes here" in shown.out
    assert "--overwrite service:%Service_Telnet" in shown.out
    over = site.json("sync", "--item", "service:%Service_Telnet", "--overwrite", "service:%service_telnet")
    assert [each["key"] for each in over["actions"]] == ["service:%Service_Telnet"]
    accepted = ("--reason", "clinic", "--owner", "Ann", "--until", "2099-01-01")
    assert site("report", "--quiet").code
    assert site("accept", "service:%Service_Telnet", *accepted).code == 0
    kept = site.json("plan", "--item", "service:%Service_Telnet")
    assert "Ann" in kept["withheld"][0]["reason"]


def test_nothing_to_do_is_said_and_ends_well(site: Site, hospital: tuple[Snapshot, Snapshot]) -> None:
    primary, member = hospital
    site.holds("b", holding(member, primary.items))
    ended = site("sync", "--kind", "role")
    assert "nothing to do: no drift" in ended.out
    assert ended.code in {0, 3}
    assert ended.code == (0 if site.json("sync", "--kind", "role")["complete"] else 3)


def test_a_name_that_fits_nothing_is_said(site: Site) -> None:
    ended = site("sync", "--item", "role:Nobody", "--item", "resource:Emr_Read", "--keep", "role:labtech")
    assert "! role:Nobody: neither member has it" in ended.out
    assert "! resource:Emr_Read: no difference was found" in ended.out
    assert "! role:labtech" not in ended.out


def test_what_could_not_be_read_is_named_where_it_is_asked_for(site: Site) -> None:
    found = site.json("plan")
    assert {each["kind"] for each in found["gaps"]} >= {"database"}
    assert "not read, so nobody knows whether it differs" in site("plan").out
    roles = site.json("plan", "--kind", "role")
    assert (roles["complete"], roles["gaps"]) == (True, [])


def test_what_is_withheld_for_one_reason_stands_together(site: Site) -> None:
    told = site("plan").out
    assert told.count("never seen to agree") == 1
    assert "~ task: EMR/Clean temp, EMR/Night report" in told
    assert "→ --adopt KIND takes the primary's; --overwrite KEY this one only" in told
    one = site("plan", "--item", "user:nina")
    assert "→ --adopt user takes the primary's; --overwrite user:nina this one only" in one.out
    assert "Enabled: no → yes" in site("plan", "--item", "user:nina", "-v").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "rolle"), "did you mean role"),
        (("--prune", "rolle:x"), "did you mean role"),
        (("--overwrite", "role"), "no key of an item"),
        (("--allow", "locks-out"), "needs-restart"),
        (("--member", "HOSPX"), "no member"),
        (("--keep", "role:a", "--overwrite", "role:A"), "both overwritten and kept"),
        (("--yes",), "--yes belongs to --apply"),
    ],
)
def test_words_that_name_nothing_are_refused(site: Site, words: tuple[str, ...], said: str) -> None:
    ended = site("sync", *words)
    assert ended.code == 2
    assert said in ended.err


def test_no_plan_of_the_hospital_holds_a_secret(site: Site) -> None:
    everything = [word for kind in all_kinds() for word in ("--adopt", kind)]
    ended = site("plan", *everything, "--include-secrets", "-o", site.folder / "plan.json")
    assert ended.code == 1
    file = (site.folder / "plan.json").read_text(encoding="utf-8")
    assert "not-a-real-secret" not in file + ended.out
    assert any(each.secrets for each in read_plan(site.folder / "plan.json").actions)
