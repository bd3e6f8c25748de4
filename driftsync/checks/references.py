"""This module finds references that lead nowhere: what an item of a member names and the member does not have.

Which property names an item of which kind follows from the declarations (`refers_to`). What was not read whole is no
evidence: a reference into such a kind is not judged, and the check says so. What the product itself ships is left out:
its tasks run as users that are no accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from driftsync.checks.named_code import (
    BESIDE,
    Dangling,
    missing_code,
    missing_files,
    names_code_elsewhere,
)
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
from driftsync.kinds.making import folded_key
from driftsync.kinds.spec import Kind, Property, Shape
from driftsync.language import N_
from driftsync.language import english as _
from driftsync.model import Item, Outcome


@cache
def references() -> tuple[tuple[Kind, Property], ...]:
    """Return every property that names an item of another kind which is told by its name alone."""
    return tuple(
        (kind, each)
        for kind in all_kinds().values()
        for each in kind.properties
        if each.refers_to and each.kept and len(all_kinds()[each.refers_to].identity.properties) == 1
    )


def dangling(member: MemberView) -> tuple[list[Dangling], list[str]]:
    """Return the references of a member that lead nowhere, and the kinds that could not be judged."""
    found: list[Dangling] = []
    blind: dict[str, None] = {}
    for kind, declared in references():
        try:
            items, targets = member.items(kind.name), member.items(declared.refers_to)
        except Unanswered:
            blind[kind.name] = None
            continue
        for item in items.values():
            if kind.built_in(item.key.namespace, item.key.identity, item.compared):
                continue
            found += [
                Dangling(str(item.key), declared.name, declared.refers_to, name)
                for name in _names(item, declared)
                if not _is_there(declared.refers_to, name, targets)
            ]
    lookups = [(kind, missing_files(member, kind)) for kind in BESIDE] + [
        ("custom-code", missing_code(member))
    ]
    for name, lookup in lookups:
        try:
            found += list(lookup)
        except Unanswered:
            blind[name] = None
    return found, list(blind)


def _names(item: Item, declared: Property) -> Iterator[str]:
    """Yield the names that one property holds."""
    value = item.compared.get(declared.name, item.local.get(declared.name))
    if not value or (declared.default_from and value == item.compared.get(declared.default_from)):
        return
    if declared.shape is Shape.PAIRS and isinstance(value, dict):
        yield from value
    elif isinstance(value, list):
        for element in value:
            yield from (part for part in str(element).split(declared.inner or "\0") if part)
    else:
        yield str(value)


def _is_there(kind: str, name: str, targets: Iterable[str]) -> bool:
    declared = all_kinds()[kind]
    namespace = ""
    if declared.identity.namespace:
        namespace, _slash, name = name.partition("/")
    return folded_key(declared, namespace, name).match in targets


def _references(view: View) -> Result:
    found, blind = _judged(view.the_promoted)
    primary, _blind = _judged(view.the_primary)
    here_too = {(each.item, each.property, each.name) for each in primary}
    new = [each for each in found if (each.item, each.property, each.name) not in here_too]
    if new:
        return failed(listed(map(str, new)))
    if blind:
        raise Unanswered(_("not read whole: {kinds}").format(kinds=listed(blind)))
    if found:
        return warned(_("{names}, as on the primary").format(names=listed(map(str, found))))
    if names_code_elsewhere(view.the_promoted):
        return passed(_("every name leads somewhere; classes in databases were not looked up"))
    return passed(_("every name leads somewhere"))


def _judged(member: MemberView) -> tuple[list[Dangling], list[str]]:
    """Return what leads nowhere; drivers of gateways have a check of their own."""
    found, blind = dangling(member)
    return [each for each in found if each.kind != "file"], blind


REFERENCES = Check(
    id="CFG-509",
    title=N_("Names lead to things that are there"),
    why=N_(
        "What names a role, resource, namespace, database or TLS configuration that is missing does not work."
    ),
    do=N_("Create what is missing on the member, or correct the name on both."),
    source=N_("what driftsync knows of each kind"),
    about=About.PROMOTED,
    rule=_references,
    outcomes=can(Outcome.PASS, Outcome.WARN, Outcome.FAIL),
)
