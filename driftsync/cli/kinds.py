"""This module is `driftsync kinds`: the table of everything that is compared."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.language import N_

if TYPE_CHECKING:
    from driftsync.kinds.spec import Kind

NAME = "kinds"
HELP = N_("List every kind of item: what it is, which files show it, whether the mirror carries it.")


class TableFormat(str, Enum):
    """What the table looks like."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"


def command(
    format: Annotated[
        TableFormat, typer.Option("--format", help=N_("What the table looks like."))
    ] = TableFormat.TERMINAL,
) -> int:
    """Carry out `driftsync kinds`."""
    from driftsync.kinds import all_kinds
    from driftsync.reporting.table import kinds_as_json, kinds_as_markdown, print_kinds

    kinds: list[Kind] = list(all_kinds().values())
    if format is TableFormat.JSON:
        print(kinds_as_json(kinds))
    elif format is TableFormat.MARKDOWN:
        print(kinds_as_markdown(kinds))
    else:
        from driftsync.cli.writing import show

        show(lambda console: print_kinds(kinds, console))
    return 0
