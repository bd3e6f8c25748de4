"""What every test has: its own key and state, a switch to rewrite expected files, profiles for hypothesis."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from driftsync.language import choose

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]

settings.register_profile("default", max_examples=60, deadline=None, suppress_health_check=SLOW)
settings.register_profile("soak", max_examples=5_000, deadline=None, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell ignores Ctrl-C in what it starts with &, and so would every process that a test means to interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


READ_ONCE = {
    "test_applying_killed", "test_check_command", "test_check_nonsense", "test_check_refusals", "test_check_scenarios", "test_checking",
    "test_extracting", "test_plan_command", "test_rehearsing", "test_rehearsing_laws", "test_rendering_as_applied",
    "test_rendering_live", "test_thirty_nights",
}  # fmt: skip
"""Files that read members of the lab for all their tests: one process of `-n` runs all of such a file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in READ_ONCE:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-expected", action="store_true", help="rewrite expected files; review the diff")


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the key and the settings of the person who runs it."""
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("DRIFTSYNC_KEY_FILE", str(state / "fingerprint.key"))
    monkeypatch.setenv("DRIFTSYNC_STORE", str(state / "store.sqlite"))
    monkeypatch.setenv("COLUMNS", "120")
    return state


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every test begin in English, whatever the locale of the person who runs it."""
    for name in ("LANGUAGE", "DRIFTSYNC_LANG"):
        monkeypatch.setenv(name, "")  # so that what a command leaves there is taken back
        monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    choose("en")
    yield
    choose("en")


@pytest.fixture
def update_expected(request: pytest.FixtureRequest) -> bool:
    """Say whether expected files are to be rewritten."""
    return bool(request.config.getoption("--update-expected"))


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run the command line as the console script does, in this process."""
    from driftsync.cli import main

    def run(*words: object) -> Ended:
        capfd.readouterr()
        monkeypatch.delenv("LANGUAGE", raising=False)  # what the command before this one chose
        monkeypatch.setattr(sys, "argv", ["driftsync", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capfd.readouterr()
        return Ended(code, captured.out, captured.err)

    return run
