"""This module declares the security settings of an instance, OpenAM identity services and security domains."""

from __future__ import annotations

from driftsync.kinds.live import ClassQuery, Objects, Table
from driftsync.kinds.places import Action, ConfigApi, Record
from driftsync.kinds.spec import (
    Fold,
    Kind,
    Route,
    by,
    choice,
    everything,
    flag,
    mask,
    names,
    number,
    only_one,
    path,
    text,
)
from driftsync.kinds.words import AUTHENTICATION
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

TLS_SUPPORT = {"0": "none", "1": "accept", "2": "require"}
SIGNATURE_HASHES = {"SHA1": "SHA1", "SHA256": "SHA256", "SHA384": "SHA384", "SHA512": "SHA512"}
PASSWORD_HASHES = {"SHA1": "SHA1", "SHA256": "SHA256", "SHA384": "SHA384", "SHA512": "SHA512"}
TOKEN_ALGORITHMS = {name: name for name in ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")}

AUDITING = N_("this tool never touches what is audited")
KEY_SETUP = N_("belongs to the encryption that was set up on this member")
KEY_WRAPPING = N_("internal to IRIS: how this member wraps its encryption keys")
MOVED_TO_LDAP = N_("deprecated: each LDAP configuration has its own")

SECURITY_SETTINGS = Kind(
    name="security-settings",
    title=N_("System security settings"),
    iris_class="Security.System",
    source="class Security.System; api.md 5.16",
    live=(
        Table(iris_class="Security.System"),
        Objects(iris_class="Security.System", key=("SYSTEM",), beside=("DefaultSignatureHash",)),
    ),
    written=ByObject(
        key=(),
        literal=("SYSTEM",),
        creates="",
        deletes="",
        keeps=N_("an instance has exactly one"),
        carries=frozenset({"SMTPPassword"}),
        leaves={
            "AuditEnabled": AUDITING,
            "AuditFlags": AUDITING,
            "PrivateJWKS": N_("the keys that sign tokens are made on each member, or by OAuth 2.0 itself"),
        },
        at_once=True,
    ),
    identity=only_one("SYSTEM"),
    properties=(
        mask(
            "AutheEnabled",
            values=AUTHENTICATION,
            severity=Severity.FAILOVER,
            about=N_("what is off here is off for every service and application"),
        ),
        flag("AuditEnabled", about=N_("decides whether any audit event is written at all")),
        number("AuditFlags"),
        flag("ConfigurationSecurityEnabled"),
        text("DefaultSecurityDomain", severity=Severity.APPLICATION),
        flag(
            "SecurityDomains",
            severity=Severity.APPLICATION,
            about=N_("whether user names may carry a domain"),
        ),
        choice("DefaultSignatureHash", beside="object", values=SIGNATURE_HASHES),
        text(
            "RequiredRole",
            refers_to="role",
            severity=Severity.FAILOVER,
            about=N_("whoever lacks it cannot log in"),
        ),
        number(
            "InactiveLimit",
            severity=Severity.FAILOVER,
            about=N_("days without a login after which an account is disabled"),
        ),
        number("InvalidLoginLimit"),
        choice("InvalidLoginAction", values={"0": "none", "1": "disable the account"}),
        number("LoginCookieTimeout"),
        number("EscalateAuthTimeout"),
        number("EscalateLoginTimeout"),
        number("PasswordExpirationDays", severity=Severity.APPLICATION),
        choice("PasswordHashAlgorithm", values=PASSWORD_HASHES),
        number("PasswordHashWorkFactor"),
        text("PasswordPattern"),
        text("PasswordValidationRoutine"),
        number(
            "PercentGlobalWrite",
            severity=Severity.APPLICATION,
            about=N_("whether everybody may write % globals"),
        ),
        choice("SSLTelnetServer", values=TLS_SUPPORT),
        choice("SSLECPServer", values=TLS_SUPPORT, severity=Severity.FAILOVER),
        text(
            "SMTPServer",
            severity=Severity.APPLICATION,
            about=N_("sends the codes of two-factor authentication"),
        ),
        text("SMTPUsername", severity=Severity.APPLICATION),
        text("SMTPPassword", severity=Severity.APPLICATION).secret(
            N_("the password of the account that sends the codes")
        ),
        text("TwoFactorFrom", severity=Severity.HYGIENE),
        number("TwoFactorTimeout"),
        choice("JWTSigAlg", values=TOKEN_ALGORITHMS, severity=Severity.APPLICATION),
        text("JWTIssuer", severity=Severity.APPLICATION),
        text("PrivateJWKS", severity=Severity.APPLICATION).secret(
            N_("signs the tokens: with another key, those of the primary are refused")
        ),
        text("PublicJWKS", severity=Severity.APPLICATION).read_only(
            N_("one half of a key pair: set alone it would not fit the private half")
        ),
        text("TwoFactorPWIssuer").local(
            N_("holds the names of the host and the instance unless somebody changed it")
        ),
        flag("AuditEncrypt").local(
            N_("belongs to the keys of this member, and a change would delete its audit log")
        ),
        flag("BypassSecurity").local(N_("says how this instance was started, not how it is configured")),
        number("DBEncAlgorithm").local(KEY_SETUP),
        flag("DBEncIRISTemp").local(KEY_SETUP),
        text("DBEncDefaultKeyID").local(KEY_SETUP),
        text("DBEncJournalKeyID").local(KEY_SETUP),
        flag("DBEncJournal").local(KEY_SETUP),
        number("DBEncKeyLength").local(KEY_SETUP),
        path("DBEncStartConfigFile").local(KEY_SETUP),
        number("DBEncStartMode").local(KEY_SETUP),
        path("DBEncStartKeyFile").local(KEY_SETUP),
        text("DBEncStartKMIPServer").local(KEY_SETUP),
        flag("DBEncStartRequired").local(KEY_SETUP),
        text("DBEncStartUsername").ignored(N_("the name that opens this member's key file")),
        text("DBEncStartPassphrase").ignored(
            N_("a secret that opens this member's key file, so its value cannot agree")
        ),
        number("KeyEncKeyIterations").ignored(KEY_WRAPPING),
        number("KeyEncKeyLength").ignored(KEY_WRAPPING),
        number("KeyEncKeySaltLength").ignored(KEY_WRAPPING),
        names("LDAPAttributes").ignored(MOVED_TO_LDAP),
        text("LDAPAttributeComment").ignored(MOVED_TO_LDAP),
        text("LDAPAttributeFullName").ignored(MOVED_TO_LDAP),
        text("LDAPAttributeNameSpace").ignored(MOVED_TO_LDAP),
        text("LDAPAttributeRoutine").ignored(MOVED_TO_LDAP),
        text("LDAPAttributeRoles").ignored(MOVED_TO_LDAP),
        text("LDAPBaseDN").ignored(MOVED_TO_LDAP),
        path("LDAPCACertFile").ignored(MOVED_TO_LDAP),
        number("LDAPClientTimeout").ignored(MOVED_TO_LDAP),
        text("LDAPHostNames").ignored(MOVED_TO_LDAP),
        text("LDAPDomainName").ignored(MOVED_TO_LDAP),
        number("LDAPFlags").ignored(MOVED_TO_LDAP),
        text("LDAPInstanceId").ignored(MOVED_TO_LDAP),
        text("LDAPGroupId").ignored(MOVED_TO_LDAP),
        text("LDAPSearchPassword").ignored(MOVED_TO_LDAP),
        text("LDAPSearchUsername").ignored(MOVED_TO_LDAP),
        number("LDAPServerTimeout").ignored(MOVED_TO_LDAP),
        text("LDAPUniqueDNIdentifier").ignored(MOVED_TO_LDAP),
        number("SSLSuperServer").ignored(N_("deprecated: each superserver has its own level")),
        flag("TwoFactorEnabled").ignored(N_("internal to IRIS: it follows from the authentication methods")),
        text("Name").ignored(N_("always SYSTEM")),
        text("Description", localised=True).ignored(
            N_("a fixed text of the product, in the language of the instance")
        ),
        number("Version").local(N_("the layout of the record, which follows from the release")),
        text("VersionSystem").local(
            N_("the release of the security data, which follows from the release of the member")
        ),
    ),
    severity=Severity.SECURITY,
    why=N_(
        "Login methods, password rules and auditing change at the moment of failover, for everybody at once."
    ),
    portal=N_(
        "System Administration > Security > System Security > System-wide Security Parameters, and Authentication/Web Session Options"
    ),
    places=(Record("System"), ConfigApi("Security.System"), Action("System", verbs=frozenset({"Modify"}))),
    routes=(Route.CLASS_API, Route.MERGE_FILE, Route.CONFIG_API),
    built_in=everything,
    expectation={},
)

# No property of these is known: whatever a member returns is carried as unlisted, by fingerprint.
OPENAM_IDENTITY_SERVICE = Kind(
    name="openam-identity-service",
    title=N_("OpenAM identity service"),
    iris_class="OpenAM.IdentityServices",
    source="formats.md 3 (seen empty in exports only); api.md 3.4 and 10",
    live=(Table(iris_class="OpenAM.IdentityServices", unsure=True),),
    left_because=N_("what its class takes is not established"),
    instead=N_(
        "Set it up here as it was set up on the primary, by the class OpenAM.IdentityServices in %SYS."
    ),
    identity=by("Name"),
    properties=(),
    severity=Severity.APPLICATION,
    why=N_("Single sign-on through OpenAM fails on a member that does not know the service."),
    portal=N_("no page known: the class OpenAM.IdentityServices"),
    places=(Record("OpenAMIdentityServices"),),
    routes=(),
)

SECURITY_DOMAIN = Kind(
    name="security-domain",
    title=N_("Security domain"),
    iris_class="Security.Domains",
    source="class Security.Domains (deprecated); api.md 5.27",
    live=(
        Table(iris_class="Security.Domains"),
        Objects(names=ClassQuery("Security.Domains", "List", ("*", 0)), key=("Name",)),
    ),
    written=ByObject(),
    identity=by("Name", fold=Fold.LOWER),
    properties=(
        text("Description", severity=Severity.HYGIENE, localised=True),
        text("NameLowerCase").ignored(N_("IRIS derives it from the name")),
    ),
    severity=Severity.APPLICATION,
    why=N_("User names that carry the domain are not recognised by a member that does not know it."),
    portal=N_("no page in current releases: the class Security.Domains, which is deprecated"),
    places=(Record("Domains"),),
)
