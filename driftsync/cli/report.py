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
    OutputFormat,
    OutputsOption,
    QuietOption,
    SettingsOption,
    ShowLocalOption,
    SiteOnlyOption,
    VerboseOption,
    destinations,
)
from driftsync.language import N_, _

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
    output: OutputsOption = None,
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
    parallel: Annotated[
        int,
        typer.Option(
            "--parallel",
            metavar="N",
            min=0,
            max=64,
            help=N_(
                "Read so many members at once, of all mirrors together; default: what the settings say, or 8."
            ),
            show_default=False,
        ),
    ] = 0,
    settings: SettingsOption = None,
    deliver: Annotated[
        bool,
        typer.Option(
            "--deliver/--no-deliver",
            help=N_(
                "Afterwards tell people as the [[deliver]] tables of the settings say; by itself nobody is told."
            ),
        ),
    ] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync report`."""
    from driftsync.cli import progress
    from driftsync.cli.exits import Exit, exit_of, first_that_applies
    from driftsync.cli.memory import open_store
    from driftsync.cli.mirrors import compare_mirrors
    from driftsync.cli.people import check_told, tell_people
    from driftsync.cli.sources import needed_settings, scope_of
    from driftsync.cli.writing import put
    from driftsync.errors import UsageError

    wanted, plugin = destinations(format, output), format is OutputFormat.NAGIOS
    if plugin and fail_on is not FailOn.ANY:
        raise UsageError(
            _("--fail-on decides between 0 and 1, and a plugin has states of its own"),
            hint=_("leave it out; what is accepted counts for no state: `driftsync accept`"),
        )
    configured = needed_settings(settings)
    if deliver:
        check_told(configured)
    scope = scope_of(kind, exclude, configured, site_only=site_only)
    with ExitStack() as opened:
        report = compare_mirrors(
            configured,
            mirror or [],
            scope,
            show_local=show_local,
            cross_product=cross_product,
            quiet=quiet,
            parallel=parallel,
            store=opened.enter_context(open_store(configured)) if remember else None,
        )
    to_terminal = any(shape is OutputFormat.TERMINAL and path is None for shape, path in wanted)
    if report.remarks and not quiet and not to_terminal:
        progress.warn(report.remarks)
    for shape, path in wanted:
        put(report, shape, path, quiet=quiet, verbose=verbose)
    code = exit_of(report, plugin=plugin, fail_on=fail_on)
    told = tell_people(report, configured, quiet=quiet, remember=remember) if deliver else Exit.CLEAN
    return code if plugin else first_that_applies([Exit(code), told])
