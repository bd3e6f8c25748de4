"""This module reads what lives inside namespaces: IPM packages and productions, one visit to each namespace.

A namespace without IPM has no packages, and one without interoperability no production: the class does not exist
there, which is knowledge. A namespace that cannot be entered is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from driftsync.connections.failures import CallFailed, NotThere
from driftsync.connections.interface import BY_REFERENCE
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.reach import Reach, Read
from driftsync.extracting.values import as_class_name, as_flag, as_raw, as_text
from driftsync.kinds.code import IPM_PACKAGE, PRODUCTION
from driftsync.kinds.making import RawItem
from driftsync.kinds.mappings import FOR_ALL
from driftsync.kinds.spec import Kind
from driftsync.model import Gap

PACKAGES = "%IPM_Storage.ModuleItem"
COLUMNS = ("Name", "VersionString", "Description", "Packaging", "Root", "ExternalName", "DeveloperMode", "Deployed", "GlobalScope")  # fmt: skip


@dataclass
class Visits:
    """What the visits to all namespaces gave."""

    packages: Read = field(default_factory=lambda: Read(route=f"SELECT FROM {PACKAGES}"))
    productions: Read = field(default_factory=lambda: Read(route="Ens.Director"))
    interoperable: dict[str, bool] = field(default_factory=dict)
    """Of each namespace that said so, whether interoperability is switched on."""

    def of(self, kind: Kind) -> Read:
        return self.packages if kind is IPM_PACKAGE else self.productions


def visit(reach: Reach, namespaces: list[str]) -> Visits:
    """Visit each namespace once."""
    visits = Visits()
    try:
        _visit_all(reach, namespaces, visits)
    finally:
        reach.leave()
    return visits


def _visit_all(reach: Reach, namespaces: list[str], visits: Visits) -> None:
    for namespace in namespaces:
        if namespace.upper() == FOR_ALL:
            continue  # no session can enter it
        try:
            interoperable = _is_interoperable(reach.connection, namespace)
            visits.interoperable[namespace] = interoperable
            connection = reach.enter(namespace)
            _packages(connection, namespace, visits.packages)
            if interoperable:
                _production(connection, namespace, visits.productions)
        except (CallFailed, ValueError) as error:
            for kind, read in ((IPM_PACKAGE, visits.packages), (PRODUCTION, visits.productions)):
                read.gaps.append(Gap(kind=kind.name, namespace=namespace, reason=why(error)))


def _is_interoperable(connection: PermittedConnection, namespace: str) -> bool:
    try:
        answer = connection.call("%Library.EnsembleMgr", "IsEnsembleNamespace", namespace)
    except NotThere:
        return False
    return as_flag(answer.value)


def _packages(connection: PermittedConnection, namespace: str, read: Read) -> None:
    listed = ", ".join(COLUMNS)
    try:
        answer = connection.query(f"SELECT {listed} FROM {PACKAGES}")  # noqa: S608 - of this module
    except NotThere:
        return
    except CallFailed as error:
        read.gaps.append(Gap(kind=IPM_PACKAGE.name, namespace=namespace, reason=why(error)))
        return
    for row in answer.rows:
        values = {name: as_raw(value) for name, value in zip(COLUMNS, row, strict=True)}
        read.items.append(RawItem(IPM_PACKAGE, {"Namespace": namespace, **values}))


def _production(connection: PermittedConnection, namespace: str, read: Read) -> None:
    try:
        answer = connection.call("Ens.Director", "GetProductionStatus", BY_REFERENCE, BY_REFERENCE)
        name = as_class_name(answer.returned[0]) if answer.returned else ""
        if not name:
            return
        starts, unread = _starts(connection, name)
        status = as_text(answer.returned[1]) if len(answer.returned) > 1 else None
        values = {"Namespace": namespace, "Name": name, "AutoStart": starts, "Status": status}
        read.items.append(RawItem(PRODUCTION, values, unread=unread))
    except (CallFailed, ValueError) as error:
        read.gaps.append(Gap(kind=PRODUCTION.name, namespace=namespace, reason=why(error)))


def _starts(connection: PermittedConnection, name: str) -> tuple[str | None, tuple[str, ...]]:
    """Say whether the production starts by itself; the getter is not established (api.md 5.26).

    It names the production that does, or none: what can be no name is no answer, and not a no.
    """
    try:
        found = as_class_name(connection.call("Ens.Director", "GetAutoStart").value)
    except (CallFailed, ValueError):
        return None, ("AutoStart",)
    return "1" if found == name else "0", ()
