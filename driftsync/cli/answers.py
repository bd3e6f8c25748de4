"""This module asks a person on a terminal how a member is reached. A typed password is neither shown nor kept.

Questions go to stderr; Ctrl-C ends them without anything written.
"""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

import typer

from driftsync.language import _
from driftsync.settings import DEFAULT_PORT, Login, is_host, is_place, split_place

USER = "driftsync"
VARIABLE = "DRIFTSYNC_PASSWORD"


def on_terminal() -> bool:
    """Say whether somebody can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_host() -> str:
    """Ask where a member listens."""
    while True:
        host = _ask(_("Host of one member of the mirror"))
        if is_host(host):
            return host
        _say(_("a name or an address, without the port"))


def ask_port() -> int:
    """Ask for the port of the superserver."""
    while True:
        port = _ask(_("Port of its superserver"), str(DEFAULT_PORT))
        if is_place(f"host:{port}"):
            return int(port)
        _say(_("a number from 1 to 65535"))


def ask_user() -> str:
    """Ask for the account."""
    return _ask(_("Account that reads (see README: what it needs)"), USER)


def ask_tls() -> tuple[bool | str, str]:
    """Ask how TLS is done; returns what `tls` and `ca_file` shall say."""
    if not typer.confirm(_("Does the superserver speak TLS"), default=True, err=True):
        return False, ""
    if sys.platform == "win32":
        return _ask(_("Section in the driver's SSLDefs.ini")), ""
    while True:
        path = _ask(_("CA file of the mirror, PEM (empty: what this computer trusts)"), "")
        if not path or Path(path).expanduser().is_file():
            return True, str(Path(path).expanduser()) if path else ""
        _say(_("there is no such file"))


def ask_reference(user: str, base: Path) -> str:
    """Ask where the password is kept; returns the reference."""
    ways = {"1": "env", "2": "file", "3": "keyring", "4": "command"}
    _say(_("Where is the password kept?"))
    _say(_("  1  in an environment variable"))
    _say(_("  2  in a file that its owner alone can read"))
    _say(_("  3  in the keyring of this computer"))
    _say(_("  4  a command prints it"))
    while True:
        answer = _ask(_("1, 2, 3 or 4"), "1")
        way = ways.get(answer, answer)
        if way in ways.values():
            break
    if way == "env":
        return "env:" + _ask(_("Name of the variable"), VARIABLE)
    if way == "file":
        question = _("File, seen from {folder}").format(folder=base.resolve())
        return "file:" + _ask(question, "driftsync-password.txt")
    if way == "keyring":
        return "keyring:" + _ask(_("Service/user in the keyring"), f"driftsync/{user}")
    return "command:" + _ask(_("Command"))


def ask_password(user: str) -> str:
    """Ask for the password itself, for this one run."""
    return getpass.getpass(
        _("Password of {user}, for this run only (it is not shown and not kept): ").format(user=user)
    )


def ask_again() -> bool:
    """Ask whether to try other answers."""
    return typer.confirm(_("Try other answers"), default=True, err=True)


def ask_place(name: str) -> tuple[str, int] | None:
    """Ask where else a member is reached; nothing leaves it as it is."""
    while True:
        place = _ask(
            _("Where is {name} reached from here, host:port (empty: leave it)").format(name=name), ""
        )
        if not place:
            return None
        if is_place(place):
            return split_place(place)
        _say(_("host:port, for instance 10.30.4.12:1972"))


def how_to_keep(login: Login, base: Path) -> str:
    """Return what is left to be done so that the reference leads to the password."""
    way, _colon, what = login.password_reference.partition(":")
    if way == "env":
        return _("set the environment variable {name} for the account that runs driftsync").format(name=what)
    if way == "file":
        path = base / what
        if os.name == "nt":
            return _("write the password into {path}, and let nobody but yourself read it").format(path=path)
        return _("write the password into {path}:  (umask 077; cat > {path})").format(path=path)
    if way == "keyring":
        service, _slash, user = what.partition("/")
        return f"keyring set {service} {user}"
    return _("let {command} print the password and nothing else").format(command=what)


def _ask(question: str, default: str | None = None) -> str:
    return str(typer.prompt(question, default=default, err=True, show_default=bool(default))).strip()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
