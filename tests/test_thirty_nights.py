"""Thirty nights of one mirror, read through the real driver from members that change, fall silent and fail over.

`tests/nights/LANGUAGE/NN.txt` is what an administrator reads in the morning; `--update-expected` rewrites, and reviewing that
diff is the test. What must never happen is asserted in words below.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from driftsync.cli.exits import Exit, FailOn, exit_of_report
from driftsync.cli.reading import read_members
from driftsync.cli.reported import Looking, Reading, report_on
from driftsync.comparing import Lines, Scope
from driftsync.errors import DriftsyncError
from driftsync.lab.instance import SimulatedInstance
from driftsync.language import LANGUAGES, choose
from driftsync.model import Drift, MirrorReport, Origin, Report, Standing
from driftsync.remembering import accept, named, not_accepted, open_now
from driftsync.reporting.terminal import print_report
from driftsync.settings import Settings, read_settings
from driftsync.store import Store
from tests.mirrors import Served, served
from tests.nights import FIRST

FOLDER = Path(__file__).parent / "nights"
MIRROR = "HOSPITAL"
A, B, DR, RPT = "HOSPA", "HOSPB", "HOSPDR", "HOSPRPT"
EVERYBODY = (A, B, DR, RPT)
RULES = """
[[rule]]
kind = "device"
key = "device:LABELS"
property = "PhysicalDevice"
member = "HOSPDR"
then = "local"
because = "the second site has its own printers"
"""
SCOPE = Scope(
    only=frozenset({
        "role", "user", "resource", "service", "device", "web-application", "task", "instance-setting", "database",
        "namespace", "global-mapping",
    })
)  # fmt: skip
"""So that thirty nights are read in seconds."""
JOURNALS = ("instance-setting:Journal/CurrentDirectory", "instance-setting:Journal/AlternateDirectory")
"""Each member has a directory of its own: three that never agree."""
EXPIRES = 20
"""The night that is the last day of what was accepted on the first."""
CRASHED, BACK, RETURNS, APART, SKIPPED = 14, 15, 24, 26, 28


@dataclass
class Hospital:
    """The mirror in this process, what was last read of each member, and who cannot be reached."""

    running: Served
    folder: Path
    read: dict[str, Lines | DriftsyncError] = field(default_factory=dict)
    touched: set[str] = field(default_factory=lambda: set(EVERYBODY))
    silent: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> SimulatedInstance:
        """Return a member in order to change it; it is read again."""
        self.touched.add(name)
        return self.running.members[name]

    def on(self, names: tuple[str, ...], change: Callable[[SimulatedInstance], object]) -> None:
        for name in names:
            change(self[name])

    def settings(self, rules: str = "") -> Settings:
        ports = {**self.running.ports, **dict.fromkeys(self.silent, 1)}
        path = Served(self.running.mirror, self.running.members, ports).settings(
            self.folder / "driftsync.toml"
        )
        path.write_text(path.read_text(encoding="utf-8") + rules, encoding="utf-8")
        return read_settings(path)

    def members(self, settings: Settings) -> dict[str, Lines | DriftsyncError]:
        """Read the members that changed or cannot be reached; the others are as they were."""
        wanted = [name for name in EVERYBODY if name in self.touched | self.silent]
        if wanted:
            self.read |= read_members(wanted, settings, SCOPE, whole=[], quiet=True)
        self.touched = set(self.silent)
        return {name: self.read[name] for name in EVERYBODY}


def role(name: str, description: str) -> Callable[[SimulatedInstance], object]:
    return lambda member: member.change("Security.Roles", {"Name": name}, {"Description": description})


def new_role(name: str) -> Callable[[SimulatedInstance], object]:
    return lambda member: member.add(
        "Security.Roles", Name=name, Description=name, Resources=[], GrantedRoles=[]
    )


def user(name: str, who: str, day: int, **values: object) -> Callable[[SimulatedInstance], object]:
    edited = {"LastModifiedUsername": who, "LastModifiedDateTime": f"{67875 + day},36000"}
    return lambda member: member.change("Security.Users", {"Name": name}, {**edited, **values})


def device(name: str, path: str) -> Callable[[SimulatedInstance], object]:
    return lambda member: member.change("Config.Devices", {"Name": name}, {"PhysicalDevice": path})


def application(name: str, seconds: int) -> Callable[[SimulatedInstance], object]:
    return lambda member: member.change("Security.Applications", {"Name": name}, {"Timeout": seconds})


def fail_over(hospital: Hospital) -> None:
    hospital.running.mirror.fail_over()
    hospital.touched |= {A, B}


def come_apart(hospital: Hospital, status: str) -> None:
    """Let the backup say that it is the primary too, or no longer."""
    hospital.running.mirror.state_of(hospital[B]).status = status


def happens(night: int, hospital: Hospital) -> None:  # noqa: PLR0915 - a story has as many sentences as it needs
    """Carry out what people and machines did on the day before a night."""
    others = (B, DR, RPT)
    match night:
        case 1:  # a real mirror is never wholly clean
            hospital[B].remove("Security.Roles", {"Name": "LabTech"})
            hospital.on((DR,), device("LABELS", "/dev/labels-2"))
            hospital.on((RPT,), application("/emr", 1200))
        case 3:
            hospital.on((A,), role("Doctor", "Doctors and locums"))
        case 4:
            hospital.on((B, DR), role("Doctor", "Doctors and locums"))
        case 5:
            hospital.on((RPT,), role("Doctor", "Doctors and locums"))
        case 6:
            hospital.on((B,), user("Admin", "jdoe", 6, FullName="J. Doe"))
        case 8:
            hospital.on((A,), user("Admin", "msmith", 8, FullName="M. Smith"))
        case 9:
            hospital.silent = {DR}
            hospital.on((A, B), new_role("Pharmacist"))
        case 10:
            hospital.silent = set()
            hospital.touched.add(DR)
        case 11:
            hospital.on((DR, RPT), new_role("Pharmacist"))
            hospital.on(others, user("Admin", "msmith", 11, FullName="M. Smith"))
        case 13:
            hospital[B].faults.absent_classes |= {"Security.Roles"}
        case 14:
            hospital[B].faults.absent_classes -= {"Security.Roles"}
            fail_over(hospital)
            hospital.silent = {A}
        case 15:
            hospital.silent = set()
            hospital.touched.add(A)
        case 16:
            hospital.on((B,), application("/lab/api", 900))
        case 17:
            hospital.on((A, DR, RPT), application("/lab/api", 900))
        case 18:
            hospital.on((DR,), new_role("Surveyor"))
        case 23:
            hospital.on((RPT,), application("/emr", 1800))
        case 24:
            fail_over(hospital)
        case 26:
            come_apart(hospital, "PRIMARY")
        case 27:
            come_apart(hospital, "BACKUP")
        case 29:
            hospital[B].add(
                "Security.Roles", **hospital.running.members[A].where("Security.Roles", Name="LabTech")
            )
            hospital.on((RPT,), application("/emr", 900))
            hospital[DR].remove("Security.Roles", {"Name": "Surveyor"})


@dataclass
class Morning:
    """What one night told."""

    report: Report
    texts: dict[str, str]
    """By language."""
    exit: Exit
    exit_new: Exit

    @property
    def mirror(self) -> MirrorReport:
        return self.report.mirrors[0]

    @property
    def standings(self) -> dict[tuple[str, str], Standing]:
        assert self.mirror.night is not None
        return {(each.member, each.key): each for each in self.mirror.night.standings}

    @property
    def drifts(self) -> dict[str, Drift]:
        return {drift.member.name: drift for drift in self.mirror.drifts}


def at(night: int) -> date:
    return (FIRST + timedelta(days=night)).date()


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Morning]]:
    folder = tmp_path_factory.mktemp("thirty")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DRIFTSYNC_KEY_FILE", str(folder / "key"))
        patch.setattr(SimulatedInstance, "moment", lambda _self: "67875,36000.000000")
        running = stack.enter_context(
            served()
        )  # its accounts are all made at that moment, however slow it is
        store = stack.enter_context(Store(folder / "store.sqlite"))
        hospital = Hospital(running, folder)
        for member in running.members.values():
            for row in member.storage.rows("Security.Users"):
                user(str(row["Name"]), "", 0)(member)
        found: dict[int, Morning] = {}
        for night in range(1, 31):
            happens(night, hospital)
            if night != SKIPPED:
                found[night] = a_night(night, hospital, store)
        yield found


def a_night(night: int, hospital: Hospital, store: Store) -> Morning:
    settings = hospital.settings(RULES if night >= 12 else "")
    now = FIRST + timedelta(days=night)
    reading = Reading(now, now + timedelta(seconds=9), hospital.members(settings))
    report = report_on(settings, {MIRROR: reading}, [MIRROR], Looking(SCOPE), store=store, at=now)
    words = {"reason": "known since the first night", "owner": "mirror team", "at": reading.ended}
    if night == 1:
        found = not_accepted(store, MIRROR, open_now(store, MIRROR), [], now.date())
        accept(store, MIRROR, found, until=at(EXPIRES), **words)  # type: ignore[arg-type]
    if night == 22:
        found = named(open_now(store, MIRROR), ["web-application:/emr", *JOURNALS])
        accept(store, MIRROR, found, until=at(60), **words)  # type: ignore[arg-type]
    return Morning(
        report,
        {each: _read(report, each) for each in LANGUAGES},
        exit_of_report(report),
        exit_of_report(report, FailOn.NEW),
    )


def _read(report: Report, language: str) -> str:
    """Return what a reader of `language` sees of a report."""
    text = io.StringIO()
    choose(language)
    try:
        print_report(report, Console(file=text, width=160, highlight=False, color_system=None))
    finally:
        choose("en")
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("night", [night for night in range(1, 31) if night != SKIPPED])
def test_the_report_of_each_night(
    night: int, language: str, mornings: dict[int, Morning], update_expected: bool
) -> None:
    path = FOLDER / language / f"{night:02}.txt"
    if update_expected:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(mornings[night].texts[language], encoding="utf-8")
    assert path.read_text(encoding="utf-8") == mornings[night].texts[language]


def test_nothing_new_is_ever_missed(mornings: dict[int, Morning]) -> None:
    """A difference that the last reading of a member against this primary did not show is told as new."""
    last: dict[tuple[str, str], dict[str, object]] = {}
    told = 0
    primary = A
    for night, morning in mornings.items():
        if morning.mirror.primary and morning.mirror.primary != primary:
            last.clear()
            primary = morning.mirror.primary
        for name, drift in morning.drifts.items():
            now = {each.key: each for each in drift.differences}
            before = last.get((primary, name))
            blind = {gap.kind for gap in drift.gaps}
            for key, difference in now.items():
                if (
                    before is not None
                    and before.get(key) != difference
                    and key.partition(":")[0] not in blind
                ):
                    standing = morning.standings[name, key]
                    changed = key not in before or _values(before[key]) != _values(difference)
                    assert not changed or standing.new, f"night {night}: {key} on {name}"
                    told += changed
            kept = {key: each for key, each in (before or {}).items() if key.partition(":")[0] in blind}
            last[primary, name] = {**kept, **now}
    assert told >= 8


def _values(difference: object) -> object:
    return [getattr(difference, name, None) for name in ("changes", "expected", "actual")]


def test_nothing_accepted_reappears_without_cause(mornings: dict[int, Morning]) -> None:
    for night in range(2, EXPIRES + 1):
        morning = mornings[night]
        for key in ("role:LabTech", "device:LABELS", "web-application:/emr", *JOURNALS):
            for (name, each), standing in morning.standings.items():
                assert each != key or standing.accepted, f"night {night}: {key} on {name}"
    reopened = {
        (night, name, key): standing.reopened.value
        for night, morning in mornings.items()
        for (name, key), standing in morning.standings.items()
        if standing.reopened
    }
    assert reopened == {
        (EXPIRES + 1, A, "role:LabTech"): "expired",
        (EXPIRES + 1, DR, "role:LabTech"): "expired",
        (EXPIRES + 1, RPT, "web-application:/emr"): "expired",
        **{(EXPIRES + 1, name, key): "expired" for name in (A, DR, RPT) for key in JOURNALS},
        (23, RPT, "web-application:/emr"): "changed",
    }


def test_after_the_role_swap_nothing_is_called_an_error_of_the_others(mornings: dict[int, Morning]) -> None:
    for night in (CRASHED, BACK):
        morning = mornings[night]
        assert morning.mirror.primary == B
        assert morning.standings
        for (name, key), standing in morning.standings.items():
            assert not standing.new, f"night {night}: {key} on {name}"
            if key == "role:LabTech":  # what only the new primary lacks
                assert standing.origin is Origin.PRIMARY_ALONE
            assert standing.origin not in {Origin.MEMBER, Origin.BOTH}
    assert mornings[CRASHED].mirror.night.primary_before == A  # type: ignore[union-attr]
    assert not any(standing.new for standing in mornings[RETURNS].standings.values())


def test_who_is_silent_or_refuses_leaves_everything_open(mornings: dict[int, Morning]) -> None:
    for night, member in ((9, DR), (13, B), (CRASHED, A)):
        night_of = mornings[night].mirror.night
        assert night_of is not None
        assert not [each for each in night_of.resolved if each.member == member]
        assert mornings[night].exit in {Exit.DRIFT, Exit.INCOMPLETE}
    apart = mornings[APART].mirror
    assert (apart.primary, apart.drifts, len(apart.unreadable)) == ("", [], 4)
    assert apart.night is not None
    assert (apart.night.resolved, apart.night.unseen) == ([], len(mornings[APART - 1].standings))
    assert not any(standing.new for standing in mornings[APART + 1].standings.values())


def test_origins_tell_who_moved(mornings: dict[int, Morning]) -> None:
    told = {night: mornings[night].standings for night in mornings}
    assert {told[3][name, "role:Doctor"].origin for name in (B, DR, RPT)} == {Origin.PRIMARY}
    assert told[6][B, "user:Admin"].origin is told[7][B, "user:Admin"].origin is Origin.MEMBER
    assert told[8][B, "user:Admin"].origin is Origin.BOTH
    assert told[8][DR, "user:Admin"].origin is Origin.PRIMARY
    assert told[10][DR, "role:Pharmacist"].origin is Origin.PRIMARY
    assert told[18][DR, "role:Surveyor"].origin is Origin.MEMBER
    assert "on the member 2026-11-" in mornings[6].texts["en"]
    assert "by jdoe" in mornings[6].texts["en"]


def test_a_nightly_job_fails_on_new_only_where_something_is_new(mornings: dict[int, Morning]) -> None:
    failing = {night for night, morning in mornings.items() if morning.exit_new is Exit.DRIFT}
    assert failing == {1, 3, 6, 8, 10, 16, 18, EXPIRES + 1, 23}
    assert mornings[30].exit is Exit.CLEAN
    assert mornings[29].mirror.night.missed == 1  # type: ignore[union-attr]


def test_the_golden_files_are_those_of_the_nights() -> None:
    assert {str(each.relative_to(FOLDER).with_suffix("")) for each in FOLDER.rglob("*.txt")} == {
        str(Path(language) / f"{night:02}")
        for night in range(1, 31)
        for language in LANGUAGES
        if night != SKIPPED
    }
