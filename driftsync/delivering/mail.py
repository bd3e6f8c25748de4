"""This module makes the mail: a text, an HTML part, and the whole report as an attachment."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

from driftsync.delivering.cutting import cut
from driftsync.delivering.flavours import PLAIN
from driftsync.delivering.message import Message
from driftsync.delivering.templates import as_page, as_text
from driftsync.settings import Mail

LONGEST = 200_000
"""Bytes of the text."""
ATTACHED = "driftsync-report.html"


def mail_of(message: Message, table: Mail, base: Path, page: bytes | None) -> EmailMessage:
    """Return the mail; `page` is the report as HTML. Templates of the site's own may fail: `RefusedError`."""
    own = base / table.template if table.template else None
    own_page = base / table.html_template if table.html_template else None
    text = as_text(message, PLAIN, own)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = message.subject
    mail["From"] = table.sender
    mail["To"] = ", ".join(table.recipients)
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=_domain(table.sender))
    mail["Auto-Submitted"] = "auto-generated"  # no answer of somebody on leave comes back
    more = 0 if own else message.more
    mail.set_content(cut(text, lambda each: len(each.encode()) <= LONGEST, more=more))
    mail.add_alternative(as_page(message, own_page, attached=page is not None), subtype="html")
    if page is not None:
        mail.add_attachment(page, maintype="text", subtype="html", filename=ATTACHED)
    return mail


def _domain(sender: str) -> str:
    """Return the domain of an address, in letters that every server takes."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return "localhost"
