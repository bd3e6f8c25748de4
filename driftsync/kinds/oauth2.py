"""This module declares OAuth 2.0: authorization servers, clients, the member's own server, resource servers."""

from __future__ import annotations

from driftsync.kinds.live import Reader, Table
from driftsync.kinds.places import Action
from driftsync.kinds.spec import Kind, Property, Route, by, choice, flag, names, number, only_one, text
from driftsync.kinds.written import ByObject
from driftsync.language import N_
from driftsync.model import Severity

CLIENT_TYPES = {"public": "public", "confidential": "confidential", "resource": "resource"}
AUTHENTICATION_TYPES = {
    name: name for name in ("none", "basic", "body", "client_secret_jwt", "private_key_jwt")
}
CLIENT_SIGNING = {name: name for name in ("RS256", "RS384", "RS512")}
SERVER_SIGNING = {
    name: name for name in ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
}
ENCRYPTION = {name: name for name in ("A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512")}
CLIENT_KEY = {name: name for name in ("RSA1_5", "RSA-OAEP")}
SERVER_KEY = {name: name for name in ("RSA1_5", "RSA-OAEP", "A128KW", "A192KW", "A256KW", "dir")}

ROTATES = N_("public keys that come and go by rotation")
ROTATES_WHEN = N_("the moment when public keys are fetched again")
REGISTERED = N_("given out by the server when this client was registered")
PORTAL_CLIENT = N_("System Administration > Security > OAuth 2.0 > Client")
PORTAL_SERVER = N_("System Administration > Security > OAuth 2.0 > Server")


def _endpoint(name: str) -> tuple[Property, ...]:
    """Declare the parts of an embedded `OAuth2.Endpoint`."""
    return (flag(f"{name}.UseSSL"), text(f"{name}.Host"), text(f"{name}.Port"), text(f"{name}.Prefix"))


def _server_metadata() -> tuple[Property, ...]:
    """Declare the parts of a referenced `OAuth2.Server.Metadata`."""
    texts = (
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint",
        "introspection_endpoint", "jwks_uri", "registration_endpoint", "end_session_endpoint",
        "service_documentation", "op_policy_uri", "op_tos_uri",
    )  # fmt: skip
    lists = (
        "scopes_supported", "response_types_supported", "response_modes_supported",
        "code_challenge_methods_supported", "grant_types_supported", "acr_values_supported",
        "subject_types_supported", "id_token_signing_alg_values_supported",
        "id_token_encryption_alg_values_supported", "id_token_encryption_enc_values_supported",
        "userinfo_signing_alg_values_supported", "userinfo_encryption_alg_values_supported",
        "userinfo_encryption_enc_values_supported", "access_token_signing_alg_values_supported",
        "access_token_encryption_alg_values_supported", "access_token_encryption_enc_values_supported",
        "request_object_signing_alg_values_supported", "request_object_encryption_alg_values_supported",
        "request_object_encryption_enc_values_supported", "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported", "display_values_supported",
        "claim_types_supported", "claims_supported", "claims_locales_supported", "ui_locales_supported",
    )  # fmt: skip
    flags = (
        "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
        "require_request_uri_registration", "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
    )  # fmt: skip
    return (
        *(text(f"Metadata.{name}") for name in texts),
        *(names(f"Metadata.{name}") for name in lists),
        *(flag(f"Metadata.{name}") for name in flags),
    )


def _client_metadata() -> tuple[Property, ...]:
    """Declare the parts of a referenced `OAuth2.Client.Metadata`, its secrets and moments apart."""
    texts = (
        "application_type", "client_name", "logo_uri", "client_uri", "policy_uri", "tos_uri", "jwks_uri",
        "sector_identifier_uri", "subject_type", "id_token_signed_response_alg",
        "id_token_encrypted_response_alg", "id_token_encrypted_response_enc", "userinfo_signed_response_alg",
        "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc",
        "access_token_signed_response_alg", "access_token_encrypted_response_alg",
        "access_token_encrypted_response_enc", "request_object_signing_alg", "request_object_encryption_alg",
        "request_object_encryption_enc", "token_endpoint_auth_method", "token_endpoint_auth_signing_alg",
        "initiate_login_uri", "frontchannel_logout_uri",
    )  # fmt: skip
    lists = (
        "redirect_uris", "response_types", "grant_types", "contacts", "default_acr_values", "request_uris",
        "post_logout_redirect_uris",
    )  # fmt: skip
    return (
        *(text(f"Metadata.{name}") for name in texts),
        *(names(f"Metadata.{name}") for name in lists),
        flag("Metadata.require_auth_time"),
        flag("Metadata.frontchannel_logout_session_required"),
        number("Metadata.default_max_age"),
        text("Metadata.client_secret").secret(N_("the client's password at the authorization server")),
        text("Metadata.registration_access_token").secret(N_("lets its holder change the registration")),
        text("Metadata.client_id").local(REGISTERED),
        text("Metadata.registration_client_uri").local(REGISTERED),
        number("Metadata.client_id_issued_at").ignored(N_("the moment of one registration")),
        number("Metadata.client_secret_expires_at").ignored(N_("the moment of one registration")),
        text("Metadata.jwks").ignored(ROTATES),
    )


