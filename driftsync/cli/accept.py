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
    from driftsync.model import Acknowledgement
    from driftsync.settings import Settings
    from driftsync.store import Found, Store

NAME = "accept"
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
    from driftsync.cli.memory import export as write
    from driftsync.cli.memory import open_store
    from driftsync.errors import UsageError

    configured = _settings(settings)
    keys = key or []
    if export is None and not keys and not all_current:
        raise UsageError(
            _("nothing was named"), hint=_("name items as the report prints them, or say --all-current")
        )
    with open_store(configured, make=False) as store:
        name = _mirror(configured, mirror)
        if withdraw:
            _withdraw(store, name, keys, member)
        elif keys or all_current:
            given = _given(reason, owner, until)
            _accept(store, name, _meant(store, name, keys, member), *given)
        if export is not None:
            found = [each for one in configured.mirror for each in store.acknowledgements(one).values()]
            write(found, export)
    return Exit.CLEAN


def _settings(named: Path | None) -> Settings:
    from driftsync.cli.sources import settings_or_none
    from driftsync.errors import UsageError

    found = settings_or_none(named)
    if found is None:
        raise UsageError(
            _("there is no driftsync.toml here or in a folder above"), hint=_("name one with --settings")
        )
    return found


def _mirror(settings: Settings, named: str) -> str:
    from driftsync.errors import UsageError

    names = list(settings.mirror)
    if named in names or (not named and len(names) == 1):
        return named or names[0]
    raise UsageError(
        _("{path} has no mirror {name}").format(path=settings.path, name=named)
        if named
        else _("{path} has several mirrors").format(path=settings.path),
        hint=_("say --mirror with one of: {names}").format(names=", ".join(names)),
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


def _meant(store: Store, mirror: str, keys: list[str], member: str) -> list[Found]:
    """Return the open differences that are meant; raises `UsageError` for a key that is not open."""
    from driftsync.errors import UsageError

    found = [each for each in store.open_findings(mirror).values() if member in ("", each.member)]
    if not keys:
        known = store.acknowledgements(mirror)
        return [each for each in found if (each.member, each.key) not in known]
    unknown = [key for key in keys if all(each.key != key for each in found)]
    if unknown:
        raise UsageError(
            _("{key} is no open difference of the last report").format(key=unknown[0]),
            hint=_("run `driftsync report` and take the key as it is printed there"),
        )
    return [each for each in found if each.key in keys]


def _accept(store: Store, mirror: str, found: list[Found], reason: str, owner: str, until: date) -> None:
    from driftsync.model import Acknowledgement

    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    given: list[Acknowledgement] = [
        Acknowledgement(
            mirror=mirror,
            member=each.member,
            key=each.key,
            reason=reason,
            owner=owner,
            until=until.isoformat(),
            accepted_at=at,
            seen=each.digest,
        )
        for each in found
    ]
    with store.writing():
        for one in given:
            store.acknowledge(one)
    text = ngettext(
        "accepted: {count} difference until {until}",
        "accepted: {count} differences until {until}",
        len(given),
    )
    print(text.format(count=len(given), until=until), file=sys.stderr)


def _withdraw(store: Store, mirror: str, keys: list[str], member: str) -> None:
    from driftsync.errors import UsageError

    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    meant = [
        (each.member, each.key)
        for each in store.acknowledgements(mirror).values()
        if member in ("", each.member) and (not keys or each.key in keys)
    ]
    if not meant:
        raise UsageError(_("nothing of this was accepted"), hint=_("`driftsync history` shows what is"))
    with store.writing():
        for name, key in meant:
            store.end_acknowledgement(mirror, name, key, f"{at} withdrawn")
    text = ngettext("taken back: {count} acknowledgement", "taken back: {count} acknowledgements", len(meant))
    print(text.format(count=len(meant)), file=sys.stderr)
