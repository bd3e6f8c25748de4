"""This module shows what `driftsync doctor` learnt: what members have in common is said once, what they have not, of whom."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.text import Text

from driftsync.files import ENCODER
from driftsync.kinds import all_kinds
from driftsync.language import N_, _, ngettext, translated, visible
from driftsync.model import (
    Examination,
    Fact,
    Held,
    KindExamined,
    Legible,
    MemberExamined,
    MemberRole,
    Truth,
)
from driftsync.reporting.grants import print_grants
from driftsync.reporting.lines import (
    BAD,
    GOOD,
    NEITHER,
    WARNED,
    Cell,
    grouped,
    heading,
    line,
    names_of,
    print_row,
    some,
)
from driftsync.reporting.wording import ROLES

WAYS = {
    "table": N_("table"),
    "class query": N_("class query"),
    "objects": N_("objects"),
    "GetList": N_("GetList"),
    "own reader": N_("own reader"),
}
LEGIBLE = {
    Legible.YES: N_("can be read"),
    Legible.PARTLY: N_("in part"),
    Legible.NO: N_("cannot be read"),
    Legible.ABSENT: N_("not in this release"),
    Legible.NO_WAY: N_("no way to read it is known"),
}
MARKS = {
    Legible.YES: GOOD,
    Legible.PARTLY: WARNED,
    Legible.NO: BAD,
    Legible.ABSENT: NEITHER,
    Legible.NO_WAY: NEITHER,
    Truth.HOLDS: GOOD,
    Truth.DOES_NOT_HOLD: ("✗", "yellow"),
    Truth.UNTOLD: ("?", "dim"),
}
SLOW_CLOCK = 5.0
"""Seconds by which two clocks may differ before it is worth a warning."""


def examination_as_json(found: Examination) -> bytes:
    """Return the examination as JSON."""
    return msgspec.json.format(ENCODER.encode(found), indent=2) + b"\n"


def print_examination(
    found: Examination, console: Console, *, quiet: bool = False, verbose: bool = False
) -> None:
    """Print the whole page; `quiet` leaves the verdict alone, `verbose` names every privilege."""
    answered = [member for member in found.members if member.answered]
    if not quiet:
        for member in found.members:
            _print_member(member, console)
        if answered:
            _print_privileges(answered, console, verbose=verbose)
            heading(_("Kinds, and the route by which each is read"), console)
            for name in all_kinds():
                cells = {
                    member.name: _kind_cell(each, verbose=verbose)
                    for member in answered
                    for each in member.kinds
                    if each.kind == name
                }
                print_row(name, cells, console)
            heading(_("What IRIS does here"), console)
            for fact in answered[0].facts:
                cells = {
                    member.name: _fact_cell(each)
                    for member in answered
                    for each in member.facts
                    if each.name == fact.name
                }
                print_row(_(fact.claim), cells, console, above=True)
            _print_licence(answered, console)
        console.print()
    for member in found.members:
        line(console, _verdict_mark(member), f"{visible(member.name)}: {_verdict(member)}")
    if not quiet:
        print_grants(found.grants, console)


# -- the connection -------------------------------------------------------------------------------------------------


def _print_member(member: MemberExamined, console: Console) -> None:
    role = _(ROLES[member.role]) if member.role is not MemberRole.UNKNOWN else ""
    tls = "TLS" if member.tls else _("no TLS")
    said = "  ".join(part for part in (role, member.status, member.address, tls) if part)
    mark = GOOD if member.answered else BAD
    console.print(
        Text.assemble("  ", (mark[0], mark[1]), " ", (visible(member.name), "bold"), "  ", visible(said)),
        soft_wrap=True,
    )
    if not member.answered:
        line(console, ("", ""), visible(translated(member.reason)), indent=3, style="red")
        if member.hint:
            line(console, ("→", "dim"), visible(translated(member.hint)), indent=3, style="dim")
        return
    line(console, ("", ""), visible(member.version), indent=3, style="dim")
    line(console, ("", ""), _about(member), indent=3)
    if member.untold:
        line(console, BAD, visible(translated(member.untold)), indent=3)
    if member.clock is not None and abs(member.clock) >= SLOW_CLOCK:
        line(console, WARNED, _("its clock and the one here differ by {seconds:.0f} s").format(
            seconds=abs(member.clock)), indent=3)  # fmt: skip
    for warning in member.warnings:
        line(console, WARNED, translated(warning), indent=3)


def _about(member: MemberExamined) -> str:
    said = [
        _("account {user}").format(user=visible(member.user)),
        _("driver {version}").format(version=member.driver),
    ]
    if member.round_trip is not None:
        said.append(_("a round trip takes {time:.1f} ms").format(time=member.round_trip * 1000))
    said.append(
        _("examined in {count} round trips, {seconds:.1f} s").format(
            count=member.round_trips, seconds=member.seconds
        )
    )
    return ", ".join(said)


# -- privileges -------------------------------------------------------------------------------------------------------


def _print_privileges(members: list[MemberExamined], console: Console, *, verbose: bool) -> None:
    heading(_("Privileges that reading needs"), console)
    content = [member.name for member in members if all(each.held is Held.YES for each in member.privileges)]
    if content and not verbose:
        line(console, GOOD, _("{members}: the account has all of them").format(members=names_of(content)))
    for number, privilege in enumerate(members[0].privileges):
        cells = [(_privilege_cell(member, number, verbose=verbose), member.name) for member in members]
        for cell, names in grouped(cells):
            if cell.mark != GOOD or verbose:
                line(console, cell.mark, f"{privilege.name}   {names_of(names)}")
                if cell.text:
                    line(console, ("", ""), cell.text, indent=4, style="dim")
    for text, names in grouped((_excess(member), member.name) for member in members if member.excess):
        line(console, WARNED, f"{names_of(names)}: {text}")


def _privilege_cell(member: MemberExamined, number: int, *, verbose: bool) -> Cell:
    """Return a mark that is red where something cannot be read, and not where another route is open."""
    found = member.privileges[number]
    if found.held is Held.YES:
        return Cell(GOOD)
    unread = {each.kind for each in member.kinds if each.legible in {Legible.NO, Legible.PARTLY}}
    mark = BAD if unread & set(found.kinds) else WARNED
    if found.held is Held.UNTOLD:
        return Cell(("?", mark[1]), visible(translated(found.reason)))
    if len(found.kinds) > len(all_kinds()) // 2:
        return Cell(BAD, _("without it next to nothing can be read"))
    if not found.kinds:
        return Cell(mark, _("without it less is known of the mirror and of the instance"))
    return Cell(mark, _("needed for: {kinds}").format(kinds=some(found.kinds, verbose=verbose)))


def _excess(member: MemberExamined) -> str:
    listed = ", ".join(member.excess)
    return _("the account may do more than reading needs ({privileges}); use one for driftsync alone").format(
        privileges=listed
    )


# -- rows that members share ------------------------------------------------------------------------------------------


def _kind_cell(found: KindExamined, *, verbose: bool) -> Cell:
    said = [] if found.legible is Legible.YES else [_(LEGIBLE[found.legible])]
    if found.way:
        spelled = found.way in {"table", "objects", "GetList"}
        said.append(found.route if spelled else f"{_(WAYS[found.way])}: {found.route}")
    if found.reasons:
        said.append(some([translated(each) for each in found.reasons], 2, verbose=verbose))
    if found.unread:
        said.append(_("does not tell {properties}").format(properties=some(found.unread, verbose=verbose)))
    return Cell(MARKS[found.legible], visible("; ".join(said)))


def _fact_cell(found: Fact) -> Cell:
    return Cell(MARKS[found.verdict], visible(translated(found.detail)))


# -- licence and verdict -----------------------------------------------------------------------------------------------


def _print_licence(members: list[MemberExamined], console: Console) -> None:
    heading(_("Licence units"), console)
    for member in members:
        line(console, ("", ""), f"{visible(member.name)}: {_licence(member)}")
    line(
        console,
        ("", ""),
        _(
            "Each connection is one process on the member. As a rule all connections of one user from one address "
            "take one unit together; what a second one took was counted here, and others may log in meanwhile."
        ),
        style="dim",
    )


def _licence(member: MemberExamined) -> str:
    found = member.licence
    if found is None or found.consumed is None:
        return _("the member does not tell")
    of = _("{used} of {units} in use").format(used=found.consumed, units=found.units or "?")
    if found.consumed_with_two is None:
        return of
    more = max(0, found.consumed_with_two - found.consumed)
    took = ngettext(
        "a second connection of driftsync took {count} more",
        "a second connection of driftsync took {count} more",
        more,
    ).format(count=more)
    return f"{of}; {took}"


def _verdict_mark(member: MemberExamined) -> tuple[str, str]:
    return GOOD if member.complete else BAD


def _verdict(member: MemberExamined) -> str:
    if not member.answered:
        return visible(translated(member.reason))
    count = sum(each.legible in {Legible.NO, Legible.PARTLY} for each in member.kinds)
    good = sum(each.legible is Legible.YES for each in member.kinds)
    if not count:
        if member.untold:
            return visible(translated(member.untold))
        return _("all that it has can be read, {count} kinds").format(count=good)
    return ngettext(
        "{count} kind cannot be read, or in part only; {good} can",
        "{count} kinds cannot be read, or in part only; {good} can",
        count,
    ).format(count=count, good=good)
