"""This module sees one mirror's comparison against earlier runs, and keeps what later runs need of it.

A difference is new where no run before saw it so; what was accepted holds while neither side changes. What could not
be read is never taken for resolved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from driftsync.comparing import Lines
from driftsync.comparing.scope import Side
from driftsync.kinds import folded, parse_key
from driftsync.model import (
    Acknowledgement,
    Coverage,
    Difference,
    Drift,
    Night,
    NoteType,
    Resolved,
    Standing,
)
from driftsync.remembering.absent import nights_missed
from driftsync.remembering.acceptance import Acceptance
from driftsync.remembering.bases import Bases
from driftsync.remembering.digests import (
    Digests,
    LeftOut,
    carried_on,
    digest_of,
    digests_of,
    nothing,
    properties_of,
    same,
)
from driftsync.store import Found, MemberRead, Store
from driftsync.version import __version__


@dataclass(frozen=True)
class Seen:
    """What a run saw of one mirror."""

    mirror: str
    primary: str
    """Empty where it was not known."""
    members: Mapping[str, Lines]
    errors: Mapping[str, str]
    """Members that could not be read or compared at all, and why."""
    drifts: list[Drift]
    started: datetime
    ended: datetime
    left_out: LeftOut = nothing


def remember(store: Store, seen: Seen, *, stated: Iterable[Acknowledgement] = ()) -> Night:
    """Return what earlier runs say of this one, and write this one into the store, whole or not at all.

    `stated` are acknowledgements that a reviewed file holds, beside those of the store.
    """
    digests = {name: digests_of(lines.lines(), seen.left_out) for name, lines in seen.members.items()}
    with store.writing():
        return _Remembering(store, seen, digests, stated).finish()


class _Remembering:
    def __init__(
        self, store: Store, seen: Seen, digests: dict[str, Digests], stated: Iterable[Acknowledgement]
    ) -> None:
        self.store, self.seen, self.mirror, self.primary = store, seen, seen.mirror, seen.primary
        self.digests = digests
        self.sides = {name: Side(lines) for name, lines in seen.members.items()}
        self.previous = store.last_run(self.mirror)
        self.last_primary = store.last_primary(self.mirror)
        self.bases = Bases(store, self.mirror, self.primary, digests, seen.left_out)
        self.acceptance = Acceptance(store, self.mirror, self.primary, stated)
        if self._handed_over():
            store.turn(self.mirror, self.primary, seen.ended)
        self.open: dict[tuple[str, str], Found] = {}
        for (member, key), found in store.open_findings(self.mirror).items():
            self.open[member, folded(key)] = found
        self.turned = {
            folded(key): found for key, found in store.turned_findings(self.mirror, self.primary).items()
        }
        self.run = store.add_run(
            self.mirror, seen.started, seen.ended, self.primary,
            differences=sum(len(drift.differences) for drift in seen.drifts),
            complete=not seen.errors and all(drift.complete for drift in seen.drifts),
            version=__version__,
        )  # fmt: skip

    def finish(self) -> Night:
        self._keep_readings()
        standings: list[Standing] = []
        resolved: list[Resolved] = []
        differing: set[str] = set()
        unseen = len(self.open)
        for drift in self.seen.drifts:
            by_item: dict[str, list[Difference]] = defaultdict(list)
            for difference in drift.differences:
                by_item[parse_key(difference.key).match].append(difference)
            known = [key for member, key in self.open if member == drift.member.name]
            standings += [self._standing(drift, key, each) for key, each in by_item.items()]
            gone = self._resolved(drift, by_item.keys())
            unseen -= len(gone) + len(by_item.keys() & set(known))
            resolved += gone
            differing |= by_item.keys()
            self._agree(drift, by_item.keys())
            self._expect(drift, by_item.keys())
        self._end_what_is_over(differing)
        self.bases.keep(self.store)
        return Night(
            run=self.run,
            at=self.seen.ended.isoformat(timespec="seconds"),
            previous=self.previous.ended if self.previous else "",
            primary_before=self.last_primary if self._handed_over() else "",
            missed=nights_missed(self.previous, self.seen.ended.date()),
            unseen=unseen,
            standings=standings,
            resolved=resolved,
        )

    def _handed_over(self) -> bool:
        return bool(self.primary) and self.last_primary not in {"", self.primary}

    def _keep_readings(self) -> None:
        for name, lines in self.seen.members.items():
            role = lines.header.member.role.value
            self.store.add_reading(self.run, MemberRead(name, role, lines.header, lines.lines()))
        for name, error in self.seen.errors.items():
            if name not in self.seen.members:
                self.store.add_reading(self.run, MemberRead(name, "", error=error or "?"))

    # -- what is there -----------------------------------------------------------------------------------------

    def _standing(self, drift: Drift, key: str, differences: list[Difference]) -> Standing:
        member, seen = drift.member.name, self.seen
        digest = digest_of(differences, seen.left_out)
        unread = self._unread(member, key)
        before, turned = self._seen_before(member, key, digest, unread)
        altered = before is not None and not same(before.digest, digest, unread)
        own = self.open.get((member, key))
        only_swapped = (
            own is not None
            and self.bases.swapped(member)
            and all(self.bases.unmoved(name, key) for name in (self.primary, member))
        )
        if own is not None and only_swapped and own.digest != digest and key in self.turned:
            self.acceptance.carry(
                member,
                key,
                digest,
                before=own.digest,
                of_primary=self.turned[key].digest,
                day=seen.ended.date(),
            )
        answer = self.acceptance.of(
            member, key, digest, turned=turned, unread=unread, before=before,
            previous=self.previous.ended if self.previous else "", at=seen.ended,
        )  # fmt: skip
        first = differences[0]
        worst = min((each.severity for each in differences), key=lambda each: each.rank)
        self.store.see(
            self.mirror,
            self.run,
            seen.ended,
            Found(
                member, own.key if own else first.key, first.kind, type(first).__name__.lower(), worst,
                carried_on(before.digest if before else "", digest, unread), turned=turned,
            ),
            first=datetime.fromisoformat(before.since) if before else seen.ended,
        )  # fmt: skip
        return Standing(
            member=member,
            key=first.key,
            new=answer.accepted is None
            and (before is None or (not only_swapped and (altered or answer.counted_before))),
            altered=altered and not only_swapped,
            since=before.since if before else seen.ended.isoformat(timespec="seconds"),
            origin=self.bases.origin(self.run, member, key, known=own is not None),
            accepted=answer.accepted,
            reopened=answer.reopened,
        )

    def _unread(self, member: str, key: str) -> frozenset[str] | None:
        """Return the properties of an item that one of the two sides did not show; `None` where all was read."""
        found = [self.digests[name].unread.get(key) for name in (self.primary, member)]
        told = [each for each in found if each is not None]
        return frozenset().union(*told) if told else None

    def _seen_before(
        self, member: str, key: str, digest: str, unread: frozenset[str] | None
    ) -> tuple[Found | None, bool]:
        """Return what an earlier run saw of a difference, and whether it is one of the primary's own, turned round."""
        own = self.open.get((member, key))
        image = self.turned.get(key) if self.bases.swapped(member) else None
        if image is not None and not same(image.digest, digest, unread):
            image = None
        if own is not None and same(own.digest, digest, unread):
            return own, own.turned or image is not None
        return (image, True) if image is not None else (own, False)

    def _expect(self, drift: Drift, differing: AbstractSet[str]) -> None:
        """Keep differences of the new primary open at a member where this run could not look for them."""
        member = drift.member.name
        if not self.bases.swapped(member):
            return
        for key, image in self.turned.items():
            if key not in differing and (member, key) not in self.open and not self._could_see(drift, key):
                self.store.see(
                    self.mirror,
                    self.run,
                    datetime.fromisoformat(image.last_seen),
                    replace(image, member=member, turned=True),
                    first=datetime.fromisoformat(image.since),
                )

    # -- what is gone, and what is agreed -----------------------------------------------------------------------

    def _could_see(self, drift: Drift, key: str) -> bool:
        """Say whether both sides were looked at well enough to know that an item differs no more."""
        try:
            parsed = parse_key(key)
        except ValueError:
            return False
        pair = drift.coverage.get(parsed.kind)
        return (
            pair is not None
            and pair.primary is pair.member is Coverage.WHOLE
            and self._unread(drift.member.name, key) is None
            and not any(
                self.sides[name].explains(parsed.kind, parsed.namespace, parsed.match)
                for name in (self.primary, drift.member.name)
            )
        )

    def _resolved(self, drift: Drift, differing: Iterable[str]) -> list[Resolved]:
        member, there = drift.member.name, set(differing)
        excuses = _excuses(drift)
        found: list[Resolved] = []
        for (name, key), before in self.open.items():
            if name != member or key in there or not self._could_see(drift, key):
                continue
            one_sided = (key in self.digests[self.primary].by_key) != (key in self.digests[member].by_key)
            excused = excuses.get(key, {})
            if one_sided and not excused:
                continue  # left out of this run's scope
            because = {excused.get(name, "") for name in properties_of(before.digest)}
            if before.last_seen > self.seen.started.isoformat(timespec="seconds"):
                continue  # another run saw it after this one had begun to read
            self.store.resolve(self.mirror, member, before.key, self.seen.ended)
            found.append(
                Resolved(
                    member=member,
                    key=before.key,
                    kind=before.kind,
                    type=before.type,
                    severity=before.severity,
                    since=before.since,
                    because="; ".join(sorted(because)) if all(because) else "",
                )
            )
        return found

    def _agree(self, drift: Drift, differing: Iterable[str]) -> None:
        member = drift.member.name
        apart = set(differing)
        mine, theirs = self.digests[self.primary], self.digests[member]
        looked = {kind for kind, pair in drift.coverage.items() if pair.member is not Coverage.NOT_LOOKED_AT}
        self.bases.agree(
            self.run,
            member,
            [
                key
                for key in mine.by_key.keys() & theirs.by_key.keys()
                if key not in apart
                and key not in mine.unread
                and key not in theirs.unread
                and key.partition(":")[0] in looked
            ],
        )
        gone = self.bases.agreed[member].keys() - mine.by_key.keys() - theirs.by_key.keys()
        self.bases.lack(self.run, member, [key for key in gone if self._could_see(drift, key)])
        self.bases.hand_over(self.run, member)

    def _end_what_is_over(self, differing: set[str]) -> None:
        """End what was known of the primary from when it was a member, where nothing of it is left anywhere."""
        drifts = self.seen.drifts
        if self.seen.errors or not drifts:
            return
        over = {
            key
            for key in (self.acceptance.keys_of_primary() | self.turned.keys()) - differing
            if all(self._could_see(drift, key) for drift in drifts)
        }
        self.acceptance.end(over, self.seen.ended)
        gone = [self.turned[key].key for key in over & self.turned.keys()]
        self.store.forget_turned(self.mirror, self.primary, gone)


def _excuses(drift: Drift) -> dict[str, dict[str, str]]:
    """Return why items, by key, and their properties differ and are no difference."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for note in drift.notes:
        if note.key and (note.by_rule or note.type is not NoteType.LOCAL):
            found[parse_key(note.key).match][note.property] = note.text
    return found
