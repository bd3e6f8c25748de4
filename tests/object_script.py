"""ObjectScript as InterSystems' grammar reads it: calls, texts and labels of a routine or a class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tree_sitter_objectscript
from tree_sitter import Language, Node, Parser


class Call(NamedTuple):
    """A class method called with so many arguments."""

    class_name: str
    method: str
    arguments: int


@cache
def parser() -> Parser:
    return Parser(Language(tree_sitter_objectscript.language_objectscript()))


def parsed(text: str) -> Node:
    return parser().parse(text.encode()).root_node


def nodes(below: Node, kind: str = "") -> Iterator[Node]:
    waiting = [below]
    while waiting:
        node = waiting.pop()
        if not kind or node.type == kind:
            yield node
        waiting.extend(reversed(node.children))


def text_of(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def child(node: Node, kind: str) -> Node | None:
    return next((each for each in node.children if each.type == kind), None)


def wrong(root: Node) -> list[tuple[int, str]]:
    """Return what the grammar does not understand, by line."""
    return [
        (node.start_point[0] + 1, text_of(node)[:80])
        for node in nodes(root)
        if node.is_error or node.is_missing
    ]


def calls(root: Node) -> Iterator[Call]:
    for node in nodes(root, "class_method_call"):
        name = text_of(next(nodes(node, "class_name")))
        found = child(node, "method_args")
        count = sum(each.type == "method_arg" for each in found.children) if found is not None else 0
        yield Call(name, text_of(child(node, "method_name")), count)


def texts(root: Node) -> Iterator[str]:
    """Yield the value of every expression that is put together of texts and `$char` alone."""
    written = root.text.decode() if root.text else ""
    for found in re.finditer(
        r'(?:"(?:[^"\n]|"")*"|\$w?char\([\d,]+\))(?:_(?:"(?:[^"\n]|"")*"|\$w?char\([\d,]+\)))*', written
    ):
        yield value_of(found[0])


def value_of(expression: str) -> str:
    """Return the value of texts and `$char` joined by `_`."""
    made = ""
    for text, codes in re.findall(r'"((?:[^"]|"")*)"|\$w?char\(([\d,]+)\)', expression):
        made += text.replace('""', '"') if not codes else "".join(chr(int(code)) for code in codes.split(","))
    return made
