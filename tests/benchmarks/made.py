"""Snapshots of any size for the benchmarks: items of 28 properties, 1 % different, 30 % with local differences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from driftsync.files import ENCODER, encode_item, write_lines
from driftsync.model import FORMAT_VERSION, Coverage, Facts, Header, Item, ItemKey, Member

KIND = "web-application"
PROPERTIES = 28
DIFFERENT, LOCAL = 0.01, 0.30

FLAGS = (
    "AutoCompile",
    "CSPZENEnabled",
    "CSRFToken",
    "DeepSeeEnabled",
    "Enabled",
    "JWTAuthEnabled",
    "LockCSPName",
    "Recurse",
)
NUMBERS = (
    "AutheEnabled",
    "JWTAccessTokenTimeout",
    "JWTRefreshTokenTimeout",
    "ServeFiles",
    "ServeFilesTimeout",
    "Timeout",
    "Type",
    "UseCookies",
)
TEXTS = (
    "ChangePasswordPage",
    "CookiePath",
    "Description",
    "DispatchClass",
    "ErrorPage",
    "EventClass",
    "GroupById",
    "LoginPage",
    "NameSpace",
    "Package",
    "Resource",
)


def properties(number: int) -> dict[str, Any]:
    """Return the 28 compared properties of item `number`."""
    made: dict[str, Any] = {name: bool(number % (place + 2)) for place, name in enumerate(FLAGS)}
    made |= {name: number % 977 + place for place, name in enumerate(NUMBERS)}
    made |= {name: f"Site.{name}.{number % 5000}" for name in TEXTS}
    made["MatchRoles"] = [f":%DB_{number % 50}", f"Role{number % 31}:Added"]
    assert len(made) == PROPERTIES
    return made


def items(count: int, *, member: bool) -> Iterator[Item]:
    """Yield items in the order of their keys, as the primary or as the member has them."""
    for number in range(count):
        compared = properties(number)
        if member and number % int(1 / DIFFERENT) == 7:
            compared["Timeout"] = 1_000_000 + number
            compared["MatchRoles"] = [*compared["MatchRoles"], "Extra:Role"]
        local = {"Path": f"/data/{'b' if member and number % 10 < LOCAL * 10 else 'a'}/csp/{number}/"}
        yield Item(key=ItemKey(KIND, "", f"/csp/app{number:08d}"), compared=compared, local=local)


def header(name: str, count: int) -> Header:
    return Header(
        format_version=FORMAT_VERSION,
        driftsync="bench",
        member=Member(name=name),
        taken_at="2026-01-01T00:00:00+00:00",
        items=count,
        facts=Facts(release="2024.1"),
        coverage={KIND: Coverage.WHOLE},
    )


def snapshot_file(folder: Path, name: str, count: int, *, member: bool) -> Path:
    """Write a snapshot file without holding it in memory."""
    path = folder / f"{name}-{count}.jsonl"
    with path.open("wb") as file:
        write_lines(
            header(name, count), (encode_item(item) + b"\n" for item in items(count, member=member)), file
        )
    return path


def documents(count: int, *, member: bool) -> dict[str, dict[str, Any]]:
    """Return the same items as plain data, for tools that compare whole documents."""
    return {
        item.key.match: msgspec.json.decode(ENCODER.encode(item.compared))
        for item in items(count, member=member)
    }
