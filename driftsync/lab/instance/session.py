"""This module is one connection to an instance: its login, its open objects, and where calls are answered."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from driftsync.lab.contract import Argument, Column, ObjectReference, Reply, ResultSet, Value
from driftsync.lab.instance import sql
from driftsync.lab.instance.calling import Call, answer_to, bind
from driftsync.lab.instance.errors import StatusError, raised
from driftsync.lab.instance.facts import ClassFacts, MethodFacts, all_classes
from driftsync.lab.instance.objects import LabObject, RecordObject
from driftsync.lab.instance.privileges import Login
from driftsync.lab.instance.writes import METHODS

if TYPE_CHECKING:
    from driftsync.lab.instance.member import SimulatedInstance

WITHOUT_NAMESPACE = ("%", "INFORMATION.SCHEMA")
"""Classes that begin so are there in every namespace; the others of the lab in `%SYS` alone."""

WRITES = frozenset({"Save", "Delete", "DeleteId"})


class SimulatedSession:
    """One connection. Calls of one instance take turns."""

    def __init__(self, instance: SimulatedInstance, login: Login, namespace: str, job: int) -> None:
        self.instance = instance
        self.login = login
        self.namespace = namespace
        self.job = job
        self._objects: dict[int, LabObject] = {}
        self._lock: threading.RLock = instance.lock

    # -- what the protocol server calls ----------------------------------------------------------------------

    def class_method(self, class_name: str, method: str, arguments: Sequence[Argument]) -> Reply:
        """Call a class method."""
        with self._lock:
            facts, found = self._method(class_name, method)
            if not found.class_method:
                raise raised("INVALID OREF")
            return self._answer(facts, found, arguments, None)

    def method(self, target: ObjectReference, method: str, arguments: Sequence[Argument]) -> Reply:
        """Call a method of an object."""
        with self._lock:
            opened = self._opened(target)
            if isinstance(opened, RecordObject) and opened.class_name in all_classes():
                facts, found = self._method(opened.class_name, method)
                return self._answer(facts, found, arguments, opened)
            before = self._changes
            value, returned = opened.invoke(method, list(arguments))
            if self._changes != before:
                self.instance.writes.note(opened.class_name, method, done=True)
            backward = tuple(
                self.outgoing(returned.get(place, argument.value))
                for place, argument in enumerate(arguments)
                if argument.by_reference
            )
            return Reply(self.outgoing(value), backward)

    def get(self, target: ObjectReference, name: str) -> Value:
        """Read a property."""
        with self._lock:
            return self.outgoing(self._opened(target).get(name))

    def set(self, target: ObjectReference, name: str, value: Value) -> None:
        """Set a property of an open object."""
        with self._lock:
            self._opened(target).set(name, value)

    def function(self, function: str, routine: str, arguments: Sequence[Argument]) -> Reply:
        """Call a function of a routine; the lab has no routines."""
        raise raised("NOROUTINE", f"{function}^{routine}/{len(arguments)}")

    def query(self, sql_text: str, parameters: Sequence[Value]) -> ResultSet:
        """Run a SELECT."""
        with self._lock:
            return sql.run_query(self, sql_text, parameters)

    def describe(self, sql_text: str, parameters: int) -> Sequence[Column]:
        """Return the columns of a SELECT before its values are known."""
        with self._lock:
            return sql.describe_query(self, sql_text, parameters)

    def execute(self, sql_text: str, parameters: Sequence[Value]) -> int:
        """Run any other statement."""
        with self._lock:
            word, done = sql_text.split(maxsplit=1)[0].upper(), False
            try:
                affected = sql.run_statement(self, sql_text, parameters)
                done = True
            finally:
                self.instance.writes.note("SQL", word, done=done)
            return affected

    def close(self) -> None:
        """Forget the open objects."""
        self._objects.clear()
        self.release_locks()
        self.instance.sessions.pop(self.job, None)

    def lock(self, name: str, mode: str) -> None:
        """Lock a name, once more each time. Raises `<TIMEOUT>` at once: nobody in the lab waits for a lock."""
        del mode
        with self._lock:
            held = self.instance.locks.setdefault(name.lstrip("^"), [])
            if held and held[0] != self.job:
                raise raised("TIMEOUT")
            held.append(self.job)

    def unlock(self, name: str) -> None:
        """Give one lock of a name back."""
        with self._lock:
            held = self.instance.locks.get(name.lstrip("^"), [])
            if self.job in held:
                held.remove(self.job)

    def release_locks(self) -> None:
        """Give all locks of this session back, as the end of a process does."""
        with self._lock:
            for held in self.instance.locks.values():
                held[:] = [job for job in held if job != self.job]

    # -- what answers use --------------------------------------------------------------------------------------

    def facts(self, class_name: str) -> ClassFacts:
        """Return the facts of a class of this release. Raises `<CLASS DOES NOT EXIST>`."""
        here = self.namespace == "%SYS" or class_name.startswith(WITHOUT_NAMESPACE)
        if class_name.startswith("Ens."):
            here = self.namespace in self.instance.interoperable
        if not here or not self.instance.has_class(class_name):
            raise raised("CLASS DOES NOT EXIST", class_name)
        return all_classes()[class_name]

    def must_may(self, class_name: str, *, write: bool = False) -> None:
        """Raise `<PROTECT>` unless the login may use the class."""
        allowed = self.login.may_call(class_name)
        if write and class_name.startswith("Config."):
            allowed = allowed and self.login.may("%DB_IRISSYS:RW")
        if self.instance.faults.refuses(class_name) or not allowed:
            raise raised("PROTECT", class_name)

    def reference(self, opened: LabObject) -> ObjectReference:
        """Return a new reference to an object."""
        number = self.instance.next_reference()
        self._objects[number] = opened
        return ObjectReference(number, opened.class_name)

    def open_object(self, value: Any) -> LabObject | None:
        """Return the object behind a reference, if it is one."""
        return self._objects.get(value.number) if isinstance(value, ObjectReference) else None

    def outgoing(self, value: Any) -> Value:
        """Return what travels: objects as references."""
        if isinstance(value, LabObject):
            return self.reference(value)
        if value is None or isinstance(value, (str, int, float, bytes, ObjectReference)):
            return value
        raise TypeError(f"{type(value).__name__} cannot travel")

    @property
    def _changes(self) -> int:
        return self.instance.storage.changes + self.instance.files.changes

    def _opened(self, target: ObjectReference) -> LabObject:
        opened = self._objects.get(target.number)
        if opened is None:
            raise raised("INVALID OREF")
        return opened

    def _method(self, class_name: str, method: str) -> tuple[ClassFacts, MethodFacts]:
        facts = self.facts(class_name)
        found = facts.methods.get(method)
        if found is None or not self.instance.has_method(class_name, method):
            raise raised("METHOD DOES NOT EXIST", f"{method},{class_name}")
        return facts, found

    def _answer(
        self, facts: ClassFacts, found: MethodFacts, arguments: Sequence[Argument], target: LabObject | None
    ) -> Reply:
        answer = answer_to(facts.name, found.name)
        if answer is None:
            raise raised("UNIMPLEMENTED", f"{facts.name}.{found.name}")
        call = Call(self, facts, found.name, bind(facts.name, found, arguments), target)
        before, value = self._changes, None
        try:
            self.must_may(facts.name, write=found.name.lstrip("%") in WRITES)
            value = answer(call)
        except StatusError as error:
            value = error.status
        finally:
            if found.name in METHODS or self._changes != before:
                done = bool(value) and not (isinstance(value, bytes) and value.startswith(b"0 "))
                self.instance.writes.note(facts.name, found.name, done=done)
        backward = tuple(
            self.outgoing(call.returned.get(formal.name, argument.value))
            for formal, argument in zip(found.arguments, arguments, strict=False)
            if argument.by_reference
        )
        return Reply(self.outgoing(value), backward)
