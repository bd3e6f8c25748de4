"""This module writes a plan as a class with a `%Installer` Manifest, which creates what is missing.

A tag where a tag can say it all; else the class method that makes or deletes the item with plain arguments, as `Invoke`,
inside an `If` that asks first whether it is there: so it may run again after it stopped. A Manifest changes nothing that
is there but single settings: all else is listed, with the form that can say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from driftsync import normalize
from driftsync.kinds.spec import Property, Shape
from driftsync.kinds.tags import Tag
from driftsync.kinds.words import PERMISSIONS
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import Plan, Sort, Value
from driftsync.rendering.calls import ONLY_SHOWN, class_of, key_of
from driftsync.rendering.guarding import problems
from driftsync.rendering.heading import Tongue, heading
from driftsync.rendering.object_script import comment
from driftsync.rendering.steps import NOT_READ, Said, Step, Unsaid, nothing, writable
from driftsync.rendering.values import SECRET_INSIDE, CannotBeSaid, spelled

CLASS = "%ZDriftsync.Plan"
NO_TAG = _("a Manifest has no tag for it, and no class method makes it of plain arguments")
NO_CHANGE = _("a Manifest creates; it does not change what is there")
NO_DELETE = _("a Manifest deletes nothing, and no class method does it by name")
NO_ATTRIBUTE = _("the tag has no attribute for it")
NOT_THIS_VALUE = _("the attribute of the tag does not take this value")
NEEDS = _("the tag requires {names}, which is empty or not known here")
FILLED_IN = _("it holds ${ or #{, which a Manifest fills in")
TOO_LONG = _("the condition that asks first whether it is there is longer than a Manifest takes")
NOT_XML = _("it holds a character that XML cannot hold")
SYSTEM = "%SYS"
LONGEST = 512
"""Characters of a condition (class %Installer.If)."""
SETUP = (
    "ClassMethod setup(ByRef pVars, pLogLevel As %Integer = 3, pInstaller As %Installer.Installer, "
    "pLogger As %Installer.AbstractLogger) As %Status [ CodeMode = objectgenerator, Internal ]"
)

_FILLED_IN = re.compile(r"[$#]\{")
_ROUTINE_TYPE = re.compile(r"(.+)_(MAC|INT|INC|OBJ)")


@dataclass(frozen=True)
class Element:
    """One element, and where it stands."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    inner: tuple[Element, ...] = ()
    namespace: str = ""
    """Empty where it stands in the Manifest itself."""
    within: str = ""


def say(step: Step) -> Said:
    """Say a step as a tag, else as a call."""
    if step.sort is Sort.DELETE:
        return _deleted(step)
    tag = step.kind.tag if not step.is_row else None
    if step.sort is Sort.CHANGE and not (tag and tag.changes):
        return nothing(step, NO_CHANGE)
    if step.not_known:
        return Said(step, unsaid=(Unsaid(step, NOT_READ, tuple(step.not_known)),))
    by_tag = _by_tag(step, tag) if tag else nothing(step, NO_TAG)
    if by_tag.whole:
        return by_tag
    by_call = _by_call(step)
    if by_call is not None and (by_call.whole or by_tag.body is None):
        return by_call
    return by_tag


def _by_tag(step: Step, tag: Tag) -> Said:
    values, unsaid = writable(step)
    attributes: dict[str, str] = {}
    named = {
        name: text for name, text in step.names.items() if name in tag.attributes and name != tag.namespace
    }
    if step.kind.per_item is not None:
        if isinstance(step.kind.written, ByObject) and step.names["Name"] in step.kind.written.made_of:
            return nothing(step, ONLY_SHOWN)
        named = {"Name": f"Config.{step.names['Section']}.{step.names['Name']}"}
    try:
        attributes |= {tag.attributes[name]: fit(text) for name, text in named.items()}
    except CannotBeSaid as error:
        return nothing(step, str(error))
    for name, value in values.items():
        if name == tag.namespace:
            continue
        reason = _set(step, tag, name, value, attributes)
        if reason:
            unsaid.append(Unsaid(step, reason, (name,)))
    secrets = list(step.about.secrets)
    for name in secrets:
        if step.kind.per_item is not None:
            attributes["Value"] = f"${{{variable(step)}}}"
        elif tag.secret:
            attributes[tag.secret] = variable(step)
        else:
            unsaid.append(Unsaid(step, NO_ATTRIBUTE, (name,)))
    attributes = {
        **attributes,
        **{name: text for name, text in tag.constants.items() if name not in attributes},
    }
    lacking = sorted(name for name in tag.needs if not attributes.get(name))
    if lacking:
        return nothing(step, NEEDS.format(names=", ".join(lacking)))
    if step.kind.name == "routine-mapping" and (match := _ROUTINE_TYPE.fullmatch(attributes["Routines"])):
        attributes |= {"Routines": match[1], "Type": match[2]}
    namespace = _namespace(step, tag, values)
    shown = {name: text for name, text in attributes.items() if text or name in _explicit(step, tag)}
    element = Element(tag.name, shown, namespace=namespace, within=tag.within)
    carried = tuple(secrets) if tag.secret or step.kind.per_item is not None else ()
    return Said(step, element, tuple(unsaid), carried)


