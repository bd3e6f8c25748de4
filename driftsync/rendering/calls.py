"""This module says in ObjectScript how the object of a step is brought, made and filled, as its kind declares it."""

from __future__ import annotations

from collections.abc import Iterator

from driftsync.kinds.spec import Property, Shape
from driftsync.kinds.written import ByObject
from driftsync.language import english as _
from driftsync.model import Value
from driftsync.rendering.manner import ROUTINE, Manner
from driftsync.rendering.object_script import literal, member, value
from driftsync.rendering.steps import Step, Unsaid
from driftsync.rendering.values import SECRET_INSIDE, CannotBeSaid, elements, holds_secret, spelled

FIND_TASK = "SELECT JobGUID FROM %SYS.Task WHERE NameSpace = ? AND Name = ?"
ONLY_SHOWN = _("the class only shows it: it is put together from other settings")
NO_CALLS = _("no calls that write it are established")


def class_of(step: Step, written: ByObject) -> str:
    """Return the class whose calls write the item."""
    if written.class_by:
        name, classes = written.class_by
        return classes[step.names[name]]
    return (written.iris_class or step.kind.iris_class).format_map(step.names)


def key_of(step: Step, written: ByObject) -> str:
    """Return the arguments by which the item is brought."""
    if written.found_by:
        return "id"
    named = [
        step.names.get(name, "") for name in written.key
    ]  # an address that a port is bound to may be none
    return ", ".join(literal(each) for each in written.literal or named)


def deleted_by(step: Step, written: ByObject) -> str:
    """Return the arguments by which the item is deleted, once its object is in `item`."""
    return "item.%Id()" if written.by_id else key_of(step, written)


def brought(step: Step, written: ByObject, manner: Manner = ROUTINE) -> Iterator[str]:
    """Yield the lines that leave the object in `item`, and in `there` whether there is one."""
    name, key = class_of(step, written), key_of(step, written)
    if written.found_by:
        names = (step.kind.identity.namespace, *step.kind.identity.properties)
        yield from manner.only("id", written.found_by, *(step.names[each] for each in names if each))
        yield f'if id = "?" {{ {manner.ends("0", "there are several of this name")} }}'
        yield f'set item = $select(id = "": "", 1: ##class({name}).{written.opener}(id)), there = $isobject(item)'
    elif written.opener == "Exists":
        yield f"set there = ##class({name}).Exists({key}, .item, .status)"
    else:
        yield f"set item = ##class({name}).{written.opener}({key}), there = $isobject(item)"


def made(
    step: Step, written: ByObject, values: dict[str, Value], unsaid: list[Unsaid], manner: Manner = ROUTINE
) -> Iterator[str]:
    """Yield the lines that make the object where it is not there."""
    name = class_of(step, written)
    yield "if 'there {"
    if written.creates == "%New":
        yield f"    set item = ##class({name}).%New()"
        for part, text in step.names.items():
            if f"{{{part}}}" not in written.iris_class and part != (written.class_by or ("",))[0]:
                yield f"    set item.{member(part)} = {literal(text)}"
    else:
        given = [_argument(step, values, each, unsaid) for each in written.arguments]
        while given and given[-1] == '""':
            given.pop()
        unsaid += [Unsaid(step, NO_CALLS, (each,)) for each in values if each not in written.arguments]
        call = f"##class({name}).{written.creates}({', '.join(given)})"
        yield f"    {manner.ends(call)}"
    yield "}"


def _argument(step: Step, values: dict[str, Value], name: str, unsaid: list[Unsaid]) -> str:
    if name in step.names:
        return literal(step.names[name])
    declared = step.declared(name)
    if declared is None or values.get(name) is None:
        return '""'
    try:
        return value(spelled(declared, values[name]))
    except CannotBeSaid as error:
        unsaid.append(Unsaid(step, str(error), (name,)))
        return '""'