GENERATED = N_("IRIS makes it of the rest when that is saved")
SERVER_METADATA = {"Metadata": "OAuth2.Server.Metadata"}

ENDPOINTS = frozenset(
    {
        "AuthorizationEndpoint",
        "TokenEndpoint",
        "UserinfoEndpoint",
        "IntrospectionEndpoint",
        "RevocationEndpoint",
    }
)
"""What the merge action takes inside its `Metadata` alone (page RACS_createoauthserverdef)."""

OAUTH2_SERVER_DEFINITION = Kind(
    name="oauth2-server-definition",
    title=N_("OAuth 2.0 server description"),
    iris_class="OAuth2.ServerDefinition",
    source="class OAuth2.ServerDefinition; api.md 5.19",
    live=(
        Reader("oauth2", "SELECT FROM OAuth2.ServerDefinition, else one object each, property by property"),
    ),
    written=ByObject(
        opener="OpenByIssuer",
        key=("IssuerEndpoint",),
        deletes="DeleteId",
        by_id=True,
        parts=SERVER_METADATA,
        carries=frozenset({"InitialAccessToken"}),
        afterwards=N_(
            "the server's public keys are no part of this: see to them on the page of the portal, by Discover and Save"
        ),
        at_once=True,
    ),
    identity=by("IssuerEndpoint"),
    properties=(
        text("SSLConfiguration", refers_to="tls-configuration"),
        text("AuthorizationEndpoint"),
        text("TokenEndpoint"),
        text("UserinfoEndpoint"),
        text("IntrospectionEndpoint"),
        text("RevocationEndpoint"),
        text("ServerCredentials", refers_to="x509-credentials"),
        *_server_metadata(),
        text("InitialAccessToken").secret(N_("lets its holder register clients at the server")),
        text("PublicJWKS").ignored(ROTATES),
        number("PublicJWKSExpires").ignored(ROTATES_WHEN),
        text("Hash").ignored(N_("IRIS derives it from the issuer")),
        names("Clients").ignored(N_("the other end of what each client says about its server")),
        flag("IsDiscovery").ignored(N_("internal to IRIS: whether the description was fetched or typed in")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Logins and tokens of this authorization server cannot be checked by a member that does not know it."
    ),
    portal=PORTAL_CLIENT,
    places=(
        Action(
            "OAuth2ServerDefinition",
            omits=ENDPOINTS,
            needs=frozenset({"SSLConfiguration", "Metadata"}),
        ),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
)

OAUTH2_CLIENT = Kind(
    name="oauth2-client",
    title=N_("OAuth 2.0 client"),
    iris_class="OAuth2.Client",
    source="class OAuth2.Client; api.md 5.19",
    live=(Reader("oauth2", "SELECT FROM OAuth2.Client, else one object each, property by property"),),
    written=ByObject(
        opener="Open",
        key=("ApplicationName",),
        deletes="DeleteId",
        parts={"RedirectionEndpoint": "OAuth2.Endpoint", "Metadata": "OAuth2.Client.Metadata"},
        texts=frozenset({"DefaultScope"}),
        links={"ServerDefinition": ("OAuth2.ServerDefinition", "OpenByIssuer", "IssuerEndpoint")},
        at_once=True,
    ),
    identity=by("ApplicationName"),
    properties=(
        flag("Enabled"),
        choice("ClientType", values=CLIENT_TYPES),
        text(
            "ServerDefinition",
            refers_to="oauth2-server-definition",
            about=N_("the issuer of the server, never the number of its row"),
        ),
        text("SSLConfiguration", refers_to="tls-configuration"),
        *_endpoint("RedirectionEndpoint"),
        names("DefaultScope", separator=" "),
        number("JWTInterval"),
        text("JWTAudience"),
        choice("AuthenticationType", values=AUTHENTICATION_TYPES),
        choice("SigningAlgorithm", values=CLIENT_SIGNING),
        choice("EncryptionAlgorithm", values=ENCRYPTION),
        choice("KeyAlgorithm", values=CLIENT_KEY),
        text("ClientId", about=N_("differs where each member registered itself")),
        text("ClientCredentials", refers_to="x509-credentials"),
        flag("JWKSFromCredentials"),
        flag("AcceptNonStandardImplicitIdToken", severity=Severity.SECURITY),
        text("Description", severity=Severity.HYGIENE, localised=True),
        *_client_metadata(),
        text("ClientSecret").secret(N_("the client's password at the authorization server")),
        text("ClientPassword").secret(N_("opens the private key of the client's credentials")),
        text("PrivateJWKS").secret(N_("the client's private keys")),
        text("SymmetricJWKS").secret(N_("keys made from the client's secret")),
        text("PublicJWKS").ignored(ROTATES),
        text("RemotePublicJWKS").ignored(ROTATES),
        number("RemotePublicJWKSExpires").ignored(ROTATES_WHEN),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "An application that logs its users in through the authorization server, or checks their tokens, refuses everybody on the member."
    ),
    portal=PORTAL_CLIENT,
    places=(Action("OAuth2Client", needs=frozenset({"ClientType", "ServerDefinition", "SSLConfiguration"})),),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
)

OAUTH2_SERVER_CONFIGURATION = Kind(
    name="oauth2-server-configuration",
    title=N_("OAuth 2.0 authorization server"),
    iris_class="OAuth2.Server.Configuration",
    source="class OAuth2.Server.Configuration; api.md 5.19",
    live=(
        Reader("oauth2", "SELECT FROM OAuth2_Server.Configuration, else OAuth2.Server.Configuration.Open()"),
    ),
    written=ByObject(
        opener="Open",
        key=(),
        creates="",
        deletes="",
        keeps=N_(
            "it goes with the keys by which it signs its tokens, and no route of this tool carries a key"
        ),
        saves="Save",
        parts={"IssuerEndpoint": "OAuth2.Endpoint", **SERVER_METADATA},
        texts=frozenset({"DefaultScope", "CustomizationRoles"}),
        leaves={
            "SupportedScopes": N_("each scope has a description, which is not read"),
            **{each.name: GENERATED for each in _server_metadata()},
        },
        at_once=True,
    ),
    instead=N_(
        "Set it up on the page System Administration > Security > OAuth 2.0 > Server, or let IRIS merge OAuth2Server (2025.3)."
    ),
    only_rendered=True,
    identity=only_one("CONFIGURATION"),
    properties=(
        *_endpoint("IssuerEndpoint"),
        number("AccessTokenInterval"),
        number("AuthorizationCodeInterval"),
        number("RefreshTokenInterval"),
        number("SessionInterval"),
        number("ClientSecretInterval"),
        names("SupportedScopes", about=N_("the scopes, without what each is described as")),
        names("DefaultScope", separator=" "),
        flag("AllowUnsupportedScope", severity=Severity.SECURITY),
        text("SupportedGrantTypes"),
        text("ReturnRefreshToken"),
        flag("SupportSession"),
        flag("AudRequired", severity=Severity.SECURITY),
        flag("AllowPublicClientRefresh", severity=Severity.SECURITY),
        flag("ForcePKCEForPublicClients", severity=Severity.SECURITY),
        flag("ForcePKCEForConfidentialClients", severity=Severity.SECURITY),
        names("CustomizationRoles", refers_to="role"),
        text("CustomizationNamespace", upper=True, refers_to="namespace"),
        text("AuthenticateClass"),
        text("SessionClass"),
        text("ValidateUserClass"),
        text("GenerateTokenClass"),
        text("RevokeTokenClass"),
        text("ServerCredentials", refers_to="x509-credentials"),
        flag("JWKSFromCredentials"),
        choice("SigningAlgorithm", values=SERVER_SIGNING),
        choice("EncryptionAlgorithm", values=ENCRYPTION),
        choice("KeyAlgorithm", values=SERVER_KEY),
        text("SSLConfiguration", refers_to="tls-configuration"),
        text("Description", severity=Severity.HYGIENE, localised=True),
        *_server_metadata(),
        text("ServerPassword").secret(N_("opens the private key of the server's credentials")),
        text("PrivateJWKS").secret(
            N_("signs the tokens: with another key, those of the primary are refused")
        ),
        text("PublicJWKS").ignored(ROTATES),
        text("Key").ignored(N_("the same fixed word on every instance")),
    ),
    severity=Severity.APPLICATION,
    why=N_(
        "Clients that get their tokens from this instance get none, or tokens with another issuer or key, after a failover."
    ),
    portal=PORTAL_SERVER,
    places=(
        Action(
            "OAuth2Server",
            omits=frozenset({"SupportedScopes"}),
            filled=frozenset({"SigningAlgorithm", "KeyAlgorithm", "EncryptionAlgorithm"}),
        ),
    ),
    routes=(Route.CLASS_API, Route.MERGE_FILE),
)

# No property of these is known: whatever a member returns is carried as unlisted, by fingerprint.
OAUTH2_RESOURCE_SERVER = Kind(
    name="oauth2-resource-server",
    title=N_("OAuth 2.0 resource server"),
    iris_class="OAuth2.ResourceServer",
    source="api.md 10, mirror.md 2.3, RACS_modifyoauthresource; the class is not in the catalogue, so no property is known",
    live=(Table(iris_class="OAuth2.ResourceServer", unsure=True),),
    left_because=N_("what its class takes is not established"),
    instead=N_(
        "Define it here as on the primary, on the page System Administration > Security > OAuth 2.0, or let IRIS merge OAuth2Resource (2025.3)."
    ),
    identity=by("Name"),
    properties=(),
    severity=Severity.APPLICATION,
    why=N_(
        "An interface that is protected by access tokens refuses every caller on a member without this definition."
    ),
    portal=N_("System Administration > Security > OAuth 2.0 > Resource Server"),
    places=(Action("OAuth2Resource"),),
    routes=(Route.MERGE_FILE,),
    refers_to=("oauth2-server-definition",),
)
