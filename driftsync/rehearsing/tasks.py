"""This module says which tasks and productions would start, stop, or never run after the swap."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.spec import known
from driftsync.kinds.tasks import ANY, NOT_PRIMARY, PRIMARY_ONLY
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, name_of


def tasks(pair: Pair) -> Iterator[Consequence]:
    """Yield what becomes of each task."""
    yield from pair.each(_gone, pair.missing("task"))
    yield from pair.each(_task, pair.both("task"))
    yield from pair.each(_new, pair.added("task"))


def _waiting(item: Item) -> str:
    return _("whoever waits for task {name}").format(name=name_of(item))


def _of(pair: Pair, effect: Effect, item: Item, what: str, *properties: str) -> Consequence:
    return pair.consequence(effect, Audience.TASKS, _waiting(item), what, item, *properties)


def _gone(pair: Pair, item: Item) -> Iterator[Consequence]:
    if _runs_on_primary(item):
        yield _of(pair, Effect.BREAKS, item, _("it would never run: it is not there"))


def _task(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = found
    runs = _runs_on_primary(before)
    if runs and (never := _never(pair, after)):
        reason, *properties = never
        what = _("it would never run: {reason}").format(reason=reason)
        yield _of(pair, Effect.BREAKS, after, what, *properties)
    elif runs and known(after, "MirrorStatus") == NOT_PRIMARY:
        what = _("it would stop: here it runs on non-primary members only")
        yield _of(pair, Effect.STOPS, after, what, "MirrorStatus")
    elif not runs and known(before, "MirrorStatus") != NOT_PRIMARY and _runs_on_primary(after):
        what = _("it would start: on the old primary it does not run")
        yield _of(pair, Effect.STARTS, after, what, "MirrorStatus", "Suspended")


def _new(pair: Pair, item: Item) -> Iterator[Consequence]:
    if known(item, "MirrorStatus") == PRIMARY_ONLY and not known(item, "Suspended"):
        yield pair.consequence(
            Effect.STARTS,
            Audience.TASKS,
            _("whoever works with {namespace}").format(namespace=item.key.namespace),
            _("task {name} would start: the old primary does not have it").format(name=name_of(item)),
            item,
        )


def _runs_on_primary(item: Item) -> bool:
    return known(item, "MirrorStatus") in {PRIMARY_ONLY, ANY} and not known(item, "Suspended")


def _never(pair: Pair, item: Item) -> tuple[str, ...]:
    """Return why a task would not run on a primary and the properties behind it, nothing where it would."""
    if not known(item, "MirrorStatus"):
        return _("it does not say where in the mirror it runs"), "MirrorStatus"
    if known(item, "Suspended"):
        return _("it is suspended"), "Suspended"
    key = f"namespace:{item.key.namespace.upper()}"
    if key in pair.old_items("namespace") and key not in pair.new_items("namespace"):
        return _("its namespace {name} is not there").format(name=item.key.namespace), "NameSpace"
    owner = str(known(item, "RunAsUser") or "")
    key = f"user:{owner.lower()}"
    there, here = (
        items.get(key) if owner else None for items in (pair.old_items("user"), pair.new_items("user"))
    )
    if there is None or not known(there, "Enabled"):
        return ()  # no news: the product's tasks, for one, run as users that are no accounts
    if here is None:
        return _("its user {user} is not there").format(user=owner), "RunAsUser"
    return (
        () if known(here, "Enabled") else (_("its user {user} is disabled").format(user=owner), "RunAsUser")
    )


def productions(pair: Pair) -> Iterator[Consequence]:
    """Yield productions that would not start by themselves, or start where today none does."""
    yield from pair.each(_gone_production, pair.missing("production"))
    yield from pair.each(_production, pair.both("production"))
    yield from pair.each(_new_production, pair.added("production"))
    yield from pair.each(_interop, pair.both("namespace"))


def _interfaces(item: Item) -> str:
    return _("everybody behind an interface of {namespace}").format(namespace=item.key.namespace)


def _production_of(pair: Pair, effect: Effect, item: Item, what: str, *properties: str) -> Consequence:
    what = what.format(name=item.key.identity)
    return pair.consequence(effect, Audience.INTERFACES, _interfaces(item), what, item, *properties)


def _gone_production(pair: Pair, item: Item) -> Iterator[Consequence]:
    what = _("production {name} would not start: it is not there")
    yield _production_of(pair, Effect.BREAKS, item, what)


def _production(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = found
    if known(before, "AutoStart") and not known(after, "AutoStart"):
        what = _("production {name} would not start by itself")
        yield _production_of(pair, Effect.BREAKS, after, what, "AutoStart")
    elif known(after, "AutoStart") and not known(before, "AutoStart"):
        what = _("production {name} would start by itself: on the old primary it does not")
        yield _production_of(pair, Effect.STARTS, after, what, "AutoStart")


def _new_production(pair: Pair, item: Item) -> Iterator[Consequence]:
    if known(item, "AutoStart"):
        what = _("production {name} would start: the old primary does not have it")
        yield _production_of(pair, Effect.STARTS, item, what)


def _interop(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = found
    if known(before, "Interop") and not known(after, "Interop"):
        yield pair.consequence(
            Effect.BREAKS,
            Audience.INTERFACES,
            _("everybody behind an interface of {namespace}").format(namespace=name_of(after)),
            _("no production could run: the namespace is not switched on for interoperability"),
            after,
            "Interop",
        )
