"""This module declares the checks of what decides whether applications work after the switch (mirror.md 3.6, 3.7)."""

from __future__ import annotations

from driftsync.checks.spec import (
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    listed,
    passed,
    warned,
)
from driftsync.kinds import all_kinds
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import MemberRole, Outcome, Severity

TAKES_OVER = frozenset({MemberRole.PRIMARY, MemberRole.BACKUP, MemberRole.FAILOVER, MemberRole.DR_ASYNC})
PRIMARY_ONLY = 1
"""`MirrorStatus` of a task; the words for the codes are not proven (api.md 5.5)."""


def _drift(view: View) -> Result:
    if view.worst_drift is None or view.drift_gaps is None:
        raise Unanswered(_("there was nothing to compare"))
    severity, count = view.worst_drift
    if severity == Severity.FAILOVER.value:
        return failed(_("there are differences: {count}; the worst fails a failover").format(count=count))
    if severity == Severity.APPLICATION.value:
        return failed(
            _("there are differences: {count}; the worst breaks an application").format(count=count)
        )
    if view.drift_gaps:
        raise Unanswered(_("{count} gaps may hide differences").format(count=view.drift_gaps))
    return warned(_("there are differences: {count}").format(count=count)) if count else passed(_("no drift"))


DRIFT = Check(
    id="CFG-500",
    title=N_("Configuration agrees with the primary's"),
    why=N_("What the mirror does not carry decides whether the applications work after the switch."),
    do=N_("`driftsync report` lists the differences; what is meant to differ can be accepted."),
    source="comparison of both snapshots",
    about=About.PROMOTED,
    rule=_drift,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)


def _targets(view: View) -> Result:
    member = view.the_promoted
    databases = {key.partition(":")[2].casefold() for key in member.items("database")}
    lost: list[str] = []
    for kind in ("global-mapping", "routine-mapping", "package-mapping"):
        for item in member.items(kind).values():
            target = str(item.compared.get("Database") or "")
            if target and target.casefold() not in databases:
                lost.append(f"{item.key} → {target}")
    for item in member.items("namespace").values():
        for name in ("Globals", "Routines"):
            target = str(item.compared.get(name) or "")
            if target and target.casefold() not in databases:
                lost.append(f"{item.key} {name} → {target}")
    return failed(listed(lost)) if lost else passed(_("every target is there"))


TARGETS = Check(
    id="CFG-502",
    title=N_("Mappings lead to databases that are there"),
    why=N_("A namespace or mapping without its database gives errors, or data in the wrong place."),
    do=N_("Create the database on the member, or correct the mapping on both."),
    source="Config.Namespaces, Config.MapGlobals, MapRoutines, MapPackages, Config.Databases",
    about=About.PROMOTED,
    rule=_targets,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _tasks_unset(view: View, member: MemberView) -> Result:
    del view
    built_in = all_kinds()["task"].built_in
    unset = [
        str(item.key)
        for item in member.items("task").values()
        if "MirrorStatus" not in item.unread
        and not item.compared.get("MirrorStatus")
        and not built_in(item.key.namespace, item.key.identity, item.compared)
    ]
    return failed(listed(unset)) if unset else passed(_("every task of the site says where it runs"))


TASKS_UNSET = Check(
    id="CFG-503",
    title=N_("Tasks say where in the mirror they run"),
    why=N_("On a mirror member a task whose mirror setting is empty does not run at all."),
    do=N_("Set 'How should task run for Mirror' of each; joining a mirror does not set it."),
    source="%SYS.Task MirrorStatus; System Administration Guide",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_tasks_unset,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _owners(view: View) -> Result:
    member = view.the_promoted
    users = {key.partition(":")[2]: item for key, item in member.items("user").items()}
    lost: list[str] = []
    for item in member.items("task").values():
        owner = str(item.compared.get("RunAsUser") or "").casefold()
        if item.compared.get("MirrorStatus") != PRIMARY_ONLY or not owner:
            continue
        if owner not in users:
            lost.append(
                _("the task {task} has the owner {owner}, who is not there").format(
                    task=item.key, owner=owner
                )
            )
        elif not users[owner].compared.get("Enabled"):
            lost.append(_("{task}: {owner} is disabled").format(task=item.key, owner=owner))
    return failed(listed(lost)) if lost else passed(_("every owner is there and enabled"))


OWNERS = Check(
    id="CFG-503b",
    title=N_("Tasks of the primary have an owner on the would-be primary"),
    why=N_("A task whose user is missing or disabled is suspended until somebody notices."),
    do=N_("Create or enable the user on the member, or let the task run as another one on both."),
    source="%SYS.Task RunAsUser, Security.Users",
    about=About.PROMOTED,
    rule=_owners,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _autostart(view: View) -> Result:
    primary, member = view.the_primary, view.the_promoted
    lost: list[str] = []
    there = member.items("production")
    for key, item in primary.items("production").items():
        if not item.compared.get("AutoStart"):
            continue
        other = there.get(key)
        if other is None or not other.compared.get("AutoStart"):
            lost.append(str(item.key))
    return failed(listed(lost)) if lost else passed(_("as on the primary"))


AUTOSTART = Check(
    id="CFG-504",
    title=N_("Productions start by themselves"),
    why=N_("A production that does not start leaves every interface down until somebody notices."),
    do=N_("Set auto-start of the production for the namespace on the member."),
    source="Ens.Director; High Availability Guide 5.12.3",
    about=About.PROMOTED,
    rule=_autostart,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _resources(view: View, member: MemberView) -> Result:
    del view
    known = {key.partition(":")[2].casefold() for key in member.items("resource")}
    lost = [
        f"{item.key}: {item.compared['ResourceName']}"
        for item in member.items("database").values()
        if item.compared.get("ResourceName") and str(item.compared["ResourceName"]).casefold() not in known
    ]
    return failed(listed(lost)) if lost else passed(_("every resource is there"))


RESOURCES = Check(
    id="CFG-515",
    title=N_("Resources that database labels name"),
    why=N_(
        "A database whose resource is unknown does not mount by itself; a required one blocks the failover."
    ),
    do=N_("Create the resource on the member. Never delete one that a label names."),
    source="SYS.Database ResourceName, Security.Resources; System Administration Guide",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_resources,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _pending(view: View, member: MemberView) -> Result:
    del view
    if str(member.fact("configuration.needs_activation")) == "1":
        return warned(_("the CPF was edited and not activated"))
    if str(member.fact("configuration.pending_restart")) == "1":
        return warned(_("a restart is pending"))
    return passed(_("nothing is pending"))


PENDING = Check(
    id="CFG-520",
    title=N_("Nothing of the configuration is pending"),
    why=N_("After a restart the member would run with other settings than those that were looked at."),
    do=N_("Activate the CPF or restart the member at a quiet hour, and look again."),
    source="Config.CPF.CPFFileNeedsActivation and PendingRestart",
    about=About.EACH,
    rule=_pending,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)
