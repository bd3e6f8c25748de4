"""This module holds what `driftsync.toml` may say: one struct a table."""

from __future__ import annotations

import builtins
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from driftsync.model import Member, MemberRole, Severity
from driftsync.settings.deliveries import DeliverSettings
from driftsync.settings.login import (
    DEFAULT_CONNECTIONS,
    DEFAULT_DEADLINE,
    DEFAULT_PORT,
    LAST_PORT,
    Login,
    split_place,
)
from driftsync.settings.thresholds import Thresholds

Port = Annotated[int, msgspec.Meta(ge=1, le=LAST_PORT)]


class LoginWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How running members are reached; in `[mirror.NAME]` for all of them, in `[member.NAME]` for one."""

    port: Port | None = None
    user: str = ""
    password: str = ""
    """A reference: `env:NAME`, `file:PATH`, `command:LINE` or `keyring:SERVICE/USER`."""
    tls: bool | str | None = None
    """`true`, `false`, or the name of a section in the driver's own TLS settings file."""
    ca_file: str = ""
    """PEM of the authority that signed the members' certificates; relative to the settings file."""
    deadline: Annotated[float, msgspec.Meta(gt=0)] | None = None
    connections: Annotated[int, msgspec.Meta(ge=1, le=16)] | None = None
    files: list[str] | None = None

    @property
    def said(self) -> list[str]:
        """Return the names of the login words that are given."""
        words = [field.name for field in msgspec.structs.fields(LoginWords)]
        return [name for name in words if getattr(self, name) not in (None, "")]


class MemberSettings(LoginWords, frozen=True, forbid_unknown_fields=True):
    """`[member.NAME]`: where a member is read from, and its own directories in `[member.NAME.paths]`."""

    source: str = ""
    """A folder of exports, one export, or a snapshot file; relative to the settings file."""
    host: str = ""
    """Where the running member listens. Either this or `source`."""
    alternatives: list[str] = []
    """Other places (`host:port`) to try, in order, when the first does not answer."""
    mirror: str = ""
    role: MemberRole = MemberRole.UNKNOWN
    """Used only where the files themselves do not tell."""
    paths: dict[str, str] = {}
    whole: list[str] = []
    """Kinds whose partial exports are to be taken as whole."""


class MirrorSettings(LoginWords, frozen=True, forbid_unknown_fields=True):
    """`[mirror.NAME]`: which member is the primary, which files do not say, and how running members are reached."""

    primary: str = ""
    """Needed where members are read from files; a running member is asked."""
    time_limit: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds for all its members together, in place of the one in `[report]`."""
    upgrade_window: str = ""
    """`2026-11-21..2026-11-25`: the days on which its members may run different releases."""
    data_check: str = ""
    """A file that notes comparisons of the data, the last in its last line; relative to the settings file."""

    @property
    def upgrade(self) -> tuple[date, date] | None:
        """Return the first and the last day of the upgrade; raises `ValueError` for what is no such span."""
        if not self.upgrade_window:
            return None
        first, dots, last = self.upgrade_window.partition("..")
        days = date.fromisoformat(first.strip()), date.fromisoformat((last if dots else first).strip())
        if days[0] > days[1]:
            raise ValueError("the end is before the beginning")
        return days


class ScopeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[scope]`: what is looked at."""

    kinds: list[str] = []
    exclude: list[str] = []
    site_only: bool = False


class ReportSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[report]`: how much of the network and of the night a report takes."""

    parallel: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
    """Members that are read at once, of all mirrors together."""
    time_limit: Annotated[float, msgspec.Meta(gt=0)] = 1800.0
    """Seconds that one mirror may take, from its first member on; what is not read by then is unreadable."""


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[store]`: what is kept between runs, and for how long."""

    path: str = ""
    """The file; relative to the settings file. Empty: the user's state directory."""
    keep_runs: Annotated[int, msgspec.Meta(ge=1)] = 60
    """Runs of each mirror that are kept however old they are."""
    keep_days: Annotated[int, msgspec.Meta(ge=1)] = 400
    """Days for which every run is kept."""


class SyncSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[sync]`: what a plan must leave alone, and how long it may be used."""

    protected: list[str] = []
    """Accounts that no plan may take the login or a right from, beside those that it never may."""
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 60
    """For how long a plan may be used after it was made."""


class Then(Enum):
    """What follows from a rule."""

    IGNORE = "ignore"
    LOCAL = "local"
    FAILOVER = "fails-failover"
    APPLICATION = "breaks-application"
    SECURITY = "security"
    HYGIENE = "hygiene"


class RuleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[rule]]`: what is meant to differ, or is worse or better than driftsync thinks; all that is named must fit."""

    then: Then
    because: Annotated[str, msgspec.Meta(pattern=r"\S")]
    """Why, for whoever reads the report."""
    kind: str = ""
    key: str = ""
    """A key as the report prints it; `*` stands for anything."""
    member: str = ""
    role: MemberRole | None = None
    property: str = ""
    """A property; `*` stands for anything. Without one, the whole item."""

    @builtins.property
    def severity(self) -> Severity | None:
        """The severity that the rule gives; `None` where it takes the difference out."""
        return None if self.then in {Then.IGNORE, Then.LOCAL} else Severity(self.then.value)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    lang: Literal["", "en", "zh_CN"] = ""
    """The language of what people read. Heard by `cli.tongue` before the rest; `--lang` and DRIFTSYNC_LANG win."""
    mirror: dict[str, MirrorSettings] = {}
    member: dict[str, MemberSettings] = {}
    scope: ScopeSettings = ScopeSettings()
    report: ReportSettings = ReportSettings()
    check: Thresholds = Thresholds()
    store: StoreSettings = StoreSettings()
    sync: SyncSettings = SyncSettings()
    deliver: list[DeliverSettings] = []
    rule: list[RuleSettings] = []
    path: Path = Path()

    def named(self, word: str) -> str | None:
        """Return the member that is called `word`, whatever its case where only one can be meant."""
        if word in self.member:
            return word
        alike = [name for name in self.member if name.casefold() == word.casefold()]
        return alike[0] if len(alike) == 1 else None

    def members_of(self, mirror: str) -> list[str]:
        """Return the members of a mirror: its primary first where it is stated, then in the order of the file."""
        primary = self.mirror[mirror].primary
        others = [name for name in self.member if self.mirror_of(name) == mirror and name != primary]
        return [primary, *others] if primary else others

    def mirror_of(self, name: str) -> str:
        """Return the mirror that a member belongs to; empty where the settings know none."""
        return self.member[name].mirror or (next(iter(self.mirror)) if len(self.mirror) == 1 else "")

    def time_limit_of(self, mirror: str) -> float:
        """Return the seconds that a mirror may take as a whole."""
        return self.mirror[mirror].time_limit or self.report.time_limit

    def is_live(self, name: str) -> bool:
        """Say whether a member is read while it runs, and not from files."""
        return bool(self.member[name].host)

    def source_of(self, name: str) -> Path:
        """Return where a member is read from."""
        return self.path.parent / self.member[name].source

    def login_of(self, name: str) -> Login:
        """Return how a running member is reached: its own words, else those of its mirror."""
        member = self.member[name]
        mirror = self.mirror.get(self.mirror_of(name), LoginWords())
        tls = next((each.tls for each in (member, mirror) if each.tls is not None), True)
        ca_file = member.ca_file or mirror.ca_file
        return Login(
            host=member.host,
            port=member.port or mirror.port or DEFAULT_PORT,
            user=member.user or mirror.user,
            password_reference=member.password or mirror.password,
            tls=tls,
            ca_file=self.path.parent / ca_file if ca_file and tls is True else None,
            deadline=member.deadline or mirror.deadline or DEFAULT_DEADLINE,
            connections=member.connections or mirror.connections or DEFAULT_CONNECTIONS,
            own_connections=member.connections is not None,
            files=tuple(member.files if member.files is not None else mirror.files or ()),
            alternatives=tuple(map(split_place, member.alternatives)),
        )

    def stated(self, name: str) -> Member:
        """Return the member as the settings state it."""
        settings = self.member[name]
        mirror = self.mirror_of(name)
        primary = mirror in self.mirror and self.mirror[mirror].primary == name
        role = MemberRole.PRIMARY if primary else settings.role
        if not primary and role is MemberRole.PRIMARY:
            role = MemberRole.UNKNOWN
        return Member(name=name, role=role, mirror=mirror)
