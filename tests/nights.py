"""Small mirrors in memory, night after night: what each member holds of a few roles, and a store that remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from driftsync.comparing import Scope, compare
from driftsync.files import SnapshotInMemory
from driftsync.model import (
    FORMAT_VERSION,
    Acknowledgement,
    Coverage,
    Drift,
    Facts,
    Gap,
    Header,
    Item,
    ItemKey,
    Member,
    MemberRole,
    Night,
    Snapshot,
    Source,
    Standing,
)
from driftsync.remembering import Seen, accept, named, open_now, remember
from driftsync.ruling import LeftOut, Use, rule
from driftsync.settings import RuleSettings
from driftsync.store import Store

FIRST = datetime(2026, 11, 1, 2, 30, tzinfo=timezone.utc)
MIRROR = "M"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where stores are kept that are made by the hundred and thrown away."""
UNREAD = "(unread)"
"""A value that could not be read."""

Held = Mapping[str, str | None]
"""Role → its description; `None` where the member lacks the role."""


def snapshot_of(name: str, held: Held, *, role: MemberRole, gaps: Iterable[Gap] = ()) -> SnapshotInMemory:
    items = tuple(
        Item(
            key=ItemKey("role", "", each.lower(), each if each != each.lower() else ""),
            compared={} if value == UNREAD else {"Description": value},
            unread=("Description",) if value == UNREAD else (),
        )
        for each, value in sorted(held.items(), key=lambda pair: pair[0].lower())
        if value is not None
    )
    found = list(gaps)
    header = Header(
        format_version=FORMAT_VERSION,
        driftsync="test",
        member=Member(name=name, role=role, mirror=MIRROR),
        taken_at=FIRST.isoformat(),
        items=len(items),
        facts=Facts(),
        coverage={"role": Coverage.NONE if any(not gap.key for gap in found) else Coverage.WHOLE},
        sources=[Source(path=name, format="test")],
        gaps=found,
    )
    return SnapshotInMemory(Snapshot(header=header, items=items))


class Nights:
    """One mirror, one store, one run a night."""

    def __init__(self, path: Path, rules: Sequence[RuleSettings] = ()) -> None:
        self.store = Store(path)
        self.rules = rules
        self.now = FIRST
        self.drifts: dict[str, Drift] = {}

    def run(
        self,
        primary: str,
        held: Mapping[str, Held | str],
        *,
        gaps: Mapping[str, Iterable[Gap]] | None = None,
        stated: Iterable[Acknowledgement] = (),
        later: timedelta = timedelta(days=1),
        scope: Scope | None = None,
        began: datetime | None = None,
        before_writing: Callable[[], None] = lambda: None,
    ) -> Night:
        """Run over members; one that is a text could not be read, and the text says why."""
        self.now += later
        members = {
            name: snapshot_of(
                name,
                what,
                role=MemberRole.PRIMARY if name == primary else MemberRole.BACKUP,
                gaps=(gaps or {}).get(name, ()),
            )
            for name, what in held.items()
            if not isinstance(what, str)
        }
        errors = {name: what for name, what in held.items() if isinstance(what, str)}
        use, drifts = Use(), []
        if primary in members:
            for name, lines in members.items():
                if name != primary:
                    drifts.append(
                        rule(
                            compare(members[primary], lines, scope=scope or Scope(frozenset({"role"}))),
                            self.rules,
                            use,
                        )
                    )
        else:
            errors.update(dict.fromkeys(members, "no primary"))
        self.drifts = {drift.member.name: drift for drift in drifts}
        before_writing()
        seen = Seen(
            mirror=MIRROR,
            primary=primary,
            members=members,
            errors=errors,
            drifts=drifts,
            started=began or self.now,
            ended=self.now,
            left_out=LeftOut(self.rules),
        )
        return remember(self.store, seen, stated=stated)

    def accept(self, member: str, *keys: str, days: int = 30) -> list[Acknowledgement]:
        """Accept open differences until so many days after the last run."""
        found = open_now(self.store, MIRROR, member)
        return accept(
            self.store,
            MIRROR,
            named(found, keys) if keys else found,
            reason="known",
            owner="us",
            until=(self.now + timedelta(days=days)).date(),
            at=self.now,
        )

    def open(self) -> set[tuple[str, str]]:
        return set(self.store.open_findings(MIRROR))


def one(night: Night, member: str, key: str) -> Standing:
    """Return what is known of one difference."""
    (found,) = [each for each in night.standings if (each.member, each.key) == (member, key)]
    return found
