"""Plans made by hand, for tests of what shows or renders one; `mending` makes one out of two members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from driftsync.model import (
    FORMAT_VERSION,
    Action,
    Conflict,
    Epoch,
    MemberRole,
    Plan,
    PlannedFor,
    Sort,
    Terms,
    Withheld,
)


def action(
    kind: str, names: dict[str, str], sort: Sort = Sort.CREATE, number: int = 1, **words: Any
) -> Action:
    """Return an action; its key is good enough to be read."""
    key = words.pop("key", f"{kind}:{'/'.join(names.values())}")
    return Action(number=number, sort=sort, kind=kind, key=key, identity=names, digest_before="", **words)


def plan(
    actions: Iterable[Action] = (),
    withheld: Sequence[Withheld] = (),
    conflicts: Sequence[Conflict] = (),
    warnings: Sequence[str] = (),
) -> Plan:
    """Return a plan for the backup of the hospital."""
    side = {"taken_at": "2026-11-20T22:00:00+00:00", "digest": "ab" * 32}
    return Plan(
        format_version=FORMAT_VERSION,
        driftsync="test",
        id="7f3a",
        created_at="2026-11-20T22:05:00+00:00",
        expires_at="2026-11-21T22:05:00+00:00",
        mirror="HOSPITAL",
        mirror_guid="",
        primary=PlannedFor(name="HOSPA", role=MemberRole.PRIMARY, instance="HOSPA/IRIS", **side),
        member=PlannedFor(name="HOSPB", role=MemberRole.BACKUP, instance="HOSPB/IRIS", **side),
        epoch=Epoch(),
        terms=Terms(),
        complete=True,
        actions=[
            each if each.number == place else _numbered(each, place) for place, each in enumerate(actions, 1)
        ],
        withheld=list(withheld),
        conflicts=list(conflicts),
        warnings=list(warnings),
    )


def _numbered(one: Action, number: int) -> Action:
    return msgspec.structs.replace(one, number=number)
