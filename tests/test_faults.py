"""Whatever goes wrong while a member is read ends in gaps or a clear error, within its deadline; never in a wrong answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from driftsync.comparing import Scope, compare
from driftsync.connections import failures
from driftsync.connections.failures import ConnectionFailed
from driftsync.lab.certificates import make_certificates
from driftsync.lab.scenarios import build
from driftsync.model import Drift, MemberRole, Snapshot
from tests import mirrors
from tests.live import BACKUP, PRIMARY, PROFILES, READER, Reading, compared, found, member_of, read

DEADLINE = 0.5
PATIENT = 20.0
"""Where the fault is no silence, so that a slow machine is not taken for one."""
STARTS = 4
"""Drivers that one extraction may start: the first, two more when the connection is lost, one to spare."""
SECONDS_OF_A_START = 6.0
"""On a machine that has other things to do; the child needs a third of a second for it."""
SILENCES = 2
"""How often a silent member can cost its deadline: once on each of its connections, of which a backup has one."""
BOUND = SILENCES * DEADLINE + STARTS * SECONDS_OF_A_START
"""Seconds that one extraction may take whatever happens."""

BROKEN = ("drop", "garbled", "nonsense", "crash", "hang")
SOME = (
    "namespace", "global-mapping", "database", "web-application", "role", "user", "task", "oauth2-client",
    "ecp-server", "production", "custom-code", "encryption-key",
)  # fmt: skip
"""Kinds of every route, so that a short extraction meets all of them."""
BEFORE_THE_ROLE = 8
"""Messages until a member has said what it is in its mirror."""


class Healthy(NamedTuple):
    """What the two members say when nothing is wrong."""

    primary: Snapshot
    backup: Reading


@cache
def healthy(profile: str, kinds: tuple[str, ...]) -> Healthy:
    mirror = build("clean", profile)
    return Healthy(
        read(member_of(mirror, PRIMARY), kinds=kinds).snapshot, read(member_of(mirror, BACKUP), kinds=kinds)
    )


class Outcome(NamedTuple):
    """What a fault led to."""

    snapshot: Snapshot | None
    drift: Drift | None
    error: ConnectionFailed | None
    seconds: float


def met(profile: str, fault: str, kinds: tuple[str, ...], deadline: float = DEADLINE) -> Outcome:
    """Read the backup with one fault, and compare what came of it with the healthy primary."""
    started = time.monotonic()
    member = member_of(build("clean", profile), BACKUP)
    try:
        snapshot = read(member, fault, deadline=deadline, kinds=kinds).snapshot
    except ConnectionFailed as error:
        return Outcome(None, None, error, time.monotonic() - started)
    seconds = time.monotonic() - started
    scope = Scope(only=frozenset(kinds))
    return Outcome(snapshot, compare(healthy(profile, kinds).primary, snapshot, scope=scope), None, seconds)


def check(profile: str, fault: str, kinds: tuple[str, ...], deadline: float = DEADLINE) -> str:
    """Meet a fault and return what it came to; raises where it led to a wrong answer."""
    outcome = met(profile, fault, kinds, deadline)
    assert outcome.seconds < BOUND, fault
    if outcome.error is not None:
        assert outcome.error.exit_code == 3, fault
        assert outcome.error.hint, fault
        assert "\n" not in outcome.error.message, fault
        return "error"
    assert outcome.snapshot is not None
    assert outcome.drift is not None
    assert found(outcome.drift) == {}, fault  # the two members agree: whatever is found is made up
    for gap in outcome.snapshot.header.gaps:
        assert gap.reason, fault
        assert "Traceback" not in gap.reason, fault
    if outcome.snapshot.header.gaps:
        assert not outcome.drift.complete, fault
        assert not outcome.drift.clean, fault
        return "gaps"
    undisturbed = healthy(profile, kinds).backup.snapshot
    detours = routes(outcome.snapshot).items() - routes(undisturbed).items()
    assert without(outcome.snapshot, detours) == without(undisturbed, detours), fault
    return "unobserved" if outcome.snapshot.header.facts.unobserved else "healed"


def routes(snapshot: Snapshot) -> dict[str, str]:
    assert snapshot.header.extraction is not None
    return {kind: reading.route for kind, reading in snapshot.header.extraction.kinds.items()}


def without(snapshot: Snapshot, detours: Collection[tuple[str, str]]) -> dict[str, object]:
    """Leave out what was read by another route than usual: releases differ in what a class and its query show."""
    kinds = {kind for kind, _route in detours}
    return {key: item for key, item in compared(snapshot).items() if key.partition(":")[0] not in kinds}


def offsets(profile: str, kinds: tuple[str, ...], start: int) -> Iterator[int]:
    """Yield every tenth message of an extraction without faults, but for the last: the driver's good-bye."""
    yield from range(start, healthy(profile, kinds).backup.messages, 10)


@pytest.mark.parametrize(("start", "fault"), list(enumerate(BROKEN, 2)))
def test_every_tenth_message_may_go_wrong(start: int, fault: str) -> None:
    ends = {number: check("2022.1", f"{fault}@{number}", SOME) for number in offsets("2022.1", SOME, start)}
    assert len(ends) >= 9
    assert "gaps" in ends.values(), ends
    if fault in {"hang", "drop", "nonsense"}:
        assert "healed" not in ends.values(), ends  # what was not read is never taken for read


