"""This module says in ObjectScript what must be so before anything is done: the right member, in its role, left in peace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftsync.kinds.written import in_cpf
from driftsync.model import MemberRole, Plan
from driftsync.rendering.object_script import literal
from driftsync.rendering.steps import Step


def problems(plan: Plan, steps: Iterable[Step]) -> Iterator[str]:
    """Yield lines that return the first problem as a text, and go on where there is none."""
    yield "; Says what forbids to begin, nothing where all is as it was when the plan was made."
    yield _if('$namespace \'= "%SYS"', "change to the namespace %SYS first")
    if plan.mirror:
        yield _if(
            f"##class(%SYSTEM.Mirror).MirrorName() '= {literal(plan.mirror)}",
            "this instance is no member of the mirror",
        )
    if plan.member.role is MemberRole.PRIMARY:
        yield _if("'##class(%SYSTEM.Mirror).IsPrimary()", "this is not the primary")
    else:
        yield _if("##class(%SYSTEM.Mirror).IsPrimary()", "this member is the primary now: make a new plan")
    if plan.member.instance:
        name = literal(plan.member.instance.upper())
        yield "set own = ##class(Config.MirrorMember).Open()"
        yield _if(
            f"'$isobject(own) || ($zconvert(own.SystemName, \"U\") '= {name})", "this is another member"
        )
    if any(in_cpf(step.kind.iris_class) for step in steps):
        yield _if(
            "##class(Config.CPF).CPFFileNeedsActivation(.message)",
            "the CPF was edited and awaits activation",
        )


def _if(condition: str, problem: str) -> str:
    return f"if {condition} {{ return {literal(problem)} }}"
