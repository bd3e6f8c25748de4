"""This module reads one kind of one member: the routes of its declaration in order, and what came of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from driftsync.connections.failures import ConnectionFailed
from driftsync.errors import DriftsyncError
from driftsync.extracting.code import read_code
from driftsync.extracting.config import ROWS, ConfigNames, config_routes, read_rows, read_sections
from driftsync.extracting.databases import ENTRIES, read_databases
from driftsync.extracting.host_files import kinds_behind_files, read_files
from driftsync.extracting.namespaces import Visits, visit
from driftsync.extracting.oauth2 import read_oauth2
from driftsync.extracting.objects import read_objects
from driftsync.extracting.permitted import NotPermittedError, why
from driftsync.extracting.reach import Reach, Read, RouteClosed
from driftsync.extracting.small import DATATYPES, read_datatypes, read_keys, read_locales
from driftsync.extracting.tables import read_query, read_table
from driftsync.extracting.tasks import read_tasks
from driftsync.extracting.values import MISREAD
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ConfigRows, LiveRoute, Objects, QueryRows, Reader, Sections, Table
from driftsync.kinds.roots_of_files import roots_of
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Coverage, Gap, KindReading


@dataclass
class KindRead:
    """What was read of one kind."""

    read: Read
    coverage: Coverage
    reading: KindReading
    by: LiveRoute | None = None
    """Which of the declared routes it was."""


class MemberReader:
    """Reads the kinds of one member, each once, keeping what several of them need."""

    def __init__(self, reach: Reach, files: Iterable[str] = ()) -> None:
        self.reach = reach
        self._files = tuple(files)
        self._names = ConfigNames(reach)
        self._asked = False
        self._visits: Visits | None = None
        self._done: dict[str, KindRead] = {}

    def read(self, kind: Kind) -> KindRead:
        """Read one kind; whatever goes wrong is a gap."""
        if kind.name not in self._done:
            started, before = time.monotonic(), self.reach.round_trips
            found = self._read(kind)
            found.reading = KindReading(
                route=found.read.route,
                closed=found.reading.closed,
                round_trips=self.reach.round_trips - before,
                seconds=round(time.monotonic() - started, 3),
            )
            self._done[kind.name] = found
        return self._done[kind.name]

    def leave_out(self, kind: Kind, reason: str) -> None:
        """Take a kind for one that cannot be read, without trying."""
        gap = Gap(kind=kind.name, reason=reason)
        self._done[kind.name] = KindRead(Read(gaps=[gap]), Coverage.NONE, KindReading())

    @property
    def interoperable(self) -> dict[str, bool] | None:
        """Whether interoperability is switched on in each namespace that was visited; `None` where none was."""
        return self._visits.interoperable if self._visits else None

    def _read(self, kind: Kind) -> KindRead:
        reasons: list[str] = []
        absent = 0
        for route in kind.live:
            try:
                read = self._route(kind, route)
            except RouteClosed as error:
                reasons.append(error.reason)
                absent += error.absent
                continue
            except ConnectionFailed as error:
                reasons.append(why(error))
                break
            except NotPermittedError:
                raise
            except (DriftsyncError, *MISREAD) as error:
                reasons.append(why(error))
                continue
            coverage = Coverage.WHOLE if read.whole else Coverage.PARTIAL
            closed = list(dict.fromkeys([*reasons, *read.closed]))
            return KindRead(read, coverage, KindReading(closed=closed), route)
        if not kind.live or (absent == len(kind.live) and self._may_lack(kind)):
            return KindRead(
                Read(route=_("no such class here") if absent else ""), Coverage.NOT_LOOKED_AT, KindReading()
            )
        gap = Gap(kind=kind.name, reason="; ".join(dict.fromkeys(reasons)))
        return KindRead(Read(gaps=[gap]), Coverage.NONE, KindReading())

    def _may_lack(self, kind: Kind) -> bool:
        """Say whether the absence of its class is no surprise: unsure classes, and those of later releases."""
        unsure = any(isinstance(route, Table) and route.unsure for route in kind.live)
        return unsure or self.reach.is_older_than(kind.since)

    def _route(self, kind: Kind, route: LiveRoute) -> Read:
        match route:
            case Table():
                return read_table(self.reach, kind, route)
            case QueryRows():
                return read_query(self.reach, kind, route)
            case Objects():
                return read_objects(self.reach, kind, route)
            case ConfigRows():
                return self._config(kind, route)
            case Sections():
                return read_sections(self.reach, self._config_names(), kind, route)
            case Reader():
                return self._readers[route.name](kind)

    @property
    def _readers(self) -> dict[str, Callable[[Kind], Read]]:
        return {
            "databases": lambda kind: read_databases(self.reach, self._config_names(), kind),
            "tasks": lambda kind: read_tasks(self.reach, kind),
            "oauth2": lambda kind: read_oauth2(self.reach, kind),
            "data types": lambda kind: read_datatypes(self.reach, self._config_names(), kind),
            "locales": lambda kind: read_locales(self.reach, kind),
            "encryption keys": lambda kind: read_keys(self.reach, kind),
            "packages": lambda kind: self._namespaces().of(kind),
            "productions": lambda kind: self._namespaces().of(kind),
            "code": lambda kind: read_code(self.reach, kind),
            "files": lambda _kind: self._host_files(),
        }

    def _config(self, kind: Kind, route: ConfigRows) -> Read:
        names = self._config_names()
        if not route.by_namespace:
            return read_rows(self.reach, names, kind, route)
        inside = all_kinds()["mirror" if route.by_namespace == "ID" else "namespace"]
        owner = next(each for each in inside.live if isinstance(each, ConfigRows))
        return read_rows(self.reach, names, kind, route, self._some(names.of(owner)))

    def _config_names(self) -> ConfigNames:
        """Ask for the names of all configuration classes in one statement, the first time."""
        if not self._asked:
            self._asked = True
            routes = [
                *config_routes(),
                ENTRIES,
                *DATATYPES,
                *(ConfigRows(iris_class=f"Config.{name}") for name in ROWS),
            ]
            self._names.ask_for(
                (route, "") for route in routes if self.reach.dictionary.has_class(route.iris_class)
            )
            self._ask_inside()
        return self._names

    def _ask_inside(self) -> None:
        """Ask for the mappings of all namespaces in as few statements."""
        wanted: list[tuple[ConfigRows, str]] = []
        for kind in all_kinds().values():
            for route in kind.live:
                if isinstance(route, ConfigRows) and route.by_namespace:
                    inside = all_kinds()["mirror" if route.by_namespace == "ID" else "namespace"]
                    owner = next(each for each in inside.live if isinstance(each, ConfigRows))
                    try:
                        wanted += [(route, name) for name in self._some(self._names.of(owner))]
                    except RouteClosed:
                        continue
        self._names.ask_for(wanted)

    def _namespaces(self) -> Visits:
        if self._visits is None:
            owner = next(each for each in all_kinds()["namespace"].live if isinstance(each, ConfigRows))
            self._visits = visit(self.reach, self._some(self._config_names().of(owner)))
        return self._visits

    def _some(self, namespaces: list[str]) -> list[str]:
        """Return the namespaces to look into: all, or where a sample is enough the last one (the first are IRIS's own)."""
        return namespaces[-1:] if self.reach.sampling else namespaces

    def _host_files(self) -> Read:
        behind = [self.read(all_kinds()[name]) for name in kinds_behind_files()]
        found = read_files(
            self.reach, roots_of((item for each in behind for item in each.read.items), self._files)
        )
        if any(each.coverage is not Coverage.WHOLE or each.read.gaps for each in behind):
            found.whole = False
            reason = _("what names files could not be read whole, so there may be more of them")
            found.gaps.append(Gap(kind="file", reason=reason))
        return found
