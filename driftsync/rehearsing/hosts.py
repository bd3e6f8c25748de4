"""This module says what files and code beside the mirrored databases would be missing or other after the swap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.spec import Unanswered, known
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Audience, Consequence, Effect, Item
from driftsync.rehearsing.pair import Pair, name_of

ROUTINES: Mapping[str, str] = {
    "%ZSTART": N_("what runs at start-up, at shutdown and at each login"),
    "%ZSTOP": N_("what runs at shutdown and when processes end"),
    "ZMIRROR": N_("what runs when a member becomes primary"),
    "ZAUTHENTICATE": N_("whoever logs in by delegated authentication"),
    "ZAUTHORIZE": N_("whoever gets roles by delegated authorization"),
    "ZWELCOME": N_("whoever opens a terminal"),
}
"""Routines that IRIS itself calls, and who would notice."""
OWNERS: Mapping[str, tuple[Audience, str]] = {
    "web-application": (Audience.WEB, N_("users of {name}")),
    "language-server": (Audience.INTERFACES, N_("programs that use language server {name}")),
    "sql-gateway-connection": (Audience.INTERFACES, N_("programs that use SQL gateway {name}")),
}


def files(pair: Pair) -> Iterator[Consequence]:
    """Yield pages, libraries and code that are missing or of another version."""
    for kind in ("file", "custom-code"):
        try:
            yield from pair.each(_gone, pair.missing(kind))
            yield from pair.each(_other, pair.both(kind))
            yield from pair.each(_new_code, pair.added(kind))
        except Unanswered as reason:
            pair.blind[str(reason)] = None


def _who(item: Item) -> tuple[Audience, str]:
    if item.key.kind == "custom-code":
        name = name_of(item).partition(".")[0]
        known = ROUTINES.get(name.upper())
        if known:
            return Audience.EVERYBODY, _(known)
        return Audience.PROGRAMS, _("programs that call {name}").format(name=name_of(item))
    kind, _colon, rest = item.key.identity.partition(":")
    if kind in OWNERS:
        audience, who = OWNERS[kind]
        owner = rest if kind == "web-application" else rest.rpartition("/")[0]
        return audience, who.format(name=owner.rpartition("/")[0] or owner)
    return Audience.PROGRAMS, _("whoever needs file {name}").format(name=item.key.identity)


def _name(item: Item) -> str:
    return name_of(item).partition(":")[2] or name_of(item)


def _gone(pair: Pair, item: Item) -> Iterator[Consequence]:
    audience, who = _who(item)
    what = (
        _("would get 404 for {name}: the file is not there")
        if audience is Audience.WEB
        else _("would fail: {name} is not there")
    )
    yield pair.consequence(Effect.BREAKS, audience, who, what.format(name=_name(item)), item)


def _other(pair: Pair, found: tuple[Item, Item]) -> Iterator[Consequence]:
    before, after = found
    if known(before, "Hash") != known(after, "Hash"):
        audience, who = _who(after)
        what = _("would get another version of {name}").format(name=_name(after))
        effect = Effect.BREAKS if audience is Audience.EVERYBODY else Effect.CHANGES
        yield pair.consequence(effect, audience, who, what, after, "Hash")


def _new_code(pair: Pair, item: Item) -> Iterator[Consequence]:
    """Yield routines that IRIS would call on the new primary and cannot on the old one."""
    if item.key.kind == "custom-code" and name_of(item).partition(".")[0].upper() in ROUTINES:
        audience, who = _who(item)
        what = _("{name} would run: the old primary does not have it").format(name=name_of(item))
        yield pair.consequence(Effect.STARTS, audience, who, what, item)
