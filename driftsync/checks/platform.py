"""This module declares the checks of what members run on: release, locale, addresses, clock, memory (mirror.md 3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from driftsync.checks.spec import (
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import MemberRole, Outcome
from driftsync.normalize import release_parts

FAILOVER = frozenset({MemberRole.PRIMARY, MemberRole.BACKUP, MemberRole.FAILOVER})
OTHERS = frozenset(MemberRole) - {MemberRole.PRIMARY}
JOURNAL_FORMAT = (2025, 1)
"""Journal files of this release and later cannot be read by earlier ones (release notes of 2025.1)."""


def _release(view: View, member: MemberView) -> Result:
    mine = str(view.the_primary.fact("platform.number"))
    theirs = str(member.fact("platform.number"))
    if mine == theirs:
        return passed(theirs)
    seen = _("{theirs}, the primary {mine}").format(theirs=theirs, mine=mine)
    if member.role in FAILOVER:
        return failed(seen)
    older = release_parts(theirs) < JOURNAL_FORMAT <= release_parts(mine)
    return failed(seen) if older else warned(seen)


RELEASE = Check(
    id="PLT-101",
    title=N_("Product version"),
    why=N_(
        "Failover members must run the same version; an older member cannot read the journals of a newer one."
    ),
    do=N_("Finish the upgrade on the other members before relying on a failover."),
    source="%SYSTEM.Version.GetNumber; High Availability Guide 5.11.1",
    about=About.EACH,
    roles=OTHERS,
    rule=_release,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)


def _locale(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    for fact, word in (
        ("platform.unicode", _("character width")),
        ("platform.big_endian", _("byte order")),
    ):
        if str(member.fact(fact)) != str(primary.fact(fact)):
            return failed(_("another {word} than the primary").format(word=word))
    mine, theirs = set(primary.items("nls-locale")), set(member.items("nls-locale"))
    if mine != theirs:
        return failed(
            _("locale {theirs}, the primary {mine}").format(theirs=_names(theirs), mine=_names(mine))
        )
    return passed(_names(theirs))


def _names(keys: set[str]) -> str:
    return listed(sorted(key.partition(":")[2] for key in keys)) or "?"


LOCALE = Check(
    id="PLT-102",
    title=N_("Locale, character width and byte order"),
    why=N_("Data written under one locale sorts and reads differently under another."),
    do=N_("Install the primary's locale on the member and restart it."),
    source="%SYS.NLS.Locale, %SYSTEM.Version.IsUnicode; High Availability Guide 5.11",
    about=About.EACH,
    roles=OTHERS,
    rule=_locale,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _arbiter(view: View) -> Result:
    primary = view.the_primary
    for key in primary.items("mirror"):
        node = str(primary.value("mirror", key, "ArbiterNode") or "")
        host = node.partition("|")[0].casefold()
        if not host:
            return warned(_("no arbiter is configured"))
        for row in primary.items("mirror-member-map").values():
            addresses = {
                str(row.compared.get(name, row.local.get(name, ""))).casefold()
                for name in ("MirrorAddress", "AgentAddress", "ECPAddress")
            }
            if host in addresses and str(row.compared.get("MemberType", "0")) == "0":
                return failed(_("{host} is the host of a failover member").format(host=host))
        return passed(host)
    raise Unanswered(_("the mirror's definition has no row"))


ARBITER = Check(
    id="PLT-104",
    title=N_("The arbiter stands apart"),
    why=N_("An arbiter on the host of a failover member is lost together with it, just when it is needed."),
    do=N_("Move the arbiter to a host of its own, ideally in a third place."),
    source="Config.Mirrors ArbiterNode, Config.MapMirrors; High Availability Guide 4.3",
    about=About.MIRROR,
    rule=_arbiter,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)


def _port(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    if primary.header.facts.virtual_address is False:
        return passed(_("no virtual address is used"))
    key = "instance-setting:Startup/DefaultPort"
    mine, theirs = primary.value("instance-setting", key), member.value("instance-setting", key)
    if mine == theirs:
        return passed(str(theirs))
    return warned(_("{theirs}, the primary {mine}").format(theirs=theirs, mine=mine))


PORT = Check(
    id="PLT-108",
    title=N_("Superserver port behind the virtual address"),
    why=N_("Clients follow the virtual address with the port they know."),
    do=N_("Give the member the primary's superserver port."),
    source="Config.Startup DefaultPort; High Availability Guide 4.13.1",
    about=About.EACH,
    roles=frozenset({MemberRole.BACKUP, MemberRole.FAILOVER}),
    rule=_port,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)


def _clock(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    mine, theirs = str(primary.fact("platform.time_zone")), str(member.fact("platform.time_zone"))
    if mine != theirs:
        return failed(
            _("time zone {theirs} minutes west of UTC, the primary {mine}").format(theirs=theirs, mine=mine)
        )
    apart = abs(_skew(member) - _skew(primary))
    between = timedelta(seconds=view.thresholds.clock_seconds) + _spent(member) + _spent(primary)
    seen = _("{seconds:.0f} s apart").format(seconds=apart.total_seconds())
    return warned(seen) if apart > between else passed(seen)


def _skew(member: MemberView) -> timedelta:
    """Return how far a member's clock is from that of the host that read it, as far as the snapshot tells."""
    days, _comma, seconds = str(member.fact("platform.time")).partition(",")
    try:
        moment = datetime(1840, 12, 31) + timedelta(days=int(days), seconds=float(seconds or 0))  # noqa: DTZ001 - UTC
        read = datetime.fromisoformat(member.header.taken_at).replace(tzinfo=None)
    except ValueError:
        raise Unanswered(_("platform.time is no time")) from None
    return moment - read


def _spent(member: MemberView) -> timedelta:
    """Return how long reading took: the clock was asked at some moment of it."""
    return timedelta(seconds=member.header.extraction.seconds if member.header.extraction else 0)


CLOCK = Check(
    id="PLT-109",
    title=N_("Clocks agree"),
    why=N_("Tokens, schedules and the order of records depend on the clock of whoever is primary."),
    do=N_("Let both hosts take their time from the same NTP servers and use one time zone."),
    source="%SYSTEM.SYS.TimeStamp and TimeZone",
    about=About.EACH,
    roles=OTHERS,
    rule=_clock,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)


def _memory(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    keys = [
        key
        for key in primary.items("instance-setting")
        if key.startswith("instance-setting:config/") and key.rpartition("/")[2] in MEMORY
    ]
    smaller: list[str] = []
    least = 100
    for key in keys:
        mine, theirs = primary.value("instance-setting", key), member.value("instance-setting", key)
        if isinstance(mine, (int, float)) and isinstance(theirs, (int, float)) and theirs < mine:
            smaller.append(f"{key.rpartition('/')[2]} {theirs} < {mine}")
            least = min(least, int(100 * theirs / mine))
    if not smaller:
        return passed(_("at least as much as the primary"))
    return failed(listed(smaller)) if least < view.thresholds.memory_fail_percent else warned(listed(smaller))


MEMORY = frozenset(
    {"globals4kb", "globals8kb", "globals16kb", "globals32kb", "globals64kb", "gmheap", "locksiz", "routines"}
)

MEMORY_CHECK = Check(
    id="PLT-110",
    title=N_("Memory of the would-be primary"),
    why=N_("With smaller buffers or heaps the new primary is slow, or its processes end for want of memory."),
    do=N_("Give it the primary's [config] values, if the host has the memory; a restart is needed."),
    source="Config.config; High Availability Guide 4.2",
    about=About.PROMOTED,
    rule=_memory,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)
