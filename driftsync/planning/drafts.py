"""This module holds what became of differences so far: actions, conflicts, and what is withheld, whole or in part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Action, Conflict, Hazard, Withheld
from driftsync.planning.values import Written
from driftsync.planning.whose import Why


@dataclass
class Drafts:
    """What became of the differences so far."""

    actions: list[Action] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def take_back(self, action: Action, why: Why, *, needs: Hazard | None = None) -> None:
        """Withhold what was an action."""
        self.actions.remove(action)
        self.withhold(action, why, rendered=True, needs=needs)

    def withhold(self, action: Action, why: Why, *, rendered: bool, needs: Hazard | None = None) -> None:
        """Withhold what would be an action."""
        self.withheld.append(_withheld(action, why, rendered=rendered, needs=needs))

    def withhold_part(
        self,
        action: Action,
        why: Why,
        names: Iterable[str],
        *,
        rendered: bool,
        needs: Hazard | None = None,
        pending: bool = False,
    ) -> None:
        """Withhold some properties of an item."""
        listed = sorted(names)
        part = replace(
            action,
            sets={name: value for name, value in action.sets.items() if name in listed},
            before={name: value for name, value in action.before.items() if name in listed},
            secrets=[name for name in listed if name in action.secrets or needs is Hazard.NEEDS_SECRET],
        )
        found = _withheld(part, why, rendered=rendered and bool(part.sets or part.secrets), needs=needs)
        self.withheld.append(replace(found, properties=listed, pending=pending))

    def withhold_rest(
        self, action: Action, kind: Kind, refused: Mapping[str, Why], secrets: list[str], written: Written
    ) -> None:
        """Withhold the properties of an item that are not written, grouped by the reason."""
        by_reason: dict[Why, list[str]] = {}
        for name, why in refused.items():
            by_reason.setdefault(why, []).append(name)
        for why, names in by_reason.items():
            self.withhold_part(action, why, names, rendered=True)
        if secrets:
            needs = None if written.not_carried else Hazard.NEEDS_SECRET
            why = no_secret(kind, secrets, written)
            self.withhold_part(action, why, secrets, rendered=True, needs=needs)


def no_secret(kind: Kind, names: Iterable[str], written: Written) -> Why:
    """Return why a secret is not carried, and what carries it."""
    listed = ", ".join(sorted(names))
    if written.not_carried:
        return _("a secret that no route of this tool carries: {names}").format(names=listed), kind.portal
    return (
        _("it needs a secret, and none is carried without being asked: {names}").format(names=listed),
        _("--include-secrets carries it from the primary, in memory only; or {portal}").format(
            portal=kind.portal
        ),
    )


def _withheld(action: Action, why: Why, *, rendered: bool, needs: Hazard | None) -> Withheld:
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
    )
