"""This module prints a run: what was written and proven, what was not and why, what it cost, and how to take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from driftsync.language import N_, _, ngettext, translated, visible
from driftsync.model import Run, RunState, StepState

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


BACK = frozenset({RunState.REVERTED, RunState.RECALLED})


def print_run(console: Console, run: Run, *, round_trips: int, quiet: bool = False) -> None:
    """Print what became of each step that did not end as it was to; `quiet` leaves the counts."""
    title = _("run {run} on {member}: {state}").format(
        run=run.id, member=run.member, state=_(RUNS[run.state])
    )
    console.print(Text(f"━━ {visible(title)} ━━", style="bold"))
    counts = Counter(each.state for each in run.outcomes)
    _indented(
        console, _(", ").join(f"{counts[state]} {_(STATES[state])}" for state in StepState if counts[state])
    )
    if quiet:
        return
    wanted = StepState.REVERTED if run.state in BACK else StepState.VERIFIED
    for each in run.outcomes:
        if each.state is not wanted and (each.reason or each.state is not StepState.PLANNED):
            reason = f": {translated(each.reason)}" if each.reason else ""
            line = f"{each.number:5} {each.sort.sign} {each.key}  {_(STATES[each.state])}{reason}"
            console.print(Text(visible(line), style="red" if each.state is StepState.FAILED else ""))
    _indented(
        console,
        ngettext("{count} round trip", "{count} round trips", round_trips).format(count=round_trips),
        style="dim",
    )
    for line in _next(run):
        _indented(console, visible(line))


def _next(run: Run) -> Iterator[str]:
    """Yield what to do now."""
    if not run.compared_again:
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
    elif run.state in BACK:
        yield _("Read again, the member is as it was before the run.")
    elif any(each.state is StepState.REVERTED for each in run.outcomes):
        yield _("What failed was left as it is: look at it in the portal.")
    else:
        yield _(
            "`driftsync sync --resume` goes on, `driftsync rollback {run}` takes back what was written."
        ).format(run=run.id)


def _indented(console: Console, text: str, *, style: str = "") -> None:
    console.print(Padding(Text(text, style=style), (0, 0, 0, 2), expand=False))
