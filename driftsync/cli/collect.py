"""This module is `driftsync collect`: the script that collects a member where no tool may connect."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from driftsync.cli.options import QuietOption
from driftsync.language import N_, _

HELP = N_(
    "Write the script that an administrator reads and runs on a member where no tool may connect; it makes one folder."
)
NEXT = N_(
    "read it, load it into %SYS on a member, run it as its first lines say, "
    "and carry the folder that it makes here: driftsync snapshot FOLDER -o member.snapshot"
)


def command(
    script: Annotated[
        bool, typer.Option("--script", help=N_("Write the script: one readable ObjectScript routine."))
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help=N_("Write it to this file; default: stdout.")),
    ] = None,
    quiet: QuietOption = False,
) -> int:
    """Carry out `driftsync collect`."""
    from driftsync.documents.collection import SCRIPT
    from driftsync.errors import UsageError
    from driftsync.files import write_bytes

    if not script:
        raise UsageError(
            _("say what to do: --script writes the script that collects a member"),
            hint=_("a member that driftsync may connect to needs no collecting"),
        )
    content = SCRIPT.read_bytes()
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return 0
    write_bytes(output, content)
    if not quiet:
        print(_("written: {path}").format(path=output), file=sys.stderr)
        print(_(NEXT), file=sys.stderr)
    return 0
