"""This module declares the checks of databases that a would-be primary needs: required ones, and unmirrored ones."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.mirror_state import GOOD_DATABASE
from driftsync.checks.resolving import MAPPINGS
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    TAKES_OVER,
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
from driftsync.kinds import all_kinds
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome

NOT_MOUNTED = ("Unmounted", "Dismounted")
HEALTH_LIBRARIES = frozenset({"HSLIB", "HSCUSTOM"})
"""Databases of IRIS for Health that must not, or need not, be mirrored (mirror.md 2.4)."""


def _required(view: View, member: MemberView) -> Result:
    del view
    states = {_folded(str(row.get("Directory"))): str(row.get("Status")) for row in member.rows("databases")}
    mirrored = {str(row.get("Name")).upper(): str(row.get("MirrorStatus")) for row in member.rows("mirror.databases")}  # fmt: skip
    required = [
        item for item in member.items("database").values() if _local(item) and known(item, "MountRequired")
    ]
    lost: list[str] = []
    for item in required:
        name = item.key.identity
        state = states.get(_folded(str(known(item, "Directory") or "")))
        if state is None or state.startswith(NOT_MOUNTED):
            lost.append(_("{name} is not mounted").format(name=name))
        elif not state.startswith("Mounted"):
            raise Unanswered(_("{name}: nobody knows what {text} means").format(name=name, text=repr(state)))
        elif mirrored.get(name.upper(), "Normal") not in GOOD_DATABASE:
            lost.append(f"{name}: {mirrored[name.upper()]}")
    return (
        failed(listed(lost))
        if lost
        else passed(_("{count} required databases are mounted and follow").format(count=len(required)))
    )


REQUIRED = Check(
    id="MIR-013",
    title=N_("Databases that must be mounted are mounted"),
    why=N_("A member on which one of them is not mounted, activated and caught up does not become primary."),
    do=N_("Mount what is named, activate it and let it catch up; look into its directory and its disk."),
    source="SYS.Database:Detail, Config.Databases MountRequired; High Availability Guide 3.3.2",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_required,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _local(item: Item) -> bool:
    directory = str(known(item, "Directory") or "")
    return not known(item, "Server") and not directory.startswith(":")


def _folded(directory: str) -> str:
    return directory.rstrip("/\\").casefold() if "\\" in directory else directory.rstrip("/")


def _unmirrored(view: View) -> Result:
    primary = view.the_primary
    databases = {item.key.identity.upper(): item for item in primary.items("database").values()}
    productions = {item.key.namespace.upper() for item in primary.items("production").values()}
    used: dict[str, str] = {}
    for namespace, name in _uses(primary):
        item = databases.get(name.upper())
        if item is None or not _would_be_lost(item) or (_shipped(namespace) and namespace not in productions):
            continue
        if used.get(name) not in productions:
            used[name] = namespace
    if not used:
        return passed(_("every database that changes is mirrored"))
    seen = listed(_("{database} (namespace {namespace})").format(database=name, namespace=used[name]) for name in sorted(used))  # fmt: skip
    return failed(seen) if productions & set(used.values()) else warned(seen)


def _uses(member: MemberView) -> Iterator[tuple[str, str]]:
    """Yield namespace and database wherever one uses the other, mappings for all namespaces aside."""
    for item in member.items("namespace").values():
        for name in ("Globals", "Routines"):
            yield item.key.identity.upper(), str(known(item, name) or "")
    for kind in MAPPINGS:
        for item in member.items(kind).values():
            yield item.key.namespace.upper(), str(known(item, "Database") or "")


def _would_be_lost(item: Item) -> bool:
    """Say whether data that is written there stays behind. Raises `Unanswered` where its label was not read.

    Left out are remote databases, those of the product, temporary ones (not journaled), and read-only ones.
    """
    name = item.key.identity
    if not _local(item) or name.upper() in HEALTH_LIBRARIES:
        return False
    if all_kinds()["database"].built_in("", name, item.compared) and name.upper() != "USER":
        return False
    unread = {"MirrorSetName", "ReadOnly", "GlobalJournalState"} & set(item.unread)
    if unread:
        raise Unanswered(_("the label of {name} could not be read").format(name=name))
    temporary = item.compared.get("GlobalJournalState") == 2  # noqa: PLR2004 - 2 no, 3 yes
    return not item.compared.get("MirrorSetName") and not item.compared.get("ReadOnly") and not temporary


def _shipped(namespace: str) -> bool:
    """Say whether the product brings a namespace: what a site keeps in one is no application as long as nothing runs there."""
    return all_kinds()["namespace"].built_in("", namespace, {})


UNMIRRORED = Check(
    id="MIR-014",
    title=N_("Databases that namespaces use are mirrored"),
    why=N_("What is written to a database that is not mirrored stays on the old primary."),
    do=N_("Add the database to the mirror, on the primary first; or mount it read-only where nothing changes in it."),
    source="Config.Namespaces, mappings, SYS.Database MirrorSetName; High Availability Guide 5.12.2",
    about=About.MIRROR,
    rule=_unmirrored,
    outcomes=PASS_WARN_FAIL,
)  # fmt: skip