def _set(step: Step, tag: Tag, name: str, value: Value, attributes: dict[str, str]) -> str:
    """Set the attribute of a property; return why it cannot be set, nothing where it is."""
    if name in tag.absent and value == tag.absent[name]:
        return ""
    if name not in tag.attributes:
        return NO_ATTRIBUTE if name in tag.absent or not step.implied(name, value) else ""
    declared = step.declared(name)
    attribute = tag.attributes[name]
    if declared is None:
        return NO_ATTRIBUTE
    try:
        text = fit(_spelled(declared, value))
    except CannotBeSaid as error:
        return str(error)
    if text not in tag.takes.get(attribute, {text}):
        return NOT_THIS_VALUE
    attributes[attribute] = text
    return ""


def _spelled(declared: Property, value: Value) -> str:
    if declared.shape is Shape.MASK and declared.values == PERMISSIONS and isinstance(value, int):
        return normalize.letters(value, PERMISSIONS)
    return spelled(declared, value)


def _explicit(step: Step, tag: Tag) -> set[str]:
    """Return the attributes that are written even where they are empty."""
    return {tag.attributes[name] for name in step.kind.stated if name in tag.attributes}


def _namespace(step: Step, tag: Tag, values: Mapping[str, Value]) -> str:
    if not tag.namespace or tag.namespace == SYSTEM:
        return tag.namespace
    return str(step.names.get(tag.namespace) or values.get(tag.namespace) or SYSTEM)


def _by_call(step: Step) -> Said | None:
    """Say a creation by the class method that takes plain arguments, `None` where there is none."""
    written = step.kind.written
    if not isinstance(written, ByObject) or written.creates in ("", "%New") or step.sort is not Sort.CREATE:
        return None
    values, unsaid = writable(step)
    arguments = []
    for name in written.arguments:
        declared = step.declared(name)
        text = step.names.get(name, "")
        try:
            if declared is not None and name not in step.names:
                text = _spelled(declared, values.get(name))
            arguments.append(fit(text))
        except CannotBeSaid as error:
            if name in step.names:
                return nothing(step, str(error))
            unsaid.append(Unsaid(step, str(error), (name,)))
            arguments.append("")
    unsaid += [Unsaid(step, NO_ATTRIBUTE, (name,)) for name in values if name not in written.arguments]
    unsaid += [Unsaid(step, SECRET_INSIDE, (name,)) for name in step.about.secrets]
    while arguments and not arguments[-1]:
        arguments.pop()
    try:
        return Said(step, _invoke(step, written, written.creates, arguments), tuple(unsaid))
    except CannotBeSaid as error:
        return nothing(step, str(error))


def _deleted(step: Step) -> Said:
    written = step.kind.written
    if not isinstance(written, ByObject) or written.found_by or written.by_id or written.class_by:
        return nothing(step, NO_DELETE)
    if not written.deletes:
        return nothing(step, written.keeps)
    try:
        arguments = [fit(step.names[name]) for name in written.key]
        return Said(step, _invoke(step, written, written.deletes, arguments))
    except CannotBeSaid as error:
        return nothing(step, str(error))


def _invoke(step: Step, written: ByObject, method: str, arguments: Iterable[str]) -> Element:
    """Return the call that makes the item where it is not there, or deletes it where it is; raises `CannotBeSaid`."""
    name = class_of(step, written)
    call = Element(
        "Invoke",
        {"Class": name, "Method": method, "CheckStatus": "1"},
        tuple(Element("Arg", {"Value": text}) for text in arguments),
    )
    there = f"##class({name}).{written.opener}({key_of(step, written)})"
    if written.opener != "Exists":
        there = f"$isobject({there})"
    condition = there if step.sort is Sort.DELETE else f"'{there}"
    if len(condition) > LONGEST:
        raise CannotBeSaid(TOO_LONG)
    return Element("If", {"Condition": condition}, (call,), namespace=SYSTEM)


def variable(step: Step) -> str:
    """Return the variable that holds the secret of a step."""
    return f"SECRET_{step.label.upper()}"


