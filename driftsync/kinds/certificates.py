"""This module declares certificates and keys: credentials, their users, key servers, keys and wallet entries."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Reader, Table
from driftsync.kinds.places import Record
from driftsync.kinds.spec import Kind, by, choice, flag, horolog, names, number, path, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

WITH_ITS_KEY = N_("a certificate goes with its private key, and no route of this tool carries a key")

X509_CREDENTIALS = Kind(
    name="x509-credentials",
    title=N_("X.509 credentials"),
    iris_class="%SYS.X509Credentials",
    source="class %SYS.X509Credentials; api.md 5.18",
    live=(
        Table(iris_class="%SYS.X509Credentials"),
        Objects(names=ClassQuery("%SYS.X509Credentials", "ListDetails", ()), key=("Alias",)),
    ),
    written=ByObject(
        key=("Alias",),
        creates="",
        deletes="",
        keeps=WITH_ITS_KEY,
        saves="Save",
        texts=frozenset({"OwnerList", "PeerNames"}),
        leaves={
            "Thumbprint": WITH_ITS_KEY,
            "HasPrivateKey": WITH_ITS_KEY,
            "PrivateKeyType": WITH_ITS_KEY,
            "CAFile": N_("whether the file is on this host was not seen"),
        },
        at_once=True,
    ),
    instead=N_(
        "Import certificate and private key from their files on the page of the portal: System Administration > Security > X.509 Credentials."
    ),
    identity=by("Alias"),
    properties=(
        text("Thumbprint", about=N_("stands for the whole certificate")),
        flag("HasPrivateKey"),
        choice("PrivateKeyType", values={"RSA": "RSA", "DSA": "DSA"}),
        path("CAFile"),
        names(
            "OwnerList",
            severity=Severity.SECURITY,
            about=N_("the users who may use the credentials; empty means everybody"),
        ),
        names(
            "PeerNames",
            severity=Severity.SECURITY,
            about=N_("the servers that the credentials may be used for"),
        ),
        text("PrivateKey").secret(N_("the key itself, which no route of this tool carries")),
        text("PrivateKeyPassword").secret(N_("opens the private key")),
        text("PrivateKeyExport").secret(N_("the key itself, as an export writes it")),
        text("PrivateKeyPasswordExport").secret(N_("opens the private key, as an export writes it")),
        text("SerialNumber").local(N_("read from the certificate, which the thumbprint already compares")),
        text("IssuerDN").local(N_("read from the certificate, which the thumbprint already compares")),
        text("SubjectDN").local(N_("read from the certificate, which the thumbprint already compares")),
        horolog("ValidityNotBefore").local(
            N_("read from the certificate, which the thumbprint already compares")
        ),
        horolog("ValidityNotAfter").local(
            N_("read from the certificate, which the thumbprint already compares")
        ),
        text("Certificate").ignored(N_("the certificate as bytes, which the thumbprint already compares")),
        text("SubjectKeyIdentifier").ignored(
            N_("read from the certificate, which the thumbprint already compares")
        ),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Signed or encrypted messages and OAuth 2.0 tokens fail on a member that lacks the certificate or its private key."
    ),
    portal=N_("System Administration > Security > X.509 Credentials"),
    places=(Record("X509Credentials"),),
)

X509_USER = Kind(
    name="x509-user",
    title=N_("X.509 user"),
    iris_class="Security.X509Users",
    source="class Security.X509Users; api.md 5.18",
    live=(
        Table(iris_class="Security.X509Users"),
        Objects(names=ClassQuery("Security.X509Users", "List", ("*", "*")), key=("LookupKey",)),
    ),
    written=ByObject(
        key=("LookupKey",), creates="Create", arguments=("LookupKey", "Username", "Enabled", "Comment")
    ),
    identity=by("LookupKey"),
    properties=(
        text("Username", refers_to="user"),
        flag("Enabled"),
        text("Comment", severity=Severity.HYGIENE),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Whoever logs in with a client certificate is unknown to a member that does not map it to a user."
    ),
    portal=N_("no page known: the class Security.X509Users"),
    places=(Record("X509Users"),),
)

KMIP_SERVER = Kind(
    name="kmip-server",
    title=N_("KMIP server"),
    iris_class="Security.KMIPServer",
    source="class Security.KMIPServer; api.md 5.27",
    live=(
        Table(iris_class="Security.KMIPServer"),
        Objects(names=ClassQuery("Security.KMIPServer", "List", ("*",)), key=("Name",), opener="%OpenId"),
    ),
    left_because=N_(
        "which calls bring it to life is not established, and with a wrong entry IRIS cannot fetch the keys of its databases"
    ),
    instead=N_("Set it up here in a terminal: do ^SECURITY in %SYS, menu KMIP server setup."),
    identity=by("Name"),
    properties=(
        text("Host"),
        number("Port"),
        number("Protocol"),
        text("SSLConfig", refers_to="tls-configuration"),
        flag("NBIO"),
        flag("Reconnect"),
        number("Timeout"),
        names("DBEncStartKeyList", about=N_("the keys that the server hands out when an instance starts")),
        number("Flags"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "A member that cannot fetch its keys starts without its encrypted databases and cannot take over."
    ),
    portal=N_("no page: the routine ^SECURITY in %SYS, menu KMIP server setup"),
    places=(Record("KMIPServer"),),
    routes=(),
)

# The keys have no class and stand in no file: only the identifiers of the activated ones are read.
ENCRYPTION_KEY = Kind(
    name="encryption-key",
    title=N_("Activated encryption key"),
    iris_class="%SYSTEM.Encryption",
    source="class %SYSTEM.Encryption; api.md 10, mirror.md 2.3; identifiers only, never a key",
    live=(Reader("encryption keys", "%SYSTEM.Encryption.ListEncryptionKeys()"),),
    left_because=N_("a key comes from its file or from a KMIP server, and never over a connection"),
    instead=N_(
        "Activate the key here from its file: do ^EncryptionKey in %SYS, or System Administration > Encryption > Database Encryption."
    ),
    identity=by("KeyID"),
    properties=(),
    severity=Severity.FAILOVER,
    why=N_(
        "Databases encrypted with a key that the member has not activated cannot be mounted, and their journals cannot be read."
    ),
    portal=N_("System Administration > Encryption > Database Encryption, or the routine ^EncryptionKey"),
    routes=(),
)

# What a wallet holds is never read: the name is enough to say that an entry is missing.
WALLET_ENTRY = Kind(
    name="wallet-entry",
    title=N_("Security wallet entry"),
    iris_class="Security Wallet (no class in the catalogue)",
    source="mirror.md 1 and 2.3, api.md 10; names only, values are never read",
    left_because=N_("what a wallet holds is never read, so there is nothing to carry"),
    instead=N_("Enter the secret by hand in the wallet of this instance, under the same name."),
    identity=by("Name"),
    properties=(),
    severity=Severity.APPLICATION,
    why=N_(
        "An application that takes its password or API key from the wallet finds none on the member after a failover."
    ),
    portal=N_("no page known: the wallet of the instance, from 2025.3 on"),
    routes=(),
    since="2025.3",
)
