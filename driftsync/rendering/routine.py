"""This module writes a plan as an ObjectScript routine: one label a step, readable, and harmless to run again.

It uses the calls that each kind declares (`kinds.written`), looks before it begins whether it is on the right member,
checks every `%Status` and stops at the first that is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftsync.kinds import statements
from driftsync.kinds.spec import Shape
from driftsync.kinds.written import ByObject, ByStatement
from driftsync.model import Plan, Sort, Value
from driftsync.rendering.calls import (
    NO_CALLS,
    brought,
    class_of,
    deleted_by,
    key_of,
    made,
    settings,
    stored_name,
)
from driftsync.rendering.guarding import problems
from driftsync.rendering.heading import Tongue, heading
from driftsync.rendering.manner import ROUTINE
from driftsync.rendering.object_script import comment, literal, member
from driftsync.rendering.steps import NOT_READ, Said, Step, Unsaid, nothing, writable
from driftsync.rendering.values import SECRET_INSIDE, CannotBeSaid

NAME = "%ZDriftsyncPlan"
NOT_THERE = "it is not there any more"


def say(step: Step) -> Said:
    """Say a step as the body of a label."""
    written = step.kind.written
    if isinstance(written, ByStatement):
        return _statements(step, written)
    if not isinstance(written, ByObject) or step.is_row:
        return nothing(step, NO_CALLS)
    try:
        if step.sort is Sort.DELETE:
            return _delete(step, written)
        return _write(step, written)
    except CannotBeSaid as error:
        return nothing(step, str(error))


def _statements(step: Step, written: ByStatement) -> Said:
    try:
        found = statements.of(written, step.about)
    except ValueError as error:
        return nothing(step, str(error))
    namespace = step.names.get("Namespace", "")
    lines = ["new $namespace", f"set $namespace = {literal(namespace)}"] if namespace else []
    for each in found:
        lines += [
            f"set result = ##class(%SQL.Statement).%ExecDirect(, {literal(each)})",
            "if result.%SQLCODE < 0 { return $$SAID(title, 0, result.%Message) }",
        ]
    return Said(step, [*lines, "return $$SAID(title, 1)"])


def _delete(step: Step, written: ByObject) -> Said:
    if not written.deletes:
        return nothing(step, written.keeps)
    lines = list(brought(step, written))
    lines.append('if \'there { return $$SAID(title, 1, "it is not there") }')
    key = deleted_by(step, written)
    lines.append(f"return $$SAID(title, ##class({class_of(step, written)}).{written.deletes}({key}))")
    return Said(step, lines)


def _write(step: Step, written: ByObject) -> Said:
    creating = step.sort is Sort.CREATE
    if creating and not written.creates:
        return nothing(step, written.keeps)
    if step.not_known:
        return Said(step, unsaid=(Unsaid(step, NOT_READ, tuple(step.not_known)),))
    values, unsaid = writable(step)
    beside: dict[str, dict[str, Value]] = {}
    for name in list(values):
        declared = step.declared(name)
        place = declared.beside if declared else ""
        other = written.beside.get(place)
        if name in (other or written).leaves:
            unsaid.append(Unsaid(step, (other or written).leaves[name], (name,)))
            del values[name]
        elif other is not None:
            beside.setdefault(place, {})[name] = values.pop(name)
    sets, arrays = settings(step, written, values, unsaid)
    secrets = _secrets(step, written, unsaid)
    apart = [
        line
        for place, there in beside.items()
        for line in _beside(step, written.beside[place], there, unsaid)
    ]
    if not (sets or arrays or secrets or apart or creating):
        return Said(step, unsaid=tuple(unsaid))
    lines = [*brought(step, written)]
    lines += made(step, written, values, unsaid) if creating else [_gone()]
    lines += sets
    lines += [
        f"set item.{member(target)} = secret({literal(step.label)}, {literal(name)})"
        for name, target in secrets
    ]
    if written.batched and step.goes_on:
        lines.append("set item.Flags = 1    ; saved; the last of this namespace brings all to life")
    calls = [f"item.{written.saves}()"] if sets or secrets or (creating and not arrays) else []
    calls += [f"item.{written.activates}()"] if calls and written.activates else []
    if arrays:
        lines += arrays
        calls.append(f"##class({class_of(step, written)}).Modify({key_of(step, written)}, .properties)")
    lines += map(ROUTINE.must, calls if apart else calls[:-1])
    lines += apart or [f"return $$SAID(title, {calls[-1]})"]
    return Said(step, lines, tuple(unsaid), tuple(name for name, _target in secrets))


def _gone() -> str:
    return f"if 'there {{ return $$SAID(title, 0, {literal(NOT_THERE)}) }}"


def _secrets(step: Step, written: ByObject, unsaid: list[Unsaid]) -> list[tuple[str, str]]:
    found = []
    for name in step.about.secrets:
        declared = step.declared(name)
        if declared is None or declared.shape is Shape.RECORDS:
            unsaid.append(Unsaid(step, SECRET_INSIDE, (name,)))
        else:
            found.append((name, stored_name(step, written, name)))
    return found


def _beside(step: Step, other: ByObject, values: dict[str, Value], unsaid: list[Unsaid]) -> Iterator[str]:
    """Yield the lines that write what stands in another place: the label of a database."""
    sets, _arrays = settings(step, other, values, unsaid)
    if not sets:
        return
    yield f"set label = ##class({other.iris_class}).{other.opener}(item.{other.key[0]})"
    yield 'if \'$isobject(label) { return $$SAID(title, 0, "its file cannot be opened") }'
    yield from (line.replace("set item.", "set label.", 1) for line in sets)
    yield "return $$SAID(title, label.%Save())"


def text(plan: Plan, said: Iterable[Said], tongue: Tongue) -> str:
    """Return the whole routine."""
    steps = list(said)
    done = [each for each in steps if each.body is not None]
    lines = [f"ROUTINE {NAME} [Type=MAC]", "    ;"]
    lines += [f"    ; {comment(line)}".rstrip() for line in heading(plan, steps, tongue)]
    lines += [f"    ; {line}".rstrip() for line in _how(done)]
    lines += ["    ;", f'    write "Call $$RUN^{NAME}() instead."', "    quit", ""]
    lines += _block("RUN(secret)", _run(steps, done))
    lines += _block("PROBLEM(secret)", _problems(plan, done))
    for each in done:
        title = f"{each.step.label}. {each.step.title}"
        about = [f"; {comment(line)}" for line in (title, *each.step.remarks)]
        body = [*about, f"set title = {literal(title)}", *each.body]
        lines += _block(f"{_label(each.step)}(secret)", body)
    for name, body in _HELP.items():
        lines += _block(name, body)
    return "\n".join(lines)


def _how(done: list[Said]) -> Iterator[str]:
    yield ""
    yield "In the namespace %SYS, as a user with the role %All:"
    yield ""
    yield '    do $SYSTEM.OBJ.Load("/tmp/plan.mac", "ck")'
    secrets = [(each.step, name) for each in done for name in each.secrets]
    for step, name in secrets:
        yield comment(f'    set secret({literal(step.label)}, {literal(name)}) = "..."    ; {step.key}')
    if any(each.step.kind.name == "user" for each in done if each.secrets):
        yield "    (the password of a user: hash,salt,work factor,algorithm as the primary has them)"
    yield f"    write $$RUN^{NAME}({'.secret' if secrets else ''})"
    yield f'    do ##class(%Library.Routine).Delete("{NAME}.MAC")'
    yield ""
    yield "It returns 1 where all was done and 0 where it stopped; what was done stays, and it can be run again."


def _run(all_of_them: list[Said], done: list[Said]) -> Iterator[str]:
    yield "; Carries out the steps in their order, and stops at the first that fails."
    yield "try {"
    yield "    set problem = $$PROBLEM(.secret)"
    yield '    if problem \'= "" {'
    yield '        write !, "Nothing was done: ", problem, !'
    yield "        return 0"
    yield "    }"
    for each in done:
        mark = "; " if each.step.withheld else ""
        yield f"    {mark}if '$${_label(each.step)}(.secret) {{ return 0 }}"
        if each.step.withheld:
            yield f"    ;     {comment(each.step.withheld)}"
    steps = sum(not each.step.withheld for each in done)
    left = sum(bool(each.unsaid) and not each.step.withheld for each in all_of_them)
    yield f'    write !, "All {steps} steps are done. Compare the members again: driftsync diff", !'
    if left:
        yield f'    write "Steps that are not in it, or not wholly: {left}. They are listed at its beginning.", !'
    yield "    return 1"
    yield "}"
    yield "catch error {"
    yield '    write !, "Stopped: ", error.DisplayString(), !'
    yield "    return 0"
    yield "}"


def _problems(plan: Plan, done: list[Said]) -> Iterator[str]:
    yield from problems(plan, (each.step for each in done))
    for each in done:
        for name in () if each.step.withheld else each.secrets:
            place = f"secret({literal(each.step.label)}, {literal(name)})"
            yield f"if '$data({place}) {{ return {literal(f'{place} was not given')} }}"
    yield 'return ""'


def _label(step: Step) -> str:
    return f"S{step.label}" if step.label.isdigit() else step.label.upper()


def _block(head: str, body: Iterable[str]) -> list[str]:
    return [f"{head} PUBLIC", "{", *(f"    {line}" for line in body), "}", ""]


_HELP = {
    'SAID(title, status, reason = "")': [
        "; Writes what became of a step; returns whether the next may be taken.",
        "if $$FAILED(title, status, reason) { return 0 }",
        'write !, "done    ", title, $select(reason = "": "", 1: ": "_reason)',
        "return 1",
    ],
    'FAILED(title, status, reason = "")': [
        "; Says whether a status is an error, and writes it.",
        "if (status = 1) || ##class(%SYSTEM.Status).IsOK(status) { return 0 }",
        'write !, "FAILED  ", title, ": ", $select(reason = "": ##class(%SYSTEM.Status).GetErrorText(status), 1: reason), !',
        "return 1",
    ],
    "ONLY(statement, first, second)": [
        "; Returns the first column of the only row: nothing where there is none, ? where there are several.",
        "set rows = ##class(%SQL.Statement).%ExecDirect(, statement, first, second)",
        "if rows.%SQLCODE < 0 { throw ##class(%Exception.SQL).CreateFromSQLCODE(rows.%SQLCODE, rows.%Message) }",
        'if \'rows.%Next() { return "" }',
        "set found = rows.%GetData(1)",
        'return $select(rows.%Next(): "?", 1: found)',
    ],
}
"""What the steps share."""
