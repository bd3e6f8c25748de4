"""This module asks several questions of a member in one statement: the SELECTs of a UNION ALL, told apart by a number.

Each costs a round trip of its own otherwise. Where a member does not take it, who asks puts the questions one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from driftsync.connections import Connection

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Question:
    """One SELECT of several."""

    columns: tuple[str, ...]
    """As SQL has them."""
    source: str
    """What follows FROM."""
    parameters: tuple[Any, ...] = ()


def ask_together(connection: Connection, questions: Sequence[Question]) -> list[Rows]:
    """Return the rows of each question. Raises `CallFailed`, or `ValueError` where the answer cannot be told apart."""
    width = max(len(each.columns) for each in questions)
    statement = " UNION ALL ".join(_select(number, each, width) for number, each in enumerate(questions))
    given = [value for each in questions for value in each.parameters]
    found: list[Rows] = [[] for _each in questions]
    for row in connection.query(statement, *given).rows:
        number = int(row[0])
        if len(row) != width + 1 or not 0 <= number < len(questions):
            raise ValueError("an answer to another question")
        found[number].append(row[1 : 1 + len(questions[number].columns)])
    return found


def _select(number: int, question: Question, width: int) -> str:
    columns = [*question.columns, *["''"] * (width - len(question.columns))]
    named = ", ".join(f"{column} AS C{place}" for place, column in enumerate(columns, 1))
    return f"SELECT {number} AS Place, {named} FROM {question.source}"  # noqa: S608 - names of declarations
