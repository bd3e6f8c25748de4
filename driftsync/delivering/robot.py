"""This module says what a channel over HTTP has to declare, and how the answers of such channels are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from driftsync.delivering.attempting import MayPassError, RefusedError
from driftsync.delivering.flavours import Flavour
from driftsync.delivering.hiding import Secrets
from driftsync.delivering.message import Message
from driftsync.language import _


@dataclass(frozen=True)
class Post:
    """What is posted once."""

    url: str = field(repr=False)
    body: Any
    """Becomes JSON."""
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def encoded(self) -> bytes:
        """Return the body as it is sent: letters as they are, since limits count bytes."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def with_body(self, **words: Any) -> Post:
        return replace(self, body={**self.body, **words})


@dataclass(frozen=True)
class Answer:
    """What came back with a status of success."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the object in the body, empty where there is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Robot:
    """A channel over HTTP: one declaration a vendor."""

    flavour: Flavour
    body: Callable[[Message, str], Any]
    """What is posted for a message and its text."""
    fits: Callable[[str, bytes], bool]
    """Whether the text, and the body that it makes, are within the vendor's limits."""
    judge: Callable[[Answer], None]
    """Raises where an answer of success is none."""
    sign: Callable[[Post, Secrets, float], Post] = lambda post, _secrets, _now: post
    """Adds what proves the sender, at a moment in seconds."""


def judge_code(
    answer: Answer, code: str, words: str, *, passing: frozenset[int], hints: dict[int, str]
) -> None:
    """Read a result code out of a body with status 200: only 0 is success."""
    found = answer.json()
    number = found.get(code)
    if number == 0 and not isinstance(number, bool):
        return
    if not isinstance(number, int):
        raise RefusedError(
            _("the answer holds no {code}").format(code=code),
            _("the URL may lead to something else; copy it from the robot's settings again"),
        )
    reason = _("{code} {number}: {words}").format(code=code, number=number, words=str(found.get(words, "")))
    if number in passing:
        raise MayPassError(reason, _("too many messages at once, or trouble there; try again later"))
    raise RefusedError(reason, _(hints.get(number, "")))
