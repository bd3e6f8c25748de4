"""This module declares the custom robot of Feishu and Lark (飞书自定义机器人), with signature verification (签名校验).

Facts: open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (signature, size, codes) and …/feishu-cards (markdown).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from driftsync.delivering.flavours import FEISHU
from driftsync.delivering.hiding import Secrets
from driftsync.delivering.message import Message, State
from driftsync.delivering.robot import Answer, Post, Robot, judge_code
from driftsync.language import N_

LONGEST = 20_000 - 200
"""Bytes of the whole body. Feishu once took 30 KB and documents 20 KB now; the signature wants its share."""
PASSING = frozenset({9499, 11232, 11233, 99991400})
HINTS = {
    19001: N_("the URL is not known: copy it from the robot's settings again"),
    19021: N_("the signing secret is another, or this computer's clock is wrong by more than an hour"),
    19022: N_("the robot's settings do not allow this computer's address"),
    19024: N_("the robot's settings ask for a keyword: let it be driftsync"),
}
COLOURS = {State.CLEAN: "green", State.DRIFT: "red", State.GAP: "orange"}


def body(message: Message, text: str) -> dict[str, Any]:
    """Return what is posted: a card whose colour says how loud it is; its header says the subject already."""
    first, _end, rest = text.partition("\n")
    text = rest.lstrip("\n") if first == FEISHU.as_bold(message.subject) else text
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                "title": {"tag": "plain_text", "content": message.subject},
                "template": COLOURS[message.state],
            },
            "elements": [{"tag": "markdown", "content": text.rstrip("\n") or message.subject}],
        },
    }


def sign(post: Post, secrets: Secrets, now: float) -> Post:
    """Add `timestamp` and `sign` to the body: here the key is what elsewhere is the text, and the text is empty."""
    secret = secrets["secret"]
    if not secret:
        return post
    timestamp = str(int(now))
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return post.with_body(timestamp=timestamp, sign=base64.b64encode(digest).decode())


def judge(answer: Answer) -> None:
    """Read `code`, or `StatusCode` of an older answer."""
    name, words = ("code", "msg") if "code" in answer.json() else ("StatusCode", "StatusMessage")
    judge_code(answer, name, words, passing=PASSING, hints=HINTS)


ROBOT = Robot(
    flavour=FEISHU, body=body, fits=lambda _text, body: len(body) <= LONGEST, judge=judge, sign=sign
)
