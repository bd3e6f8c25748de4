"""This module is `driftsync doctor`: whether members can be read, by which routes, and what the account lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import (
    OutputFormat,
    QuietOption,
    SettingsOption,
    VerboseOption,
    check_format,
    format_option,
)
from driftsync.language import N_, _

if TYPE_CHECKING:
    from driftsync.cli import progress
    from driftsync.errors import DriftsyncError
    from driftsync.model import MemberExamined
    from driftsync.settings import Settings

HELP = N_(
    "Examine running members: connection, privileges, by which route each kind is read; and the grants for an account."
)
FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON)


def command(
    member: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MEMBER]...",
            help=N_("Only these members; without any, all running ones of the settings."),
        ),
    ] = None,
    settings: SettingsOption = None,
    format: Annotated[OutputFormat, format_option(FORMATS)] = OutputFormat.TERMINAL,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync doctor`."""
    import sys
    from datetime import datetime, timezone

    from driftsync.cli.exits import Exit, first_that_applies
    from driftsync.cli.sources import needed_settings
    from driftsync.cli.writing import show
    from driftsync.extracting import grants
    from driftsync.model import FORMAT_VERSION, Examination
    from driftsync.reporting.doctor import examination_as_json, print_examination
    from driftsync.version import __version__

    check_format(format, FORMATS)
    configured = needed_settings(settings)
    names = _members(configured, member or [])
    found, errors = _examine(names, configured, quiet=quiet)
    examination = Examination(
        format_version=FORMAT_VERSION,
        driftsync=__version__,
        taken_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        complete=all(each.complete for each in found),
        members=found,
        grants=grants(),
    )
    if format is OutputFormat.JSON:
        sys.stdout.buffer.write(examination_as_json(examination))
        sys.stdout.flush()
    else:
        show(lambda console: print_examination(examination, console, quiet=quiet, verbose=verbose))
    exits = [Exit(error.exit_code) for error in errors]
    return first_that_applies([*exits, Exit.CLEAN if examination.complete else Exit.INCOMPLETE])


def _members(settings: Settings, wanted: list[str]) -> list[str]:
    """Return the running members, or those that were named."""
    from driftsync.errors import UsageError

    living = [name for name in settings.member if settings.is_live(name)]
    if not living:
        raise UsageError(
            _("{path} has no running members").format(path=settings.path),
            hint=_(
                "a running member has host = … in its [member.NAME]; `driftsync init` writes such settings"
            ),
        )
    found: dict[str, None] = {}
    for word in wanted:
        name = settings.named(word)
        if name not in living:
            raise UsageError(
                _("{path} has no running member {name}").format(path=settings.path, name=word),
                hint=_("running members are: {names}").format(names=", ".join(living)),
            )
        found[name] = None
    return list(found) or living


def _examine(
    names: list[str], settings: Settings, *, quiet: bool
) -> tuple[list[MemberExamined], list[DriftsyncError]]:
    """Examine members side by side; one that cannot be reached hides no other."""
    from concurrent.futures import ThreadPoolExecutor

    from driftsync.cli import progress
    from driftsync.cli.reading import ended_by_interruption
    from driftsync.kinds import all_kinds

    with (
        progress.board(len(all_kinds()), quiet=quiet) as board,
        ThreadPoolExecutor(min(settings.report.parallel, len(names))) as threads,
        ended_by_interruption(),  # innermost, so that no thread waits for a silent member then
    ):
        waiting = [threads.submit(_one, name, settings, board) for name in names]
        done = [each.result() for each in waiting]
    return [found for found, _error in done], [error for _found, error in done if error is not None]


def _one(
    name: str, settings: Settings, board: progress.Board
) -> tuple[MemberExamined, DriftsyncError | None]:
    import msgspec

    from driftsync.connections import open_member, warnings_of
    from driftsync.connections.failures import CallFailed, ConnectionFailed
    from driftsync.errors import SettingsError
    from driftsync.extracting import examine
    from driftsync.model import MemberExamined

    login = settings.login_of(name)
    known = MemberExamined(
        name=name,
        address=f"{login.host}:{login.port}",
        tls=bool(login.tls),
        warnings=warnings_of(login),
    )
    try:
        with board.member(name) as tell:
            found = examine(
                lambda: open_member(login, name, settings.path.parent),
                known,
                mirror=settings.mirror_of(name),
                progress=tell,
            )
    except (ConnectionFailed, CallFailed, SettingsError) as error:
        reason = error.message.removeprefix(f"{name} ({known.address}): ").removeprefix(f"{name}: ")
        return msgspec.structs.replace(known, reason=reason, hint=error.hint), error
    return found, None