def test_the_role_may_change_at_every_tenth_message() -> None:
    for number in offsets("2022.1", SOME, BEFORE_THE_ROLE + 1):
        outcome = met("2022.1", f"role-change@{number}", SOME, PATIENT)
        assert outcome.snapshot is not None
        assert outcome.drift is not None
        whole, *stopped = outcome.snapshot.header.gaps
        assert whole.kind == "", number
        assert "role changed" in whole.reason
        assert all(
            "reading stopped" in gap.reason for gap in stopped
        )  # where it took longer than two seconds
        assert outcome.snapshot.header.member.role is MemberRole.UNKNOWN
        assert found(outcome.drift) == {}
        assert not outcome.drift.complete


@pytest.mark.soak
@pytest.mark.parametrize("start", range(1, 11))
@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_message_of_a_whole_extraction_may_go_wrong(profile: str, fault: str, start: int) -> None:
    for number in offsets(profile, (), start):
        check(profile, f"{fault}@{number}", ())


def test_latency_within_the_deadline_changes_nothing() -> None:
    assert check("2022.1", "latency=15", ("role", "namespace"), PATIENT) == "healed"


def test_latency_beyond_the_deadline_is_silence() -> None:
    outcome = met("2022.1", "latency=2000", ("role",))
    assert isinstance(outcome.error, failures.MemberSilent)
    assert outcome.seconds < BOUND


def test_a_silent_member_costs_one_deadline_though_it_is_asked_for_fifty_kinds() -> None:
    outcome = met("2025.2", "hang@60", ())
    assert outcome.snapshot is not None
    gaps = {gap.kind for gap in outcome.snapshot.header.gaps}
    assert len(gaps) > 30
    assert outcome.seconds < BOUND


def test_a_member_that_breaks_off_again_and_again_is_given_up() -> None:
    faults = ",".join(f"drop@{number}" for number in range(40, 400, 3))
    outcome = met("2022.1", faults, (), PATIENT)
    assert outcome.snapshot is not None
    assert outcome.drift is not None
    assert len({gap.kind for gap in outcome.snapshot.header.gaps}) > 30
    assert found(outcome.drift) == {}
    assert outcome.seconds < BOUND


def test_a_full_disk_is_no_hindrance_to_reading() -> None:
    assert check("2024.1", "disk-full", SOME, PATIENT) == "healed"


def test_a_wrong_password_is_an_error_with_a_hint() -> None:
    outcome = met("2024.1", "wrong-password", SOME)
    assert isinstance(outcome.error, failures.LoginRefused)
    assert "password" in outcome.error.hint


def test_a_lost_connection_costs_the_kind_that_was_being_read_and_no_other() -> None:
    usual = healthy("2022.1", SOME).backup
    outcome = met("2022.1", f"drop@{usual.messages * 2 // 3}", SOME, PATIENT)
    assert outcome.snapshot is not None
    assert len({gap.kind for gap in outcome.snapshot.header.gaps}) == 1


# -- through the command line ------------------------------------------------------------------------------------


def codes(
    cli: Callable[..., Any],
    tmp_path: Path,
    *faults: str,
    member: str = "HOSPB",
    deadline: float = DEADLINE,
) -> Any:
    """Report on primary and backup, one of them with faults."""
    with mirrors.served("2022.1", faults={member: faults}) as running:
        settings = running.settings(tmp_path / "driftsync.toml", "HOSPA HOSPB", f"deadline = {deadline}")
        return cli("report", "--settings", settings, "--kind", "role", "--kind", "namespace", "--quiet")


def test_the_exit_code_of_members_that_agree_is_0(cli: Callable[..., Any], tmp_path: Path) -> None:
    ended = codes(cli, tmp_path, deadline=PATIENT)
    assert ended.code == 0, ended.err + ended.out


@pytest.mark.parametrize("member", ["HOSPA", "HOSPB"])
@pytest.mark.parametrize(
    "fault", ["hang@45", "hang@3", "drop@50", "crash@3", "nonsense@44", "role-change@30"]
)
def test_the_exit_code_of_what_could_not_be_read_is_3(
    cli: Callable[..., Any], tmp_path: Path, fault: str, member: str
) -> None:
    ended = codes(cli, tmp_path, fault, member=member)
    assert ended.code == 3, ended.out
    assert "Traceback" not in ended.out + ended.err
    assert "no drift" not in ended.out.lower()


def test_the_exit_code_of_a_refused_login_is_3(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mirrors.served("2022.1") as running:
        settings = running.settings(tmp_path / "driftsync.toml", "HOSPA HOSPB")
        monkeypatch.setenv(mirrors.VARIABLE, "not-the-password")
        ended = cli("report", "--settings", settings, "--quiet")
    assert ended.code == 3
    assert "not-the-password" not in ended.out + ended.err
    assert READER not in ended.out or "refused" in ended.out


def test_the_exit_code_of_an_expired_certificate_is_3(cli: Callable[..., Any], tmp_path: Path) -> None:
    expired = make_certificates(tmp_path, expired=True)
    with mirrors.served("2022.1", certificates=expired) as running:
        settings = running.settings(tmp_path / "driftsync.toml", "HOSPA HOSPB")
        text = settings.read_text().replace("tls = false", f'tls = true\nca_file = "{expired.authority}"')
        settings.write_text(text)
        ended = cli("report", "--settings", settings, "--quiet")
    assert ended.code == 3
    assert "expired" in ended.out + ended.err
