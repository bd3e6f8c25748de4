"""This module is `driftsync plan`: what would bring a member back into line, as a sealed file that can be applied once."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

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
from driftsync.language import N_, _

HELP = N_("Plan what would bring a member back into line with its primary; nothing is written to it.")


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
    source: FromOption = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=N_("Write the plan to this file, sealed: it can be used once, until it expires."),
        ),
    ] = None,
    format: PlanFormatOption = OutputFormat.TERMINAL,
    settings: SettingsOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> int:
    """Carry out `driftsync plan`."""
    from driftsync.cli.plan_options import terms_of
    from driftsync.cli.planned import exit_of_plan, plan_for
    from driftsync.cli.sources import needed_settings, one_mirror, scope_of
    from driftsync.cli.writing import put_json, show
    from driftsync.planning import write_plan
    from driftsync.reporting.plan import print_plan

    check_format(format, FORMATS)
    configured = needed_settings(settings)
    name = one_mirror(configured, mirror)
    terms = terms_of(
        kind=kind, item=item, allow=allow, prune=prune, prune_limit=prune_limit, overwrite=overwrite, keep=keep,
        adopt=adopt, include_secrets=include_secrets, to_primary=to_primary,
    )  # fmt: skip
    scope = scope_of(None, exclude, configured, site_only=False)
    made = plan_for(
        configured, name, member, terms, scope, source=source, quiet=quiet or format is OutputFormat.JSON
    )
    if output is not None:
        write_plan(made, output)
        if not quiet:
            print(_("written: {path}").format(path=output), file=sys.stderr)
    if format is OutputFormat.JSON:
        put_json(made)
    else:
        show(partial(print_plan, plan=made, quiet=quiet, verbose=verbose, file=output))
    return exit_of_plan(made)
