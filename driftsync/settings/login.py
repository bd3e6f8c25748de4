"""This module says how one running member is reached; the password is a reference and never the password."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from driftsync.errors import SettingsError
from driftsync.language import english as _
from driftsync.model import MemberRole

DEFAULT_PORT = 1972
DEFAULT_DEADLINE = 30.0
"""Seconds for one call."""
DEFAULT_CONNECTIONS = 2
LAST_PORT = 65_535
PASSWORD_REFERENCES = ("env:", "file:", "command:", "keyring:")
"""How a password may be referred to; `connections.credentials` follows them."""

_PLACE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\s:\[\]/]+))(?::(?P<port>[0-9]{1,5}))?\Z")
_HOST = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?|[^\s:\[\]/]+")


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Where a member listens, who logs in, and how gently it is asked."""

    host: str
    port: int = DEFAULT_PORT
    user: str
    password_reference: str
    """`env:NAME`, `file:PATH`, `command:LINE` or `keyring:SERVICE/USER`."""
    tls: bool | str = True
    """A text names a section of the driver's own TLS settings file."""
    ca_file: Path | None = None
    """With `tls = true`: who signed the member's certificate; none means the system's authorities."""
    deadline: float = DEFAULT_DEADLINE
    connections: int = DEFAULT_CONNECTIONS
    own_connections: bool = False
    """Whether the member's own table says how many connections, so that it counts for a backup too."""
    files: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, int], ...] = ()
    """Where else the member may answer, in this order."""

    @property
    def places(self) -> tuple[tuple[str, int], ...]:
        """Return every host and port to try, in order."""
        return ((self.host, self.port), *self.alternatives)

    def connections_for(self, role: MemberRole) -> int:
        """Return how many connections at once: a backup has better things to do and gets one."""
        return 1 if role is MemberRole.BACKUP and not self.own_connections else self.connections

    def at(self, host: str, port: int) -> Login:
        """Return the same login at another place."""
        return msgspec.structs.replace(self, host=host, port=port, alternatives=())


def split_place(place: str) -> tuple[str, int]:
    """Split `host:port`, `host` or `[address of IPv6]:port`. Raises `ValueError` for anything else."""
    match = _PLACE.match(place.strip())
    port = int(match["port"] or DEFAULT_PORT) if match else 0
    if match is None or not 0 < port <= LAST_PORT:
        raise ValueError(place)
    return match["six"] or match["host"], port


def is_place(place: str) -> bool:
    """Say whether a text is `host:port`, `host` or `[address of IPv6]:port`."""
    try:
        return bool(split_place(place))
    except ValueError:
        return False


def is_host(host: str) -> bool:
    """Say whether a text can be a host by itself: a name, an address of IPv4 or of IPv6, no port."""
    return bool(_HOST.fullmatch(host))


def check_reference(reference: str, where: str = "") -> None:
    """Raise `SettingsError` for a password that is no reference; the message does not repeat it."""
    if not reference.startswith(PASSWORD_REFERENCES) or reference in PASSWORD_REFERENCES:
        raise SettingsError(
            where + _("the password is not a reference"),
            hint=_(
                'it is never given by itself: "env:NAME", "file:PATH", "command:LINE" or "keyring:SERVICE/USER"'
            ),
        )
