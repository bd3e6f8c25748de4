"""This module declares the checks of what members run on: release, locale, addresses, clock, memory (mirror.md 3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    known,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import FAILOVER_ROLES, OTHER_ROLES, MemberRole, Outcome
from driftsync.normalize import release_parts

ECP = "%service_ecp"
JOURNAL_FORMAT = (2025, 1)
"""Journal files of this release and later cannot be read by earlier ones (release notes of 2025.1)."""


def _release(view: View, member: MemberView) -> Result:
    mine, theirs = _number(view.the_primary), _number(member)
    if mine == theirs:
        return passed(theirs)
    seen = _("{theirs}, the primary {mine}").format(theirs=theirs, mine=mine)
    if member.role.takes_over:
        until = _upgrading(view, member)
        return (
            warned(_("{seen}; an upgrade is declared until {day}").format(seen=seen, day=until))
            if until
            else failed(seen)
        )
    older = release_parts(theirs) < JOURNAL_FORMAT <= release_parts(mine)
    return failed(seen) if older else warned(seen)


def _number(member: MemberView) -> str:
    """Return a member's release. Raises `Unanswered` where it has no numbers, by which releases are ordered."""
    found = str(member.fact("platform.number"))
    if len(release_parts(found)) < len(JOURNAL_FORMAT):
        raise Unanswered(_("{fact}: {value} is no number").format(fact="platform.number", value=repr(found)))
    return found


def _upgrading(view: View, member: MemberView) -> str:
    """Return until when an upgrade is declared in which the member was read; empty where none is."""
    window = view.declared.upgrade
    read = datetime.fromisoformat(member.header.taken_at).date()
    return window[1].isoformat() if window and window[0] <= read <= window[1] else ""


RELEASE = Check(
    id="PLT-101",
    title=N_("Product version"),
    why=N_(
        "Failover members must run the same version; an older member cannot read the journals of a newer one."
    ),
    do=N_("Finish the upgrade on the other members before relying on a failover."),
    source="%SYSTEM.Version.GetNumber; High Availability Guide 5.11.1",
    about=About.EACH,
    roles=OTHER_ROLES,
    rule=_release,
    outcomes=PASS_WARN_FAIL,
)


