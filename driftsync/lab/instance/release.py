"""This module says what a release of IRIS has and what it lacks.

Sources: api.md 8 and formats.md 1.4 and 3. The catalogue is of 2024.3, so older releases are it without what came
later, and newer ones it with what is known to have changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from driftsync.lab.instance.facts import ClassFacts, PropertyFacts, all_classes

_TOKENS = "JWTAuthEnabled JWTAccessTokenTimeout JWTRefreshTokenTimeout"
_WSGI = "WSGIAppLocation WSGIAppName WSGICallable WSGIDebug WSGIType"
_CORS = "CorsAllowlist CorsCredentialsAllowed CorsHeadersList"

_SINCE_2023 = {
    "Config.WorkQueues": "*",
    "Config.Journal": "ArchiveName PurgeArchived CompressFiles",
    "Config.Archives": "*",
    "Config.Miscellaneous": "LicenseAltHeaders",
    "Security.Applications": f"{_TOKENS} {_CORS} RedirectEmptyPath",
    "Security.System": "JWTSigAlg JWTIssuer PrivateJWKS PublicJWKS",
    "Security.DocDBs": "",
}
_SINCE_2024 = {
    "Config.Logging": "*",
    "Config.Startup": "WebServerProtocol WebServerSSLConfiguration",
    "Config.config": "PythonRuntimeLibrary",
    "Security.Servers": "",
}
_SINCE_2024_2 = {
    "SYS.Database": "NewVolumeDirectory NewVolumeThreshold LastVolumeDirectory LastVolumeSize MultiVolume VolumeInfoBlock VolumeDirectoryList",
    "Security.Applications": _WSGI,
    "Security.Roles": "EscalationOnly",
    "Security.Users": "EscalationRoles EmailAddress",
    "Security.System": "EscalateAuthTimeout EscalateLoginTimeout",
    "Security.LDAPConfigs": "LDAPAttributeEscalationRoles EscalationRoleId",
}
_SINCE_2025 = {"Config.config": "PythonRuntimeLibraryVersion UUIDv1RandomMac"}


@dataclass(frozen=True)
class Release:
    """One release of the product."""

    name: str
    number: str
    build: int
    built: str
    cpf_version: str
    lacks: tuple[dict[str, str], ...]
    guarded: bool = False
    """Whether security tables need `%All`, and IRISSECURITY exists (from 2025.2)."""

    def version(self, product: str = "IRIS") -> str:
        """Return `$ZVERSION`."""
        return f"{product} for UNIX (Ubuntu Server LTS for x86-64 Containers) {self.number} (Build {self.build}U) {self.built}"

    def has_class(self, name: str) -> bool:
        """Say whether the class exists."""
        return name in all_classes() and not any(lacked.get(name) == "*" for lacked in self.lacks)

    def has_property(self, class_name: str, name: str) -> bool:
        """Say whether the property exists; the class may be absent altogether."""
        return not any(name in lacked.get(class_name, "").split() for lacked in self.lacks)

    def properties(self, facts: ClassFacts) -> list[PropertyFacts]:
        """Return the properties that this release has of a class."""
        return [found for found in facts.properties.values() if self.has_property(facts.name, found.name)]


RELEASES = {
    release.name: release
    for release in (
        Release(
            "2022.1", "2022.1.5", 940, "Wed Aug 9 2023 11:04:13 EDT", "2022.1",
            (_SINCE_2023, _SINCE_2024, _SINCE_2024_2, _SINCE_2025),
        ),
        Release(
            "2024.1", "2024.1.2", 398, "Thu Oct 3 2024 14:01:21 EDT", "2024.1", (_SINCE_2024_2, _SINCE_2025)
        ),
        Release("2025.2", "2025.2.0", 227, "Tue Jul 29 2025 12:19:02 EDT", "2025.1", (), guarded=True),
    )
}  # fmt: skip
"""The profiles of the lab; the build numbers are made up."""
