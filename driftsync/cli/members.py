"""This module is `driftsync members`: what each running member of a mirror says it is, or why it could not be asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import OutputFormat, QuietOption, SettingsOption, check_format, format_option
from driftsync.language import N_, _, translated

if TYPE_CHECKING:
    from driftsync.connections.discovery import Discovered
    from driftsync.settings import Login, Settings

HELP = N_("Ask the running members of a mirror what they are: role, status, release, address.")
FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON)


def command(
    mirror: Annotated[
        list[str] | None, typer.Argument(metavar="[MIRROR]...", help=N_("Only these mirrors."))
    ] = None,
    settings: SettingsOption = None,
    format: Annotated[OutputFormat, format_option(FORMATS)] = OutputFormat.TERMINAL,
    quiet: QuietOption = False,
) -> int:
    """Carry out `driftsync members`."""
    import sys

    from driftsync.cli import progress
    from driftsync.cli.exits import Exit
    from driftsync.cli.sources import needed_settings
    from driftsync.cli.writing import show
    from driftsync.connections.discovery import discover_configured
    from driftsync.model import FORMAT_VERSION, MembersReport
    from driftsync.reporting.members import members_as_json, print_members
    from driftsync.version import __version__

    check_format(format, FORMATS)
    configured = needed_settings(settings)
    names = _mirrors(configured, mirror or [])
    found: list[Discovered] = []
    with progress.shown(_("asking the members"), len(names), quiet=quiet) as tell:
        for number, name in enumerate(names, 1):
            found.append(discover_configured(configured, name))
            tell(number)
    mirrors = [each.mirror for each in found]
    report = MembersReport(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        complete=all(each.complete for each in mirrors),
        mirrors=mirrors,
    )
    if format is OutputFormat.JSON:
        sys.stdout.buffer.write(members_as_json(report))
        sys.stdout.flush()
    else:
        show(lambda console: print_members(report, console))
    if not quiet:
        warn(login for each in found for login in each.logins.values())
    for each in found:
        each.whole()
    return Exit.CLEAN if report.complete else Exit.INCOMPLETE


def warn(logins: Iterable[Login]) -> None:
    """Say once on stderr what should be known about how safely members are reached."""
    import sys

    from driftsync.connections import warnings_of

    for sentence in dict.fromkeys(sentence for login in logins for sentence in warnings_of(login)):
        print(_("note: {sentence}").format(sentence=translated(sentence)), file=sys.stderr)


def _mirrors(settings: Settings, wanted: list[str]) -> list[str]:
    """Return the mirrors that have running members, or those that were named."""
    from driftsync.errors import UsageError

    living = list(
        dict.fromkeys(settings.mirror_of(name) for name in settings.member if settings.is_live(name))
    )
    unknown = [name for name in wanted if name not in living]
    if unknown or not living:
        raise UsageError(
            _("{path} has no mirror {name} with running members")
            .format(path=settings.path, name=", ".join(unknown))
            .replace("  ", " "),
            hint=_("with running members it has: {names}").format(names=", ".join(living))
            if living
            else _(
                "a running member has host = … in its [member.NAME]; `driftsync init` writes such settings"
            ),
        )
    return wanted or living
