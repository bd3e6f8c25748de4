"""This module is `driftsync sync`: show what would be done to a member, and with `--apply` do it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from driftsync.cli.apply_options import (
    ApplyOption,
    ConfirmOption,
    PlanFileOption,
    ResumeOption,
    YesOption,
)
from driftsync.cli.exits import Exit, first_that_applies
from driftsync.cli.options import (
    ExcludeOption,
    OutputFormat,
    QuietOption,
    SettingsOption,
    VerboseOption,
    check_format,
)
from driftsync.cli.plan_options import (
    FORMATS,
    AdoptOption,
    AllowOption,
    FromOption,
    ItemOption,
    KeepOption,
    MembersOption,
    MirrorOption,
    OverwriteOption,
    PlanFormatOption,
    PlanKindOption,
    PruneLimitOption,
    PruneOption,
    SecretsOption,
    ToPrimaryOption,
)
from driftsync.cli.rendered import OutOption, RenderForm, RenderOption
from driftsync.language import N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from driftsync.model import Plan

HELP = N_("Show what would be done to a member to repair its drift; with --apply, do it.")


def command(
    member: MembersOption = None,
    mirror: MirrorOption = "",
    kind: PlanKindOption = None,
    item: ItemOption = None,
    exclude: ExcludeOption = None,
    allow: AllowOption = None,
    prune: PruneOption = None,
    prune_limit: PruneLimitOption = 10,
    overwrite: OverwriteOption = None,
    keep: KeepOption = None,
    adopt: AdoptOption = None,
    include_secrets: SecretsOption = False,
    to_primary: ToPrimaryOption = False,
    source: FromOption = "",
    render: RenderOption = None,
    out: OutOption = None,
    apply: ApplyOption = False,
    plan: PlanFileOption = None,
    yes: YesOption = False,
    resume: ResumeOption = False,
    confirm_within: ConfirmOption = "",
    format: PlanFormatOption = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync sync`."""
    from driftsync.cli.plan_options import must_be_as_agreed, must_be_for, only_one, terms_of
    from driftsync.cli.planned import in_turn, plan_for
    from driftsync.cli.rendered import check_rendering, kept_plan
    from driftsync.cli.sources import needed_settings, one_mirror, scope_of
    from driftsync.planning import read_plan

    check_format(format, FORMATS)
    check_rendering(render, out, as_json=format is OutputFormat.JSON)
    configured = needed_settings(settings)
    json = format is OutputFormat.JSON
    terms = terms_of(
        kind=kind, item=item, allow=allow, prune=prune, prune_limit=prune_limit, overwrite=overwrite, keep=keep,
        adopt=adopt, include_secrets=include_secrets, to_primary=to_primary,
    )  # fmt: skip
    if plan is not None or resume or render is not None or json or to_primary:
        only_one(member)
    named = (member or [""])[0]
    put = partial(_put, render=render, out=out, json=json, quiet=quiet, verbose=verbose)
    if plan is not None or resume:
        must_be_as_agreed(terms, exclude, source)
    if plan is not None and not (apply or yes or resume or confirm_within):
        must_be_for(read_plan(plan), mirror, named)
        return put(kept_plan(plan), file=plan)
    if apply or plan or yes or resume or confirm_within:
        from driftsync.cli.applied import must_fit

        must_fit(
            apply=apply,
            plan=plan,
            yes=yes,
            resume=resume,
            confirm_within=confirm_within,
            render=render is not None,
        )
    if resume or plan is not None:
        from driftsync.cli.applied import carry_out, finish

        if plan is not None:
            kept = read_plan(plan)
            must_be_for(kept, mirror, named)
            return carry_out(
                configured, kept, from_file=True, yes=yes, within=confirm_within, json=json, quiet=quiet
            )
        return finish(configured, mirror, named, yes=yes, json=json, quiet=quiet)
    name = one_mirror(configured, mirror)
    scope = scope_of(None, exclude, configured, site_only=False)
    turns = in_turn(configured, name, member or [""], quiet=quiet or json)
    ends: list[Exit] = []
    for place, each in enumerate(turns):
        made = plan_for(configured, name, each, terms, scope, source=source, quiet=quiet or json)
        if apply:
            from driftsync.cli.applied import carry_out

            end = carry_out(
                configured, made, from_file=False, yes=yes, within=confirm_within, json=json, quiet=quiet
            )
            ends.append(Exit(end))
            if ends[-1] in {Exit.FAILED, Exit.REFUSED}:
                _not_begun(turns[place + 1 :], each)
                break
            continue
        ends.append(put(made))
    return first_that_applies(ends)


def _put(
    made: Plan,
    *,
    render: RenderForm | None,
    out: Path | None,
    json: bool,
    quiet: bool,
    verbose: bool,
    file: Path | None = None,
) -> Exit:
    """Show a plan in the form that was asked for, and return how it ends; `file` is where it is kept."""
    from driftsync.cli.planned import exit_of_plan
    from driftsync.cli.rendered import put_rendering
    from driftsync.cli.writing import put_json, show
    from driftsync.reporting.plan import print_plan

    if render is not None:
        put_rendering(made, render, out, quiet=quiet)
    elif json:
        put_json(made)
    else:
        show(partial(print_plan, plan=made, quiet=quiet, verbose=verbose, file=file))
    return exit_of_plan(made)


def _not_begun(members: list[str], last: str) -> None:
    """Say which members were left alone because one before them did not come to its end."""
    for name in members:
        print(_("{member}: not begun, see to {last} first").format(member=name, last=last), file=sys.stderr)
