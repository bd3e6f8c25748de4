"""This module says whose data and code would be read elsewhere after the swap: databases, namespaces, mappings.

A mapping is judged by where it leads in the end. `%ALL` overrides what a namespace says itself; what nothing maps
lies in the namespace's own database; and two entries of the configuration are one database where the mirror says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.resolving import MAPPINGS, Elsewhere, led_elsewhere
from driftsync.checks.spec import Unanswered, known
from driftsync.kinds import parse_key
from driftsync.kinds.mappings import FOR_ALL
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Audience, Changed, Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, joined, name_of
from driftsync.rehearsing.resolving import Resolver

ELSEWHERE = {
    "global-mapping": N_("would look for global {name} in {there} instead of {here}"),
    "routine-mapping": N_("would look for routine {name} in {there} instead of {here}"),
    "package-mapping": N_("would look for package {name} in {there} instead of {here}"),
}


def databases(pair: Pair) -> Iterator[Consequence]:
    """Yield databases that would be missing, stay closed, or hold old data."""
    yield from pair.each(_gone, pair.missing("database"))
    yield from pair.each(_database, pair.both("database"))


def _gone(pair: Pair, item: Item) -> Iterator[Consequence]:
    what = _("would meet errors: database {name} is not there").format(name=name_of(item))
    yield pair.consequence(Effect.BREAKS, Audience.PROGRAMS, _users_of(pair, item), what, item)


def _users_of(pair: Pair, item: Item) -> str:
    """Say who works with a database: the namespaces of the old primary that lead there."""
    names = {name_of(item).upper(), item.key.identity.upper()}
    using = {
        name_of(each)
        for each in pair.old_items("namespace").values()
        if {str(each.compared.get(name) or "").upper() for name in ("Globals", "Routines")} & names
    } | {
        each.key.namespace
        for kind in MAPPINGS
        for each in pair.old_items(kind).values()
        if str(each.compared.get("Database") or "").upper() in names
    }
    if FOR_ALL in using:
        return _("programs in every namespace")
    return (
        _("programs in {namespace}").format(namespace=joined(sorted(using)))
        if using
        else _("whoever needs database {name}").format(name=name_of(item))
    )


def _database(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = found
    if reason := _closed(pair, before, after):
        sentence, name = reason
        pair.settle(after.key.match)
        if known(after, "MountRequired"):
            what = _("{member} could not become primary: {reason}, and it is required").format(
                member=pair.new.name, reason=sentence
            )
            yield pair.consequence(
                Effect.BREAKS, Audience.EVERYBODY, _("everybody"), what, after, name, "MountRequired"
            )
        else:
            what = _("would meet errors: {reason}").format(reason=sentence)
            who = _users_of(pair, before)
            yield pair.consequence(Effect.BREAKS, Audience.PROGRAMS, who, what, after, name)
        return
    if known(after, "ReadOnly") and not known(before, "ReadOnly"):
        what = _("could not write: database {name} is read-only here").format(name=name_of(after))
        who = _users_of(pair, before)
        yield pair.consequence(Effect.BREAKS, Audience.PROGRAMS, who, what, after, "ReadOnly")
    mirrored = known(before, "MirrorDBName")
    if mirrored and known(after, "MirrorDBName") != mirrored:
        what = _("would work with old data: database {name} is not in the mirror here").format(
            name=name_of(after)
        )
        who = _users_of(pair, before)
        yield pair.consequence(
            Effect.BREAKS, Audience.PROGRAMS, who, what, after, "MirrorDBName", "MirrorSetName"
        )


def _closed(pair: Pair, before: Item, after: Item) -> tuple[str, str] | None:
    """Return why a database would not be mounted and the property behind it, `None` where it would."""
    resource = str(known(after, "ResourceName") or "")
    if resource and f"resource:{resource.lower()}" not in pair.new_items("resource"):
        news = f"resource:{str(known(before, 'ResourceName') or '').lower()}" in pair.old_items("resource")
        if news:
            return (
                _("database {name} does not mount without its resource {resource}").format(
                    name=name_of(after), resource=resource
                ),
                "ResourceName",
            )
    key = str(after.local.get("EncryptionKeyID") or "").casefold()
    if known(after, "EncryptedDB") and key:
        active = {each.key.identity.casefold() for each in pair.new_items("encryption-key").values()}
        if key not in active:
            return (
                _("database {name} does not mount without its encryption key").format(name=name_of(after)),
                "EncryptedDB",
            )
    return None


def namespaces(pair: Pair) -> Iterator[Consequence]:
    """Yield namespaces that would be missing, or lead to other databases."""
    yield from pair.each(_gone_namespace, pair.missing("namespace"))
    resolver = Resolver.of(pair)
    yield from pair.each(_namespace, ((resolver, *each) for each in pair.both("namespace")))


def _clients(item: Item) -> str:
    return _("clients of namespace {name}").format(name=name_of(item))


def _gone_namespace(pair: Pair, item: Item) -> Iterator[Consequence]:
    what = _("would be refused: it is not there")
    yield pair.consequence(Effect.BREAKS, Audience.PROGRAMS, _clients(item), what, item)


def _namespace(pair: Pair, found: tuple[Resolver, Item, Item]) -> Iterator[Consequence]:
    resolver, before, after = found
    for name in ("Globals", "Routines"):
        there, here = (str(known(each, name) or known(each, "Globals") or "") for each in (before, after))
        if resolver.old.named(there).is_as(resolver.new.named(here)):
            pair.settle(after.key.match, name)
            continue
        what = (
            _("would see the data of {there} instead of {here}")
            if name == "Globals"
            else _("would run the code of {there} instead of {here}")
        ).format(there=here, here=there)
        yield pair.consequence(Effect.BREAKS, Audience.PROGRAMS, _clients(after), what, after, name)


def mappings(pair: Pair) -> Iterator[Consequence]:
    """Yield what would be read and written elsewhere."""
    resolver = Resolver.of(pair)
    for kind in MAPPINGS:
        try:
            yield from pair.each(
                _mapping, ((resolver, each) for each in led_elsewhere(pair.old, pair.new, kind))
            )
        except Unanswered as reason:
            pair.blind[str(reason)] = None
            continue
        for difference in pair.drift.differences:
            if difference.kind == kind:  # what was not told leads to the same database in the end
                pair.settle(
                    parse_key(difference.key).match,
                    *(["Database"] if isinstance(difference, Changed) else []),
                )


def _mapping(pair: Pair, found: tuple[Resolver, Elsewhere]) -> Iterator[Consequence]:
    resolver, each = found
    there = resolver.old.place(each.kind, each.namespace, each.name)
    here = resolver.new.place(each.kind, each.namespace, each.name)
    if each.only_how or there.is_as(here):
        return
    own = _("the namespace's own database")
    what = _(ELSEWHERE[each.kind]).format(
        name=name_of(each.item), there=here.name or own, here=there.name or own
    )
    who = (
        _("programs in every namespace")
        if each.namespace == FOR_ALL
        else _("programs in {namespace}").format(namespace=each.namespace)
    )
    properties = ["Database"] if each.before and each.after else []
    yield pair.consequence(Effect.BREAKS, Audience.PROGRAMS, who, what, each.item, *properties)
