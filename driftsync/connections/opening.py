"""This module opens the connection to a member of the settings: its password found, its TLS chosen, its places tried."""

from __future__ import annotations

from pathlib import Path

from driftsync.connections import credentials, failures, tls
from driftsync.connections.guarded import GuardedConnection
from driftsync.connections.interface import Address
from driftsync.connections.time_limit import TimeLimit
from driftsync.language import english as _
from driftsync.settings import Login


def open_member(
    login: Login, name: str, base: Path, *, password: str | None = None, limit: TimeLimit | None = None
) -> GuardedConnection:
    """Connect to a member, first at its host and then at each alternative, in order.

    `base` is where relative paths in the reference of the password start. `password` is for who has just typed it.
    `limit` is the time for the whole mirror, beside the deadline for each answer.
    Raises `SettingsError` where the password cannot be found, else a `ConnectionFailed` that names what was tried.
    """
    section, authority = tls.choose(login, name)
    secret = credentials.find(login.password_reference, base) if password is None else password
    failed: list[failures.ConnectionFailed] = []
    for host, port in login.places:
        address = Address(
            host,
            port,
            user=login.user,
            password=secret,
            tls=section,
            authority=authority,
            deadline=login.deadline,
        )
        try:
            return GuardedConnection(address, name, limit)
        except failures.ConnectionFailed as error:
            failed.append(_with_reason(error, address, name))
            if isinstance(error, (failures.LoginRefused, failures.TimeOver)):
                break  # the same account elsewhere would only lock itself out
    raise _none_answered(name, failed)


def warnings_of(login: Login) -> list[str]:
    """Return what somebody should know about how safely a member is reached, one sentence each."""
    if login.tls is False:
        return [
            _(
                "without TLS anybody on the network between can read the password: the driver only scrambles it; "
                "use tls = true"
            )
        ]
    return [
        _(
            "the driver checks who signed a member's certificate, not its host name: "
            "let ca_file hold an authority that signs for this mirror alone"
        )
    ]


def _with_reason(error: failures.ConnectionFailed, address: Address, name: str) -> failures.ConnectionFailed:
    """Say what is wrong with a certificate, which the driver does not."""
    if address.authority is None or "certificate" not in error.details:
        return error
    reason = tls.why_refused(address.host, address.port, address.authority, min(address.deadline, 5.0))
    if not reason:
        return error
    return failures.TlsFailed(
        _("{member} ({address}): its certificate was not accepted: {reason}").format(
            member=name, address=address, reason=reason
        ),
        hint=_("let ca_file name the authority that signed it, or have the member get a new certificate"),
        details=error.details,
    )


def _none_answered(name: str, failed: list[failures.ConnectionFailed]) -> failures.ConnectionFailed:
    if len(failed) == 1:
        return failed[0]
    return type(failed[-1])(
        _("{member}: did not answer at any of its addresses: {reasons}").format(
            member=name, reasons="; ".join(error.message.removeprefix(f"{name} ") for error in failed)
        ),
        hint=failed[-1].hint,
        details="; ".join(error.details for error in failed if error.details),
    )
