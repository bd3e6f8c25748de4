"""This module declares the checks of namespaces and mappings: whether names lead where they lead on the primary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftsync.checks.resolving import (
    DATABASES_OF_A_NAMESPACE,
    MAPPINGS,
    OWN_DATABASE,
    labelled,
    led_elsewhere,
    place_of,
    places,
)
from driftsync.checks.spec import (
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    shipped,
)
from driftsync.kinds.mappings import FOR_ALL
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome


def _namespaces(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    lost = gather([_different_namespaces(primary, member), _different_mappings(primary, member)])
    return failed(listed(lost)) if lost else passed(_("as on the primary"))


def _different_namespaces(primary: MemberView, member: MemberView) -> Iterator[str]:
    before, after = places(primary), places(member)
    there = member.items("namespace")
    for key, item in primary.items("namespace").items():
        if item.key.identity == FOR_ALL:
            continue
        if key not in there:
            yield _("{item} is not there").format(item=item.key)
            continue
        for name in DATABASES_OF_A_NAMESPACE:
            here = place_of(before, _database_of(item, name))
            elsewhere = place_of(after, _database_of(there[key], name))
            if not here.is_as(elsewhere):
                yield _("{item} {property}: {there} instead of {here}").format(
                    item=item.key, property=name, there=elsewhere.name, here=here.name
                )


def _database_of(item: Item, name: str) -> Any:
    return known(item, name) or (known(item, "Globals") if name == "Routines" else None)


def _different_mappings(primary: MemberView, member: MemberView) -> Iterator[str]:
    for kind in MAPPINGS:
        for each in led_elsewhere(primary, member, kind):
            if shipped(each.item):
                continue
            if each.only_how:
                yield _("{item}: other collation or lock database").format(item=each.item.key)
            elif not each.after:
                yield _("{item} is not there").format(item=each.item.key)
            elif not each.before:
                yield _("{item} is here only").format(item=each.item.key)
            else:
                yield _("{item}: {there} instead of {here}").format(
                    item=each.item.key, there=each.after, here=each.before
                )


NAMESPACES = Check(
    id="CFG-501",
    title=N_("Namespaces and mappings are those of the primary"),
    why=N_("Clients of a namespace that is missing are refused; one that leads elsewhere shows other data."),
    do=N_("Create or correct the namespace and its mappings on the member; the mirror carries neither."),
    source="Config.Namespaces, Config.MapGlobals, MapRoutines, MapPackages; High Availability Guide 4.2 and 4.8",
    about=About.PROMOTED,
    rule=_namespaces,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _targets(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    here, there = places(primary), places(member)
    wanted = _wanted(member)
    lost = [f"{first} → {name}" for name, first in wanted.items() if name not in there]
    unmirrored = [
        _("{database} is mirrored on the primary and not here").format(database=name)
        for name in wanted
        if name in there and not there[name].mirrored and place_of(here, name).mirrored
    ]
    dismounted = [
        _("{database} is not mounted").format(database=name)
        for name in wanted
        if name in there and not _mounted(member, name) and (name not in here or _mounted(primary, name))
    ]
    told = [*lost, *unmirrored, *dismounted]
    if not told:
        labelled(primary, wanted)
        labelled(member, wanted)
    return failed(listed(told)) if told else passed(_("every target is there"))


def _wanted(member: MemberView) -> dict[str, str]:
    """Return the databases that namespaces and mappings of a member name, each with the first that names it."""
    found: dict[str, str] = {}
    for kind in MAPPINGS:
        for item in member.items(kind).values():
            found.setdefault(str(known(item, "Database") or "").upper(), str(item.key))
    for item in member.items("namespace").values():
        for name in ("Globals", "Routines"):
            found.setdefault(str(known(item, name) or "").upper(), f"{item.key} {name}")
    return {name: first for name, first in found.items() if name and name != OWN_DATABASE}


def _mounted(member: MemberView, name: str) -> bool:
    """Say whether a database is mounted; one of another server is that server's matter."""
    [item] = [each for each in member.items("database").values() if each.key.identity.upper() == name]
    if known(item, "Server"):
        return True
    said = known(item, "Mounted")
    if said is None:
        raise Unanswered(_("whether {database} is mounted could not be read").format(database=name))
    return bool(said)


TARGETS = Check(
    id="CFG-502",
    title=N_("Mappings lead to databases that are there"),
    why=N_("A namespace or mapping without its database gives errors, or data in the wrong place."),
    do=N_("Create, mount or mirror the database on the member, or correct the mapping on both."),
    source="Config.Namespaces, Config.MapGlobals, MapRoutines, MapPackages, Config.Databases, SYS.Database",
    about=About.PROMOTED,
    rule=_targets,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)
