"""This module makes of each difference its actions, what is withheld of it, or the conflict that it is. Nothing is lost.

Drafts have no numbers yet: `ordering` gives them, after `needing` and `proving` took back what cannot be carried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from driftsync.checks.spec import MemberView
from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds, parse_key
from driftsync.kinds.spec import Kind
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import (
    Action,
    Changed,
    Clash,
    Conflict,
    Difference,
    Extra,
    Hazard,
    Item,
    ItemKey,
    Missing,
    Sort,
    Value,
)
from driftsync.planning.deciding import Ruling
from driftsync.planning.drafts import Drafts, no_secret
from driftsync.planning.hazards import hazards_of, lost_with
from driftsync.planning.values import IN_TEXT, Writing, Written, brought_by, identity_of, shown
from driftsync.planning.whose import whose
from driftsync.planning.withholding import (
    held_back,
    waits,
    withheld_label,
    withheld_values,
    withheld_whole,
)

SORTS: Mapping[type, Sort] = {
    Missing: Sort.CREATE,
    Extra: Sort.DELETE,
    Changed: Sort.CHANGE,
    Clash: Sort.CHANGE,
}


class Drafting:
    """Makes drafts for one member."""

    def __init__(self, primary: MemberView, member: MemberView, ruling: Ruling, *, port: int = 0) -> None:
        """`port` is where this tool reaches the member, 0 where it does not."""
        self._primary, self._member, self._ruling, self._port = primary, member, ruling, port
        self._writing = Writing(member.header.facts)
        self.drafts = Drafts()

    def add(self, difference: Difference) -> None:
        """Make of one difference what follows from it."""
        key = parse_key(difference.key)
        primary = self._primary.found(key.kind, key.match)
        member = self._member.found(key.kind, key.match)
        kind = all_kinds()[difference.kind]
        owned = whose(difference, key, primary, member, self._primary)
        why = owned or withheld_whole(difference, key, primary, self._primary)
        draft = self._draft(difference, kind, key, primary, member)
        if why is not None:
            rendered = not owned and (
                kind.only_rendered or (kind.written is None and bool(IN_TEXT & set(kind.routes)))
            )
            self.drafts.withhold(draft.whole, why, rendered=rendered)
            return
        decided = self._ruling.decide(difference)
        if isinstance(decided, Conflict):
            self.drafts.conflicts.append(decided)
        elif decided is not None:
            self.drafts.withhold(draft.whole, decided, rendered=False)
        elif isinstance(difference, Extra):
            self._delete(draft.action, kind, member)
        else:
            self._write(draft, kind, key, primary, member)
            self._unlisted(difference, draft.action, kind, primary)

    # -- one difference --------------------------------------------------------------------------------------------

    def _draft(
        self, difference: Difference, kind: Kind, key: ItemKey, primary: Item | None, member: Item | None
    ) -> _Draft:
        """Return all that is known of an action, whether it will be one or not."""
        sort = SORTS[type(difference)]
        names = self._names(difference, kind, primary, member)
        written = Written()
        if sort is not Sort.DELETE:
            written = self._writing.of(kind, primary, key, names, creating=sort is Sort.CREATE)
        there: Mapping[str, Value] = member.compared if member else {}
        identity = identity_of(kind, member.key if member else key)
        identity |= brought_by(kind, member)
        before = shown(there, there if sort is Sort.DELETE else written.sets)
        action = Action(
            number=0,
            sort=sort,
            kind=kind.name,
            key=str(member.key if member else key),
            namespace=key.namespace,
            identity=identity,
            sets=dict(sorted(written.sets.items())),
            before={} if sort is Sort.CREATE else self._writing.here(before),
            secrets=sorted(written.secrets),
            digest_before=digest_of_item(member),
            digest_rule=digest_of_item(primary),
        )
        return _Draft(action, written)

    def _names(
        self, difference: Difference, kind: Kind, primary: Item | None, member: Item | None
    ) -> list[str]:
        """Return the properties that are to be written, with those that only follow another which changes."""
        if isinstance(difference, Missing):
            if primary is None:
                return list(difference.expected)
            there = [*primary.compared, *primary.unread]
            return list(dict.fromkeys([*there, *(["Resource"] if kind.name == "web-application" else [])]))
        if isinstance(difference, Extra):
            return []
        names = [change.property for change in difference.changes if not change.unlisted]
        heirs = [
            each.name
            for each in kind.properties
            if each.default_from in names
            and each.name not in names
            and primary
            and member
            and {member.compared.get(each.name), primary.compared.get(each.default_from)}
            != {primary.compared.get(each.name)}  # equal now, it might follow the other from then on
        ]
        return [*names, *heirs]

    def _delete(self, action: Action, kind: Kind, member: Item | None) -> None:
        """Delete an item; a user that can log in is disabled before."""
        if kind.built_in(action.namespace, parse_key(action.key).identity, member.compared if member else {}):
            self.drafts.withhold(
                action, (_("what ships with the product is never deleted"), kind.portal), rendered=False
            )
            return
        if kind.name == "user" and member is not None and member.compared.get("Enabled"):
            disabled = replace(
                action, sort=Sort.CHANGE, sets={"Enabled": False}, before={"Enabled": True},
                note=_("disabled before it is deleted"),
            )  # fmt: skip
            self._act(disabled, member.compared)
            after = Item(
                key=member.key, compared={**member.compared, "Enabled": False}, unlisted=member.unlisted
            )
            action = replace(
                action, digest_before=digest_of_item(after), before={**action.before, "Enabled": False}
            )
        lost = lost_with(kind, member) if member else []
        if lost and kind.name != "user":
            names = ", ".join(lost)
            action = replace(action, note=_("a rollback makes it again without {names}").format(names=names))
        self._act(action, member.compared if member else {}, lost)

    def _write(
        self, draft: _Draft, kind: Kind, key: ItemKey, primary: Item | None, member: Item | None
    ) -> None:
        action, written = draft.action, draft.written
        if action.sort is Sort.CHANGE and member is not None and member.partial:
            self.drafts.withhold(
                draft.whole, (_("the member's could not be read whole"), kind.portal), rendered=False
            )
            return
        creating = action.sort is Sort.CREATE
        refused = {**written.refused, **withheld_values(kind, action.sets, creating=creating)}
        if member is not None and kind.name == "database":
            refused |= withheld_label(kind, action, primary, member)
        if found := held_back(kind, key, member, self._port):
            why, needs = found
            if needs not in self._ruling.terms.allow:
                self.drafts.withhold(action, why, rendered=True, needs=needs)
                return
        secrets, wanted = self._secrets(written)
        if wanted and action.sort is Sort.CREATE:
            # half an item is worse than none: what is there but cannot log in, or reach the other side
            needs = None if written.not_carried else Hazard.NEEDS_SECRET
            why = no_secret(kind, wanted, written)
            self.drafts.withhold(draft.whole, why, rendered=True, needs=needs)
            return
        sets = {name: value for name, value in action.sets.items() if name not in refused}
        action = replace(
            action, sets=sets, secrets=secrets, before={name: action.before.get(name) for name in sets}
            if action.sort is Sort.CHANGE else {},
        )  # fmt: skip
        if creating and isinstance(kind.written, ByObject) and kind.written.afterwards:
            action = replace(action, note=kind.written.afterwards)
        if kind.name == "task":
            action = self._suspended(action, primary)
        if action.sort is Sort.CREATE and isinstance(kind.written, ByObject) and kind.written.unless:
            action = replace(
                action, note=_("a rollback deletes it again only where that deletes nothing else")
            )
        if action.sets or action.secrets or action.sort is Sort.CREATE:
            self._act(action, self._afterwards(action, member))
        self.drafts.withhold_rest(draft.action, kind, refused, wanted, written)

    def _act(self, action: Action, compared: Mapping[str, Any], lost: Iterable[str] = ()) -> None:
        self.drafts.actions.append(replace(action, hazards=hazards_of(action, compared, lost)))

    def _afterwards(self, action: Action, member: Item | None) -> Mapping[str, Any]:
        return {**(member.compared if member else {}), **action.sets}

    def _secrets(self, written: Written) -> tuple[list[str], list[str]]:
        """Return the secrets that are carried, and those that are not."""
        if self._ruling.terms.include_secrets:
            return sorted(written.secrets), sorted(written.not_carried)
        return [], sorted([*written.secrets, *written.not_carried])

    def _suspended(self, action: Action, primary: Item | None) -> Action:
        """Leave a task suspended that another member than the primary might run at once."""
        stated = primary.compared if primary else {}
        if not waits(stated.items()):
            return action
        released = action.sets.get("Suspended") in (None, 0) and (
            action.sort is Sort.CREATE or ("Suspended" in action.sets and action.before.get("Suspended"))
        )
        if not released:
            return action
        kept = {name: value for name, value in action.sets.items() if name != "Suspended"}
        why = (
            _("pending release: it would run on this member at once"),
            _("resume it in the Task Manager of this member, when its time has come"),
        )
        self.drafts.withhold_part(
            replace(action, sets={"Suspended": stated.get("Suspended")}), why, ["Suspended"],
            rendered=False, pending=True,
        )  # fmt: skip
        if action.sort is Sort.CREATE:
            return replace(
                action, sets={**kept, "Suspended": 1}, note=_("created suspended: pending release")
            )
        before = {name: value for name, value in action.before.items() if name != "Suspended"}
        return replace(action, sets=kept, before=before)

    def _unlisted(self, difference: Difference, action: Action, kind: Kind, primary: Item | None) -> None:
        """Withhold what no declaration lists, unless the whole item is withheld already."""
        if isinstance(difference, Changed):
            names = [change.property for change in difference.changes if change.unlisted]
        else:
            made = any(each.key == action.key for each in self.drafts.actions)
            names = sorted(primary.unlisted) if primary and made else []
        if names:
            why = _("no declaration lists this property: its value is not known, and might be a secret")
            self.drafts.withhold_part(action, (why, kind.portal), names, rendered=False)


@dataclass(frozen=True)
class _Draft:
    action: Action
    written: Written

    @property
    def whole(self) -> Action:
        """The action with every secret that it would be about."""
        return replace(self.action, secrets=[*self.written.secrets, *self.written.not_carried])
