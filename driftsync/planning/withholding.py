"""This module knows what is never written although a class API would take it, kind by kind, and which way works instead.

A missing namespace with interoperability, a mirrored database, memory, ports: each has a procedure of the vendor's, or
fits one host only (mirror.md 4, api.md 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from driftsync.checks.capacity import asked_megabytes
from driftsync.checks.spec import MemberView, Unanswered
from driftsync.kinds import all_kinds, declaration
from driftsync.kinds.mappings import FOR_ALL
from driftsync.kinds.spec import Kind, Shape
from driftsync.kinds.written import ByObject, ByStatement
from driftsync.language import english as _
from driftsync.model import Action, Difference, Extra, Hazard, Item, ItemKey, Missing
from driftsync.planning.whose import Why

INTEROPERABLE = "namespaces.interoperable"
"""The fact that says in which namespaces interoperability is switched on."""
MEMORY = frozenset({"globals", "routines", "gmheap", "jrnbufs"})
"""Settings of which the memory that they ask for can be added up."""
SIZES = frozenset({"locksiz", "bbsiz", "memlock", "zfheap", "maxserverconn", "maxservers"})
FITTING = 0.75
"""Of the host's memory, the most that a plan may ask for (mirror.md 3.2)."""
PORTS = frozenset({"defaultport", "webserverport", "port", "jdbcgatewayport"})


def withheld_whole(
    difference: Difference, key: ItemKey, primary: Item | None, view: MemberView
) -> Why | None:
    """Return why an item as a whole is left to people, `None` where it is not; `view` is the primary's."""
    kind = all_kinds()[difference.kind]
    if kind.name == "audit-event" and isinstance(difference, Extra) and difference.actual.get("Enabled"):
        return _("this tool never switches off what is audited"), kind.portal
    if kind.written is None:
        return kind.left_because, _by_people(difference, kind)
    if isinstance(kind.written, ByStatement):
        return _statement(kind.written, key)
    if kind.name == "namespace" and isinstance(difference, Missing):
        return _namespace(key, view)
    if kind.name == "database" and isinstance(difference, Missing):
        return _database(kind, kind.written, primary)
    if kind.name == "global-mapping" and key.identity.startswith("%") and "(" not in key.identity:
        return (
            _("a mapping of a whole % global hides the system's own"),
            _("make it by hand, if it is meant, and look at every namespace that it reaches"),
        )
    if isinstance(difference, Missing):
        return _missing(difference, kind, kind.written, primary)
    if isinstance(difference, Extra) and not kind.written.deletes:
        return kind.written.keeps, _by_people(difference, kind)
    return None


def _by_people(difference: Difference, kind: Kind) -> str:
    """Return what people do about an item that this tool neither makes nor deletes."""
    if not kind.instead:
        return kind.portal
    if isinstance(difference, Extra):
        either = _(
            "where it is not wanted, take it away here; where it is, make it on the primary too ({page})"
        )
        return either.format(page=kind.portal)
    return kind.instead


def withheld_values(kind: Kind, sets: Mapping[str, Any], *, creating: bool) -> dict[str, Why]:
    """Return which values of an item that is written otherwise are left to people."""
    if kind.name == "audit-event" and sets.get("Enabled") is False:
        return {"Enabled": (_("this tool never switches off what is audited"), kind.portal)}
    if kind.name == "oauth2-client" and "ClientId" in sets and not creating:
        with_secret = _("it goes with its secret: the server gave out both when the client was registered")
        return {"ClientId": (with_secret, kind.portal)}
    return {}


def withheld_label(kind: Kind, action: Action, primary: Item | None, member: Item) -> dict[str, Why]:
    """Return why what stands in the label of a mirrored database is not written."""
    places = kind.written.beside if isinstance(kind.written, ByObject) else {}
    on_label = [
        name
        for name in action.sets
        if (declared := declaration(kind, "", action.key, name)) and declared.beside in places
    ]
    if any(item.compared.get("MirrorSetName") for item in (primary, member) if item):
        why = (
            _("it stands in the file of a mirrored database, where nothing is written on a member"),
            _("change it on the primary: the mirror carries it; else on the page of the portal"),
        )
        return dict.fromkeys(on_label, why)
    if "Directory" not in member.local:
        return dict.fromkeys(
            on_label, (_("where the file of the database is could not be read"), kind.portal)
        )
    return {}


def held_back(kind: Kind, key: ItemKey, member: Item | None, port: int) -> tuple[Why, Hazard | None] | None:
    """Return why an item is rendered and not applied, and the hazard that allows it; `None` where it is applied.

    `port` is where this tool reaches the member.
    """
    if kind.per_item:
        return _setting(key, kind.per_item(key.namespace, key.identity).shape)
    if kind.name == "superserver" and member is not None:
        return _superserver(kind, member, port)
    return None


