"""This module applies the role swap to two snapshots and gathers what would follow, area by area."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.model import FORMAT_VERSION, Consequence, Effect, Rehearsal
from driftsync.rehearsing import access, applications, tasks
from driftsync.rehearsing.pair import Pair
from driftsync.version import __version__

AREAS: tuple[Callable[[Pair], Iterator[Consequence]], ...] = (
    access.logins, access.services, applications.web_applications, tasks.tasks, tasks.productions, applications.mappings,
    applications.interfaces, applications.references, applications.files, applications.settings,
)  # fmt: skip


def rehearse(old: MemberView, new: MemberView, *, today: date | None = None) -> Rehearsal:
    """Return what would follow if `new` became primary in place of `old`, which may be dead and only a snapshot."""
    pair = Pair(old, new, today or datetime.now(timezone.utc).date())
    found: dict[tuple[str, str], Consequence] = {}
    blind: dict[str, None] = {}
    for area in AREAS:
        try:
            for each in area(pair):
                found.setdefault((each.key, each.what), each)
        except Unanswered as reason:
            blind[str(reason)] = None
    order = list(Effect)
    return Rehearsal(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        primary=old.name,
        promote=new.name,
        consequences=sorted(found.values(), key=lambda each: (order.index(each.effect), each.key, each.what)),
        blind=list(blind),
    )