def settings(
    step: Step, written: ByObject, values: dict[str, Value], unsaid: list[Unsaid], manner: Manner = ROUTINE
) -> tuple[list[str], list[str]]:
    """Return the lines that set properties of the object, and those that fill the array of `Modify`."""
    lines: list[str] = []
    arrays: list[str] = []
    last = ""
    for name, given in values.items():
        declared = step.declared(name)
        if declared is None:
            continue
        target = stored_name(step, written, name)
        try:
            if step.kind.per_item is not None and target in written.made_of:
                lines += _parts(written.made_of[target], given)
            elif declared.shape is Shape.PAIRS:
                arrays.append(f"set properties({literal(target)}) = {literal(spelled(declared, given))}")
            elif is_collection(step, declared):
                found = elements(given)
                lines.append(manner.must(f"item.{member(target)}.Clear()"))
                lines += [manner.must(f"item.{member(target)}.Insert({literal(each)})") for each in found]
            elif name in written.links:
                linked, opener, _name = written.links[name]
                brings = f"##class({linked}).{opener}({literal(str(given))})" if given else '""'
                lines.append(f"set item.{member(target)} = {brings}")
            elif name == "RunAfter" and given:
                namespace, _slash, task = str(given).partition("/")
                lines += manner.only(f"item.{target}", FIND_TASK, namespace, task)
                missing = manner.ends("0", "the task that it runs after is not there")
                lines.append(f'if (item.{target} = "") || (item.{target} = "?") {{ {missing} }}')
            else:
                said = expression(declared, given)
                if (head := part_of(written, name)) and head != last:
                    lines += brought_part(written, head)
                    last = head
                lines.append(f"set {place_of(step, written, name)} = {said}")
        except CannotBeSaid as error:
            unsaid.append(Unsaid(step, str(error), (name,)))
    return lines, arrays


def is_collection(step: Step, declared: Property) -> bool:
    """Say whether the object holds a property as a collection, to be filled element by element."""
    texts = step.kind.written.texts if isinstance(step.kind.written, ByObject) else frozenset()
    plain = declared.name in texts or "." in declared.name
    return declared.shape is Shape.SET and step.kind.per_item is None and not plain


def part_of(written: ByObject, name: str) -> str:
    """Return the property whose object holds another one, nothing where the item's own object does."""
    head, dot, _part = name.partition(".")
    return head if dot and head in written.parts else ""


def brought_part(written: ByObject, name: str) -> list[str]:
    """Return the lines that leave the object which a property is in `part`, a new one where there is none."""
    made = f"##class({written.parts[name]}).%New()"
    return [
        f"set part = item.{member(name)}",
        f"if '$isobject(part) {{ set part = {made}, item.{member(name)} = part }}",
    ]


def place_of(step: Step, written: ByObject, name: str, holder: str = "item") -> str:
    """Return where a property stands, once its object is in `holder`, or that which it is a part of in `part`."""
    if part_of(written, name):
        return f"part.{member(name.partition('.')[2])}"
    return f"{holder}.{member(stored_name(step, written, name))}"


def _parts(parts: tuple[str, ...], given: Value) -> list[str]:
    """Return the lines that set what a setting is put together from; raises `CannotBeSaid`."""
    values = elements(given) if isinstance(given, (list, tuple)) else [text_of(given)]
    if len(values) > len(parts):
        raise CannotBeSaid(ONLY_SHOWN)
    return [
        f"set item.{part} = {literal(values[place] if place < len(values) else '0')}"
        for place, part in enumerate(parts)
    ]


def stored_name(step: Step, written: ByObject, name: str) -> str:
    """Return how the object calls a property: a setting is the property of its section."""
    if step.kind.per_item is not None:
        return step.names[step.kind.identity.properties[-1]]
    return written.stored_as.get(name, name)


def expression(declared: Property, given: Value) -> str:
    """Return what a property is set to; raises `CannotBeSaid`."""
    if declared.shape is Shape.SET and "." in declared.name:
        found = elements(given)
        return f"$listbuild({', '.join(map(literal, found))})" if found else '""'
    if declared.shape is Shape.RECORDS and isinstance(given, dict):
        if holds_secret(given):
            raise CannotBeSaid(SECRET_INSIDE)
        parts = [part for name, each in given.items() for part in (literal(str(name)), value(text_of(each)))]
        return f"$listbuild({', '.join(parts)})"
    return value(spelled(declared, given))


def text_of(given: Value) -> str:
    """Return one element of a task's settings as text."""
    return str(int(given)) if isinstance(given, bool) else "" if given is None else str(given)
