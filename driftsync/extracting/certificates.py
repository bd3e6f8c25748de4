"""This module asks a member until when the certificates of its TLS configurations hold.

Only the certificate itself leaves the file, even where a key stands beside it; IRIS reads the field
(`%SYSTEM.Encryption.X509GetField`), and neither is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from driftsync.connections.failures import CallFailed, ConnectionFailed
from driftsync.extracting.logs import StreamSource
from driftsync.extracting.permitted import PermittedConnection, why
from driftsync.extracting.values import MISREAD, as_flag, as_text
from driftsync.kinds.making import RawItem
from driftsync.language import english as _

CERTIFICATES = "certificates"
BEGIN, END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
MOST = 256 * 1024
"""Bytes read of one file: chains are smaller, and a file that is none is not read whole."""


def read_certificates(
    connection: PermittedConnection, configurations: Iterable[RawItem]
) -> list[dict[str, Any]]:
    """Return one record for each enabled configuration that names a certificate: until when, or why nobody knows."""
    found: list[dict[str, Any]] = []
    known: dict[str, tuple[str, str]] = {}
    for item in configurations:
        path = as_text(item.values.get("CertificateFile"))
        if not path or not _enabled(item):
            continue
        if path not in known:
            known[path] = _until(connection, path)
        until, unread = known[path]
        found.append(
            {"Name": as_text(item.values.get("Name")), "File": path, "Until": until, "Unread": unread}
        )
    return found


def _enabled(item: RawItem) -> bool:
    """Say whether it is in use; what does not say so counts."""
    try:
        return as_flag(item.values.get("Enabled"))
    except ValueError:
        return True


def _until(connection: PermittedConnection, path: str) -> tuple[str, str]:
    """Return until when the certificate of a file holds, or why that is not known."""
    try:
        source = StreamSource(connection, path)
        content = source.read(0, min(source.size, MOST))
        begins, ends = content.find(BEGIN), content.find(END)
        if begins < 0 or ends < begins:
            return "", _("{path} holds no certificate in PEM").format(path=path)
        certificate = content[begins : ends + len(END)].decode("ascii") + "\n"
        until = as_text(
            connection.call("%SYSTEM.Encryption", "X509GetField", certificate, "ValidityNotAfter").value
        )
    except OSError as error:
        return "", str(error)
    except (CallFailed, ConnectionFailed, *MISREAD) as error:
        return "", why(error)
    return until, "" if until else _("IRIS does not say until when {path} holds").format(path=path)
