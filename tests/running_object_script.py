"""A small reader of ObjectScript that carries a rendered routine out on a member of the lab, and knows nothing of its writer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from driftsync.lab.contract import Argument, ObjectReference
from driftsync.lab.instance.errors import StatusError, error_text
from driftsync.lab.instance.filling import modify
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.values import encode_list

TOKEN = re.compile(
    r'"(?:[^"]|"")*"|\d+|\$\$\w+|##class\([\w.%]+\)|\$?%?[A-Za-z]\w*|\|\||&&|\'=|[-_=<>\'()\[\]{}.,:+]|\S'
)
ARRAYS = {"Modify": 1}
"""Methods that take a local array, and which of their arguments it is."""


class Returned(Exception):  # noqa: N818 - how a label ends
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Routine:
    """A routine, its labels, and the session on which it runs."""

    def __init__(self, text: str, session: SimulatedSession) -> None:
        self.session, self.written = session, ""
        self.labels = {
            name: (re.findall(r"(\w+)(?: = \"\")?(?:, |$)", formal), body.splitlines())
            for name, formal, body in re.findall(
                r"^(\w+)\(([^)\n]*)\) PUBLIC\n\{\n(.*?)^\}", text, re.DOTALL | re.MULTILINE
            )
        }

    def call(self, label: str, *given: Any) -> Any:
        formal, lines = self.labels[label]
        names: dict[str, Any] = dict.fromkeys(formal, "")
        names |= dict(zip(formal, given, strict=False))
        try:
            _Block(self, names, lines).run(0, len(lines))
        except Returned as returned:
            return returned.value
        raise AssertionError(f"{label} ended without return")


class _Block:
    def __init__(self, routine: Routine, names: dict[str, Any], lines: list[str]) -> None:
        self.routine, self.names = routine, names
        self.lines = [line.split("    ; ")[0].strip() if '"' not in line else line.strip() for line in lines]

    def run(self, start: int, end: int) -> None:
        place = start
        while place < end:
            line = self.lines[place]
            if line.startswith(";") or not line:
                place += 1
            elif line in {"try {", "catch error {"} or (line.endswith("{") and line.startswith("if ")):
                closing = self._closing(place)
                if line == "try {" or (line.startswith("if ") and self._value(line[3:-1])):
                    self.run(place + 1, closing)
                place = closing + 1
            else:
                self._statement(line)
                place += 1

    def _closing(self, start: int) -> int:
        depth = 0
        for place in range(start, len(self.lines)):
            bare = re.sub(r'"(?:[^"]|"")*"', "", self.lines[place])
            depth += bare.count("{") - bare.count("}")
            if depth == 0:
                return place
        raise AssertionError("a block is never closed")

    def _statement(self, line: str) -> None:
        word, _blank, rest = line.partition(" ")
        if word == "set":
            for target, expression in _assignments(rest):
                self._set(target, self._value(expression))
        elif word == "return":
            raise Returned(self._value(rest))
        elif word == "if":
            condition, _brace, inner = rest.partition(" {")
            if self._value(condition):
                self._statement(inner.strip().removesuffix("}").strip())
        elif word == "write":
            self.routine.written += "".join(
                "\n" if part == "!" else _text(self._value(part)) for part in _split(rest)
            )
        elif line != "new $namespace":
            raise AssertionError(f"what is {line!r}?")

    def _set(self, target: str, value: Any) -> None:
        if target == "$namespace":
            self.routine.session.namespace = value
        elif match := re.fullmatch(r'(\w+)\."?([%\w]+)"?', target):
            self.routine.session.set(self.names[match[1]], match[2], value)
        elif match := re.fullmatch(r"(\w+)\((.+)\)", target):
            self.names.setdefault(match[1], {})[_text(self._value(match[2]))] = value
        else:
            self.names[target] = value

    def _value(self, text: str) -> Any:
        return _Expression(self, TOKEN.findall(text)).value()


def _split(text: str, mark: str = ",") -> list[str]:
    """Divide a text at commas outside quotes and brackets."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not quoted and not depth and letter == mark:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for part in _split(text):
        target, _equals, expression = part.partition(" = ")
        yield target, expression


