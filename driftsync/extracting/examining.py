"""This module examines one running member for `driftsync doctor`: connection, account, routes, facts, licence.

The routes are those of an extraction, for it is the same reader that takes them, with one row of each kind.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timezone

import msgspec

from driftsync.connections import Connection
from driftsync.connections.asking import ask
from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.connections.guarded import driver_version
from driftsync.errors import MirrorError, NotInMirrorError
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.privileges import Account, ask_account, classes_of
from driftsync.extracting.probing import probe
from driftsync.extracting.reach import Reach
from driftsync.extracting.reading import KindRead, MemberReader
from driftsync.kinds import all_kinds
from driftsync.kinds.live import ConfigRows, LiveRoute, Objects, QueryRows, Sections, Table
from driftsync.kinds.spec import Kind
from driftsync.model import Coverage, KindExamined, Legible, Licence, MemberExamined, MemberRole

TIMES = 5
"""How often the time of a round trip is measured."""
EPOCH = datetime(1840, 12, 31, tzinfo=timezone.utc)
"""Where `$ZTIMESTAMP` starts to count days."""
DAY = 86_400

Progress = Callable[[int], None]


def examine(
    open_connection: Callable[[], Connection],
    known: MemberExamined,
    *,
    mirror: str = "",
    progress: Progress = lambda _done: None,
) -> MemberExamined:
    """Add to what is known of a member what it answers; raises `ConnectionFailed` where it cannot be reached."""
    reach = Reach(open_connection)
    try:
        return _examined(reach, open_connection, known, mirror, progress)
    finally:
        reach.close()


def _examined(
    reach: Reach,
    open_connection: Callable[[], Connection],
    known: MemberExamined,
    mirror: str,
    progress: Progress,
) -> MemberExamined:
    started = time.monotonic()
    connection = reach.connection
    address = str(connection.address)
    prefix = f"{known.name} ({address}): "

    def shortened(text: str) -> str:
        return text.replace(prefix, "")

    role, status, untold = _role(connection, mirror)
    user = str(connection.call("%SYSTEM.Process", "UserName").value)
    account = ask_account(connection, user)
    round_trip, clock = _clock(connection)
    licence = _licence(connection, open_connection)
    facts = probe(reach, account, shortened)
    return msgspec.structs.replace(
        known,
        address=address,
        driver=driver_version(),
        version=connection.version,
        role=role,
        status=status,
        untold=shortened(untold),
        user=user,
        round_trip=round_trip,
        clock=clock,
        privileges=list(account.privileges),
        excess=list(account.excess),
        licence=licence,
        facts=facts,
        kinds=_kinds(reach, account, shortened, progress),
        round_trips=reach.round_trips,
        seconds=round(time.monotonic() - started, 3),
    )


def _role(connection: PermittedConnection, mirror: str) -> tuple[MemberRole, str, str]:
    try:
        said = ask(connection, mirror, with_definition=False)
    except (NotInMirrorError, MirrorError) as error:
        return MemberRole.UNKNOWN, "", error.message
    except (CallFailed, ValueError, TypeError, IndexError) as error:
        return MemberRole.UNKNOWN, "", why(error)
    return said.role, said.status, ""


def _clock(connection: PermittedConnection) -> tuple[float, float | None]:
    """Return the time of a round trip, and how far the member's clock is ahead."""
    took: list[float] = []
    ahead: float | None = None
    for _number in range(TIMES):
        before, now = time.monotonic(), datetime.now(timezone.utc)
        answer = connection.call("%SYSTEM.SYS", "TimeStamp").value
        took.append(time.monotonic() - before)
        with contextlib.suppress(ValueError):
            days, _comma, seconds = str(answer).partition(",")
            ahead = int(days) * DAY + float(seconds) - (now - EPOCH).total_seconds() - took[-1] / 2
    return round(statistics.median(took), 6), None if ahead is None else round(ahead, 3)


def _licence(connection: PermittedConnection, open_connection: Callable[[], Connection]) -> Licence:
    """Count the units in use with one connection, and with a second one."""
    consumed, second = _number(connection, "LUConsumed"), None
    with contextlib.suppress(ConnectionFailed):
        other = open_connection()
        try:
            second = _number(connection, "LUConsumed")
        finally:
            other.close()
    return Licence(units=_number(connection, "KeyLicenseUnits"), consumed=consumed, consumed_with_two=second)


def _number(connection: PermittedConnection, method: str) -> int | None:
    try:
        return int(connection.call("%SYSTEM.License", method).value)
    except (CallFailed, ValueError, TypeError):
        return None


# -- kinds ----------------------------------------------------------------------------------------------------------


def _kinds(
    reach: Reach, account: Account, shortened: Callable[[str], str], progress: Progress
) -> list[KindExamined]:
    reach.sample()
    reader = MemberReader(reach)
    for name, reason in account.closed.items():
        kind = all_kinds()[name]
        if any(map(reach.dictionary.has_class, classes_of(kind))):
            reader.leave_out(kind, reason)
    found: list[KindExamined] = []
    for number, kind in enumerate(all_kinds().values()):
        progress(number)
        found.append(_kind(kind, reader.read(kind), shortened))
    return found


def _kind(kind: Kind, found: KindRead, shortened: Callable[[str], str]) -> KindExamined:
    legible = {
        Coverage.WHOLE: Legible.PARTLY if found.read.gaps else Legible.YES,
        Coverage.PARTIAL: Legible.PARTLY,
        Coverage.NONE: Legible.NO,
        Coverage.NOT_LOOKED_AT: Legible.ABSENT if kind.live else Legible.NO_WAY,
    }[found.coverage]
    unread = {name for item in found.read.items for name in item.unread}
    if unread and legible is Legible.YES:
        legible = Legible.PARTLY
    can = legible in {Legible.YES, Legible.PARTLY}
    return KindExamined(
        kind=kind.name,
        legible=legible,
        way=_way(found.by, found.read.route) if can else "",
        route=found.read.route if can else "",
        reasons=[shortened(reason) for reason in dict.fromkeys(gap.reason for gap in found.read.gaps)],
        unread=sorted(unread),
    )


def _way(route: LiveRoute | None, text: str) -> str:
    match route:
        case Table():
            return "table"
        case QueryRows():
            return "class query"
        case Objects():
            return "objects"
        case Sections():
            return "GetList"
        case ConfigRows():
            return "GetList" if text.endswith("GetList()") else "table"
        case _:
            return "table" if text.startswith("SELECT FROM") else "own reader"
