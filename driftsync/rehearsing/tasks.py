"""This module says which tasks and productions would run, stop, or never run after the swap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.language import english as _
from driftsync.model import Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, consequence, name_of

PRIMARY_ONLY, NOT_PRIMARY, ANY = 1, 2, 3
"""`MirrorStatus`; the words for the codes are not proven (api.md 5.5)."""


def tasks(pair: Pair) -> Iterator[Consequence]:
    """Yield what becomes of each task of the site."""
    who = _("whoever waits for what the task does")
    for item in pair.missing("task"):
        if _runs_on_primary(item) and not pair.shipped(item):
            yield consequence(
                Effect.BREAKS,
                who,
                _("task {name} would never run: it is not there").format(name=name_of(item)),
                item,
            )
    users = pair.new_items("user")
    old = pair.old_items("task")
    for key, item in pair.new_items("task").items():
        if pair.shipped(item):
            continue
        before = old.get(key)
        if reason := _never(item, users):
            if before is not None and _runs_on_primary(before):
                yield consequence(
                    Effect.BREAKS,
                    who,
                    _("task {name} would never run: {reason}").format(name=name_of(item), reason=reason),
                    item,
                )
        elif item.compared.get("MirrorStatus") == NOT_PRIMARY:
            yield consequence(
                Effect.STOPS,
                who,
                _("task {name} would stop: it runs on non-primary members only").format(name=name_of(item)),
                item,
            )
        elif item.compared.get("MirrorStatus") == PRIMARY_ONLY and before is None:
            yield consequence(
                Effect.STARTS,
                _("whoever it was meant to be hidden from"),
                _("task {name} would start: the primary does not have it").format(name=name_of(item)),
                item,
            )


def _runs_on_primary(item: Item) -> bool:
    return item.compared.get("MirrorStatus") in {PRIMARY_ONLY, ANY} and not item.compared.get("Suspended")


def _never(item: Item, users: Mapping[str, Item]) -> str:
    """Say why a task would not run on a primary, nothing where it would."""
    if not item.compared.get("MirrorStatus"):
        return _("it does not say where in the mirror it runs")
    if item.compared.get("Suspended"):
        return _("it is suspended")
    owner = str(item.compared.get("RunAsUser") or "")
    if not owner:
        return ""
    account = users.get(f"user:{owner.lower()}")
    if account is None:
        return _("its user {user} is not there").format(user=owner)
    return "" if account.compared.get("Enabled") else _("its user {user} is disabled").format(user=owner)


def productions(pair: Pair) -> Iterator[Consequence]:
    """Yield productions that would not start by themselves."""
    who = _("everybody behind an interface")
    for item in pair.missing("production"):
        yield consequence(
            Effect.BREAKS,
            who,
            _("production {name} would not start: it is not there").format(name=item.key.identity),
            item,
        )
    for before, after in pair.both("production"):
        if before.compared.get("AutoStart") and not after.compared.get("AutoStart"):
            yield consequence(
                Effect.BREAKS,
                who,
                _("production {name} in {namespace} would not start by itself").format(
                    name=after.key.identity, namespace=after.key.namespace
                ),
                after,
            )
