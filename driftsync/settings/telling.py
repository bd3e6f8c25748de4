"""This module checks that the `[[deliver]]` tables make sense before anybody waits for a message."""

from __future__ import annotations

import re
from collections import Counter
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import urlsplit

from driftsync.errors import SettingsError
from driftsync.language import english as _
from driftsync.settings.deliveries import DeliverSettings, Mail, SmtpTls
from driftsync.settings.login import PASSWORD_REFERENCES, is_host
from driftsync.settings.tables import Settings

_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\Z")


def check_deliveries(path: Path, settings: Settings) -> None:
    """Raise `SettingsError` for the first table that cannot work; the message repeats no secret."""
    names = Counter(each.called for each in settings.deliver)
    for number, each in enumerate(settings.deliver, 1):
        if names[each.called] > 1:
            raise SettingsError(
                _("{path}: [[deliver]] number {number}: {name} is there more than once").format(
                    path=path, number=number, name=each.called
                ),
                hint=_('give each a name = "…" of its own'),
            )
        where = _("{path}: delivery {name}: ").format(path=path, name=each.called)
        _check_mirrors(where, each, settings)
        _check_references(where, each)
        if isinstance(each, Mail):
            _check_mail(where, each)


def _check_mirrors(where: str, table: DeliverSettings, settings: Settings) -> None:
    unknown = [name for name in table.mirrors if name not in settings.mirror]
    if unknown:
        raise SettingsError(
            where + _("there is no mirror {names}").format(names=", ".join(unknown)),
            hint=_("the settings have: {names}").format(names=", ".join(settings.mirror) or _("none")),
        )
    if table.link and urlsplit(table.link).scheme not in {"http", "https"}:
        raise SettingsError(
            where + _("link is no web address"), hint=_('link = "https://intranet.example/driftsync.html"')
        )


def is_reference(value: str) -> bool:
    """Say whether a text refers to a secret instead of being one."""
    return value.startswith(PASSWORD_REFERENCES) and value not in PASSWORD_REFERENCES


def _check_references(where: str, table: DeliverSettings) -> None:
    for word, value in table.references.items():
        if is_reference(value) or (word == "proxy" and is_plain_proxy(value)):
            continue
        if word == "proxy":
            raise SettingsError(
                where + _("the proxy is not understood"),
                hint=_(
                    'proxy = "http://HOST:PORT"; one with a password is given by reference, as "env:NAME"'
                ),
            )
        raise SettingsError(
            where + _("{word} is not a reference").format(word=word),
            hint=_(
                'whoever has it can write to your people, so it is never given by itself: "env:NAME", "file:PATH", '
                '"command:LINE" or "keyring:SERVICE/USER"'
            ),
        )


def is_plain_proxy(value: str) -> bool:
    """Say whether a text is the address of a proxy without user and password."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "http"
        and bool(parts.hostname)
        and port != 0
        and "@" not in parts.netloc
        and parts.path in {"", "/"}
        and not parts.query
    )


def _check_mail(where: str, table: Mail) -> None:
    if not is_host(table.host):
        raise SettingsError(
            where + _("{host} is no host").format(host=repr(table.host)),
            hint=_('host = "mail.example.org" with port = 587'),
        )
    for address in (table.sender, *table.recipients):
        found = getaddresses([address])
        if len(found) != 1 or not _ADDRESS.match(found[0][1]) or not address.isprintable():
            raise SettingsError(
                where + _("{address} is no mail address").format(address=repr(address)),
                hint=_('"ops@example.org" or "The night shift <ops@example.org>"'),
            )
    if bool(table.user) != bool(table.password):
        raise SettingsError(
            where + _("user and password belong together"),
            hint=_("give both, or neither where the server asks for none"),
        )
    if table.tls is SmtpTls.NONE and (table.user or table.ca_file):
        raise SettingsError(
            where + _("with tls = none there is neither a password nor a ca_file"),
            hint=_(
                'anybody on the network between could read the password; say tls = "starttls" or "direct"'
            ),
        )
