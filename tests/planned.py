"""Snapshots and plans as tests of planning need them: every kind whole, so that nothing is withheld for want of reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from driftsync.comparing import compare
from driftsync.files import ENCODER, SnapshotInMemory
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import all_kinds
from driftsync.kinds.making import Maker, RawItem
from driftsync.model import (
    FORMAT_VERSION,
    Coverage,
    Drift,
    Facts,
    Header,
    Item,
    Member,
    MemberRole,
    Plan,
    Snapshot,
    Terms,
)
from driftsync.planning import Known, Wish, plan
from driftsync.planning.withholding import INTEROPERABLE

AT = datetime(2026, 11, 21, 9, 0, tzinfo=timezone.utc)
FINGERPRINTER = Fingerprinter(b"k" * 32)
MGR = {"primary": "/usr/a/mgr/", "member": "/usr/b/mgr/"}
ANYTHING = Terms(adopt=list(all_kinds()), prune=list(all_kinds()), prune_limit=1000, include_secrets=True)
"""Terms under which nothing is held back but what always is."""

Records = Mapping[str, Iterable[Mapping[str, Any]]]
"""Kind → raw properties of its items."""


def snapshot(
    side: str, records: Records, *, without: Iterable[str] = (), facts: Facts | None = None
) -> Snapshot:
    """Return one side, which saw every kind whole but those in `without`."""
    paths = {"mgr": MGR[side]}
    items = [
        Maker(FINGERPRINTER, paths).make(RawItem(all_kinds()[kind], dict(record)))[0]
        for kind, each in records.items()
        for record in each
    ]
    return of(
        side, items, without=without, facts=facts or Facts(paths=paths, observed={INTEROPERABLE: NAMESPACES})
    )


NAMESPACES = {"APP": False, "LAB": False, "FLOW": True}


def of(side: str, items: Iterable[Item], *, without: Iterable[str] = (), facts: Facts) -> Snapshot:
    sorted_items = tuple(sorted({item.key.match: item for item in items}.values(), key=lambda item: item.key))
    return Snapshot(
        header=Header(
            format_version=FORMAT_VERSION,
            driftsync="test",
            member=Member(
                name=side,
                role=MemberRole.PRIMARY if side == "primary" else MemberRole.BACKUP,
                mirror="HOSPITAL",
            ),
            taken_at="2026-11-21T08:30:00+00:00",
            items=len(sorted_items),
            facts=facts,
            coverage={kind: Coverage.WHOLE for kind in all_kinds() if kind not in without},
        ),
        items=sorted_items,
    )


def planned(
    primary: Snapshot,
    member: Snapshot,
    terms: Terms = ANYTHING,
    known: Mapping[str, Known] | None = None,
    **wish: Any,
) -> Plan:
    """Return the plan between two snapshots."""
    a, b = SnapshotInMemory(primary), SnapshotInMemory(member)
    return plan(compare(a, b), a, b, Wish(terms=terms, known=known or {}, **wish), AT)


def drift(primary: Snapshot, member: Snapshot) -> Drift:
    return compare(SnapshotInMemory(primary), SnapshotInMemory(member))


def shown(made: Plan) -> dict[str, Any]:
    """Return what plan.json holds of a plan: what is at its default is left out."""
    found = json.loads(ENCODER.encode(made))
    names = {"actions": {"number", "digest_before", "digest_rule", "kind"}, "withheld": {"kind"}}
    return {
        part: [
            {
                name: value
                for name, value in each.items()
                if name not in hidden and value not in ("", [], {}, None, False)
            }
            for each in found[part]
        ]
        for part, hidden in names.items()
    }
