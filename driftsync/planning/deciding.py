"""This module decides which side of a difference is right, by what both last agreed on (three-way).

Changed on the primary: the member follows. Changed on the member only, or on both: a conflict, for a person to settle.
Never seen to agree: only what is missing is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from driftsync.kinds import folded
from driftsync.language import english as _
from driftsync.model import Changed, Clash, Conflict, Difference, Extra, Missing, Origin, Terms
from driftsync.planning.whose import Why

MIRRORED = {
    Origin.PRIMARY: Origin.MEMBER,
    Origin.MEMBER: Origin.PRIMARY,
    Origin.PRIMARY_ALONE: Origin.PRIMARY,
}
"""Who moved, seen from the other side: where it is the present primary that is written to."""


@dataclass(frozen=True)
class Known:
    """What earlier runs know of one difference."""

    origin: Origin = Origin.NEVER
    accepted: str = ""
    """Who accepted it and until when; empty where nobody did."""


@dataclass(frozen=True)
class Ruling:
    """The terms of a plan, with keys folded as IRIS folds names."""

    terms: Terms
    known: Mapping[str, Known] = field(default_factory=dict)
    """By folded key."""

    @property
    def pruned_kinds(self) -> frozenset[str]:
        return frozenset(each for each in self.terms.prune if ":" not in each)

    def names(self, listed: Iterable[str], key: str) -> bool:
        """Say whether a list of keys names this one."""
        return folded(key) in {folded(each) for each in listed}

    def origin(self, key: str) -> Origin:
        found = self.known.get(folded(key), Known()).origin
        return MIRRORED.get(found, found) if self.terms.to_primary else found

    def decide(self, difference: Difference) -> Why | Conflict | None:
        """Return why a difference is not mended, or the conflict that it is; `None` where the primary is right."""
        key = difference.key
        if isinstance(difference, Clash):
            return (
                _(
                    "both have the same value where each must have its own; which of the two is wrong cannot be seen"
                ),
                _("change the one that is wrong by hand"),
            )
        if self.names(self.terms.keep, key):
            return (
                _("left as it is, as was asked"),
                _("`driftsync accept` keeps it so for good, with a reason and a date"),
            )
        overwrite = self.names(self.terms.overwrite, key)
        pruned = self.names((each for each in self.terms.prune if ":" in each), key)
        accepted = self.known.get(folded(key), Known()).accepted
        if accepted and not (overwrite or pruned):
            return (
                _("it was accepted as it is: {who}").format(who=accepted),
                _("`driftsync accept --withdraw` takes that back; --overwrite {key} goes over it").format(
                    key=key
                ),
            )
        if isinstance(difference, Extra):
            return self._extra(difference, named=pruned, overwrite=overwrite)
        if overwrite:
            return None
        origin = self.origin(key)
        if conflict := self._conflict(difference, origin):
            return conflict
        if (
            isinstance(difference, Changed)
            and origin is Origin.NEVER
            and difference.kind not in self.terms.adopt
        ):
            return (
                _("the two were never seen to agree on it, so nobody knows which side is right"),
                _("--adopt {kind} takes the primary's; --overwrite {key} this one only").format(
                    kind=difference.kind, key=key
                ),
            )
        return None

    def _extra(self, difference: Extra, *, named: bool, overwrite: bool) -> Why | Conflict | None:
        origin = self.origin(difference.key)
        if named:
            return None
        if not overwrite and (conflict := self._conflict(difference, origin)):
            return conflict
        if difference.kind not in self.pruned_kinds:
            return (
                _("only the member has it, and deleting is off"),
                _("--prune {key} deletes it").format(key=difference.key),
            )
        if origin is Origin.NEVER and not overwrite and difference.kind not in self.terms.adopt:
            return (
                _(
                    "the primary was never seen to have it, so nobody knows whether it is left over or new here"
                ),
                _("--prune {key} deletes this one").format(key=difference.key),
            )
        return None

    def _conflict(self, difference: Difference, origin: Origin) -> Conflict | None:
        reasons = {
            Origin.MEMBER: _("it was changed on the member only, since both agreed"),
            Origin.BOTH: _("it was changed on both since they agreed"),
            Origin.PRIMARY_ALONE: _(
                "the member is as the mirror was when all agreed; the present primary never was so"
            ),
        }
        if origin not in reasons:
            return None
        key = difference.key
        over = (
            _("--prune {key} deletes it here").format(key=key)
            if isinstance(difference, Extra)
            else _("--overwrite {key} brings it back here").format(key=key)
            if isinstance(difference, Missing)
            else _("--overwrite {key} takes the primary's").format(key=key)
        )
        return Conflict(
            difference=difference,
            origin=origin,
            reason=reasons[origin],
            do=_("{over}; --keep {key} leaves it; or make the change on the primary too").format(
                over=over, key=key
            ),
        )
