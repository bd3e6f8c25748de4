"""This module makes the certificates of a lab with TLS, and the file of settings in which the driver looks for its own.

Certificates need a library that users of driftsync do not: `cryptography`, which `pip install driftsync[lab]` brings.
"""

from __future__ import annotations

import configparser
import datetime as dt
import importlib
import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from driftsync.errors import UsageError
from driftsync.language import english as _

SETTINGS_VARIABLE: Final = "ISC_SSLconfigurations"
"""Where the driver reads the name of its file of TLS settings; on Windows it is always `SSLDefs.ini`."""
TLS_1_2: Final = 16
TLS_1_3: Final = 32
VALID: Final = dt.timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """A certificate authority of the lab's own, and what it has issued for the loopback addresses."""

    authority: Path
    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """Return what a `Server` needs to speak TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificates(folder: Path, *, expired: bool = False) -> Certificates:
    """Make an authority and a server certificate in `folder`, on request one that ended yesterday.

    Raises `UsageError` where `cryptography` is not installed.
    """
    x509 = _library("x509")
    oid = _library("x509.oid")
    ec = _library("hazmat.primitives.asymmetric.ec")
    hashes = _library("hazmat.primitives.hashes")
    serialization = _library("hazmat.primitives.serialization")

    now = dt.datetime.now(dt.timezone.utc)
    begin = now - dt.timedelta(days=2)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))

    def name(common: str) -> Any:
        return x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, common)])

    def issue(subject: str, key: Any, end: dt.datetime, extensions: list[tuple[Any, bool]]) -> Any:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("driftsync lab"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(authority_key, hashes.SHA256())

    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    unused = "content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only"
    usage = dict.fromkeys(unused.split(), False)
    authority = issue("driftsync lab", authority_key, now + VALID, [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), True),
        (identifier, False),
    ])  # fmt: skip
    addresses = [x509.IPAddress(ipaddress.ip_address(each)) for each in ("127.0.0.1", "::1")]
    server = issue("localhost", server_key, now - dt.timedelta(days=1) if expired else now + VALID, [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName([x509.DNSName("localhost"), *addresses]), False),
        (x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    ])  # fmt: skip
    made = Certificates(folder / "lab-ca.pem", folder / "lab-server.pem", folder / "lab-server.key")
    folder.mkdir(parents=True, exist_ok=True)
    pem = serialization.Encoding.PEM
    made.authority.write_bytes(authority.public_bytes(pem))
    made.certificate.write_bytes(server.public_bytes(pem))
    secret = server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(made.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secret)
    return made


def write_settings(path: Path, authority: Path, *, name: str = "lab", verify: bool = True) -> Path:
    """Write the file in which the driver finds the TLS configuration `name`; returns its path.

    The driver reads it where the environment variable `SETTINGS_VARIABLE` says, and `sslconfig=name` chooses.
    """
    settings = configparser.ConfigParser(interpolation=None)
    settings.optionxform = str  # type: ignore[assignment,method-assign]  # the driver's keys have capitals
    settings[name] = {
        "CAFile": str(authority),
        "VerifyPeer": str(int(verify)),
        "TLSMinVersion": str(TLS_1_2),
        "TLSMaxVersion": str(TLS_1_3),
    }
    with path.open("w", encoding="utf-8") as file:
        settings.write(file, space_around_delimiters=False)
    return path


def _library(module: str) -> Any:
    """Import a module of `cryptography`, which `mypy` need not know either."""
    try:
        return importlib.import_module(f"cryptography.{module}")
    except ImportError:
        raise UsageError(
            _("TLS in the lab needs the Python package cryptography, which is not installed"),
            hint=_("pip install 'driftsync[lab]', or leave TLS out"),
        ) from None
