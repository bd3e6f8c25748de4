"""This module is `driftsync history`: the runs that were kept, or the life of one item."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftsync.cli.options import OutputFormat, SettingsOption, check_format, format_option
from driftsync.language import N_, _, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from driftsync.store import Store

NAME = "history"
HELP = N_("List the runs that were kept, or show when one item differed and for how long.")
FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON)


def command(
    key: Annotated[
        str,
        typer.Argument(metavar="[KEY]", help=N_("An item as the report prints it; without one, the runs.")),
    ] = "",
    mirror: Annotated[str, typer.Option("--mirror", metavar="NAME", help=N_("Only this mirror."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=N_("How many runs."))] = 30,
    format: Annotated[OutputFormat, format_option(FORMATS)] = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
) -> int:
    """Carry out `driftsync history`."""
    from driftsync.cli.exits import Exit
    from driftsync.cli.memory import open_store
    from driftsync.cli.sources import settings_or_none
    from driftsync.cli.writing import put_json, show
    from driftsync.model import FORMAT_VERSION

    check_format(format, FORMATS)
    with open_store(settings_or_none(settings), make=False) as store:
        found = _life(store, key) if key else _runs(store, mirror, limit)
        applied = [] if key else _applied(store, mirror, limit)
    if format is OutputFormat.JSON:
        told = {"item": key, "times": found} if key else {"runs": found, "applied": applied}
        put_json({"format_version": FORMAT_VERSION, **told})
    else:
        show(lambda console: _print(console, key, found, applied))
    return Exit.CLEAN


def _runs(store: Store, mirror: str, limit: int) -> list[dict[str, Any]]:
    return [
        {
            "run": run.id,
            "mirror": run.mirror,
            "ended": run.ended,
            "primary": run.primary,
            "differences": run.differences,
            "complete": run.complete,
            "unread": store.errors_of(run.id),
        }
        for run in store.runs(mirror, limit)
    ]


def _applied(store: Store, mirror: str, limit: int) -> list[dict[str, Any]]:
    return [
        {
            "run": run.id,
            "mirror": run.mirror,
            "member": run.member,
            "ended": run.ended_at,
            "state": run.state.value,
            "confirm_by": run.confirm_by,
            "steps": len(run.outcomes),
            "remaining": run.remaining,
        }
        for run in store.applied(mirror, limit)
    ]


def _life(store: Store, key: str) -> list[dict[str, Any]]:
    names = ("mirror", "member", "type", "first_seen", "last_seen", "resolved")
    return [dict(zip(names, row, strict=True)) for row in store.life_of(key)]


def _print(console: Console, key: str, found: list[dict[str, Any]], applied: list[dict[str, Any]]) -> None:
    from rich.text import Text

    if applied:
        console.print(_applied_table(applied))
        console.print()
    if not found and not applied:
        console.print(
            _("{key}: never differed in a run that was kept").format(key=visible(key))
            if key
            else _("no run was kept yet")
        )
        return
    if key:
        console.print(Text(visible(key), style="bold"))
    if not found:
        return
    console.print(_life_table(found) if key else _run_table(found))


def _run_table(found: list[dict[str, Any]]) -> Table:
    table = _table(_("run"), _("mirror"), _("ended (UTC)"), _("primary"), _("differences"), _("not read"))
    for row in found:
        unread = ", ".join(row["unread"]) or ("" if row["complete"] else _("gaps"))
        table.add_row(
            str(row["run"]), visible(row["mirror"]), _moment(row["ended"]), visible(row["primary"]) or "?",
            str(row["differences"]), visible(unread),
        )  # fmt: skip
    return table


def _applied_table(found: list[dict[str, Any]]) -> Table:
    table = _table(_("written by"), _("mirror"), _("member"), _("ended (UTC)"), _("steps"), _("outcome"))
    for row in found:
        table.add_row(
            row["run"], visible(row["mirror"]), visible(row["member"]), _moment(row["ended"]), str(row["steps"]), _outcome(row),
        )  # fmt: skip
    return table


def _outcome(row: dict[str, Any]) -> str:
    """Return what became of a run, and until when it is to be confirmed; whether the member took it back `confirm` reads."""
    from driftsync.model import RunState
    from driftsync.reporting.run import RUNS

    state = RunState(row["state"])
    if not row["confirm_by"]:
        return _(RUNS[state])
    past = row["confirm_by"] < datetime.now(timezone.utc).isoformat()
    told = _("not confirmed by {until}") if past else _("to be confirmed until {until}")
    until = told.format(until=_moment(row["confirm_by"]))
    return until if state is RunState.UNCONFIRMED else _(", ").join((_(RUNS[state]), until))


def _life_table(found: list[dict[str, Any]]) -> Table:
    table = _table(
        _("mirror"), _("member"), _("type"), _("first seen (UTC)"), _("last seen (UTC)"), _("resolved (UTC)")
    )
    for row in found:
        table.add_row(
            visible(row["mirror"]), visible(row["member"]), _(row["type"]), _moment(row["first_seen"]),
            _moment(row["last_seen"]), _moment(row["resolved"]) or _("open"),
        )  # fmt: skip
    return table


def _table(*titles: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), show_edge=False)
    for title in titles:
        table.add_column(title, header_style="dim", overflow="fold")
    return table


def _moment(moment: str) -> str:
    return moment[:16].replace("T", " ")
