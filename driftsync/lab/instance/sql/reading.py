"""This module reads a statement of IRIS, as people write it or as the driver sends it, into a tree of sqlglot.

The driver takes a statement apart and sends `Security . Users`, and `:%qpar(1)` for each `?` and each literal.
Names may begin with `%`; `%INTERNAL (col)` and its siblings become functions that `running` resolves.
"""

from __future__ import annotations

import re
from functools import lru_cache

import sqlglot
from sqlglot import TokenType, exp, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from driftsync.lab.contract import SqlError

SYNTAX, FATAL = -1, -400
FORMATS = {"IRIS_INTERNAL": "internal", "IRIS_EXTERNAL": "external", "IRIS_ODBCOUT": "plain"}
"""Functions that ask for a format of a column."""
SAME = frozenset({"IRIS_EXACT", "IRIS_SQLSTRING", "IRIS_SQLUPPER", "IRIS_ODBCIN", "IRIS_STRING"})
"""Functions that leave a column as it is, as far as the lab goes."""

_FUNCTIONS = "INTERNAL|EXTERNAL|ODBCOUT|ODBCIN|EXACT|SQLSTRING|SQLUPPER|STRING"
_TOKEN = re.compile(
    rf"""(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<parameter>:%qpar\s*\(\s*(?P<number>\d+)\s*\))
    |(?P<starts>%STARTSWITH\b)
    |%(?P<function>{_FUNCTIONS})\s*(?=\()
    |(?P<percent>%[A-Za-z][\w]*)
    |(?P<mark>\?)
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Iris(Dialect):
    """SQL of IRIS, once names with `%` are quoted."""

    NULL_ORDERING = "nulls_are_small"

    class Tokenizer(tokens.Tokenizer):
        """Words that the general dialect of sqlglot lacks."""

        KEYWORDS = {**tokens.Tokenizer.KEYWORDS, "TOP": TokenType.TOP}  # noqa: RUF012 - sqlglot's way


def read(text: str) -> exp.Expression:
    """Return a tree of one statement that is the caller's own. Raises SQLCODE -1."""
    return _read(text).copy()


@lru_cache(maxsize=512)
def _read(text: str) -> exp.Expression:
    count = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal count
        if match["quoted"]:
            return match["quoted"]
        if match["parameter"]:
            return f":p{match['number']}"
        if match["mark"]:
            count += 1
            return f":p{count}"
        if match["starts"]:
            return " GLOB "
        if match["function"]:
            return f"IRIS_{match['function'].upper()}"
        return f'"{match["percent"]}"'

    spelled = _TOKEN.sub(replaced, text)
    called = re.match(r"\s*(?:\{\s*)?CALL\b(.*?)(?:\}\s*)?$", spelled, re.IGNORECASE | re.DOTALL)
    if called:
        spelled = f"SELECT * FROM {called[1]}"  # noqa: S608 - a simulated database
    try:
        tree = sqlglot.parse_one(spelled, read=Iris)
    except SqlglotError as error:
        raise SqlError(SYNTAX, f"Invalid SQL statement^{text[:200]}: {str(error).splitlines()[0]}") from error
    if not isinstance(tree, exp.Expression):
        raise SqlError(SYNTAX, f"Invalid SQL statement^{text[:200]}")
    return tree
