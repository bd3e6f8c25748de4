"""This module puts a plan out as text that somebody else runs: the options for it, and where the text goes."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftsync.language import N_, _, ngettext

if TYPE_CHECKING:
    from driftsync.model import Plan


class RenderForm(str, Enum):
    """In which form a plan is written; `driftsync.rendering.Form` has the same, and is loaded only when it is used."""

    MERGE_FILE = "merge-file"
    ROUTINE = "routine"
    MANIFEST = "manifest"
    CONFIG_API = "config-api"
    TASK_XML = "task-xml"
    CHECKLIST = "checklist"


RenderOption = Annotated[
    RenderForm | None,
    typer.Option(
        "--render",
        help=N_("Write the plan as text for somebody else to run; what the form cannot say is listed in it."),
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help=N_("With --render: write the text to this file.")),
]


def check_rendering(form: RenderForm | None, out: Path | None, *, as_json: bool) -> None:
    """Raise `UsageError` for options that say nothing together, before anything is read."""
    from driftsync.errors import UsageError

    if out is not None and form is None:
        raise UsageError(
            _("--out is the file of a rendering"),
            hint=_("say which: --render {forms}").format(forms="|".join(each.value for each in RenderForm)),
        )
    if form is not None and as_json:
        raise UsageError(
            _("--render and --format json both say what stdout holds"), hint=_("leave one of them out")
        )


def kept_plan(file: Path) -> Plan:
    """Return a plan that was kept, to be shown or rendered; raises `PlanRefusedError` where it may not be used any more."""
    from datetime import datetime, timezone

    from driftsync.fingerprinting import own_fingerprinter
    from driftsync.planning import check_plan, read_plan

    plan = read_plan(file)
    check_plan(plan, own_fingerprinter(), datetime.now(timezone.utc))
    return plan


def put_rendering(plan: Plan, form: RenderForm, out: Path | None, *, quiet: bool) -> None:
    """Write a plan in a form to a file or to stdout, and say on stderr how much of it the form can say."""
    from driftsync.files import write_bytes
    from driftsync.rendering import Form, render

    made = render(plan, Form(form.value))
    if out is None:
        sys.stdout.buffer.write(made.text.encode())
        sys.stdout.flush()
    else:
        write_bytes(out, made.text.encode())
    if quiet:
        return
    if out is not None:
        print(_("written: {path}").format(path=out), file=sys.stderr)
    if made.unsaid:
        count = len({each.step.label for each in made.unsaid})
        sentence = ngettext(
            "{count} step is not in it, or not wholly; it begins with the reason and the way that would work",
            "{count} steps are not in it, or not wholly; it begins with the reasons and the ways that would work",
            count,
        )
        print(sentence.format(count=count), file=sys.stderr)
