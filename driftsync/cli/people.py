"""This module hands a report to the channels of the settings and says in one line what became of each."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from driftsync.cli.exits import Exit
from driftsync.errors import UsageError
from driftsync.language import _, ngettext, visible

if TYPE_CHECKING:
    from driftsync.delivering import Delivered
    from driftsync.model import Report
    from driftsync.settings import Settings


def check_told(settings: Settings) -> None:
    """Raise `UsageError` where the settings name nobody to tell: better now than after a long night of reading."""
    if not settings.deliver:
        raise UsageError(
            _("{path} has no [[deliver]] table: there is nobody to tell").format(path=settings.path),
            hint=_("examples/driftsync.toml shows one for each way of telling people"),
        )


def tell_people(report: Report, settings: Settings, *, quiet: bool, remember: bool) -> Exit:
    """Deliver a report and say what became of it; what each channel was told is kept where `remember` says so."""
    from driftsync.cli.memory import open_store
    from driftsync.delivering import Result, deliver

    told: dict[str, dict[str, str]] = {}
    if remember:
        with open_store(settings) as store:
            told = store.told()
    found = deliver(report, settings, told=told)
    for each in found:
        if not quiet and each.result is Result.SENT:
            print(sent(each), file=sys.stderr)
        elif not quiet and each.result is Result.NOT_DUE:
            print(_("{name}: nothing to tell").format(name=visible(each.name)), file=sys.stderr)
    ended = say_failures(found)
    if remember:  # not of one that failed: it is told the next night what it was not told now
        with open_store(settings) as store, store.writing():
            for each in found:
                if each.result is not Result.FAILED:
                    store.tell(each.name, each.digests)
    return ended


def sent(delivered: Delivered) -> str:
    """Say in one line that a message has left."""
    return visible(
        _("{name}: told by {to}, {place}").format(name=delivered.name, to=delivered.to, place=delivered.place)
    )


def say_failures(found: Iterable[Delivered]) -> Exit:
    """Write one line for each delivery that failed: which, where, why, and what to do next."""
    from driftsync.delivering import Result

    failed = [each for each in found if each.result is Result.FAILED]
    for each in failed:
        tried = (
            ngettext("{count} attempt", "{count} attempts", each.attempts).format(count=each.attempts)
            if each.attempts > 1
            else ""
        )
        where = ", ".join(part for part in (each.to, each.place, tried) if part)
        line = _("delivery {name} failed ({where}): {reason}").format(
            name=each.name, where=where, reason=each.reason
        )
        line = f"driftsync: {line}" + (f" ({each.hint})" if each.hint else "")
        print(visible(line.replace("\n", " ")), file=sys.stderr)
    return Exit.FAILED if failed else Exit.CLEAN
