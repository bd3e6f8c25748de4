"""This module declares the checks of journals and their disks (mirror.md 3.4)."""

from __future__ import annotations

from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
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
from driftsync.model import Measure, Outcome

PURGE_CLASS = "%SYS.Task.PurgeJournal"


def _free(view: View, member: MemberView) -> Result:
    free = member.number("journal.free_megabytes")
    seen = _("{count} MB free").format(count=free)
    warn, fail = view.thresholds.journal_warn_megabytes, view.thresholds.journal_fail_megabytes
    measure = Measure(name="journal_free", value=free, unit="MB", warn=warn, fail=fail, falling=True)
    if free < fail:
        return failed(seen, measure)
    return warned(seen, measure) if free < warn else passed(seen, measure)


FREE = Check(
    id="JRN-301",
    title=N_("Room for journals"),
    why=N_("When the journal disk is full, the primary stops or the mirror ends."),
    do=N_("Make room on the journal disk. Never delete journal files of a mirror by hand."),
    source="%SYS.Journal.System.GetFreeSpace; Monitoring Guide, table 5-1",
    about=About.EACH,
    rule=_free,
    outcomes=PASS_WARN_FAIL,
)


def _directories(view: View, member: MemberView) -> Result:
    del view
    first, second = member.text("journal.directory"), member.text("journal.alternate_directory")
    if not first:
        return failed(_("no journal directory"))
    if not second or second.rstrip("/\\").casefold() == first.rstrip("/\\").casefold():
        return warned(_("the alternate directory is the same: {path}").format(path=first))
    return passed(_("{first}, alternate {second}").format(first=first, second=second))


DIRECTORIES = Check(
    id="JRN-303",
    title=N_("An alternate journal directory"),
    why=N_("Without another one the instance freezes when the first disk fails or fills up."),
    do=N_(
        "Name an alternate directory on another disk (whether it is another disk, only the host can tell)."
    ),
    source="%SYS.Journal.System.GetPrimaryDirectory and GetAlternateDirectory; Data Integrity Guide",
    about=About.EACH,
    rule=_directories,
    outcomes=PASS_WARN_FAIL,
)


def _purge(view: View, member: MemberView) -> Result:
    del view
    found = [item for item in member.items("task").values() if known(item, "TaskClass") == PURGE_CLASS]
    if not found:
        return failed(_("there is no task that purges journals"))
    stopped = [str(item.key) for item in found if known(item, "Suspended")]
    if len(stopped) == len(found):
        return failed(_("suspended: {names}").format(names=listed(stopped)))
    return passed(listed(str(item.key) for item in found))


PURGE = Check(
    id="JRN-305",
    title=N_("Journals are purged"),
    why=N_("Journals that nobody purges fill the disk."),
    do=N_("Resume the task Purge Journal on the member."),
    source="%SYS.Task of class %SYS.Task.PurgeJournal; Data Integrity Guide 7.10",
    about=About.EACH,
    rule=_purge,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)
