"""This module declares the checks of what people and programs enter by: web applications and services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    shipped,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome

DECIDING = ("NameSpace", "DispatchClass", "Resource")
"""Properties by which an application answers at all, and to whom."""
MIRROR, GATEWAY, BINDINGS, ECP = (
    "%service_mirror",
    "%service_webgateway",
    "%service_bindings",
    "%service_ecp",
)
ROUTINES: Mapping[str, str] = {"%SYS.cspServer": GATEWAY, "%SYS.BINDSRV": BINDINGS, "ECPSrv": ECP}
"""Routines of processes that serve a connection, by their beginning, and the service they serve (not proven)."""


def _applications(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    there = member.items("web-application")
    offered = [item for item in primary.items("web-application").values() if not shipped(item)]
    lost = gather(
        [
            *(_differently(item, there.get(item.key.match)) for item in offered),
            _without_files(offered, primary, member),
        ]
    )
    return failed(listed(lost)) if lost else passed(_("as on the primary"))


def _differently(item: Item, other: Item | None) -> Iterator[str]:
    if not known(item, "Enabled"):
        return
    if other is None:
        yield _("{item} is not there").format(item=item.key)
    elif not known(other, "Enabled"):
        yield _("{item} is disabled").format(item=item.key)
    else:
        for name in DECIDING:
            here, there = str(known(item, name) or ""), str(known(other, name) or "")
            if here != there:
                yield _("{item} {property}: {there} instead of {here}").format(
                    item=item.key, property=name, there=there or _("nothing"), here=here or _("nothing")
                )


def _without_files(offered: list[Item], primary: MemberView, member: MemberView) -> Iterator[str]:
    """Yield applications that have files on the primary and none on the member: their directory is not there."""
    with_path = [item for item in offered if known(item, "Enabled") and known(item, "Path")]
    if not with_path:
        return
    here, there = (_owners_of_files(each) for each in (primary, member))
    answering = member.items("web-application")
    for item in with_path:
        if item.key.match in here - there and item.key.match in answering:
            yield _("{item} finds none of its files in {path}").format(
                item=item.key, path=known(item, "Path")
            )


def _owners_of_files(member: MemberView) -> set[str]:
    """Return the keys of web applications that have at least one file: names of files begin with them."""
    applications = {item.key.match for item in member.items("web-application").values()}
    found: set[str] = set()
    for item in member.items("file").values():
        name = item.key.identity.casefold()
        found |= {each for each in applications - found if name.startswith(f"{each.casefold()}/")}
    return found


APPLICATIONS = Check(
    id="CFG-505",
    title=N_("Web applications answer as on the primary"),
    why=N_("What is missing or disabled answers 404 or 403; another class or resource answers otherwise."),
    do=N_("Create, enable or correct the application on the member, and copy its files there."),
    source="Security.Applications, %Library.File; High Availability Guide 4.2",
    about=About.PROMOTED,
    rule=_applications,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _services(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    here, there = _enabled(primary), _enabled(member)
    if here.keys() == there.keys():
        return passed(_("the same as on the primary are enabled"))
    off = sorted(here[key] for key in here.keys() - there.keys())
    more = sorted(there[key] for key in there.keys() - here.keys())
    used = _used(primary) if off else set()
    closed = [name for name in off if name.casefold() in used]
    if closed:
        return failed(_("off, and in use on the primary: {services}").format(services=listed(closed)))
    told = [_("off here: {services}").format(services=listed(off))] if off else []
    told += [_("on here only: {services}").format(services=listed(more))] if more else []
    return warned("; ".join(told))


def _enabled(member: MemberView) -> dict[str, str]:
    return {
        key: item.key.spelled or item.key.identity
        for key, item in member.items("service").items()
        if known(item, "Enabled")
    }


def _used(primary: MemberView) -> set[str]:
    """Return the services that the mirror needs, web applications come in by, or a process was seen to serve."""
    found = {MIRROR}
    for item in primary.items("web-application").values():
        if not shipped(item) and known(item, "Enabled"):
            found.add(GATEWAY)
    for row in primary.rows("processes"):
        routine = str(row.get("Routine") or "")
        found |= {service for beginning, service in ROUTINES.items() if routine.startswith(beginning)}
    return found


SERVICES = Check(
    id="CFG-507",
    title=N_("The same services are enabled"),
    why=N_("Clients of a service that is off are refused; one that is on here only is an open door."),
    do=N_("Enable or disable the services on the member as on the primary."),
    source="Security.Services, %SYS.ProcessQuery",
    about=About.PROMOTED,
    rule=_services,
    outcomes=PASS_WARN_FAIL,
)
