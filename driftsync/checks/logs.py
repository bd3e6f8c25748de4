"""This module declares the checks of the logs: what happened since the last run, and what still lasts (mirror.md 3.5)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from driftsync.checks.spec import (
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    passed,
    warned,
)
from driftsync.language import N_, _
from driftsync.logs import Event, Window
from driftsync.logs.patterns import ENDED, EVERYBODY, FOUND
from driftsync.model import Outcome

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


def _nothing(member: MemberView) -> Result:
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


def _simply(id: str, found: Callable[[str], Result]) -> Rule:
    """Return the rule for what is told whenever it happened."""

    def rule(view: View, member: MemberView) -> Result:
        del view
        window, events = _window(member), _events(member, id)
        del window
        return found(_all_told(events)) if events else _nothing(member)

    return rule


def _until_ended(
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
        return _nothing(member)

    return rule


def _ends(end: Event, found: Event) -> bool:
    return end.place > found.place and end.about in {found.about, EVERYBODY}


def _others(view: View, member: MemberView) -> Result:
    del view
    _window(member)
    events = sorted(_events(member, "LOG-415"), key=lambda each: (-each.severity, -each.count, -each.place))
    if not events:
        return _nothing(member)
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


def _was_read(view: View, member: MemberView) -> Result:
    del view
    window = _window(member)
    _events(member, "LOG-416")
    if window.short in UNSEEN:
        raise Unanswered(_why_short(window))
    if window.short:
        return warned(_why_short(window))
    return passed(
        _("{files}: {since} to {ends}").format(
            files=", ".join(window.files), since=window.since, ends=window.ends
        )
    )


def _check(id: str, title: str, why: str, do: str, rule: Rule, *outcomes: Outcome) -> Check:
    return Check(
        id=id,
        title=title,
        why=why,
        do=do,
        source="messages.log, cconsole.log; Monitoring Guide, Monitoring Log Files",
        about=About.EACH,
        rule=rule,
        outcomes=can(Outcome.PASS, *outcomes),
    )


WARN, FAIL = Outcome.WARN, Outcome.FAIL

ARBITER = _check(
    "LOG-401",
    N_("The log: the arbiter was lost"),
    N_("Without the arbiter a backup that loses the primary may not dare to take over."),
    N_("Look at the network to the arbiter and at its ISCAgent, from both failover members."),
    _until_ended("LOG-401", failed, warned),
    WARN, FAIL,
)  # fmt: skip
BACKUP = _check(
    "LOG-402",
    N_("The log: the connection to the backup was lost"),
    N_("While it lasts the backup does not get what the primary writes, and cannot take over without loss."),
    N_("Look at the log of the backup at the same time, and at the network between both."),
    _until_ended("LOG-402", failed, warned),
    WARN, FAIL,
)  # fmt: skip
ASYNC = _check(
    "LOG-403",
    N_("The log: the connection to an async member was lost"),
    N_("IRIS logs this as a warning only, so no alert is sent; the journals pile up on the primary meanwhile."),
    N_("Look at the async member and at the network to it."),
    _until_ended("LOG-403", warned, warned),
    WARN,
)  # fmt: skip
UNCONNECTED = _check(
    "LOG-404",
    N_("The log: an async member found no primary"),
    N_("A member that never connected gets nothing, and nobody may notice."),
    N_("Look at addresses, certificates and the agent of the primary as the member sees them."),
    _until_ended("LOG-404", failed, warned),
    WARN, FAIL,
)  # fmt: skip
MODE = _check(
    "LOG-405",
    N_("The log: agent controlled failover"),
    N_("Without the arbiter's control the backup takes over in fewer situations."),
    N_("Bring the arbiter back; the mode changes by itself."),
    _until_ended("LOG-405", warned, warned, forget=True),
    WARN,
)  # fmt: skip
ROLE = _check(
    "LOG-406",
    N_("The log: the member became primary"),
    N_("No failure by itself. But what was edited on the old primary may be the better one: the direction changed."),
    N_("Compare before correcting: what differs since then may be newer on either side."),
    _simply("LOG-406", warned),
    WARN,
)  # fmt: skip
PRESERVED = _check(
    "LOG-407",
    N_("The log: journals are kept for a member that is away"),
    N_("They pile up until that member is back; a full disk stops the primary too."),
    N_("Bring the member back, or take it out of the mirror. Never delete journal files of a mirror by hand."),
    _simply("LOG-407", warned),
    WARN,
)  # fmt: skip
CHECKSUM = _check(
    "LOG-408",
    N_("The log: a mirror journal log could not be read"),
    N_("The member may not be able to prove which journal files it has."),
    N_("Look at the disk and the permissions of the journal directory; ask InterSystems before repairing."),
    _simply("LOG-408", failed),
    FAIL,
)  # fmt: skip
UNTOLD = _check(
    "LOG-409",
    N_("The log: a member was not told of a change of the mirror"),
    N_("The definition of the mirror itself may now differ between members."),
    N_("Compare the mirror's members and addresses on each member; restart mirroring on the one that was not told."),
    _simply("LOG-409", failed),
    FAIL,
)  # fmt: skip
NEITHER = _check(
    "LOG-410",
    N_("The log: neither primary nor backup at startup"),
    N_("The member is up and takes no part in the mirror."),
    N_("Read the lines before it in the log: they say what was missing."),
    _until_ended("LOG-410", failed, warned),
    WARN, FAIL,
)  # fmt: skip
ABNORMAL = _check(
    "LOG-411",
    N_("The log: an abnormal shutdown"),
    N_("IRIS or its host went down without being asked; it may do so again."),
    N_("Find out why: the system's own log at that time, power, memory, the hypervisor."),
    _simply("LOG-411", warned),
    WARN,
)  # fmt: skip
ADDRESS = _check(
    "LOG-412",
    N_("The log: the virtual address could not be taken"),
    N_("A member that cannot take the virtual address does not become primary."),
    N_("Look at the interface, at arping, and at whether IRIS was installed as root."),
    _until_ended("LOG-412", failed, warned, forget=True),
    FAIL,
)  # fmt: skip
PRODUCTION = _check(
    "LOG-413",
    N_("The log: a production did not start by itself"),
    N_("After the next failover the interfaces may stay down until somebody notices."),
    N_("Look at the production and its auto-start on this member."),
    _simply("LOG-413", warned),
    WARN,
)  # fmt: skip
ENCRYPTION = _check(
    "LOG-414",
    N_("The log: a mirrored database is encrypted elsewhere and not here"),
    N_("What is protected on one member lies open on another."),
    N_("Encrypt the database here too, or decide that it need not be."),
    _simply("LOG-414", warned),
    WARN,
)  # fmt: skip
OTHERS = _check(
    "LOG-415",
    N_("The log: other severe lines"),
    N_("IRIS wrote them as severe or fatal; each may be what ends the next failover."),
    N_("Read them in the log, the most frequent first."),
    _others,
    WARN,
)  # fmt: skip
READ = _check(
    "LOG-416",
    N_("The log could be read back to the window's beginning"),
    N_("What happened before the log's first line, nobody can tell."),
    N_(
        "Give copies of the log and of the one before it with --log, or a shorter window with --since; a larger MaxConsoleLogSize helps."
    ),
    _was_read,
    WARN,
)  # fmt: skip
