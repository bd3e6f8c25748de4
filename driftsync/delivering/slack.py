"""This module declares the incoming webhook of Slack.

Facts: api.slack.com/messaging/webhooks (the answer `ok`), api.slack.com/reference/block-kit/blocks (150 and 3000
characters), api.slack.com/reference/surfaces/formatting (the three characters that are escaped).
"""

from __future__ import annotations

from typing import Any

from driftsync.delivering.attempting import RefusedError
from driftsync.delivering.flavours import SLACK
from driftsync.delivering.message import Message
from driftsync.delivering.robot import Answer, Robot
from driftsync.language import _

LONGEST_HEADER = 150
LONGEST_SECTION = 3_000
SECTIONS = 12
"""Of the 50 blocks that a message may have: nobody reads more in a chat."""
LONGEST_BODY = 100_000


def body(message: Message, text: str) -> dict[str, Any]:
    """Return what is posted: a header, and as many sections as the lines need."""
    first, _end, rest = text.partition("\n")
    text = rest if first == SLACK.as_bold(message.subject) else text
    header = message.subject
    if len(header) > LONGEST_HEADER:
        header = header[: LONGEST_HEADER - 1] + "…"
    return {
        "text": SLACK.escape(message.subject),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": header}},
            *({"type": "section", "text": {"type": "mrkdwn", "text": each}} for each in sections(text)),
        ],
    }


def sections(text: str) -> list[str]:
    """Divide a text between lines into parts that one section can hold."""
    parts: list[str] = []
    for line in text.strip("\n").split("\n"):
        if parts and len(parts[-1]) + len(line) + 1 <= LONGEST_SECTION:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return [part for part in (each.strip("\n") for each in parts) if part]


def fits(text: str, body: bytes) -> bool:
    """Say whether the text needs no more sections than it may, and none that is too long."""
    parts = sections(text)
    return (
        len(parts) <= SECTIONS
        and all(len(each) <= LONGEST_SECTION for each in parts)
        and len(body) <= LONGEST_BODY
    )


def judge(answer: Answer) -> None:
    """Read `ok`."""
    if answer.body.strip() != b"ok" and answer.json().get("ok") is not True:
        raise RefusedError(
            _("the answer is not ok: {words}").format(words=answer.body[:200].decode(errors="replace")),
            _("the URL may lead to something else; copy it from the app's settings again"),
        )


ROBOT = Robot(flavour=SLACK, body=body, fits=fits, judge=judge)