class _Expression:
    """Reads from left to right without precedence, as ObjectScript does."""

    def __init__(self, block: _Block, tokens: list[str]) -> None:
        self.block, self.tokens, self.place = block, tokens, 0
        self.session = block.routine.session

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        assert not wanted or token == wanted, f"{wanted} is expected in {self.tokens}, not {token}"
        self.place += 1
        return token

    def value(self) -> Any:
        left = self.operand()
        while self.peek() in {"_", "=", "'=", "<", "||", "&&"}:
            mark = self.take()
            right = self.operand()
            if mark == "_":
                left = _text(left) + _text(right)
            elif mark in {"=", "'="}:
                left = int((_text(left) == _text(right)) == (mark == "="))
            elif mark == "<":
                left = int(float(_text(left) or 0) < float(_text(right) or 0))
            else:
                left = int(
                    bool(_true(left) or _true(right)) if mark == "||" else _true(left) and _true(right)
                )
        return left

    def operand(self) -> Any:
        token = self.take()
        if token == "'":
            return int(not _true(self.operand()))
        if token == "(":
            value = self.value()
            self.take(")")
            return self.members(value)
        if token.startswith('"'):
            return token[1:-1].replace('""', '"')
        if token == "-":
            return -int(self.take())
        if token.isdigit():
            return int(token)
        if token.startswith("##class("):
            self.take(".")
            return self.members(self.class_method(token[8:-1], self.name()))
        if token.startswith("$$"):
            return self.block.routine.call(token[2:], *self.arguments())
        if token.startswith("$"):
            return self.function(token)
        if self.peek() == "(":
            return self.block.names.get(token, {}).get(subscripts(*map(_text, self.arguments())), "")
        return self.members(self.block.names.get(token, ""))

    def name(self) -> str:
        token = self.take()
        return token + self.take() if token == "%" else token

    def members(self, value: Any) -> Any:
        while self.peek() == ".":
            self.take()
            name = self.name()
            if self.peek() != "(":
                value = self.session.get(value, name)
                continue
            given = [Argument(each) for each in self.arguments()]
            value = self.session.method(value, name, given).value
        return value

    def arguments(self) -> list[Any]:
        self.take("(")
        found: list[Any] = []
        while self.peek() != ")":
            if self.peek() == "." and self.tokens[self.place + 2] in {",", ")"}:
                self.take()
                found.append(_Reference(self.take()))
            else:
                found.append("" if self.peek() == "," else self.value())
            if self.peek() == ",":
                self.take()
        self.take(")")
        return [
            self.block.names.setdefault(each.name, {}) if isinstance(each, _Reference) and each.name == "secret" else each
            for each in found
        ]  # fmt: skip

    def class_method(self, class_name: str, method: str) -> Any:
        given = self.arguments()
        if (class_name, method) == ("%SYSTEM.Status", "IsOK"):
            return int(_text(given[0]) == "1")
        if (class_name, method) == ("%SYSTEM.Status", "GetErrorText"):
            return error_text(given[0]) if isinstance(given[0], bytes) else ""
        if class_name == "%SQL.Statement":
            return self.rows(*map(_text, given[1:]))
        if method in ARRAYS:
            array = self.block.names[given[ARRAYS[method]].name]
            try:
                modify(
                    self.session,
                    class_name,
                    [_text(given[0])],
                    {name: _text(each) for name, each in array.items()},
                )
            except StatusError as error:
                return error.status
            return 1
        wanted = [
            Argument("", by_reference=True) if isinstance(each, _Reference) else Argument(each)
            for each in given
        ]
        reply = self.session.class_method(class_name, method, wanted)
        names = [each.name for each in given if isinstance(each, _Reference)]
        self.block.names.update(zip(names, reply.returned, strict=True))
        return reply.value

    def rows(self, statement: str, *given: str) -> Any:
        raise AssertionError(f"the lab's reader has no statements: {statement} {given}")

    def function(self, token: str) -> Any:
        if token == "$namespace":
            return self.session.namespace
        if token == "$data":
            self.take("(")
            array = self.block.names.get(self.take(), {})
            key = subscripts(*map(_text, self.arguments()))
            self.take(")")
            return int(key in array)
        if token == "$select":
            return self.choice()
        given = self.arguments()
        match token:
            case "$isobject":
                return int(isinstance(given[0], ObjectReference))
            case "$get":
                return given[0]
            case "$zconvert":
                return _text(given[0]).upper()
            case "$char":
                return "".join(chr(code) for code in given)
            case "$listbuild":
                return encode_list(given)
        raise AssertionError(f"what is {token}?")

    def choice(self) -> Any:
        self.take("(")
        chosen, found = False, None
        while True:
            condition = self.value()
            self.take(":")
            value = self.value()
            if not chosen and _true(condition):
                chosen, found = True, value
            if self.take() == ")":
                return found


class _Reference:
    def __init__(self, name: str) -> None:
        self.name = name


def subscripts(*texts: str) -> str:
    """Return the key under which a local array holds a value."""
    return "\x1f".join(texts)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _true(value: Any) -> bool:
    return value not in ("", 0, "0", None)
