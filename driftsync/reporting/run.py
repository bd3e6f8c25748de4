"""This module prints a run: what was written and proven, what was not and why, what it cost, and how to take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from driftsync.language import N_, _, ngettext, translated, visible
from driftsync.model import Action, Plan, Run, RunState, StepOutcome, StepState
from driftsync.reporting.steps import indented, print_step
from driftsync.reporting.wording import ROLES, moment

STATES: Mapping[StepState, str] = {
    StepState.PLANNED: N_("not begun"),
    StepState.SENDING: N_("in the air"),
    StepState.WRITTEN: N_("written, not proven"),
    StepState.VERIFIED: N_("written and proven"),
    StepState.FAILED: N_("failed"),
    StepState.REVERTED: N_("taken back"),
}
RUNS: Mapping[RunState, str] = {
    RunState.RUNNING: N_("cut off"),
    RunState.DONE: N_("done"),
    RunState.UNCONFIRMED: N_("waits to be confirmed"),
    RunState.CONFIRMED: N_("confirmed"),
    RunState.RECALLED: N_("taken back by the member"),
    RunState.FAILED: N_("failed"),
    RunState.REVERTED: N_("taken back"),
}


def print_going_back(
    console: Console, journaled: Plan, steps: Sequence[Action], *, verbose: bool = False
) -> None:
    """Print what would be taken back, in the order in which it would be; each step is turned round already."""
    title = _(
        "what the run wrote to {member} ({role}) of mirror {mirror}, to be taken back in this order"
    ).format(
        member=journaled.member.name, role=_(ROLES[journaled.member.role]), mirror=journaled.mirror or "?"
    )
    console.print(Text(f"━━ {visible(title)} ━━", style="bold"))
    for action in steps:
        print_step(console, action, verbose=verbose)


def print_life_of(console: Console, run: Run, journaled: Plan | None, *, verbose: bool = False) -> None:
    """Print how far each step of a run has come, with what it was to write where its journal is still there."""
    _verdict(console, run)
    times = _("begun {begun}, ended {ended}") if run.ended_at else _("begun {begun}")
    _line(console, times.format(begun=moment(run.started_at), ended=moment(run.ended_at)), style="dim")
    actions = {action.number: action for action in journaled.actions} if journaled else {}
    for each in run.outcomes:
        became = "" if each.state is run.state.wanted and not each.reason else _became(each)
        if each.number in actions:
            print_step(console, actions[each.number], verbose=verbose, became=became)
        else:
            console.print(Text(visible(f"{each.number:5} {each.sort.sign} {each.key}  {became}")))
    for line in _next(run):
        _line(console, visible(line))


def print_run(console: Console, run: Run, *, round_trips: int, left: int = 0, quiet: bool = False) -> None:
    """Print what became of each step that did not end as it was to; `quiet` leaves the counts.

    `left` is how many differences its plan did nothing about.
    """
    _verdict(console, run)
    if quiet:
        if run.state is RunState.UNCONFIRMED:  # who is not told of it finds everything taken back
            for line in _next(run):
                _line(console, visible(line))
        return
    for each in run.outcomes:
        if each.reason or each.state not in {run.state.wanted, StepState.PLANNED}:
            line = f"{each.number:5} {each.sort.sign} {each.key}  {_became(each)}"
            console.print(Text(visible(line), style="red" if each.state is StepState.FAILED else ""))
    _line(
        console,
        ngettext("{count} round trip", "{count} round trips", round_trips).format(count=round_trips),
        style="dim",
    )
    for line in _next(run):
        _line(console, visible(line))
    if left and not run.state.is_back:
        still = ngettext(
            "{count} difference is left, withheld or a conflict: `driftsync plan` says why.",
            "{count} differences are left, withheld or conflicts: `driftsync plan` says why.",
            left,
        )
        _line(console, still.format(count=left))


def _verdict(console: Console, run: Run) -> None:
    """Print what became of a run, and of how many steps what."""
    title = _("run {run} on {member}: {state}").format(
        run=run.id, member=run.member, state=_(RUNS[run.state])
    )
    console.print(Text(f"━━ {visible(title)} ━━", style="bold"))
    counts = Counter(each.state for each in run.outcomes)
    _line(
        console, _(", ").join(f"{counts[state]} {_(STATES[state])}" for state in StepState if counts[state])
    )


def _next(run: Run) -> Iterator[str]:
    """Yield what to do now."""
    if not run.compared_again and run.state is not RunState.RUNNING:
        yield _("Not everything could be read again: what was written is not proven.")
    if run.confirm_by:
        yield _(
            "{task} waits on the member until {until} (UTC), then it takes the run back by itself."
        ).format(task=run.confirm_task, until=run.confirm_by)
    if run.state is RunState.UNCONFIRMED:
        yield _(
            "`driftsync confirm {run}` keeps what was written, `driftsync rollback {run}` takes it back now."
        ).format(run=run.id)
    elif run.state in {RunState.DONE, RunState.CONFIRMED}:
        yield _("Read again, the member holds all that was written.")
        yield _("`driftsync rollback {run}` takes it back.").format(run=run.id)
    elif run.state.is_back and any(each.reason for each in run.outcomes):
        yield _("Read again, the member is as it was before the run, but for what stands above.")
    elif run.state.is_back:
        yield _("Read again, the member is as it was before the run.")
    elif any(each.state is StepState.REVERTED for each in run.outcomes):
        yield _("What failed was left as it is: look at it in the portal.")
    else:
        yield _(
            "`driftsync sync --resume` goes on, `driftsync rollback {run}` takes back what was written."
        ).format(run=run.id)


def _became(each: StepOutcome) -> str:
    """Say how far a step has come, with the reason where there is one."""
    return _(STATES[each.state]) + (f": {translated(each.reason)}" if each.reason else "")


def _line(console: Console, text: str, *, style: str = "") -> None:
    indented(console, Text(text, style=style))
