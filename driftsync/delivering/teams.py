"""This module declares the workflow of Microsoft Teams that posts the adaptive card it is sent.

Facts: learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (envelope, 28 KB, what
the retired connectors answer), adaptivecards.io/explorer/TextBlock.html; a workflow answers 202.
"""

from __future__ import annotations

from typing import Any

from driftsync.delivering.attempting import MayPassError, RefusedError
from driftsync.delivering.flavours import TEAMS
from driftsync.delivering.message import Message, State
from driftsync.delivering.robot import Answer, Robot
from driftsync.language import _

LONGEST = 27_000
"""Bytes of the whole body: 28 KB, less what the workflow itself adds."""
ACCEPTED = 202
COLOURS = {State.CLEAN: "Good", State.DRIFT: "Attention", State.GAP: "Warning"}


def body(message: Message, text: str) -> dict[str, Any]:
    """Return what is posted: one text block a line, since Teams joins the lines of one."""
    lines = text.strip("\n").split("\n")
    if lines[0] == TEAMS.as_bold(message.subject):
        lines = lines[1:]
    blocks: list[dict[str, Any]] = [
        {
            "type": "TextBlock",
            "text": TEAMS.escape(message.subject),
            "weight": "Bolder",
            "size": "Medium",
            "color": COLOURS[message.state],
            "wrap": True,
        }
    ]
    gap = "None"
    for line in lines:
        if not line.strip():
            gap = "Medium"
            continue
        blocks.append({"type": "TextBlock", "text": line, "wrap": True, "spacing": gap})
        gap = "None"
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": blocks,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def judge(answer: Answer) -> None:
    """Take 202; 200 only with nothing, or the `1` of the older connectors, which report failures in a 200 too."""
    said = answer.body.strip()
    if answer.status == ACCEPTED or said in {b"", b"1"}:
        return
    words = said[:200].decode(errors="replace")
    reason = _("the answer is not that of a message that was taken: {words}").format(words=words)
    if b"429" in said:
        raise MayPassError(reason, _("too many messages at once; try again later"))
    raise RefusedError(reason, _("make a workflow from “When a Teams webhook request is received”"))


ROBOT = Robot(flavour=TEAMS, body=body, fits=lambda _text, body: len(body) <= LONGEST, judge=judge)
