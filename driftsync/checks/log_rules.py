"""This module holds the rules of the log checks: what is over, what still lasts, and when nothing found is no answer."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from driftsync.checks.spec import (
    MemberView,
    Result,
    Unanswered,
    View,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.logs import Event, Window
from driftsync.logs.patterns import ENDED, EVERYBODY, FOUND

SHORT = {
    "rotated": N_(
        "the log begins at {begins}, inside the window that begins at {since}: it was switched, or is new"
    ),
    "stale": N_("the log ends at {ends}: nobody knows what came after"),
    "alerts": N_("this log holds severe lines only"),
    "bound": N_("only the end of the log was read, back to {begins}; the window begins at {since}"),
}
"""Why not all of the window was seen."""
UNSEEN = frozenset({"rotated", "stale", "alerts"})
"""Then nothing found is no answer."""

Rule = Callable[[View, MemberView], Result]


def _window(member: MemberView) -> Window:
    try:
        return msgspec.convert(member.fact("log.window"), Window)
    except msgspec.ValidationError as error:
        raise Unanswered(_("the log: {reason}").format(reason=error)) from None


def _events(member: MemberView, id: str) -> list[Event]:
    """Return the records of one check, the latest first."""
    try:
        found = msgspec.convert(member.fact("log.events"), list[Event])
    except msgspec.ValidationError as error:
        raise Unanswered(_("the log: {reason}").format(reason=error)) from None
    return sorted((each for each in found if each.id == id), key=lambda each: -each.place)


def _why_short(window: Window) -> str:
    return _(SHORT[window.short]).format(begins=window.begins, ends=window.ends, since=window.since)


def nothing(member: MemberView) -> Result:
    """Say that a log told nothing. Raises `Unanswered` where not all of the window was seen."""
    window = _window(member)
    if window.short in UNSEEN:
        raise Unanswered(_why_short(window))
    since = max(window.since, window.begins) if window.short else window.since
    return passed(_("nothing since {moment}").format(moment=since))


def _told(event: Event) -> str:
    often = (
        _(", {count} times since {first}").format(count=event.count, first=event.first)
        if event.count > 1
        else ""
    )
    return f"{event.last}{often}: {event.line}"


def _all_told(events: list[Event]) -> str:
    more = f" (+{len(events) - 3})" if len(events) > 3 else ""  # noqa: PLR2004 - what fits a line or two
    return "; ".join(_told(each) for each in events[:3]) + more


def simply(id: str, found: Callable[[str], Result]) -> Rule:
    """Return the rule for what is told whenever it happened."""

    def rule(view: View, member: MemberView) -> Result:
        del view
        window, events = _window(member), _events(member, id)
        del window
        return found(_all_told(events)) if events else nothing(member)

    return rule


def until_ended(
    id: str, lasting: Callable[[str], Result], over: Callable[[str], Result], *, forget: bool = False
) -> Rule:
    """Return the rule for what lasts until something ends it, for each partner by itself.

    What is over and older than the window is forgotten; with `forget` whatever is over is.
    """

    def rule(view: View, member: MemberView) -> Result:
        del view
        window, events = _window(member), _events(member, id)
        ends = [each for each in events if each.sort == ENDED]
        found = [each for each in events if each.sort == FOUND]
        still = [each for each in found if not any(_ends(end, each) for end in ends)]
        if still:
            return lasting(_all_told(still))
        past = [each for each in found if each.last >= window.since and not forget]
        if past:
            return over(_("over by now: {events}").format(events=_all_told(past)))
        return nothing(member)

    return rule


def _ends(end: Event, found: Event) -> bool:
    return end.place > found.place and end.about in {found.about, EVERYBODY}


def others(view: View, member: MemberView) -> Result:
    del view
    _window(member)
    events = sorted(_events(member, "LOG-415"), key=lambda each: (-each.severity, -each.count, -each.place))
    if not events:
        return nothing(member)
    sorts = len([each for each in events if each.line]) + sum(
        int(each.about[1:]) for each in events if not each.line
    )
    shown = "; ".join(f"{each.count}× {each.line}" for each in [each for each in events if each.line][:3])
    return warned(
        _("{count} lines of {sorts} sorts, the last at {last}: {lines}").format(
            count=sum(each.count for each in events),
            sorts=sorts,
            last=max(each.last for each in events),
            lines=shown,
        )
    )


def was_read(view: View, member: MemberView) -> Result:
    del view
    window = _window(member)
    _events(member, "LOG-416")
    if window.short in UNSEEN:
        raise Unanswered(_why_short(window))
    if window.short:
        return warned(_why_short(window))
    return passed(
        _("read from {since} to {ends}: {files}").format(
            files=", ".join(window.files), since=window.since, ends=window.ends
        )
    )
