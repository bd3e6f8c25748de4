"""This module declares the checks of what decides whether applications work after the switch (mirror.md 3.6, 3.7)."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    TAKES_OVER,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    warned,
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome, Severity

PEOPLE = ("user", "role")
FEW = 5
"""Differences, below which nothing follows from what they are."""


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
    source=N_("comparison of both snapshots"),
    about=About.PROMOTED,
    rule=_drift,
    outcomes=PASS_WARN_FAIL,
)


def _resources(view: View, member: MemberView) -> Result:
    del view
    there = {key.partition(":")[2].casefold() for key in member.items("resource")}
    lost = gather(_unknown_resource(item, there) for item in member.items("database").values())
    return failed(listed(lost)) if lost else passed(_("every resource is there"))


def _unknown_resource(item: Item, there: set[str]) -> Iterator[str]:
    name = str(known(item, "ResourceName") or "")
    if name and name.casefold() not in there:
        yield f"{item.key}: {name}"


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
    if member.switch("configuration.needs_activation"):
        return warned(_("the CPF was edited and not activated"))
    if member.switch("configuration.pending_restart"):
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


def _people(view: View) -> Result:
    if view.drift_gaps is None:
        raise Unanswered(_("there was nothing to compare"))
    all_told, people = sum(view.drift_kinds.values()), sum(view.drift_kinds.get(kind, 0) for kind in PEOPLE)
    seen = _("{count} of {all} differences are users and roles").format(count=people, all=all_told)
    if people >= FEW and people * 2 > all_told:
        advice = _("with LDAP or Kerberos they would be kept in one place for all members")
        return passed(f"{seen}; {advice}")
    return passed(seen)


PEOPLE_DRIFT = Check(
    id="CFG-519",
    title=N_("Whether drift is mostly users and roles"),
    why=N_("Accounts that are kept by hand on every member drift for ever. For information."),
    do=N_("Consider LDAP or Kerberos: accounts and their roles are then kept outside the members."),
    source="mirror.md 3.7",
    about=About.PROMOTED,
    rule=_people,
    outcomes=can(Outcome.PASS),
)
