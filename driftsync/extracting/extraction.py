"""This module reads one running member: connection × kinds → Snapshot. It asks, and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from driftsync.connections import Connection
from driftsync.connections.asking import Statement, ask
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.guarded import driver_version
from driftsync.documents.assembling import assemble
from driftsync.documents.cpf import directories_of
from driftsync.documents.document import Document
from driftsync.errors import MirrorError, NotInMirrorError
from driftsync.extracting.certificates import CERTIFICATES, read_certificates
from driftsync.extracting.facts import observe
from driftsync.extracting.logs import EVENTS, WINDOW, observe_log
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import Reach, release_of
from driftsync.extracting.reading import KindRead, MemberReader
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import all_kinds
from driftsync.language import english as _
from driftsync.model import (
    Coverage,
    Extraction,
    Gap,
    KindReading,
    Member,
    MemberRole,
    Product,
    Snapshot,
)

FORMAT = "live"
TLS = "tls-configuration"
UTIL = "%SYSTEM.Util"
OWN = {"mgr": "ManagerDirectory", "install": "InstallDirectory"}
"""A member's own directories, and what tells them."""
INTEROPERABLE = "namespaces.interoperable"
"""The fact that visits to namespaces tell besides."""
CHECK_SECONDS = 2.0
"""How often a backup is asked whether it still is one."""

Progress = Callable[[int], None]
"""Told how many kinds were read so far."""


@dataclass(frozen=True)
class Wanted:
    """What is to be read of a member, and how gently."""

    kinds: frozenset[str] = frozenset()
    """Empty for all."""
    without: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    """Files and directories on the member to hash, beside those that its configuration names."""
    directories: Mapping[str, str] = field(default_factory=dict)
    connections_for: Callable[[MemberRole], int] = lambda _role: 1
    logs_since: datetime | None = None
    """From when on the log is read, with its time zone; it is not read at all without."""

    def holds(self, kind: str) -> bool:
        return (not self.kinds or kind in self.kinds) and kind not in self.without


def extract(
    open_connection: Callable[[], Connection],
    member: Member,
    *,
    fingerprinter: Fingerprinter,
    wanted: Wanted | None = None,
    progress: Progress = lambda _done: None,
) -> Snapshot:
    """Read a member; raises `ConnectionFailed` where it cannot be reached at all.

    Whatever goes wrong after that is a gap: a lost connection is opened again twice, a silent one not.
    """
    wanted = wanted or Wanted()
    reach = Reach(open_connection)
    try:
        return _Extraction(reach, member, wanted, progress).finish(fingerprinter)
    finally:
        reach.close()


