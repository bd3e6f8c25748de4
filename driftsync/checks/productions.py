"""This module declares the checks of productions: whether the interfaces come back by themselves after the switch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.resolving import place_of, places, resolved
from driftsync.checks.spec import (
    TAKES_OVER,
    About,
    Check,
    MemberView,
    Result,
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
from driftsync.model import Item, Outcome

AUTOSTART_OF_ALL = "instance-setting:Startup/EnsembleAutoStart"
CREDENTIALS = "Ens.SecondaryData"
"""The global that holds the passwords of production credentials, led into a database of its own."""


def _autostart(view: View) -> Result:
    lost = list(_not_starting(view.the_primary, view.the_promoted))
    return failed(listed(lost)) if lost else passed(_("as on the primary"))


def _not_starting(primary: MemberView, member: MemberView) -> Iterator[str]:
    there = member.items("production")
    counted = False
    for key, item in primary.items("production").items():
        if not known(item, "AutoStart"):
            continue
        counted = True
        other = there.get(key)
        if other is None:
            yield _("{item} is not there").format(item=item.key)
        elif not known(other, "AutoStart"):
            yield _("{item} does not start by itself").format(item=item.key)
    if counted and member.value("instance-setting", AUTOSTART_OF_ALL) is False:
        yield _("no production starts when the instance does")


AUTOSTART = Check(
    id="CFG-504",
    title=N_("Productions start by themselves"),
    why=N_("A production that does not start leaves every interface down until somebody notices."),
    do=N_("Set auto-start of the production for the namespace on the member."),
    source="Ens.Director; High Availability Guide 5.12.3",
    about=About.PROMOTED,
    rule=_autostart,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _same_everywhere(view: View) -> Result:
    primary = view.the_primary
    lost: list[str] = []
    for member in view.members:
        if member.role not in TAKES_OVER or member is primary:
            continue
        here, there = (each.value("instance-setting", AUTOSTART_OF_ALL) for each in (primary, member))
        if here != there:
            lost.append(
                _("{member}: EnsembleAutoStart is {there} instead of {here}").format(
                    member=member.name, there=int(bool(there)), here=int(bool(here))
                )
            )
        lost += [
            f"{member.name}: {name}"
            for name in _others(primary.items("production"), member.items("production"))
        ]
    return failed(listed(lost)) if lost else passed(_("the same on every member that could take over"))


def _others(here: Mapping[str, Item], there: Mapping[str, Item]) -> Iterator[str]:
    for key, item in here.items():
        if key in there and bool(known(item, "AutoStart")) != bool(known(there[key], "AutoStart")):
            yield str(item.key)


SAME_EVERYWHERE = Check(
    id="CFG-517",
    title=N_("Autostart of productions is the same on primary, backup and DR async"),
    why=N_("Which interfaces run must not depend on which member happens to be primary."),
    do=N_("Set EnsembleAutoStart and the auto-start of each namespace alike on all of them."),
    source="Config.Startup EnsembleAutoStart, Ens.Director; mirror.md 3.7",
    about=About.MIRROR,
    rule=_same_everywhere,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _credentials(view: View, member: MemberView) -> Result:
    del view
    used: list[str] = []
    unused: list[str] = []
    running = {item.key.namespace for item in member.items("production").values()}
    for database, namespace in _secondary(member):
        (used if namespace in running else unused).append(database)
    if used:
        return failed(_("not mirrored: {databases}").format(databases=listed(used)))
    if unused:
        seen = _("not mirrored: {databases}; no production uses them").format(databases=listed(unused))
        return warned(seen)
    return passed(_("no credentials stand outside the mirror"))


def _secondary(member: MemberView) -> Iterator[tuple[str, str]]:
    """Yield databases of production credentials that are not mirrored though the namespace's own is."""
    databases = places(member)
    for item in member.items("namespace").values():
        namespace = item.key.identity
        named = {f"{namespace}SECONDARY"} & databases.keys()
        led = {
            str(known(mapping, "Database") or "").upper()
            for name, mapping in resolved(member, "global-mapping", namespace).items()
            if name.startswith(CREDENTIALS)
        }
        if place_of(databases, known(item, "Globals")).mirrored:
            for name in sorted(named | led):
                if not place_of(databases, name).mirrored:
                    yield name, namespace


CREDENTIALS_MIRRORED = Check(
    id="CFG-516",
    title=N_("Databases of production credentials are mirrored"),
    why=N_("Otherwise every credential that was set on the primary fails after the switch."),
    do=N_("Add the database to the mirror on the primary, then restore its backup on the other members."),
    source="databases NAMESPACE + SECONDARY; High Availability Guide 5.12",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_credentials,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)
