"""This module is `driftsync report`: every member of every mirror in the settings against its primary."""

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
    format_of,
)
from driftsync.language import N_, _

NAME = "report"
HELP = N_("Compare every member of every mirror in driftsync.toml with its primary.")


def command(
    mirror: Annotated[
        list[str] | None,
        typer.Option("--mirror", metavar="NAME", help=_("Only this mirror; may be repeated.")),
    ] = None,
    kind: KindOption = None,
    exclude: ExcludeOption = None,
    site_only: SiteOnlyOption = False,
    show_local: ShowLocalOption = False,
    cross_product: CrossProductOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    settings: SettingsOption = None,
    deliver: Annotated[
        bool,
        typer.Option(
            "--deliver/--no-deliver",
            help=_(
                "Afterwards tell people as the [[deliver]] tables of the settings say; by itself nobody is told."
            ),
        ),
    ] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync report`."""
    from driftsync.cli.exits import exit_of_report, first_that_applies
    from driftsync.cli.mirrors import compare_mirrors
    from driftsync.cli.people import check_told, say_failures, tell_people
    from driftsync.cli.sources import scope_of, settings_or_none
    from driftsync.cli.writing import put
    from driftsync.errors import UsageError

    configured = settings_or_none(settings)
    if configured is None:
        raise UsageError(
            _("there is no driftsync.toml here or in a folder above"),
            hint=_("copy examples/driftsync.toml, or name one with --settings"),
        )
    if deliver:
        check_told(configured)
    scope = scope_of(kind, exclude, configured, site_only=site_only)
    report = compare_mirrors(
        configured, mirror or [], scope, show_local=show_local, cross_product=cross_product, quiet=quiet
    )
    put(report, format_of(format, output), output, quiet=quiet, verbose=verbose)
    exits = [exit_of_report(report)]
    if deliver:
        exits.append(say_failures(tell_people(report, configured, quiet=quiet)))
    return first_that_applies(exits)
