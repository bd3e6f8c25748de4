"""Mirrors of the lab that are served in this process, and logins that reach them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from driftsync.lab.certificates import Certificates
from driftsync.lab.faults import parse_wire_faults
from driftsync.lab.instance import SimulatedInstance, SimulatedMirror
from driftsync.lab.scenarios import PASSWORDS
from driftsync.lab.scenarios.clean import join, make_members
from driftsync.lab.serving import Server
from driftsync.settings import Login

LOOPBACK = "127.0.0.1"
READER = "driftsync"
VARIABLE = "LAB_PASSWORD_OF_THE_READER"


@dataclass
class Served:
    """Four members in this process, their ports by short name."""

    mirror: SimulatedMirror
    members: dict[str, SimulatedInstance]
    ports: dict[str, int]

    def login(self, name: str, **changes: object) -> Login:
        os.environ[VARIABLE] = PASSWORDS[READER]
        words: dict[str, object] = {
            "host": LOOPBACK,
            "port": self.ports[name],
            "user": READER,
            "password_reference": f"env:{VARIABLE}",
            "tls": False,
            "deadline": 20.0,
        }
        return Login(**{**words, **changes})  # type: ignore[arg-type]

    def logins(self, names: str = "HOSPA HOSPB HOSPDR HOSPRPT") -> dict[str, Login]:
        return {name: self.login(name) for name in names.split()}

    def settings(self, path: Path, names: str = "HOSPA HOSPB HOSPDR HOSPRPT", more: str = "") -> Path:
        """Write settings for these members."""
        os.environ[VARIABLE] = PASSWORDS[READER]
        lines = [
            "[mirror.HOSPITAL]",
            f'user = "{READER}"',
            f'password = "env:{VARIABLE}"',
            "tls = false",
            more,
        ]
        for name in names.split():
            lines += [f"[member.{name}]", f'host = "{LOOPBACK}"', f"port = {self.ports[name]}"]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path


@contextmanager
def served(
    profile: str = "2024.1",
    *,
    at_home: bool = False,
    faults: dict[str, Sequence[str]] | None = None,
    certificates: Certificates | None = None,
) -> Iterator[Served]:
    """Serve the four members of `clean`. `at_home`: the mirror's definition has the addresses where they listen."""
    members = make_members(profile)
    with ExitStack() as stack:
        ports = {}
        for member in members:
            short = member.name.partition("/")[0]
            server = Server(
                member,
                tls=certificates.server_context() if certificates else None,
                faults=parse_wire_faults((faults or {}).get(short, ())),
            )
            ports[short] = stack.enter_context(server).port
            member.host, member.port = (LOOPBACK, server.port) if at_home else (f"{short}.invalid", 1972)
        mirror = join(members)
        yield Served(mirror, {each.name.partition("/")[0]: each for each in members}, ports)
