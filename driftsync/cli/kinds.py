"""This module is `driftsync kinds`: the table of everything that is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from driftsync.cli.options import OutputFormat, check_format, format_option
from driftsync.language import N_

if TYPE_CHECKING:
    from driftsync.kinds.spec import Kind

HELP = N_("List every kind of item: what it is, which files show it, whether the mirror carries it.")
FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON, OutputFormat.MARKDOWN)


def command(
    format: Annotated[OutputFormat, format_option(FORMATS)] = OutputFormat.TERMINAL,
) -> int:
    """Carry out `driftsync kinds`."""
    from driftsync.kinds import all_kinds
    from driftsync.reporting.table import kinds_as_json, kinds_as_markdown, print_kinds

    check_format(format, FORMATS)
    kinds: list[Kind] = list(all_kinds().values())
    if format is OutputFormat.JSON:
        print(kinds_as_json(kinds))
    elif format is OutputFormat.MARKDOWN:
        print(kinds_as_markdown(kinds))
    else:
        from driftsync.cli.writing import show

        show(lambda console: print_kinds(kinds, console))
    return 0
