"""This module tells what the table of kinds says: all of them, one, or one property."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from driftsync.kinds.places import (
    Action,
    ConfigApi,
    CpfRows,
    CpfSection,
    CpfSettings,
    Place,
    Record,
    TaskRecord,
)
from driftsync.kinds.spec import Kind, Property, Treat
from driftsync.language import N_, _
from driftsync.reporting import wording


def place_in_words(place: Place) -> str:
    """Say where items of a kind stand in a document."""
    match place:
        case CpfRows(section=section, prefix=prefix):
            return f"CPF [{section}]" + (f" {prefix}…" if prefix else "")
        case CpfSection(section=section):
            return f"CPF [{section}]"
        case CpfSettings(sections=sections):
            return "CPF " + " ".join(f"[{each}]" for each in sections)
        case Record(tag=tag):
            return _("security export <{tag}>").format(tag=tag)
        case TaskRecord():
            return _("task export <Task>")
        case ConfigApi(section=section):
            return f"config-api {section}"
        case Action(noun=noun):
            return _("merge file Create/Modify{noun}").format(noun=noun)


def documents_of(kind: Kind) -> list[str]:
    """Return the sorts of documents that show a kind, each once."""
    sorts = {
        CpfRows: "CPF",
        CpfSection: "CPF",
        CpfSettings: "CPF",
        Record: N_("security export"),
        TaskRecord: N_("task export"),
        ConfigApi: "config-api",
        Action: N_("merge file"),
    }
    return list(dict.fromkeys(sorts[type(place)] for place in kind.places))


def kinds_as_json(kinds: Iterable[Kind]) -> str:
    """Return the table for programs."""
    import msgspec

    rows = [
        {
            "kind": kind.name,
            "title": kind.title,
            "class": kind.iris_class,
            "severity": kind.severity.value,
            "replicated": kind.replicated.value,
            "documents": documents_of(kind),
            "why": kind.why,
            "portal": kind.portal,
            "properties": {each.name: each.treat.value for each in kind.properties},
        }
        for kind in kinds
    ]
    return msgspec.json.format(msgspec.json.encode({"format_version": 1, "kinds": rows}), indent=2).decode()


def kinds_as_markdown(kinds: Iterable[Kind]) -> str:
    """Return the table as it stands in the README."""
    lines = [
        "| " + " | ".join((_("kind"), _("what it is"), _("shown by"), _("a difference"))) + " |",
        "| --- | --- | --- | --- |",
    ]
    for kind in kinds:
        shown = _(", ").join(map(_, documents_of(kind))) or _("live members only")
        severity = _(wording.SEVERITIES[kind.severity])
        lines.append(f"| `{kind.name}` | {_(kind.title)} (`{kind.iris_class}`) | {shown} | {severity} |")
    return "\n".join(lines)


def print_kinds(kinds: Iterable[Kind], console: Console) -> None:
    """Print one line a kind."""
    table = Table(box=None, padding=(0, 2), collapse_padding=True, show_edge=False)
    table.add_column(_("kind"), header_style="dim", no_wrap=True)
    for title in (_("what it is"), _("shown by"), _("mirrored"), _("a difference")):
        table.add_column(title, header_style="dim", overflow="fold")
    for kind in kinds:
        table.add_row(
            Text(kind.name, style="bold"),
            _(kind.title),
            _(", ").join(map(_, documents_of(kind))) or Text(_("live members only"), style="dim"),
            _(wording.REPLICATED[kind.replicated]),
            _(wording.SEVERITIES[kind.severity]),
        )
    console.print(table)
    console.print(Text("\n" + _("`driftsync explain KIND` tells the rest."), style="dim"))


def print_kind(kind: Kind, console: Console) -> None:
    """Print everything that is known of one kind."""
    console.print(Text(kind.name + _(": ") + _(kind.title), style="bold"))
    console.print(Text(_(kind.why)))
    console.print()
    facts = Table(box=None, show_header=False, show_edge=False, padding=(0, 2))
    facts.add_column(style="dim", overflow="fold")
    facts.add_column(overflow="fold")
    for label, value in _facts(kind):
        facts.add_row(label, value)
    console.print(facts)
    for treat in Treat:
        _print_treat(kind, treat, console)


def _facts(kind: Kind) -> list[tuple[str, str]]:
    identity = kind.identity
    named_by = ", ".join(identity.properties) or _("there is only one: {name}").format(name=identity.fixed)
    if identity.namespace:
        named_by += _(" in {namespace}").format(namespace=identity.namespace)
    facts = [
        (_("class"), kind.iris_class),
        (_("named by"), named_by + _(" ({words})").format(words=_(identity.fold.value))),
        (_("a difference"), _(wording.SEVERITIES[kind.severity])),
        (
            _("mirrored"),
            _(wording.REPLICATED[kind.replicated])
            + (_(": ") + _(kind.replicated_how) if kind.replicated_how else ""),
        ),
        (_("set in"), _(kind.portal)),
        (
            _("shown by"),
            _("; ").join(place_in_words(place) for place in kind.places) or _("live members only"),
        ),
        (_("read live by"), kind.listed_by),
        (
            _("can be written by"),
            _(", ").join(_(route.value) for route in kind.routes) or _("nothing: report only"),
        ),
        (
            _("repaired by"),
            _("a plan, as far as it is certain: {how}").format(how=kind.written)
            if kind.written
            else _("people: {what}").format(what=_(kind.instead)),
        ),
        (_("needs first"), ", ".join(sorted(kind.creation_after())) or "–"),
        (_("source"), kind.source),
    ]
    if identity.leaves_out:
        facts.insert(2, (_("left out of the name"), _(identity.leaves_out)))
    facts.extend(
        (_("on a {role}").format(role=_(wording.ROLES[role])), _(wording.EXPECTATIONS[expectation]))
        for role, expectation in kind.expectation.items()
    )
    return [(label, value) for label, value in facts if value]


def _print_treat(kind: Kind, treat: Treat, console: Console) -> None:
    chosen = [each for each in kind.properties if each.treat is treat]
    if not chosen:
        return
    console.print(Text(f"\n{_(treat.value)} ({len(chosen)})", style="bold"))
    if treat is Treat.COMPARE:
        console.print(Padding(Text(", ".join(each.name for each in chosen)), (0, 0, 0, 2)))
        return
    for each in chosen:
        line = Text(f"  {each.name}")
        if each.because:
            line.append(_(": ") + _(each.because), style="dim")
        console.print(line)


def print_property(kind: Kind, declared: Property, name: str, console: Console) -> None:
    """Print everything that is known of one property."""
    console.print(Text(f"{kind.name}.{name}", style="bold"))
    facts = Table(box=None, show_header=False, show_edge=False, padding=(0, 2))
    facts.add_column(style="dim", overflow="fold")
    facts.add_column(overflow="fold")
    severity = declared.severity or kind.severity
    rows = [
        (_("is"), _(declared.shape.value)),
        (_("treated as"), _(declared.treat.value)),
        (_("because"), _(declared.because)),
        (_("means"), _(declared.about)),
        (_("values"), _(", ").join(f"{code} {_(word)}" for code, word in declared.values.items())),
        (_("stands for, when empty"), "" if declared.default is None else str(declared.default)),
        (_("when empty, taken from"), declared.default_from),
        (_("counts only when"), _condition(declared)),
        (_("known since"), declared.since),
        (_("names a"), declared.refers_to),
        (_("part of the secret"), declared.part_of),
        (_("takes effect"), _("after a restart") if declared.restart else ""),
        (_("a difference"), _(wording.SEVERITIES[severity])),
        (_("why"), _(kind.why)),
        (_("set in"), _(kind.portal)),
    ]
    for label, value in rows:
        if value:
            facts.add_row(label, value)
    console.print(facts)


def _condition(declared: Property) -> str:
    if declared.compared_if:
        return _("not known to be without: {fact}").format(fact=declared.compared_if)
    if declared.only_when is None:
        return ""
    return f"{declared.only_when[0]} = {' | '.join(sorted(declared.only_when[1]))}"
