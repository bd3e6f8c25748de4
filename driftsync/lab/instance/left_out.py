"""This module says what a collection leaves out: secrets, what may hold one, and what sounds like one.

Written here by hand, so that the script, the reader and the lab do not share a mistake; a test compares the lists.
"""

from __future__ import annotations

MASK = "driftsync:left-out"
"""What stands in the CPF of a collection in place of a value."""

LEFT_OUT: dict[str, str] = {
    "Security.Users": "Password Salt PasswordHash PasswordHashWorkFactor PasswordHashAlgorithm LegacyPassword HOTPKey HOTPKeyDisplay TOTPLastValidPasswords",
    "Security.System": "SMTPPassword LDAPSearchPassword PrivateJWKS DBEncStartPassphrase KeyEncKeyIterations KeyEncKeyLength KeyEncKeySaltLength",
    "Security.SSLConfigs": "PrivateKeyPassword",
    "Security.LDAPConfigs": "LDAPSearchPassword",
    "%SYS.X509Credentials": "SubjectKeyIdentifier",
    "%SYS.Task": "Settings",
    "%SYS.Task.Config": "Data",
    "%Library.SQLConnection": "pwd URL properties OnConnectStatement",
    "Config.Gateways": "passphraseList Field2 Field3",
    "OAuth2.ServerDefinition": "InitialAccessToken Hash PublicJWKS PublicJWKSExpires Metadata.jwks",
    "OAuth2.Client": "ClientSecret ClientPassword PrivateJWKS PublicJWKS RemotePublicJWKS RemotePublicJWKSExpires SymmetricJWKS "
    "Metadata.client_secret Metadata.registration_access_token Metadata.client_secret_expires_at Metadata.jwks",
    "OAuth2.Server.Configuration": "ServerPassword PrivateJWKS PublicJWKS Key",
}
"""Properties by class."""


def is_left_out(class_name: str, name: str) -> bool:
    """Say whether a collection does not write a property; `name` is dotted for embedded objects."""
    return name in LEFT_OUT.get(class_name, "").split()
