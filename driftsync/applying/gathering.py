"""This module changes collections of an open object: lists, and the pairs of a role as its relationship holds them."""

from __future__ import annotations

from collections.abc import Mapping

from driftsync.applying.failures import WriteFailed
from driftsync.applying.permitted import Writer
from driftsync.connections import ObjectHandle
from driftsync.kinds.words import PERMISSIONS
from driftsync.language import english as _
from driftsync.normalize import mask

CHILD = "Security.Resource"
"""The class of a role's pairs; a role is saved together with them, whole or not at all (api.md 5.8)."""


def replace_elements(
    writer: Writer, owner: ObjectHandle, name: str, wanted: list[str], before: list[str]
) -> None:
    """Let a list hold exactly these elements, in this order; what it only lacks at its end is put there."""
    held = writer.made(writer.get(owner, name))
    kept = before == wanted[: len(before)]
    if not kept:
        writer.must(writer.invoke(held, "Clear").value)
    for element in wanted[len(before) :] if kept else wanted:
        writer.must(writer.invoke(held, "Insert", element).value)


def replace_one(writer: Writer, owner: ObjectHandle, name: str, element: str, *, there: bool) -> bool:
    """Let a list hold one element, or not, whatever its case; say whether that changed it."""
    held = writer.made(writer.get(owner, name))
    count = int(writer.invoke(held, "Count").value or 0)
    before = [str(writer.invoke(held, "GetAt", place).value) for place in range(1, count + 1)]
    others = [each for each in before if each.casefold() != element.casefold()]
    if (len(others) < len(before)) is there:
        return False
    replace_elements(writer, owner, name, [*before, element] if there else others, before)
    return True


def replace_pairs(
    writer: Writer, owner: ObjectHandle, name: str, before: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    """Change the pairs that differ; a role is never emptied on the way. Raises `WriteFailed` where they are not as before."""
    held = writer.made(writer.get(owner, name))
    gone = {each.casefold() for each in before} - {each.casefold() for each in wanted}
    changed = {
        each.casefold(): letters
        for each, letters in wanted.items()
        if each.casefold() in {known.casefold() for known in before}
        and letters != next(old for known, old in before.items() if known.casefold() == each.casefold())
    }
    if gone or changed:
        count = int(writer.invoke(held, "Count").value or 0)
        left = gone | set(changed)
        for place in range(count, 0, -1):
            pair = writer.made(writer.invoke(held, "GetAt", place).value)
            resource = str(writer.get(pair, "Name")).casefold()
            if resource in changed:
                writer.set(pair, "Permission", mask(changed[resource], PERMISSIONS))
            elif resource in gone:
                writer.must(writer.invoke(held, "Remove", pair).value)
            left.discard(resource)
            if not left:
                break
        if left:
            raise WriteFailed(_("it does not hold the resources that it held when the plan was made"))
    for resource, letters in wanted.items():
        if resource.casefold() not in {each.casefold() for each in before}:
            pair = writer.made(writer.call(CHILD, "%New").value)
            writer.set(pair, "Name", resource)
            writer.set(pair, "Permission", mask(letters, PERMISSIONS))
            writer.must(writer.invoke(held, "Insert", pair).value)
