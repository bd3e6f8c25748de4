"""This module decides whether a channel has to be told: whether anything changed since it was last told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from driftsync.delivering.composing import open_of
from driftsync.delivering.message import Message, State
from driftsync.files import ENCODER
from driftsync.model import MirrorReport, Report
from driftsync.settings import When


def digests_of(report: Report) -> dict[str, str]:
    """Return a digest for each mirror: equal as long as there is nothing else to tell.

    It holds what differs and how, what could not be read (not why: reasons hold times and addresses), which member is
    the primary, and whether the backup could take over. Moments, counts of what agrees, notes and accepted differences are no part of it.
    """
    return {mirror.name: _digest(mirror) for mirror in report.mirrors}


def _digest(mirror: MirrorReport) -> str:
    found = sorted([each.member, ENCODER.encode(each.difference).hex()] for each in open_of(mirror))
    members = {
        drift.member.name: sorted(
            [gap.member, gap.kind, gap.namespace, gap.key, gap.property] for gap in drift.gaps
        )
        for drift in mirror.drifts
    }
    unreadable = sorted(each.member for each in mirror.unreadable)
    ready = [mirror.readiness.verdict.value] if mirror.readiness else []
    return hashlib.sha256(ENCODER.encode([mirror.primary, found, members, unreadable, *ready])).hexdigest()


def changed(now: Mapping[str, str], before: Mapping[str, str] | None) -> bool | None:
    """Say whether any mirror has something else to tell than before; `None` where that is not known."""
    if before is None or not set(now) <= set(before):
        return None
    return any(before[name] != digest for name, digest in now.items())


def is_due(when: When, message: Message, has_changed: bool | None) -> bool:
    """Say whether a channel is to be told; what is not known counts as changed."""
    if when is When.ALWAYS:
        return True
    if when is When.DRIFT:
        return message.state is not State.CLEAN
    return has_changed is not False
