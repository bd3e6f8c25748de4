"""A small reader of ObjectScript that carries a rendered routine out on a member of the lab, and knows nothing of its writer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from driftsync.lab.contract import Argument, ObjectReference, ObjectScriptError, SqlError
from driftsync.lab.instance.errors import StatusError, error_text
from driftsync.lab.instance.filling import modify
from driftsync.lab.instance.session import SimulatedSession
from driftsync.lab.values import decode, encode_list

TOKEN = re.compile(
    r'"(?:[^"]|"")*"|\d+|\$\$\w+|##class\([\w.%]+\)|\$?%?[A-Za-z][A-Za-z0-9]*|\|\||&&|\'=|[-_=<>\'()\[\]{}.,:+]|\S'
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
        namespace = self.session.namespace
        try:
            _Block(self, names, lines).run(0, len(lines))
        except Returned as returned:
            return returned.value
        finally:
            if "new $namespace" in "".join(lines):
                self.session.namespace = namespace
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
        while self.peek() in {"_", "=", "'=", "<", "+", "||", "&&"}:
            mark = self.take()
            right = self.operand()
            if mark == "_":
                left = _text(left) + _text(right)
            elif mark in {"=", "'="}:
                left = int((_text(left) == _text(right)) == (mark == "="))
            elif mark == "+":
                left = int(left or 0) + int(right or 0)
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
        if token.startswith('"'):
            return token[1:-1]
        return token + self.take() if token == "%" else token

    def members(self, value: Any) -> Any:
        while self.peek() == ".":
            self.take()
            name = self.name()
            if isinstance(value, (_Caught, _Rows)):
                found = value.members[name]
                value = found(*self.arguments()) if self.peek() == "(" else found
                continue
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
        try:
            if not statement.startswith("SELECT"):
                self.session.execute(statement, [])
                return _Rows([], "")
            return _Rows(list(self.session.query(statement, list(given)).rows), "")
        except (ObjectScriptError, SqlError, StatusError) as error:
            return _Rows([], str(error))

    def function(self, token: str) -> Any:
        if token == "$namespace":
            return self.session.namespace
        if token == "$data":
            self.take("(")
            name = self.take()
            if self.peek() == ")":
                self.take()
                return int(name in self.block.names)
            array = self.block.names.get(name, {})
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
            case "$listfind":
                found = [str(each) for each in decode(given[0])]
                return found.index(_text(given[1])) + 1 if _text(given[1]) in found else 0
            case "$list":
                return decode(given[0])[int(given[1]) - 1]
            case "$listtostring":
                listed = given[0].encode("latin-1") if isinstance(given[0], str) else given[0]
                return _text(given[1]).join(str(each) for each in decode(listed))
            case "$extract":
                return _text(given[0])[int(given[1]) - 1 : int(given[2])]
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
    return not value.startswith(b"0 ") if isinstance(value, bytes) else value not in ("", 0, "0", None)


class _Quit(Exception):  # noqa: N818 - how a FOR ends
    pass


class OneLine(_Expression):
    """One line of code, as XECUTE takes it: commands one behind the other, blocks in braces, no label and no comment."""

    def __init__(self, code: str, session: SimulatedSession) -> None:
        assert code.isascii()
        assert not set(code) & set("\t\r\n")
        super().__init__(_Block(Routine("", session), {}, []), TOKEN.findall(code))
        self.end = len(self.tokens)

    @property
    def names(self) -> dict[str, Any]:
        return self.block.names

    def run(self) -> dict[str, Any]:
        """Carry the line out; return its local variables."""
        self.commands(self.end)
        return self.names

    def commands(self, end: int) -> None:
        """Carry out what stands before a place."""
        while self.place < end:
            self.command()

    def command(self) -> None:
        match word := self.take():
            case "set":
                self.assign()
                while self.peek() == ",":
                    self.take()
                    self.assign()
            case "if":
                held = _true(self.value())
                self.inside(held)
            case "for":
                self.repeat()
            case "try":
                start, stop = self.extent()
                try:
                    self.between(start, stop)
                except (ObjectScriptError, StatusError) as error:
                    failed: Exception | None = error
                else:
                    failed = None
                self.place = stop + 1
                self.take("catch")
                self.names[self.take()] = _Caught(failed)
                self.inside(failed is not None)
            case "do":
                self.value()
            case "kill":
                self.names.pop(self.take(), None)
            case "quit":
                assert self.peek() == "}", "QUIT takes no value here, and ends its block"
                raise _Quit
            case _:
                raise AssertionError(f"what is {word!r} before {self.tokens[self.place : self.place + 8]}?")

    def assign(self) -> None:
        target = self.take()
        if target == "$namespace":
            self.take("=")
            self.session.namespace = self.value()
        elif self.peek() == ".":
            self.take()
            name = self.name().strip('"')
            self.take("=")
            self.session.set(self.names[target], name, self.value())
        elif self.peek() == "(":
            key = subscripts(*map(_text, self.arguments()))
            self.take("=")
            self.names.setdefault(target, {})[key] = self.value()
        else:
            self.take("=")
            self.names[target] = self.value()

    def extent(self) -> tuple[int, int]:
        """Return the first place inside the block that begins here, and that of its closing brace."""
        self.take("{")
        start, depth = self.place, 1
        for place in range(start, self.end):
            depth += {"{": 1, "}": -1}.get(self.tokens[place], 0)
            if not depth:
                return start, place
        raise AssertionError("a block is never closed")

    def between(self, start: int, stop: int) -> None:
        self.place = start
        self.commands(stop)

    def inside(self, held: bool) -> None:
        start, stop = self.extent()
        if held:
            self.between(start, stop)
        self.place = stop + 1

    def repeat(self) -> None:
        variable = self.take()
        self.take("=")
        first = last = int(self.value())
        if self.peek() == ":":
            self.take()
            assert self.value() == 1
            self.take(":")
            last = int(self.value())
        start, stop = self.extent()
        try:
            for count in range(first, last + 1):
                self.names[variable] = count
                self.between(start, stop)
        except _Quit:
            pass
        self.place = stop + 1


class _Caught:
    def __init__(self, error: Exception | None) -> None:
        self.members: dict[str, Any] = {"DisplayString": lambda: str(error)}


class _Rows:
    def __init__(self, rows: list[Any], message: str) -> None:
        self._rows, self._row = rows, []
        self.members: dict[str, Any] = {
            "%SQLCODE": -99 if message else 0,
            "%Message": message,
            "%Next": self._next,
            "%GetData": lambda place: self._row[int(place) - 1],
        }

    def _next(self) -> int:
        if not self._rows:
            return 0
        self._row = list(self._rows.pop(0))
        return 1
