"""This module joins simulated members to a mirror: roles, latencies, databases, arbiter, and a failover."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.storage import facts_of
from driftsync.lab.values import encode_list

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance

FAILOVER, DISASTER_RECOVERY = "Failover", "Disaster Recovery"
READ_ONLY, READ_WRITE = "Read-Only Reporting", "Read-Write Reporting"
ASYNC = {DISASTER_RECOVERY: 0, READ_ONLY: 1, READ_WRITE: 2}
"""Asynchronous members and their `AsyncMemberType`."""


@dataclass
class MemberState:
    """One member's part in the mirror; tests and faults change it at any time."""

    instance: SimulatedInstance
    member_type: str = FAILOVER
    status: str = "BACKUP"
    """What `GetStatus` says: PRIMARY, BACKUP, CONNECTED, TRANSITION, SYNCHRONIZING, WAITING, STOPPED, CRASHED."""
    journal_seconds: int = 0
    database_seconds: int = 0
    in_trouble: bool = False
    arbiter_state: str = ""
    """What this member says of the arbiter; empty for what the mirror says."""
    unavailable_members: str = ""
    """Who could not be reached when the member asked whether it may be promoted."""
    database_statuses: dict[str, str] = field(default_factory=dict)
    """`MirrorStatus` by the local name of a database, where it is another than usual."""
    away_days: int = 0
    """Since when it is disconnected, as the list of members shows it; 0: it is not, or that does not show."""

    @property
    def role(self) -> str:
        """Return `CurrentRole` as the list of members shows it."""
        return (
            "Async"
            if self.member_type in ASYNC
            else {"PRIMARY": "Primary", "BACKUP": "Backup"}.get(self.status, "Unknown")
        )

    @property
    def current_status(self) -> str:
        """Return `CurrentStatus` as the list of members shows it."""
        if self.status in {"STOPPED", "CRASHED"}:
            return "Down"
        if self.in_trouble:
            return "Trouble"
        if self.member_type in ASYNC:
            return "Async"
        return "Active" if self.status in {"PRIMARY", "BACKUP"} else "Catchup"


class SimulatedMirror:
    """A mirror of members that stand for hosts; `states` is in the order of joining."""

    def __init__(
        self, name: str, *, arbiter: str = "", virtual_address: str = "", use_tls: bool = True
    ) -> None:
        self.name = name
        self.guid = guid_of(f"mirror {name}")
        self.arbiter = arbiter
        self.arbiter_state = "Both failover members are connected"
        self.pending_names: list[str] = []
        """Members whose certificate has another name now, which nobody has authorised yet."""
        self.virtual_address = virtual_address
        self.use_tls = use_tls
        self.states: list[MemberState] = []
        self.databases: dict[str, str] = {}
        """Mirror database names by the local names of databases."""

    def join(self, instance: SimulatedInstance, member_type: str = FAILOVER, status: str = "") -> MemberState:
        """Add a member. The first failover member is the primary, the second the backup, an async is CONNECTED."""
        first = not any(state.member_type == FAILOVER for state in self.states)
        usual = "CONNECTED" if member_type in ASYNC else "PRIMARY" if first else "BACKUP"
        state = MemberState(instance, member_type, status or usual)
        self.states.append(state)
        instance.mirror = self
        self._define()
        return state

    def state_of(self, instance: SimulatedInstance) -> MemberState:
        """Return the part of one member."""
        return next(state for state in self.states if state.instance is instance)

    @property
    def primary(self) -> MemberState | None:
        return next((state for state in self.states if state.status == "PRIMARY"), None)

    def fail_over(self) -> None:
        """Let the backup become primary and the old primary the backup; seen on all members at once."""
        old = self.primary
        new = next((state for state in self.states if state.status == "BACKUP"), None)
        if old is None or new is None:
            raise ValueError("a failover needs a primary and a backup")
        old.status, new.status = "BACKUP", "PRIMARY"
        old.in_trouble = False
        new.journal_seconds = new.database_seconds = 0
        self._mark_databases()

    def add_database(self, name: str, mirror_name: str = "") -> None:
        """Mirror a database that members have under the same name."""
        self.databases[name.upper()] = (mirror_name or name).upper()
        self._mark_databases()

    def why_not_ready(self, allowed_seconds: int) -> str:
        """Return what keeps the mirror from a failover; nothing if it is ready."""
        backup = next((state for state in self.states if state.status == "BACKUP"), None)
        if backup is None:
            return "No active backup failover member"
        if backup.database_seconds > allowed_seconds:
            return "The databases of the backup are behind"
        return "" if self.arbiter else "No arbiter is configured"

    def member_list(self, state: MemberState) -> bytes:
        """Return the `$LIST` of one failover member: name, agent, role, status, mirror and ECP address."""
        host = state.instance.host
        return encode_list([
            state.instance.name, f"{host}|2188", state.role, state.current_status, f"{host}|{state.instance.port}", host
        ])  # fmt: skip

    def member_rows(self) -> list[dict[str, Any]]:
        """Return the rows of `SYS.Mirror:MemberStatusList`, texts in English."""
        return [
            {
                "MemberName": state.instance.name,
                "CurrentRole": state.role,
                "CurrentStatus": state.current_status,
                "JournalLatency": _journal(state),
                "DatabaseLatency": _latency(state.database_seconds, state),
                "JournalTimeLatency": _journal(state),
                "DatabaseTimeLatency": _latency(state.database_seconds, state),
                "DisplayType": state.member_type,
                "DisplayStatus": _display(state),
            }
            for state in self.states
        ]

    def _define(self) -> None:
        """Write the definition of the mirror and of its members into every member."""
        for state in self.states:
            storage, instance = state.instance.storage, state.instance
            facts = facts_of("Config.Mirrors")
            record = new_record(facts, instance) | {
                "Name": self.name,
                "GUID": self.guid,
                "UseSSL": int(self.use_tls),
            }
            storage.put(facts, record | {"VirtualAddress": self.virtual_address, "ArbiterNode": self.arbiter})
            facts = facts_of("Config.MapMirrors")
            for other in self.states:
                host = other.instance.host
                async_type = ASYNC.get(other.member_type)
                storage.put(facts, new_record(facts, instance) | {
                    "ID": self.name, "Name": other.instance.name, "AgentAddress": host, "AgentPort": 2188, "ECPAddress": host,
                    "GUID": guid_of(f"member {other.instance.name}"), "InstanceDirectory": other.instance.install_directory,
                    "MemberType": 0 if async_type is None else 2, "AsyncMemberType": async_type or 0, "MirrorAddress": host,
                    "MirrorSSPort": other.instance.port, "SSLComputerName": f"CN={host},O=Lab" if self.use_tls else "",
                    "SectionHeader": f"MapMirrors.{self.name}",
                })  # fmt: skip
            facts = facts_of("Config.MirrorMember")
            own = next(iter(storage.rows(facts.name)), new_record(facts, instance))
            is_async = state.member_type in ASYNC
            storage.put(facts, own | {
                "SystemName": instance.name, "JoinMirror": 1, "ValidatedMember": 1,
                "AsyncMemberType": ASYNC.get(state.member_type, 0),
                "AsyncMemberGUID": guid_of(f"async {instance.name}") if is_async else "",
                "VirtualAddressInterface": "eth0" if self.virtual_address and not is_async else "",
            })  # fmt: skip
            storage.activate()
        self._mark_databases()

    def _mark_databases(self) -> None:
        for state in self.states:
            storage = state.instance.storage
            for entry in storage.rows("Config.Databases"):
                name = self.databases.get(entry["Name"])
                label = storage.find("SYS.Database", (entry["Directory"],))
                if name and label is not None:
                    label |= {
                        "Mirrored": 1,
                        "MirrorSetName": self.name,
                        "MirrorDBName": name,
                        "InActiveMirror": 1,
                    }
                    label |= {"MirrorNoWrite": int(state.status != "PRIMARY"), "MirrorFailoverDB": 1}
                    storage.put(facts_of("SYS.Database"), label)


