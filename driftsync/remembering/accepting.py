"""This module accepts differences of the last run, and takes that back: what the store then holds of somebody's word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from driftsync.errors import UsageError
from driftsync.kinds import folded
from driftsync.language import english as _
from driftsync.model import Acknowledgement, Difference, Drift
from driftsync.remembering.acceptance import by_item, counts_on
from driftsync.remembering.digests import LeftOut, digest_of, nothing
from driftsync.store import Found, Store


def open_now(store: Store, mirror: str, member: str = "") -> list[Found]:
    """Return the differences that stand open after the last run, of one member or of all."""
    return [each for each in store.open_findings(mirror).values() if member in {"", each.member}]


def not_accepted(
    store: Store, mirror: str, found: Iterable[Found], stated: Iterable[Acknowledgement], today: date
) -> list[Found]:
    """Return the differences that nobody accepted as they are."""
    counting = [
        each
        for each in (*store.acknowledgements(mirror).values(), *stated)
        if each.mirror == mirror and counts_on(each, today)
    ]
    primary = store.last_primary(mirror)
    known = {(each.member, folded(each.key), each.seen) for each in counting}
    return [
        each
        for each in found
        if not {
            (name, folded(each.key), each.digest)
            for name in (each.member, *([primary] if each.turned else []))
        }
        & known
    ]


def without_accepted(
    drift: Drift, given: Iterable[Acknowledgement], today: date, left_out: LeftOut = nothing
) -> Drift:
    """Return a drift without the differences that somebody accepted as they are now.

    Nothing is written, and what was accepted of the primary when it was a member counts from the next report on.
    """
    name = drift.member.name
    known = {
        (folded(each.key), each.seen) for each in given if each.member == name and counts_on(each, today)
    }
    by_item: dict[str, list[Difference]] = {}
    for each in drift.differences:
        by_item.setdefault(folded(each.key), []).append(each)
    left = [
        each
        for key, found in by_item.items()
        if (key, digest_of(found, left_out)) not in known
        for each in found
    ]
    return replace(drift, differences=left)


def named(found: Sequence[Found], keys: Iterable[str]) -> list[Found]:
    """Return the differences of some items. Raises `UsageError` for a key that is not open."""
    wanted = {folded(key): key for key in keys}
    there = {folded(each.key) for each in found}
    for match, key in wanted.items():
        if match not in there:
            raise UsageError(
                _("{key} is no open difference of the last report").format(key=key),
                hint=_("run `driftsync report` and take the key as it is printed there"),
            )
    return [each for each in found if folded(each.key) in wanted]


def accept(
    store: Store, mirror: str, found: Iterable[Found], *, reason: str, owner: str, until: date, at: datetime
) -> list[Acknowledgement]:
    """Keep somebody's word for differences, pinned to the values that the last run saw."""
    given = [
        Acknowledgement(
            mirror=mirror,
            member=each.member,
            key=each.key,
            reason=reason,
            owner=owner,
            until=until.isoformat(),
            accepted_at=at.isoformat(timespec="seconds"),
            seen=each.digest,
        )
        for each in found
    ]
    with store.writing():
        for one in given:
            store.acknowledge(one)
    return given


def all_accepted(store: Store, mirror: str, stated: Iterable[Acknowledgement]) -> list[Acknowledgement]:
    """Return what is accepted in a mirror: what the store holds, and what only the reviewed file does.

    What the file has and the store saw the end of is left out.
    """
    ended = store.ended_acknowledgements(mirror)
    still = (
        each
        for each in stated
        if each.mirror == mirror and (each.member, each.key, each.accepted_at) not in ended
    )
    return list({**by_item(still), **by_item(store.acknowledgements(mirror).values())}.values())


def withdraw(
    store: Store, mirror: str, keys: Iterable[str], member: str, at: datetime
) -> list[Acknowledgement]:
    """Take back what was accepted of some items, or of all where none is named; return what it was."""
    wanted = {folded(key) for key in keys}
    meant = [
        each
        for (name, key), each in by_item(store.acknowledgements(mirror).values()).items()
        if member in {"", name} and (not wanted or key in wanted)
    ]
    with store.writing():
        for each in meant:
            store.end_acknowledgement(
                mirror, each.member, each.key, f"{at.isoformat(timespec='seconds')} withdrawn"
            )
    return meant
