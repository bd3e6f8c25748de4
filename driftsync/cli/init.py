"""This module is `driftsync init`: from one member to settings for the whole mirror."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftsync.language import N_, _, translated

if TYPE_CHECKING:
    from driftsync.connections.discovery import Discovered
    from driftsync.settings import Login

HELP = N_("Ask one running member for its mirror and write driftsync.toml.")


def command(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help=N_("The settings file to write; default: driftsync.toml.")
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help=N_("Where one member listens."))] = "",
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help=N_("Its superserver; default 1972."))
    ] = None,
    user: Annotated[str, typer.Option("--user", help=N_("The account that reads."))] = "",
    password_ref: Annotated[
        str,
        typer.Option(
            "--password-ref",
            metavar="REFERENCE",
            help=N_("Where the password is kept: env:NAME, file:PATH, keyring:SERVICE/USER or command:LINE."),
        ),
    ] = "",
    tls: Annotated[
        bool | None, typer.Option("--tls/--no-tls", help=N_("With TLS, unless said otherwise."))
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", metavar="FILE", help=N_("Who signed the members' certificates, PEM.")),
    ] = None,
    tls_section: Annotated[
        str,
        typer.Option(
            "--tls-section", metavar="NAME", help=N_("A section of the driver's own TLS settings file.")
        ),
    ] = "",
    member: Annotated[
        list[str] | None,
        typer.Option(
            "--member",
            metavar="NAME=HOST:PORT",
            help=N_("Where a member is reached from here, if not where the mirror says; may be repeated."),
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=N_("Write over a file that is there."))] = False,
) -> int:
    """Carry out `driftsync init`."""
    import msgspec

    from driftsync.cli.answers import how_to_keep
    from driftsync.cli.exits import Exit
    from driftsync.cli.members import warn
    from driftsync.cli.writing import show
    from driftsync.reporting.members import print_mirror
    from driftsync.settings import DEFAULT_NAME

    path = output or Path(DEFAULT_NAME)
    _refuse_existing(path, force=force)
    places = dict(map(_named_place, member or []))
    wanted = _Wanted(
        host, port, user, password_ref, tls_section or tls, str(ca_file) if ca_file else "", path.parent
    )
    login, typed, first = _reach(wanted)
    found = _discover(login, first, path.parent, typed, places)
    members = [msgspec.structs.replace(each, configured=True) for each in found.mirror.members]
    mirror = msgspec.structs.replace(found.mirror, members=members)
    show(lambda console: print_mirror(mirror, console))
    warn([login])
    _write(path, found, login)
    if typed is not None:
        print(_("still to do: {what}").format(what=how_to_keep(login, path.parent)), file=sys.stderr)
    named = "" if path.name == DEFAULT_NAME and path.parent.resolve() == Path.cwd() else f" --settings {path}"
    print(_("written: {path}; next: driftsync report{named}").format(path=path, named=named), file=sys.stderr)
    found.whole()
    return Exit.CLEAN if found.mirror.complete else Exit.INCOMPLETE


@dataclass(frozen=True)
class _Wanted:
    """What the command line said; what it did not say is asked."""

    host: str
    port: int | None
    user: str
    reference: str
    tls: bool | str | None
    ca_file: str
    base: Path

    def complete(self) -> Login:
        """Return the login, asking for what is missing where somebody can answer."""
        from driftsync.cli import answers
        from driftsync.errors import UsageError
        from driftsync.settings import DEFAULT_PORT, Login, check_reference

        given = {"--host": self.host, "--user": self.user, "--password-ref": self.reference}
        missing = [option for option, value in given.items() if not value]
        asks = answers.on_terminal() and bool(missing)
        if missing and not asks:
            raise UsageError(
                _("without a terminal to ask on, {options} must be given").format(options=", ".join(missing)),
                hint=_(
                    "driftsync init --host 10.20.4.11 --user driftsync --password-ref env:DRIFTSYNC_PASSWORD"
                ),
            )
        if self.reference:
            check_reference(self.reference)
        host = self.host or answers.ask_host()
        port = self.port or (answers.ask_port() if asks else DEFAULT_PORT)
        user = self.user or answers.ask_user()
        tls: bool | str = True if self.tls is None else self.tls
        ca_file = self.ca_file
        if asks and self.tls is None and not ca_file:
            tls, ca_file = answers.ask_tls()
        reference = self.reference or answers.ask_reference(user, self.base)
        return Login(
            host=host,
            port=port,
            user=user,
            password_reference=reference,
            tls=tls,
            ca_file=Path(ca_file).resolve() if ca_file and tls is True else None,
        )


def _reach(wanted: _Wanted) -> tuple[Login, str | None, str]:
    """Return a login that works, the password if it had to be typed, and what the member calls itself.

    Somebody on a terminal is asked again after a failure; otherwise it is raised.
    """
    from driftsync.cli import answers, tongue
    from driftsync.connections import open_member
    from driftsync.connections.asking import ask
    from driftsync.errors import DriftsyncError

    while True:
        login = wanted.complete()
        typed = _typed_password(login, wanted.base)
        try:
            with open_member(login, login.host, wanted.base, password=typed) as connection:
                return login, typed, ask(connection).instance
        except DriftsyncError as error:
            if not answers.on_terminal() or (wanted.host and wanted.user and wanted.reference):
                raise
            print(tongue.told(error), file=sys.stderr)
            if not answers.ask_again():
                raise


def _typed_password(login: Login, base: Path) -> str | None:
    """Return nothing where the reference leads to the password; else ask for it where somebody can answer."""
    from driftsync.cli import answers, tongue
    from driftsync.connections.credentials import find
    from driftsync.errors import SettingsError

    try:
        find(login.password_reference, base)
    except SettingsError as error:
        if not answers.on_terminal():
            raise
        print(tongue.told(error), file=sys.stderr)
        return answers.ask_password(login.user)
    return None


def _discover(
    login: Login, instance: str, base: Path, typed: str | None, places: dict[str, tuple[str, int]]
) -> Discovered:
    """Find the mirror; where a member is not reached, ask for another address of it."""
    from driftsync.cli import answers
    from driftsync.connections.discovery import discover, short_name

    logins = {short_name(instance, ()) or login.host: login}
    logins |= {name: login.at(*place) for name, place in places.items() if name not in logins}
    left: set[str] = set()
    while True:
        found = discover(logins, base, password=typed)
        if not answers.on_terminal():
            return found
        moved = {}
        for member in found.mirror.members:
            if not member.answered and member.name not in left:
                print(f"{member.name} ({member.address}): {translated(member.reason)}", file=sys.stderr)
                place = answers.ask_place(member.name)
                if place:
                    moved[member.name] = login.at(*place)
                else:
                    left.add(member.name)
        if not moved:
            return found
        logins |= moved


def _write(path: Path, found: Discovered, login: Login) -> None:
    from driftsync.files import write_bytes
    from driftsync.settings import Listed, settings_text

    words: dict[str, Any] = {"user": login.user, "password": login.password_reference, "tls": login.tls}
    if login.ca_file:
        words["ca_file"] = str(login.ca_file)
    members = []
    for member in found.mirror.members:
        notes = [_("in its mirror: {name}").format(name=member.instance)] if member.instance else []
        if not member.answered:
            notes.append(_("not reached when this was written"))
        reached = found.logins[member.name]
        members.append(Listed(member.name, reached.host, reached.port, tuple(notes)))
    comments = (
        _("Written by `driftsync init`; examples/driftsync.toml explains every key there is."),
        _("Roles are not written down: each member is asked what it is."),
    )
    write_bytes(path, settings_text(found.mirror.name, words, members, comments).encode())


def _refuse_existing(path: Path, *, force: bool) -> None:
    from driftsync.errors import UsageError

    if path.exists() and not force:
        raise UsageError(
            _("{path} is there already").format(path=path),
            hint=_("choose another place with -o, or write over it with --force"),
        )


def _named_place(word: str) -> tuple[str, tuple[str, int]]:
    from driftsync.errors import UsageError
    from driftsync.settings import split_place

    name, _equals, place = word.partition("=")
    try:
        return name, split_place(place)
    except ValueError:
        raise UsageError(
            _("--member {word}: NAME=HOST:PORT is expected").format(word=repr(word)),
            hint="--member HOSPB=10.30.4.12:1972",
        ) from None
