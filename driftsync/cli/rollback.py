"""This module is `driftsync rollback`: take back what a run has written, the last step first."""

from __future__ import annotations

from typing import Annotated

import typer

from driftsync.cli.apply_options import YesOption
from driftsync.cli.options import OutputFormat, QuietOption, SettingsOption, VerboseOption, check_format
from driftsync.cli.plan_options import FORMATS, PlanFormatOption
from driftsync.language import N_

HELP = N_("Take back what a run has written to a member, exactly in every compared property.")


def command(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help=N_("The run, as `driftsync history` and `sync --apply` name it.")),
    ],
    yes: YesOption = False,
    format: PlanFormatOption = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync rollback`."""
    from driftsync.cli.applied import take_back
    from driftsync.cli.sources import needed_settings

    check_format(format, FORMATS)
    configured = needed_settings(settings)
    return take_back(configured, run, yes=yes, json=format is OutputFormat.JSON, quiet=quiet, verbose=verbose)
