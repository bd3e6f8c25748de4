"""This module declares the custom robot of DingTalk (钉钉自定义机器人), with signing (加签).

Facts: open.dingtalk.com/document/robots/custom-robot-access (messages, 20 a minute), …/customize-robot-security-settings
(signing), …/custom-robots-send-group-messages (codes).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

from driftsync.delivering.flavours import DINGTALK
from driftsync.delivering.hiding import Secrets
from driftsync.delivering.message import Message
from driftsync.delivering.robot import Answer, Post, Robot, judge_code
from driftsync.language import N_

LONGEST = 20_000
"""Bytes of the whole body."""
PASSING = frozenset({-1, 130101, 410100})
HINTS = {
    310000: N_(
        "the robot's security settings: is the signing secret right, this computer's clock, its address allowed; "
        "with a keyword, let it be driftsync"
    ),
    400101: N_("the access token of the URL is not known: copy the URL from the robot's settings again"),
    400102: N_("the robot is switched off"),
    400106: N_("the robot is no longer there"),
}


def body(message: Message, text: str) -> dict[str, Any]:
    """Return what is posted; a line ends with two blanks, or DingTalk would join it with the next."""
    text = text.rstrip("\n").replace("\n", DINGTALK.line_end)
    return {"msgtype": "markdown", "markdown": {"title": message.subject, "text": text}}


def sign(post: Post, secrets: Secrets, now: float) -> Post:
    """Add `timestamp` and `sign` to the URL: HMAC-SHA-256 over both, in Base64."""
    secret = secrets["secret"]
    if not secret:
        return post
    timestamp = str(round(now * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    mark = "&" if "?" in post.url else "?"
    signature = quote_plus(base64.b64encode(digest))
    return replace(post, url=f"{post.url}{mark}timestamp={timestamp}&sign={signature}")


def judge(answer: Answer) -> None:
    """Read `errcode`, which a failure has too when its status is 200."""
    judge_code(answer, "errcode", "errmsg", passing=PASSING, hints=HINTS)


ROBOT = Robot(
    flavour=DINGTALK, body=body, fits=lambda _text, body: len(body) <= LONGEST, judge=judge, sign=sign
)
