"""This module makes the one TLS context of deliveries: certificates and host names are always checked."""

from __future__ import annotations

import ssl
from pathlib import Path

from driftsync.delivering.attempting import DeliveryError, MayPassError, RefusedError
from driftsync.language import _


def context_for(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that trusts `ca_file` alone, or the authorities that this computer trusts."""
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise RefusedError(
            _("the certificates of {path} cannot be read").format(path=ca_file),
            _("ca_file is a PEM file, relative to the settings file"),
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def explain(error: ssl.SSLError, where: str) -> DeliveryError:
    """Say why TLS with a server came to nothing."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return RefusedError(
            _("the certificate of {where} is not accepted: {reason}").format(
                where=where, reason=error.verify_message
            ),
            _("if an authority of your own signed it, name it with ca_file"),
        )
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return MayPassError(_("the connection ended during TLS"))
    return RefusedError(
        _("TLS failed: {reason}").format(reason=error.reason or type(error).__name__),
        _("does this port speak TLS? a proxy or firewall that opens TLS needs its authority in ca_file"),
    )
