"""This module writes a plan as a checklist in the reader's language: what to click, page by page, value by value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from driftsync.kinds import statements
from driftsync.kinds.spec import Property, Shape, Treat
from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import Action, Plan, Secret, Sort, Value, Withheld
from driftsync.rendering import routine
from driftsync.rendering.heading import HAZARDS, Tongue, heading, one_line
from driftsync.rendering.steps import OWN_FILE, Said, Step, Unsaid, writable

NO_PAGE = "no page"
"""How the declaration of a kind begins to say that the portal has no page for it."""

A_SECRET = _("{name}: a secret, written down nowhere; whoever keeps it has to supply it")

NOT_KNOWN = _("{name}: not known here; look it up on the primary first")

AS_SQL = _("As SQL: {statement}")
AS_SQL_THERE = _("As SQL, in the namespace {namespace}: {statement}")
BY_ROUTINE = _("The routine that --render routine writes does it.")

DEEDS = {
    Sort.CREATE: _("create {title} {name}"),
    Sort.CHANGE: _("change {title} {name}"),
    Sort.DELETE: _("delete {title} {name}"),
}


def say(step: Step) -> Said:
    """Say a step in words; only what nobody can know from here stays unsaid."""
    _values, unsaid = writable(step)
    kept = [each for each in unsaid if each.reason == OWN_FILE]
    return Said(step, step, tuple(kept), tuple(step.about.secrets))


def text(plan: Plan, said: Iterable[Said], tongue: Tongue) -> str:
    """Return the whole checklist."""
    steps = list(said)
    lines = [one_line(line) for line in heading(plan, steps, tongue)]
    for each in steps:
        lines += ["", *_step(each.step, each.unsaid, tongue)]
    if not steps:
        lines += ["", tongue(_("There is nothing to do."))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _step(step: Step, unsaid: Iterable[Unsaid], tongue: Tongue) -> list[str]:
    names = " / ".join(value for value in step.names.values() if value) or step.key.partition(":")[2]
    title = tongue(step.kind.title)
    deed = tongue(DEEDS[step.sort]).format(title=title, name=names)
    lines = [f"[ ] {step.label}. {one_line(deed)}"]
    lines += [f"      {one_line(each)}" for each in _where(step, tongue)]
    own = {each.properties[0] for each in unsaid if each.properties}
    for name, value in step.settings.items():
        if name in own:
            lines.append(f"      {name}: {tongue(OWN_FILE)}")
            continue
        declared = step.declared(name)
        new = _in_words(declared, value, tongue)
        line = f"{name}: {new}"
        if step.sort is Sort.CHANGE:
            before = _in_words(declared, step.about.before.get(name), tongue)
            line = tongue(_("{name}: {new} (before: {before})")).format(name=name, new=new, before=before)
        lines.append(f"      {one_line(line)}")
    lines += [f"      {one_line(tongue(NOT_KNOWN).format(name=name))}" for name in step.not_known]
    lines += [f"      {one_line(tongue(A_SECRET).format(name=name))}" for name in step.about.secrets]
    lines += [f"      ! {tongue(HAZARDS[hazard])}" for hazard in step.hazards]
    notes = [step.about.note] if isinstance(step.about, Action) else [step.about.reason, step.about.do]
    lines += [f"      {one_line(tongue(note))}" for note in notes if note]
    return lines


def _where(step: Step, tongue: Tongue) -> Iterator[str]:
    """Yield the page, and what does it without one."""
    page, written = step.page, step.kind.written
    no_page = page.startswith(NO_PAGE)
    yield tongue(page) if no_page else tongue(_("Management Portal: {page}")).format(page=tongue(page))
    if isinstance(step.about, Withheld):
        return
    if isinstance(written, ByStatement):
        namespace = step.names.get("Namespace", "")
        said = tongue(AS_SQL_THERE if namespace else AS_SQL)
        with suppress(ValueError):
            for statement in statements.of(written, step.about):
                yield said.format(namespace=namespace, statement=statement)
    elif no_page and routine.say(step).body is not None:
        yield tongue(BY_ROUTINE)


def _in_words(declared: Property | None, value: Value, tongue: Tongue) -> str:
    """Return a value as a page of the portal shows it: the words of an enumeration, the methods of a mask."""
    if isinstance(value, Secret) or (declared is not None and declared.treat is Treat.SECRET):
        return tongue(_("a secret"))
    if value in (None, "", [], {}):
        return tongue(_("empty"))
    if isinstance(value, str) and value != value.strip():
        return f'"{value}"'
    if isinstance(value, bool):
        return tongue(_("yes")) if value else tongue(_("no"))
    if declared is not None and declared.shape is Shape.MASK and isinstance(value, int):
        words = [word for bit, word in declared.values.items() if value & int(bit)]
        shown = ", ".join(tongue(word) for word in dict.fromkeys(words)) or (
            tongue(_("none")) if not value else ""
        )
        return f"{value} ({shown})" if shown else str(value)
    if declared is not None and declared.shape is Shape.CHOICE and str(value) in declared.values:
        return f"{value} ({tongue(declared.values[str(value)])})"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_in_words(None, inner, tongue)}" for name, inner in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return ", ".join(_in_words(None, inner, tongue) for inner in value)
    return str(value)
