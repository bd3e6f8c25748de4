"""This module writes settings that reach the members of a running lab, as `driftsync lab serve --settings-out` does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from driftsync.errors import UsageError
from driftsync.files import write_bytes
from driftsync.language import _
from driftsync.settings import Listed, settings_text

FIRST_LINE = "Written by `driftsync lab serve`; written anew each time."
LOOPBACK = "127.0.0.1"
MIRROR = "HOSPITAL"


def refuse_foreign(path: Path) -> None:
    """Raise `UsageError` where the file is somebody's own settings."""
    try:
        ours = path.read_text(encoding="utf-8").startswith(f"# {FIRST_LINE}")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        raise UsageError(
            _("{path} is there already and was not written by the lab").format(path=path),
            hint=_("name another file with --settings-out"),
        )


def write_settings(path: Path, ports: Mapping[str, int], user: str, authority: Path | None) -> None:
    """Write the settings, and beside them a file with the password that its owner alone can read."""
    from driftsync.lab.scenarios import PASSWORDS, own_directories

    secret = path.with_name(f"{path.stem}-password.txt")
    _write_secret(secret, PASSWORDS[user])
    words: dict[str, Any] = {"user": user, "password": f"file:{secret.name}", "tls": authority is not None}
    if authority is not None:
        words["ca_file"] = str(authority.resolve())
    members = [
        Listed(
            name.partition("/")[0],
            LOOPBACK,
            port,
            (_("in its mirror: {name}").format(name=name),),
            own_directories(name),
        )
        for name, port in ports.items()
    ]
    write_bytes(path, settings_text(MIRROR, words, members, [FIRST_LINE]).encode())


def _write_secret(path: Path, password: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # what others have opened stays what it was
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{password}\n")
    except OSError as error:
        raise UsageError(
            _("{path} cannot be written: {reason}").format(
                path=path, reason=error.strerror or type(error).__name__
            ),
            hint=_("name another place with --settings-out"),
        ) from None
