"""This module writes a plan as a configuration merge file, for `iris merge INSTANCE FILE`.

`Create…` for what is missing, `Modify…` for what differs, since `Create…` passes over what exists; `Delete…` only where
the plan deletes. Single settings stand in the section of the CPF. IRIS runs actions in an order of its own. A line that
needs a secret is a comment until somebody fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from driftsync.kinds.places import Action, CpfSettings
from driftsync.kinds.spec import Property, Route, Shape
from driftsync.kinds.written import ByStatement
from driftsync.language import english as _
from driftsync.model import Plan, Sort, Value
from driftsync.rendering import privileges
from driftsync.rendering.heading import Tongue, heading, one_line
from driftsync.rendering.steps import NOT_READ, Said, Step, Unsaid, nothing, writable
from driftsync.rendering.values import HASH, SECRET_WORDS, CannotBeSaid, spelled

NO_ACTION = _("the merge file has no action for it")
NO_SUCH_VERB = _("the merge file has no action that does this to it")
NO_WORD = _("the action of the merge file has no word for it")
NO_DEFAULT = _("a section of the merge file sets a value; it cannot take a setting away")
LINE_BREAK = _("a line of the merge file cannot hold a line break or another control character")
TEMPLATE = _("it holds what a merge file may take for a macro or a template: $$$, ${, {$ or #{")
LACKS = _("the action needs {names}, which is not known here, or belongs to this member")
PART = _("the action takes it inside another property, in a form that is not established")
NOT_EMPTY = _("the action takes no empty value for it")

HOW = _("As an administrator of the host: iris merge INSTANCE FILE")
ON_WINDOWS = _(
    "On Windows this is documented for a running instance from 2025.1 on, and it logs in by the operating system."
)
NEWER = _(
    "Look these up in the reference of the member's own release first; they are established for 2025.3: {actions}"
)
FILL_IN = _("Where {secret} stands, put the value in and take the # away; delete this file afterwards.")

LATER_NOUNS = ("System", "OAuth2", "WebAppPctAccess", "GrantAdminPrivilege")
"""Actions, or what they are about, that api.md 3.1 has from no reference older than that of 2025.3 (api.md 10)."""

VERBS: Mapping[Sort, str] = {Sort.CREATE: "Create", Sort.CHANGE: "Modify", Sort.DELETE: "Delete"}
PLACEHOLDER = "<SECRET>"

_PLAIN = re.compile(r"[\w%./:\\$-]*(?: [\w%./:\\$-]+)*", re.ASCII)
"""What needs no quotes: words, numbers, names and paths."""
_FILLED_IN = re.compile(r"\$\$\$|\$\{|\{\$|#\{")


def say(step: Step) -> Said:
    """Say a step as an action or as a setting in its section."""
    if Route.MERGE_FILE not in step.kind.routes:
        return nothing(step, NO_ACTION)
    if isinstance(step.kind.written, ByStatement):
        return _privileges(step, step.kind.written)
    settings = next((place for place in step.kind.places if isinstance(place, CpfSettings)), None)
    if settings is not None:
        return _setting(step)
    action = next((place for place in step.kind.places if isinstance(place, Action)), None)
    if action is None:
        return nothing(step, NO_ACTION)
    verb = VERBS[step.sort]
    if verb not in action.verbs:
        return nothing(step, NO_SUCH_VERB)
    return _action(step, action, verb)


def _privileges(step: Step, written: ByStatement) -> Said:
    try:
        found, unsaid = privileges.actions(step, written)
        lines = [_line(verb, {name: quoted(value) for name, value in words.items()}) for verb, words in found]
    except CannotBeSaid as error:
        return nothing(step, str(error))
    return Said(step, ("Actions", lines) if lines else None, tuple(unsaid))


def _action(step: Step, action: Action, verb: str) -> Said:
    try:
        words = {action.words.get(name, name): quoted(value) for name, value in step.names.items()}
    except CannotBeSaid as error:
        return nothing(step, str(error))
    values, unsaid = writable(step)
    if step.not_known:
        return Said(step, unsaid=(Unsaid(step, NOT_READ, tuple(step.not_known)),))
    lacking = [name for name in sorted(action.needs) if not values.get(name)]
    if lacking and step.sort is Sort.CREATE:
        return nothing(step, LACKS.format(names=", ".join(lacking)))
    for name, value in values.items():
        declared = step.declared(name)
        if declared is None:
            continue
        if name in action.omits or "." in name:
            if not step.implied(name, value):
                unsaid.append(Unsaid(step, PART if "." in name else NO_WORD, (name,)))
            continue
        if name in action.filled and not value:
            if not step.implied(name, value):
                unsaid.append(Unsaid(step, NOT_EMPTY, (name,)))
            continue
        try:
            words[action.words.get(name, name)] = quoted(spelled(declared, value))
        except CannotBeSaid as error:
            unsaid.append(Unsaid(step, str(error), (name,)))
    inside = [name for name in step.about.secrets if "." in name]
    unsaid += [Unsaid(step, PART, (name,)) for name in inside]
    secrets = {
        name: SECRET_WORDS.get((step.kind.name, name), name)
        for name in step.about.secrets
        if name not in inside
    }
    own = {action.words.get(name, name) for name in step.names}
    lines = []
    if (step.sort is Sort.CHANGE and set(words) > own) or (step.sort is not Sort.CHANGE and not secrets):
        lines.append(_line(f"{verb}{action.noun}", words))
    if secrets:
        shown = {name: value for name, value in words.items() if name in own or step.sort is Sort.CREATE}
        shown |= dict.fromkeys(secrets.values(), PLACEHOLDER)
        lines.append(f"# {_line(f'{verb}{action.noun}', shown)}")
    body = ("Actions", lines) if lines else None
    return Said(step, body, tuple(unsaid), tuple(secrets))


def _line(verb: str, words: Mapping[str, str]) -> str:
    return f"{verb}:" + ",".join(f"{name}={value}" for name, value in words.items())


def _setting(step: Step) -> Said:
    if step.sort is Sort.DELETE:
        return nothing(step, NO_DEFAULT)
    section, name = step.names[step.kind.identity.namespace], step.names[step.kind.identity.properties[-1]]
    if step.about.secrets:
        return Said(step, (section, [f"# {name}={PLACEHOLDER}"]), secrets=tuple(step.about.secrets))
    values, unsaid = writable(step)
    declared = step.declared("Value")
    if declared is None or "Value" not in values:
        return Said(step, unsaid=tuple(unsaid) or nothing(step, NO_ACTION).unsaid)
    try:
        return Said(step, (section, [f"{name}={_section_value(declared, values['Value'])}"]))
    except CannotBeSaid as error:
        return Said(step, unsaid=(Unsaid(step, str(error), ("Value",)),))


def _section_value(declared: Property, value: Value) -> str:
    text = spelled(declared, value) if declared.shape is not Shape.TIME else str(value)
    _must_fit(text)
    if text != text.strip() or (text[:1] == text[-1:] == '"'):
        if '"' in text:
            raise CannotBeSaid(LINE_BREAK)
        return f'"{text}"'
    return text or '""'


def quoted(text: str) -> str:
    """Return a value as it stands in an action: in quotes unless it is plain; raises `CannotBeSaid`."""
    _must_fit(text)
    if text and _PLAIN.fullmatch(text) and text == text.strip() and "//" not in text:
        return text
    return '"' + text.replace('"', '""') + '"'


def _must_fit(text: str) -> None:
    if any(ord(letter) < ord(" ") or letter in "\x7f\x85\u2028\u2029" for letter in text):
        raise CannotBeSaid(LINE_BREAK)
    if _FILLED_IN.search(text):
        raise CannotBeSaid(TEMPLATE)


def _newer(said: Said) -> Iterator[str]:
    """Yield the actions of a step that an older release may not have."""
    section, entries = said.body or ("", [])
    for entry in entries if section == "Actions" else ():
        action = entry.removeprefix("# ").partition(":")[0]
        if (
            action.removeprefix("Create")
            .removeprefix("Modify")
            .removeprefix("Delete")
            .startswith(LATER_NOUNS)
        ):
            yield action


def _shown(step: Step, section: str, entries: list[str], tongue: Tongue) -> list[str]:
    """Return the lines of a step with its title; what was withheld stays a comment until somebody decides."""
    if step.withheld:
        reason = one_line(f"{step.label}. {step.title}: {tongue(step.withheld)}")
        return [f"# {reason}", *(f"# {entry.removeprefix('# ')}" for entry in entries)]
    if section != "Actions" and not step.remarks:
        return entries
    remarks = [f"#    {one_line(tongue(remark))}" for remark in step.remarks]
    return [f"# {one_line(f'{step.label}. {step.title}')}", *remarks, *entries]


def text(plan: Plan, said: Iterable[Said], tongue: Tongue) -> str:
    """Return the whole file."""
    steps = list(said)
    lines = [f"# {one_line(line)}".rstrip() for line in heading(plan, steps, tongue)]
    lines += ["#", f"# {tongue(HOW)}", f"# {tongue(ON_WINDOWS)}"]
    newer = sorted({action for each in steps for action in _newer(each)})
    if newer:
        lines.append(f"# {tongue(NEWER).format(actions=', '.join(newer))}")
    if any(each.secrets for each in steps):
        lines.append(f"# {tongue(FILL_IN).format(secret=PLACEHOLDER)}")
    if any(each.step.kind.name == "user" for each in steps if each.secrets):
        lines.append(f"# {tongue(HASH)}")
    sections: dict[str, list[str]] = {}
    for each in steps:
        if each.body is not None:
            section, entries = each.body
            into = sections.setdefault(section, [])
            into += _shown(each.step, section, entries, tongue)
    for section in sorted(sections, key=lambda name: name != "Actions"):
        lines += ["", f"[{section}]", *sections[section]]
    return "\n".join(lines) + "\n"
