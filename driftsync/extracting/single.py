"""This module reads one item, or one kind, of a member that is being written to, in as few calls as its class allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from driftsync.connections import ObjectHandle
from driftsync.connections.failures import CallFailed
from driftsync.errors import DocumentError, DriftsyncError
from driftsync.extracting.config import ROWS, by_list
from driftsync.extracting.extraction import OWN, UTIL, directories_among
from driftsync.extracting.objects import NoObjectError, one_by_one, opened, values_of
from driftsync.extracting.one_row import OneRow, one_row
from driftsync.extracting.permitted import why
from driftsync.extracting.reach import Reach, RouteClosed
from driftsync.extracting.reading import MemberReader
from driftsync.extracting.tables import NEVER
from driftsync.extracting.together import Rows, ask_together
from driftsync.extracting.values import MISREAD
from driftsync.fingerprinting import Fingerprinter
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ConfigRows, LiveRoute, Objects, Sections
from driftsync.kinds.making import Maker, RawItem, RawValue, key_of, moves_by_itself
from driftsync.kinds.spec import Kind
from driftsync.language import english as _
from driftsync.model import Coverage, Item

Identity = Mapping[str, str]


class Unreadable(DriftsyncError):  # noqa: N818 - named for what happened
    """An item or a kind could not be read as a whole: nothing may be concluded from that."""

    exit_code = 3


@dataclass(frozen=True)
class Seen:
    """One item as it is now, `None` where there is none, and the object that was opened for it."""

    item: Item | None
    handle: ObjectHandle | None = None
    raw: Mapping[str, RawValue] | None = None


class SingleReader:
    """Reads items of one member one by one, and kinds whole where one by one is not enough."""

    def __init__(self, reach: Reach, fingerprinter: Fingerprinter, directories: Mapping[str, str]) -> None:
        self.reach = reach
        self._fingerprinter, self._stated = fingerprinter, directories

    @cached_property
    def _maker(self) -> Maker:
        """Makes items as the extraction does: with the same key, and the same names for this member's own directories."""
        databases = MemberReader(self.reach).read(all_kinds()["database"])
        own = directories_among(databases)
        if "mgr" not in own:
            own = {name: str(self.reach.connection.call(UTIL, method).value) for name, method in OWN.items()}
        return Maker(self._fingerprinter, {**own, **self._stated})

    def one(self, kind: Kind, identity: Identity) -> Seen:
        """Read one item in one or two calls. Raises `Unreadable` where the class has no such short way."""
        for route in reversed(kind.live):  # an object costs less than a table where one item is wanted
            try:
                raw, handle = self._by(kind, route, identity)
            except NoObjectError:
                return Seen(None)
            except RouteClosed:
                continue
            except (CallFailed, DocumentError, *MISREAD) as error:
                raise Unreadable(why(error)) from error
            if raw is None or moves_by_itself(raw):
                return Seen(None)
            return Seen(self._maker.make(raw)[0], handle, raw.values)
        raise Unreadable(_("there is no short way to one item of this kind"))

    def row(self, kind: Kind, identity: Identity) -> OneRow | None:
        """Return how one item is asked for beside other questions, `None` where no SELECT shows it."""
        rows = (one_row(self.reach, kind, route, identity) for route in kind.live)
        return next((row for row in rows if row is not None), None)

    def of_row(self, row: OneRow, answers: Sequence[Rows]) -> Item | None:
        """Return the item that answers make. Raises `Unreadable` where they leave open what it is."""
        try:
            raw = row.made(answers)
        except (RouteClosed, *MISREAD) as error:
            raise Unreadable(why(error)) from error
        return None if raw is None or moves_by_itself(raw) else self._maker.make(raw)[0]

    def whole(self, kind: Kind) -> dict[str, Item]:
        """Read all items of a kind by key, as an extraction does. Raises `Unreadable` where not all of them can be read."""
        found = MemberReader(self.reach).read(kind)
        if found.coverage is Coverage.NOT_LOOKED_AT:
            return {}
        if found.coverage is not Coverage.WHOLE or any(not gap.key for gap in found.read.gaps):
            reason = next((gap.reason for gap in found.read.gaps), "")
            raise Unreadable(
                _("not all items of kind {kind} could be read: {reason}").format(
                    kind=kind.name, reason=reason
                )
            )
        items: dict[str, Item] = {}
        twice: set[str] = set()
        for raw in found.read.items:
            if moves_by_itself(raw):
                continue
            item = self._maker.make(raw)[0]
            if item.key.match in items:
                twice.add(item.key.match)
            items[item.key.match] = item
        return {key: item for key, item in items.items() if key not in twice}

    def key(self, kind: Kind, identity: Identity) -> str:
        """Return the key under which `whole` has an item."""
        return key_of(kind, dict(identity)).match

    def _by(
        self, kind: Kind, route: LiveRoute, identity: Identity
    ) -> tuple[RawItem | None, ObjectHandle | None]:
        match route:
            case Objects() if route.opener == "Exists" and (
                route.names is None or set(route.key) <= set(identity)
            ):
                return self._object(kind, route, identity)
            case ConfigRows():
                return self._row(kind, route, identity), None
            case Sections() if route.per_setting:
                return self._setting(kind, identity), None
        row = one_row(self.reach, kind, route, identity)
        if row is None:
            raise RouteClosed("")
        return row.made(ask_together(self.reach.connection, row.questions)), None

    def _object(self, kind: Kind, route: Objects, identity: Identity) -> tuple[RawItem, ObjectHandle]:
        connection = self.reach.connection
        key = tuple(identity[name] for name in route.key) if route.names else route.key
        handle = opened(connection, route.home, route.opener, key)
        values, unread = values_of(connection, self.reach, kind, route.home, handle)
        facts = self.reach.dictionary.properties(route.home)
        beside, lost = one_by_one(connection, handle, route.beside, facts)
        values = {**beside, **values}
        if route.names:
            for name in route.key:
                values.setdefault(name, identity[name])
        return RawItem(kind, values, unread=(*unread, *lost)), handle

    def _row(self, kind: Kind, route: ConfigRows, identity: Identity) -> RawItem | None:
        name = identity[kind.identity.properties[-1]]
        key = (identity[route.by_namespace], name) if route.by_namespace else (name,)
        try:
            values = by_list(self.reach, route.iris_class, *key)
        except ValueError:
            return None  # the class gives an error status for what is not there
        kept = {each: value for each, value in values.items() if each not in NEVER or kind.declared(each)}
        return RawItem(kind, {**kept, **route.sets, **identity})

    def _setting(self, kind: Kind, identity: Identity) -> RawItem | None:
        section, name = identity["Section"], identity["Name"]
        if section in ROWS:
            raise RouteClosed("")
        values = by_list(self.reach, f"Config.{section}")
        present = values.get(f"{name}Present", "1")
        if name not in values or str(present) in {"", "0", "None"}:
            return None
        value = values[name]
        return RawItem(kind, {"Section": section, "Name": name, "Value": "" if value is None else value})
