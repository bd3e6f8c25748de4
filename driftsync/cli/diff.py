"""This module is `driftsync diff`: one member against its primary."""

from __future__ import annotations

from typing import Annotated

import typer

from driftsync.cli.options import (
    CrossProductOption,
    ExcludeOption,
    FormatOption,
    KindOption,
    OutputOption,
    QuietOption,
    SettingsOption,
    ShowLocalOption,
    SiteOnlyOption,
    VerboseOption,
    WholeOption,
    format_of,
)
from driftsync.language import N_, _

NAME = "diff"
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
    output: OutputOption = None,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync diff`."""
    from driftsync.cli import progress
    from driftsync.cli.exits import exit_of_drift
    from driftsync.cli.sources import check_whole, open_members, scope_of, settings_or_none
    from driftsync.cli.writing import put
    from driftsync.comparing import compare

    configured = settings_or_none(settings)
    scope = scope_of(kind, exclude, configured, site_only=site_only)
    declared_whole = check_whole(whole or [])
    a, b = open_members([primary, member], configured, scope, whole=declared_whole, quiet=quiet)
    total = a.header.items + b.header.items
    with progress.shown(_("comparing"), total, quiet=quiet) as tell:
        drift = compare(a, b, scope=scope, show_local=show_local, cross_product=cross_product, progress=tell)
    put(drift, format_of(format, output), output, quiet=quiet, verbose=verbose)
    return exit_of_drift(drift)
