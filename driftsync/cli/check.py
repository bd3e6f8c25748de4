"""This module is `driftsync check`: if this member became primary now, would it work?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import (
    OutputFormat,
    OutputsOption,
    PromoteOption,
    QuietOption,
    SettingsOption,
    VerboseOption,
    destinations,
    format_option,
)
from driftsync.language import N_

if TYPE_CHECKING:
    from driftsync.model import Readiness
    from driftsync.settings import Settings

HELP = N_(
    "Say whether the backup (or another member) could take over now: the mirror's state and the configuration."
)
FORMATS = (
    OutputFormat.TERMINAL, OutputFormat.JSON, OutputFormat.HTML, OutputFormat.JUNIT, OutputFormat.NAGIOS,
)  # fmt: skip


def command(
    mirror: Annotated[
        list[str] | None,
        typer.Option("--mirror", metavar="NAME", help=N_("Only this mirror; may be repeated.")),
    ] = None,
    promote: PromoteOption = "",
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
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="MEMBER=FILE",
            help=N_(
                "What ^MIRROR's status monitor or an SNMP walk showed of a member that cannot be asked; may be repeated."
            ),
        ),
    ] = None,
    before: Annotated[
        list[str] | None,
        typer.Option(
            "--before",
            metavar="MEMBER=SNAPSHOT",
            help=N_(
                "An earlier snapshot of a member, to look ahead from instead of its last kept one; may be repeated."
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
    format: Annotated[OutputFormat | None, format_option(FORMATS, by_ending=True)] = None,
    output: OutputsOption = None,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync check`."""
    from datetime import datetime, timezone

    from driftsync.cli.exits import exit_of_readiness
    from driftsync.cli.member_files import files_of
    from driftsync.cli.mirrors import wanted_mirrors
    from driftsync.cli.sources import needed_settings
    from driftsync.cli.writing import put
    from driftsync.model import FORMAT_VERSION, Outcome, ReadinessReport
    from driftsync.version import __version__

    wanted, plugin = destinations(format, output, FORMATS), format is OutputFormat.NAGIOS
    configured = needed_settings(settings)
    logs = files_of("--log", log or [], configured.member, "HOSPA=messages.log")
    statuses = files_of("--status", status or [], configured.member, "HOSPA=monitor.txt")
    earlier = files_of("--before", before or [], configured.member, "HOSPA=yesterday.jsonl")
    found = [
        _check(
            configured,
            name,
            promote,
            logs=logs,
            statuses=statuses,
            before=earlier,
            since=since,
            strict=strict,
            quiet=quiet or plugin,
        )
        for name in wanted_mirrors(configured, mirror or [])
    ]
    report = ReadinessReport(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        complete=not any(finding.outcome is Outcome.UNKNOWN for each in found for finding in each.findings),
        mirrors=found,
    )
    for shape, path in wanted:
        put(report, shape, path, quiet=quiet, verbose=verbose)
    return exit_of_readiness(report, plugin=plugin)


def _check(
    settings: Settings,
    name: str,
    promote: str,
    *,
    logs: dict[str, list[Path]],
    statuses: dict[str, list[Path]],
    before: dict[str, list[Path]],
    since: str,
    strict: bool,
    quiet: bool,
) -> Readiness:
    from driftsync.cli.assessing import assess, declared_of, members_asked, open_drift
    from driftsync.cli.log_files import window_of
    from driftsync.cli.memory import past_runs, with_earlier
    from driftsync.cli.reading import read_members
    from driftsync.comparing import Scope
    from driftsync.errors import DriftsyncError

    names = members_asked(settings, name, promote)
    begins = window_of(since, settings, name)
    read = read_members(names, settings, Scope(), whole=[], quiet=quiet, logs_since=begins)
    members = {each: found for each, found in read.items() if not isinstance(found, DriftsyncError)}
    return assess(
        name,
        members,
        unread={each: found.message for each, found in read.items() if isinstance(found, DriftsyncError)},
        promote=promote,
        drift_of=lambda primary, promoted: open_drift(settings, name, members[primary], members[promoted]),
        logs=logs,
        statuses=statuses,
        since=begins,
        strict=strict,
        past=with_earlier(past_runs(settings, name, names), before, names),
        thresholds=settings.check,
        declared=declared_of(settings, name),
    )
