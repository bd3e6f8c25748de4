"""This module makes certificates that say until when they hold, and answers what their fields are.

They are certificates in their outer form alone: the field is written where a real one has its encoding.
"""

from __future__ import annotations

import base64
import binascii

from driftsync.lab.contract import Value
from driftsync.lab.instance.calling import Call, answers

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_FIELD = "ValidityNotAfter="


def certificate(subject: str, until: str) -> bytes:
    """Return a certificate as a file holds it; `until` is a moment such as `2028-01-01 00:00:00`."""
    inside = base64.b64encode(f"Subject=CN={subject}\n{_FIELD}{until}".encode()).decode()
    return f"{BEGIN}\n{inside}\n{END}\n".encode()


@answers("%SYSTEM.Encryption", "X509GetField")
def _field(call: Call) -> Value:
    inside = call.text("Certificate").partition(BEGIN)[2].partition(END)[0]
    try:
        lines = base64.b64decode("".join(inside.split()), validate=True).decode().splitlines()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    wanted = call.text("Field") + "="
    return next((line.removeprefix(wanted) for line in lines if line.startswith(wanted)), "")
