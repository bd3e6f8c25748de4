"""This module declares the webhook for a program of the site's own: the message as JSON, signed where that is asked for."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

from driftsync.delivering.flavours import PLAIN
from driftsync.delivering.hiding import Secrets
from driftsync.delivering.message import Message
from driftsync.delivering.robot import Answer, Post, Robot
from driftsync.files import ENCODER


def body(message: Message, _text: str) -> dict[str, Any]:
    """Return what is posted: the message itself, as schemas/message.json describes it."""
    found: dict[str, Any] = json.loads(ENCODER.encode(message))
    return found


def sign(post: Post, secrets: Secrets, _now: float) -> Post:
    """Add who sends (`Authorization`) and what proves it: HMAC-SHA-256 of the body, in hexadecimal digits."""
    headers = dict(post.headers)
    if secrets["token"]:
        headers["Authorization"] = f"Bearer {secrets['token']}"
    if secrets["secret"]:
        digest = hmac.new(secrets["secret"].encode(), post.encoded(), hashlib.sha256).hexdigest()
        headers["X-Driftsync-Signature"] = f"sha256={digest}"
    return replace(post, headers=headers)


def judge(_answer: Answer) -> None:
    """Take any status of success."""


ROBOT = Robot(flavour=PLAIN, body=body, fits=lambda _text, _body: True, judge=judge, sign=sign)
