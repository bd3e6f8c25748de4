"""This module carries a plan out for a command, finishes or takes back a run, keeps it in the store and shows it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import msgspec

from driftsync.applying.carrying_out import apply, confirm, resume, roll_back
from driftsync.applying.failures import Stopped
from driftsync.applying.ground import Carried, Ground, Opener
from driftsync.applying.holding import named_before
from driftsync.applying.journal import FOLDER, Journal, JournalError, begun, journal_of
from driftsync.applying.recalling import must_go_back, time_of
from driftsync.applying.undoing import undone, why_not
from driftsync.cli import progress
from driftsync.cli.exits import Exit
from driftsync.cli.memory import open_store, path_of_store
from driftsync.cli.planned import protected_on
from driftsync.cli.writing import put_json, show
from driftsync.connections import open_member
from driftsync.errors import PlanRefusedError, StoreError, UsageError
from driftsync.fingerprinting import own_fingerprinter
from driftsync.language import _, ngettext, translated, visible
from driftsync.model import Action, Plan, RunState, StepState
from driftsync.planning import check_plan, use_plan
from driftsync.reporting.plan import counts_of, hazards_of, print_plan
from driftsync.reporting.run import print_going_back, print_run
from driftsync.settings import Settings


def must_fit(
    *, apply: bool, plan: Path | None, yes: bool, resume: bool, confirm_within: str, render: bool
) -> None:
    """Raise `UsageError` for options that do not go together, `PlanRefusedError` for what cannot be had."""
    if confirm_within and not apply:
        raise UsageError(
            _("--confirm-within belongs to --apply"),
            hint=_("a run that was begun with it keeps it when it goes on"),
        )
    if confirm_within:
        time_of(confirm_within)  # before both members are read for nothing
    if render and (apply or resume):
        raise UsageError(
            _("what is rendered is for somebody else to run, so it is not applied here"),
            hint=_("leave out --render, or --apply"),
        )
    if resume and (apply or plan):
        raise UsageError(_("--resume finishes a run by its own plan"), hint=_("leave out --apply and --plan"))
    if apply and plan is None:
        _somebody_must_be_there()  # before both members are read for nothing
    if yes and not (apply or resume):
        raise UsageError(_("--yes belongs to --apply"), hint=_("without --apply nothing is written"))


def carry_out(
    settings: Settings, plan: Plan, *, from_file: bool, yes: bool, within: str, json: bool, quiet: bool
) -> int:
    """Carry a plan out once it was agreed to. Raises `PlanRefusedError`, with nothing written."""
    own = own_fingerprinter()
    check_plan(plan, own, datetime.now(timezone.utc))
    ground = replace(ground_for(settings, plan), within=time_of(within) if within else None)
    if within:
        must_go_back(plan)
    if not plan.actions:
        if json:
            put_json(plan)
        else:
            show(partial(print_plan, plan=plan, quiet=quiet))
        return _with_the_rest(plan, Exit.CLEAN)
    if not _agreed(plan, from_file=from_file, yes=yes, json=json):
        print(_("Nothing was written to any member."), file=sys.stderr)
        return Exit.REFUSED
    carried = _shown(plan, lambda tell: apply(plan, _telling(ground, tell)), quiet=quiet)
    return _end(settings, plan, carried, json=json, quiet=quiet)


def finish(settings: Settings, mirror: str, member: str, *, yes: bool, json: bool, quiet: bool) -> int:
    """Finish the last run that was cut off, of one member where one is named."""
    folder = folder_of(settings)
    later: set[str] = set()
    for journal in begun(folder):
        plan = journal.plan
        fits = mirror in {"", plan.mirror} and member in {"", plan.member.name}
        if not fits or not (journal.touched or journal.waits) or plan.member.name in later:
            continue
        later.add(plan.member.name)  # what was written since makes the plan of an older run an old one
        if journal.state in {RunState.RUNNING, RunState.FAILED}:
            _must_be_wanted_still(plan, yes=yes)
            carried = _shown(plan, partial(_resumed, settings, journal.run, folder), quiet=quiet)
            return _end(settings, plan, carried, json=json, quiet=quiet)
    raise UsageError(
        _("no run was cut off"),
        hint=_("`driftsync history` lists the runs, `driftsync sync` makes a new plan"),
    )


def confirm_run(settings: Settings, run: str, *, json: bool, quiet: bool) -> int:
    """Confirm a run, and keep in the store what became of it."""
    found = confirm(run, partial(ground_for, settings), folder_of(settings))
    _keep(settings, found.carried)
    if json:
        put_json(found.carried.run)
    if found.late:
        raise Stopped(found.said, hint=found.hint)
    if not quiet and not json:
        print(visible(translated(found.said)))
    return Exit.CLEAN


def take_back(settings: Settings, run: str, *, yes: bool, json: bool, quiet: bool, verbose: bool) -> int:
    """Take a run back, once it was agreed to."""
    folder = folder_of(settings)
    journal = Journal.read(journal_of(folder, run))
    plan = journal.plan
    taken = [
        action
        for action in plan.actions
        if (step := journal.steps.get(action.number))
        and step.state not in {StepState.PLANNED, StepState.REVERTED}
    ]
    if not quiet:
        show(
            partial(
                print_going_back,
                journaled=plan,
                steps=[_turned(each, journal) for each in reversed(taken)],
                verbose=verbose,
            ),
            beside=True,
        )
    question = ngettext(
        "Take back {count} step on {member}?", "Take back {count} steps on {member}?", len(taken)
    ).format(count=len(taken), member=plan.member.name)
    if not yes and not _asked(question, _("on a terminal it is asked for; elsewhere say --yes")):
        print(_("Nothing was written to any member."), file=sys.stderr)
        return Exit.REFUSED
    carried = _shown(plan, partial(_taken_back, settings, run, folder), quiet=quiet)
    return _end(settings, plan, carried, json=json, quiet=quiet)


def _turned(action: Action, journal: Journal) -> Action:
    """Return a step turned round, to be shown, with what of it no one can take back."""
    kept = journal.kept.get(action.number, {})
    back = undone(action, None, kept)
    return msgspec.structs.replace(back, note=why_not(action) or named_before(kept))


def folder_of(settings: Settings | None) -> Path:
    """Return where journals are kept: beside the store."""
    return path_of_store(settings).parent / FOLDER


def ground_for(settings: Settings, plan: Plan) -> Ground:
    """Return where a run takes place. Raises `PlanRefusedError` for a plan of members that do not run or are not known."""
    for side in (plan.member, plan.primary):
        if side.name not in settings.member or not settings.is_live(side.name):
            raise PlanRefusedError(
                _("{member} is no running member in {path}").format(member=side.name, path=settings.path),
                hint=_(
                    "a plan made from files can be read and rendered; applied it is only between running members"
                ),
            )
    return Ground(
        _opener(settings, plan.member.name),
        _opener(settings, plan.primary.name),
        folder_of(settings),
        own_fingerprinter(),
        settings.member[plan.member.name].paths,
        settings.member[plan.primary.name].paths,
        others=_others(settings, plan),
        protected=protected_on(settings, plan.member.name),
        spend=_spend,
    )


def _others(settings: Settings, plan: Plan) -> dict[str, Opener]:
    """Return how the other running members of the mirror are reached, by name."""
    mirror = settings.mirror_of(plan.member.name)
    names = settings.members_of(mirror) if mirror else []
    apart = {plan.member.name, plan.primary.name}
    return {
        name: _opener(settings, name)
        for name in names
        if name in settings.member and settings.is_live(name) and name not in apart
    }


def _spend(plan: Plan) -> None:
    """Mark a plan as used, unless it was used or has expired while somebody thought about it."""
    now = datetime.now(timezone.utc)
    check_plan(plan, own_fingerprinter(), now)
    use_plan(plan, now)


def _resumed(settings: Settings, run: str, folder: Path, tell: progress.Tell) -> Carried:
    return resume(run, lambda plan: _telling(ground_for(settings, plan), tell), folder)


def _taken_back(settings: Settings, run: str, folder: Path, tell: progress.Tell) -> Carried:
    return roll_back(run, lambda plan: _telling(ground_for(settings, plan), tell), folder)


def _opener(settings: Settings, name: str) -> Opener:
    login = settings.login_of(name)
    return lambda: open_member(login, name, settings.path.parent)


def _telling(ground: Ground, tell: progress.Tell) -> Ground:
    return replace(ground, progress=tell)


def _shown(plan: Plan, carry: Callable[[progress.Tell], Carried], *, quiet: bool) -> Carried:
    with progress.shown(plan.member.name, len(plan.actions), quiet=quiet) as tell:
        return carry(tell)


def _agreed(plan: Plan, *, from_file: bool, yes: bool, json: bool) -> bool:
    """Ask on a terminal, with counts and hazards; elsewhere a plan that somebody looked at and `--yes` are needed."""
    if yes and from_file:
        return True
    _somebody_must_be_there()
    show(partial(print_plan, plan=plan, to_be_asked=True), beside=json)
    hazards = hazards_of(plan) or _("no hazards")
    print(f"\n  {counts_of(plan)}\n  {hazards}", file=sys.stderr)
    question = ngettext(
        "Carry out {count} step on {member}?", "Carry out {count} steps on {member}?", len(plan.actions)
    ).format(count=len(plan.actions), member=plan.member.name)
    return yes or _asked(question, "")


def _must_be_wanted_still(plan: Plan, *, yes: bool) -> None:
    """Ask whether a run is to be finished whose plan has expired: the primary may be another by now."""
    try:
        expired = datetime.fromisoformat(plan.expires_at) <= datetime.now(timezone.utc)
    except ValueError:
        expired = True
    if not expired or yes:
        return
    question = _("Its plan expired at {when}: finish the run on {member} nevertheless?").format(
        when=plan.expires_at, member=plan.member.name
    )
    if not _asked(question, _("say --yes, or take it back with `driftsync rollback`")):
        raise PlanRefusedError(
            _("nothing more was written to {member}").format(member=plan.member.name),
            hint=_("`driftsync rollback` takes back what was written; then make a new plan"),
        )


def _somebody_must_be_there() -> None:
    if not _is_terminal():
        raise UsageError(
            _("nobody is there to agree to this plan"),
            hint=_("without a terminal it needs --plan FILE --yes: a plan that somebody has looked at"),
        )


def _asked(question: str, elsewhere: str) -> bool:
    if not _is_terminal():
        raise UsageError(_("nobody is there to agree to it"), hint=elsewhere)
    print(f"{visible(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes", _("yes").casefold()}


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _end(settings: Settings, plan: Plan, carried: Carried, *, json: bool, quiet: bool) -> int:
    _keep(settings, carried)
    for said in carried.told:
        print(f"! {visible(translated(said))}", file=sys.stderr)
    if json:
        put_json(carried.run)
    else:
        left = len(plan.withheld) + len(plan.conflicts)
        show(partial(print_run, run=carried.run, round_trips=carried.round_trips, left=left, quiet=quiet))
    if carried.run.state not in {RunState.DONE, RunState.UNCONFIRMED, RunState.REVERTED}:
        return Exit.FAILED
    return Exit.CLEAN if carried.run.state is RunState.REVERTED else _with_the_rest(plan, Exit.CLEAN)


def _keep(settings: Settings, carried: Carried) -> None:
    try:
        with open_store(settings) as store, store.writing():
            store.keep_applied(carried.run)
    except (StoreError, JournalError) as error:
        print(
            _("the run is in its own record, not in the store: {why}").format(why=error.message),
            file=sys.stderr,
        )


def _with_the_rest(plan: Plan, exit_: Exit) -> Exit:
    """Return the exit, or that something was left: conflicts are drift, what is withheld makes it incomplete."""
    if plan.conflicts:
        return Exit.DRIFT
    return exit_ if plan.complete and not plan.withheld else Exit.INCOMPLETE
