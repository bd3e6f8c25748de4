"""This module finds the language that a person wants: by `--lang`, `DRIFTSYNC_LANG`, the settings, the locale.

It is known before any command is looked at, so that help and errors of wrong usage are in that language too. Therefore
`--lang` may stand anywhere on the line, and the settings are only glanced at: reading them in earnest comes later.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from driftsync.errors import DriftsyncError, UsageError
from driftsync.language import LANGUAGES, N_, _, choose, known, translated

VARIABLE = "DRIFTSYNC_LANG"
OPTION = "--lang"
LOCALE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""As gettext reads them: the first that is set decides."""

BORROWED = (
    # what typer says by itself; its help asks our catalogue, its errors are translated where they are shown
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("[default: {}]"),
    N_("[env var: {}]"),
    N_("[required]"),
    N_("(dynamic)"),
    N_("Missing command."),
    N_("No such command '{name}'."),
    N_("No such command '{name}'. Did you mean {near}?"),
    N_("No such option: {name}"),
    N_("No such option: {name} (Possible options: {near})"),
    N_("Invalid value for {hint}: {reason}"),
    N_("Value error, {value} is not one of {names}."),
    N_("Input should be greater than or equal to {number}"),
    N_("Input should be less than or equal to {number}"),
    N_("Input should be a valid integer, unable to parse string as an integer"),
    N_("Missing argument {hint}."),
    N_("Missing option {hint}."),
    N_("Option {hint} requires an argument."),
    N_("Option {hint} does not take a value."),
    N_("Got unexpected extra argument(s) ({names})"),
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
    # what msgspec says of a value in the settings
    N_("Invalid enum value {value}"),
    N_("Object contains unknown field {name}"),
    N_("Object missing required field {name}"),
    N_("Expected {wanted}, got {found}"),
    # what the operating system says
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("No space left on device"),
    N_("Read-only file system"),
    N_("Connection refused"),
    N_("Name or service not known"),
)


def listen(words: list[str], environment: Mapping[str, str]) -> list[str]:
    """Choose the language, and return the words of the command line without `--lang`.

    Raises `UsageError` for a language that was asked for and is not there.
    """
    asked, rest = _said(words)
    from_environment = environment.get(VARIABLE, "")
    from_settings = "" if asked is not None or from_environment else _glance(rest)
    choose(known(from_environment) or known(from_settings) or by_locale(environment))
    for source, word in ((OPTION, asked), (VARIABLE, from_environment)):
        if word is None or (source == VARIABLE and not word):
            continue
        language = known(word)
        if not language:
            raise UsageError(
                _("{source}: there is no language {word}").format(source=source, word=word or '""'),
                hint=_("it speaks {languages}").format(languages=", ".join(LANGUAGES)),
            )
        choose(language)
        break
    return rest


def _said(words: list[str]) -> tuple[str | None, list[str]]:
    """Return what `--lang` says, the last one if several, and the other words."""
    asked: str | None = None
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word == OPTION:
            asked = next(left, "")
        elif word.startswith(f"{OPTION}="):
            asked = word.partition("=")[2]
        else:
            rest.append(word)
    return asked, rest


def _glance(words: list[str]) -> str:
    """Return `lang` out of the settings file; what is wrong with that file is told by whoever reads it."""
    named = [
        word.partition("=")[2] or following
        for word, following in zip(words, [*words[1:], ""], strict=True)
        if word.partition("=")[0] == "--settings"
    ]
    try:
        here = Path.cwd()
        places = [Path(named[-1])] if named else [each / "driftsync.toml" for each in (here, *here.parents)]
        path = next((each for each in places if each.is_file()), None)
        text = path.read_text(encoding="utf-8-sig") if path else ""
    except (OSError, UnicodeDecodeError, ValueError):
        return ""
    before_any_table = re.split(r"(?m)^\s*\[", text, maxsplit=1)[0]
    found = re.search(r"""(?m)^\s*lang\s*=\s*["']([\w.-]*)["']""", before_any_table)
    return found[1] if found else ""


def by_locale(environment: Mapping[str, str]) -> str:
    """Return the language of the locale, English where it is one that we lack."""
    said = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    if not said and sys.platform == "win32":
        said = _of_windows()
    return next((language for word in said.split(":") if (language := known(word))), "en")


def _of_windows() -> str:
    import ctypes
    import locale

    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - there on Windows alone
    return locale.windows_locale.get(kernel.GetUserDefaultUILanguage(), "")


def speak(command: Any) -> None:
    """Put the help of a command, and of all below it, into the reader's language."""
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name, None):
            setattr(command, name, _(text))
    for each in command.params:
        if getattr(each, "help", None):
            each.help = _(each.help)
    command.format_help = partial(_format_help, command, command.format_help)
    for each in getattr(command, "commands", {}).values():
        speak(each)


def _format_help(command: Any, print_help: Callable[..., None], context: Any, formatter: Any) -> None:
    """Print help: `--help` too in the reader's language, and no text cut off that has no blanks to break it at."""
    from typer import rich_utils

    option = command.get_help_option(context)
    if option is not None:
        option.help = _("Show this message and exit.")
    usual: Callable[..., Any] = rich_utils._make_rich_text  # noqa: SLF001 - typer has no other place to say it

    def folding(**words: Any) -> Any:
        text = usual(**words)
        text.overflow = "fold"
        return text

    setattr(rich_utils, "_make_rich_text", folding)  # noqa: B010 - as above
    try:
        print_help(context, formatter)
    finally:
        setattr(rich_utils, "_make_rich_text", usual)  # noqa: B010


def told(error: DriftsyncError) -> str:
    """Return what went wrong, and what to do about it beside it."""
    message, hint = translated(error.message), translated(error.hint)
    return _("{message} ({hint})").format(message=message, hint=hint) if hint else message
