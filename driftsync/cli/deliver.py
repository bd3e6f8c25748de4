"""This module is `driftsync deliver`: a test message through each way of telling people, so that it can be tried by day."""

from __future__ import annotations

from typing import Annotated

import typer

from driftsync.cli.options import QuietOption, SettingsOption
from driftsync.language import N_, _

HELP = N_(
    "Try the ways of telling people: send a test message through each \\[\\[deliver]] of driftsync.toml. "
    "Reports are delivered by `driftsync report --deliver`."
)


def command(
    name: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...", help=N_("Only these deliveries, by their names in the settings.")
        ),
    ] = None,
    test: Annotated[
        bool,
        typer.Option(
            "--test", help=N_("Send the test messages; people will get them. Without it nothing is sent.")
        ),
    ] = False,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
) -> int:
    """Carry out `driftsync deliver`."""
    from driftsync.cli.exits import Exit
    from driftsync.cli.people import check_told, say_failures, sent
    from driftsync.cli.sources import needed_settings
    from driftsync.errors import UsageError

    configured = needed_settings(settings)
    check_told(configured)
    there = [each.called for each in configured.deliver]
    unknown = [each for each in name or [] if each not in there]
    if unknown:
        raise UsageError(
            _("{path} has no delivery {names}").format(path=configured.path, names=", ".join(unknown)),
            hint=_("it has: {names}").format(names=", ".join(there)),
        )
    if not test:
        raise UsageError(
            _("nothing was sent: say --test to send a test message by {names}").format(
                names=", ".join(name or there)
            ),
            hint=_("`driftsync report --deliver` makes a report and delivers it"),
        )
    from driftsync.delivering import Result, try_out

    found = try_out(configured, name or [])
    if not quiet:
        for each in found:
            if each.result is Result.SENT:
                print(sent(each))
    return Exit(say_failures(found))
