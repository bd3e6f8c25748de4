"""This module is `driftsync diff`: one member against its primary."""

from __future__ import annotations

from typing import Annotated

import typer

from driftsync.cli.options import (
    CrossProductOption,
    ExcludeOption,
    FormatOption,
    KindOption,
    OutputFormat,
    OutputsOption,
    QuietOption,
    SettingsOption,
    ShowLocalOption,
    SiteOnlyOption,
    VerboseOption,
    WholeOption,
    destinations,
)
from driftsync.language import N_, _

HELP = N_("Compare member B with primary A and say exactly what differs.")


def command(
    primary: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help=N_("The primary: a member's name, a snapshot, an export, or a folder of exports."),
            show_default=False,
        ),
    ],
    member: Annotated[
        str, typer.Argument(metavar="B", help=N_("The member that is compared with it."), show_default=False)
    ],
    kind: KindOption = None,
    exclude: ExcludeOption = None,
    site_only: SiteOnlyOption = False,
    whole: WholeOption = None,
    show_local: ShowLocalOption = False,
    cross_product: CrossProductOption = False,
    format: FormatOption = None,
    output: OutputsOption = None,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync diff`."""
    from driftsync.cli import progress
    from driftsync.cli.exits import exit_of
    from driftsync.cli.sources import check_whole, open_members, scope_of, settings_or_none
    from driftsync.cli.writing import put
    from driftsync.comparing import compare

    wanted = destinations(format, output)
    configured = settings_or_none(settings)
    scope = scope_of(kind, exclude, configured, site_only=site_only)
    declared_whole = check_whole(whole or [])
    a, b = open_members([primary, member], configured, scope, whole=declared_whole, quiet=quiet)
    total = a.header.items + b.header.items
    with progress.shown(_("comparing"), total, quiet=quiet) as tell:
        drift = compare(a, b, scope=scope, show_local=show_local, cross_product=cross_product, progress=tell)
    for shape, path in wanted:
        put(drift, shape, path, quiet=quiet, verbose=verbose)
    return exit_of(drift, plugin=format is OutputFormat.NAGIOS)
