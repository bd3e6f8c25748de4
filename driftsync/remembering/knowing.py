"""This module says what earlier runs know of a comparison, without keeping it as a run: who moved, what was accepted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from driftsync.kinds import folded, parse_key
from driftsync.model import Acknowledgement, Difference, Standing
from driftsync.remembering.acceptance import counts_on
from driftsync.remembering.bases import Bases
from driftsync.remembering.digests import digest_of, digests_of, same
from driftsync.remembering.nights import Seen
from driftsync.store import Store


def known_of(store: Store, seen: Seen, *, stated: Iterable[Acknowledgement] = ()) -> dict[str, Standing]:
    """Return what is known of each difference that was seen of one member, by folded key. Nothing is written."""
    digests = {name: digests_of(lines.lines(), seen.left_out) for name, lines in seen.members.items()}
    bases = Bases(store, seen.mirror, seen.primary, digests, seen.left_out)
    last = store.last_run(seen.mirror)
    run = last.id + 1 if last else 1
    open_before = {
        (member, folded(key)): each for (member, key), each in store.open_findings(seen.mirror).items()
    }
    given = [
        each
        for each in (*store.acknowledgements(seen.mirror).values(), *stated)
        if each.mirror == seen.mirror and counts_on(each, seen.ended.date())
    ]
    found: dict[str, Standing] = {}
    for drift in seen.drifts:
        member = drift.member.name
        by_item: dict[str, list[Difference]] = defaultdict(list)
        for difference in drift.differences:
            by_item[parse_key(difference.key).match].append(difference)
        for key, differences in by_item.items():
            before = open_before.get((member, key))
            digest = digest_of(differences, seen.left_out)
            found[key] = Standing(
                member=member,
                key=differences[0].key,
                new=before is None,
                since=before.since if before else seen.ended.isoformat(timespec="seconds"),
                origin=bases.origin(run, member, key, known=before is not None),
                accepted=next(
                    (
                        each
                        for each in given
                        if (each.member, folded(each.key)) == (member, key) and same(each.seen, digest)
                    ),
                    None,
                ),
            )
    return found
