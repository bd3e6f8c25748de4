"""This module is `driftsync sync`: show what would be done to a member, and with `--apply` do it."""

from __future__ import annotations

from functools import partial

from driftsync.cli.apply_options import (
    ApplyOption,
    ConfirmOption,
    PlanFileOption,
    ResumeOption,
    YesOption,
)
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
    ItemOption,
    KeepOption,
    MemberOption,
    MirrorOption,
    OverwriteOption,
    PlanFormatOption,
    PlanKindOption,
    PruneLimitOption,
    PruneOption,
    SecretsOption,
    ToPrimaryOption,
)
from driftsync.cli.rendered import OutOption, RenderOption
from driftsync.language import N_

NAME = "sync"
HELP = N_("Show what would be done to a member to repair its drift; with --apply, do it.")


def command(
    member: MemberOption = "",
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
    from driftsync.cli.plan_options import must_be_as_agreed, must_be_for, terms_of
    from driftsync.cli.planned import exit_of_plan, plan_for
    from driftsync.cli.rendered import check_rendering, kept_plan, put_rendering
    from driftsync.cli.sources import needed_settings, one_mirror, scope_of
    from driftsync.cli.writing import put_json, show
    from driftsync.planning import read_plan
    from driftsync.reporting.plan import print_plan

    check_format(format, FORMATS)
    check_rendering(render, out, as_json=format is OutputFormat.JSON)
    configured = needed_settings(settings)
    json = format is OutputFormat.JSON
    terms = terms_of(
        kind=kind, item=item, allow=allow, prune=prune, prune_limit=prune_limit, overwrite=overwrite, keep=keep,
        adopt=adopt, include_secrets=include_secrets, to_primary=to_primary,
    )  # fmt: skip
    if plan is not None or resume:
        must_be_as_agreed(terms, exclude)
    if plan is not None and not (apply or yes or resume or confirm_within):
        must_be_for(read_plan(plan), mirror, member)
        kept = kept_plan(plan)
        if render is not None:
            put_rendering(kept, render, out, quiet=quiet)
        elif json:
            put_json(kept)
        else:
            show(partial(print_plan, plan=kept, quiet=quiet, verbose=verbose, file=plan))
        return exit_of_plan(kept)
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
            must_be_for(kept, mirror, member)
            return carry_out(
                configured, kept, from_file=True, yes=yes, within=confirm_within, json=json, quiet=quiet
            )
        return finish(configured, mirror, member, yes=yes, json=json, quiet=quiet)
    name = one_mirror(configured, mirror)
    scope = scope_of(None, exclude, configured, site_only=False)
    made = plan_for(configured, name, member, terms, scope, quiet=quiet or json)
    if apply:
        from driftsync.cli.applied import carry_out

        return carry_out(
            configured, made, from_file=False, yes=yes, within=confirm_within, json=json, quiet=quiet
        )
    if render is not None:
        put_rendering(made, render, out, quiet=quiet)
    elif json:
        put_json(made)
    else:
        show(partial(print_plan, plan=made, quiet=quiet, verbose=verbose))
    return exit_of_plan(made)
