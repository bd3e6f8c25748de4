"""This module is the verb: a report goes to every channel that is due, and one that fails never hinders another."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

import msgspec

from driftsync.delivering import dingtalk, feishu, slack, teams, webhook, wecom
from driftsync.delivering.attempting import DeliveryError, RefusedError, attempt
from driftsync.delivering.changing import changed, digests_of, is_due
from driftsync.delivering.composing import message_of, trial_message
from driftsync.delivering.cutting import cut
from driftsync.delivering.hiding import Secrets, place_of, secrets_of
from driftsync.delivering.mail import mail_of
from driftsync.delivering.mailing import hand_over, port_of
from driftsync.delivering.message import Message
from driftsync.delivering.posting import Way, send
from driftsync.delivering.robot import Post, Robot
from driftsync.delivering.templates import as_text, as_written
from driftsync.language import _
from driftsync.model import Report
from driftsync.reporting.output import as_bytes
from driftsync.settings import DeliverSettings, Mail, Settings, Webhook

ROBOTS: Mapping[str, Robot] = {
    "webhook": webhook.ROBOT,
    "wecom": wecom.ROBOT,
    "dingtalk": dingtalk.ROBOT,
    "feishu": feishu.ROBOT,
    "slack": slack.ROBOT,
    "teams": teams.ROBOT,
}


class Result(Enum):
    """What became of one delivery."""

    SENT = "sent"
    NOT_DUE = "not due"
    FAILED = "failed"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one delivery, in words that hold no secret."""

    name: str
    to: str
    result: Result
    place: str = ""
    """The host; of a URL nothing else is ever said."""
    attempts: int = 0
    reason: str = ""
    hint: str = ""
    digests: dict[str, str] = {}
    """What this channel now knows, by mirror. To be kept for the next `told`, unless the delivery failed."""


@dataclass(frozen=True)
class Clock:
    """Time, which tests replace."""

    wait: Callable[[float], None] = field(default=time.sleep)
    now: Callable[[], float] = field(default=time.time)


CLOCK = Clock()


def deliver(
    report: Report,
    settings: Settings,
    *,
    told: Mapping[str, Mapping[str, str]] | None = None,
    clock: Clock = CLOCK,
) -> list[Delivered]:
    """Tell every channel of the settings that is due.

    `told` holds the digests that each channel, by name, was last told (`Delivered.digests`). A channel that is not in
    it counts as one that must be told.
    """
    return [_deliver(report, each, settings, told or {}, clock) for each in settings.deliver]


def try_out(settings: Settings, names: Sequence[str] = (), *, clock: Clock = CLOCK) -> list[Delivered]:
    """Send a test message through the channels of these names, or through all."""
    return [
        _send(trial_message(each.called, link=each.link), each, settings, None, clock)
        for each in settings.deliver
        if not names or each.called in names
    ]


def _deliver(
    report: Report,
    table: DeliverSettings,
    settings: Settings,
    told: Mapping[str, Mapping[str, str]],
    clock: Clock,
) -> Delivered:
    mirrors = [each for each in report.mirrors if not table.mirrors or each.name in table.mirrors]
    mine = msgspec.structs.replace(
        report,
        mirrors=mirrors,
        complete=all(
            not each.unreadable and all(drift.complete for drift in each.drifts) for each in mirrors
        ),
    )
    message = message_of(mine, link=table.link)
    digests = digests_of(mine)
    if not mirrors or not is_due(table.when, message, changed(digests, told.get(table.called))):
        return Delivered(name=table.called, to=table.to, result=Result.NOT_DUE, digests=digests)
    return msgspec.structs.replace(_send(message, table, settings, mine, clock), digests=digests)


def _send(
    message: Message, table: DeliverSettings, settings: Settings, report: Report | None, clock: Clock
) -> Delivered:
    base = settings.path.parent
    place = f"{table.host}:{port_of(table)}" if isinstance(table, Mail) else ""
    attempts = 0
    error: DeliveryError | None = None
    try:
        secrets = secrets_of(table, base)
        place = place or place_of(secrets["url"])
        once = _once(message, table, secrets, base, report, clock)
        attempts, error = attempt(once, table.attempts, clock.wait)
    except DeliveryError as found:
        error = found
    except Exception as found:  # noqa: BLE001 - a mistake here must not keep the others from being told
        error = RefusedError(
            _("internal error ({type})").format(type=type(found).__name__),  # its text may hold anything
            _("this is a mistake in driftsync: please report it"),
        )
    return Delivered(
        name=table.called,
        to=table.to,
        result=Result.FAILED if error else Result.SENT,
        place=place,
        attempts=attempts,
        reason=error.reason if error else "",
        hint=error.hint if error else "",
    )


def _once(
    message: Message,
    table: DeliverSettings,
    secrets: Secrets,
    base: Path,
    report: Report | None,
    clock: Clock,
) -> Callable[[], None]:
    """Return what one attempt does; what is the same for each is made once."""
    if isinstance(table, Mail):
        page = as_bytes(report, "html") if report is not None and table.attach else None
        mail = mail_of(message, table, base, page)
        return lambda: hand_over(mail, table, secrets, base)
    robot = ROBOTS[table.to]
    post = _post(message, robot, table, secrets, base)
    way = Way(
        timeout=table.timeout,
        ca_file=base / table.ca_file if table.ca_file else None,
        proxy=secrets["proxy"],
        plain=isinstance(table, Webhook) and not table.tls,
    )

    def once() -> None:
        answer = send(robot.sign(post, secrets, clock.now()), way)
        try:
            robot.judge(answer)
        except DeliveryError as error:
            error.reason = secrets.hidden(error.reason)
            raise

    return once


def _post(message: Message, robot: Robot, table: DeliverSettings, secrets: Secrets, base: Path) -> Post:
    """Return what is posted, within the vendor's limits. `X-Driftsync-Delivery` is the same in each attempt."""
    own = base / table.template if table.template else None
    post = Post(url=secrets["url"], body=None, headers={"X-Driftsync-Delivery": str(uuid.uuid4())})
    if isinstance(table, Webhook):
        return replace(post, body=_own_json(message, own) if own else robot.body(message, ""))
    text = cut(
        as_text(message, robot.flavour, own),
        lambda each: robot.fits(each, replace(post, body=robot.body(message, each)).encoded()),
        more=0 if own else message.more,
    )
    return replace(post, body=robot.body(message, text))


def _own_json(message: Message, own: Path) -> object:
    """Return what a webhook's own template makes, which must be JSON."""
    written = as_written(message, own)
    try:
        return json.loads(written)
    except ValueError as error:
        raise RefusedError(
            _("what the template {path} makes is no JSON: {reason}").format(path=own, reason=error),
            _("write values with the filter tojson: {{ message.subject | tojson }}"),
        ) from None
