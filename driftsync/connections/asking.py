"""This module asks one member what it is in its mirror, and how the mirror defines its members.

Roles come from codes, never from texts that a member translates: `$SYSTEM.Mirror.IsMember()` 1 failover, 2 async;
`GetStatus()`; `Config.MirrorMember` `AsyncMemberType` 0 disaster recovery, 1 and 2 reporting (api.md 6, formats.md 1.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from driftsync.connections.failures import CallFailed, NotThere
from driftsync.connections.interface import Connection
from driftsync.errors import MirrorError, NotInMirrorError
from driftsync.language import english as _
from driftsync.model import Addresses, MemberRole
from driftsync.serial_list import bytes_of, decode_get_list, decode_list

MIRROR = "%SYSTEM.Mirror"
FAILOVER, ASYNC = 1, 2
"""What `IsMember()` says."""
ROLES = {"PRIMARY": MemberRole.PRIMARY, "BACKUP": MemberRole.BACKUP}
"""By `GetStatus()`; a failover member in any other state is one, and is neither."""
ASYNC_ROLES = {0: MemberRole.DR_ASYNC, 1: MemberRole.REPORTING_ASYNC, 2: MemberRole.REPORTING_ASYNC}
ASYNC_TYPES = {
    "Disaster Recovery": MemberRole.DR_ASYNC,
    "Read-Only Reporting": MemberRole.REPORTING_ASYNC,
    "Read-Write Reporting": MemberRole.REPORTING_ASYNC,
}
"""By `GetMemberType()`, for an account that may not read the configuration."""
STATUSES = {
    "NOTINIT", "PRIMARY", "BACKUP", "CONNECTED", "TRANSITION", "SYNCHRONIZING", "WAITING", "STOPPED", "CRASHED",
}  # fmt: skip

_RELEASE = re.compile(r"\b(\d{4}\.\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class DefinedMember:
    """One row of `Config.MapMirrors`."""

    name: str
    role: MemberRole
    host: str
    port: int
    addresses: Addresses


@dataclass(frozen=True)
class Statement:
    """What one member says of itself and of its mirror."""

    instance: str
    mirror: str
    role: MemberRole
    status: str
    release: str
    defined: tuple[DefinedMember, ...]
    """Empty where the account may not read it."""
    not_told: str = ""
    """Why the definition could not be read."""


def ask(connection: Connection, mirror: str = "", *, with_definition: bool = True) -> Statement:
    """Ask a member; `mirror` is which one is meant where an async member belongs to several.

    Raises `NotInMirrorError`, `MirrorError` where it belongs to several, `ConnectionFailed` or `CallFailed`.
    """
    kind = _number(connection.call(MIRROR, "IsMember").value)
    if not kind:
        raise NotInMirrorError(
            _("{member}: belongs to no mirror").format(member=connection.address),
            hint=_("name a member of a mirror; an instance by itself has nothing to be compared with"),
        )
    name = _mirror_of(connection, mirror)
    status = str(connection.call(MIRROR, "GetStatus", name).value)
    own = _own_settings(connection)
    try:
        defined, not_told = _definition(connection, name) if with_definition else (), ""
    except (CallFailed, ValueError) as error:
        defined, not_told = (), str(error)
    return Statement(
        instance=str(own.get("SystemName", "")),
        mirror=name,
        role=_role(connection, kind, status, own),
        status=status if status in STATUSES else status[:40],
        release=release_of(connection.version),
        defined=defined,
        not_told=not_told,
    )


def release_of(version: str) -> str:
    """Return `2024.1.2` out of `$ZVERSION`; the whole of it where that is not found."""
    found = _RELEASE.search(version)
    return found[1] if found else version


def _mirror_of(connection: Connection, wanted: str) -> str:
    try:
        listed = decode_list(bytes_of(connection.call(MIRROR, "GetMirrorNames").value or ""))
    except ValueError:
        listed = []
    names = [str(each) for each in listed if each]
    names = names or [str(connection.call(MIRROR, "MirrorName").value)]
    meant = [name for name in names if name.casefold() == wanted.casefold()] or names
    if len(meant) > 1:
        raise MirrorError(
            _("{member}: belongs to several mirrors: {names}").format(
                member=connection.address, names=", ".join(names)
            ),
            hint=_("call [mirror.NAME] as the mirror is called, or ask one of its failover members"),
        )
    return meant[0]


def _own_settings(connection: Connection) -> dict[str, str | int | float]:
    try:
        return decode_get_list(connection.call("Config.MirrorMember", "GetList").value)
    except (CallFailed, ValueError):
        return {}


def _role(connection: Connection, kind: int, status: str, own: dict[str, str | int | float]) -> MemberRole:
    if kind == FAILOVER:
        return ROLES.get(status, MemberRole.FAILOVER)
    if kind != ASYNC:
        return MemberRole.UNKNOWN
    if "AsyncMemberType" in own:
        return ASYNC_ROLES.get(_number(own["AsyncMemberType"]), MemberRole.UNKNOWN)
    return ASYNC_TYPES.get(str(connection.call(MIRROR, "GetMemberType").value), MemberRole.UNKNOWN)


def _definition(connection: Connection, mirror: str) -> tuple[DefinedMember, ...]:
    listed = connection.query("SELECT * FROM Config.MapMirrors_List(?)", mirror)
    found = []
    for record in listed.records():
        name = str(record.get("Name") or next(iter(record.values()), ""))
        try:
            answer = connection.call("Config.MapMirrors", "GetList", mirror, name)
            row = decode_get_list(answer.value)
        except (NotThere, ValueError):
            row = record  # older releases: the query tells less, but who belongs to the mirror
        found.append(_defined(name, row))
    return tuple(found)


def _defined(name: str, row: Mapping[str, object]) -> DefinedMember:
    host, port = str(row.get("MirrorAddress") or ""), _number(row.get("MirrorSSPort"))
    agent, agent_port = str(row.get("AgentAddress") or ""), _number(row.get("AgentPort"))
    asynchronous = _number(row.get("MemberType")) != 0
    return DefinedMember(
        name=name,
        role=ASYNC_ROLES.get(_number(row.get("AsyncMemberType")), MemberRole.UNKNOWN)
        if asynchronous
        else MemberRole.FAILOVER,
        host=host,
        port=port,
        addresses=Addresses(
            mirror=_place(host, port), agent=_place(agent, agent_port), ecp=str(row.get("ECPAddress") or "")
        ),
    )


def _place(host: str, port: int) -> str:
    return f"{host}:{port}" if host and port else host


def _number(value: object) -> int:
    try:
        return int(float(str(value or 0)))
    except (ValueError, OverflowError):
        return 0
