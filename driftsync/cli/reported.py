"""This module makes the report of mirrors whose members were read: compared, under the rules, against earlier runs.

What was read and when is given, so that a night can be played again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from driftsync.checks.spec import Past
from driftsync.cli.assessing import assess, declared_of, is_asked
from driftsync.cli.memory import prune
from driftsync.cli.unexpected import told
from driftsync.comparing import Lines, Scope, compare, without_what_others_want
from driftsync.errors import DriftsyncError, StoreError
from driftsync.language import _
from driftsync.model import (
    FORMAT_VERSION,
    Acknowledgement,
    Coverage,
    Drift,
    MemberRole,
    MirrorReport,
    Night,
    Readiness,
    Report,
    Unreadable,
    WithoutRun,
)
from driftsync.remembering import Seen, past_of, remember
from driftsync.ruling import LeftOut, Use, remarks_on, rule
from driftsync.settings import Settings
from driftsync.store import Store
from driftsync.version import __version__


@dataclass(frozen=True)
class Reading:
    """The members of one mirror as they were read, or why they were not."""

    started: datetime
    ended: datetime
    found: Mapping[str, Lines | DriftsyncError]

    @property
    def members(self) -> dict[str, Lines]:
        return {name: found for name, found in self.found.items() if not isinstance(found, DriftsyncError)}


@dataclass(frozen=True)
class Looking:
    """How to compare."""

    scope: Scope
    show_local: bool = False
    cross_product: bool = False
    stated: tuple[Acknowledgement, ...] = ()
    """What the reviewed file beside the settings accepts."""


def report_on(
    settings: Settings,
    readings: Mapping[str, Reading],
    wanted: Sequence[str],
    looking: Looking,
    *,
    store: Store | None,
    at: datetime,
) -> Report:
    """Return the report of the wanted mirrors; `readings` may hold others that share a member with them."""
    reports = Reports(settings, looking, store)
    for name in wanted:
        reports.add(readings, name)
    return reports.report(wanted, at)


class Reports:
    """The reports of mirrors, made one after another; whatever goes wrong with one stays with it."""

    def __init__(self, settings: Settings, looking: Looking, store: Store | None) -> None:
        self._settings, self._looking, self._store = settings, looking, store
        self._use = Use()
        self._done: dict[str, MirrorReport] = {}

    def add(self, readings: Mapping[str, Reading], name: str) -> None:
        """Compare the members of a mirror; `readings` holds it and those that share a member with it."""
        try:
            mirror = OneMirror(self._settings, readings, name, self._looking, self._use)
            self._done[name] = mirror.report(self._store)
        except DriftsyncError as error:
            self._done[name] = self._failed(readings[name], name, error)
        except Exception as error:  # noqa: BLE001 - a mistake at one mirror must not hide the others
            self._done[name] = self._failed(readings[name], name, told(error))

    def _failed(self, reading: Reading, name: str, error: DriftsyncError) -> MirrorReport:
        return MirrorReport(
            name=name,
            primary=self._settings.mirror[name].primary,
            drifts=[],
            unreadable=[
                Unreadable(member=each, reason=error.message, hint=error.hint) for each in reading.found
            ],
        )

    def report(
        self, wanted: Sequence[str], at: datetime, *, without_run: Sequence[WithoutRun] = ()
    ) -> Report:
        """Return all of them as one report, in the order that was asked for."""
        mirrors = [self._done[name] for name in wanted]
        blind = _blind(self._settings, mirrors, self._looking.scope)
        return Report(
            format_version=FORMAT_VERSION,
            driftsync=__version__,
            taken_at=at.isoformat(timespec="seconds"),
            complete=all(
                not mirror.unreadable
                and not mirror.not_kept
                and all(drift.complete for drift in mirror.drifts)
                for mirror in mirrors
            ),
            mirrors=mirrors,
            remarks=remarks_on(self._settings.rule, self._use, blind=blind),
            without_run=list(without_run),
        )


class OneMirror:
    """One mirror whose members were read: who is its primary, and how each member differs from it."""

    def __init__(
        self, settings: Settings, readings: Mapping[str, Reading], name: str, looking: Looking, use: Use
    ) -> None:
        self.settings, self.readings, self.name, self.looking, self.use = (
            settings, readings, name, looking, use,
        )  # fmt: skip
        self.reading = readings[name]
        self.members = self.reading.members
        self.primary_name, self.reason, self.hint = primary_of(settings, name, self.members)
        self.primary = self.members.get(self.primary_name)

    def report(self, store: Store | None) -> MirrorReport:
        unreadable = [
            Unreadable(member=each, reason=error.message, hint=error.hint)
            for each, error in self.reading.found.items()
            if isinstance(error, DriftsyncError)
        ]
        drifts: list[Drift] = []
        for other, member in self.members.items():
            if other == self.primary_name:
                continue
            found = self.drift_of(other, member)
            if isinstance(found, Drift):
                drifts.append(found)
            else:
                unreadable.append(found)
        night, not_kept, past = None, "", None
        if store is not None:
            past = _past(store, self.name, self.reading)
            seen = Seen(
                mirror=self.name,
                primary=self.primary_name,
                members=self.members,
                errors={each.member: each.reason for each in unreadable},
                drifts=drifts,
                started=self.reading.started,
                ended=self.reading.ended,
                left_out=LeftOut(self.settings.rule),
            )
            try:
                night = remember(store, seen, stated=self.looking.stated)
                prune(store, self.settings, self.name, seen.ended.date())
            except StoreError as error:
                not_kept = f"{error.message} ({error.hint})"
        return MirrorReport(
            name=self.name,
            primary=self.primary_name,
            drifts=drifts,
            unreadable=unreadable,
            night=night,
            readiness=self._readiness(drifts, night, past),
            not_kept=not_kept,
        )

    def _readiness(self, drifts: list[Drift], night: Night | None, past: Past | None) -> Readiness | None:
        """Say whether the backup could take over, where members told more than their items and all kinds were read.

        What was accepted counts for nothing here either.
        """
        members = self.members
        if not is_asked(self.looking.scope) or not any(
            each.header.facts.observed for each in members.values()
        ):
            return None
        unread = {
            name: error.message
            for name, error in self.reading.found.items()
            if isinstance(error, DriftsyncError)
        }

        def drift_of(_primary: str, promoted: str) -> Drift | None:
            name = members[promoted].header.member.name
            drift = next((each for each in drifts if each.member.name == name), None)
            if drift is None or night is None:
                return drift
            accepted = {each.key for each in night.standings if each.member == name and each.accepted}
            left = [each for each in drift.differences if each.key not in accepted]
            return msgspec.structs.replace(drift, differences=left)

        return assess(
            self.name,
            members,
            unread=unread,
            drift_of=drift_of,
            past=past,
            thresholds=self.settings.check,
            declared=declared_of(self.settings, self.name),
        )

    def drift_of(self, name: str, member: Lines) -> Drift | Unreadable:
        """Return how a member differs under the rules of the settings, or why that cannot be said."""
        if self.primary is None:
            reason = self.reason or _(
                "there is nothing to compare it with: the primary {name} could not be read"
            )
            return Unreadable(member=name, reason=reason.format(name=self.primary_name), hint=self.hint)
        looking = self.looking
        try:
            drift = compare(
                self.primary,
                member,
                scope=looking.scope,
                show_local=looking.show_local,
                cross_product=looking.cross_product,
            )
        except DriftsyncError as error:
            return Unreadable(member=name, reason=error.message, hint=error.hint)
        others = dict(self._primaries_of_others(name, member))
        return rule(without_what_others_want(drift, others), self.settings.rule, self.use)

    def _primaries_of_others(self, name: str, member: Lines) -> Iterator[tuple[str, Lines]]:
        """Yield the other mirrors that a reporting async belongs to, and their primaries."""
        if not member.header.member.role.reports_only:
            return
        for mirror, reading in self.readings.items():
            members = reading.members
            primary = members.get(primary_of(self.settings, mirror, members)[0])
            twins = (
                each
                for each, lines in members.items()
                if lines.header.member.role.reports_only and same_place(self.settings, name, each)
            )
            if mirror != self.name and primary is not None and next(twins, None):
                yield mirror, primary


def _past(store: Store, mirror: str, reading: Reading) -> Past | None:
    try:
        return past_of(store, mirror, reading.found, reading.ended)
    except StoreError as error:
        return Past(untold=error.message)


def mirrors_to_read(settings: Settings, wanted: Sequence[str]) -> list[str]:
    """Return the wanted mirrors, then others that share a member with them: its primary says what it wants there."""
    others = [
        mirror
        for mirror in settings.mirror
        if mirror not in wanted
        and any(
            same_place(settings, mine, theirs)
            for name in wanted
            for mine in settings.members_of(name)
            for theirs in settings.members_of(mirror)
            if mine in settings.member and theirs in settings.member
        )
    ]
    return [*wanted, *others]


def companions_of(settings: Settings, name: str, among: Sequence[str]) -> set[str]:
    """Return a mirror and those that share a member with it."""
    mine = [member for member in settings.members_of(name) if member in settings.member]
    return {name} | {
        other
        for other in among
        if other != name
        and any(
            same_place(settings, one, theirs)
            for one in mine
            for theirs in settings.members_of(other)
            if theirs in settings.member
        )
    }


def same_place(settings: Settings, one: str, other: str) -> bool:
    """Say whether two members of the settings are one instance: read from the same place."""
    return bool(_places(settings, one) & _places(settings, other))


def _places(settings: Settings, name: str) -> set[tuple[str, int] | Path]:
    if not settings.is_live(name):
        return {settings.source_of(name).resolve()}
    login = settings.login_of(name)
    return {(host.casefold(), port) for host, port in ((login.host, login.port), *login.alternatives)}


def primary_of(settings: Settings, mirror: str, members: Mapping[str, Lines]) -> tuple[str, str, str]:
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


def _blind(settings: Settings, mirrors: list[MirrorReport], scope: Scope) -> frozenset[str] | None:
    """Return the kinds of which this run did not see everything, `None` where it did not see every member."""
    usual = Scope(
        only=frozenset(settings.scope.kinds),
        without=frozenset(settings.scope.exclude),
        site_only=settings.scope.site_only,
    )
    if scope != usual or len(mirrors) < len(settings.mirror) or any(mirror.unreadable for mirror in mirrors):
        return None
    return frozenset(
        kind
        for mirror in mirrors
        for drift in mirror.drifts
        for kind, pair in drift.coverage.items()
        if {pair.primary, pair.member} != {Coverage.WHOLE} or any(gap.kind == kind for gap in drift.gaps)
    )
