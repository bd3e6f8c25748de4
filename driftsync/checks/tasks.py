"""This module declares the checks of tasks: what would never run on the new primary, and what runs where it should not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftsync.checks.spec import (
    TAKES_OVER,
    About,
    Check,
    MemberView,
    Result,
    View,
    can,
    failed,
    gather,
    known,
    listed,
    passed,
    shipped,
    warned,
)
from driftsync.kinds.tasks import ANY, NOT_PRIMARY, PRIMARY_ONLY
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome

PURGE_OF_MESSAGES = "Ens.Util.Tasks.Purge"


def _unset(view: View, member: MemberView) -> Result:
    del view
    unset = gather(_without_setting(item) for item in member.items("task").values() if not shipped(item))
    return failed(listed(unset)) if unset else passed(_("every task of the site says where it runs"))


def _without_setting(item: Item) -> Iterator[str]:
    if not known(item, "MirrorStatus"):
        yield str(item.key)


UNSET = Check(
    id="CFG-503",
    title=N_("Tasks say where in the mirror they run"),
    why=N_("On a mirror member a task whose mirror setting is empty does not run at all."),
    do=N_("Set 'How should task run for Mirror' of each; joining a mirror does not set it."),
    source="%SYS.Task MirrorStatus; System Administration Guide",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_unset,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _owners(view: View) -> Result:
    member = view.the_promoted
    users = member.items("user")
    lost = gather(_owner(item, users) for item in member.items("task").values() if not shipped(item))
    return failed(listed(lost)) if lost else passed(_("every owner is there and enabled"))


def _owner(item: Item, users: Mapping[str, Item]) -> Iterator[str]:
    owner = str(known(item, "RunAsUser") or "")
    if not owner or known(item, "MirrorStatus") not in {PRIMARY_ONLY, ANY}:
        return
    account = users.get(f"user:{owner.lower()}")
    if account is None:
        yield _("the task {task} has the owner {owner}, who is not there").format(task=item.key, owner=owner)
    elif not known(account, "Enabled"):
        yield _("{task}: {owner} is disabled").format(task=item.key, owner=owner)


OWNERS = Check(
    id="CFG-503b",
    title=N_("Tasks have an owner on the would-be primary"),
    why=N_("A task whose user is missing or disabled is suspended until somebody notices."),
    do=N_("Create or enable the user on the member, or let the task run as another one on both."),
    source="%SYS.Task RunAsUser, Security.Users",
    about=About.PROMOTED,
    rule=_owners,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _of_the_primary(view: View) -> Result:
    there = view.the_promoted.items("task")
    lost = gather(_never_run(item, there.get(key)) for key, item in view.the_primary.items("task").items())
    return failed(listed(lost)) if lost else passed(_("each is there and not suspended"))


def _never_run(item: Item, other: Item | None) -> Iterator[str]:
    if known(item, "MirrorStatus") != PRIMARY_ONLY or known(item, "Suspended"):
        return
    if other is None:
        if not shipped(item):  # the tasks that the product brings are those of its release
            yield _("{item} is not there").format(item=item.key)
    elif known(other, "Suspended"):
        yield _("{item} is suspended").format(item=item.key)
    elif known(other, "MirrorStatus") == NOT_PRIMARY:
        yield _("{item} runs on non-primary members only").format(item=item.key)


OF_THE_PRIMARY = Check(
    id="CFG-503c",
    title=N_("Tasks of the primary would run on the would-be primary"),
    why=N_("What the primary does by the clock is then done by nobody."),
    do=N_("Create the task on the member or resume it there; it waits until the member is primary."),
    source="%SYS.Task MirrorStatus and Suspended; High Availability Guide 4.2",
    about=About.PROMOTED,
    rule=_of_the_primary,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _purges(view: View, member: MemberView) -> Result:
    del view
    elsewhere = gather(_purge(item) for item in member.items("task").values())
    return warned(listed(elsewhere)) if elsewhere else passed(_("none runs elsewhere than on the primary"))


def _purge(item: Item) -> Iterator[str]:
    if known(item, "TaskClass") != PURGE_OF_MESSAGES or known(item, "Suspended"):
        return
    if known(item, "MirrorStatus") != PRIMARY_ONLY:
        yield str(item.key)


PURGES = Check(
    id="CFG-503d",
    title=N_("Messages of interoperability are purged on the primary only"),
    why=N_("On another member the database is read-only: the task fails there, and may suspend itself."),
    do=N_("Set 'How should task run for Mirror' of the purge to the primary only."),
    source="%SYS.Task TaskClass Ens.Util.Tasks.Purge; High Availability Guide 5.12",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_purges,
    outcomes=can(Outcome.PASS, Outcome.WARN),
)
