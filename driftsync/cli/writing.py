"""This module brings a result to stdout or into a file, whole or not at all."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from driftsync.cli.options import OutputFormat
from driftsync.files import write_bytes
from driftsync.language import _

if TYPE_CHECKING:
    from rich.console import Console

    from driftsync.model import Drift, Report


NO_TERMINAL = 2_000
"""Columns where there is no terminal: nothing is cut in a file or a pipe."""


def put(
    found: Drift | Report, format: OutputFormat, output: Path | None, *, quiet: bool, verbose: bool
) -> None:
    """Write a drift or a report in one format."""
    if format is OutputFormat.TERMINAL:
        if output is None:
            _print(found, console(), quiet=quiet, verbose=verbose)
            return
        text = io.StringIO()
        _print(found, console(text), quiet=quiet, verbose=verbose)
        content = text.getvalue().encode()
    else:
        from driftsync.reporting.output import as_bytes

        content = as_bytes(found, format.value)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    write_bytes(output, content)
    if not quiet:
        print(_("written: {path}").format(path=output), file=sys.stderr)


def console(file: io.StringIO | None = None) -> Console:
    """Return where results are printed: the width of the terminal, and lines as long as they are elsewhere."""
    from rich.console import Console

    if file is not None or not sys.stdout.isatty():
        return Console(file=file or sys.stdout, width=NO_TERMINAL, highlight=False)
    return Console(highlight=False)


def _print(found: Drift | Report, where: Console, *, quiet: bool, verbose: bool) -> None:
    from driftsync.model import Drift
    from driftsync.reporting.terminal import print_drift, print_report

    if isinstance(found, Drift):
        print_drift(found, where, quiet=quiet, verbose=verbose)
    else:
        print_report(found, where, quiet=quiet, verbose=verbose)
