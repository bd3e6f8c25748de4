"""This module is `driftsync rehearse`: the role swap on paper, in the words of the people who would notice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import (
    OutputFormat,
    PromoteOption,
    QuietOption,
    SettingsOption,
    VerboseOption,
    check_format,
    format_option,
)
from driftsync.language import N_, _

if TYPE_CHECKING:
    from driftsync.comparing import Lines
    from driftsync.settings import Settings

NAME = "rehearse"
HELP = N_("Say what would break, stop or start if a member became primary, or what was lost when one did.")
FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON)


def command(
    promote: PromoteOption = "",
    after: Annotated[
        str,
        typer.Option(
            "--after",
            metavar="OLD",
            help=N_(
                "After an unplanned failover: a snapshot (or files) of the old primary; what did we lose?"
            ),
        ),
    ] = "",
    mirror: Annotated[
        str,
        typer.Option("--mirror", metavar="NAME", help=N_("In this mirror, where the settings have several.")),
    ] = "",
    format: Annotated[OutputFormat, format_option(FORMATS)] = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync rehearse`."""
    from driftsync.checking import view_member
    from driftsync.cli.exits import Exit
    from driftsync.cli.sources import needed_settings, one_mirror
    from driftsync.cli.writing import put_json, show
    from driftsync.model import Effect
    from driftsync.rehearsing import rehearse
    from driftsync.reporting.rehearsal import print_rehearsal

    check_format(format, FORMATS)
    configured = needed_settings(settings)
    name = one_mirror(configured, mirror)
    quiet_reading = quiet or format is OutputFormat.JSON
    old, new = _pair(configured, name, promote, after, quiet=quiet_reading)
    found = rehearse(view_member(old), view_member(new))
    if format is OutputFormat.JSON:
        put_json(found)
    else:
        show(partial(print_rehearsal, rehearsal=found, afterwards=bool(after), verbose=verbose))
    if any(each.effect in {Effect.BREAKS, Effect.STOPS} for each in found.consequences):
        return Exit.DRIFT
    return Exit.INCOMPLETE if found.blind else Exit.CLEAN


def _pair(settings: Settings, mirror: str, promote: str, after: str, *, quiet: bool) -> tuple[Lines, Lines]:
    """Return the old primary and the new one; raises `UsageError` where one of them is not there."""
    from driftsync.cli.assessing import members_asked, pair_among
    from driftsync.cli.reading import read_members
    from driftsync.cli.sources import open_members
    from driftsync.comparing import Scope
    from driftsync.errors import DriftsyncError, UsageError

    read = read_members(members_asked(settings, mirror, promote), settings, Scope(), whole=[], quiet=quiet)
    lines = {name: found for name, found in read.items() if not isinstance(found, DriftsyncError)}
    primary, new = pair_among(lines, promote)
    old: Lines | None = lines.get(primary)
    if after:
        [old] = open_members([after], None, Scope(), quiet=quiet)
        new = promote or primary
    for name, found in read.items():
        if isinstance(found, DriftsyncError) and (name == new or (old is None and not after)):
            raise found
    if old is None or new not in lines:
        raise UsageError(
            _("mirror {mirror}: there is nobody to take over").format(mirror=mirror)
            if old is not None
            else _("mirror {mirror}: there is no primary that could be read").format(mirror=mirror),
            hint=_("name a member with --promote; the old primary's last snapshot with --after"),
        )
    return old, lines[new]