def _superserver(kind: Kind, member: Item, port: int) -> tuple[Why, Hazard | None]:
    """Return why an open port is left as it is: what closes to its clients may close to this tool (api.md 5.14)."""
    if member.compared.get("SystemDefault") or member.key.identity == str(port):
        own = _("the connection of this tool may come through it, and would be cut off")
        return (
            own,
            _("set it on the page {page}, while nobody works through this port").format(page=kind.portal),
        ), None
    return (
        _("rendered, never applied: {what}").format(what=_("whoever works through this port may be cut off")),
        _("--allow needs-restart applies it; or set it on the page {page}").format(page=kind.portal),
    ), Hazard.NEEDS_RESTART


def _setting(key: ItemKey, shape: Shape) -> tuple[Why, Hazard | None] | None:
    name = key.identity.casefold()
    section = key.namespace.casefold()
    rendered = _("rendered, never applied: {what}")
    by_host = _("set it on the page of the portal, or by a merge file, where the host has room for it")
    if section == "config" and name in MEMORY:
        what = _(
            "memory depends on the host, and a size that does not fit shows only when IRIS does not start"
        )
        allowed = _(
            "--allow needs-restart applies it where the host has room for it; or set it by a merge file"
        )
        return (rendered.format(what=what), allowed), Hazard.NEEDS_RESTART
    if section == "config" and name in SIZES:
        what = _(
            "memory depends on the host, and a size that does not fit shows only when IRIS does not start"
        )
        return (rendered.format(what=what), by_host), None
    if shape in {Shape.PATH, Shape.PATHS}:
        what = _("whether the directory exists on this host was not seen")
        return (rendered.format(what=what), by_host), None
    if name in PORTS:
        what = _("whether the port is free on this host was not seen")
        return (rendered.format(what=what), by_host), None
    if section in {"config", "startup", "cluster"}:
        what = _("a setting of the start, which shows only when IRIS starts again")
        return (
            rendered.format(what=what),
            _("--allow needs-restart applies it; or set it on the page of the portal, or by a merge file"),
        ), Hazard.NEEDS_RESTART
    return None


def does_not_fit(after: MemberView) -> Why | None:
    """Return why what a member would ask for does not fit its host, or that this is not known; `None` where it fits."""
    portal = _("set it on the page of the portal, or by a merge file, where the host has room for it")
    try:
        asked, there = int(asked_megabytes(after)), after.number("platform.memory")
    except Unanswered as reason:
        return _("whether the host has room for it is not known: {reason}").format(reason=reason), portal
    if 0 < asked <= there * FITTING:
        return None
    return (
        _("{asked} MB would be asked for, and the host has {there} MB in all").format(
            asked=asked, there=there
        ),
        portal,
    )


def _statement(written: ByStatement, key: ItemKey) -> Why | None:
    if not written.types:
        return None
    parts = key.identity.split("/")
    if parts[0].partition(",")[0] in written.types and len(parts) > 1 and parts[-2] in written.words:
        return None
    return (
        _("which statement grants it is not established: neither table nor view, or another privilege"),
        _("use GRANT and REVOKE in the namespace, or the page of the portal"),
    )


def _namespace(key: ItemKey, view: MemberView) -> Why | None:
    try:
        known = {str(name).upper(): bool(found) for name, found in dict(view.fact(INTEROPERABLE)).items()}
    except (Unanswered, TypeError, ValueError):
        known = {}
    if key.identity == FOR_ALL or known.get(key.identity) is False:
        return None
    by_vendor = _(
        "make its databases first; on a Health product by the Installer Wizard, on the primary and then here; else on the page of the portal"
    )
    if key.identity in known:
        return _("an interoperability namespace is never made by this tool"), by_vendor
    return _("whether interoperability is switched on in it could not be read"), by_vendor


def _database(kind: Kind, written: ByObject, primary: Item | None) -> Why:
    if primary is not None and primary.compared.get("MirrorSetName"):
        return (
            _("a mirrored database is never made by this tool"),
            _(
                "copy its file (or a backup) from the primary, mount it here, then Activate and Catchup in the Mirror Monitor"
            ),
        )
    return written.keeps, kind.portal


def _missing(difference: Missing, kind: Kind, written: ByObject, primary: Item | None) -> Why | None:
    if not written.creates:
        return written.keeps, _by_people(difference, kind)
    if primary is None:
        return None
    if primary.unread or primary.partial:
        return _("the primary's could not be read whole: a part of it might be missing here"), kind.portal
    lacking = [
        name
        for name in written.own
        if (name in primary.local or primary.compared.get(f"{name} (set)"))
        and not str(primary.compared.get(f"{name} (set)") or "").startswith("%")
    ]
    if lacking:
        reason = _("each host has its own, and which one belongs here is not known: {names}")
        return reason.format(names=", ".join(lacking)), kind.portal
    if kind.name == "web-application" and "AutheEnabled" not in primary.compared:
        return _(
            "its authentication methods are not stated, and the class would let everybody in"
        ), kind.portal
    return None


def waits(item: Iterable[tuple[str, Any]]) -> bool:
    """Say whether a new task has to wait for a person: unless it runs on the primary only."""
    values = dict(item)
    return str(values.get("MirrorStatus", "")) != "1"
