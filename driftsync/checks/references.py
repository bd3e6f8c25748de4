"""This module finds references that lead nowhere: what an item of a member names and the member does not have.

Which property names an item of which kind follows from the declarations (`refers_to`). What was not read whole is no
evidence: a reference into such a kind is not judged, and the check says so. What the product itself ships is left out:
its tasks run as users that are no accounts.
"""

from __future__ import annotations

from driftsync.checks.named_code import (
    BESIDE,
    Dangling,
    missing_code,
    missing_files,
    names_code_elsewhere,
)
from driftsync.checks.spec import (
    PASS_WARN_FAIL,
    About,
    Check,
    MemberView,
    Result,
    Unanswered,
    View,
    failed,
    listed,
    passed,
    warned,
)
from driftsync.kinds.references import key_named, names_in, references
from driftsync.language import N_
from driftsync.language import english as _


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
                for name in names_in(item, declared)
                if key_named(declared.refers_to, name) not in targets
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
    outcomes=PASS_WARN_FAIL,
)
