"""This module is `driftsync history`: the runs that were kept, or the life of one item."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftsync.cli.options import OutputFormat, SettingsOption, VerboseOption, check_format, format_option
from driftsync.language import N_, _, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from driftsync.model import Plan, Run
    from driftsync.store import Store

HELP = N_(
    "List the runs that were kept, or show when one item differed and for how long, or every step of a run that wrote."
)
UNREADABLE = "unreadable"
"""Of a run whose journal is damaged, in place of what became of it."""
FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON)


def command(
    key: Annotated[
        str,
        typer.Argument(
            metavar="[KEY|RUN]",
            help=N_("An item as the report prints it, or a run that wrote; without one, the runs."),
        ),
    ] = "",
    mirror: Annotated[str, typer.Option("--mirror", metavar="NAME", help=N_("Only this mirror."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help=N_("How many runs."))] = 30,
    format: Annotated[OutputFormat, format_option(FORMATS)] = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync history`."""
    from driftsync.applying.journal import journals
    from driftsync.cli.applied import folder_of
    from driftsync.cli.exits import Exit
    from driftsync.cli.memory import open_store, path_of_store
    from driftsync.cli.sources import settings_or_none
    from driftsync.cli.writing import put_json, show
    from driftsync.model import FORMAT_VERSION
    from driftsync.reporting.run import print_life_of

    check_format(format, FORMATS)
    configured = settings_or_none(settings)
    folder = folder_of(configured)
    none_kept = not path_of_store(configured).exists() and any(journals(folder))
    with nullcontext() if none_kept else open_store(configured, make=False) as store:
        run, journaled = _one_run(store, folder, key)
        found = [] if run or not store else _life(store, key) if key else _runs(store, mirror, limit)
        applied = [] if key else [*_cut_off(store, folder, mirror, limit), *_applied(store, mirror, limit)]
    if run:
        if format is OutputFormat.JSON:
            put_json(run)
        else:
            show(lambda console: print_life_of(console, run, journaled, verbose=verbose))
        return Exit.CLEAN
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


def _one_run(store: Store | None, folder: Path, run: str) -> tuple[Run | None, Plan | None]:
    """Return a run that wrote, with its plan where the journal is still there; nothing where it is the key of an item.

    Raises `JournalError` where there is a journal and it cannot be understood.
    """
    from driftsync.applying.journal import Journal, named
    from driftsync.applying.runs import run_of

    kept = store.applied_run(run) if run and store else None
    path = named(folder, run)
    if path is None:
        return kept, None
    journal = Journal.read(path)
    return kept or run_of(journal), journal.plan


def _cut_off(store: Store | None, folder: Path, mirror: str, limit: int) -> list[dict[str, Any]]:
    """Return the runs that were cut off before the store heard of them; of a damaged journal that it is there."""
    from driftsync.applying.runs import cut_off

    return [
        _row(run) if run else {"run": name, "mirror": "", "member": "", "state": UNREADABLE}
        for name, run in cut_off(folder, store.kept_runs() if store else (), limit)
        if run is None or mirror in {"", run.mirror}
    ]


def _applied(store: Store | None, mirror: str, limit: int) -> list[dict[str, Any]]:
    return [_row(run) for run in (store.applied(mirror, limit) if store else ())]


def _row(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "mirror": run.mirror,
        "member": run.member,
        "ended": run.ended_at,
        "state": run.state.value,
        "confirm_by": run.confirm_by,
        "steps": len(run.outcomes),
        "remaining": run.remaining,
    }


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
            row["run"], visible(row["mirror"]), visible(row["member"]), _moment(row.get("ended", "")),
            str(row.get("steps", "")), _outcome(row),
        )  # fmt: skip
    return table


def _outcome(row: dict[str, Any]) -> str:
    """Return what became of a run, and until when it is to be confirmed; whether the member took it back `confirm` reads."""
    from driftsync.model import RunState
    from driftsync.reporting.run import RUNS

    if row["state"] == UNREADABLE:
        return _("its record cannot be read")
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
