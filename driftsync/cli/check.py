"""This module is `driftsync check`: if this member became primary now, would it work?"""

from __future__ import annotations

from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import QuietOption, SettingsOption, VerboseOption
from driftsync.language import N_, _

if TYPE_CHECKING:
    from driftsync.model import Readiness
    from driftsync.settings import Settings

NAME = "check"
HELP = N_(
    "Say whether the backup (or another member) could take over now: the mirror's state and the configuration."
)


class CheckFormat(str, Enum):
    """What the result looks like."""

    TERMINAL = "terminal"
    JSON = "json"
    NAGIOS = "nagios"


def command(
    mirror: Annotated[
        list[str] | None,
        typer.Option("--mirror", metavar="NAME", help=N_("Only this mirror; may be repeated.")),
    ] = None,
    promote: Annotated[
        str,
        typer.Option(
            "--promote", metavar="MEMBER", help=N_("Who would become primary; default: the backup.")
        ),
    ] = "",
    log: Annotated[
        list[str] | None,
        typer.Option(
            "--log",
            metavar="MEMBER=FILE",
            help=N_(
                "A copy of a member's messages.log (or the one before it) to read instead; may be repeated."
            ),
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            "--since",
            metavar="SPAN",
            help=N_(
                "How far back logs count: 36h, 7d or a moment; default: the last run, at least a day, else 7 days."
            ),
        ),
    ] = "",
    strict: Annotated[bool, typer.Option("--strict", help=N_("Count warnings as not ready."))] = False,
    format: Annotated[
        CheckFormat, typer.Option("--format", help=N_("What the result looks like."))
    ] = CheckFormat.TERMINAL,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync check`."""
    from driftsync.cli.log_files import logs_of
    from driftsync.cli.mirrors import wanted_mirrors
    from driftsync.cli.sources import needed_settings
    from driftsync.cli.writing import put_json, show
    from driftsync.model import FORMAT_VERSION
    from driftsync.reporting.readiness import nagios_line, print_readiness

    configured = needed_settings(settings)
    files = logs_of(log or [], configured.member)
    found = [
        _check(
            configured,
            name,
            promote,
            files=files,
            since=since,
            strict=strict,
            quiet=quiet or format is not CheckFormat.TERMINAL,
        )
        for name in wanted_mirrors(configured, mirror or [])
    ]
    if format is CheckFormat.JSON:
        put_json({"format_version": FORMAT_VERSION, "mirrors": found})
    elif format is CheckFormat.NAGIOS:
        code, line = nagios_line(found)
        print(line)
        return code
    else:
        for each in found:
            show(partial(print_readiness, each, quiet=quiet, verbose=verbose))
    return _exit(found)


def _check(
    settings: Settings,
    name: str,
    promote: str,
    *,
    files: dict[str, list[Path]],
    since: str,
    strict: bool,
    quiet: bool,
) -> Readiness:
    import msgspec

    from driftsync.checking import check, promoted_of, verdict_of, view_member
    from driftsync.cli.log_files import window_of, with_logs
    from driftsync.cli.reading import read_members
    from driftsync.comparing import Scope, compare
    from driftsync.errors import DriftsyncError, UsageError
    from driftsync.model import MemberRole

    names = settings.members_of(name)
    if promote and promote not in names:
        raise UsageError(
            _("{member} is no member of mirror {mirror} in the settings").format(member=promote, mirror=name),
            hint=_("it has: {names}").format(names=", ".join(names)),
        )
    begins = window_of(since, settings, name)
    read = read_members(names, settings, Scope(), whole=[], quiet=quiet, logs_since=begins)
    unread = {each: found.message for each, found in read.items() if isinstance(found, DriftsyncError)}
    lines = {each: found for each, found in read.items() if not isinstance(found, DriftsyncError)}
    views = with_logs({each: view_member(found) for each, found in lines.items()}, files, begins)
    primaries = [each for each, view in views.items() if view.role is MemberRole.PRIMARY]
    meant = promote or promoted_of({each: view.role for each, view in views.items()})
    drift = None
    if len(primaries) == 1 and meant in lines and meant != primaries[0]:
        drift = compare(lines[primaries[0]], lines[meant], scope=Scope())
    readiness = check(name, views, unread=unread, promote=meant, drift=drift)
    return msgspec.structs.replace(readiness, verdict=verdict_of(readiness.findings, strict=strict))


def _exit(found: list[Readiness]) -> int:
    from driftsync.cli.exits import Exit, first_that_applies
    from driftsync.model import Verdict

    ends = {Verdict.READY: Exit.CLEAN, Verdict.NOT_READY: Exit.DRIFT, Verdict.UNKNOWN: Exit.INCOMPLETE}
    return first_that_applies(ends[each.verdict] for each in found)
