"""This module tells of every difference that no area has told: who would notice, by kind, and what they would find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from driftsync.checks.named_code import BESIDE, Dangling, missing_code, missing_files
from driftsync.checks.references import dangling
from driftsync.checks.spec import MemberView, Unanswered
from driftsync.comparing import severity_of
from driftsync.kinds import all_kinds, parse_key
from driftsync.kinds.making import folded_key
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import (
    Audience,
    Change,
    Changed,
    Clash,
    Consequence,
    Difference,
    Effect,
    Extra,
    Item,
    ItemKey,
    Missing,
    Severity,
)
from driftsync.rehearsing.instance import shown
from driftsync.rehearsing.pair import Pair, joined

EVERYBODY, USERS, WEB = Audience.EVERYBODY, Audience.USERS, Audience.WEB
PROGRAMS, INTERFACES = Audience.PROGRAMS, Audience.INTERFACES
TASKS, OPERATORS = Audience.TASKS, Audience.OPERATORS

PROGRAMS_IN = N_("programs in {namespace}")
AUTHORIZATION = N_("whoever logs in through the authorization server")
ALL = N_("everybody")
SQL = N_("SQL of {grantee}")

WHO: Mapping[str, tuple[Audience, str]] = {
    "namespace": (PROGRAMS, N_("clients of namespace {name}")),
    "global-mapping": (PROGRAMS, PROGRAMS_IN),
    "routine-mapping": (PROGRAMS, PROGRAMS_IN),
    "package-mapping": (PROGRAMS, PROGRAMS_IN),
    "database": (PROGRAMS, N_("whoever needs database {name}")),
    "web-application": (WEB, N_("users of {application}")),
    "percent-class-access": (WEB, N_("users of web applications that open {name}")),
    "service": (USERS, N_("clients of {service}")),
    "resource": (USERS, N_("whoever needs resource {name}")),
    "role": (USERS, N_("holders of the role {role}")),
    "user": (USERS, "{name}"),
    "sql-privilege": (PROGRAMS, SQL),
    "sql-admin-privilege": (PROGRAMS, SQL),
    "sql-role-grant": (USERS, N_("holders of the role {role}")),
    "task": (TASKS, N_("whoever waits for task {name}")),
    "task-manager-settings": (OPERATORS, N_("whoever waits for mail of the Task Manager")),
    "sql-gateway-connection": (INTERFACES, N_("programs that use SQL gateway {name}")),
    "language-server": (INTERFACES, N_("programs that use language server {name}")),
    "tls-configuration": (INTERFACES, N_("connections that use TLS configuration {name}")),
    "superserver": (USERS, N_("clients on port {port}")),
    "audit-event": (OPERATORS, N_("auditors")),
    "security-settings": (USERS, N_("whoever logs in")),
    "openam-identity-service": (USERS, N_("whoever logs in through OpenAM")),
    "security-domain": (USERS, N_("users of domain {name}")),
    "ldap-configuration": (USERS, N_("whoever logs in through {name}")),
    "x509-credentials": (INTERFACES, N_("web services that sign or encrypt with {name}")),
    "x509-user": (USERS, N_("whoever logs in with certificate {name}")),
    "kmip-server": (EVERYBODY, N_("databases whose keys are on {name}")),
    "encryption-key": (EVERYBODY, N_("databases encrypted with key {name}")),
    "wallet-entry": (INTERFACES, N_("programs that take {name} out of the wallet")),
    "oauth2-server-definition": (USERS, AUTHORIZATION),
    "oauth2-client": (USERS, AUTHORIZATION),
    "oauth2-server-configuration": (USERS, AUTHORIZATION),
    "oauth2-resource-server": (USERS, AUTHORIZATION),
    "docdb-application": (WEB, N_("programs that store documents in {name}")),
    "phone-provider": (USERS, N_("users whose second factor comes by {name}")),
    "instance-setting": (EVERYBODY, ALL),
    "ecp-server": (PROGRAMS, N_("programs whose data is on server {name}")),
    "licence-server": (EVERYBODY, N_("whoever needs a licence unit")),
    "archive": (OPERATORS, N_("whoever restores from archived journals")),
    "work-queue": (OPERATORS, N_("whoever waits for parallel work in {name}")),
    "device": (PROGRAMS, N_("whoever prints or writes to {name}")),
    "device-subtype": (OPERATORS, N_("whoever prints or writes to {name}")),
    "magnetic-tape": (OPERATORS, N_("whoever prints or writes to {name}")),
    "com-port": (OPERATORS, N_("whoever prints or writes to {name}")),
    "sql-datatype": (PROGRAMS, N_("programs that create tables with type {name}")),
    "nls-locale": (EVERYBODY, N_("whoever reads or writes text in locale {name}")),
    "ipm-package": (PROGRAMS, N_("programs that use package {name} in {namespace}")),
    "production": (INTERFACES, N_("everybody behind an interface of {namespace}")),
    "custom-code": (PROGRAMS, N_("programs that call {name}")),
    "file": (PROGRAMS, N_("whoever needs file {name}")),
    "mirror": (EVERYBODY, ALL),
    "mirror-member-map": (EVERYBODY, ALL),
    "mirror-member": (EVERYBODY, ALL),
}
"""Kind → who would notice. Every kind is here: a kind that nobody would notice would not be compared."""
FAILS = N_("would fail: {name} is not there")
ABSENT: Mapping[str, str] = {
    "sql-privilege": N_("would be refused without the privilege {name}"),
    "sql-admin-privilege": N_("could not create or change tables: {name} has no such right there"),
    "sql-role-grant": N_("could no longer hand it on: {name} is not there"),
    "security-domain": N_("would not be recognised: {name} is not there"),
    "audit-event": N_("would no longer read of {name}: it is not there"),
    "licence-server": N_("may be refused: the licence server {name} is not there"),
    "nls-locale": N_("would read other characters: {name} is not there"),
}
"""What is said of a missing item where it says more than that something fails."""
MORE_RIGHTS = frozenset({"sql-privilege", "sql-admin-privilege", "sql-role-grant", "x509-user"})
"""Kinds of which one more lets somebody do more."""
PRIVILEGES: Mapping[str, str] = {
    "a": "ALTER", "d": "DELETE", "e": "EXECUTE", "i": "INSERT", "r": "REFERENCES", "s": "SELECT", "u": "UPDATE",
}  # fmt: skip
LONGEST = 60
"""Letters of a value that is shown within a sentence."""


def others(pair: Pair) -> Iterator[Consequence]:
    """Yield each difference that matters and that nothing so far has told."""
    for difference in pair.drift.differences:
        match = parse_key(difference.key).match
        if difference.severity is not Severity.HYGIENE and not pair.settled(match):
            yield from _told(pair, difference, match)


def _told(pair: Pair, difference: Difference, match: str) -> Iterator[Consequence]:
    key = parse_key(difference.key)
    match difference:
        case Missing():
            what = _(ABSENT.get(key.kind, FAILS)).format(name=_called(key))
            effect = Effect.CHANGES if difference.severity is Severity.SECURITY else Effect.BREAKS
            yield _of(pair, effect, key, what)
        case Extra():
            if difference.kind in MORE_RIGHTS:
                what = _("could do more: the old primary does not have {name}").format(name=_called(key))
                yield _of(pair, Effect.CHANGES, key, what)
        case Clash():
            names = [each.property for each in difference.changes]
            what = _("would meet two members with the same {properties}").format(properties=joined(names))
            yield _of(pair, Effect.BREAKS, key, what, *names)
        case Changed():
            yield from _changed(pair, difference, key, match)


def _changed(pair: Pair, difference: Changed, key: ItemKey, match: str) -> Iterator[Consequence]:
    severities = {each.property: severity_of(difference, each) for each in difference.changes}
    told = [
        each
        for each in difference.changes
        if severities[each.property] is not Severity.HYGIENE and not pair.settled(match, each.property)
    ]
    for each in [each for each in told if each.property == "Enabled"]:
        told.remove(each)
        if each.actual:
            what = _("would find {name} switched on, which is off on the old primary").format(
                name=_called(key)
            )
            yield _of(pair, Effect.STARTS, key, what, "Enabled")
        elif severities["Enabled"] is Severity.SECURITY:
            what = _("would find {name} switched off").format(name=_called(key))
            yield _of(pair, Effect.CHANGES, key, what, "Enabled")
        else:
            what = _("would fail: {name} is switched off").format(name=_called(key))
            yield _of(pair, Effect.BREAKS, key, what, "Enabled")
            return
    for effect, wanted in (
        (Effect.BREAKS, {Severity.FAILOVER}),
        (Effect.CHANGES, {Severity.APPLICATION, Severity.SECURITY}),
    ):
        found = [each for each in told if severities[each.property] in wanted]
        if found:
            yield _of(pair, effect, key, _otherwise(key, found), *(each.property for each in found))


def _otherwise(key: ItemKey, changes: list[Change]) -> str:
    if len(changes) > 1:
        return _("would find {name} otherwise: {properties}").format(
            name=_called(key), properties=joined(each.property for each in changes)
        )
    [change] = changes
    there, here = (_shown(each) for each in (change.expected, change.actual))
    if there == here:
        return _("would find {name} with another {property}").format(
            name=_called(key), property=change.property
        )
    return _("would find {name} with {property} = {here} instead of {there}").format(
        name=_called(key), property=change.property, here=here, there=there
    )


def _shown(value: Any) -> str:
    """Write a value in a sentence where it is short and no secret."""
    text = shown(value)
    return text if len(text) <= LONGEST else _("(another value)")


def _called(key: ItemKey) -> str:
    """Return what an administrator calls an item: a privilege not by the letters of its key."""
    name = key.spelled or key.identity
    if key.kind == "sql-privilege" and name.count("/") >= 2:  # noqa: PLR2004 - object, privilege, grantee
        thing, letter, _grantee = name.rsplit("/", 2)
        return f"{PRIVILEGES.get(letter.lower(), letter)} {thing.partition(',')[2] or thing}"
    return name


def _of(pair: Pair, effect: Effect, key: ItemKey, what: str, *properties: str) -> Consequence:
    audience, who = WHO[key.kind]
    name, plain = _called(key), key.spelled or key.identity
    grantee = plain.rpartition("/")[2]
    role = plain.partition("/")[0] if key.kind == "sql-role-grant" else name
    who = who.format(
        name=name,
        namespace=key.namespace,
        grantee=grantee,
        role=role,
        application=name,
        service=name,
        port=name,
    )
    return pair.consequence(effect, audience, who, what, Item(key=key), *properties)


def references(pair: Pair) -> Iterator[Consequence]:
    """Yield names that lead nowhere on the new primary only."""
    known = {(each.item, each.property, each.name) for each in _dangling(pair, pair.old)}
    for each in _dangling(pair, pair.new):
        key = parse_key(each.item)
        if (each.item, each.property, each.name) in known or pair.settled(key.match, each.property):
            continue
        if pair.settled(_target(each)):
            continue  # what is not there was told, and who would notice
        what = _("would meet an error: {property} names {name}, which is not there").format(
            property=each.property, name=each.name
        )
        yield _of(pair, Effect.BREAKS, key, what, each.property)


def _dangling(pair: Pair, member: MemberView) -> Iterator[Dangling]:
    """Yield what a member's items name and the member does not have: items, files of class paths, code in %SYS."""
    yield from dangling(member)[0]
    for find in (partial(missing_files, member, kind) for kind in BESIDE), (partial(missing_code, member),):
        for each in find:
            try:
                yield from each()
            except Unanswered as reason:
                pair.blind[str(reason)] = None


def _target(each: Dangling) -> str:
    """Return the key of what is named."""
    kind, name = all_kinds()[each.kind], each.name
    namespace = ""
    if kind.identity.namespace:
        namespace, _slash, name = name.partition("/")
    return folded_key(kind, namespace, name).match
