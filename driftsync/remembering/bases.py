"""This module knows what each member held when it last agreed with a primary, and keeps that up to date.

An item that is found equal on both sides becomes its own baseline, and so does one that both sides lack. All members
that agreed on one content share its *version*, so that they can be set against each other when another becomes the
primary. What the primary holds is the rule: when it hands over its role, what it held is its baseline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from driftsync.model import Coverage, Origin
from driftsync.remembering.digests import Digests, LeftOut, digests_of, tag_of
from driftsync.remembering.origins import ABSENT, origin_of
from driftsync.store import Agreed, Before, Store


class Past:
    """What the last run that could read a member saw of it."""

    def __init__(self, before: Before | None, primary: str, left_out: LeftOut) -> None:
        self._before, self._left_out = before, left_out
        self.primary = primary
        """Who was the primary then, as far as it was known."""
        self.run = before.run if before else 0

    @cached_property
    def digests(self) -> Digests:
        return digests_of(self._before.lines if self._before else (), self._left_out)

    def lacked(self, key: str) -> bool:
        """Say whether the member was known to lack an item."""
        if self._before is None:
            return False
        coverage = self._before.header.coverage.get(key.partition(":")[0])
        return coverage is Coverage.WHOLE and key not in self.digests.by_key


class Bases:
    """The baselines of one mirror before a run, and what the run makes of them."""

    def __init__(
        self, store: Store, mirror: str, primary: str, now: Mapping[str, Digests], left_out: LeftOut
    ) -> None:
        self.mirror, self.primary, self.now = mirror, primary, now
        self.agreed: dict[str, dict[str, Agreed]] = {}
        self.past: dict[str, Past] = {}
        for name in now:
            rows = store.agreed(mirror, name)
            self.agreed[name] = {key: row for key, row in rows.items() if _fits(row, key, left_out)}
            before = store.before(mirror, name)
            then = store.last_primary(mirror, before.run) if before else ""
            self.past[name] = Past(before, then, left_out)
        self._inferred: dict[str, dict[str, Agreed]] = {name: {} for name in now}
        self._settled: dict[str, dict[str, Agreed]] = {name: {} for name in now}
        self._agreeing: dict[str, set[str]] = {name: set() for name in now}

    # -- before the run ----------------------------------------------------------------------------------------

    def swapped(self, member: str) -> bool:
        """Say whether another member was the primary when this one was last read."""
        return self.past[member].primary not in {"", self.primary}

    def unmoved(self, member: str, key: str) -> bool:
        """Say whether an item of a member is as it was when the member was last read."""
        return self.past[member].digests.by_key.get(key, ABSENT) == self._held(member, key)

    def origin(self, run: int, member: str, key: str, *, known: bool) -> Origin:
        """Return who moved an item, and remember what the answer rests on.

        `known` says that the member differed in it before.
        """
        theirs, mine = self._pair(run, member, key, known=known)
        for name, base in ((self.primary, theirs), (member, mine)):
            if base is not None and self.agreed[name].get(key) != base:
                self._inferred[name][key] = base
        return origin_of(
            theirs, self._held_or(theirs, self.primary, key), mine, self._held_or(mine, member, key)
        )

    def _held(self, name: str, key: str) -> str:
        return self.now[name].by_key.get(key, ABSENT)

    def _held_or(self, base: Agreed | None, name: str, key: str) -> str:
        """Return what a member holds; an item that was not read whole counts as it was."""
        if base is not None and key in self.now[name].unread:
            return base.digest
        return self._held(name, key)

    def _pair(self, run: int, member: str, key: str, *, known: bool) -> tuple[Agreed | None, Agreed | None]:
        theirs, mine = self.agreed[self.primary].get(key), self.agreed[member].get(key)
        if ruled := self._as_primary(run, member, key):
            return theirs, ruled
        if mine is None and not known and self.past[member].lacked(key):
            none = Agreed(ABSENT, ABSENT, self.past[member].run)
            if self.past[self.primary].lacked(key):
                return none, none
            if theirs is not None and theirs.run > none.run:  # the primary got it while the member was silent
                return theirs, none
        return theirs, mine

    def _as_primary(self, run: int, member: str, key: str) -> Agreed | None:
        """Return what a member held when it was the primary, where it was that when it was last read."""
        past = self.past[member]
        if past.primary != member or key in past.digests.unread:
            return None
        held = past.digests.by_key.get(key, ABSENT)
        if held == ABSENT and not past.lacked(key):
            return None
        known = self.agreed[member].get(key)
        version = known.version if known is not None and known.digest == held else held
        return Agreed(version, held, run - 1)

    # -- what the run makes of them -------------------------------------------------------------------------------

    def agree(self, run: int, member: str, keys: Iterable[str]) -> None:
        """Note items that are equal on both sides."""
        for key in keys:
            known = self._settled[self.primary].get(key) or self._kept(self.primary, key)
            version = known.version if known else ""
            if not version:
                mine = self._kept(member, key)
                version = mine.version if mine else self._held(self.primary, key)
            for name in (self.primary, member):
                self._agreeing[name].add(key)
                row = self._kept(name, key)
                if row is None or row.version != version:
                    self._settled[name][key] = Agreed(version, self._held(name, key), run)

    def lack(self, run: int, member: str, keys: Iterable[str]) -> None:
        """Note items that both sides lack."""
        for key in keys:
            for name in (self.primary, member):
                row = self.agreed[name].get(key)
                if row is not None and row.version != ABSENT:
                    self._settled[name][key] = Agreed(ABSENT, ABSENT, run)

    def hand_over(self, run: int, member: str) -> None:
        """Note everything that a member held when it was the primary, where it was that when it was last read."""
        if self.past[member].primary != member:
            return
        for key in self.past[member].digests.by_key:
            ruled = self._as_primary(run, member, key)
            if ruled is not None and self.agreed[member].get(key) != ruled:
                self._inferred[member].setdefault(key, ruled)

    def _kept(self, name: str, key: str) -> Agreed | None:
        """Return what is known of an item that a member still holds as it did then."""
        row = self.agreed[name].get(key)
        return row if row is not None and row.digest == self._held(name, key) else None

    def keep(self, store: Store) -> None:
        """Write what the run made of the baselines."""
        for name in self.now:
            inferred = {
                key: row for key, row in self._inferred[name].items() if key not in self._agreeing[name]
            }
            store.set_agreed(self.mirror, name, {**inferred, **self._settled[name]})


def _fits(row: Agreed, key: str, left_out: LeftOut) -> bool:
    """Say whether a baseline leaves out the same properties as this run does."""
    return row.digest == ABSENT or row.digest.partition("|")[2] == tag_of(left_out(key)).removeprefix("|")
