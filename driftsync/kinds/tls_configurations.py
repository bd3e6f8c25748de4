"""This module declares TLS configurations: versions, ciphers, checks and the files that they use."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import Kind, Route, by, choice, flag, number, path, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

TLS_VERSIONS = {"2": "SSLv3", "4": "TLS 1.0", "8": "TLS 1.1", "16": "TLS 1.2", "32": "TLS 1.3"}

TLS_CONFIGURATION = Kind(
    name="tls-configuration",
    title=N_("TLS configuration"),
    iris_class="Security.SSLConfigs",
    source="class Security.SSLConfigs; api.md 5.13",
    live=(
        Table(iris_class="Security.SSLConfigs"),
        Objects(names=ClassQuery("Security.SSLConfigs", "List", ("*", "*")), key=("Name",)),
    ),
    written=ByObject(
        activates="Activate", own=("CertificateFile", "PrivateKeyFile", "CAFile", "CAPath"), at_once=True
    ),
    identity=by("Name"),
    properties=(
        flag("Enabled"),
        choice("Type", values={"0": "client", "1": "server"}),
        choice("TLSMinVersion", values=TLS_VERSIONS),
        choice("TLSMaxVersion", values=TLS_VERSIONS),
        text("CipherList", about=N_("for TLS 1.2 and older")),
        text("Ciphersuites", about=N_("for TLS 1.3")),
        choice(
            "VerifyPeer", values={"0": "none", "1": "request", "3": "require"}, severity=Severity.SECURITY
        ),
        number("VerifyDepth", severity=Severity.SECURITY),
        choice("PrivateKeyType", values={"1": "DSA", "2": "RSA"}),
        number(
            "DiffieHellmanBits", severity=Severity.SECURITY, about=N_("0 leaves the choice to the library")
        ),
        choice("OCSP", values={"0": "no", "1": "yes"}, severity=Severity.SECURITY),
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("PrivateKeyPassword").secret(N_("opens the private key file of this member")),
        path("CertificateFile").local(
            N_("each member has a certificate of its own, where its host keeps it"), presence="always"
        ),
        path("PrivateKeyFile").local(
            N_("each member has a key of its own, where its host keeps it"), presence="always"
        ),
        path("CAFile", about=N_("%OSCertificateStore means the host's own")).local(
            N_("lies where the host keeps it; its content is what must agree"), presence="always"
        ),
        path("CAPath").local(
            N_("lies where the host keeps it; its content is what must agree"), presence="always"
        ),
        path("OCSPIssuerCert").local(N_("lies where the host keeps it")),
        path("OCSPResponseFile").local(
            N_("lies where the host keeps it, and speaks of this member's certificate")
        ),
        path("CRLFile").ignored(N_("deprecated, and without effect")),
        number("OCSPRequestFailures").ignored(N_("counts failed requests on one member")),
        number("OCSPTimeout").ignored(N_("internal to IRIS")),
        text("OCSPURL").ignored(N_("deprecated, and without effect")),
        text("SNIName").ignored(N_("deprecated, and without effect")),
        number("Protocols").ignored(
            N_("superseded by the lowest and highest TLS version, and not the value in force")
        ),
        flag("AuthorizeCN").ignored(N_("steers one save and is not stored")),
        number("Version").local(N_("the layout of the record, which follows from the release")),
    ),
    severity=Severity.FAILOVER,
    why=N_(
        "Web services, LDAP, e-mail or the mirror itself get no encrypted connection when the configuration is missing or stricter on the member."
    ),
    portal=N_("System Administration > Security > SSL/TLS Configurations"),
    places=(Record("SSLConfigs"), ConfigApi("Security.SSLConfigs"), Action("SSLConfig")),
    routes=(Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API),
)
