"""This package is the command line: one module per command, each *options → nouns → verb → reporter → exit code*."""

from __future__ import annotations

import io
import os
import sys

import typer

from driftsync.cli import tongue
from driftsync.cli.exits import Exit
from driftsync.errors import DriftsyncError
from driftsync.language import LANGUAGES, N_, _, translated, visible


def build() -> typer.Typer:
    """Return the application with every command."""
    from driftsync.cli import (
        accept,
        collect,
        demo,
        diff,
        explain,
        history,
        init,
        kinds,
        lab,
        members,
        report,
        snapshot,
    )

    app = typer.Typer(
        name="driftsync",
        help=N_("What an InterSystems mirror does not replicate: read it, compare it, report the drift."),
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog=N_(
            "Exit: 0 no drift, 1 drift, 2 wrong usage or file, 3 something could not be read, 130 interrupted."
        ),
    )
    for module in (init, members, diff, report, accept, history, snapshot, collect, kinds, explain, demo):
        app.command(name=module.NAME, help=module.HELP)(module.command)
    app.add_typer(lab.build(), name=lab.NAME, help=lab.HELP)
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
        command = typer.main.get_command(build())
        tongue.speak(command)
        code = command(args=words, prog_name="driftsync", standalone_mode=False)
        if code == Exit.INTERRUPTED:  # typer turns Ctrl-C into this code without a word
            _say(_("interrupted; nothing was left half written"))
        sys.exit(int(code or 0))
    except DriftsyncError as error:
        _say(tongue.told(error), details=error.details if verbose else "")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _say(_("interrupted; nothing was left half written"))
        sys.exit(Exit.INTERRUPTED)
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
        _say(
            translated(format_message()),
            _("`driftsync --help`, or `driftsync COMMAND --help`, lists what there is"),
        )
        sys.exit(Exit.USAGE)
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    where = f"{os.path.basename(last.filename)}:{last.lineno}"  # noqa: PTH119 - a frame's file name
    _say(
        _("internal error ({type} at {where})").format(type=type(error).__name__, where=where),
        _(
            "this is a mistake in driftsync: please report this line and what you ran; --verbose shows the way there"
        ),
        "\n".join(f"  {os.path.basename(each.filename)}:{each.lineno} {each.name}" for each in frames)  # noqa: PTH119
        if verbose
        else "",
    )
    sys.exit(Exit.INTERNAL)


def _say(message: str, hint: str = "", details: str = "") -> None:
    """Write one line (a hint beside it) to stderr; details only where they were asked for."""
    line = "driftsync: " + (_("{message} ({hint})").format(message=message, hint=hint) if hint else message)
    print(visible(line.replace("\n", " ")), file=sys.stderr)
    if details:
        print(details, file=sys.stderr)
