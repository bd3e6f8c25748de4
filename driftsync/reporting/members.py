"""This module shows the members of mirrors: where each is, what it is, or why that could not be learnt."""

from __future__ import annotations

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from driftsync.files import ENCODER
from driftsync.language import _, translated, visible
from driftsync.model import MemberRole, MemberSeen, MembersReport, MirrorSeen
from driftsync.reporting.wording import ROLES


def members_as_json(report: MembersReport) -> bytes:
    """Return the report as JSON."""
    return msgspec.json.format(ENCODER.encode(report), indent=2) + b"\n"


def print_members(report: MembersReport, console: Console) -> None:
    """Print one block for each mirror: a line a member, what went wrong below it."""
    for number, mirror in enumerate(report.mirrors):
        if number:
            console.print()
        print_mirror(mirror, console)


def print_mirror(mirror: MirrorSeen, console: Console) -> None:
    """Print one mirror."""
    console.print(Text.assemble((_("mirror"), "dim"), " ", (visible(mirror.name), "bold")))
    rows = [_cells(member) for member in mirror.members]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for member, cells in zip(mirror.members, rows, strict=True):
        line = Text("  ")
        line.append(_mark(member), style="green" if member.answered else "red")
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            line.append("  " if number else " ")
            line.append(cell + " " * (width - cell_len(cell)), style=_style(number, member))
        line.rstrip()
        console.print(line, soft_wrap=True)
        if member.reason:
            console.print(
                Text.assemble("      ", (visible(translated(member.reason)), "red")), soft_wrap=True
            )
        if member.hint:
            console.print(
                Text.assemble("      → ", (visible(translated(member.hint)), "dim")), soft_wrap=True
            )

    if mirror.untold:
        sentence = _("a member may be missing here, the mirror's own list could not be read: {reason}")
        console.print(
            Text(f"  {visible(sentence.format(reason=translated(mirror.untold)))}", style="red"),
            soft_wrap=True,
        )


def _mark(member: MemberSeen) -> str:
    return "✓" if member.answered else "✗"


def _cells(member: MemberSeen) -> tuple[str, ...]:
    """Return name, role, status, address, TLS, release and what the mirror calls the member."""
    listed = "" if member.configured else _("not in the settings")
    other = member.instance if member.instance != member.name else ""
    return tuple(
        visible(cell)
        for cell in (
            member.name,
            _(ROLES[member.role]) if member.role is not MemberRole.UNKNOWN else "–",
            member.status or "–",
            member.address,
            "TLS" if member.tls else _("no TLS"),
            member.release or "–",
            "  ".join(part for part in (other, listed) if part),
        )
    )


def _style(column: int, member: MemberSeen) -> str:
    if column == 0:
        return "bold"
    if column == 1 and member.role is MemberRole.PRIMARY:
        return "green"
    return "dim" if column > 3 else ""  # noqa: PLR2004 - what is read last
