"""This module says which web applications, interfaces, mappings and files would fail after the swap."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.references import dangling
from driftsync.checks.resolving import led_elsewhere
from driftsync.language import english as _
from driftsync.model import Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, consequence, name_of

MAPPINGS = {
    "global-mapping": "global", "routine-mapping": "routine", "package-mapping": "package",
}  # fmt: skip


def web_applications(pair: Pair) -> Iterator[Consequence]:
    """Yield what users of each web application would meet."""
    namespaces = pair.new_items("namespace")
    for item in pair.missing("web-application"):
        if item.compared.get("Enabled"):
            yield consequence(Effect.BREAKS, _users_of(item), _("would get 404: it is not there"), item)
    for before, after in pair.both("web-application"):
        if not before.compared.get("Enabled"):
            continue
        who = _users_of(after)
        namespace = str(after.compared.get("NameSpace") or "").upper()
        if not after.compared.get("Enabled"):
            yield consequence(Effect.BREAKS, who, _("would get 403: it is disabled"), after)
        elif namespace and f"namespace:{namespace}" not in namespaces:
            yield consequence(
                Effect.BREAKS,
                who,
                _("would get 404: its namespace {name} is not there").format(name=namespace),
                after,
            )
        elif before.compared.get("AutheEnabled") != after.compared.get("AutheEnabled"):
            yield consequence(Effect.BREAKS, who, _("would have to log in another way, or not at all"), after)
        elif (before.compared.get("Resource") or "") != (after.compared.get("Resource") or ""):
            yield consequence(Effect.BREAKS, who, _("would need another permission than today"), after)
        elif (before.compared.get("DispatchClass") or "") != (after.compared.get("DispatchClass") or ""):
            yield consequence(Effect.BREAKS, who, _("would be served by another class"), after)


def _users_of(item: Item) -> str:
    return _("users of {application}").format(application=name_of(item))


def mappings(pair: Pair) -> Iterator[Consequence]:
    """Yield what would be read and written elsewhere, `%ALL` resolved: its mappings hold in every namespace."""
    for item in pair.missing("namespace"):
        yield consequence(
            Effect.BREAKS,
            _("clients of namespace {name}").format(name=name_of(item)),
            _("would be refused: it is not there"),
            item,
        )
    for before, after in pair.both("namespace"):
        for name in ("Globals", "Routines"):
            if before.compared.get(name) != after.compared.get(name):
                yield consequence(
                    Effect.BREAKS,
                    _("clients of namespace {name}").format(name=name_of(after)),
                    _("would see the data or code of {there} instead of {here}").format(
                        there=after.compared.get(name), here=before.compared.get(name)
                    ),
                    after,
                )
    for kind, word in MAPPINGS.items():
        for each in led_elsewhere(pair.old, pair.new, kind):
            if each.only_how:
                continue  # the data are found; locks and order of subscripts are for `check`
            yield consequence(
                Effect.BREAKS,
                _("programs in {namespace}").format(namespace=each.namespace),
                _("would look for {word} {name} in {there} instead of {here}").format(
                    word=word,
                    name=each.name,
                    there=each.after or _("the namespace's own database"),
                    here=each.before or _("the namespace's own database"),
                ),
                each.item,
            )


def references(pair: Pair) -> Iterator[Consequence]:
    """Yield names that lead nowhere on the new primary only."""
    old, _old_blind = dangling(pair.old)
    known = {(each.item, each.property, each.name) for each in old}
    found, _blind = dangling(pair.new)
    items = {
        str(item.key): item
        for kind in {each.item.partition(":")[0] for each in found}
        for item in pair.new_items(kind).values()
    }
    for each in found:
        if (each.item, each.property, each.name) not in known and each.item in items:
            yield consequence(
                Effect.BREAKS,
                _("whoever uses {item}").format(item=each.item),
                _("would meet an error: its {property} {name} is not there").format(
                    property=each.property, name=each.name
                ),
                items[each.item],
            )


def interfaces(pair: Pair) -> Iterator[Consequence]:
    """Yield connections to other systems that would be missing."""
    for kind, who in (
        ("sql-gateway-connection", _("linked tables and SQL adapters")),
        ("language-server", _("code in Java, .NET or Python")),
        ("tls-configuration", _("web services, LDAP and mail")),
        ("ldap-configuration", _("whoever logs in through LDAP")),
        ("oauth2-client", _("whoever logs in through the authorization server")),
        ("ecp-server", _("databases of another server")),
    ):
        for item in pair.missing(kind):
            if not pair.shipped(item):
                yield consequence(
                    Effect.BREAKS, who, _("would fail: {name} is not there").format(name=name_of(item)), item
                )


def files(pair: Pair) -> Iterator[Consequence]:
    """Yield pages, libraries and code that are missing or of another version."""
    for kind in ("file", "custom-code"):
        for item in pair.missing(kind):
            yield consequence(
                Effect.BREAKS,
                _who(item),
                _("would fail: {name} is not there").format(name=name_of(item)),
                item,
            )
        for before, after in pair.both(kind):
            if before.compared.get("Hash") != after.compared.get("Hash"):
                what = _("would get another version of {name}").format(name=name_of(after))
                yield consequence(Effect.CHANGES, _who(after), what, after)


def _who(item: Item) -> str:
    """Say who would notice a file or a piece of code."""
    if item.key.kind == "custom-code":
        return _("what runs at start-up, at login or at a switch")
    owner = item.key.identity.rpartition("/")[0]
    return _("users of {what}").format(what=owner.partition(":")[2] or owner or item.key.identity)


def settings(pair: Pair) -> Iterator[Consequence]:
    """Yield memory, lock table and journal settings that differ."""
    for before, after in pair.both("instance-setting"):
        if before.key.namespace in {"config", "Journal", "Startup"} and before.compared != after.compared:
            here, there = before.compared.get("Value"), after.compared.get("Value")
            yield consequence(
                Effect.CHANGES,
                _("everybody"),
                _("would run with {name} = {there} instead of {here}").format(
                    name=after.key.identity, there=_shown(there), here=_shown(here)
                ),
                after,
            )


def _shown(value: object) -> str:
    return str(value) if isinstance(value, (str, int, float, bool)) else _("(another value)")
