"""This package writes a plan as text that somebody else runs, where no tool may write.

A rendering says of every step what its form can say, and lists the rest with the reason and a way that would work.
Every one of them reads the same actions as `applying` does, and none looks at the drift again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from driftsync.language import english as _
from driftsync.language import translated
from driftsync.model import Plan, Sort
from driftsync.rendering import checklist, config_api, manifest, merge_file, routine, task_xml
from driftsync.rendering.heading import Tongue
from driftsync.rendering.steps import Said, Step, Unsaid, nothing, steps_of

__all__ = ["Form", "Rendered", "Unsaid", "render"]


class Form(Enum):
    """In which form a plan is written; the values are what `--render` takes."""

    MERGE_FILE = "merge-file"
    ROUTINE = "routine"
    MANIFEST = "manifest"
    CONFIG_API = "config-api"
    TASK_XML = "task-xml"
    CHECKLIST = "checklist"

    @property
    def suffix(self) -> str:
        """Return what the name of a file of this form ends with."""
        return _WRITERS[self].suffix


@dataclass(frozen=True)
class _Writer:
    say: Callable[[Step], Said]
    text: Callable[[Plan, Iterable[Said], Tongue], str]
    suffix: str
    arrange: Callable[[list[Said]], list[Said]] = list
    """Leaves out what the order of the form does not allow."""
    shows: bool = False
    """Whether it can show a step in such a way that it is not carried out: as a comment, or in words."""
    words: bool = False
    """Whether it is for people, who can look a value up where the plan holds none."""
    code: bool = False
    """Whether it is program text, which is English and ASCII: nobody knows how a member reads other letters."""


_WRITERS: Mapping[Form, _Writer] = MappingProxyType(
    {
        Form.MERGE_FILE: _Writer(merge_file.say, merge_file.text, ".cpf", shows=True),
        Form.ROUTINE: _Writer(routine.say, routine.text, ".mac", shows=True, code=True),
        Form.MANIFEST: _Writer(manifest.say, manifest.text, ".cls", code=True),
        Form.CONFIG_API: _Writer(config_api.say, config_api.text, ".json", arrange=config_api.arranged),
        Form.TASK_XML: _Writer(task_xml.say, task_xml.text, ".xml"),
        Form.CHECKLIST: _Writer(checklist.say, checklist.text, ".txt", shows=True, words=True),
    }
)

ONLY_SHOWN = _("it is withheld, and this form cannot show it without carrying it out")
NOTHING = _("the plan says of it nothing that this form could write")
BY_HAND = _("do it by hand: {page}")
BY_FORM = _("render it as {forms}")


@dataclass(frozen=True)
class Rendered:
    """The text, and what it does not say."""

    text: str
    steps: int
    said: int
    """Steps of which it says at least something."""
    unsaid: tuple[Unsaid, ...]

    @property
    def complete(self) -> bool:
        """Whether it says all of the plan's steps."""
        return not self.unsaid


def render(plan: Plan, form: Form) -> Rendered:
    """Write a plan in one form."""
    writer = _WRITERS[form]
    said = [_advised(one, form) for one in writer.arrange([_say(writer, step) for step in steps_of(plan)])]
    return Rendered(
        text=writer.text(plan, said, str if writer.code else translated),
        steps=len(said),
        said=sum(each.body is not None for each in said),
        unsaid=tuple(unsaid for each in said for unsaid in each.unsaid),
    )


def _say(writer: _Writer, step: Step) -> Said:
    """Say a step; what was withheld only where it can be shown without being done."""
    if step.withheld and not writer.shows:
        return nothing(step, ONLY_SHOWN)
    if step.withheld and step.sort is Sort.CREATE and not step.about.sets and not writer.words:
        return nothing(step, NOTHING)
    return writer.say(step)


def _advised(said: Said, form: Form) -> Said:
    """Say with everything unsaid which way would work."""
    if said.body is None and not said.unsaid:
        said = nothing(said.step, NOTHING)
    if not said.unsaid:
        return said
    others = {other: _say(_WRITERS[other], said.step) for other in Form if other is not form}
    return replace(said, unsaid=tuple(replace(each, do=_way(each, others)) for each in said.unsaid))


def _way(unsaid: Unsaid, others: Mapping[Form, Said]) -> str:
    wanted = set(unsaid.properties)
    able = [
        form.value
        for form, other in others.items()
        if form is not Form.CHECKLIST
        and other.body is not None
        and not any(
            wanted & set(each.properties) or not each.properties or not wanted for each in other.unsaid
        )
    ]
    if able:
        return BY_FORM.format(forms=", ".join(able))
    return BY_HAND.format(page=unsaid.step.page)
