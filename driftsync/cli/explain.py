"""This module is `driftsync explain`: everything that is known of one kind, or of one property."""

from __future__ import annotations

from typing import Annotated

import typer

from driftsync.language import N_, _

HELP = N_("Explain a kind: why it matters, what is compared, what rightly differs and why, where it is set.")


def _complete(incomplete: str) -> list[str]:
    from driftsync.kinds import all_kinds

    kind, dot, _rest = incomplete.partition(".")
    if dot and kind in all_kinds():
        return [f"{kind}.{each.name}" for each in all_kinds()[kind].properties]
    return list(all_kinds())


def command(
    what: Annotated[
        str,
        typer.Argument(
            metavar="KIND[.PROPERTY]",
            help=N_(
                "A kind, or a kind and one of its properties; a setting is instance-setting.config/gmheap."
            ),
            autocompletion=_complete,
        ),
    ],
) -> int:
    """Carry out `driftsync explain`."""
    from driftsync.cli.sources import check_kind
    from driftsync.cli.writing import show
    from driftsync.errors import UsageError
    from driftsync.kinds import all_kinds
    from driftsync.reporting.table import print_kind, print_property

    name, _dot, wanted = what.partition(".")
    check_kind(name)
    kind = all_kinds()[name]
    if not wanted:
        show(lambda console: print_kind(kind, console))
        return 0
    if kind.per_item and "/" in wanted:
        declared = kind.per_item(*wanted.split("/", 1))
    else:
        found = next((each for each in kind.properties if each.name.lower() == wanted.lower()), None)
        if found is None:
            raise UsageError(
                _("{kind} has no property {name}").format(kind=name, name=wanted),
                hint=_("`driftsync explain {kind}` lists them").format(kind=name),
            )
        declared = found
    show(lambda console: print_property(kind, declared, wanted, console))
    return 0
