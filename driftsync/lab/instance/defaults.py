"""This module works out initial values: the expressions that classes declare, on one instance."""

from __future__ import annotations

import re
from typing import Any, Protocol

from driftsync.lab.instance.facts import ClassFacts, PropertyFacts
from driftsync.lab.instance.identities import Record
from driftsync.lab.instance.release import Release

FLAGS_OF_CPF = 7
"""Save in the configuration database, write the CPF, activate."""

_EXPRESSIONS: dict[str, Any] = {
    "{$$$8k}": 8192,
    "{$$$OK}": 1,
    "{$$$DBDEFAULTResourceName}": "%DB_%DEFAULT",
    "{$$$GatewayObjectResourceName}": "%Gateway_Object",
    "{$$$KMIPv21}": 5,
    "{$$$LDAPDefaultClientTimeout}": 30,
    "{$$$LDAPDefaultServerTimeout}": 15,
    "{$$$LDAPEnabled+$$$LDAPActiveDirectory+$$$LDAPUseGroups+$$$LDAPKerberosOnly}": 201,
    "{$$$OCSPDEFAULTIMEOUTSEC}": 10,
    "{$$$DefaultLockThreshold}": 1000,
    "{$$$DEFIdTrxFrom}": "~ `!@#$%^&*()_+-=[]\\{}|;':\",./<>?",
    "{$$$SystemSecurityName}": "SYSTEM",
    "{$$$TLSDEFAULTCIPHERSUITES}": "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
    "{$s($$$IsOpenSSL10:$$$TLSv11,1:$$$TLSv12)}": 16,
    "{$s($$$IsOpenSSL10:$$$TLSv12,1:$$$TLSv13)}": 32,
    "{$$PlatformId^%SYS.LICENSE()=66}": 0,
    "{..InitFIPSMode()}": 0,
    "{##Class(%Library.Collate).GetSystemDefaultNumber()}": 5,
    "{$c(0)}": "\x00",
    "{$zu(115,5)}": 1,
    "{$zu(115,10)}": 1,
    '{##Expression("""irislogd"_$SELECT($$$ISWINDOWS:".exe",1:"")_" -f /tmp/irislogd.log""")}': "irislogd -f /tmp/irislogd.log",
}  # fmt: skip


class Place(Protocol):
    """What an initial value may depend on."""

    name: str
    host: str
    release: Release
    cpf_file: str

    def moment(self) -> str:
        """Return `$ZTIMESTAMP`."""
        ...

    def random_key(self, seed: str) -> bytes:
        """Return 20 bytes that only this instance has."""
        ...


def initial_value(found: PropertyFacts, place: Place, user: str = "") -> Any:
    """Return the initial value of one property."""
    expression = found.initial
    if found.collection == "array":
        return {}
    if found.collection or (found.relationship and found.name in {"Resources", "Clients"}):
        return []
    if not expression.startswith("{"):
        if not expression:
            return ""
        text = expression.strip('"').replace('""', '"') if expression.startswith('"') else expression
        return int(text) if re.fullmatch(r"-?\d+", text) and found.holds_number else text
    if expression in _EXPRESSIONS:
        return _EXPRESSIONS[expression]
    match expression:
        case "{$zts}":
            return place.moment()
        case "{$username}":
            return user
        case '{$p($zu(86),"*")}':
            return place.cpf_file
        case '{##Class(Config.CPF).GetName($p($zu(86),"*"))}':
            return cpf_name(place)
        case '{$parameter("Config.CPF","CPFCURRENTVERSION")}':
            return place.release.cpf_version
        case "{$zdatetime($h,3)}":
            return "2024-03-01 03:00:00"
        case "{$System.Encryption.GenCryptRand(20)}":
            return place.random_key(user)
        case '{$zu(110)_"_"_$p($zu(86),"*",2)}':
            return f"{place.host}_IRIS"
        case '{$p($zv," ",1)_"-"_$zu(110)_"-"_$p($zu(86),"*",2)}':
            return f"IRIS-{place.host}-IRIS"
    return ""


def cpf_name(place: Place) -> str:
    """Return the internal name of the active CPF: the file without directory and extension."""
    return place.cpf_file.rpartition("/")[2].rpartition(".")[0]


def new_record(facts: ClassFacts, place: Place, user: str = "") -> Record:
    """Return what `%New()` makes."""
    made = {
        found.name: initial_value(found, place, user)
        for found in place.release.properties(facts)
        if not found.calculated
    }
    if facts.name.startswith("Config."):
        made["SectionHeader"] = (
            "" if facts.name.startswith("Config.Map") else facts.name.removeprefix("Config.")
        )
        if facts.single:
            made["Name"] = facts.name.removeprefix("Config.")
    if "Version" in made and not made["Version"]:
        made["Version"] = facts.parameters.get("VERSION", "1")
    return made