def fit(text: str) -> str:
    """Return a text that an attribute can hold as it is; raises `CannotBeSaid`."""
    if _FILLED_IN.search(text):
        raise CannotBeSaid(FILLED_IN)
    if not normalize_xml(text):
        raise CannotBeSaid(NOT_XML)
    return text


def normalize_xml(text: str) -> bool:
    """Say whether XML 1.0 can hold every character of a text."""
    return all(
        letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"
        for letter in text
    )


def escaped(text: str) -> str:
    """Return a text as an attribute holds it: ASCII, no brace, which the class around it would count, and no `#(` of CSP."""
    plain = "".join(
        letter if " " <= letter <= "~" and letter not in '<>&"{}' else f"&#{ord(letter)};" for letter in text
    )
    return plain.replace("#(", "&#35;(")


def text(plan: Plan, said: Iterable[Said], tongue: Tongue) -> str:
    """Return the whole class."""
    steps = list(said)
    done = [each for each in steps if each.body is not None]
    lines = [f"/// {_documentation(line)}".rstrip() for line in (*heading(plan, steps, tongue), *_how(done))]
    lines += [
        f"Class {CLASS} Extends %Library.RegisteredObject", "{", "",
        "/// What is to be made, in this order.",
        "XData Plan [ XMLNamespace = INSTALLER ]", "{", "<Manifest>", *_body(done), "</Manifest>", "}", "",
        "/// Carries the Manifest out where this is the member that it is for. `pVars` holds the variables.",
        "ClassMethod Run(ByRef pVars) As %Status", "{",
        "    set problem = ..Problem()",
        '    if problem \'= "" { return ##class(%SYSTEM.Status).Error(5001, problem) }',
        "    return ..setup(.pVars, 3)", "}", "",
        "ClassMethod Problem() As %String", "{",
        *(f"    {line}" for line in problems(plan, (each.step for each in done))),
        '    return ""', "}", "",
        "/// What the compiler makes of the Manifest.",
        SETUP,
        "{", '    quit ##class(%Installer.Manifest).%Generate(%compiledclass, %code, "Plan")', "}", "", "}", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _documentation(line: str) -> str:
    return comment(line).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _how(done: list[Said]) -> Iterator[str]:
    yield ""
    yield "In the namespace %SYS, as a user with the role %All:"
    yield '    do $SYSTEM.OBJ.Load("/tmp/plan.cls", "ck")'
    for each in done:
        if each.secrets:
            yield f'    set vars("{variable(each.step)}") = "..."    ; {each.step.key}: {", ".join(each.secrets)}'
    if any(each.step.kind.name == "user" for each in done if each.secrets):
        yield "    (of a user the password itself, not its hash: choose a new one, which the user then changes)"
    yield f"    set status = ##class({CLASS}).Run(.vars)"
    yield "    write $SYSTEM.Status.GetErrorText(status)"
    yield f'    do $SYSTEM.OBJ.Delete("{CLASS}")'
    yield "It stops at the first error; what was made stays, and it can be run again."


def _body(done: list[Said]) -> Iterator[str]:
    """Yield the elements, those of one namespace that follow each other together."""
    place = ("", "")
    for each in done:
        element: Element = each.body
        here = (element.namespace, element.within)
        if here != place:
            yield from _leave(place)
            yield from _enter(here)
            place = here
        depth = sum(map(bool, here))
        for remark in (f"{each.step.label}. {each.step.title}", *each.step.remarks):
            yield f"{'  ' * depth}<!-- {_remark(remark)} -->"
        yield from _lines(element, "  " * depth)
    yield from _leave(place)


def _remark(text: str) -> str:
    """Return what may stand in a comment of XML inside a class: no two dashes, no brace, and no `#(` of CSP."""
    shown = re.sub("-(?=-)", "- ", comment(text)).rstrip("-")
    return shown.replace("{", "(").replace("}", ")").replace("#(", "# (")


def _enter(place: tuple[str, str]) -> Iterator[str]:
    namespace, within = place
    if namespace:
        yield f'<Namespace Name="{escaped(namespace)}" Create="no">'
    if within:
        yield f"  <{within}>"


def _leave(place: tuple[str, str]) -> Iterator[str]:
    namespace, within = place
    if within:
        yield f"  </{within}>"
    if namespace:
        yield "</Namespace>"


def _lines(element: Element, margin: str) -> Iterator[str]:
    attributes = "".join(f' {name}="{escaped(text)}"' for name, text in element.attributes.items())
    if not element.inner:
        yield f"{margin}<{element.name}{attributes}/>"
        return
    yield f"{margin}<{element.name}{attributes}>"
    for inner in element.inner:
        yield from _lines(inner, f"{margin}  ")
    yield f"{margin}</{element.name}>"
