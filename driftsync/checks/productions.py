"""This module declares the checks of productions: whether the interfaces come back by themselves after the switch."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.resolving import Mapped, labelled, place_of, places
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    TAKES_OVER,
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
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome

AUTOSTART_OF_ALL = "instance-setting:Startup/EnsembleAutoStart"
RUNNING = "1"
"""State of a production that runs, as `GetProductionStatus` gives it (expected, not proven)."""
CREDENTIALS = "Ens.SecondaryData"
"""The global that holds the passwords of production credentials, led into a database of its own."""


def _autostart(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    there = member.items("production")
    at_work = [item for item in primary.items("production").values() if _is_at_work(item)]
    lost = gather(
        [
            *(_not_starting(item, there.get(item.key.match), member) for item in at_work),
            _none_starts(member) if at_work else (),
        ]
    )
    return failed(listed(lost)) if lost else passed(_("as on the primary"))


def _is_at_work(item: Item) -> bool:
    """Say whether a production runs or would; one whose autostart is not known counts."""
    return "AutoStart" in item.unread or bool(item.compared.get("AutoStart")) or _runs(item)


def _runs(item: Item) -> bool:
    return str(item.local.get("Status") or "") == RUNNING


def _not_starting(item: Item, other: Item | None, member: MemberView) -> Iterator[str]:
    if other is None:
        enabled = member.header.facts.observed.get("namespaces.interoperable") or {}
        if enabled.get(item.key.namespace) is False:
            yield _("{item}: interoperability is not switched on in the namespace").format(item=item.key)
        else:
            yield _("{item} is not there").format(item=item.key)
    elif not known(other, "AutoStart"):
        yield _("{item} does not start by itself").format(item=item.key)
    elif not known(item, "AutoStart"):
        yield _("{item} runs on the primary and does not start by itself there").format(item=item.key)


def _none_starts(member: MemberView) -> Iterator[str]:
    if member.value("instance-setting", AUTOSTART_OF_ALL) is False:
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
    others = [each for each in view.members if each.role in TAKES_OVER and each is not primary]
    lost = gather(part for member in others for part in (_setting(primary, member), _own(primary, member)))
    return failed(listed(lost)) if lost else passed(_("the same on every member that could take over"))


def _setting(primary: MemberView, member: MemberView) -> Iterator[str]:
    here, there = (each.value("instance-setting", AUTOSTART_OF_ALL) for each in (primary, member))
    if here != there:
        yield _("{member}: EnsembleAutoStart is {there} instead of {here}").format(
            member=member.name, there=int(bool(there)), here=int(bool(here))
        )


def _own(primary: MemberView, member: MemberView) -> Iterator[str]:
    there = member.items("production")
    for key, item in primary.items("production").items():
        if key in there and bool(known(item, "AutoStart")) != bool(known(there[key], "AutoStart")):
            yield f"{member.name}: {item.key}"


SAME_EVERYWHERE = Check(
    id="CFG-517",
    title=N_("Autostart of productions is the same on primary, backup and DR async"),
    why=N_("Which interfaces run must not depend on which member happens to be primary."),
    do=N_("Set EnsembleAutoStart and the auto-start of each namespace alike on all of them."),
    source="Config.Startup EnsembleAutoStart, Ens.Director",
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
    databases, globals_led = places(member), Mapped(member, "global-mapping")
    for item in member.items("namespace").values():
        namespace = item.key.identity
        named = {f"{namespace}SECONDARY"} & databases.keys()
        led = {
            str(known(mapping, "Database") or "").upper()
            for name, mapping in globals_led.within(namespace).items()
            if name.startswith(CREDENTIALS)
        }
        labelled(member, {str(known(item, "Globals") or ""), *named, *led} if named | led else ())
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
    outcomes=PASS_WARN_FAIL,
)
