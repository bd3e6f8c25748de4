"""This module turns an action round: what was made goes, what was changed gets its old values, what went is made again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds, declaration
from driftsync.kinds.spec import WHETHER_SET, Shape, Treat
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import Action, Hazard, Item, Sort

TURNED = {Hazard.GRANTS_ACCESS: Hazard.REMOVES_ACCESS, Hazard.REMOVES_ACCESS: Hazard.GRANTS_ACCESS}
"""To take back what widened is to narrow, and the other way round."""
OPPOSITE = {Sort.CREATE: Sort.DELETE, Sort.DELETE: Sort.CREATE, Sort.CHANGE: Sort.CHANGE}


def kept_of(action: Action, item: Item | None) -> dict[str, object]:
    """Return what must be known of an item that is deleted, beside what the plan holds, to make it again."""
    written = all_kinds()[action.kind].written
    if action.sort is not Sort.DELETE or item is None or not isinstance(written, ByObject):
        return {}
    kind = all_kinds()[action.kind]
    paths = {each.name for each in kind.properties if each.treat is Treat.LOCAL and each.shape is Shape.PATH}
    return {name: item.local[name] for name in sorted({*written.own, *paths}) if name in item.local}


def undone(action: Action, item: Item | None, kept: Mapping[str, object]) -> Action:
    """Return the action that takes another back, made for the item as it is now."""
    again = {name: value for name, value in action.before.items() if _is_set(action, name)}
    return msgspec.structs.replace(
        action,
        sort=OPPOSITE[action.sort],
        sets={} if action.sort is Sort.CREATE else {**again, **kept},
        before={name: _of(item, name) for name in action.sets} if item else dict(action.sets),
        secrets=[],
        digest_before=digest_of_item(item),
        after=[],
        hazards=[TURNED.get(hazard, hazard) for hazard in action.hazards],
    )


def why_not(action: Action) -> str:
    """Say what of an action cannot be taken back, nothing where all of it can."""
    if action.sort is Sort.DELETE and Hazard.NO_WAY_BACK in action.hazards:
        if stays_away(action):
            return _("it cannot be undone: its password went with it, and no account comes back without one")
        return _("it can be made again, but not with the secrets and the unknown properties that it held")
    if action.secrets and action.sort is not Sort.CREATE:
        return _("{names} cannot be undone: nobody has the secret that was there").format(
            names=", ".join(action.secrets)
        )
    written = all_kinds()[action.kind].written
    if isinstance(written, ByObject):
        if action.sort is Sort.CREATE and not written.taken_back_by:
            return _("it cannot be undone: items of this kind are never deleted by this tool")
        if action.sort is Sort.DELETE and not written.creates:
            return _("it cannot be undone: items of this kind are never made by this tool")
    return ""


def stays_away(action: Action) -> bool:
    """Say whether a deleted item is not made again at all: an account without its password."""
    return action.sort is Sort.DELETE and any(each.part_of for each in all_kinds()[action.kind].properties)


def _is_set(action: Action, name: str) -> bool:
    """Say whether a property of a deleted item is one that is set, not one that follows from others."""
    kind = all_kinds()[action.kind]
    declared = declaration(kind, action.namespace, action.identity.get("Name", ""), name)
    left = kind.written.leaves if isinstance(kind.written, ByObject) else {}
    return (
        declared is not None
        and declared.treat not in {Treat.READ_ONLY, Treat.SECRET}
        and not name.endswith(WHETHER_SET)
        and name not in left
        and not (declared.presence and action.before[name] is True)
    )


def _of(item: Item | None, name: str) -> object:
    return {**item.local, **item.compared}.get(name) if item else None
