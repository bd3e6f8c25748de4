"""This module hands a mail to an SMTP server, which is never spoken to with less TLS than the settings say."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from email.message import EmailMessage
from pathlib import Path

from driftsync.delivering.attempting import DeliveryError, MayPassError, RefusedError
from driftsync.delivering.deadline import ended_after
from driftsync.delivering.hiding import Secrets
from driftsync.delivering.tls import context_for, explain
from driftsync.language import _
from driftsync.settings import Mail, SmtpTls

PORTS = {SmtpTls.STARTTLS: 587, SmtpTls.DIRECT: 465, SmtpTls.NONE: 25}
FIRST_FINAL = 500
"""From this code on a server says no for good; below it, that it may work later."""


def port_of(table: Mail) -> int:
    """Return the port: the one that is said, else the usual one."""
    return table.port or PORTS[table.tls]


def hand_over(mail: EmailMessage, table: Mail, secrets: Secrets, base: Path) -> None:
    """Send once; raises `MayPassError` or `RefusedError`."""
    context = None
    if table.tls is not SmtpTls.NONE:
        context = context_for(base / table.ca_file if table.ca_file else None)
    name = _own_name()
    if table.tls is SmtpTls.DIRECT:
        server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=table.timeout, context=context, local_hostname=name)
    else:
        server = smtplib.SMTP(timeout=table.timeout, local_hostname=name)
    try:
        with ended_after(table.timeout, lambda: getattr(server, "sock", None)):
            refused = _converse(server, mail, table, secrets, context)
    except ssl.SSLError as error:
        raise explain(error, table.host) from None
    except TimeoutError:
        raise MayPassError(
            _("no answer within {seconds} seconds").format(seconds=f"{table.timeout:g}"),
            _("is the port right, and open in the firewall?"),
        ) from None
    except smtplib.SMTPException as error:
        raise _explained(error, secrets) from None
    except socket.gaierror:
        raise MayPassError(_("its host name is not found"), _("correct host = …")) from None
    except OSError as error:
        raise MayPassError(
            _("not reached: {reason}").format(reason=error.strerror or type(error).__name__),
            _("is the port right, and open in the firewall?"),
        ) from None
    except UnicodeError:
        raise RefusedError(
            _("the user or the password has letters that SMTP cannot carry"),
            _("let the mail server's account have a password of ASCII letters"),
        ) from None
    finally:
        server.close()
    if refused:
        raise RefusedError(
            _("these recipients were refused, the others have it: {names}").format(names=", ".join(refused)),
            _("correct recipients = …"),
        )


def _own_name() -> str:
    """Return what this computer calls itself; without asking a name server, which may be silent."""
    name = socket.gethostname()
    return name if name.isascii() and name else "localhost"


def _converse(
    server: smtplib.SMTP, mail: EmailMessage, table: Mail, secrets: Secrets, context: ssl.SSLContext | None
) -> list[str]:
    """Return the recipients that were refused while others were not."""
    # what certificates are checked against; smtplib sets it only where its constructor connects
    server._host = table.host  # type: ignore[attr-defined]  # noqa: SLF001
    code, words = server.connect(table.host, port_of(table))
    if code != 220:  # noqa: PLR2004 - the greeting of SMTP
        raise smtplib.SMTPConnectError(code, words)
    server.ehlo_or_helo_if_needed()
    if table.tls is SmtpTls.STARTTLS:
        server.starttls(context=context)
        server.ehlo()
    if table.user:
        server.login(table.user, secrets["password"])
    refused = server.send_message(mail)
    with contextlib.suppress(
        smtplib.SMTPException, OSError
    ):  # it has the mail: how it takes leave is no matter
        server.quit()
    return list(refused)


def _explained(error: smtplib.SMTPException, secrets: Secrets) -> DeliveryError:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _by_code(error.smtp_code, error.smtp_error, secrets, _("correct user and password"))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _by_code(error.smtp_code, error.smtp_error, secrets, _("correct from, or log in with user"))
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error.smtp_error, secrets, "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        code, words = next(iter(error.recipients.values()), (FIRST_FINAL, b""))
        return _by_code(max([code, *codes]), words, secrets, _("correct recipients = …"))
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return RefusedError(
            _("the server does not offer what is asked for: {reason}").format(
                reason=secrets.hidden(str(error))
            ),
            _('nothing was sent; for TLS from the first byte say tls = "direct"'),
        )
    return MayPassError(_("the connection ended"), _("is this the port of a mail server?"))


def _by_code(code: int, words: bytes | str, secrets: Secrets, hint: str) -> DeliveryError:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    reason = _("the server says {code} {words}").format(code=code, words=secrets.hidden(text)).rstrip()
    if code < FIRST_FINAL:
        return MayPassError(reason, hint)
    return RefusedError(reason, hint)
