"""This module is `driftsync lab`: a mirror of simulated members that the unmodified driver talks to."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.language import N_, _

if TYPE_CHECKING:
    from driftsync.lab.certificates import Certificates
    from driftsync.lab.members import RunningMembers

HELP = N_("Serve a mirror of simulated members on this machine, for the unmodified driver to talk to.")


class Profile(str, Enum):
    """The releases that a member can stand for."""

    R2022_1 = "2022.1"
    R2024_1 = "2024.1"
    R2025_2 = "2025.2"


class Scenario(str, Enum):
    """What the members hold."""

    CLEAN = "clean"
    HOSPITAL = "hospital"
    LARGE = "large"
    AILING = "ailing"
    AWAY = "ailing-away"
    DRIFT_ALONE = "ailing-drift"
    FAILING = "failing"
    TWO_PRIMARIES = "failing-two-primaries"
    SILENT = "silent"


class Account(str, Enum):
    """Who can log in to a member of the lab."""

    READER = "driftsync"
    SYSTEM = "_SYSTEM"
    OPERATOR = "operator"


def build() -> typer.Typer:
    """Return the commands below `driftsync lab`."""
    app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    app.command(name="serve", help=N_("Serve until Ctrl-C and print where each member listens."))(serve)
    app.callback()(_lab)
    return app


def _lab() -> None:
    """Hold the commands of the lab."""


def serve(
    profile: Annotated[
        Profile, typer.Option("--profile", help=N_("The release that members stand for."))
    ] = Profile.R2024_1,
    scenario: Annotated[
        Scenario,
        typer.Option(
            "--scenario",
            help=N_(
                "clean: no drift; hospital: every sort of drift; large: thousands of items; ailing, failing, silent: what `check` warns of, what it fails, what it cannot know."
            ),
        ),
    ] = Scenario.HOSPITAL,
    latency: Annotated[
        int, typer.Option("--latency", metavar="MS", min=0, help=N_("Milliseconds before each answer."))
    ] = 0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="SPEC",
            help=N_(
                "What goes wrong: drop@30, hang@12, nonsense@5, refuse:Security.Users, absent:Config.Gateways, wrong-password …; may be repeated."
            ),
        ),
    ] = None,
    port_base: Annotated[
        int,
        typer.Option(
            "--port-base",
            metavar="N",
            min=0,
            max=65000,
            help=N_("The port of the first member, the others follow; default: free ports."),
        ),
    ] = 0,
    tls: Annotated[
        Path | None,
        typer.Option(
            "--tls",
            metavar="FOLDER",
            help=N_("Speak TLS; certificates and the driver's settings go into this folder."),
        ),
    ] = None,
    settings_out: Annotated[
        Path | None,
        typer.Option(
            "--settings-out",
            metavar="FILE",
            help=N_("Write settings that reach these members; other commands take them with --settings."),
        ),
    ] = None,
    user: Annotated[
        Account, typer.Option("--user", help=N_("The account in those settings."))
    ] = Account.READER,
) -> int:
    """Carry out `driftsync lab serve`."""
    from functools import partial

    from driftsync.cli.lab_settings import refuse_foreign, write_settings
    from driftsync.lab.faults import parse_instance_faults, parse_wire_faults
    from driftsync.lab.members import Place, RunningMembers
    from driftsync.lab.scenarios import MEMBERS, make_member

    words = [*(fault or []), *([f"latency={latency}"] if latency else [])]
    wire, broken = parse_wire_faults(words), parse_instance_faults(words)
    certificates = _certificates(tls, expired=wire.expired_certificate) if tls else None
    places = [
        Place(
            name,
            partial(make_member, scenario.value, name, profile.value, broken),
            port=port_base + number if port_base else 0,
            faults=wire,
            certificates=certificates,
        )
        for number, name in enumerate(MEMBERS[scenario.value])
    ]
    if settings_out:
        refuse_foreign(settings_out)
    with RunningMembers(places) as members:
        if settings_out:
            authority = certificates.authority if certificates else None
            write_settings(settings_out, members.ports, user.value, authority)
        _say(members, tls)
        if settings_out:
            print(_("settings: {path}").format(path=settings_out), flush=True)
        try:
            members.wait()
        except KeyboardInterrupt:
            print(_("stopped"), flush=True)
    return 0


def _certificates(folder: Path, *, expired: bool) -> Certificates:
    from driftsync.lab.certificates import make_certificates, write_settings

    folder.mkdir(parents=True, exist_ok=True)
    made = make_certificates(folder, expired=expired)
    write_settings(folder / "SSLDefs.ini", made.authority)
    return made


def _say(members: RunningMembers, tls: Path | None) -> None:
    from driftsync.lab.scenarios import PASSWORDS

    user, password = next(iter(PASSWORDS.items()))
    for name, port in members.ports.items():
        print(f"{name:<14} 127.0.0.1:{port}")
    print(
        _("user {user}, password {password}; Ctrl-C stops all").format(user=user, password=password),
        flush=True,
    )
    if tls:
        from driftsync.lab.certificates import SETTINGS_VARIABLE

        print(f"{SETTINGS_VARIABLE}={tls / 'SSLDefs.ini'}", flush=True)
