"""This module finds the answer to a call: a table of answers by class and method, and what a call carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import Argument, Value
from driftsync.lab.instance.defaults import FLAGS_OF_CPF
from driftsync.lab.instance.errors import raised
from driftsync.lab.instance.facts import ArgumentFacts, ClassFacts, MethodFacts

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance
    from driftsync.lab.instance.objects import LabObject
    from driftsync.lab.instance.session import SimulatedSession

_DEFAULTS: Mapping[str, Value] = {
    "{$$$CPFSave+$$$CPFWrite+$$$CPFActivate}": FLAGS_OF_CPF,
    "{$$$SystemSecurityName}": "SYSTEM",
    "{$$$DBDEFAULTResourceName}": "%DB_%DEFAULT",
    "{$$$DefaultDatabaseBlockSize}": 8192,
    "{##Class(%Library.Collate).GetSystemDefaultNumber()}": 5,
}


@dataclass
class Call:
    """One call on its way: arguments by formal name, and what goes back in those by reference."""

    session: SimulatedSession
    facts: ClassFacts
    method: str
    arguments: dict[str, Value]
    target: LabObject | None = None
    returned: dict[str, Any] = field(default_factory=dict)

    @property
    def instance(self) -> SimulatedInstance:
        return self.session.instance

    def value(self, name: str) -> Value:
        """Return an argument as it came."""
        return self.arguments.get(name, "")

    def text(self, name: str) -> str:
        """Return an argument as text; a list or a status keeps its bytes as characters."""
        return as_text(self.arguments.get(name))

    def number(self, name: str, otherwise: int = 0) -> int:
        """Return an argument as a whole number, as ObjectScript reads one."""
        return as_number(self.arguments.get(name), otherwise)

    def give(self, name: str, value: Any) -> None:
        """Set an argument that is passed by reference."""
        self.returned[name] = value


Answer = Callable[[Call], Any]

_ANSWERS: dict[tuple[str, str], Answer] = {}


def answers(pattern: str, *methods: str) -> Callable[[Answer], Answer]:
    """Register the answer to methods of a class, or of all classes whose names begin with what stands before `*`."""

    def register(answer: Answer) -> Answer:
        for method in methods:
            _ANSWERS[pattern, method] = answer
        return answer

    return register


def answer_to(class_name: str, method: str) -> Answer | None:
    """Return the closest answer."""
    exact = _ANSWERS.get((class_name, method))
    if exact:
        return exact
    fitting = [
        pattern
        for pattern, name in _ANSWERS
        if name == method and pattern.endswith("*") and class_name.startswith(pattern[:-1])
    ]
    return _ANSWERS[max(fitting, key=len), method] if fitting else None


def bind(class_name: str, method: MethodFacts, arguments: Sequence[Argument]) -> dict[str, Value]:
    """Return the arguments by formal name, defaults filled in. Raises `<PARAMETER>` for too many."""
    if len(arguments) > len(method.arguments):
        raise raised("PARAMETER", f"{method.name},{class_name}")
    bound = {formal.name: default_of(formal) for formal in method.arguments}
    for formal, argument in zip(method.arguments, arguments, strict=False):
        if argument.value is not None:
            bound[formal.name] = argument.value
        elif argument.by_reference:
            bound[formal.name] = ""
    return bound


def default_of(formal: ArgumentFacts) -> Value:
    """Return the default of an argument that was left out."""
    default = formal.default
    if not default:
        return ""
    if default.startswith('"'):
        return default[1:-1].replace('""', '"')
    if default.lstrip("-").isdigit():
        return int(default)
    return _DEFAULTS.get(default, "")


def as_text(value: Any) -> str:
    """Return a value as ObjectScript spells it."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_number(value: Any, otherwise: int = 0) -> int:
    """Return the whole number at the beginning of a value."""
    text = as_text(value).strip()
    digits = text[1:] if text[:1] in "+-" else text
    count = next((place for place, letter in enumerate(digits) if letter not in "0123456789"), len(digits))
    if not count:
        return otherwise
    number = int(digits[:count])
    return -number if text.startswith("-") else number


def matches(name: str, patterns: str) -> bool:
    """Say whether a name fits one of the patterns: `*` alone or at an end, commas between, case ignored."""
    folded = name.lower()
    for pattern in patterns.lower().split(","):
        wanted = pattern.strip()
        if wanted in {"*", folded} or (wanted.endswith("*") and folded.startswith(wanted[:-1])):
            return True
    return False