def _locale(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    for fact, word in (
        ("platform.unicode", _("character width")),
        ("platform.big_endian", _("byte order")),
    ):
        if member.switch(fact) != primary.switch(fact):
            return failed(_("another {word} than the primary").format(word=word))
    mine, theirs = set(primary.items("nls-locale")), set(member.items("nls-locale"))
    if not mine or not theirs:
        raise Unanswered(_("{fact}: no answer").format(fact="%SYS.NLS.Locale"))
    if mine != theirs:
        return failed(
            _("locale {theirs}, the primary {mine}").format(theirs=_names(theirs), mine=_names(mine))
        )
    return passed(_names(theirs))


def _names(keys: set[str]) -> str:
    return listed(sorted(key.partition(":")[2] for key in keys))


LOCALE = Check(
    id="PLT-102",
    title=N_("Locale, character width and byte order"),
    why=N_("Data written under one locale sorts and reads differently under another."),
    do=N_("Install the primary's locale on the member and restart it."),
    source="%SYS.NLS.Locale, %SYSTEM.Version.IsUnicode; High Availability Guide 5.11",
    about=About.EACH,
    roles=OTHER_ROLES,
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
    outcomes=PASS_WARN_FAIL,
)


def _port(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    servers = _pair(primary, member, "instance-setting:config/MaxServerConn")
    port = _pair(primary, member, "instance-setting:Startup/DefaultPort")
    if servers[0] != servers[1]:
        seen = _("application servers {theirs}, the primary {mine}").format(
            theirs=servers[1], mine=servers[0]
        )
        return failed(seen) if _serves_others(primary) else warned(seen)
    if primary.header.facts.virtual_address is False:
        return passed(_("no virtual address is used"))
    if port[0] != port[1]:
        return warned(_("port {theirs}, the primary {mine}").format(theirs=port[1], mine=port[0]))
    return passed(_("port {port}, {count} application servers").format(port=port[1], count=servers[1]))


def _serves_others(member: MemberView) -> bool:
    """Say whether application servers may connect."""
    return any(
        item.key.identity.casefold() == ECP and known(item, "Enabled")
        for item in member.items("service").values()
    )


def _pair(primary: MemberView, member: MemberView, key: str) -> tuple[Any, Any]:
    """Return a setting of both. Raises `Unanswered` where one does not have it."""
    found = primary.value("instance-setting", key), member.value("instance-setting", key)
    if None in found:
        raise Unanswered(_("{key} is not known").format(key=key))
    return found


PORT = Check(
    id="PLT-108",
    title=N_("Superserver port and application servers"),
    why=N_(
        "Clients follow the virtual address with the port they know; ECP application servers find no place where fewer are allowed."
    ),
    do=N_("Give the member the primary's superserver port and its maximum number of application servers."),
    source="Config.Startup DefaultPort, Config.config MaxServerConn; High Availability Guide 4.12, 4.13.1",
    about=About.EACH,
    roles=frozenset({MemberRole.BACKUP, MemberRole.FAILOVER}),
    rule=_port,
    outcomes=PASS_WARN_FAIL,
)


def _interface(view: View, member: MemberView) -> Result:
    used = view.the_primary.header.facts.virtual_address
    if used is None:
        raise Unanswered(_("whether a virtual address is used is not known"))
    if not used:
        return passed(_("no virtual address is used"))
    name = member.value("mirror-member", "mirror-member:this", "VirtualAddressInterface")
    return passed(str(name)) if name else failed(_("no interface is named for the virtual address"))


INTERFACE = Check(
    id="PLT-105b",
    title=N_("An interface for the virtual address"),
    why=N_("A member that does not know where to put the virtual address aborts the failover."),
    do=N_("Name the network interface of each failover member in the Mirror settings."),
    source="Config.MirrorMember VirtualAddressInterface; High Availability Guide 4.13",
    about=About.EACH,
    roles=FAILOVER_ROLES,
    rule=_interface,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _agent(view: View, member: MemberView) -> Result:
    del view
    said = str(member.fact("mirror.agent"))
    if said == "1":
        return passed(_("IRIS reaches it"))
    return failed(said.removeprefix("0").strip() or _("IRIS does not reach it"))


AGENT = Check(
    id="PLT-103",
    title=N_("The ISCAgent answers"),
    why=N_("Without the agent of a dead primary's host the backup cannot make sure that it is dead."),
    do=N_(
        "Start the ISCAgent on the host and let it start at boot; it must be at least as new as the instance."
    ),
    source="SYS.Mirror.CheckISCAgent; Monitoring Guide, table 5-1",
    about=About.EACH,
    roles=FAILOVER_ROLES,
    rule=_agent,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _clock(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    mine, theirs = primary.number("platform.time_zone"), member.number("platform.time_zone")
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
    except (ValueError, OverflowError):
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
    roles=OTHER_ROLES,
    rule=_clock,
    outcomes=PASS_WARN_FAIL,
)


def _memory(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    keys = [
        key
        for key in primary.items("instance-setting")
        if key.startswith("instance-setting:config/") and key.rpartition("/")[2] in MEMORY
    ]
    if not keys:
        raise Unanswered(_("the settings of [config] could not be read"))
    smaller: list[str] = []
    least = 100
    for key in keys:
        mine, theirs = map(_size, _pair(primary, member, key))
        if theirs < mine:
            smaller.append(f"{key.rpartition('/')[2]} {theirs:.10g} < {mine:.10g}")
            least = min(least, int(100 * theirs / mine))
    if not smaller:
        return passed(_("at least as much as the primary"))
    return failed(listed(smaller)) if least < view.thresholds.memory_fail_percent else warned(listed(smaller))


def _size(value: object) -> float:
    """Return a size, or the sum of several: buffers stand one for each block size. Raises `Unanswered` for others."""
    try:
        return sum(float(str(each)) for each in (value if isinstance(value, list) else [value]))
    except ValueError:
        raise Unanswered(_("{value} is no number").format(value=repr(value))) from None


MEMORY = frozenset({"globals", "routines", "gmheap", "locksiz"})
"""What of `[config]` takes memory that another host may not have."""

MEMORY_CHECK = Check(
    id="PLT-110",
    title=N_("Memory of the would-be primary"),
    why=N_("With smaller buffers or heaps the new primary is slow, or its processes end for want of memory."),
    do=N_("Give it the primary's [config] values, if the host has the memory; a restart is needed."),
    source="Config.config; High Availability Guide 4.2",
    about=About.PROMOTED,
    rule=_memory,
    outcomes=PASS_WARN_FAIL,
)
