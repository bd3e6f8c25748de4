"""This module decides what was accepted of a difference, or why that no longer counts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from msgspec.structs import replace

from driftsync.errors import StoreError
from driftsync.kinds import folded
from driftsync.language import english as _
from driftsync.model import Acknowledgement, Reopened
from driftsync.remembering.digests import same
from driftsync.store import Found, Store

ByItem = dict[tuple[str, str], Acknowledgement]
"""By member and key, the key folded as IRIS folds the name."""


@dataclass(frozen=True)
class Answer:
    """What was accepted of one difference."""

    accepted: Acknowledgement | None = None
    reopened: Reopened | None = None
    counted_before: bool = False
    """Whether what is open again was accepted as the last run saw it."""


class Acceptance:
    """What is accepted in one mirror: in the store, and in the reviewed file beside the settings."""

    def __init__(self, store: Store, mirror: str, primary: str, stated: Iterable[Acknowledgement]) -> None:
        self._store, self._mirror, self._primary = store, mirror, primary
        self._kept = by_item(store.acknowledgements(mirror).values())
        self._stated = by_item(each for each in stated if each.mirror == mirror)

    def of(
        self,
        member: str,
        key: str,
        digest: str,
        *,
        turned: bool,
        unread: AbstractSet[str] | None,
        before: Found | None,
        previous: str,
        at: datetime,
    ) -> Answer:
        """Answer for one difference; `key` is folded. An acknowledgement that no longer counts is ended.

        What was accepted of the present primary when it was a member holds where the same difference stands at another
        member, `turned` round.
        """
        own = self._given(member, key)
        image = self._given(self._primary, key) if turned else []
        fitting = [each for each in (*own, *image) if same(each.seen, digest, unread)]
        for each in fitting:
            if counts_on(each, at.date()):
                return Answer(accepted=each)
        over = own or [each for each in image if each in fitting]
        if not over:
            return Answer()
        why = Reopened.EXPIRED if fitting else Reopened.CHANGED
        for each in over:
            if self._kept.get((each.member, key)) is each:
                self._store.end_acknowledgement(
                    self._mirror, each.member, each.key, f"{at.isoformat(timespec='seconds')} {why.value}"
                )
        counted = before is not None and any(
            same(each.seen, before.digest, unread)
            and bool(previous)
            and counts_on(each, datetime.fromisoformat(previous).date())
            for each in over
        )
        return Answer(reopened=why, counted_before=counted)

    def carry(self, member: str, key: str, digest: str, *, before: str, of_primary: str, day: date) -> None:
        """Carry over a role swap what was accepted of a member, where what the new primary has was accepted too.

        Nothing moved: the member's difference from the old primary and the new primary's were both known to stay, and
        what is seen now is one against the other.
        """
        own = [each for each in self._given(member, key) if each.seen == before and counts_on(each, day)]
        theirs = [
            each
            for (_member, other), each in (*self._kept.items(), *self._stated.items())
            if other == key and each.seen == of_primary and counts_on(each, day)
        ]
        if own and theirs:
            carried = replace(own[0], seen=digest, until=min(own[0].until, theirs[0].until))
            self._store.acknowledge(carried)
            self._kept[member, key] = carried

    def end(self, keys: AbstractSet[str], at: datetime) -> None:
        """End what was accepted of the present primary when it was a member, by folded key."""
        for (member, key), each in self._kept.items():
            if member == self._primary and key in keys:
                self._store.end_acknowledgement(
                    self._mirror, member, each.key, f"{at.isoformat(timespec='seconds')} resolved"
                )

    def keys_of_primary(self) -> set[str]:
        """Return the folded keys of what was accepted of the present primary."""
        return {key for member, key in self._kept if member == self._primary}

    def _given(self, member: str, key: str) -> list[Acknowledgement]:
        found = (self._kept.get((member, key)), self._stated.get((member, key)))
        return [each for each in found if each is not None]


def by_item(found: Iterable[Acknowledgement]) -> ByItem:
    """Arrange acknowledgements by member and folded key."""
    return {(each.member, folded(each.key)): each for each in found}


def counts_on(given: Acknowledgement, day: date) -> bool:
    """Say whether an acknowledgement counts on a day. Raises `StoreError` where its last day is no date."""
    try:
        return date.fromisoformat(given.until) >= day
    except ValueError:
        raise StoreError(
            _("what was accepted of {key} has no date: {until}").format(key=given.key, until=given.until),
            hint=_("accept it anew"),
        ) from None
