"""This module declares the options of a plan: which member, what it is about, and what is allowed by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.cli.options import OutputFormat, format_option
from driftsync.language import N_, _

if TYPE_CHECKING:
    from driftsync.model import Hazard, Plan, Terms


FORMATS = (OutputFormat.TERMINAL, OutputFormat.JSON)
"""What a plan, and what became of it, can look like."""

MemberOption = Annotated[
    str,
    typer.Option(
        "--member", metavar="NAME", help=N_("The member that the plan is for; default: the backup.")
    ),
]
MembersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--member",
        metavar="NAME",
        help=N_(
            "A member to plan for; may be repeated: one after the other, the backup first. Default: the backup."
        ),
    ),
]
MirrorOption = Annotated[
    str,
    typer.Option("--mirror", metavar="NAME", help=N_("In this mirror, where the settings have several.")),
]
PlanKindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help=N_("Plan only for this kind; may be repeated.")),
]
ItemOption = Annotated[
    list[str] | None,
    typer.Option("--item", metavar="KEY", help=N_("Plan only for this item; may be repeated.")),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="HAZARD",
        help=N_(
            "Allow a hazard that is withheld or refused otherwise: needs-restart, agent-at-work, unseen-member; may be repeated."
        ),
    ),
]
PruneOption = Annotated[
    list[str] | None,
    typer.Option(
        "--prune",
        metavar="KIND[:KEY]",
        help=N_("Delete what only the member has: of a kind, or one item; may be repeated."),
    ),
]
PruneLimitOption = Annotated[
    int, typer.Option("--prune-limit", metavar="N", min=0, help=N_("How many items one plan may delete."))
]
OverwriteOption = Annotated[
    list[str] | None,
    typer.Option(
        "--overwrite",
        metavar="KEY",
        help=N_("Take the primary's although somebody changed it on the member; may be repeated."),
    ),
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--keep", metavar="KEY", help=N_("Leave this item out, as the member has it; may be repeated.")
    ),
]
AdoptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--adopt",
        metavar="KIND",
        help=N_("Take the primary's for items of this kind that were never seen to agree; may be repeated."),
    ),
]
SecretsOption = Annotated[
    bool,
    typer.Option(
        "--include-secrets",
        help=N_("Carry secrets (password hashes) from the primary, in memory only; never one-time keys."),
    ),
]
ToPrimaryOption = Annotated[
    bool,
    typer.Option(
        "--to-primary",
        help=N_("The member that is named is the primary: plan for it, by what another member has."),
    ),
]
FromOption = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="NAME",
        help=N_("With --to-primary: the member whose items the primary is to get, where there are several."),
    ),
]
PlanFormatOption = Annotated[OutputFormat, format_option(FORMATS)]


def terms_of(
    *,
    kind: list[str] | None,
    item: list[str] | None,
    allow: list[str] | None,
    prune: list[str] | None,
    prune_limit: int,
    overwrite: list[str] | None,
    keep: list[str] | None,
    adopt: list[str] | None,
    include_secrets: bool,
    to_primary: bool,
) -> Terms:
    """Return the terms; raises `UsageError` for a word that names nothing."""
    from driftsync.cli.sources import check_kind
    from driftsync.errors import UsageError
    from driftsync.kinds import folded
    from driftsync.model import Terms

    for name in (*(kind or []), *(adopt or []), *(each for each in prune or [] if ":" not in each)):
        check_kind(name)
    keys = (*(item or []), *(overwrite or []), *(keep or []), *(each for each in prune or [] if ":" in each))
    for key in keys:
        _check_key(key)
    both = {folded(each) for each in overwrite or []} & {folded(each) for each in keep or []}
    if both:
        raise UsageError(
            _("{key} cannot be both overwritten and kept").format(key=min(both)), hint=_("say one of the two")
        )
    return Terms(
        kinds=kind or [],
        items=item or [],
        allow=[_hazard(each) for each in allow or []],
        prune=prune or [],
        prune_limit=prune_limit,
        overwrite=overwrite or [],
        keep=keep or [],
        adopt=adopt or [],
        include_secrets=include_secrets,
        to_primary=to_primary,
    )


def must_be_as_agreed(terms: Terms, exclude: list[str] | None, source: str) -> None:
    """Raise `UsageError` for words that would choose among the steps of a plan that was made already."""
    from driftsync.errors import UsageError
    from driftsync.model import Terms

    if terms != Terms() or exclude or source:
        raise UsageError(
            _("a plan that was made is carried out as it is, or not at all"),
            hint=_("these words belong to `driftsync plan`: make a new plan with them"),
        )


def only_one(members: list[str] | None) -> None:
    """Raise `UsageError` where several members are named for what is about one."""
    from driftsync.errors import UsageError

    if len(set(members or [])) > 1:
        raise UsageError(
            _("this is for one member at a time, and {names} were named").format(
                names=", ".join(members or [])
            ),
            hint=_("name one with --member; several go together with --apply, or to be looked at"),
        )


def must_be_for(plan: Plan, mirror: str, member: str) -> None:
    """Raise `UsageError` where a plan is for another member than the one that is named."""
    from driftsync.errors import UsageError

    if mirror not in {"", plan.mirror} or member not in {"", plan.member.name}:
        raise UsageError(
            _("this plan is for {member} of mirror {mirror}").format(
                member=plan.member.name, mirror=plan.mirror
            ),
            hint=_("name that one, or none"),
        )


def _check_key(key: str) -> None:
    from driftsync.cli.sources import check_kind
    from driftsync.errors import UsageError
    from driftsync.kinds import parse_key

    check_kind(key.partition(":")[0])
    try:
        parse_key(key)
    except ValueError:
        raise UsageError(
            _("{key} is no key of an item").format(key=key),
            hint=_("write it as it is printed: role:Payroll, global-mapping:APP/Order(1)"),
        ) from None


def _hazard(word: str) -> Hazard:
    from driftsync.errors import UsageError
    from driftsync.model import Hazard

    allowed = [Hazard.NEEDS_RESTART, *(each for each in Hazard if each.of_whole)]
    if word not in {each.value for each in allowed}:
        raise UsageError(
            _("{word} is no hazard that can be allowed").format(word=word),
            hint=_("it can be: {words}").format(words=", ".join(each.value for each in allowed)),
        )
    return Hazard(word)
