"""This module declares the group robot of WeCom (企业微信群机器人).

Facts: developer.work.weixin.qq.com/document/path/91770 (markdown, 4096 bytes, 20 messages a minute) and path/90313 (codes).
"""

from __future__ import annotations

from typing import Any

from driftsync.delivering.flavours import WECOM
from driftsync.delivering.message import Message
from driftsync.delivering.robot import Answer, Robot, judge_code
from driftsync.language import N_

LONGEST = 4096
"""Bytes of the content in UTF-8."""
PASSING = frozenset({-1, 45009})
HINTS = {
    93000: N_("the robot was removed, or its URL is another: copy it from the group's settings again"),
    93008: N_("the robot is not in the group"),
}


def body(_message: Message, text: str) -> dict[str, Any]:
    """Return what is posted."""
    return {"msgtype": "markdown", "markdown": {"content": text}}


def judge(answer: Answer) -> None:
    """Read `errcode`, which a failure has too when its status is 200."""
    judge_code(answer, "errcode", "errmsg", passing=PASSING, hints=HINTS)


ROBOT = Robot(flavour=WECOM, body=body, fits=lambda text, _body: len(text.encode()) <= LONGEST, judge=judge)
