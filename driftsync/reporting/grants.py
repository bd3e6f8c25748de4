"""This module prints the grants of a least-privileged account as lines that an administrator can paste."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from driftsync.language import _
from driftsync.model import Grants


def print_grants(grants: Grants, console: Console) -> None:
    """Print what to give, and the lines that give it; these are never wrapped, so that they can be copied."""
    _heading(_("An account that can read and has nothing more than that needs"), console)
    _sentence(
        _(
            "role {role} with {resources}; SELECT and EXECUTE on the schemas below; user {user} with this role; "
            "%Service_Bindings enabled with the Password method"
        ).format(role=grants.role, user=grants.user, resources=", ".join(grants.resources)),
        console,
    )
    _block(_("In a terminal, in namespace %SYS:"), grants.objectscript, console)
    _block(_("In the SQL shell or the portal, in namespace %SYS:"), grants.sql, console)
    _block(
        _("For IPM packages and productions also, in each namespace that is to be looked into:"),
        grants.elsewhere,
        console,
    )
    console.print()
    _sentence(
        _(
            "The mirror does not replicate this account, its role or its grants either: make them on every member, "
            "and again on each that is added."
        ),
        console,
        style="yellow",
    )
    _sentence(
        _(
            "%Admin_Secure:U has no reading half: this account could change security settings, though driftsync "
            "never does. Use it for driftsync alone."
        ),
        console,
        style="yellow",
    )


def _heading(text: str, console: Console) -> None:
    console.print()
    console.print(Text(text, style="bold"))


def _sentence(text: str, console: Console, *, style: str = "") -> None:
    from rich.padding import Padding

    console.print(Padding(Text(text, style=style), (0, 0, 0, 2)))


def _block(title: str, lines: list[str], console: Console) -> None:
    console.print()
    _sentence(title, console)
    for line in lines:
        console.print(Text(f"    {line}", style="cyan"), soft_wrap=True)
