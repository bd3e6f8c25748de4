"""This module declares what IRIS for Health needs of a mirror: HSSYS, its agent, its account, OAuth2 (mirror.md 3.1)."""

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
    failed,
    known,
    listed,
    passed,
    warned,
)
from driftsync.checks.watching import AGENT_TASK
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item

OAUTH_AGENT = "mirror oauth2 config sync task"
MINUTES, EVERY = 0, 5
OAUTH_EVENTS = (
    "audit-event:%System/%Security/OAuth2",
    "audit-event:%System/%Security/OAuth2ResourceServerChange",
)
OAUTH_KINDS = ("oauth2-client", "oauth2-server-definition", "oauth2-server-configuration")
ACCOUNT = "hs_services"


def _health(view: View, member: MemberView) -> Result:
    primary = view.the_primary
    databases = {item.key.identity.upper(): item for item in primary.items("database").values()}
    if "HSSYS" not in databases:
        return passed(_("no health product is installed"))
    lost = [*_databases(databases), *_tasks(member, AGENT_TASK, every=EVERY), *_account(member)]
    oauth = [*_events(member), *_tasks(member, OAUTH_AGENT)]
    if lost or (oauth and _uses_oauth(primary)):
        return failed(listed([*lost, *oauth]))
    return warned(listed(oauth)) if oauth else passed(_("HSSYS is mirrored and its agent runs"))


def _databases(databases: dict[str, Item]) -> Iterator[str]:
    for name, mirrored in (("HSSYS", True), ("HSLIB", False)):
        item = databases.get(name)
        if item is None:
            continue
        if "MirrorSetName" in item.unread:
            raise Unanswered(_("the label of {name} could not be read").format(name=name))
        if mirrored and not item.compared.get("MirrorSetName"):
            yield _("{name} is not mirrored").format(name=name)
        if not mirrored and item.compared.get("MirrorSetName"):
            yield _("{name} is mirrored").format(name=name)


def _tasks(member: MemberView, wanted: str, every: int = 0) -> Iterator[str]:
    """Yield what is wrong with a task of the product; that it may run on any member is by design."""
    found = [item for item in member.items("task").values() if item.key.identity.casefold() == wanted]
    if not found:
        yield _("the task {name} is not there").format(name=wanted)
    for item in found:
        if known(item, "Suspended"):
            yield _("{name} is suspended").format(name=item.key)
        elif every and _period(item) != every:
            yield _("{name} does not run every {count} minutes").format(name=item.key, count=every)


def _period(item: Item) -> object:
    """Return every how many minutes a task runs, where it runs so."""
    often = known(item, "DailyFrequency") == 1 and known(item, "DailyFrequencyTime") == MINUTES
    return known(item, "DailyIncrement") if often else None


def _account(member: MemberView) -> Iterator[str]:
    for item in member.items("user").values():
        if item.key.identity.casefold() == ACCOUNT:
            if not known(item, "Enabled"):
                yield _("{name} is disabled").format(name=item.key)
            return
    yield _("the user {name} is not there").format(name="HS_Services")


def _events(member: MemberView) -> Iterator[str]:
    events = {key.casefold(): item for key, item in member.items("audit-event").items()}
    for key in OAUTH_EVENTS:
        item = events.get(key.casefold())
        if item is None or not known(item, "Enabled"):
            yield _("{name} is not enabled").format(name=key)


def _uses_oauth(member: MemberView) -> bool:
    return any(member.items(kind) for kind in OAUTH_KINDS)


HEALTH = Check(
    id="MIR-016",
    title=N_("IRIS for Health in a mirror"),
    why=N_("Its agent carries to the other members what the product itself configured; without it they fall behind."),
    do=N_("Mirror HSSYS, resume the task, enable HS_Services and both audit events on every member; HSLIB is never mirrored."),
    source="High Availability Guide 7",
    about=About.EACH,
    roles=TAKES_OVER,
    rule=_health,
    outcomes=PASS_WARN_FAIL,
)  # fmt: skip
