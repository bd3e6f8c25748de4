"""Plans as tests need them: made by hand, or out of two members, without asking who is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from driftsync.comparing import compare
from driftsync.kinds import all_kinds, creation_order, declaration, parse_key
from driftsync.kinds.spec import WHETHER_SET, Kind, Treat
from driftsync.model import (
    FORMAT_VERSION,
    Action,
    Changed,
    Conflict,
    Difference,
    Epoch,
    Extra,
    ItemKey,
    MemberRole,
    Missing,
    Plan,
    PlannedFor,
    Secret,
    Snapshot,
    Sort,
    Terms,
    Withheld,
)
from driftsync.planning.values import identity_of


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


def from_drift(primary: Snapshot, member: Snapshot, kinds: Iterable[str]) -> Plan:
    """Return a plan that makes the member as the primary is: what differs, in the order in which kinds need each other.

    What belongs to one host is left out, and so are mirrored databases, which nobody writes on a backup.
    """
    drift = compare(primary, member)
    order, wanted, paths = creation_order(), set(kinds), member.header.facts.paths
    found = [each for each in drift.differences if each.key.partition(":")[0] in wanted]
    found.sort(key=lambda each: (isinstance(each, Extra), order.index(each.key.partition(":")[0]), each.key))
    mirrored = {str(item.key) for item in primary.items if item.compared.get("MirrorSetName")}
    made = [_action(each, paths) for each in found if each.key not in mirrored]
    return plan(each for each in made if each is not None)


def _action(difference: Difference, paths: Mapping[str, str]) -> Action | None:
    key = parse_key(difference.key)
    kind = all_kinds()[key.kind]
    names = identity_of(kind, key)
    words: dict[str, Any] = {"key": difference.key, "namespace": key.namespace}
    if isinstance(difference, Extra):
        return action(key.kind, names, Sort.DELETE, before=dict(difference.actual), **words)
    if isinstance(difference, Missing):
        values, before, sort = dict(difference.expected), {}, Sort.CREATE
    elif isinstance(difference, Changed):
        values = {change.property: change.expected for change in difference.changes}
        before, sort = {change.property: change.actual for change in difference.changes}, Sort.CHANGE
    else:
        return None
    if any(name.endswith(WHETHER_SET) for name in values):
        return None
    secrets = [name for name in values if is_secret(kind, key, name, values[name])]
    sets = {name: _here(value, paths) for name, value in values.items() if name not in secrets}
    before = {name: before[name] for name in before if name not in secrets}
    return action(key.kind, names, sort, sets=sets, before=before, secrets=secrets, **words)


def is_secret(kind: Kind, key: ItemKey, name: str, value: Any) -> bool:
    declared = declaration(kind, key.namespace, key.identity, name)
    return isinstance(value, Secret) or (declared is not None and declared.treat is Treat.SECRET)


def _here(value: Any, paths: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda named: paths[named[1]].rstrip("/"), value)
    return [_here(each, paths) for each in value] if isinstance(value, list) else value
