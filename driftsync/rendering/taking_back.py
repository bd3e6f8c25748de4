"""This module writes one line of ObjectScript that takes a run back on the member itself, the last step first.

It is what a task of the Task Manager carries out by XECUTE where nobody confirms the run, so it needs no routine and no
label, no tab and no line end, and it is ASCII. Each step stands in a TRY of its own, and inside it in a FOR that runs
once, so that QUIT leaves this step alone; whatever happens to one, the next is taken. A step is taken back only where
the item stands as the run left it; where it stands as it was, or the run never came so far, there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from driftsync.kinds import statements
from driftsync.kinds.spec import Property, Shape
from driftsync.kinds.words import PERMISSIONS
from driftsync.kinds.written import ByObject, ByStatement
from driftsync.language import english as _
from driftsync.model import Action, MemberRole, Plan, Sort, Value
from driftsync.normalize import mask
from driftsync.rendering.calls import (
    NO_CALLS,
    brought,
    brought_part,
    class_of,
    deleted_by,
    expression,
    is_collection,
    key_of,
    made,
    part_of,
    place_of,
    settings,
    stored_name,
    text_of,
)
from driftsync.rendering.manner import ONE_LINE
from driftsync.rendering.object_script import literal, member, value
from driftsync.rendering.steps import NOT_READ, Step, Unsaid, writable
from driftsync.rendering.values import CannotBeSaid, elements, spelled

LONGEST = 30_000
"""Characters of a line that XECUTE takes: no longer than a line of a program may be (RCOS_cxecute)."""
LOG = "##class(%SYS.System).WriteToConsoleLog"
WARNING, SEVERE = 1, 2
"""Severities of messages.log."""
CHANGED = "somebody changed it after the run, so it was left as it is"
ROLE_TOO = _(
    "the statement gives or takes the role itself as well, and only driftsync or a person puts that right"
)
MOVING = frozenset({Shape.HOROLOG, Shape.TIME})
"""Shapes whose stored spelling is not compared where an item is as new."""


@dataclass(frozen=True)
class Turned:
    """One step of a run, and what takes it back."""

    action: Action
    back: Action


class NoWayBackError(ValueError):
    """A step that no line of code takes back; the message says which and why."""


Has = Callable[[str, str], bool]
"""Says whether the release of the member has a property of a class."""


def code_of(plan: Plan, run: str, turned: Sequence[Turned], has: Has = lambda _class, _property: True) -> str:
    """Return the line of code. Raises `NoWayBackError` for what it cannot take back."""
    primary = plan.member.role is MemberRole.PRIMARY
    name = f"driftsync: run {run}"
    parts = [
        "set back = 0, failed = 0, away = " + ("0" if primary else "##class(%SYSTEM.Mirror).IsPrimary()"),
        f"if away {{ do {LOG}({literal(f'{name} was not confirmed, and not taken back: this member is the primary now')}, 0, {SEVERE}) }}",
        "if 'away {",
        f"do {LOG}({literal(f'{name} was not confirmed in time and is taken back now')}, 0, {WARNING})",
    ]
    for one in reversed(turned):
        parts += _step(one, has)
    parts += [
        f"for place = 1:1:failed {{ do {LOG}($extract({literal(f'{name}: not taken back: ')}_said(place), 1, 400), 0, {SEVERE}) }}",
        f"do {LOG}({literal(f'{name} was taken back: ')}_back_{literal(f' of {len(turned)} steps')}, 0, {WARNING})",
        "}",
    ]
    text = " ".join(each.strip() for each in parts)
    if len(text) > LONGEST:
        raise NoWayBackError(
            _(
                "{count} steps make a line of code of {length} characters, and a task takes {longest}: plan for less at a time, with --kind or --item"
            ).format(count=len(turned), length=len(text), longest=LONGEST)
        )
    return text


def _step(one: Turned, has: Has) -> Iterator[str]:
    step = Step(str(one.action.number), one.back)
    title = literal(f"{one.action.number}. {one.action.sort.sign} {one.action.key}")
    unsaid: list[Unsaid] = []
    try:
        body = list(_body(one, step, unsaid, has))
    except CannotBeSaid as error:
        raise _no_way(one, str(error)) from None
    if unsaid:
        raise _no_way(one, unsaid[0].reason, *unsaid[0].properties)
    yield 'set ended = 1, reason = "", item = "", label = ""'
    yield "try { for once = 1 {"
    yield from body
    yield "} } catch error { set ended = 0, reason = error.DisplayString() }"
    if isinstance(step.kind.written, ByStatement) and step.names.get("Namespace"):
        yield 'set $namespace = "%SYS"'
    yield "if ended { set back = back + 1 }"
    why = '$select(reason = "": ##class(%SYSTEM.Status).GetErrorText(ended), 1: reason)'
    yield f'if \'ended {{ set failed = failed + 1, said(failed) = {title}_": "_{why} }}'


def _no_way(one: Turned, reason: str, *names: str) -> NoWayBackError:
    about = f"{one.action.key} ({', '.join(names)})" if names else one.action.key
    return NoWayBackError(f"{about}: {reason}")


def _body(one: Turned, step: Step, unsaid: list[Unsaid], has: Has) -> Iterable[str]:
    written = step.kind.written
    if isinstance(written, ByStatement):
        return _statements(step, written)
    if not isinstance(written, ByObject) or step.names.get("Section") == "Debug":
        raise CannotBeSaid(NO_CALLS)
    match one.back.sort:
        case Sort.DELETE:
            return _delete(one, step, written, has)
        case Sort.CREATE:
            return _create(step, written, unsaid)
        case Sort.CHANGE:
            return _change(one, step, written, unsaid)


def _statements(step: Step, written: ByStatement) -> Iterator[str]:
    if any(written.role) and step.sort is not Sort.CHANGE:
        raise CannotBeSaid(ROLE_TOO)
    try:
        found = statements.of(written, step.about)
    except ValueError as error:
        raise CannotBeSaid(str(error)) from None
    if namespace := step.names.get("Namespace", ""):
        yield f"set $namespace = {literal(namespace)}"
    for each in found:
        yield f"set result = ##class(%SQL.Statement).%ExecDirect(, {literal(each)})"
        yield "if result.%SQLCODE < 0 { set ended = 0, reason = result.%Message quit }"


def _delete(one: Turned, step: Step, written: ByObject, has: Has) -> Iterator[str]:
    """Yield what takes a creation back: the item goes, unless somebody has changed it."""
    if not written.deletes:
        raise CannotBeSaid(written.keeps)
    yield from brought(step, written, ONE_LINE)
    yield "if 'there { quit }"
    for name, given in one.action.sets.items():
        declared = step.declared(name)
        if declared is None or declared.beside or declared.shape in MOVING or name in _not_compared(written):
            continue
        if not has(class_of(step, written), stored_name(step, written, name)):
            continue  # the call that made the item had no place for it either
        try:
            lines = list(_equal(step, "same", place_of(step, written, name), name, given))
        except CannotBeSaid:
            continue
        yield from _part(written, name)
        yield from lines
        yield f"if 'same {{ {ONE_LINE.ends('0', CHANGED)} }}"
    yield ONE_LINE.ends(f"##class({class_of(step, written)}).{written.deletes}({deleted_by(step, written)})")


def _not_compared(written: ByObject) -> set[str]:
    return {"RunAfter", *written.leaves}


def _create(step: Step, written: ByObject, unsaid: list[Unsaid]) -> Iterator[str]:
    """Yield what takes a deletion back: the item is made again, unless there is one."""
    if not written.creates:
        raise CannotBeSaid(written.keeps)
    if step.not_known:
        unsaid.append(Unsaid(step, NOT_READ, tuple(step.not_known)))
    values, missing = writable(step)
    unsaid += missing
    if any(declared and declared.beside for declared in map(step.declared, values)):
        raise CannotBeSaid(NO_CALLS)
    yield from brought(step, written, ONE_LINE)
    yield "if there { quit }"
    sets, arrays = settings(step, written, values, unsaid, ONE_LINE)
    yield from made(step, written, values, unsaid, ONE_LINE)
    if written.creates != "%New":
        return  # the call that makes it has taken all of them, and ended the step
    yield from sets
    yield from _saved(step, written, arrays)


def _saved(step: Step, written: ByObject, arrays: list[str]) -> Iterator[str]:
    yield ONE_LINE.must(f"item.{written.saves}()")
    if written.activates:
        yield ONE_LINE.must(f"item.{written.activates}()")
    if arrays:
        yield "kill properties"
        yield from arrays
        yield ONE_LINE.must(_modified(step, written))


def _modified(step: Step, written: ByObject) -> str:
    return f"##class({class_of(step, written)}).Modify({key_of(step, written)}, .properties)"


def _change(one: Turned, step: Step, written: ByObject, unsaid: list[Unsaid]) -> Iterator[str]:
    """Yield what takes a change back: each property that stands as the run left it gets its former value."""
    values, missing = writable(step)
    unsaid += missing
    lost = set(one.action.sets) - set(values)
    if lost:
        raise CannotBeSaid(_("{names} cannot be put back").format(names=", ".join(sorted(lost))))
    yield from brought(step, written, ONE_LINE)
    yield f"if 'there {{ {ONE_LINE.ends('0', 'it is not there any more')} }}"
    yield "set touched = 0, beside = 0 kill properties"
    for name, former in values.items():
        yield from _property(one, step, written, name, former, unsaid)
    yield "if touched {"
    yield ONE_LINE.must(f"item.{written.saves}()")
    if written.activates:
        yield ONE_LINE.must(f"item.{written.activates}()")
    yield "}"
    if any(_is_pairs(step.declared(name)) for name in values):
        yield f"if $data(properties) {{ {ONE_LINE.must(_modified(step, written))} }}"
    yield f'if reason \'= "" {{ set ended = 0, reason = {literal(CHANGED + ": ")}_reason }}'


def _is_pairs(declared: Property | None) -> bool:
    return declared is not None and declared.shape is Shape.PAIRS


def _property(
    one: Turned, step: Step, written: ByObject, name: str, former: Value, unsaid: list[Unsaid]
) -> Iterator[str]:
    declared = step.declared(name)
    assert declared is not None  # noqa: S101 - `writable` has sorted the others out
    other = written.beside.get(declared.beside)
    place, holder = (other, "label") if other is not None else (written, "item")
    if name in place.leaves:
        raise CannotBeSaid(place.leaves[name])
    target = place_of(step, place, name, holder)
    yield from _part(place, name)
    if other is not None:
        yield f'if label = "" {{ set label = ##class({other.iris_class}).{other.opener}(item.{other.key[0]}) }}'
        yield f"if '$isobject(label) {{ {ONE_LINE.ends('0', 'its file cannot be opened')} }}"
    sets, arrays = settings(step, place, {name: former}, unsaid, ONE_LINE)
    sets = [line.replace("item.", f"{holder}.", 1) for line in sets]
    if name in _not_compared(place):
        yield from [*sets, "set touched = 1"]
        return
    yield from _equal(step, "same", target, name, one.action.sets[name])
    yield from _equal(step, "was", target, name, former)
    yield "if same {"
    yield from sets
    yield from arrays
    if other is not None:
        yield f"{ONE_LINE.must('label.%Save()')}"
    elif not arrays:
        yield "set touched = 1"
    yield "}"
    yield f"if (same + was) = 0 {{ set reason = reason_{literal(name + ' ')} }}"


def _part(written: ByObject, name: str) -> list[str]:
    head = part_of(written, name)
    return brought_part(written, head) if head else []


def _equal(step: Step, variable: str, place: str, name: str, given: Value) -> Iterator[str]:
    """Yield the lines that set a variable to whether a property holds a value. Raises `CannotBeSaid`."""
    declared = step.declared(name)
    assert declared is not None  # noqa: S101 - whoever asks has looked
    if declared.shape is Shape.PAIRS:
        yield from _equal_pairs(variable, place, given)
    elif is_collection(step, declared):
        wanted = elements(given)
        yield f"set {variable} = ({place}.Count() = {len(wanted)})"
        if wanted:
            known = f"$listbuild({', '.join(map(literal, wanted))})"
            unknown = f"if '$listfind({known}, {place}.GetAt(place)) {{ set {variable} = 0 }}"
            yield f"for place = 1:1:{place}.Count() {{ {unknown} }}"
    elif link := _links(step).get(name):
        yield f'set linked = {place}, found = ""'
        yield f"if $isobject(linked) {{ set found = linked.{member(link[2])} }}"
        yield f"set {variable} = (found = {literal(str(given or ''))})"
    elif given in (None, "", 0, False, [], {}):
        yield f'set {variable} = (({place} = "") || ({place} = 0))'
    elif declared.shape is Shape.PATH:
        spellings = " || ".join(
            f"({place} = {literal(each)})" for each in _spellings(str(spelled(declared, given)))
        )
        yield f"set {variable} = ({spellings})"
    elif declared.shape is Shape.SET and "." in name:
        said = literal(chr(10).join(elements(given)))
        yield f"set {variable} = ($listtostring({place}, $char(10)) = {said})"
    elif declared.shape is Shape.RECORDS and isinstance(given, dict):
        expression(declared, given)  # raises where a secret is inside
        parts = [text_of(part) for pair in given.items() for part in pair]
        yield f"set {variable} = ($listtostring({place}, $char(10)) = {literal(chr(10).join(parts))})"
    else:
        yield f"set {variable} = ({place} = {expression(declared, given)})"


def _links(step: Step) -> Mapping[str, tuple[str, str, str]]:
    return step.kind.written.links if isinstance(step.kind.written, ByObject) else {}


def _spellings(path: str) -> list[str]:
    """Return a directory with and without the mark at its end, as `%SysPath` may have made it."""
    bare = path.rstrip("/\\")
    return [bare, bare + ("\\" if "\\" in bare else "/")]


def _equal_pairs(variable: str, place: str, given: Value) -> Iterator[str]:
    pairs = given if isinstance(given, dict) else {}
    yield f"set {variable} = ({place}.Count() = {len(pairs)})"
    if not pairs:
        return
    names = f"$listbuild({', '.join(literal(name.upper()) for name in pairs)})"
    masks = f"$listbuild({', '.join(value(str(mask(str(each), PERMISSIONS))) for each in pairs.values())})"
    yield f"for place = 1:1:{place}.Count() {{"
    yield f'set pair = {place}.GetAt(place), found = $listfind({names}, $zconvert(pair.Name, "U"))'
    yield f"if 'found {{ set {variable} = 0 }}"
    yield f"if found {{ if $list({masks}, found) '= pair.Permission {{ set {variable} = 0 }} }}"
    yield "}"
