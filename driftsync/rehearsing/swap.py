"""This module applies the role swap to two snapshots and gathers what would follow, area by area."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone

import msgspec

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.comparing import Lines, Scope, compare
from driftsync.kinds import all_kinds, parse_key
from driftsync.language import english as _
from driftsync.model import (
    FORMAT_VERSION,
    Audience,
    Consequence,
    Coverage,
    Drift,
    Effect,
    MemberRole,
    Rehearsal,
)
from driftsync.rehearsing import data, doors, hosts, instance, logins, others, permissions, tasks, web
from driftsync.rehearsing.pair import Pair, joined
from driftsync.version import __version__

AREAS: tuple[Callable[[Pair], Iterator[Consequence]], ...] = (
    instance.the_member, data.databases, data.namespaces, data.mappings, logins.logins, doors.methods, doors.doors,
    logins.admission,
    permissions.permissions, web.web_applications, tasks.tasks, tasks.productions, hosts.files, instance.settings,
    others.references, others.others,
)  # fmt: skip
"""In this order: what one has told, those after it do not tell again."""


class _Promoted:
    """A snapshot seen as that of a member of another role."""

    def __init__(self, lines: Lines, role: MemberRole) -> None:
        member = msgspec.structs.replace(lines.header.member, role=role)
        self.header = msgspec.structs.replace(lines.header, member=member)
        self.place = lines.place
        self._lines = lines

    def lines(self) -> Iterator[bytes]:
        return self._lines.lines()


def drift_after(old: Lines, new: Lines) -> Drift:
    """Return how the new primary would differ from the old one, whatever the new one is expected to be today."""
    return compare(_Promoted(old, MemberRole.PRIMARY), _Promoted(new, MemberRole.BACKUP), scope=Scope())


def rehearse(old: MemberView, new: MemberView, drift: Drift, *, today: date | None = None) -> Rehearsal:
    """Return what would follow if `new` became primary in place of `old`, which may be dead and only a snapshot.

    `drift` is that of `drift_after`.
    """
    pair = Pair(old, new, drift, today or datetime.now(timezone.utc).date())
    unseen = [name for name in all_kinds() if _coverage(name, old, new) == {Coverage.NOT_LOOKED_AT}]
    pair.blind.update(
        (_("{kind} could not be read whole").format(kind=name), None) for name in unseen if _readable(name)
    )
    found: dict[tuple[str, str, str], tuple[int, Consequence]] = {}
    for place, area in enumerate(AREAS):
        try:
            for each in area(pair):
                _settle(pair, each)
                found.setdefault((each.key, each.who, each.what), (place, each))
        except Unanswered as reason:
            pair.blind[str(reason)] = None
        except Exception as error:  # noqa: BLE001 - what an area did not foresee is not known, and hides no other area
            what = f"{type(error).__name__}: {error}"
            pair.blind[_("the rehearsal failed on what was read: {what}").format(what=what)] = None
    return Rehearsal(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        primary=old.name,
        primary_taken_at=old.header.taken_at,
        promote=new.name,
        promote_role=new.role,
        promote_taken_at=new.header.taken_at,
        consequences=[each for _place, each in sorted(found.values(), key=_order)],
        blind=_blind(drift, pair),
        not_looked_at=[name for name in unseen if not _readable(name)],
    )


def _readable(kind: str) -> bool:
    """Say whether a live member shows a kind by a way that is established."""
    return any(not getattr(route, "unsure", False) for route in all_kinds()[kind].live)


def _settle(pair: Pair, each: Consequence) -> None:
    if ":" in each.key:
        pair.settle(parse_key(each.key).match, *each.properties)


def _order(found: tuple[int, Consequence]) -> tuple[int, int, int, str, str, str]:
    place, each = found
    return (_AUDIENCES[each.audience], _EFFECTS[each.effect], place, each.key, each.who, each.what)


def _coverage(kind: str, *members: MemberView) -> set[Coverage]:
    return {each.header.coverage.get(kind, Coverage.NOT_LOOKED_AT) for each in members}


def _blind(drift: Drift, pair: Pair) -> list[str]:
    """Return what is not known: the gaps, those of one item in one line, and what no area could judge beside them."""
    gaps: dict[tuple[str, str, str], list[str]] = {}
    for gap in drift.gaps:
        place = gap.key or (f"{gap.kind}:{gap.namespace}" if gap.namespace else gap.kind)
        gaps.setdefault((gap.member, place, gap.reason), []).append(gap.property)
    told = [
        " ".join(filter(None, (member, place, joined(filter(None, names), 4)))) + f": {reason}"
        for (member, place, reason), names in gaps.items()
    ]
    more = [reason for reason in pair.blind if not any(each.endswith(reason) for each in told)]
    return sorted({*told, *more})


_EFFECTS = {each: place for place, each in enumerate(Effect)}
_AUDIENCES = {each: place for place, each in enumerate(Audience)}
