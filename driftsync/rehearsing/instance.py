"""This module says what it would mean that the new primary has other memory, journals, ports, or a smaller licence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.spec import MemberView, known
from driftsync.kinds.spec import WHETHER_SET
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item, MemberRole
from driftsync.rehearsing.pair import Pair
from driftsync.rehearsing.repairing import readiness_of

UNITS = "licence.units"
INTERFACE = f"VirtualAddressInterface{WHETHER_SET}"

SMALLER: Mapping[str, str] = {
    "config/locksiz": N_("the lock table fills sooner: programs wait, or stop with <LOCKTABLEFULL>"),
    "config/gmheap": N_("less shared memory heap: processes, SQL and dejournaling may fail under load"),
    "config/globals": N_("fewer buffers for data: everything that reads is slower"),
    "config/routines": N_("fewer buffers for code: programs load routines again and again"),
    "config/bbsiz": N_("less memory for each process: programs stop sooner with <STORE>"),
    "config/jrnbufs": N_("fewer journal buffers: writing waits sooner"),
    "config/MaxServerConn": N_("application servers beyond that number are refused"),
    "Startup/DBSizesAllowed": N_("databases of the block sizes that are left out do not mount"),
    "Journal/DaysBeforePurge": N_("journal files are purged sooner: less to restore from"),
    "Journal/BackupsBeforePurge": N_("journal files are purged sooner: less to restore from"),
    "Startup/EnsembleAutoStart": N_("no production starts with the instance"),
    "Journal/FreezeOnError": N_("a journal error no longer stops the instance: what follows may be lost"),
}
"""What it means that a setting is smaller, or off, on the new primary."""
LARGER: Mapping[str, str] = {
    "Journal/DaysBeforePurge": N_("journal files are kept longer: the journal disk fills sooner"),
    "Journal/BackupsBeforePurge": N_("journal files are kept longer: the journal disk fills sooner"),
    "Startup/EnsembleAutoStart": N_("productions start with the instance that do not today"),
}
OTHER: Mapping[str, str] = {
    "Startup/DefaultPort": N_("clients that know the port of the old primary find nobody"),
    "Startup/WebServerPort": N_("browsers that know the port of the old primary find nobody"),
    "Journal/CurrentDirectory": N_("the journal lies elsewhere: look that the disk is large enough"),
    "Journal/AlternateDirectory": N_(
        "the second journal directory lies elsewhere: look that it is another disk"
    ),
    "Journal/FileSizeLimit": N_("journal files are switched at another size"),
    "SQL/LockTimeout": N_("SQL waits another time for locks before it gives up"),
}
BREAKING = frozenset(
    {"config/MaxServerConn", "Startup/DBSizesAllowed", "Startup/EnsembleAutoStart", "Startup/DefaultPort"}
)
"""Where the worse direction stops somebody."""


def settings(pair: Pair) -> Iterator[Consequence]:
    """Yield memory, lock table, journal and other settings whose difference has a known meaning."""
    changed = {each.key for each in pair.drift.differences if each.kind == "instance-setting"}
    yield from pair.each(
        _setting, [each for each in pair.both("instance-setting") if str(each[0].key) in changed]
    )


def _setting(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = found
    name = f"{after.key.namespace}/{after.key.identity}"
    there, here = known(before, "Value"), known(after, "Value")
    more, less = _amount(here), _amount(there)
    smaller = more is not None and less is not None and more < less
    means = OTHER.get(name) or (SMALLER if smaller else LARGER).get(name, "")
    if means:
        worse = smaller or name in OTHER
        what = _("would run with {name} = {there} instead of {here}: {what}").format(
            name=after.key.identity, there=shown(here), here=shown(there), what=_(means)
        )
        effect = Effect.BREAKS if worse and name in BREAKING else Effect.CHANGES
        yield pair.consequence(effect, Audience.EVERYBODY, _("everybody"), what, after, "Value")


def _amount(found: object) -> float | None:
    """Return what can be compared as more or less: a number, a flag, the sum or the count of a list."""
    if isinstance(found, (bool, int, float)):
        return float(found)
    if isinstance(found, list):
        numbers = [float(each) for each in found if str(each).replace(".", "", 1).isdigit()]
        return sum(numbers)
    return None if found else 0.0


def shown(found: object) -> str:
    """Write a value in a sentence; a secret stays one."""
    if found is None or found == "":
        return '""'
    if isinstance(found, bool):
        return str(int(found))
    if isinstance(found, list):
        return ",".join(map(str, found))
    return str(found) if isinstance(found, (str, int, float)) else _("(another value)")


def the_member(pair: Pair) -> Iterator[Consequence]:
    """Yield what stands in the way of the member as such: its role, and how many its licence lets in."""
    if pair.new.role is MemberRole.REPORTING_ASYNC:
        yield Consequence(
            effect=Effect.BREAKS,
            audience=Audience.EVERYBODY,
            who=_("everybody"),
            what=_(
                "would be without a primary: a reporting async is never promoted; the rest is what it lacks"
            ),
            key="mirror-member:this",
            portal=_("System Operation > Mirror Monitor"),
            repair=readiness_of(pair.new.name),
        )
        pair.settle("mirror-member:this")
    else:
        yield from pair.each(_virtual_address, pair.both("mirror-member"))
    yield from pair.each(_licence, [(pair.old, pair.new)])


def _virtual_address(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    """Yield that a member knows no interface for the virtual address; a promotion asks for it, a failover cannot."""
    before, after = found
    there, here = (known(each, INTERFACE) for each in (before, after))
    pair.settle(after.key.match, INTERFACE)
    if here or not there:
        return
    if pair.new.role is MemberRole.DR_ASYNC:
        who, effect = _("whoever promotes it"), Effect.CHANGES
        what = _("would have to name the network interface that takes the virtual address")
    else:
        who, effect = _("everybody"), Effect.BREAKS
        what = _("would not reach it: no network interface is set that could take the virtual address")
    yield pair.consequence(effect, Audience.EVERYBODY, who, what, after, INTERFACE)


def _licence(pair: Pair, members: tuple[MemberView, MemberView]) -> Iterator[Consequence]:
    del pair
    old, new = members
    there, here = old.number(UNITS), new.number(UNITS)
    if here >= there:
        return
    used = old.number("licence.most_used")
    yield Consequence(
        effect=Effect.BREAKS if here < used else Effect.CHANGES,
        audience=Audience.EVERYBODY,
        who=_("whoever comes after the last licence unit"),
        what=_("would be refused at {here} units instead of {there}; up to {used} were in use").format(
            here=here, there=there, used=used
        ),
        key=UNITS,
        portal=_("System Administration > Licensing > License Key"),
        repair=readiness_of(new.name),
    )
