"""This module writes a plan as JSON for config-api (lscalese/iris-config-api), which makes what is missing.

What is there it changes only where it is loaded with `IFEXISTS`. It runs its sections in the order of the document, and
a section comes only once: a step that would have to come after another section is left out and listed. JSON has no
comments, so what the document is for stands in `Defaults`, where also its variables get their values. Facts: api.md 3.3
and the classes Api.Config.Services.* (Loader, Common.Methods, Security.SQLPrivileges, Security.SQLAdminPrivilegeSet).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from driftsync.kinds.places import ConfigApi
from driftsync.kinds.spec import Property, Route, Shape
from driftsync.language import english as _
from driftsync.model import Plan, Sort, Value
from driftsync.rendering.heading import Tongue, heading
from driftsync.rendering.steps import NOT_READ, Said, Step, Unsaid, nothing, writable
from driftsync.rendering.values import HASH, SECRET_WORDS, CannotBeSaid, spelled

NO_SECTION = _("config-api has no section for it")
NO_DELETE = _("config-api deletes nothing")
NO_MEMBER = _("the section of config-api does not hold it")
TEMPLATE = _("it holds ${, which config-api fills in")
LATER = _("its section comes before others that have to come first, and a document has each section once")
EMPTIES = _("config-api empties what an object of this section does not state")
OTHER_RIGHT = _("config-api passes over this privilege")
WILDCARD = _("config-api takes a * at the end for all tables that begin so")
HOW = _(
    'In the namespace of config-api: set params("IFEXISTS") = "Update" do ##class(Api.Config.Services.Loader).Load("FILE", .params)'
)
READ = _(
    "Without IFEXISTS it passes over what is there. It goes on after an error and may end with OK all the same: read what it writes of each."
)
SUPPLY = _('Before that, add to Defaults: "{name}": the secret {property} of {key}, as the primary has it')
SHOWN = _("It shows the whole document on the terminal, the secrets too; delete the file afterwards.")

RIGHTS = frozenset("adirsu")
"""The privileges that `PrivList` may hold."""

_VARIABLE = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Entry:
    """One object, or some values, and where they stand."""

    section: str
    path: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    rows: bool = False
    """Whether what stands there is a list of objects."""


def say(step: Step) -> Said:
    """Say a step as an object of its section."""
    place = _place(step)
    if place is None or step.is_row:
        return nothing(step, NO_SECTION)
    if step.sort is Sort.DELETE:
        return nothing(step, NO_DELETE)
    if step.sort is Sort.CHANGE and place.empties:
        return nothing(step, EMPTIES)
    if step.kind.name == "sql-privilege" and (reason := _not_granted(step)):
        return nothing(step, reason)
    if step.not_known:
        return Said(step, unsaid=(Unsaid(step, NOT_READ, tuple(step.not_known)),))
    values, unsaid = writable(step)
    made: dict[str, Any] = {}
    for name, value in values.items():
        declared = step.declared(name)
        if declared is None:
            continue
        if name in place.omits or declared.beside:
            if not step.implied(name, value):
                unsaid.append(Unsaid(step, NO_MEMBER, (name,)))
            continue
        try:
            made[name] = _json(declared, value)
        except CannotBeSaid as error:
            unsaid.append(Unsaid(step, str(error), (name,)))
    for name in step.about.secrets:
        made[SECRET_WORDS.get((step.kind.name, name), name)] = f"${{{variable(step, name)}}}"
    if not made and (step.sort is Sort.CHANGE or values):
        return Said(step, unsaid=tuple(unsaid))
    if any("${" in text for text in step.names.values()):
        return nothing(step, TEMPLATE)
    return Said(step, _entry(step, place, made), tuple(unsaid), tuple(step.about.secrets))


def _place(step: Step) -> ConfigApi | None:
    """Return the section of a step, `None` where there is none."""
    if Route.CONFIG_API not in step.kind.routes:
        return None
    for place in step.kind.places:
        if not isinstance(place, ConfigApi):
            continue
        right = step.names.get("Section") == place.section if step.kind.per_item else True
        if right and all(step.names.get(name) == text for name, text in place.sets.items()):
            return place
    return None


def _not_granted(step: Step) -> str:
    """Return why config-api would not grant exactly this, nothing where it does."""
    if step.names["Privilege"].lower() not in RIGHTS:
        return OTHER_RIGHT
    return WILDCARD if step.names["SQLObject"].endswith("*") else ""


def _entry(step: Step, place: ConfigApi, made: dict[str, Any]) -> Entry:
    if step.kind.per_item is not None:
        return Entry(place.section, (), {step.names[step.kind.identity.properties[-1]]: made["Value"]})
    if step.kind.identity.fixed:
        return Entry(place.section, (), made)
    if step.kind.name == "sql-privilege":
        names = {("PrivList" if name == "Privilege" else name): text for name, text in step.names.items()}
        return Entry(place.section, (), {**names, **made}, rows=True)
    names = {name: text for name, text in step.names.items() if name not in place.sets}
    if place.nested:
        outer = names.pop(str(step.kind.identity.namespace))
        return Entry(place.section, (outer,), {**names, **made}, rows=True)
    return Entry(
        place.section, (names[place.key],), {**{n: t for n, t in names.items() if n != place.key}, **made}
    )


def _json(declared: Property, value: Value) -> Any:
    """Return a value as JSON has it: flags and numbers as such, lists as one text."""
    if isinstance(value, bool) or (isinstance(value, (int, float)) and declared.shape is not Shape.FLAG):
        return value
    text = spelled(declared, value)
    if "${" in text:
        raise CannotBeSaid(TEMPLATE)
    return text


def variable(step: Step, name: str) -> str:
    """Return the variable that stands for a secret."""
    return _VARIABLE.sub("_", f"DRIFTSYNC_SECRET_{step.label}_{name}").upper()


def arranged(said: list[Said]) -> list[Said]:
    """Leave out what would come back to a section after others have begun: the order of steps must hold.

    What only changes an item and takes no access away may stand where its section stands: what it names is of kinds
    whose items are made before.
    """
    left: set[str] = set()
    now = ""
    found = []
    for each in said:
        section = each.body.section if each.body is not None else now
        if section in left:
            stays = (
                each.body is not None
                and each.step.sort is Sort.CHANGE
                and not any(hazard.narrows for hazard in each.step.hazards)
            )
            found.append(each if stays else nothing(each.step, LATER))
            continue
        if section != now and now:
            left.add(now)
        now = section
        found.append(each)
    return found


def text(plan: Plan, said: Iterable[Said], tongue: Tongue) -> str:
    """Return the whole document."""
    steps = list(said)
    lines = [*heading(plan, steps, tongue), "", tongue(HOW), tongue(READ)]
    if any(each.secrets for each in steps):
        lines += [*_supplying(steps, tongue), tongue(SHOWN)]
    about = {
        f"DRIFTSYNC_{place:03}": line.replace("${", "$ {") for place, line in enumerate(lines, 1) if line
    }
    document: dict[str, Any] = {"Defaults": about}
    for each in steps:
        if each.body is not None:
            _put(document, each.body)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _supplying(steps: Iterable[Said], tongue: Tongue) -> Iterator[str]:
    """Yield how each secret is supplied."""
    words = [
        (each.step, name, SECRET_WORDS.get((each.step.kind.name, name), name))
        for each in steps
        for name in each.secrets
    ]
    for step, name, word in words:
        yield tongue(SUPPLY).format(name=variable(step, name), key=step.key, property=word)
    if any(word != name for _step, name, word in words):
        yield tongue(HASH)


def _put(document: dict[str, Any], entry: Entry) -> None:
    keys = (entry.section, *entry.path)
    there: Any = document
    for key in keys[:-1]:
        there = there.setdefault(key, {})
    if entry.rows:
        there.setdefault(keys[-1], []).append(entry.values)
    else:
        there.setdefault(keys[-1], {}).update(entry.values)
