"""This module declares the checks of how large things are: memory that the CPF asks for, databases after a compaction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from driftsync.checks.resolving import places
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
)
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Outcome

SETTING = "instance-setting:config/"
KILOBYTES_A_MEGABYTE = 1024
COMPACTED_BELOW = 0.75
"""Of the size of another member's copy: then somebody compacted or truncated this one."""
BLOCK_SIZES = ("2kb", "4kb", "8kb", "16kb", "32kb", "64kb")


def _memory(view: View, member: MemberView) -> Result:
    del view
    asked = int(asked_megabytes(member))
    there = member.number("platform.memory")
    if there <= 0:
        raise Unanswered(_("the host does not say how much memory it has"))
    seen = _("{asked} MB asked for, the host has {there} MB").format(asked=asked, there=there)
    return failed(seen) if asked > there else passed(seen)


def asked_megabytes(member: MemberView) -> float:
    """Return what database cache, routine cache, shared memory heap and journal buffers take; 0 where IRIS chooses."""
    cache = _sum(member, "globals") or sum(_sum(member, f"globals{size}") for size in BLOCK_SIZES)
    heap = _sum(member, "gmheap") / KILOBYTES_A_MEGABYTE
    return cache + _sum(member, "routines") + heap + _sum(member, "jrnbufs")


def _sum(member: MemberView, name: str) -> float:
    value: Any = member.value("instance-setting", f"{SETTING}{name}")
    parts = value if isinstance(value, list) else str(value if value is not None else "").split(",")
    try:
        return sum(float(part) for part in parts if str(part).strip())
    except (TypeError, ValueError):
        raise Unanswered(_("{fact}: {value} is no number").format(fact=name, value=value)) from None


MEMORY = Check(
    id="CFG-521",
    title=N_("Memory that the CPF asks for fits the host"),
    why=N_("Copied from a larger host it does no harm until the next restart, and then IRIS does not start."),
    do=N_(
        "Lower the caches in the CPF of this member, or give the host more memory, before the next restart."
    ),
    source="Config.config globals, routines, gmheap, jrnbufs; %SYSTEM.Util.GetPhysicalMemory",
    about=About.EACH,
    rule=_memory,
    outcomes=can(Outcome.PASS, Outcome.FAIL),
)


def _compacted(view: View) -> Result:
    primary = view.the_primary
    here = _sizes(primary)
    found = [
        told
        for member in view.members
        if member is not primary
        for told in _smaller(primary, here, member, _sizes(member))
    ]
    if not found:
        return passed(_("copies of mirrored databases are about as large everywhere"))
    order = _(
        "nothing to do for the switch; to follow: first the members that lag behind become primary in a planned"
        " switch and are compacted there, then DR asyncs, by promotion or by a copy made anew"
    )
    return passed(f"{listed(found)}; {order}")


def _sizes(member: MemberView) -> dict[str, float]:
    """Return the megabytes of mirrored databases, by what the mirror calls them. Raises `Unanswered`."""
    by_directory = {_folded(row.get("Directory")): row.get("Size") for row in member.rows("databases")}
    names = places(member)
    found: dict[str, float] = {}
    for item in member.items("database").values():
        mirrored = names[item.key.identity.upper()].mirrored
        size = by_directory.get(_folded(item.local.get("Directory")))
        if not mirrored or size is None:
            continue
        number = re.match(r"\s*(\d+(?:\.\d+)?)", str(size))
        if number is None:
            raise Unanswered(_("{fact}: {value} is no number").format(fact="Size", value=size))
        found[mirrored] = float(number[1])
    return found


def _folded(directory: Any) -> str:
    return str(directory or "").replace("\\", "/").rstrip("/").casefold()


def _smaller(
    primary: MemberView, here: dict[str, float], member: MemberView, there: dict[str, float]
) -> Iterator[str]:
    for name in sorted(here.keys() & there.keys()):
        small, large = sorted((here[name], there[name]))
        if small < large * COMPACTED_BELOW:
            yield _("{database}: {here} MB on {primary}, {there} MB on {member}").format(
                database=name.partition(":")[2],
                here=int(here[name]),
                primary=primary.name,
                there=int(there[name]),
                member=member.name,
            )


COMPACTED = Check(
    id="JRN-308",
    title=N_("Databases that were compacted or truncated on one member"),
    why=N_(
        "The mirror does not carry it: disks fill at different times. For information, no danger for a switch."
    ),
    do=N_("Follow on the other members in order: a planned switch and the same there, last the DR asyncs."),
    source="SYS.Database Size; mirror.md 3.7",
    about=About.MIRROR,
    rule=_compacted,
    outcomes=can(Outcome.PASS),
)
