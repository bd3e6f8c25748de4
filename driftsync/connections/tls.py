"""This module gives the driver its TLS settings: a private file for the time of connecting, or a section of the user's own.

The driver reads an INI file that the environment variable `ISC_SSLconfigurations` names; on Windows it is always
`SSLDefs.ini` in a folder of its own (docstring of `iris.connect`). It checks who signed a certificate and its dates,
but not the host name (wire.md).
"""

from __future__ import annotations

import configparser
import importlib
import os
import socket
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from driftsync.errors import SettingsError
from driftsync.language import english as _
from driftsync.settings import Login

VARIABLE = "ISC_SSLconfigurations"
SECTION = "driftsync"
TLS_1_2, TLS_1_3 = 16, 32
"""How the driver's settings spell the versions."""

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep their authorities when Python was built elsewhere."""


@contextmanager
def settings_file(authority: Path | None) -> Iterator[dict[str, str]]:
    """Yield what the environment of the driver needs; the file is gone when the connection has come about."""
    if authority is None:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="driftsync-") as folder:  # readable by its owner alone
        path = Path(folder, "tls.ini")
        path.write_text(
            f"[{SECTION}]\nCAFile={authority.resolve()}\nVerifyPeer=1\n"
            f"TLSMinVersion={TLS_1_2}\nTLSMaxVersion={TLS_1_3}\n",
            encoding="utf-8",
        )
        yield {VARIABLE: str(path)}


def choose(login: Login, member: str) -> tuple[str, Path | None]:
    """Return the section that the driver shall use and, where driftsync writes it, the authority in it.

    Raises `SettingsError` for what would fail in the driver without a word of why.
    """
    if login.tls is False:
        return "", None
    if isinstance(login.tls, str):
        _refuse_unknown_section(login.tls, member)
        return login.tls, None
    if sys.platform == "win32":
        raise SettingsError(
            _("{member}: on Windows the driver takes its TLS settings from SSLDefs.ini alone").format(
                member=member
            ),
            hint=_('write a section with CAFile and VerifyPeer=1 there, and name it: tls = "SECTION"'),
        )
    return SECTION, _checked(login.ca_file, member) if login.ca_file else system_authorities()


def system_authorities() -> Path:
    """Return the file of the authorities that this computer trusts. Raises `SettingsError` where there is none."""
    known = ssl.get_default_verify_paths()
    candidates = [os.environ.get("SSL_CERT_FILE"), known.cafile, known.openssl_cafile, *BUNDLES]
    with suppress(ImportError):
        candidates.append(importlib.import_module("certifi").where())
    for each in candidates:
        if each and Path(each).is_file():
            return Path(each)
    raise SettingsError(
        _("this computer has no file of authorities to check certificates with"),
        hint=_('name the authority of the mirror: ca_file = "FILE.pem"'),
    )


def _checked(path: Path, member: str) -> Path:
    try:
        ssl.create_default_context(cafile=str(path))
    except ssl.SSLError:
        reason = _("holds no certificate in PEM form")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return path
    raise SettingsError(
        _("{member}: the CA file {path} cannot be used: {reason}").format(
            member=member, path=path, reason=reason
        ),
        hint=_("ca_file names the certificate of the authority, -----BEGIN CERTIFICATE-----"),
    )


def _refuse_unknown_section(section: str, member: str) -> None:
    """Look into the user's own file, where we know which it is."""
    if sys.platform == "win32":
        return
    named = os.environ.get(VARIABLE)
    if not named:
        raise SettingsError(
            _("{member}: tls names the section {section}, and {variable} names no file").format(
                member=member, section=section, variable=VARIABLE
            ),
            hint=_("set {variable} to the driver's TLS settings file, or use tls = true with ca_file").format(
                variable=VARIABLE
            ),
        )
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        settings.read_string(Path(named).read_text(encoding="utf-8"))
        found = section in settings
    except (OSError, UnicodeDecodeError, configparser.Error):
        found = False
    if not found:
        raise SettingsError(
            _("{member}: {path} has no section {section} that can be read").format(
                member=member, path=named, section=f"[{section}]"
            ),
            hint=_("correct tls, or the driver's TLS settings file"),
        )


def why_refused(host: str, port: int, authority: Path, seconds: float) -> str:
    """Return what is wrong with a member's certificate, in the words of OpenSSL; empty where it seems good.

    The driver says no more than that it failed.
    """
    context = ssl.create_default_context(cafile=str(authority))
    context.check_hostname = False  # as the driver does
    try:
        with (
            socket.create_connection((host, port), seconds) as plain,
            context.wrap_socket(plain) as secure,
        ):
            secure.getpeercert()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except OSError:
        return ""
    return ""
