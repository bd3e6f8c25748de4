"""Plans made straight from two snapshots: every difference that can be written is, whatever a policy would say.

What a plan may hold is the business of `planning`; here it is only the means to see that what stands in one is carried out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from driftsync.comparing import compare
from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds, creation_order, declaration, parse_key
from driftsync.kinds.spec import WHETHER_SET, Kind, Shape, Treat
from driftsync.kinds.written import ByObject
from driftsync.lab.instance.mirror import guid_of
from driftsync.model import (
    Action,
    Changed,
    Difference,
    Epoch,
    Extra,
    Hazard,
    Item,
    Missing,
    Plan,
    PlannedFor,
    Secret,
    Snapshot,
    Sort,
    Terms,
)
from driftsync.planning.values import brought_by, identity_of


def everything(
    primary: Snapshot, member: Snapshot, *, only: Iterable[str] = (), deletes: bool = True
) -> Plan:
    """Return a plan with an action for every difference whose kind is written at all."""
    theirs = {item.key.match: item for item in primary.items}
    own = {item.key.match: item for item in member.items}
    order = creation_order()
    made: list[tuple[Any, Action]] = []
    for each in compare(primary, member).differences:
        key = parse_key(each.key).match
        kind = all_kinds()[each.kind]
        action = _action(kind, each, theirs.get(key), own.get(key), member)
        if action is None or (only and each.kind not in only) or (action.sort is Sort.DELETE and not deletes):
            continue
        rank = order.index(each.kind)
        made.append(((1, -rank, each.key) if action.sort is Sort.DELETE else (0, rank, each.key), action))
    ordered = [action for _rank, action in sorted(made, key=lambda one: one[0])]
    return plan_of(primary, member, ordered)


def plan_of(primary: Snapshot, member: Snapshot, actions: list[Action]) -> Plan:
    import msgspec

    now = datetime.now(timezone.utc)
    return Plan(
        format_version=1,
        driftsync="test",
        id="test",
        created_at=now.isoformat(),
        expires_at=(now + timedelta(hours=1)).isoformat(),
        mirror=primary.header.member.mirror,
        mirror_guid=guid_of(f"mirror {primary.header.member.mirror}"),
        primary=_side(primary),
        member=_side(member),
        epoch=Epoch(
            primary_status=str(primary.header.facts.observed.get("mirror.status")),
            member_status=str(member.header.facts.observed.get("mirror.status")),
        ),
        terms=Terms(),
        complete=True,
        actions=[msgspec.structs.replace(action, number=place) for place, action in enumerate(actions, 1)],
        withheld=[],
        conflicts=[],
    )


def _side(snapshot: Snapshot) -> PlannedFor:
    member = snapshot.header.member
    return PlannedFor(
        name=member.name,
        role=member.role,
        instance=member.instance,
        guid=guid_of(f"member {member.instance}"),
        taken_at="",
        digest="",
    )


def _action(
    kind: Kind, each: Difference, theirs: Item | None, own: Item | None, member: Snapshot
) -> Action | None:
    written = kind.written
    if (
        written is None
        or (own and own.compared.get("MirrorDBName"))
        or any(one is not None and one.unread for one in (theirs, own))
    ):
        return None
    item = theirs or own
    assert item is not None
    words: dict[str, Any] = {"kind": each.kind, "key": each.key, "number": 1, "namespace": item.key.namespace}
    words["identity"] = identity_of(kind, item.key) | brought_by(kind, own)
    words["digest_rule"] = digest_of_item(theirs)
    words["digest_before"] = digest_of_item(own) if own else ""
    match each:
        case Missing():
            if isinstance(written, ByObject) and not written.creates:
                return None
            assert theirs is not None
            values = dict(each.expected)
            values |= {
                name: theirs.local[name] for name in getattr(written, "own", ()) if name in theirs.local
            }
            return Action(sort=Sort.CREATE, **words, **_values(kind, item, values, {}, member))
        case Extra():
            if isinstance(written, ByObject) and not written.deletes:
                return None
            hazards = [Hazard.NO_WAY_BACK] if _secret(dict(each.actual)) else []
            return Action(sort=Sort.DELETE, **words, before=_plain(dict(each.actual)), hazards=hazards)
        case Changed():
            wanted = {change.property: change.expected for change in each.changes if not change.unlisted}
            before = {change.property: change.actual for change in each.changes if not change.unlisted}
            found = _values(kind, item, wanted, before, member)
            return Action(sort=Sort.CHANGE, **words, **found) if found["sets"] or found["secrets"] else None
    return None


def _values(
    kind: Kind, item: Item, wanted: dict[str, Any], before: dict[str, Any], member: Snapshot
) -> dict[str, Any]:
    written = kind.written
    carries, leaves = getattr(written, "carries", ()), getattr(written, "leaves", ())
    sets: dict[str, Any] = {}
    secrets = []
    for name, value in wanted.items():
        declared = declaration(kind, item.key.namespace, item.key.identity, name)
        if (
            declared is None
            or name.endswith(WHETHER_SET)
            or name in leaves
            or declared.treat is Treat.READ_ONLY
        ):
            continue
        if _secret(value) or _secret(before.get(name)) or declared.treat is Treat.SECRET:
            secrets += [name] if name in carries and _secret(value) else []
        else:
            sets[name] = _own_path(value, member) if declared.shape in {Shape.PATH, Shape.PATHS} else value
    return {"sets": sets, "before": {name: before.get(name) for name in sets if before}, "secrets": secrets}


def _own_path(value: Any, member: Snapshot) -> Any:
    if isinstance(value, list):
        return [_own_path(each, member) for each in value]
    for name, directory in member.header.facts.paths.items():
        if isinstance(value, str) and value.startswith(f"${{{name}}}"):
            return directory.rstrip("/") + value.removeprefix(f"${{{name}}}")
    return value


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not _secret(value)}


def _secret(value: Any) -> bool:
    if isinstance(value, dict):
        return "$secret" in value or any(map(_secret, value.values()))
    if isinstance(value, list):
        return any(map(_secret, value))
    return isinstance(value, Secret)
