"""This module declares the options that several commands share, so that they are called alike everywhere."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from driftsync.language import N_, _


class OutputFormat(str, Enum):
    """What a result looks like."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    JUNIT = "junit"
    SARIF = "sarif"
    PROMETHEUS = "prometheus"
    NAGIOS = "nagios"


SUFFIXES = {
    ".sarif.json": OutputFormat.SARIF,
    ".json": OutputFormat.JSON,
    ".md": OutputFormat.MARKDOWN,
    ".html": OutputFormat.HTML,
    ".htm": OutputFormat.HTML,
    ".xml": OutputFormat.JUNIT,
    ".sarif": OutputFormat.SARIF,
    ".prom": OutputFormat.PROMETHEUS,
}


FORMAT_HELP = N_("What the result looks like.")
ENDING_HELP = N_("What the result looks like; follows the ending of -o.")
Formats = tuple[OutputFormat, ...]
"""The formats that one command knows, in the order of its help."""


def format_option(formats: Formats, *, by_ending: bool = False) -> Any:
    """Declare `--format` for a command that knows only some formats; `check_format` refuses the others."""
    names = [each.value for each in formats]
    return typer.Option(
        "--format",
        help=ENDING_HELP if by_ending else FORMAT_HELP,
        metavar=f"[{'|'.join(names)}]",
        autocompletion=lambda incomplete: [name for name in names if name.startswith(incomplete)],
    )


def check_format(format: OutputFormat, formats: Formats) -> None:
    """Raise `UsageError` for a format that a command does not know."""
    if format not in formats:
        from driftsync.errors import UsageError

        raise UsageError(
            _("this command has no format {format}").format(format=format.value),
            hint=_("it has: {names}").format(names=", ".join(each.value for each in formats)),
        )


def _complete_kind(incomplete: str) -> list[tuple[str, str]]:
    from driftsync.kinds import all_kinds

    return [(name, kind.title) for name, kind in all_kinds().items() if name.startswith(incomplete)]


KindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        help=N_("Look only at this kind; may be repeated."),
        metavar="KIND",
        autocompletion=_complete_kind,
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        help=N_("Do not look at this kind; may be repeated."),
        metavar="KIND",
        autocompletion=_complete_kind,
    ),
]
SiteOnlyOption = Annotated[
    bool,
    typer.Option(
        "--site-only", help=N_("Leave out items that ship with the product and stand on one side only.")
    ),
]
WholeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--whole",
        metavar="KIND",
        help=N_("Take a partial file of this kind (or `all`) as whole: what it lacks is then missing."),
        autocompletion=_complete_kind,
    ),
]
FormatOption = Annotated[OutputFormat | None, format_option(tuple(OutputFormat), by_ending=True)]
OutputsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        help=N_(
            "Write the result to this file (- is stdout); may be repeated, for one reading in several formats."
        ),
        metavar="FILE",
    ),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings", help=N_("The settings file; default: driftsync.toml here or above."), metavar="FILE"
    ),
]
PromoteOption = Annotated[
    str,
    typer.Option("--promote", metavar="MEMBER", help=N_("Who would become primary; default: the backup.")),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help=N_("The verdict only, and no progress."))]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help=N_("Unfold everything; details of errors."))
]
ShowLocalOption = Annotated[
    bool, typer.Option("--show-local", help=N_("List also what rightly differs between members."))
]
CrossProductOption = Annotated[
    bool, typer.Option("--cross-product", help=N_("Compare a Caché member with an IRIS member all the same."))
]


STDOUT = Path("-")


def destinations(
    format: OutputFormat | None, outputs: list[Path] | None, formats: Formats = tuple(OutputFormat)
) -> list[tuple[OutputFormat, Path | None]]:
    """Return every file that is to be written with its format; `None` is stdout.

    Raises `UsageError` where `--format` could stand for any of several files, and for a format not among `formats`.
    """
    outputs = outputs or [STDOUT]
    if format is not None and len(outputs) > 1 and STDOUT not in outputs:
        from driftsync.errors import UsageError

        raise UsageError(
            _("--format stands for one result, and there are {count} files to write").format(
                count=len(outputs)
            ),
            hint=_("leave it out: the ending of each file chooses its format; or add -o - for stdout"),
        )
    wanted: list[tuple[OutputFormat, Path | None]] = [
        (format or OutputFormat.TERMINAL, None)
        if output == STDOUT
        else (format if format and len(outputs) == 1 else _format_by_ending(output), output)
        for output in outputs
    ]
    for shape, _path in wanted:
        check_format(shape, formats)
    return wanted


def _format_by_ending(output: Path) -> OutputFormat:
    name = output.name.lower()
    found = (shape for ending, shape in SUFFIXES.items() if name.endswith(ending))
    return next(found, OutputFormat.TERMINAL)
