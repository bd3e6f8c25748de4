"""This module brings a result to stdout or into a file, whole or not at all."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from driftsync.cli.options import OutputFormat
from driftsync.files import written_whole
from driftsync.language import _

if TYPE_CHECKING:
    from rich.console import Console

    from driftsync.model import Drift, ReadinessReport, Report


NO_TERMINAL = 2_000
"""Columns where there is no terminal: nothing is cut in a file or a pipe."""


def put(
    found: Drift | Report | ReadinessReport,
    format: OutputFormat,
    output: Path | None,
    *,
    quiet: bool,
    verbose: bool,
) -> None:
    """Write what was found in one format."""
    if format is OutputFormat.TERMINAL:
        render = _renderer(found, quiet=quiet, verbose=verbose)
        if output is None:
            show(render)
            return
        pieces = iter([_without_terminal(render).encode()])
    else:
        from driftsync.reporting.output import as_pieces

        pieces = as_pieces(found, format.value)
    if output is None:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.flush()
        return
    with written_whole(output) as file:
        file.writelines(pieces)
    if not quiet:
        print(_("written: {path}").format(path=output), file=sys.stderr)


def put_json(value: object) -> None:
    """Print a value as JSON and nothing else."""
    import msgspec

    from driftsync.files import ENCODER

    sys.stdout.buffer.write(msgspec.json.format(ENCODER.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


def show(render: Callable[[Console], None], *, beside: bool = False) -> None:
    """Print on a terminal in its width and colours; elsewhere as plain lines of any length.

    `beside` leaves stdout to what a program reads.
    """
    from rich.console import Console

    stream = sys.stderr if beside else sys.stdout
    if stream.isatty():
        render(Console(highlight=False, stderr=beside))
    else:
        stream.buffer.write(_without_terminal(render).encode())
        stream.flush()


def _without_terminal(render: Callable[[Console], None]) -> str:
    from rich.console import Console

    text = io.StringIO()
    render(Console(file=text, width=NO_TERMINAL, highlight=False, color_system=None))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _renderer(
    found: Drift | Report | ReadinessReport, *, quiet: bool, verbose: bool
) -> Callable[[Console], None]:
    from driftsync.model import Drift, Report
    from driftsync.reporting.readiness import print_readinesses
    from driftsync.reporting.terminal import print_drift, print_report

    if isinstance(found, Drift):
        return lambda console: print_drift(found, console, quiet=quiet, verbose=verbose)
    if isinstance(found, Report):
        return lambda console: print_report(found, console, quiet=quiet, verbose=verbose)
    return lambda console: print_readinesses(found, console, quiet=quiet, verbose=verbose)
