"""This module holds what `[[deliver]]` may say: one struct for each way of telling people."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import msgspec

from driftsync.settings.login import LAST_PORT


class When(Enum):
    """When a channel is told."""

    CHANGE = "change"
    """When it says something else than what this channel was last told, or when that is not known."""
    DRIFT = "drift"
    """When anything differs or could not be read."""
    ALWAYS = "always"


class SmtpTls(Enum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    DIRECT = "direct"
    """TLS from the first byte, most often on port 465."""
    NONE = "none"


class Deliver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="to"):
    """The words that every way of telling people has."""

    name: str = ""
    """What this delivery is called; by itself it is called after `to`."""
    when: When = When.CHANGE
    mirrors: list[str] = []
    """Only these; none means all."""
    template: str = ""
    """A Jinja2 template of the site's own for the text; relative to the settings file."""
    link: str = ""
    """Where people find the report, for instance a page of the intranet."""
    timeout: Annotated[float, msgspec.Meta(gt=0, le=600)] = 20.0
    """Seconds that one attempt may take."""
    attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    ca_file: str = ""
    """PEM of the authority that signed the server's certificate; relative to the settings file."""

    @property
    def to(self) -> str:
        """Return the word that names the way: `mail`, `wecom` …"""
        return str(self.__struct_config__.tag)

    @property
    def called(self) -> str:
        return self.name or self.to

    @property
    def references(self) -> dict[str, str]:
        """Return the words whose values are secrets given by reference, with what they say."""
        words = ("url", "proxy", "password", "secret", "token")
        return {word: str(getattr(self, word)) for word in words if getattr(self, word, "")}


class Mail(
    Deliver, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="mail", rename={"sender": "from"}
):
    """A mail with a text, an HTML part, and the report attached."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=LAST_PORT)] | None = None
    tls: SmtpTls = SmtpTls.STARTTLS
    user: str = ""
    password: str = ""
    sender: str
    recipients: Annotated[list[str], msgspec.Meta(min_length=1)]
    html_template: str = ""
    """As `template`, for the HTML part."""
    attach: bool = True
    """Whether the whole report is attached as one HTML page."""


class Posted(Deliver, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is posted to a URL, which is a secret since it holds a token."""

    url: str
    proxy: str = ""
    """`http://HOST:PORT`, or a reference where the proxy wants a password. None is used unless said."""


class Webhook(Posted, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook"):
    """JSON for a program of the site's own."""

    secret: str = ""
    """Signs the body: `X-Driftsync-Signature: sha256=…`."""
    token: str = ""
    """Sent as `Authorization: Bearer …`."""
    tls: bool = True
    """`false` allows `http://` on a network where nobody else can listen."""


class WeCom(Posted, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="wecom"):
    """A group robot of WeCom (企业微信)."""


class DingTalk(Posted, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="dingtalk"):
    """A custom robot of DingTalk (钉钉)."""

    secret: str = ""
    """Of a robot with signing (加签): `SEC…`."""


class Feishu(Posted, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="feishu"):
    """A custom robot of Feishu (飞书) or Lark."""

    secret: str = ""
    """Of a robot with signature verification (签名校验)."""


class Slack(Posted, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="slack"):
    """An incoming webhook of Slack."""


class Teams(Posted, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="teams"):
    """A workflow of Microsoft Teams that posts what it is sent."""


DeliverSettings = Mail | Webhook | WeCom | DingTalk | Feishu | Slack | Teams
DELIVER_TABLES = (Mail, Webhook, WeCom, DingTalk, Feishu, Slack, Teams)
