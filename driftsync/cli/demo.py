"""This module is `driftsync demo`: the main job on the embedded example of a hospital mirror."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftsync.cli.options import VerboseOption
from driftsync.language import N_, _

NAME = "demo"
HELP = N_("Compare the four members of an example mirror and write the HTML report. Needs no server.")


def example_folder() -> Path:
    """Return the folder of the example: beside the sources, or inside an installed package."""
    import driftsync

    package = Path(driftsync.__file__).parent
    inside = package / "_example"
    return inside if inside.is_dir() else package.parent / "examples" / "hospital"


def command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help=_("Where the HTML report goes."))
    ] = Path("driftsync-report.html"),
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync demo`."""
    from driftsync.cli.exits import Exit
    from driftsync.cli.mirrors import compare_mirrors
    from driftsync.cli.options import OutputFormat
    from driftsync.cli.writing import put
    from driftsync.comparing import Scope
    from driftsync.settings import read_settings

    settings = read_settings(example_folder() / "driftsync.toml")
    print(
        _(
            "A hospital mirror: primary, backup, DR async and reporting async, read from what each has exported."
        )
    )
    print(
        _("At your site you would say:  driftsync report --settings driftsync.toml"), end="\n\n", flush=True
    )
    report = compare_mirrors(settings, [], Scope(), show_local=False, cross_product=False, quiet=False)
    put(report, OutputFormat.TERMINAL, None, quiet=False, verbose=verbose)
    put(report, OutputFormat.HTML, output, quiet=True, verbose=False)
    planted = any(drift.differences for mirror in report.mirrors for drift in mirror.drifts)
    print(_("The same as one page to open, mail or print: {path}").format(path=output.resolve()))
    return Exit.CLEAN if planted else Exit.DRIFT
