"""This module declares the options that let a plan be carried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftsync.language import N_

ApplyOption = Annotated[
    bool,
    typer.Option(
        "--apply", help=N_("Carry the plan out; asks on a terminal, elsewhere it needs --plan FILE --yes.")
    ),
]
PlanFileOption = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help=N_(
            "Take this plan, which `driftsync plan -o FILE` has written: show it, --render or --apply it."
        ),
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help=N_("Do not ask."))]
ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help=N_("Finish the last run that was cut off, by its own plan.")),
]
ConfirmOption = Annotated[
    str,
    typer.Option(
        "--confirm-within",
        metavar="TIME",
        help=N_(
            "Let the member take the run back by itself unless `driftsync confirm` comes within this time: 10m, 2h."
        ),
    ),
]
