"""This module declares the checks of the mirror itself: roles, latency, databases (mirror.md 3.1)."""

from __future__ import annotations

from typing import Any

from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
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
from driftsync.model import ASYNC_ROLES, FAILOVER_ROLES, OTHER_ROLES, Item, Measure, MemberRole, Outcome
from driftsync.statuses import dejournaling_of, state_of, status_of

TRANSIENT = {"TRANSITION", "SYNCHRONIZING"}
LOST = {"DOWN", "EXIT", "INACTIVE"}
"""`CurrentStatus` of a member that the others do not count on; a word that no table holds leaves the code to decide."""
GOOD_DATABASE = {"Normal", "Dejournaling"}
"""`MirrorStatus` of `MirroredDatabaseList` that let a database follow; all texts of the class are English there."""
PENDING_DATABASE = {"Needs Catchup", "Needs Activation", "Catchup Running", "Needs Download", "Downloading"}
BAD_DATABASE = {"Dejournaling Stopped", "Database Dismounted", "Obsolete", "Orphaned"}


def _vendor(view: View, member: MemberView) -> Result:
    failover = [each for each in view.members if each.role.takes_over]
    if len(failover) + len(view.unread) < 2:  # noqa: PLR2004 - a pair
        return passed(_("a single failover member: the vendor's verdict always fails there"))
    answer = member.fact("mirror.failover_ready")
    if not isinstance(answer, list) or not answer:
        raise Unanswered(_("IsFailoverReady gave no verdict"))
    if str(answer[0]) == "1":
        return passed(_("IRIS says that it is ready"))
    return failed(str(answer[1]) if len(answer) > 1 else _("IRIS says that it is not ready"))


