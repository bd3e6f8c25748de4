"""This package is the command line: one module per command, each *options → nouns → verb → reporter → exit code*."""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from itertools import pairwise
from typing import NoReturn

import typer

from driftsync.cli import tongue
from driftsync.cli.exits import Exit
from driftsync.errors import DriftsyncError
from driftsync.language import LANGUAGES, N_, _, translated, visible

COMMANDS = (
    "init", "members", "doctor", "diff", "report", "deliver", "check", "rehearse", "plan", "sync", "confirm", "rollback",
    "accept", "history", "snapshot", "collect", "kinds", "explain", "demo",
)  # fmt: skip
"""As `--help` lists them; each is a module of this package."""
LAB = "lab"


def build(wanted: str = "") -> typer.Typer:
    """Return the application: with the one command that is `wanted`, or with every one where there is none of that name.

    A line is about one command, and what the options of all the others mean takes longer to find out than many of them run.
    """
    names = [wanted] if wanted in {*COMMANDS, LAB} else [*COMMANDS, LAB]
    app = typer.Typer(
        name="driftsync",
        help=N_("What an InterSystems mirror does not replicate: read it, compare it, report the drift."),
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=N_(
            "Exit: 0 no drift, 1 drift, 2 wrong usage or file, 3 something could not be read, 4 a delivery failed, "
            "130 interrupted."
        ),
    )
    for name in names:
        module = import_module(f"driftsync.cli.{name}")
        if name == LAB:
            app.add_typer(module.build(), name=name, help=module.HELP)
        else:
            app.command(name=name, help=module.HELP)(module.command)
    app.callback()(_common)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from driftsync.version import __version__

        typer.echo(f"driftsync {__version__}")
        raise typer.Exit


def _common(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help=N_("Say which driftsync this is.")
    ),
    lang: str = typer.Option(
        "",
        "--lang",
        metavar="|".join(LANGUAGES),
        show_default=False,
        help=N_(
            "The language of all that people read, anywhere on the line; else DRIFTSYNC_LANG, the settings, the locale. JSON stays English."
        ),
    ),
) -> None:
    """Hold the options that stand before a command; `tongue` has heard and taken out --lang before it gets here."""


def main() -> None:
    """Run the command line; whatever happens, the user sees one line and never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a console that lacks a letter is no reason to stop
    verbose = any(word in {"-v", "--verbose"} for word in sys.argv[1:])
    try:
        words = tongue.listen(sys.argv[1:], os.environ)
        command = typer.main.get_command(build(next(iter(words), "")))
        tongue.speak(command)
        code = command(args=words, prog_name="driftsync", standalone_mode=False)
        if code == Exit.INTERRUPTED:  # typer turns Ctrl-C into this code without a word
            _end(Exit.INTERRUPTED, _("interrupted; nothing was left half written"))
        sys.exit(int(code or 0))
    except DriftsyncError as error:
        _end(error.exit_code, tongue.told(error), details=error.details if verbose else "")
    except (KeyboardInterrupt, typer.Abort):
        _end(Exit.INTERRUPTED, _("interrupted; nothing was left half written"))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.CLEAN)
    except SystemExit:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches a user
        _unexpected(error, verbose=verbose)


def _unexpected(error: Exception, *, verbose: bool) -> None:
    format_message = getattr(error, "format_message", None)
    if format_message:  # what typer says of wrong usage; the class moved between its versions
        _end(
            Exit.USAGE,
            translated(format_message()),
            _("`driftsync --help`, or `driftsync COMMAND --help`, lists what there is"),
        )
    from driftsync.cli.unexpected import told

    found = told(error)
    _end(Exit.INTERNAL, found.message, found.hint, found.details if verbose else "")


def _end(code: int, message: str, hint: str = "", details: str = "") -> NoReturn:
    """End with one line (a hint beside it) on stderr; details only where they were asked for.

    A monitoring system reads stdout alone and takes any other code for a state of the mirror: there it is UNKNOWN.
    """
    line = (_("{message} ({hint})").format(message=message, hint=hint) if hint else message).replace(
        "\n", " "
    )
    if _is_plugin(sys.argv[1:]):
        from driftsync.reporting.nagios import State, plugin_line

        print(plugin_line(State.UNKNOWN, line))
        code = State.UNKNOWN
    else:
        print(visible(f"driftsync: {line}"), file=sys.stderr)
    if details:
        print(details, file=sys.stderr)
    sys.exit(code)


def _is_plugin(words: list[str]) -> bool:
    """Say whether the command was to answer as a plugin; what it was given may not have been understood."""
    return "--format=nagios" in words or ("--format", "nagios") in pairwise(words)
