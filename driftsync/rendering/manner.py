"""This module says how a step in ObjectScript ends, and how it asks for one value: where there are labels, and on one line."""

from __future__ import annotations

from typing import Protocol

from driftsync.rendering.object_script import literal


class Manner(Protocol):
    """What the calls of a step stand in."""

    def must(self, call: str) -> str:
        """Return the line that makes a call whose status ends the step where it is an error."""
        ...

    def ends(self, call: str, reason: str = "") -> str:
        """Return the statements that end the step with the status of a call, or with 1 or 0 and why."""
        ...

    def only(self, target: str, statement: str, *values: str) -> list[str]:
        """Return the lines that set `target` to the first column of the only row: nothing where there is none, ? for several."""
        ...


class OfARoutine:
    """Labels of the same routine do it."""

    def must(self, call: str) -> str:
        return f"if $$FAILED(title, {call}) {{ return 0 }}"

    def ends(self, call: str, reason: str = "") -> str:
        return (
            f"return $$SAID(title, {call}, {literal(reason)})" if reason else f"return $$SAID(title, {call})"
        )

    def only(self, target: str, statement: str, *values: str) -> list[str]:
        return [f"set {target} = $$ONLY({', '.join(map(literal, (statement, *values)))})"]


class OfOneLine:
    """All of it stands in one line, in the block of a FOR that runs once: QUIT leaves the step, and nothing else."""

    def must(self, call: str) -> str:
        return f"set ended = {call} if 'ended {{ quit }}"

    def ends(self, call: str, reason: str = "") -> str:
        return (
            f"set ended = {call}, reason = {literal(reason)} quit" if reason else f"set ended = {call} quit"
        )

    def only(self, target: str, statement: str, *values: str) -> list[str]:
        given = ", ".join(map(literal, (statement, *values)))
        return [
            f"set rows = ##class(%SQL.Statement).%ExecDirect(, {given})",
            "if rows.%SQLCODE < 0 { set ended = 0, reason = rows.%Message quit }",
            'set only = ""',
            "if rows.%Next() { set only = rows.%GetData(1) }",
            'if rows.%Next() { set only = "?" }',
            f"set {target} = only",
        ]


ROUTINE = OfARoutine()
ONE_LINE = OfOneLine()
