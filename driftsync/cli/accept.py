"""This module is `driftsync accept`: somebody's word that a difference is known and may stay, until when and why."""

from __future__ import annotations

import sys
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import SettingsOption
from driftsync.language import N_, _, ngettext

if TYPE_CHECKING:
    from driftsync.settings import Settings
    from driftsync.store import Store

HELP = N_(
    "Accept differences of the last report until a date: they are counted, folded, and open again when they change."
)


def command(
    key: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY]...", help=N_("Items as the report prints them: task:EMR/Night report.")
        ),
    ] = None,
    member: Annotated[
        str,
        typer.Option("--member", metavar="NAME", help=N_("Only of this member; default: of every member.")),
    ] = "",
    mirror: Annotated[
        str,
        typer.Option("--mirror", metavar="NAME", help=N_("In this mirror, where the settings have several.")),
    ] = "",
    all_current: Annotated[
        bool, typer.Option("--all-current", help=N_("Everything that is open now: for the first night."))
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it may stay."))] = "",
    owner: Annotated[str, typer.Option("--owner", help=N_("Who answers for it."))] = "",
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help=N_("The last day on which it counts: 2027-03-31."))
    ] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help=N_("Take back what was accepted of these items."))
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help=N_(
                "Write all that is accepted to a file for review; as driftsync.accepted.toml beside the settings it counts."
            ),
        ),
    ] = None,
    settings: SettingsOption = None,
) -> int:
    """Carry out `driftsync accept`."""
    from driftsync.cli.exits import Exit
    from driftsync.cli.memory import accepted_beside, open_store
    from driftsync.cli.memory import export as write
    from driftsync.cli.sources import needed_settings, one_mirror
    from driftsync.errors import UsageError
    from driftsync.remembering import all_accepted

    configured = needed_settings(settings)
    keys = key or []
    if export is None and not keys and not all_current:
        raise UsageError(
            _("nothing was named"), hint=_("name items as the report prints them, or say --all-current")
        )
    if keys and all_current:
        raise UsageError(
            _("items are named, and --all-current means all of them"), hint=_("say one of the two")
        )
    with open_store(configured, make=False) as store:
        if keys or all_current:
            name = one_mirror(configured, mirror)
            _check_member(configured, name, member)
            if withdraw:
                _withdraw(store, configured, name, keys, member)
            else:
                _accept(store, configured, name, keys, member, _given(reason, owner, until))
        if export is not None:
            stated = accepted_beside(configured)
            found = [each for one in configured.mirror for each in all_accepted(store, one, stated)]
            write(found, export)
    return Exit.CLEAN


def _check_member(settings: Settings, mirror: str, member: str) -> None:
    from driftsync.errors import UsageError

    names = settings.members_of(mirror)
    if member and member not in names:
        raise UsageError(
            _("mirror {mirror} has no member {name}").format(mirror=mirror, name=member),
            hint=_("it has: {names}").format(names=", ".join(names)),
        )


def _given(reason: str, owner: str, until: str) -> tuple[str, str, date]:
    from driftsync.errors import UsageError

    for option, value in (("--reason", reason), ("--owner", owner), ("--until", until)):
        if not value.strip():
            raise UsageError(
                _("{option} is missing").format(option=option),
                hint=_("whoever reads the report next year will want to know why, whose, and until when"),
            )
    try:
        last = date.fromisoformat(until)
    except ValueError:
        raise UsageError(
            _("--until {until} is no date").format(until=until), hint=_("write it as 2027-03-31")
        ) from None
    if last < datetime.now(timezone.utc).date():
        raise UsageError(
            _("--until {until} is over already").format(until=until), hint=_("name a day to come")
        )
    return reason.strip(), owner.strip(), last


def _accept(
    store: Store, settings: Settings, mirror: str, keys: list[str], member: str, given: tuple[str, str, date]
) -> None:
    from driftsync.cli.memory import accepted_beside
    from driftsync.remembering import accept, named, not_accepted, open_now

    reason, owner, until = given
    at = datetime.now(timezone.utc)
    found = open_now(store, mirror, member)
    found = (
        named(found, keys)
        if keys
        else not_accepted(store, mirror, found, accepted_beside(settings), at.date())
    )
    count = len(accept(store, mirror, found, reason=reason, owner=owner, until=until, at=at))
    text = ngettext(
        "accepted: {count} difference until {until}", "accepted: {count} differences until {until}", count
    )
    print(text.format(count=count, until=until), file=sys.stderr)


def _withdraw(store: Store, settings: Settings, mirror: str, keys: list[str], member: str) -> None:
    from driftsync.cli.memory import ACCEPTED, accepted_beside
    from driftsync.errors import UsageError
    from driftsync.remembering import withdraw

    meant = withdraw(store, mirror, keys, member, datetime.now(timezone.utc))
    if not meant:
        raise UsageError(
            _("nothing of this was accepted here"),
            hint=_("take it out of {file}, which is read with every report").format(file=ACCEPTED)
            if accepted_beside(settings)
            else _("`driftsync report --verbose` lists what is accepted"),
        )
    text = ngettext("taken back: {count} acknowledgement", "taken back: {count} acknowledgements", len(meant))
    print(text.format(count=len(meant)), file=sys.stderr)
    taken = {(each.mirror, each.member, each.key) for each in meant}
    if left := [each for each in accepted_beside(settings) if (each.mirror, each.member, each.key) in taken]:
        text = _(
            "warning: {file} still accepts {keys}; take it out there, or write the file anew with --export"
        )
        named = ", ".join(sorted({each.key for each in left}))
        print(text.format(file=ACCEPTED, keys=named), file=sys.stderr)
