"""This module is `driftsync report`: every member of every mirror in the settings against its primary."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from driftsync.cli.exits import FailOn
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
        typer.Option("--mirror", metavar="NAME", help=N_("Only this mirror; may be repeated.")),
    ] = None,
    kind: KindOption = None,
    exclude: ExcludeOption = None,
    site_only: SiteOnlyOption = False,
    show_local: ShowLocalOption = False,
    cross_product: CrossProductOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on",
            help=N_(
                "End with 1 for any difference that nobody accepted, for new ones, or from a severity on."
            ),
        ),
    ] = FailOn.ANY,
    remember: Annotated[
        bool,
        typer.Option(
            "--remember/--no-remember",
            help=N_(
                "Keep this run and see it against earlier ones (what is new, who moved, what was accepted)."
            ),
        ),
    ] = True,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync report`."""
    from driftsync.cli.exits import exit_of_report
    from driftsync.cli.memory import open_store
    from driftsync.cli.mirrors import compare_mirrors
    from driftsync.cli.sources import scope_of, settings_or_none
    from driftsync.cli.writing import put
    from driftsync.errors import UsageError

    configured = settings_or_none(settings)
    if configured is None:
        raise UsageError(
            _("there is no driftsync.toml here or in a folder above"),
            hint=_("copy examples/driftsync.toml, or name one with --settings"),
        )
    scope = scope_of(kind, exclude, configured, site_only=site_only)
    with ExitStack() as opened:
        report = compare_mirrors(
            configured,
            mirror or [],
            scope,
            show_local=show_local,
            cross_product=cross_product,
            quiet=quiet,
            store=opened.enter_context(open_store(configured)) if remember else None,
        )
    put(report, format_of(format, output), output, quiet=quiet, verbose=verbose)
    return exit_of_report(report, fail_on)
