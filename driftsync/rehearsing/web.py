"""This module says what users of web applications would meet after the swap: 403, 404, another login, another page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.spec import known, shipped
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item
from driftsync.rehearsing.doors import methods_of
from driftsync.rehearsing.pair import Pair, joined, lost, name_of, number
from driftsync.rehearsing.resolving import Resolver

UNAUTHENTICATED = 64


def web_applications(pair: Pair) -> Iterator[Consequence]:
    """Yield what users of each web application would meet."""
    resolver = Resolver.of(pair)
    yield from pair.each(_gone, pair.missing("web-application"))
    yield from pair.each(_there, ((resolver, *each) for each in pair.both("web-application")))
    yield from pair.each(_new, pair.added("web-application"))


def _users_of(item: Item) -> str:
    return _("users of {application}").format(application=name_of(item))


def _of(pair: Pair, effect: Effect, item: Item, what: str, *properties: str) -> Consequence:
    return pair.consequence(effect, Audience.WEB, _users_of(item), what, item, *properties)


def _gone(pair: Pair, item: Item) -> Iterator[Consequence]:
    if not known(item, "Enabled"):
        pair.settle(item.key.match)
    elif parent := _parent(pair.new_items("web-application"), item.key.identity):
        what = _("would be answered by {parent}, mostly with 404: it is not there").format(parent=parent)
        yield _of(pair, Effect.BREAKS, item, what)
    else:
        yield _of(pair, Effect.BREAKS, item, _("would get 404: it is not there"))


def _parent(applications: Mapping[str, Item], identity: str) -> str:
    """Return the application that answers what lies below its own path: the longest that is switched on."""
    while "/" in identity.rstrip("/"):
        identity = identity.rstrip("/").rpartition("/")[0]
        found = applications.get(f"web-application:{identity}") or applications.get(
            f"web-application:{identity}/"
        )
        if identity and found is not None and known(found, "Enabled"):
            return name_of(found)
    return ""


def _there(pair: Pair, found: tuple[Resolver, Item, Item]) -> Iterator[Consequence]:
    resolver, before, after = found
    if not known(before, "Enabled"):
        if known(after, "Enabled"):
            what = _("would get an answer: on the old primary it is disabled")
            yield _of(pair, Effect.STARTS, after, what, "Enabled")
        else:
            pair.settle(after.key.match)
        return
    if closed := _closed(pair, before, after):
        what, name = closed
        pair.settle(after.key.match)
        yield _of(pair, Effect.BREAKS, after, what, name)
        return
    yield from _elsewhere(pair, resolver, before, after)
    yield from _protection(pair, before, after)


def _closed(pair: Pair, before: Item, after: Item) -> tuple[str, str] | None:
    """Return with what an application would answer everybody and the property behind it, `None` where it works."""
    if not known(after, "Enabled"):
        return _("would get 403: it is disabled"), "Enabled"
    namespace = str(known(after, "NameSpace") or "").upper()
    key = f"namespace:{namespace}"
    if namespace and key not in pair.new_items("namespace") and key in _known(pair, before, namespace):
        return _("would get 404: its namespace {name} is not there").format(name=namespace), "NameSpace"
    resource = str(known(after, "Resource") or "")
    key = f"resource:{resource.lower()}"
    if resource and key not in pair.new_items("resource"):
        same = resource == known(before, "Resource")
        if not same or key in pair.old_items("resource"):
            what = _("would get 403: the resource {resource} that it needs is not there")
            return what.format(resource=resource), "Resource"
    return None


def _known(pair: Pair, before: Item, namespace: str) -> set[str]:
    """Return the namespaces whose absence is news: not one that the old primary names and lacks, too."""
    same = str(known(before, "NameSpace") or "").upper() == namespace
    return set(pair.old_items("namespace")) if same else {f"namespace:{namespace}"}


def _elsewhere(pair: Pair, resolver: Resolver, before: Item, after: Item) -> Iterator[Consequence]:
    """Yield that another class would answer, or one that nobody finds where it is looked for."""
    there, here = (str(known(each, "DispatchClass") or "") for each in (before, after))
    spaces = [str(known(each, "NameSpace") or "").upper() for each in (before, after)]
    if there != here:
        what = _("would be answered by class {here} instead of {there}").format(
            here=here or _("no class at all"), there=there or _("no class at all")
        )
        yield _of(pair, Effect.BREAKS, after, what, "DispatchClass")
    if spaces[0] != spaces[1]:
        what = _("would work in namespace {here} instead of {there}").format(here=spaces[1], there=spaces[0])
        yield _of(pair, Effect.BREAKS, after, what, "NameSpace")
        return
    if not here or here.startswith("%"):
        return
    code = [
        each.place("package-mapping", space, here)
        for each, space in zip((resolver.old, resolver.new), spaces, strict=True)
    ]
    if not code[0].is_as(code[1]):
        what = _("would get 404: its class {name} is looked for in {here} instead of {there}").format(
            name=here, here=code[1].name or _("no database at all"), there=code[0].name
        )
        yield _of(pair, Effect.BREAKS, after, what, "DispatchClass")


def _protection(pair: Pair, before: Item, after: Item) -> Iterator[Consequence]:
    gone = number(before, "AutheEnabled") & ~number(after, "AutheEnabled")
    added = number(after, "AutheEnabled") & ~number(before, "AutheEnabled")
    if gone & UNAUTHENTICATED:
        yield _of(
            pair, Effect.BREAKS, after, _("would have to log in, which they need not today"), "AutheEnabled"
        )
    elif gone:
        what = _("could not log in as they do today: {methods} is off").format(methods=methods_of(gone))
        yield _of(pair, Effect.BREAKS, after, what, "AutheEnabled")
    elif added & UNAUTHENTICATED:
        what = _("would come in without a login, as anybody could")
        yield _of(pair, Effect.STARTS, after, what, "AutheEnabled")
    there, here = (str(known(each, "Resource") or "") for each in (before, after))
    if there != here and here:
        what = _("would get 403 without the resource {resource}").format(resource=here)
        yield _of(pair, Effect.BREAKS, after, what, "Resource")
    elif there != here:
        what = _("would come in without the resource {resource} that guards it today").format(resource=there)
        yield _of(pair, Effect.STARTS, after, what, "Resource")
    if roles := lost(before, after, "MatchRoles"):
        what = _("would work without the roles {roles}, which it gives").format(
            roles=joined(each.strip(":") for each in roles)
        )
        yield _of(pair, Effect.BREAKS, after, what, "MatchRoles")


def _new(pair: Pair, item: Item) -> Iterator[Consequence]:
    if not known(item, "Enabled") or shipped(item):
        return
    if parent := _parent(pair.old_items("web-application"), item.key.identity):
        what = _("would be answered by it instead of {parent}: the old primary does not have it").format(
            parent=parent
        )
        yield _of(pair, Effect.STARTS, item, what)
    else:
        yield _of(pair, Effect.STARTS, item, _("would get an answer: the old primary does not have it"))