def guid_of(seed: str) -> str:
    """Return a GUID that is the same in every run."""
    digits = hashlib.sha256(seed.encode()).hexdigest().upper()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def database_rows(instance: SimulatedInstance, patterns: Sequence[str] = ("*",)) -> list[dict[str, Any]]:
    """Return the rows of `SYS.Mirror:MirroredDatabaseList` and `MirroredDatabaseDisplay` of one member."""
    del patterns
    mirror = instance.mirror
    if mirror is None:
        return []
    state = mirror.state_of(instance)
    rows = []
    for entry in instance.storage.rows("Config.Databases"):
        label = instance.storage.find("SYS.Database", (entry["Directory"],))
        if label and label.get("Mirrored"):
            primary = state.status == "PRIMARY"
            usual = "Normal" if primary else "Dejournaling" if label.get("Mounted") else "Database Dismounted"
            rows.append({
                "Name": entry["Name"], "Directory": entry["Directory"], "MirrorName": label["MirrorDBName"],
                "MirrorStatus": state.database_statuses.get(entry["Name"], usual),
                "Latency": "" if primary else state.database_seconds, "LastDejournalRecord": "" if primary else "2026-11-21 10:00:00",
            })  # fmt: skip
    return rows


def missing_databases(instance: SimulatedInstance) -> list[str]:
    """Return the mirror names of databases that the primary has and this member lacks."""
    mirror = instance.mirror
    primary = mirror.primary if mirror else None
    if primary is None or primary.instance is instance:
        return []
    mine = {row["MirrorName"] for row in database_rows(instance)}
    return [row["MirrorName"] for row in database_rows(primary.instance) if row["MirrorName"] not in mine]


def _journal(state: MemberState) -> str:
    gone = state.status in {"STOPPED", "CRASHED"} and state.member_type not in ASYNC
    if state.away_days or gone:
        since = datetime.now(timezone.utc) - timedelta(days=state.away_days or 1)
        return f"Disconnected on {since:%Y-%m-%d %H:%M:%S}"
    return "Active" if state.status == "BACKUP" else _latency(state.journal_seconds, state)


def _latency(seconds: int, state: MemberState) -> str:
    if state.status == "PRIMARY":
        return "N/A"
    return f"{seconds} seconds behind" if seconds else "Caught up"


def _display(state: MemberState) -> str:
    if state.member_type in ASYNC:
        return "Connected" if state.status == "CONNECTED" else state.status.capitalize()
    return state.status.capitalize()
