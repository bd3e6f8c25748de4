"""This module turns what the driver says into errors that an administrator can act on.

::

    ConnectionFailed              the member cannot be reached or read at all
    ├── MemberSilent              no answer within the deadline; the connection was ended
    ├── TimeOver                  the time for the whole mirror is over, or somebody interrupted
    ├── DriverCrashed             the driver itself ended (it can, on nonsense); the run goes on
    ├── LoginRefused              wrong user or password, or the account may not log in
    ├── ServiceClosed             %Service_Bindings is off, or does not admit this address or password
    └── TlsFailed                 the two sides could not agree on TLS
    CallFailed                    one call or statement failed, the connection is still good
    ├── NotPrivileged             <PROTECT>, SQLCODE -99
    ├── NotThere                  class, method, property, table or query does not exist in this release
    └── StatementFailed           any other SQL error
"""

from __future__ import annotations

import re

from driftsync.errors import DriftsyncError
from driftsync.language import english as _


class ConnectionFailed(DriftsyncError):  # noqa: N818 - named for what happened
    """The member cannot be reached or read at all."""

    exit_code = 3


class MemberSilent(ConnectionFailed):
    """No answer within the deadline."""


class TimeOver(ConnectionFailed):
    """The time for all members of a mirror together is over."""


class DriverCrashed(ConnectionFailed):
    """The driver's process ended without an answer."""


class LoginRefused(ConnectionFailed):
    """Wrong user or password, or the account may not log in."""


class ServiceClosed(ConnectionFailed):
    """`%Service_Bindings` does not admit this connection."""


class TlsFailed(ConnectionFailed):
    """The two sides could not agree on TLS."""


class CallFailed(DriftsyncError):  # noqa: N818 - named for what happened
    """One call failed; the connection is still good."""

    exit_code = 3


class NotPrivileged(CallFailed):
    """The account lacks a privilege."""


class NotThere(CallFailed):
    """Something does not exist in this release."""


class StatementFailed(CallFailed):
    """A statement failed for another reason."""


_NOT_FOUND = re.compile(r"\bnot found\b", re.IGNORECASE)
_NOT_PRIVILEGED = re.compile(r"\bnot privileged\b", re.IGNORECASE)
"""The driver passes on the message alone where the server sends no `[SQLCODE: <…>]` in it; English then helps."""
_CODE = re.compile(r"<([A-Z][A-Z ]+)>")
_SQLCODE = re.compile(r"SQLCODE:?\s*<?(-?\d+)>?|\[SQLCODE: <(-?\d+)>")
_LOST = {"COMMUNICATION LINK ERROR", "COMMUNICATION ERROR"}
_ABSENT = {"CLASS DOES NOT EXIST", "METHOD DOES NOT EXIST", "PROPERTY DOES NOT EXIST", "NOLINE", "NOROUTINE"}
PRIVILEGE_VIOLATION = -99
_ABSENT_SQL = {-23, -29, -30, -359, -428}


def connecting(member: str, text: str) -> ConnectionFailed:
    """Return the error for a connection that did not come about. The driver's own text goes into the details."""
    lowered = text.lower()
    if "access denied" in lowered or "password" in lowered or "login" in lowered:
        return LoginRefused(
            _("{member}: the login was refused").format(member=member),
            hint=_(
                "check user and password, that the account is enabled and not expired on this very member, "
                "and that %Service_Bindings is enabled there with the Password method"
            ),
            details=_first_line(text),
        )
    if "%service_bindings" in lowered or ("service" in lowered and "not enabled" in lowered):
        return ServiceClosed(
            _("{member}: %Service_Bindings does not admit this connection").format(member=member),
            hint=_("enable %Service_Bindings with the Password method for this address"),
            details=_first_line(text),
        )
    if any(word in lowered for word in ("ssl", "tls", "certificate", "handshake")):
        return TlsFailed(
            _("{member}: no TLS connection came about").format(member=member),
            hint=_(
                "check the CA file, the certificate's dates and that this port of the superserver speaks TLS"
            ),
            details=_first_line(text),
        )
    if "receive message" in lowered:
        return ConnectionFailed(
            _("{member}: ended the connection before the login").format(member=member),
            hint=_("it may speak TLS alone (tls = true), or be no superserver of IRIS: check host and port"),
            details=_first_line(text),
        )
    return ConnectionFailed(
        _("{member}: cannot be reached").format(member=member),
        hint=_("check host, port (1972 unless changed) and firewall"),
        details=_first_line(text),
    )


def calling(member: str, what: str, text: str) -> CallFailed | ConnectionFailed:
    """Return the error for a call or statement that failed."""
    code = _CODE.search(text)
    name = code[1] if code else ""
    number = _SQLCODE.search(text)
    sqlcode = int(next(part for part in number.groups() if part)) if number else 0
    if name in _LOST:
        return ConnectionFailed(
            _("{member}: the connection was lost while {what}").format(member=member, what=what),
            hint=_("the member may have restarted or changed its role; run it again"),
            details=_first_line(text),
        )
    message = text if name == "SQL ERROR" and not sqlcode else ""
    if name == "PROTECT" or sqlcode == PRIVILEGE_VIOLATION or _NOT_PRIVILEGED.search(message):
        return NotPrivileged(
            _("{member}: not permitted while {what}").format(member=member, what=what),
            hint=_("`driftsync doctor` lists the privileges that the account needs"),
            details=_first_line(text),
        )
    if name in _ABSENT or sqlcode in _ABSENT_SQL or _NOT_FOUND.search(message):
        return NotThere(
            _("{member}: not in this release, while {what}").format(member=member, what=what),
            details=_first_line(text),
        )
    reason = f"<{name}>" if name and name != "SQL ERROR" else f"SQLCODE {sqlcode}" if sqlcode else _("error")
    return StatementFailed(
        _("{member}: failed while {what} ({reason})").format(member=member, what=what, reason=reason),
        details=_first_line(text),
    )


def _first_line(text: str) -> str:
    return text.splitlines()[0][:300] if text else ""