class _Extraction:
    def __init__(self, reach: Reach, member: Member, wanted: Wanted, progress: Progress) -> None:
        self._reach, self._member, self._wanted = reach, member, wanted
        self._progress = progress
        self._started = time.monotonic()
        self._checked = self._started
        self._version = reach.connection.version
        self._document = Document(Path(member.name), FORMAT, live=True)
        self._reader = MemberReader(reach, wanted.files)
        self._statement = self._ask()
        role = self._statement.role if self._statement else MemberRole.UNKNOWN
        reach.connections = max(1, wanted.connections_for(role))
        self._role = role

    def finish(self, fingerprinter: Fingerprinter) -> Snapshot:
        document, reach = self._document, self._reach
        mirror = self._statement.mirror if self._statement else ""
        observed, unobserved = self._observe(mirror)
        found = self._read_all()
        if self._reader.interoperable is not None:
            observed[INTEROPERABLE] = self._reader.interoperable
        for read in found.values():
            document.items += read.read.items
            document.gaps += read.read.gaps
        document.coverage = {
            name: read.coverage for name, read in found.items() if read.coverage is not Coverage.NOT_LOOKED_AT
        }
        self._observe_certificates(found.get(TLS), observed, unobserved)
        self._end()
        document.product = Product.IRIS
        document.release = release_of(self._version)
        document.instance = self._statement.instance if self._statement else ""
        document.role = self._role
        document.mirror = mirror
        document.virtual_address = _virtual_address(found.get("mirror"))
        document.directories = {**self._own_directories(found.get("database")), **self._wanted.directories}
        document.remarks.append(self._version)
        extraction = Extraction(
            driver=driver_version(),
            version=self._version,
            round_trips=reach.round_trips,
            seconds=round(time.monotonic() - self._started, 3),
            kinds={name: read.reading for name, read in found.items()},
        )
        return assemble(
            document.path,
            [document],
            fingerprinter,
            member=self._member,
            directories=document.directories,
            extraction=extraction,
            observed=observed,
            unobserved=unobserved,
        )

    def _ask(self) -> Statement | None:
        try:
            return ask(self._reach.connection, self._member.mirror, with_definition=False)
        except NotInMirrorError:
            return None
        except (CallFailed, ConnectionFailed, MirrorError, ValueError, TypeError, IndexError) as error:
            reason = _("what this member is in its mirror could not be read: {why}").format(why=why(error))
            self._document.gaps.append(Gap(reason=reason))
            return None

    def _observe(self, mirror: str) -> tuple[dict[str, object], dict[str, str]]:
        before = self._reach.connection.losses
        observed, unobserved = observe(self._reach.connection, self._role, mirror)
        if self._reach.connection.losses != before:
            reason = _("the connection was lost while the member was observed")
            self._document.gaps.append(Gap(reason=reason))
        if self._wanted.logs_since is not None:
            try:
                told, untold = observe_log(self._reach.connection, self._wanted.logs_since)
            except ConnectionFailed as error:
                told, untold = {}, dict.fromkeys((WINDOW, EVENTS), why(error))
            observed, unobserved = {**observed, **told}, {**unobserved, **untold}
        return observed, unobserved

    def _observe_certificates(
        self, read: KindRead | None, observed: dict[str, object], unobserved: dict[str, str]
    ) -> None:
        """Ask for the certificates behind the TLS configurations, where these are known."""
        if read is None:
            return  # it was not wanted
        if read.coverage is not Coverage.WHOLE or read.read.gaps:
            unobserved[CERTIFICATES] = _("which certificates are in use could not be read")
            return
        observed[CERTIFICATES] = read_certificates(self._reach.connection, read.read.items)

    def _own_directories(self, databases: KindRead | None) -> dict[str, str]:
        """Return where this member has its own files, by its databases or, where they were not read, by asking.

        Without them every path would look like drift.
        """
        found = directories_among(databases)
        if "mgr" in found:
            return found
        try:
            return {
                name: str(self._reach.connection.call(UTIL, method).value) for name, method in OWN.items()
            }
        except (CallFailed, ConnectionFailed) as error:
            self._document.gaps.append(Gap(reason=why(error)))
            return found

    def _read_all(self) -> dict[str, KindRead]:
        reader = self._reader
        found: dict[str, KindRead] = {}
        stopped = ""
        for number, (name, kind) in enumerate(all_kinds().items()):
            self._progress(number)
            if not self._wanted.holds(name):
                continue
            stopped = stopped or self._why_stop()
            if stopped and kind.live:
                gap = Gap(kind=name, reason=stopped)
                found[name] = _not_read(gap)
                continue
            found[name] = reader.read(kind)
        return found

    def _why_stop(self) -> str:
        """Say why reading ends before its time: a backup that leaves the mirror's traffic has other worries."""
        if self._role is not MemberRole.BACKUP or time.monotonic() - self._checked < CHECK_SECONDS:
            return ""
        self._checked = time.monotonic()
        try:
            status = self._status()
        except (CallFailed, ConnectionFailed):
            return ""
        if status == "BACKUP":
            return ""
        return _("reading stopped: the backup left Journal Transfer Active and is now {status}").format(
            status=status
        )

    def _status(self) -> str:
        mirror = self._statement.mirror if self._statement else ""
        arguments = (mirror,) if mirror else ()
        return str(self._reach.connection.call("%SYSTEM.Mirror", "GetStatus", *arguments).value)

    def _end(self) -> None:
        """Say so where the role changed while the member was read: what was read then is of two roles."""
        if self._statement is None:
            return
        try:
            status = self._status()
        except (CallFailed, ConnectionFailed) as error:
            if not self._document.gaps:  # else the lost connection has been told already
                reason = _("whether its role changed meanwhile could not be read: {why}").format(
                    why=why(error)
                )
                self._document.gaps.append(Gap(reason=reason))
            return
        if status != self._statement.status:
            reason = _("its role changed while it was read: {before}, then {after}").format(
                before=self._statement.status, after=status
            )
            self._document.gaps.append(Gap(reason=reason))
            self._role = MemberRole.UNKNOWN


def _not_read(gap: Gap) -> KindRead:
    from driftsync.extracting.reach import Read

    return KindRead(Read(gaps=[gap]), Coverage.NONE, KindReading())


def directories_among(databases: KindRead | None) -> dict[str, str]:
    """Return a member's own directories, by where its system databases are."""
    rows: Iterable[tuple[str, str]] = (
        (str(item.values.get("Name")), str(item.values.get("Directory") or ""))
        for item in (databases.read.items if databases else [])
    )
    known = dict(rows)
    return directories_of(lambda name: known.get(name, ""))


def _virtual_address(mirrors: KindRead | None) -> bool | None:
    if mirrors is None or mirrors.coverage is not Coverage.WHOLE or not mirrors.read.items:
        return None
    return any(item.values.get("VirtualAddress") for item in mirrors.read.items)
