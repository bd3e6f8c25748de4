"""This module is `driftsync snapshot`: one member at one moment, in a file."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import (
    ExcludeOption,
    KindOption,
    QuietOption,
    SettingsOption,
    VerboseOption,
    WholeOption,
)
from driftsync.language import N_, _, translated

if TYPE_CHECKING:
    from driftsync.comparing import Scope
    from driftsync.model import Header

HELP = N_("Read a member and write its snapshot; secrets go in as keyed fingerprints only.")


def command(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help=N_("A member's name, an export, or a folder of exports."),
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=N_("The snapshot file; - writes to stdout."),
            show_default=False,
        ),
    ],
    name: Annotated[
        str,
        typer.Option(
            "--name",
            help=N_("How the member is called in reports; default: by its settings, folder or file."),
        ),
    ] = "",
    kind: KindOption = None,
    exclude: ExcludeOption = None,
    whole: WholeOption = None,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,  # noqa: ARG001 - read by main, for details of errors
) -> int:
    """Carry out `driftsync snapshot`."""
    from driftsync.cli.exits import Exit
    from driftsync.cli.log_files import DAYS
    from driftsync.cli.sources import check_whole, open_members, scope_of, settings_or_none
    from driftsync.files import kind_of_line, write_lines, written_whole

    configured = settings_or_none(settings)
    scope = scope_of(kind, exclude, configured, site_only=False)
    since = datetime.now(timezone.utc) - timedelta(days=DAYS)
    [taken] = open_members(
        [source], configured, scope, whole=check_whole(whole or []), quiet=quiet, logs_since=since
    )
    lines = [line for line in taken.lines() if scope.holds(kind_of_line(line))]
    header = _narrowed(taken.header, scope, len(lines), name)
    if str(output) == "-":
        write_lines(header, lines, sys.stdout.buffer)
        sys.stdout.flush()
    else:
        with written_whole(output) as file:
            write_lines(header, lines, file)
    if not quiet:
        _say(header, output)
    return Exit.INCOMPLETE if header.gaps else Exit.CLEAN


def _narrowed(header: Header, scope: Scope, items: int, name: str) -> Header:
    import msgspec

    return msgspec.structs.replace(
        header,
        items=items,
        member=msgspec.structs.replace(header.member, name=name or header.member.name),
        coverage={kind: seen for kind, seen in header.coverage.items() if scope.holds(kind)},
        gaps=[gap for gap in header.gaps if scope.holds_gap(gap, header)],
    )


def _say(header: Header, output: Path) -> None:
    from driftsync.reporting.wording import where_of_gap

    counted = _("{items} items, {gaps} gaps").format(items=header.items, gaps=len(header.gaps))
    print(_("written: {path} ({counted})").format(path=output, counted=counted), file=sys.stderr)
    for gap in header.gaps:
        print(f"? {where_of_gap(gap)}: {translated(gap.reason)}", file=sys.stderr)
