"""This module declares the checks of what watches over a mirror: nightly runs, what was accepted, mail, the product's agent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from driftsync.checks.moments import HOUR, taken, taken_local
from driftsync.checks.spec import (
    TAKES_OVER,
    About,
    Check,
    Manual,
    MemberView,
    Past,
    Result,
    Unanswered,
    View,
    can,
    failed,
    known,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Coverage, Item, Outcome
from driftsync.normalize import horolog

EVERY_MEMBER = N_("Every member could be read, lately and whole")
AGENT_DATABASE = "HSSYS"
AGENT_TASK, AGENT_CLASS = "mirror monitor launch task", "HS.Util.Mirror.Task"
"""What starts the Mirror Monitor Agent every five minutes, by its name and its class (public reports, not proven)."""
AGENT_MINUTES = 15
MAIL_SERVER = re.compile("server", re.IGNORECASE)
"""What the parameter is called that names the mail server; which one it is exactly is not proven."""


def _lately(view: View, member: MemberView) -> Result:
    lacking = sorted(_not_whole(member))
    if lacking:
        whole = len(member.header.coverage) - len(lacking)
        raise Unanswered(
            _("{count} of {all} kinds were read whole; not: {kinds}").format(
                count=max(whole, 0), all=len(member.header.coverage), kinds=listed(lacking)
            )
        )
    past = _past(view)
    if past is None:
        return passed(_("read whole just now; no run is kept, so nobody knows of earlier ones"))
    last = past.last_read.get(member.name)
    if not last:
        return warned(_("read just now; no kept run could read it"))
    hours = int((taken(member) - datetime.fromisoformat(last)) / HOUR)
    seen = _("read whole; the last kept run that read it was {count} hours before").format(count=hours)
    return warned(seen) if hours >= view.thresholds.run_hours else passed(seen)


def _not_whole(member: MemberView) -> set[str]:
    """Return the kinds that were looked at and of which a member did not show everything."""
    header = member.header
    if not header.coverage:
        raise Unanswered(_("nothing of it was read"))
    found = {name for name, seen in header.coverage.items() if seen is not Coverage.WHOLE}
    return found | {gap.kind or _("the whole member") for gap in header.gaps}


def _past(view: View) -> Past | None:
    if view.past is not None and view.past.untold:
        raise Unanswered(_("earlier runs: {reason}").format(reason=view.past.untold))
    return view.past if view.past is not None and view.past.kept else None


LATELY = Check(
    id="CFG-513",
    title=EVERY_MEMBER,
    why=N_("What was not looked at may hide anything; a member that no night reads drifts unseen."),
    do=N_("`driftsync doctor` says what stands in the way; let `driftsync report` run every night."),
    source="this run, and the store",
    about=About.EACH,
    rule=_lately,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)


def _expiring(view: View) -> Result:
    if view.drift_gaps is None:
        raise Unanswered(_("there was nothing to compare"))
    past = _past(view)
    if past is None:
        return passed(_("no run is kept, so nothing is accepted"))
    day = taken(view.the_primary).date()
    last = day + timedelta(days=view.thresholds.accepted_warn_days)
    soon = sorted(
        (each for each in past.accepted if day <= date.fromisoformat(each.until) <= last),
        key=lambda each: (each.until, each.key),
    )
    if not soon:
        return passed(_("{count} differences are accepted for longer").format(count=len(past.accepted)))
    return warned(
        listed(
            _("{key} on {member}, accepted by {owner} until {day}").format(
                key=each.key, member=each.member, owner=each.owner, day=each.until
            )
            for each in soon
        )
    )


EXPIRING = Check(
    id="CFG-514",
    title=N_("What was accepted stays accepted for a while"),
    why=N_("A difference that was accepted for a time blocks again on the day after."),
    do=N_("Correct it, or ask its owner whether `driftsync accept` should be renewed."),
    source="`driftsync accept`",
    about=About.MIRROR,
    rule=_expiring,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)


def _mail(view: View, member: MemberView) -> Result:
    del view
    servers = [
        item
        for item in member.items("task-manager-settings").values()
        if MAIL_SERVER.search(item.key.identity) and known(item, "Data")
    ]
    return passed(_("a mail server is set")) if servers else warned(_("no mail server is set"))


MAIL = Check(
    id="CFG-518",
    title=N_("The Task Manager sends mail"),
    why=N_(
        "After the switch tasks fail on a member from which nobody ever got a mail, and nobody hears of it."
    ),
    do=N_("Set the mail server, sender and password of the Task Manager on every member; send a test."),
    source="%SYS.Task.Config; System Administration Guide, Task Manager Email Settings",
    about=About.EACH,
    rule=_mail,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)

MAIL_OF_LOGS = Manual(
    id="CFG-518b",
    title=N_("The Log Monitor sends mail"),
    why=N_("No class tells whom the Log Monitor writes to; without it alerts of a new primary reach nobody."),
    do=N_("On each member: ^MONMGR in %SYS, Manage Email Options; send a test message."),
    source="Monitoring Guide, Using Log Monitor",
)


def _agent(view: View, member: MemberView) -> Result:
    del view
    if f"database:{AGENT_DATABASE}" not in member.items("database"):
        return passed(_("no health product is installed"))
    task = next(_launching(member), None)
    if task is None:
        raise Unanswered(_("nothing is known of the Mirror Monitor Agent: no task starts it"))
    last = _last_start(task, member)
    late = taken_local(member) - last
    if late > timedelta(minutes=AGENT_MINUTES):
        return failed(
            _("the task of the Mirror Monitor Agent last started at {moment}").format(
                moment=last.isoformat(sep=" ", timespec="minutes")
            )
        )
    return passed(
        _("the task of the Mirror Monitor Agent started {count} minutes ago").format(
            count=max(0, late // timedelta(minutes=1))
        )
    )


def _launching(member: MemberView) -> Iterator[Item]:
    for item in member.items("task").values():
        if item.key.identity.casefold() == AGENT_TASK or known(item, "TaskClass") == AGENT_CLASS:
            yield item


def sign_of_agent(member: MemberView) -> str:
    """Return the key of what shows that a member has the Mirror Monitor Agent; empty where it has none.

    Which steps it still has to carry out, no documented class says. Raises `Unanswered` where it could not be seen.
    """
    if (key := f"database:{AGENT_DATABASE}") in member.items("database"):
        return key
    return next((str(item.key) for item in _launching(member)), "")


def _last_start(task: Item, member: MemberView) -> datetime:
    for row in member.rows("task.runs"):
        if _same(row, task):
            try:
                return datetime.fromisoformat(str(horolog(row.get("LastStarted")) or "").removesuffix("Z"))
            except ValueError:
                break
    raise Unanswered(_("when {task} ran last could not be read").format(task=task.key))


def _same(row: Mapping[str, Any], task: Item) -> bool:
    said = (str(row.get("NameSpace") or "").casefold(), str(row.get("Name") or "").casefold())
    return said == (task.key.namespace.casefold(), task.key.identity.casefold())


AGENT = Check(
    id="CFG-512",
    title=N_("The Mirror Monitor Agent is at work"),
    why=N_(
        "Namespaces, roles and web applications that the product made on the primary are missing until then."
    ),
    do=N_("Look at the Mirror Monitor page of the product and at the task 'Mirror Monitor Launch Task'."),
    source="%SYS.Task of the agent; High Availability Guide 7.4",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_agent,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)

STEPS = Manual(
    id="CFG-512b",
    title=N_("The Mirror Monitor Agent owes no steps (health products only)"),
    why=N_("No documented class lists the steps that the agent still has to carry out on a member."),
    do=N_("Look at the Mirror Monitor page of the product on each member: no step older than 15 minutes."),
    source="High Availability Guide 7.4",
)
