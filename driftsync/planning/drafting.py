"""This module makes of each difference its actions, what is withheld of it, or the conflict that it is. Nothing is lost.

Drafts have no numbers yet: `ordering` gives them, after `needing` and `proving` took back what cannot be carried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from driftsync.checks.spec import MemberView
from driftsync.files import digest_of_item
from driftsync.kinds import all_kinds, declaration, parse_key
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
    Withheld,
)
from driftsync.planning.deciding import Ruling
from driftsync.planning.hazards import hazards_of, lost_with
from driftsync.planning.values import IN_TEXT, Writing, Written, brought_by, identity_of, shown
from driftsync.planning.whose import Why, whose
from driftsync.planning.withholding import held_back, waits, withheld_values, withheld_whole

SORTS: Mapping[type, Sort] = {
    Missing: Sort.CREATE,
    Extra: Sort.DELETE,
    Changed: Sort.CHANGE,
    Clash: Sort.CHANGE,
}


@dataclass
class Drafts:
    """What became of the differences so far."""

    actions: list[Action] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def take_back(self, action: Action, why: Why, *, needs: Hazard | None = None) -> None:
        """Withhold what was an action."""
        self.actions.remove(action)
        self.withheld.append(withheld(action, why, rendered=True, needs=needs))


def withheld(
    action: Action, why: Why, *, rendered: bool, needs: Hazard | None = None, properties: Iterable[str] = ()
) -> Withheld:
    """Return what an action would have been, withheld."""
    return Withheld(
        sort=action.sort,
        kind=action.kind,
        key=action.key,
        namespace=action.namespace,
        identity=action.identity,
        sets=action.sets,
        before=action.before,
        secrets=action.secrets,
        reason=why[0],
        do=why[1],
        rendered=rendered,
        needs=needs,
        properties=list(properties),
    )


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
            self._withhold(draft.action, why, draft, rendered=rendered)
            return
        decided = self._ruling.decide(difference)
        if isinstance(decided, Conflict):
            self.drafts.conflicts.append(decided)
        elif decided is not None:
            self._withhold(draft.action, decided, draft, rendered=False)
        elif isinstance(difference, Extra):
            self._delete(draft.action, kind, member)
        else:
            self._write(draft, kind, key, primary, member)
            self._unlisted(difference, draft.action, kind, primary)

    def _withhold(
        self, action: Action, why: Why, draft: _Draft, *, rendered: bool, needs: Hazard | None = None
    ) -> None:
        secrets = [*draft.written.secrets, *draft.written.not_carried]
        held = withheld(replace(action, secrets=secrets), why, rendered=rendered, needs=needs)
        self.drafts.withheld.append(held)

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
            self.drafts.withheld.append(
                withheld(
                    action, (_("what ships with the product is never deleted"), kind.portal), rendered=False
                )
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
            self._withhold(
                action, (_("the member's could not be read whole"), kind.portal), draft, rendered=False
            )
            return
        creating = action.sort is Sort.CREATE
        refused = {**written.refused, **withheld_values(kind, action.sets, creating=creating)}
        if member is not None and kind.name == "database":
            refused |= self._label(kind, action, primary, member)
        if found := held_back(kind, key, member, self._port):
            why, needs = found
            if needs not in self._ruling.terms.allow:
                self.drafts.withheld.append(withheld(action, why, rendered=True, needs=needs))
                return
        secrets, wanted = self._secrets(written)
        if wanted and action.sort is Sort.CREATE:
            # half an item is worse than none: what is there but cannot log in, or reach the other side
            needs = None if written.not_carried else Hazard.NEEDS_SECRET
            why = self._no_secret(kind, wanted, written)
            self._withhold(action, why, draft, rendered=True, needs=needs)
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
        self._left(draft.action, kind, refused, wanted, written)

    def _act(self, action: Action, compared: Mapping[str, Any], lost: Iterable[str] = ()) -> None:
        self.drafts.actions.append(replace(action, hazards=hazards_of(action, compared, lost)))

    def _afterwards(self, action: Action, member: Item | None) -> Mapping[str, Any]:
        return {**(member.compared if member else {}), **action.sets}

    def _secrets(self, written: Written) -> tuple[list[str], list[str]]:
        """Return the secrets that are carried, and those that are not."""
        if self._ruling.terms.include_secrets:
            return sorted(written.secrets), sorted(written.not_carried)
        return [], sorted([*written.secrets, *written.not_carried])

    def _no_secret(self, kind: Kind, names: Iterable[str], written: Written) -> Why:
        listed = ", ".join(sorted(names))
        if written.not_carried:
            return _("a secret that no route of this tool carries: {names}").format(names=listed), kind.portal
        return (
            _("it needs a secret, and none is carried without being asked: {names}").format(names=listed),
            _("--include-secrets carries it from the primary, in memory only; or {portal}").format(
                portal=kind.portal
            ),
        )

    def _left(
        self, action: Action, kind: Kind, refused: Mapping[str, Why], secrets: list[str], written: Written
    ) -> None:
        """Withhold the properties of an item that are not written, grouped by the reason."""
        by_reason: dict[Why, list[str]] = {}
        for name, why in refused.items():
            by_reason.setdefault(why, []).append(name)
        for why, names in by_reason.items():
            self._part(action, why, names, rendered=True)
        if secrets:
            needs = None if written.not_carried else Hazard.NEEDS_SECRET
            self._part(action, self._no_secret(kind, secrets, written), secrets, rendered=True, needs=needs)

    def _part(
        self, action: Action, why: Why, names: Iterable[str], *, rendered: bool, needs: Hazard | None = None,
        pending: bool = False,
    ) -> None:  # fmt: skip
        """Withhold some properties of an item."""
        listed = sorted(names)
        part = replace(
            action,
            sets={name: value for name, value in action.sets.items() if name in listed},
            before={name: value for name, value in action.before.items() if name in listed},
            secrets=[name for name in listed if name in action.secrets or needs is Hazard.NEEDS_SECRET],
        )
        found = withheld(
            part, why, rendered=rendered and bool(part.sets or part.secrets), needs=needs, properties=listed
        )
        self.drafts.withheld.append(replace(found, pending=pending))

    def _label(self, kind: Kind, action: Action, primary: Item | None, member: Item) -> dict[str, Why]:
        """Return why what stands in the label of a mirrored database is not written."""
        places = kind.written.beside if isinstance(kind.written, ByObject) else {}
        on_label = [
            name
            for name in action.sets
            if (declared := declaration(kind, "", action.key, name)) and declared.beside in places
        ]
        if any(item.compared.get("MirrorSetName") for item in (primary, member) if item):
            why = (
                _("it stands in the file of a mirrored database, where nothing is written on a member"),
                _("change it on the primary: the mirror carries it; else on the page of the portal"),
            )
            return dict.fromkeys(on_label, why)
        if "Directory" not in member.local:
            return dict.fromkeys(
                on_label, (_("where the file of the database is could not be read"), kind.portal)
            )
        return {}

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
        self._part(
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
            self._part(action, (why, kind.portal), names, rendered=False)


@dataclass(frozen=True)
class _Draft:
    action: Action
    written: Written