READY = Check(
    id="MIR-001",
    title=N_("IRIS's own verdict on a failover"),
    why=N_(
        "It covers the backup, required databases, the arbiter and latency, and nothing of the configuration."
    ),
    do=N_("Look at the Mirror Monitor of this member; the reason stands beside the verdict."),
    source="SYS.Mirror.IsFailoverReady(60)",
    about=About.EACH,
    roles=FAILOVER_ROLES,
    rule=_vendor,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _one_primary(view: View) -> Result:
    primaries = [each.name for each in view.members if each.role is MemberRole.PRIMARY]
    if len(primaries) > 1:
        return failed(_("several: {names}").format(names=listed(primaries)))
    if primaries:
        return passed(primaries[0])
    if view.unread:
        raise Unanswered(_("none of those that could be read"))
    return failed(_("none"))


ONE_PRIMARY = Check(
    id="MIR-002",
    title=N_("Exactly one primary"),
    why=N_("Two primaries write two histories; none writes at all."),
    do=N_("Do not switch anything before this is clear: look at the Mirror Monitor of each member."),
    source="%SYSTEM.Mirror.GetStatus",
    about=About.MIRROR,
    rule=_one_primary,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def row_of(view: View, member: MemberView) -> dict[str, Any]:
    """Return what the primary's list of members says of one. Raises `Unanswered` where it is not in it."""
    names = {each.casefold() for each in (member.header.member.instance, member.name) if each}
    for row in view.the_primary.rows("mirror.members"):
        if str(row.get("MemberName")).casefold() in names:
            return row
    raise Unanswered(_("{name} does not stand in the list of members").format(name=member.name))


def the_backup(view: View) -> MemberView | None:
    """Return the failover member that is not the primary; raises `Unanswered` where it may be the one that is silent."""
    for each in view.members:
        if each.role in {MemberRole.BACKUP, MemberRole.FAILOVER}:
            return each
    if view.unread:
        raise Unanswered(_("it may be the one that could not be read"))
    return None


def _backup(view: View) -> Result:
    backup = the_backup(view)
    if backup is None:
        return failed(_("there is no backup"))
    status = str(backup.fact("mirror.status"))
    if status != "BACKUP":
        seen = _("{name} is in state {status}").format(name=backup.name, status=status)
        return warned(seen) if status in TRANSIENT else failed(seen)
    shown = str(row_of(view, backup).get("CurrentStatus") or "")
    if state_of(shown) not in {"ACTIVE", None}:
        seen = _("{name} is active by its own word, and {status} in the list of members").format(
            name=backup.name, status=shown
        )
        return failed(seen) if state_of(shown) in LOST else warned(seen)
    return passed(_("{name} is an active backup").format(name=backup.name))


BACKUP = Check(
    id="MIR-003",
    title=N_("An active backup"),
    why=N_("Only an active backup takes over by itself and without loss."),
    do=N_("Wait and look again where it is in transition; otherwise look at its messages.log."),
    source="%SYSTEM.Mirror.GetStatus, SYS.Mirror:MemberStatusList CurrentStatus",
    about=About.MIRROR,
    rule=_backup,
    outcomes=PASS_WARN_FAIL,
)


def _dejournaling(view: View, member: MemberView) -> Result:
    shown = _shown_dejournaling(view, member)
    lag = dejournaling_of(shown)
    if lag is not None and lag.code in {"NEEDS_ATTENTION", "STOPPED"}:
        return failed(shown)
    seconds = member.number("mirror.database_latency")
    if seconds < 0:
        return failed(_("IRIS reports an error instead of a latency"))
    most = view.thresholds.dejournal_warn_seconds
    measure = Measure(name="database_latency", value=seconds, unit="s", warn=0, fail=most)
    if seconds == 0:
        return passed(_("caught up"), measure)
    seen = _("{seconds} s behind").format(seconds=seconds)
    return warned(seen, measure) if seconds <= most else failed(seen, measure)


def _shown_dejournaling(view: View, member: MemberView) -> str:
    """Return the words of the list of members, which say more than a number; empty where they are not told."""
    try:
        row = row_of(view, member)
    except Unanswered:
        return ""
    return str(row.get("DatabaseTimeLatency") or row.get("DatabaseLatency") or "")


DEJOURNALING = Check(
    id="MIR-005",
    title=N_("Databases follow the journal"),
    why=N_(
        "A member that is behind must catch up before it can serve, and may lack the latest data until then."
    ),
    do=N_("Look at the Mirror Monitor for databases that need attention."),
    source="SYS.Mirror.DatabasesLatency, SYS.Mirror:MemberStatusList DatabaseTimeLatency",
    about=About.EACH,
    roles=frozenset({MemberRole.BACKUP, MemberRole.FAILOVER, MemberRole.DR_ASYNC}),
    rule=_dejournaling,
    outcomes=PASS_WARN_FAIL,
)


def _async(view: View, member: MemberView) -> Result:
    status = str(member.fact("mirror.status"))
    if status.startswith("MULTIASYNC"):
        connected, _slash, all_ = status.partition("^")[2].partition("/")
        if not (connected.isdecimal() and all_.isdecimal() and int(all_)):
            raise Unanswered(_("no table knows what {text} means").format(text=repr(status)))
        if int(connected) >= int(all_):
            return passed(status)
        return failed(_("connected to {some} of {all} mirrors").format(some=connected, all=all_))
    seconds = member.number("mirror.journal_latency")
    if status != "CONNECTED":
        return failed(_("state {status}").format(status=status))
    if seconds < 0:
        return failed(_("IRIS reports an error instead of a latency"))
    seen = _("{seconds} s behind").format(seconds=seconds)
    if seconds == 0:
        return passed(_("caught up"))
    return passed(seen) if seconds <= view.thresholds.dejournal_warn_seconds else warned(seen)


ASYNC = Check(
    id="MIR-006",
    title=N_("Async members are connected"),
    why=N_("After 14 days without a connection the journals it needs are purged, and it must be built anew."),
    do=N_("Restore the connection to the primary; see messages.log of the async member."),
    source="%SYSTEM.Mirror.GetStatus, SYS.Mirror.JournalFilesLatency",
    about=About.EACH,
    roles=ASYNC_ROLES,
    rule=_async,
    outcomes=PASS_WARN_FAIL,
)


def definitions(view: View) -> list[Item]:
    """Return the primary's definition of the mirror. Raises `Unanswered` where there is none: every mirror has one."""
    found = list(view.the_primary.items("mirror").values())
    if not found:
        raise Unanswered(_("the mirror's definition has no row"))
    return found


def _no_failover(view: View) -> Result:
    for item in definitions(view):
        if name := known(item, "DefinedPrimary"):
            return failed(_("no failover is set for {name}").format(name=name))
    return passed(_("not set"))


NO_FAILOVER = Check(
    id="MIR-009",
    title=N_("No-failover state"),
    why=N_("While it is set, no other member takes over."),
    do=N_("Clear No Failover in the Mirror Monitor when the maintenance is over."),
    source="Config.Mirrors DefinedPrimary",
    about=About.MIRROR,
    rule=_no_failover,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _trouble(view: View) -> Result:
    status = view.the_primary.fact("mirror.member_status")
    if not isinstance(status, list) or not status or status_of(status[0]) is None:
        raise Unanswered(_("{fact}: no answer").format(fact="mirror.member_status"))
    if "TROUBLE" in map(status_of, status):
        return failed(_("the primary is in trouble state"))
    return passed(_("no trouble"))


TROUBLE = Check(
    id="MIR-010",
    title=N_("The primary is not in trouble"),
    why=N_("In trouble state the primary has lost its backup and its arbiter, and stops serving."),
    do=N_("Look at the connections between the failover members and the arbiter."),
    source="%SYSTEM.Mirror.GetMemberStatus",
    about=About.MIRROR,
    rule=_trouble,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _databases(view: View, member: MemberView) -> Result:
    del view
    rows = member.rows("mirror.databases")
    if not rows and any(known(item, "MirrorSetName") for item in member.items("database").values()):
        raise Unanswered(_("{fact}: no answer").format(fact="mirror.databases"))
    pending = [str(row.get("Name")) for row in rows if row.get("MirrorStatus") in PENDING_DATABASE]
    bad = [
        f"{row.get('Name')} ({row.get('MirrorStatus')})"
        for row in rows
        if row.get("MirrorStatus") in BAD_DATABASE
    ]
    unheard = [
        repr(row.get("MirrorStatus"))
        for row in rows
        if row.get("MirrorStatus") not in GOOD_DATABASE | PENDING_DATABASE | BAD_DATABASE
    ]
    required = [
        name for name in pending if member.value("database", f"database:{name.upper()}", "MountRequired")
    ]
    if bad or required:
        return failed(listed([*bad, *required]))
    if unheard:
        raise Unanswered(_("no table knows what {text} means").format(text=listed(unheard)))
    return warned(listed(pending)) if pending else passed(_("{count} databases").format(count=len(rows)))


DATABASES = Check(
    id="MIR-011",
    title=N_("State of the mirrored databases"),
    why=N_("A required database that does not follow keeps the member from becoming primary."),
    do=N_("Activate, catch up or mount what is named, in the Mirror Monitor."),
    source="SYS.Mirror:MirroredDatabaseList",
    about=About.EACH,
    rule=_databases,
    outcomes=PASS_WARN_FAIL,
)


def _missing(view: View, member: MemberView) -> Result:
    del view
    names = [
        str(row.get("MirrorDBName") or next(iter(row.values()), "?"))
        for row in member.rows("mirror.missing_databases")
    ]
    return failed(listed(names)) if names else passed(_("none is missing"))


MISSING = Check(
    id="MIR-012",
    title=N_("Mirrored databases that a member lacks"),
    why=N_("Their data would not be there after a failover."),
    do=N_("Create the database on the member with the same mirror name, then activate and catch up."),
    source="SYS.Mirror:MissingMirroredDatabases",
    about=About.EACH,
    roles=OTHER_ROLES,
    rule=_missing,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _quality(view: View) -> Result:
    for item in definitions(view):
        timeout = int(known(item, "QOSTimeout") or view.thresholds.qos_milliseconds)
        if timeout < view.thresholds.qos_milliseconds:
            return warned(_("the timeout is {count} ms").format(count=timeout))
    return passed(_("the default or more"))


QUALITY = Check(
    id="MIR-020",
    title=N_("Quality of service timeout"),
    why=N_("On a virtualised host a short timeout takes a pause for a failure and switches over needlessly."),
    do=N_("Leave it at 8000 ms or more unless the hosts are physical."),
    source="Config.Mirrors QOSTimeout; InterSystems advisory on mirroring QoS",
    about=About.MIRROR,
    rule=_quality,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)

OF_THE_MIRROR = "Mirror "
PROCESSES = {
    MemberRole.PRIMARY: ("Mirror Master", "Mirror Primary", "Mirror Svr"),
    MemberRole.BACKUP: ("Mirror Master", "Mirror JrnRead", "Mirror Dejour"),
}


def _processes(view: View, member: MemberView) -> Result:
    del view
    there = [str(row.get("Routine") or "") for row in member.rows("processes")]
    if not any(each.startswith(OF_THE_MIRROR) for each in there):
        raise Unanswered(
            _("no process goes by a name of the mirror, and this release may call them otherwise")
        )
    lacking = [name for name in PROCESSES[member.role] if not any(each.startswith(name) for each in there)]
    return failed(listed(lacking)) if lacking else passed(_("all are there"))


MIRROR_PROCESSES = Check(
    id="MIR-022",
    title=N_("Processes of the mirror"),
    why=N_("Without one of them the member neither sends nor applies the journal."),
    do=N_("Look at messages.log for why it ended; restarting mirroring on the member brings it back."),
    source="%SYS.ProcessQuery:SS",
    about=About.EACH,
    roles=frozenset(PROCESSES),
    rule=_processes,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)
