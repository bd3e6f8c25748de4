"""This module is `driftsync demo`: the main job on a mirror of simulated members, read through the real driver."""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from driftsync.cli.options import VerboseOption
from driftsync.language import N_, _

HELP = N_(
    "Start an example mirror, read its four members, compare them, say whether the backup could take over, write the HTML report."
)
SCENARIO, PROFILE, ACCOUNT = "hospital", "2024.1", "driftsync"


def command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help=N_("Where the HTML report goes."))
    ] = Path("driftsync-report.html"),
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync demo`."""
    from driftsync.cli.exits import Exit
    from driftsync.cli.lab_settings import write_settings
    from driftsync.cli.mirrors import compare_mirrors
    from driftsync.cli.options import OutputFormat
    from driftsync.cli.writing import put, show
    from driftsync.comparing import Scope
    from driftsync.lab.members import Place, RunningMembers
    from driftsync.lab.scenarios import MEMBERS, make_member
    from driftsync.reporting.readiness import print_blocking
    from driftsync.settings import read_settings

    places = [Place(name, partial(make_member, SCENARIO, name, PROFILE)) for name in MEMBERS[SCENARIO]]
    _say(_("starting a hospital mirror on this machine: primary, backup, DR async and reporting async"))
    with RunningMembers(places) as members, tempfile.TemporaryDirectory(prefix="driftsync-") as folder:
        path = Path(folder) / "driftsync.toml"
        write_settings(path, members.ports, ACCOUNT, None)
        _say(_("reading all four through intersystems-irispython, with an account that may only read"))
        started = time.monotonic()
        report = compare_mirrors(
            read_settings(path), [], Scope(), show_local=False, cross_product=False, quiet=True
        )
        _say(_("read and compared in {seconds:.1f} s").format(seconds=time.monotonic() - started))
    print(flush=True)
    put(report, OutputFormat.TERMINAL, None, quiet=False, verbose=verbose)
    print(_("If the backup had to take over now:"))
    for mirror in report.mirrors:
        if mirror.readiness:
            show(partial(print_blocking, mirror.readiness))
    print(flush=True)
    put(report, OutputFormat.HTML, output, quiet=True, verbose=False)
    planted = any(drift.differences for mirror in report.mirrors for drift in mirror.drifts)
    print(_("The same as one page to open, mail or print: {path}").format(path=output.resolve()))
    print(_("At your site: `driftsync init`, then `driftsync report` and `driftsync check`."))
    return Exit.CLEAN if planted else Exit.DRIFT


def _say(sentence: str) -> None:
    print(f"· {sentence}", file=sys.stderr, flush=True)
