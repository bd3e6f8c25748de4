"""The same member, read live through the driver, from its exports, and from its collection, is the same member."""

from __future__ import annotations

import os
from typing import Any

import pytest

from driftsync.comparing import compare
from driftsync.connections import open_member
from driftsync.documents import read_member
from driftsync.extracting import extract
from driftsync.lab.instance import RELEASES
from driftsync.lab.instance.collecting import write_collection
from driftsync.lab.instance.folders import write_exports
from driftsync.lab.scenarios import PASSWORDS, build
from driftsync.lab.serving import Server
from driftsync.model import Coverage, Member, Snapshot
from driftsync.settings import Login
from tests.documents import FINGERPRINTER, items
from tests.mirrors import LOOPBACK, VARIABLE

BACKUP = 1


@pytest.fixture(scope="module", params=RELEASES)
def three(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    """Read the backup of the hospital, which has every sort of drift, in all three ways."""
    instance = build("hospital", request.param).states[BACKUP].instance
    folder = tmp_path_factory.mktemp("member")
    write_exports(instance, folder / "exports")
    write_collection(instance, folder / "collection")
    os.environ[VARIABLE] = PASSWORDS["_SYSTEM"]
    with Server(instance, tls=None, faults=[]) as server:
        words: dict[str, Any] = {
            "host": LOOPBACK,
            "port": server.port,
            "user": "_SYSTEM",
            "tls": False,
            "deadline": 20.0,
        }
        login = Login(password_reference=f"env:{VARIABLE}", **words)
        live = extract(
            lambda: open_member(login, "HOSPB", folder), Member(name="HOSPB"), fingerprinter=FINGERPRINTER
        )
    return {"live": live} | {
        name: read_member(folder / name, fingerprinter=FINGERPRINTER, member=Member(name="HOSPB"))
        for name in ("exports", "collection")
    }


@pytest.mark.parametrize(
    ("one", "other"), [("live", "collection"), ("live", "exports"), ("exports", "collection")]
)
def test_the_same_items_wherever_both_can_show_them(three: dict[str, Snapshot], one: str, other: str) -> None:
    first, second = three[one], three[other]
    both = {
        kind
        for kind, coverage in first.header.coverage.items()
        if coverage is second.header.coverage.get(kind) is Coverage.WHOLE
    }
    assert len(both) > 30
    mine, theirs = (
        {key for key, item in items(each).items() if item.key.kind in both} for each in (first, second)
    )
    assert mine == theirs
    drift = compare(first, second)
    assert not [each for each in drift.differences if each.kind != "mirror-member"]
