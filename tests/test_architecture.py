"""The arrows of the design, drawn from the imports; any other arrow fails, and so does a module without a place."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "driftsync"

LEVELS = [
    {"__init__", "__main__"},
    {"cli"},
    {"delivering", "applying"},
    {"reporting", "extracting", "remembering", "checking", "rehearsing", "ruling", "planning"},
    {"comparing", "documents", "connections", "store", "checks", "rendering"},
    {"access"},
    {"kinds"},
    {"normalize", "settings", "files", "fingerprinting", "serial_list", "logs", "statuses"},
    {"model", "lab"},
    {"errors"},
    {"language", "version", "interrupting"},
]
"""Rooms, highest first. A module may import from lower levels, and from its own room."""

HOMES = {
    "deepdiff": {"comparing"},
    "lxml": {"documents"},
    "rich": {"cli", "reporting"},
    "typer": {"cli"},
    "jinja2": {"delivering", "reporting"},
    "markupsafe": {"delivering"},
    "iris": {"connections"},
    "keyring": {"connections"},
    "sqlglot": {"lab"},
    "cryptography": {"lab"},
    "filelock": {"applying", "fingerprinting", "store"},
    "platformdirs": {"fingerprinting", "store"},
    "tomllib": {"settings"},
    "tomli": {"settings"},
}
"""Each third-party package and the rooms that may import it; msgspec may be used everywhere above `errors`."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "driftsync")


def level(name: str) -> int:
    found = [position for position, rooms in enumerate(LEVELS) if name in rooms]
    assert found, f"{name} has no place in the picture: give it one in LEVELS"
    return found[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_downward(path: Path) -> None:
    here = room(path)
    for name in imports(path):
        if not name.startswith("driftsync."):
            continue
        there = name.split(".")[1]
        if not (PACKAGE / there).is_dir() and not (PACKAGE / f"{there}.py").is_file():
            continue  # a name out of driftsync/__init__.py
        if here in {there, "__main__"}:
            continue
        assert level(here) < level(there), (
            f"{path.relative_to(PACKAGE)} imports {name}, which stands above it"
        )


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_package_has_one_home(path: Path) -> None:
    for name in imports(path):
        homes = HOMES.get(name.partition(".")[0])
        assert homes is None or room(path) in homes, (
            f"{path.relative_to(PACKAGE)} imports {name}; its home is {homes}"
        )


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400, "look for the seam"
    docstring = ast.get_docstring(ast.parse(text)) or ""
    first = docstring.split("\n")[0]
    assert first.startswith(("This module ", "This package ", "driftsync: ")), f"says {first!r}"


def test_no_room_is_a_cupboard() -> None:
    names = {path.stem for path in modules()} | {path.name for path in PACKAGE.rglob("*") if path.is_dir()}
    assert not names & {"utils", "helpers", "core", "base", "manager", "common", "misc"}


def loaded_by(code: str, *names: str) -> str:
    said = f"import sys\n{code}\nprint([name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_help_loads_nothing_heavy() -> None:
    heavy = ("deepdiff", "lxml", "jinja2", "msgspec", "iris", "platformdirs", "smtplib", "http.client")
    assert loaded_by("from driftsync.cli import build\nbuild()", *heavy) == "[]"


def test_the_child_of_a_connection_loads_nothing_but_the_driver() -> None:
    child = "import driftsync.__main__, driftsync.connections.iris"
    assert (
        loaded_by(child, "msgspec", "typer", "driftsync.settings", "driftsync.model", "driftsync.cli") == "[]"
    )


def test_every_kind_can_be_created_after_what_it_refers_to() -> None:
    from driftsync.kinds import all_kinds, creation_order

    order = creation_order()
    assert sorted(order) == sorted(all_kinds())
    for name, kind in all_kinds().items():
        assert all(order.index(other) < order.index(name) for other in kind.creation_after()), name
