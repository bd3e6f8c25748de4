"""This module sees one mirror's comparison against earlier runs, and keeps what later runs need of it.

An item that both sides hold alike becomes its own baseline; a difference is new where no run before saw it; what was
accepted holds while neither side changes. What could not be read is never taken for resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from driftsync.comparing import Lines
from driftsync.comparing.scope import Side
from driftsync.kinds import parse_key
from driftsync.model import (
    Acknowledgement,
    Coverage,
    Difference,
    Drift,
    Night,
    Resolved,
    Severity,
    Standing,
)
from driftsync.remembering.absent import nights_missed
from driftsync.remembering.digests import digest_of, digests_of
from driftsync.remembering.origins import ABSENT, UNKNOWN, origin_of
from driftsync.store import Found, MemberRead, RunRow, Store
from driftsync.version import __version__


@dataclass(frozen=True)
class Seen:
    """What a run saw of one mirror."""

    mirror: str
    primary: str
    members: Mapping[str, Lines]
    errors: Mapping[str, str]
    """Members that could not be read at all, and why."""
    drifts: list[Drift]
    started: datetime
    ended: datetime


def remember(
    store: Store, seen: Seen, *, stated: Mapping[tuple[str, str], Acknowledgement] | None = None
) -> Night:
    """Return what earlier runs say of this one, and write this one into the store, whole or not at all.

    `stated` are acknowledgements that a reviewed file holds, beside those of the store.
    """
    return _Remembering(store, seen, dict(stated or {})).finish()


class _Remembering:
    def __init__(self, store: Store, seen: Seen, stated: dict[tuple[str, str], Acknowledgement]) -> None:
        self.store, self.seen, self.mirror = store, seen, seen.mirror
        self.today = seen.ended.date()
        self.sides = {name: Side(lines) for name, lines in seen.members.items()}
        read = {name: digests_of(lines.lines()) for name, lines in seen.members.items()}
        self.digests = {name: found for name, (found, _unsure) in read.items()}
        self.unsure = {name: unsure for name, (_found, unsure) in read.items()}
        self.previous: RunRow | None = None
        self.stated = stated

    def finish(self) -> Night:
        store, seen = self.store, self.seen
        with store.writing():
            self.previous = store.last_run(self.mirror)
            self.before = {name: store.before(self.mirror, name) for name in seen.members}
            self.agreed = {name: store.agreed(self.mirror, name) for name in seen.members}
            self.open = store.open_findings(self.mirror)
            self.accepted = {**self.stated, **store.acknowledgements(self.mirror)}
            complete = not seen.errors and all(drift.complete for drift in seen.drifts)
            run = store.add_run(
                self.mirror, seen.started, seen.ended, seen.primary, complete=complete, version=__version__
            )
            self._keep_readings(run)
            standings: list[Standing] = []
            resolved: list[Resolved] = []
            for drift in seen.drifts:
                standings += self._standings(run, drift)
                resolved += self._resolved(drift)
                self._agree(run, drift)
            self._forget_of_primary()
        return Night(
            run=run,
            previous=self.previous.ended if self.previous else "",
            primary_before=self._primary_before(),
            missed=nights_missed(self.previous, self.today),
            standings=standings,
            resolved=resolved,
        )

    def _primary_before(self) -> str:
        before = self.previous.primary if self.previous else ""
        return before if before and self.seen.primary and before != self.seen.primary else ""

    def _keep_readings(self, run: int) -> None:
        for name, lines in self.seen.members.items():
            role = lines.header.member.role.value
            self.store.add_reading(run, MemberRead(name, role, lines.header, lines.lines()))
        for name, error in self.seen.errors.items():
            if name not in self.seen.members:
                self.store.add_reading(run, MemberRead(name, "", error=error or "?"))

    # -- what is there -----------------------------------------------------------------------------------------

    def _standings(self, run: int, drift: Drift) -> list[Standing]:
        member = drift.member.name
        found: list[Standing] = []
        for difference in drift.differences:
            digest = digest_of(difference)
            key = parse_key(difference.key).match
            before = self._seen_before(member, difference.key, digest)
            accepted, reopened = self._acceptance(member, difference.key, digest)
            found.append(
                Standing(
                    member=member,
                    key=difference.key,
                    new=before is None or bool(reopened),
                    since=before.since if before else self.seen.ended.isoformat(timespec="seconds"),
                    origin=origin_of(*self._bases(member, key)),
                    accepted=accepted,
                    reopened=reopened,
                )
            )
            self._see(run, member, difference, digest, before)
        return found

    def _see(self, run: int, member: str, difference: Difference, digest: str, before: Found | None) -> None:
        tag = type(difference).__name__.lower()
        found = Found(member, difference.key, difference.kind, tag, difference.severity.value, digest)
        at = datetime.fromisoformat(before.since) if before else self.seen.ended
        self.store.see(self.mirror, run, self.seen.ended, found, first=at)

    def _seen_before(self, member: str, key: str, digest: str) -> Found | None:
        """Return the same difference of an earlier run; after a role swap, its mirror image at any member."""
        own = self.open.get((member, key))
        if own is not None:
            return own
        if not self._primary_before():
            return None
        images = (each for each in self.open.values() if each.key == key and each.digest == digest)
        return min(images, key=lambda each: each.since, default=None)

    def _acceptance(self, member: str, key: str, digest: str) -> tuple[Acknowledgement | None, str]:
        """Return what was accepted of a difference, or why that no longer counts."""
        given = self.accepted.get((member, key))
        image = self.accepted.get((self.seen.primary, key))
        if given is None and image is not None and image.seen == digest:
            given = image
        if given is None:
            return None, ""
        if given.seen != digest:
            why = "changed"
        elif date.fromisoformat(given.until) < self.today:
            why = "expired"
        else:
            return given, ""
        self.store.end_acknowledgement(
            self.mirror, given.member, key, f"{self.seen.ended.isoformat(timespec='seconds')} {why}"
        )
        return None, why

    def _bases(self, member: str, key: str) -> tuple[str, str, str, str]:
        primary = self.seen.primary
        both_lacked = self._lacked(primary, key) and self._lacked(member, key)

        def base(name: str) -> str:
            return self.agreed[name].get(key) or (ABSENT if both_lacked else UNKNOWN)

        return (
            base(primary), self.digests[primary].get(key, ABSENT),
            base(member), self.digests[member].get(key, ABSENT),
        )  # fmt: skip

    def _lacked(self, name: str, key: str) -> bool:
        """Say whether a member was known to lack an item at its last run."""
        before = self.before[name]
        whole = before and before.header.coverage.get(key.partition(":")[0]) is Coverage.WHOLE
        return bool(before and whole and key not in before.keys)

    # -- what is gone, and what is agreed -----------------------------------------------------------------------

    def _could_see(self, member: str, key: str) -> bool:
        """Say whether both sides were read well enough to know that an item differs no more."""
        parsed = parse_key(key)
        return all(
            self.sides[name].coverage(parsed.kind) is Coverage.WHOLE
            and not self.sides[name].explains(parsed.kind, parsed.namespace, parsed.match)
            and parsed.match not in self.unsure[name]
            for name in (self.seen.primary, member)
        )

    def _resolved(self, drift: Drift) -> list[Resolved]:
        member = drift.member.name
        there = {difference.key for difference in drift.differences}
        found: list[Resolved] = []
        for (name, key), before in self.open.items():
            if name == self.seen.primary:
                self.store.resolve(self.mirror, name, key, self.seen.ended, ends_acceptance=False)
            elif name == member and key not in there and self._could_see(member, key):
                self.store.resolve(self.mirror, name, key, self.seen.ended)
                found.append(
                    Resolved(
                        member=member,
                        key=key,
                        kind=before.kind,
                        type=before.type,
                        severity=Severity(before.severity),
                        since=before.since,
                    )
                )
        return found

    def _agree(self, run: int, drift: Drift) -> None:
        member, primary = drift.member.name, self.seen.primary
        differing = {parse_key(difference.key).match for difference in drift.differences}
        mine, theirs = self.digests[primary], self.digests[member]
        looked = {kind for kind, pair in drift.coverage.items() if pair.member is not Coverage.NOT_LOOKED_AT}
        same = [
            key
            for key in mine.keys() & theirs.keys()
            if key not in differing
            and key not in self.unsure[primary]
            and key not in self.unsure[member]
            and key.partition(":")[0] in looked
        ]
        for name, digests in ((primary, mine), (member, theirs)):
            changed = {key: digests[key] for key in same if self.agreed[name].get(key) != digests[key]}
            self.store.set_agreed(self.mirror, name, run, changed)
        gone = [
            key
            for key in self.agreed[member]
            if key not in mine and key not in theirs and self._could_see(member, key)
        ]
        self.store.forget_agreed(self.mirror, member, gone)

    def _forget_of_primary(self) -> None:
        """Forget what the primary agreed on where no member that was read has it any more."""
        primary = self.seen.primary
        if primary not in self.digests or not self.seen.drifts:
            return
        gone = [
            key
            for key in self.agreed[primary]
            if all(key not in digests for digests in self.digests.values())
            and all(self._could_see(drift.member.name, key) for drift in self.seen.drifts)
        ]
        self.store.forget_agreed(self.mirror, primary, gone)
