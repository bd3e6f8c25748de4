"""This module is one simulated instance: its records, its host, who may enter, and what it has and lacks."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import threading
from collections import Counter
from dataclasses import dataclass

from driftsync.lab.contract import LoginRefused, Value
from driftsync.lab.instance.calling import as_number
from driftsync.lab.instance.defaults import new_record
from driftsync.lab.instance.facts import all_classes
from driftsync.lab.instance.faults import Faults
from driftsync.lab.instance.host_files import HostFiles
from driftsync.lab.instance.identities import Key, Record, key_of_record
from driftsync.lab.instance.mirror import SimulatedMirror, guid_of
from driftsync.lab.instance.privileges import login_of
from driftsync.lab.instance.release import RELEASES
from driftsync.lab.instance.saving import password_fits, set_password
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.instance.storage import Storage, facts_of
from driftsync.lab.instance.texts import days_of
from driftsync.lab.instance.writes import Writes

ACCESS_DENIED = "Access Denied"
PASSWORD_BIT = 32


@dataclass(frozen=True)
class Production:
    """The production of one namespace."""

    name: str
    auto_start: bool = False


@dataclass(frozen=True)
class CodeElement:
    """A class or routine of the site: where it is, and its source."""

    namespace: str
    name: str
    """`Z.Tools.cls`, `ZMIRROR.mac`."""
    source: str


class SimulatedInstance:
    """One member. It starts empty; `scenarios` fill it."""

    journal_disk_megabytes = 102400
    oldest_journal_days = 1
    """Since when mirror journal files are kept."""
    journal_encrypted = False
    promotion_error = ""
    """Why the member cannot be promoted, if it is a disaster recovery async; empty where it can."""
    agent_error = ""
    """Why the ISCAgent does not answer; empty where it does."""
    physical_megabytes = 65536
    licence_most_used = 0
    """The peak, where it was higher than what is in use now."""

    def __init__(
        self,
        name: str,
        profile: str = "2024.1",
        *,
        host: str = "",
        install_directory: str = "/usr/irissys/",
        port: int = 1972,
        faults: Faults | None = None,
    ) -> None:
        self.name = name
        self.host = host or name.partition("/")[0].lower()
        self.release = RELEASES[profile]
        self.version = self.release.version()
        self.port = port
        self.install_directory = install_directory
        self.faults = faults or Faults()
        self.storage = Storage()
        self.files = HostFiles(f"{install_directory}mgr/", lambda: self.faults.disk_full)
        self.cpf_file = f"{install_directory}iris.cpf"
        self.cpf_edited = False
        """Whether somebody edited the CPF by hand and has not activated it."""
        self.mirror: SimulatedMirror | None = None
        self.sessions: dict[int, SimulatedSession] = {}
        self.writes = Writes()
        self.activations: Counter[str] = Counter()
        """How often the mappings of a namespace were made live."""
        self.locks: dict[str, list[int]] = {}
        """By name: the session that holds it, once for each time."""
        self.productions: dict[str, Production] = {}
        self.interoperable: set[str] = set()
        self.packages: list[Record] = []
        """Rows of `%IPM_Storage.ModuleItem`, each with its `Namespace`."""
        self.code: list[CodeElement] = []
        self.encryption_keys: list[str] = []
        self.certificate_expired = False
        self.journal_free_megabytes = 51200
        self.disk_free_megabytes: dict[str, int] = {}
        """By the directory of a database, where it is not twenty times its size."""
        self.journal_purge_wait = 14
        self.time_zone = "0"
        self.clock_ahead = dt.timedelta()
        self.ended_processes: set[str] = set()
        """Routines of system processes that are not running."""
        self.locale = "enuw"
        self.licence_units = 100
        self.licence_expires = "2027-12-31"
        """Empty for a permanent key."""
        self.lock = threading.RLock()
        self._jobs = itertools.count(1001)
        self._references = itertools.count(1)
        self._guids = itertools.count(1)

    # -- entering --------------------------------------------------------------------------------------------

    def login(self, user: str, password: str, namespace: str) -> SimulatedSession:
        """Open a session; raises `LoginRefused` as the driver shows it."""
        with self.lock:
            record = self.storage.find("Security.Users", (user.lower(),))
            fits = record is not None and password_fits(record, password)
            if (
                self.faults.wrong_password
                or record is None
                or not fits
                or not as_number(record.get("Enabled"))
            ):
                raise LoginRefused(ACCESS_DENIED)
            service = self.storage.find("Security.Services", ("%service_bindings",)) or {}
            if (
                not as_number(service.get("Enabled"))
                or not as_number(service.get("AutheEnabled")) & PASSWORD_BIT
            ):
                raise LoginRefused(ACCESS_DENIED)
            wanted = namespace.upper()
            login = login_of(self.storage, record["Name"], record.get("Roles", []))
            if not self.has_namespace(wanted):
                raise LoginRefused(f"Namespace {wanted} does not exist")
            if not login.may("%Service_SQL:U") and not login.may("%Service_Object:U"):
                raise LoginRefused(ACCESS_DENIED)
            session = SimulatedSession(self, login, wanted, next(self._jobs))
            self.sessions[session.job] = session
            return session

    def has_namespace(self, name: str) -> bool:
        """Say whether a namespace is there and live."""
        return self.storage.is_live("Config.Namespaces", (name,))

    def fail_over(self) -> None:
        """Let the mirror fail over; each process of the lab has its own copy of the whole mirror."""
        with self.lock:
            if self.mirror is not None:
                self.mirror.fail_over()

    # -- what this member has -----------------------------------------------------------------------------------

    def has_class(self, name: str) -> bool:
        return self.release.has_class(name) and name not in self.faults.absent_classes

    def has_property(self, class_name: str, name: str) -> bool:
        return (
            self.release.has_property(class_name, name)
            and f"{class_name}:{name}" not in self.faults.absent_properties
        )

    def has_method(self, class_name: str, name: str) -> bool:
        return f"{class_name}:{name}" not in self.faults.absent_methods

    def has_query(self, class_name: str, name: str) -> bool:
        return self.has_class(class_name) and f"{class_name}:{name}" not in self.faults.absent_queries

    # -- filling -----------------------------------------------------------------------------------------------

    def add(self, class_name: str, **values: object) -> Key:
        """Put a record of a scenario there: initial values first, no checks, live at once."""
        facts = facts_of(class_name)
        record = {**new_record(facts, self), **values}
        for name in [name for name in facts.properties if name.endswith("LowerCase")]:
            record[name] = str(record.get(name.removesuffix("LowerCase"), "")).lower()
        key = self.storage.put(facts, record)
        self.storage.make_live(class_name, key)
        return key

    def where(self, class_name: str, **values: object) -> Record:
        """Return the one record with these values."""
        rows = self.storage.rows(class_name)
        found = [row for row in rows if all(row.get(name) == value for name, value in values.items())]
        if len(found) != 1:
            raise KeyError(f"{len(found)} of {class_name} have {values} on {self.name}")
        return found[0]

    def change(self, class_name: str, where: Record, values: Record) -> None:
        """Change a record of a scenario."""
        self.storage.put(facts_of(class_name), {**self.where(class_name, **where), **values})

    def remove(self, class_name: str, where: Record) -> None:
        """Take a record of a scenario away."""
        self.storage.remove(class_name, key_of_record(facts_of(class_name), self.where(class_name, **where)))

    def add_user(self, name: str, password: str, roles: list[str], **values: object) -> Key:
        """Put a user there who can log in with the password."""
        facts = facts_of("Security.Users")
        record = {
            **new_record(facts, self, name),
            "Name": name,
            "Roles": roles,
            "NameLowerCase": name.lower(),
            **values,
        }
        salt = hashlib.sha256(f"{self.name}{name}".encode()).digest()[:16]
        set_password(record, password, salt)
        return self.storage.put(facts, record)

    # -- the host ----------------------------------------------------------------------------------------------

    @property
    def is_primary(self) -> bool:
        return self.mirror is None or self.mirror.state_of(self).status == "PRIMARY"

    def moment(self) -> str:
        """Return `$ZTIMESTAMP`: days since 1840, seconds of the day in UTC."""
        now = dt.datetime.now(tz=dt.timezone.utc) + self.clock_ahead
        return f"{days_of(now.date().isoformat())},{now.hour * 3600 + now.minute * 60 + now.second}.{now.microsecond:06}"

    def random_key(self, seed: str) -> bytes:
        """Return 20 bytes that only this member has for a seed."""
        return hashlib.sha256(f"{self.name} {seed}".encode()).digest()[:20]

    def guid(self) -> str:
        """Return a GUID that no other member gives."""
        return guid_of(f"{self.name} {next(self._guids)}")

    def next_reference(self) -> int:
        return next(self._references)

    def licence(self, method: str) -> Value:
        """Return what a method of `%SYSTEM.License` says of the key."""
        used = len(self.sessions)
        told: dict[str, Value] = {
            "KeyCustomerName": "Simulated hospital",
            "KeyLicenseUnits": self.licence_units,
            "KeyLicenseCapacity": f"InterSystems IRIS, Concurrent User:{self.licence_units}",
            "KeyExpirationDate": days_of(self.licence_expires) if self.licence_expires else "",
            "KeyProduct": "InterSystems IRIS",
            "KeyLicenseType": "Concurrent User",
            "KeyOrderNumber": 700001,
            "KeyCoresLicensed": 16,
            "KeyFeatures": "Mirroring, Interoperability",
            "LUConsumed": used,
            "LUAvailable": self.licence_units - used,
            "LUMaxConsumed": max(used, self.licence_most_used),
            "LUMinAvailable": self.licence_units - max(used, self.licence_most_used),
            "GetFeature": 1,
        }
        return told[method]

    @property
    def classes(self) -> list[str]:
        """Return the names of the system classes that this member has."""
        return [name for name in all_classes() if self.has_class(name)]
