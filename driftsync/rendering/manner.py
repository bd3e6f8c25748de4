"""This module says how a step in ObjectScript ends, and how it asks for one value: where there are labels, and on one line."""

from __future__ import annotations

from dataclasses import dataclass

from driftsync.rendering.object_script import literal


@dataclass(frozen=True, kw_only=True)
class Manner:
    """What the calls of a step stand in; `<call>`, `<reason>`, `<target>` and `<given>` are filled in."""

    tried: str
    """A call whose status ends the step where it is an error."""
    ended: str
    """The end of the step by the status of a call, or by 1 or 0."""
    ended_because: str
    """The same with a reason in words."""
    asked: tuple[str, ...]
    """What sets a variable to the first column of the only row: nothing where there is none, ? for several."""

    def must(self, call: str) -> str:
        """Return the line that makes a call whose status ends the step where it is an error."""
        return self.tried.replace("<call>", call)

    def ends(self, call: str, reason: str = "") -> str:
        """Return the statements that end the step with the status of a call, or with 1 or 0 and why."""
        form = self.ended_because.replace("<reason>", literal(reason)) if reason else self.ended
        return form.replace("<call>", call)

    def only(self, target: str, statement: str, *values: str) -> list[str]:
        """Return the lines that set `target` to the first column of the only row."""
        given = ", ".join(map(literal, (statement, *values)))
        return [line.replace("<target>", target).replace("<given>", given) for line in self.asked]


ROUTINE = Manner(
    tried="if $$FAILED(title, <call>) { return 0 }",
    ended="return $$SAID(title, <call>)",
    ended_because="return $$SAID(title, <call>, <reason>)",
    asked=("set <target> = $$ONLY(<given>)",),
)
"""Labels of the same routine do it."""
ONE_LINE = Manner(
    tried="set ended = <call> if 'ended { quit }",
    ended="set ended = <call> quit",
    ended_because="set ended = <call>, reason = <reason> quit",
    asked=(
        "set rows = ##class(%SQL.Statement).%ExecDirect(, <given>)",
        "if rows.%SQLCODE < 0 { set ended = 0, reason = rows.%Message quit }",
        'set only = ""',
        "if rows.%Next() { set only = rows.%GetData(1) }",
        'if rows.%Next() { set only = "?" }',
        "set <target> = only",
    ),
)
"""All of it stands in one line, in the block of a FOR that runs once: QUIT leaves the step, and nothing else."""
