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
                "After an unplanned failover: the old primary, as the last run kept it, or a snapshot (or files) of it; "
                "what did we lose?"
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
    from driftsync.rehearsing import drift_after, rehearse
    from driftsync.reporting.rehearsal import print_rehearsal

    check_format(format, FORMATS)
    configured = needed_settings(settings)
    name = one_mirror(configured, mirror)
    quiet_reading = quiet or format is OutputFormat.JSON
    old, new = _pair(configured, name, promote, after, quiet=quiet_reading)
    found = rehearse(view_member(old), view_member(new), drift_after(old, new))
    if format is OutputFormat.JSON:
        put_json(found)
    else:
        show(partial(print_rehearsal, rehearsal=found, afterwards=bool(after), verbose=verbose))
    if any(each.effect is not Effect.CHANGES for each in found.consequences):
        return Exit.DRIFT
    return Exit.INCOMPLETE if found.blind else Exit.CLEAN


def _pair(settings: Settings, mirror: str, promote: str, after: str, *, quiet: bool) -> tuple[Lines, Lines]:
    """Return the old primary and the new one; raises `UsageError` where one of them is not there."""
    from driftsync.cli.assessing import members_asked, pair_among
    from driftsync.cli.reading import read_members
    from driftsync.comparing import Scope
    from driftsync.errors import DriftsyncError, UsageError

    names = members_asked(settings, mirror, promote)
    old = _former(settings, mirror, after, quiet=quiet) if after else None
    gone = old.header.member.name if old is not None else ""
    wanted = [promote] if old is not None and promote else [each for each in names if each != gone]
    read = read_members(wanted, settings, Scope(), whole=[], quiet=quiet)
    lines = {name: found for name, found in read.items() if not isinstance(found, DriftsyncError)}
    primary, new = pair_among(lines, promote)
    if old is None:
        old = lines.get(primary)
    else:
        new = promote or primary
    for name, found in read.items():
        if isinstance(found, DriftsyncError) and (name == new or old is None):
            raise found
    if old is None:
        what = _("mirror {mirror}: there is no primary that could be read").format(mirror=mirror)
    elif new not in lines:
        what = _("mirror {mirror}: there is nobody to take over").format(mirror=mirror)
    elif lines[new].header.member.name == old.header.member.name:
        what = _("{member} cannot take over from itself").format(member=new)
    else:
        return old, lines[new]
    raise UsageError(
        what, hint=_("name a member with --promote; the old primary, or its last snapshot, with --after")
    )


def _former(settings: Settings, mirror: str, after: str, *, quiet: bool) -> Lines:
    """Return the old primary: what the last run kept of a member of the settings, else files."""
    from driftsync.cli.memory import open_store
    from driftsync.cli.sources import open_members
    from driftsync.comparing import Scope
    from driftsync.errors import UsageError
    from driftsync.files import SnapshotKept

    name = settings.named(after)
    if name is None or name not in settings.members_of(mirror):
        [old] = open_members([after], None, Scope(), quiet=quiet)
        return old
    with open_store(settings, make=False) as store:
        before = store.before(mirror, name)
    if before is None:
        raise UsageError(
            _("no run has kept what {member} held").format(member=name),
            hint=_("`driftsync report` keeps it each night; or name a snapshot file of it with --after"),
        )
    return SnapshotKept(before.header, before.lines, name)
