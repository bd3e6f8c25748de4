"""This module makes the report of one mirror from its members: who is the primary, and how each other one differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from driftsync.cli.memory import prune
from driftsync.cli.reading import Read
from driftsync.cli.unexpected import told
from driftsync.comparing import Lines, Scope, compare
from driftsync.errors import DriftsyncError, StoreError
from driftsync.language import _
from driftsync.model import Acknowledgement, Drift, MemberRole, MirrorReport, Night, Unreadable
from driftsync.remembering import Seen, remember
from driftsync.settings import Settings
from driftsync.store import Store


@dataclass(frozen=True)
class Wish:
    """What is asked of every mirror alike."""

    settings: Settings
    scope: Scope
    show_local: bool = False
    cross_product: bool = False
    store: Store | None = None
    stated: tuple[Acknowledgement, ...] = ()
    """What the reviewed file beside the settings accepts."""


def report_of(wish: Wish, name: str, read: Mapping[str, Read], started: datetime) -> MirrorReport:
    """Compare the members of one mirror; whatever goes wrong is part of the report and stays with this mirror."""
    try:
        return _compared(wish, name, read, started)
    except DriftsyncError as error:
        failed = error
    except Exception as error:  # noqa: BLE001 - a mistake at one mirror must not hide the others
        failed = told(error)
    unreadable = [Unreadable(member=each, reason=failed.message, hint=failed.hint) for each in read]
    return MirrorReport(
        name=name, primary=wish.settings.mirror[name].primary, drifts=[], unreadable=unreadable
    )


def _compared(wish: Wish, name: str, read: Mapping[str, Read], started: datetime) -> MirrorReport:
    unreadable = [
        Unreadable(member=each, reason=found.message, hint=found.hint)
        for each, found in read.items()
        if isinstance(found, DriftsyncError)
    ]
    members = {each: found for each, found in read.items() if not isinstance(found, DriftsyncError)}
    primary_name, reason, hint = _primary(wish.settings, name, members)
    primary = members.get(primary_name)
    drifts: list[Drift] = []
    for other, member in members.items():
        if other == primary_name:
            continue
        if primary is None:
            unreadable.append(
                Unreadable(member=other, reason=reason or _without_primary(primary_name), hint=hint)
            )
            continue
        try:
            drifts.append(
                compare(
                    primary,
                    member,
                    scope=wish.scope,
                    show_local=wish.show_local,
                    cross_product=wish.cross_product,
                )
            )
        except DriftsyncError as error:
            unreadable.append(Unreadable(member=other, reason=error.message, hint=error.hint))
    night, not_kept = None, ""
    if wish.store is not None:
        seen = Seen(
            mirror=name,
            primary=primary_name,
            members=members,
            errors={each.member: each.reason for each in unreadable},
            drifts=drifts,
            started=started,
            ended=datetime.now(timezone.utc),
        )
        try:
            night = _remembered(wish, wish.store, seen)
        except StoreError as error:
            not_kept = f"{error.message} ({error.hint})"
    return MirrorReport(
        name=name,
        primary=primary_name,
        drifts=drifts,
        unreadable=unreadable,
        night=night,
        not_kept=not_kept,
    )


def _without_primary(name: str) -> str:
    return _("there is nothing to compare it with: the primary {name} could not be read").format(name=name)


def _remembered(wish: Wish, store: Store, seen: Seen) -> Night:
    stated = {(each.member, each.key): each for each in wish.stated if each.mirror == seen.mirror}
    night = remember(store, seen, stated=stated)
    prune(store, wish.settings, seen.mirror, seen.ended.date())
    return night


def _primary(settings: Settings, mirror: str, members: dict[str, Lines]) -> tuple[str, str, str]:
    """Return the primary by the settings or by what running members say, or why there is none, and a hint."""
    stated = settings.mirror[mirror].primary
    roles = {name: lines.header.member.role for name, lines in members.items()}
    found = [name for name, role in roles.items() if role is MemberRole.PRIMARY]
    if stated and found in ([], [stated]):
        return stated, "", ""
    if len(found) == 1 and not stated:
        return found[0], "", ""
    said = ", ".join(f"{name}: {role.value}" for name, role in roles.items())
    if len(found) > 1 or stated:
        return (
            "",
            _("not compared: several members are taken for the primary ({said})").format(said=said),
            _("look at the Mirror Monitor of each: the mirror may have come apart, or the settings are old"),
        )
    return (
        "",
        _("not compared: no member that could be read is the primary ({said})").format(said=said),
        _("the primary may be the one that could not be read, or the mirror is switching over; try again"),
    )
