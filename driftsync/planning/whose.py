"""This module says which differences are not the site's own, so that nobody but their owner mends them (mirror.md 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftsync.checks.spec import MemberView, Unanswered
from driftsync.kinds import all_kinds
from driftsync.kinds.settings_of_tasks import run_taken_back_by
from driftsync.kinds.spec import Replicated
from driftsync.kinds.users import brought_by_login
from driftsync.language import english as _
from driftsync.model import Difference, Extra, Item, ItemKey, Missing

Why = tuple[str, str]
"""Why there is no action, and what to do instead."""

MIRRORS_OWN = {"tls-configuration": ("%mirror",), "service": ("%service_mirror",)}
"""Kind → what names of items begin with that the mirror sets up itself."""
HEALTH_AGENT = {
    "namespace": ("hslib", "hssys", "hscustom", "hsregistry"),
    "web-application": ("/csp/healthshare/", "/api/healthshare"),
    "role": ("%hs_", "hs_"),
    "resource": ("%hs_", "hs_"),
    "global-mapping": ("hssys/", "hslib/", "hscustom/"),
    "routine-mapping": ("hssys/", "hslib/", "hscustom/"),
    "package-mapping": ("hssys/", "hslib/", "hscustom/"),
}
"""Kind → what names of items begin with that Health products make by themselves, and their agent replays."""
HEALTH_TASKS = "HS."
HEALTH_HOME = "HSSYS"
"""The namespace and database that every Health product has, and no other."""
SYNCED_BY_HEALTH = frozenset({"oauth2-server-definition", "oauth2-client", "oauth2-server-configuration"})
"""Kinds that a task of Health products brings to the other members, and that nobody brings elsewhere."""


def whose(
    difference: Difference, key: ItemKey, primary: Item | None, member: Item | None, view: MemberView
) -> Why | None:
    """Return who else keeps an item in order and what that asks for; `None` where it is the site's own.

    `view` is that of the primary.
    """
    kind = all_kinds()[difference.kind]
    name = key.identity.casefold()
    full = f"{key.namespace}/{name}".casefold() if key.namespace else name
    sides: list[Mapping[str, Any]] = [item.compared for item in (primary, member) if item is not None]
    if kind.replicated is Replicated.YES or kind.name == "mirror-member":
        return _("the mirror keeps this itself"), kind.instead
    if name.startswith(MIRRORS_OWN.get(kind.name, ("\0",))):
        return (
            _("the mirror sets this up itself, on each member"),
            _("edit the mirror in the portal, or with ^MIRROR"),
        )
    if kind.name == "task" and (run := run_taken_back_by(key.spelled or key.identity)):
        return (
            _("it takes run {run} back unless that is confirmed").format(run=run),
            _(
                "`driftsync confirm {run}` keeps what was written, `driftsync rollback {run}` takes it back now"
            ).format(run=run),
        )
    if kind.name == "user" and any(brought_by_login(values) for values in sides):
        return (
            _("LDAP or a delegated login made this account, and gives it its roles"),
            _("change it in the directory; it follows at the next login"),
        )
    if full.startswith(HEALTH_AGENT.get(kind.name, ("\0",))) or (
        kind.name == "task"
        and any(str(values.get("TaskClass", "")).startswith(HEALTH_TASKS) for values in sides)
    ):
        return (
            _("the product makes this itself, and its Mirror Monitor Agent replays it on the other members"),
            _("look at the pending steps of the Mirror Monitor Agent"),
        )
    if kind.name in SYNCED_BY_HEALTH and (why := _synced(view)):
        return why
    if difference.product and isinstance(difference, (Missing, Extra)):
        return (
            _("it ships with the product: one of the two installations has it and the other has not"),
            _("bring both members to the same release and options; installing makes it"),
        )
    return None


def _synced(view: MemberView) -> Why | None:
    """Return that a Health product sees to it, or that nobody knows whether one does."""
    look = _("see that Mirror OAuth2 config sync task runs, and that both audit events it needs are enabled")
    names = {
        item.key.identity.upper() for kind in ("database", "namespace") for item in view.all_of(kind).values()
    }
    if HEALTH_HOME in names:
        return _("a task of the product brings it to the other members"), look
    if names:
        return None
    try:
        view.items("database")
    except Unanswered as reason:
        unread = _(
            "whether a Health product is there, which brings it by itself, could not be read: {reason}"
        )
        return unread.format(reason=reason), _("`driftsync doctor` says what stands in the way")
    return None
