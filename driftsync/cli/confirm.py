"""This module is `driftsync confirm`: keep what a run has written, which the member would take back by itself otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from driftsync.cli.options import OutputFormat, QuietOption, SettingsOption, check_format
from driftsync.cli.plan_options import FORMATS, PlanFormatOption
from driftsync.language import N_

HELP = N_(
    "Keep what a run begun with --confirm-within has written, before the member takes it back by itself."
)


def command(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help=N_("The run, as `driftsync history` and `sync --apply` name it.")),
    ],
    format: PlanFormatOption = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
) -> int:
    """Carry out `driftsync confirm`."""
    from driftsync.cli.applied import confirm_run
    from driftsync.cli.sources import needed_settings

    check_format(format, FORMATS)
    return confirm_run(needed_settings(settings), run, json=format is OutputFormat.JSON, quiet=quiet)
