"""This module finds a secret, most often the password of an account: environment, file, command or keyring; never the command line."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path
from threading import Lock

from driftsync.errors import SettingsError
from driftsync.language import english as _

SECONDS_FOR_A_COMMAND = 20
_ONE_COMMAND = Lock()
_PRINTED: dict[str, str] = {}


def find(reference: str, base: Path) -> str:
    """Return the secret that `reference` points to: `env:NAME`, `file:PATH`, `command:LINE`, `keyring:SERVICE/USER`.

    Relative paths start at `base`. Raises `SettingsError`; the message never holds the secret.
    """
    how, colon, what = reference.partition(":")
    finders = {"env": _from_environment, "command": _from_command, "keyring": _from_keyring}
    if how == "file" and colon:
        return _from_file(base / what)
    if not colon or how not in finders:
        raise SettingsError(
            _("a secret is given by reference, not by itself"),
            hint=_('"env:NAME", "file:PATH", "command:LINE" or "keyring:SERVICE/USER"'),
        )
    return finders[how](what)


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise SettingsError(
            _("the environment variable {name} is not set").format(name=name),
            hint=_("set it for the account that runs driftsync"),
        )
    return os.environ[name]


def _from_file(path: Path) -> str:
    try:
        refuse_if_others_can_read(path)
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            _("{path}, which shall hold a secret, cannot be read").format(path=path),
            hint=_("it holds the secret and nothing else, and its owner alone can read it"),
            details=type(error).__name__,
        ) from None


def refuse_if_others_can_read(path: Path) -> None:
    """Raise `SettingsError` where anybody but the owner can read a file of secrets."""
    if sys.platform == "win32":
        _refuse_by_access_list(path)
    elif path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(
            _("others can read {path}, which holds a secret").format(path=path), hint=f"chmod 600 {path}"
        )


def _refuse_by_access_list(path: Path) -> None:
    """Ask Windows who may read: Everyone, Users and Authenticated Users may not."""
    done = subprocess.run(  # noqa: S603 - a fixed program of the system
        [
            str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "icacls.exe"),
            str(path),
            "/findsid",
            "*S-1-1-0",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if str(path).lower() in done.stdout.lower():
        raise SettingsError(
            _("others can read {path}, which holds a secret").format(path=path),
            hint=_("icacls FILE /inheritance:r /grant:r %USERNAME%:R"),
        )


def _from_command(line: str) -> str:
    """Run the command once, however many connections ask: it may ask a person or a vault."""
    with _ONE_COMMAND:
        if line not in _PRINTED:
            _PRINTED[line] = _run(line)
        return _PRINTED[line]


def _run(line: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command, from the user's own settings
            shlex.split(line), capture_output=True, text=True, check=True, timeout=SECONDS_FOR_A_COMMAND
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SettingsError(
            _("the command that prints the secret failed"),
            hint=_(
                "run it by hand as the account that runs driftsync; it must print the secret and nothing else"
            ),
            details=type(error).__name__,
        ) from None
    return done.stdout.rstrip("\r\n")


def _from_keyring(what: str) -> str:
    try:
        import keyring
    except ImportError:
        raise SettingsError(
            _("the keyring cannot be used: the package keyring is not installed"), hint="pip install keyring"
        ) from None
    service, _slash, user = what.partition("/")
    found = keyring.get_password(service, user)
    if found is None:
        raise SettingsError(
            _("the keyring holds nothing for {what}").format(what=what), hint=f"keyring set {service} {user}"
        )
    return str(found)
