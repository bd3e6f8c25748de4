"""This module makes the calls of one action, as its kind declares how its items are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from driftsync.applying.failures import WriteFailed
from driftsync.applying.gathering import replace_elements, replace_one, replace_pairs
from driftsync.applying.permitted import Writer
from driftsync.connections import ObjectHandle
from driftsync.connections.interface import BY_REFERENCE
from driftsync.documents.task_export import full_name
from driftsync.extracting.config import ROWS
from driftsync.extracting.reach import Reach
from driftsync.kinds import all_kinds, declaration, statements
from driftsync.kinds.holders import HOLDERS
from driftsync.kinds.spec import Kind, Property, Shape
from driftsync.kinds.spelling import elements, spelled
from driftsync.kinds.written import ByObject, ByStatement, in_cpf
from driftsync.language import english as _
from driftsync.model import Action, Sort
from driftsync.serial_list import encode_list

SAVED_ONLY, ALL = 1, 7
"""`Flags` of the configuration: saved, to be activated with others; saved, written to the CPF and activated (api.md 2.4)."""


class Carried(Protocol):
    """What is read of the primary at the moment it is needed, and never kept."""

    def value(self, action: Action, name: str) -> Any:
        """Return what the property `name` of the object takes; raises `WriteFailed` where it cannot be carried."""
        ...


class ActionWriter:
    """Writes actions over one connection; `reach` reads what a call needs (an id, a directory) over the same."""

    def __init__(
        self, writer: Writer, reach: Reach, carried: Carried, elsewhere: Callable[[], Writer]
    ) -> None:
        """`elsewhere` opens a connection beside this one: statements are carried out in other namespaces than %SYS."""
        self._writer, self._reach, self._carried = writer, reach, carried
        self._elsewhere, self._statements, self._namespace = elsewhere, writer, ""

    def write(
        self,
        action: Action,
        *,
        activate: bool = True,
        handle: ObjectHandle | None = None,
        undoing: bool = False,
    ) -> None:
        """Carry one action out. Raises `WriteFailed`, or `CallFailed` and `ConnectionFailed` of the connection.

        Only `undoing` deletes what its kind says is deleted by the run that made it and by nobody else.
        Without `activate` a mapping is saved and not brought to life. `handle` is the item's object where it is open.
        """
        kind = all_kinds()[action.kind]
        self.committed = False
        match kind.written:
            case ByObject() as written:
                if undoing:
                    written = replace(written, deletes=written.taken_back_by)
                self._by_object(kind, written, action, SAVED_ONLY if not activate else ALL, handle)
            case ByStatement() as written:
                self._by_statement(written, action)
            case _:
                raise WriteFailed(_("this kind is never written by this tool"))

    def enliven(self, action: Action) -> None:
        """Bring to life what was saved, where that is a call of its own: it may have been cut off before it."""
        kind = all_kinds()[action.kind]
        if isinstance(kind.written, ByObject) and kind.written.activates and action.sort is not Sort.DELETE:
            opened = self._brought(class_of(kind, kind.written, action.identity), kind.written, action)
            self._writer.must(self._writer.invoke(opened, kind.written.activates).value)

    # -- objects -----------------------------------------------------------------------------------------------

    def _by_object(
        self, kind: Kind, written: ByObject, action: Action, flags: int, handle: ObjectHandle | None
    ) -> None:
        class_name = class_of(kind, written, action.identity)
        if action.sort is Sort.DELETE:
            self._delete(written, class_name, action, flags)
            return
        apart = {name: self._beside(kind, written, name) for name in (*action.sets, *action.secrets)}
        own = {name: value for name, value in action.sets.items() if not apart[name]}
        secrets = [name for name in action.secrets if not apart[name]]
        if action.sort is Sort.CREATE and written.creates != "%New":
            own = self._create(kind, written, class_name, action, own)
            if not own and not secrets:
                return
        if own or secrets or action.sort is Sort.CREATE:
            made = action.sort is Sort.CREATE and written.creates == "%New"
            opened = (
                self._made(class_name, written, action)
                if made
                else handle or self._brought(class_name, written, action)
            )
            self._fill(kind, written, class_name, opened, action, own, secrets)
            self._save(written, class_name, opened, flags)
            if written.activates:
                self._writer.must(self._writer.invoke(opened, written.activates).value)
        for place, other in written.beside.items():
            there = {name: value for name, value in action.sets.items() if apart[name] == place}
            if there:
                opened = self._brought(other.iris_class, other, action)
                self._fill(kind, other, other.iris_class, opened, action, there, [])
                self._save(other, other.iris_class, opened, ALL)

    def _beside(self, kind: Kind, written: ByObject, name: str) -> str:
        declared = kind.declared(name)
        return declared.beside if declared and declared.beside in written.beside else ""

    def _create(
        self, kind: Kind, written: ByObject, class_name: str, action: Action, sets: dict[str, Any]
    ) -> dict[str, Any]:
        """Make an item by a class method with plain arguments; return what these do not hold."""
        given = {**action.identity, **{name: value for name, value in sets.items() if value is not None}}
        arguments: list[Any] = []
        for name in written.arguments:
            declared = _declared(kind, action, name)
            value = given.get(name, "")
            arguments.append(
                spelled(declared, value) if declared and name in sets and name in given else value
            )
        while arguments and written.arguments[len(arguments) - 1] not in given:
            arguments.pop()  # an argument that an older release may not have
        self._writer.must(self._writer.call(class_name, written.creates, *arguments).value)
        self.committed = True
        return {name: value for name, value in sets.items() if name not in written.arguments}

    def _made(self, class_name: str, written: ByObject, action: Action) -> ObjectHandle:
        made = self._writer.made(self._writer.call(class_name, "%New").value)
        for name, value in action.identity.items():
            if f"{{{name}}}" not in written.iris_class and not (
                written.class_by and written.class_by[0] == name
            ):
                self._writer.set(made, written.stored_as.get(name, name), value)
        return made

    def _brought(self, class_name: str, written: ByObject, action: Action) -> ObjectHandle:
        key = self._key(written, action)
        if written.opener == "Exists":
            answer = self._writer.call(class_name, "Exists", *key, BY_REFERENCE, BY_REFERENCE)
            return self._writer.made(answer.returned[0] if answer.returned else None)
        return self._writer.made(self._writer.call(class_name, written.opener, *key).value)

    def _key(self, written: ByObject, action: Action) -> tuple[str, ...]:
        if written.literal:
            return written.literal
        if written.found_by:
            return (self._found(written, action),)
        identity = dict(action.identity)
        if written.key == ("Directory",):
            identity["Directory"] = self._directory(action)
        if written.key == () and action.identity.get("Section") in ROWS:
            return (identity["Name"],)
        return tuple(identity[name] for name in written.key)

    def _found(self, written: ByObject, action: Action) -> str:
        """Return the id of an item that has no key of its own. Raises `WriteFailed` unless exactly one fits."""
        kind = all_kinds()[action.kind]
        names = (kind.identity.namespace, *kind.identity.properties)
        values = [action.identity[name] for name in names if name]
        rows = self._reach.connection.query(written.found_by, *values).rows
        if len(rows) != 1:
            raise WriteFailed(_("{count} items have this name").format(count=len(rows)))
        return str(rows[0][0])

    def _directory(self, action: Action) -> str:
        from driftsync.extracting.config import by_list

        return str(by_list(self._reach, "Config.Databases", action.identity["Name"]).get("Directory") or "")

    def _delete(self, written: ByObject, class_name: str, action: Action, flags: int) -> None:
        if not written.deletes:
            raise WriteFailed(_("items of this kind are never deleted by this tool"))
        key: tuple[Any, ...] = self._key(written, action)
        if written.by_id:
            key = (self._writer.invoke(self._brought(class_name, written, action), "%Id").value,)
        more = ("", flags) if flags != ALL else ()
        answer = self._writer.call(class_name, written.deletes, *key, *more)
        self._writer.must(answer.value)
        self.committed = True

    def _save(self, written: ByObject, class_name: str, opened: ObjectHandle, flags: int) -> None:
        if in_cpf(class_name) and flags != ALL:
            self._writer.set(opened, "Flags", flags)
        self._writer.must(self._writer.invoke(opened, written.saves).value)
        self.committed = True

    def _fill(
        self,
        kind: Kind,
        written: ByObject,
        class_name: str,
        opened: ObjectHandle,
        action: Action,
        sets: Mapping[str, Any],
        secrets: list[str],
    ) -> None:
        parts: dict[str, ObjectHandle] = {}
        for name, value in sets.items():
            if name in secrets:
                continue
            declared = _declared(kind, action, name)
            if declared is None:
                raise WriteFailed(_("{name} is no declared property").format(name=name))
            head, _dot, part = name.partition(".")
            if head in written.parts:
                if head not in parts:
                    parts[head] = self._part(written, opened, head)
                self._set_part(written.parts[head], parts[head], part, declared, value)
            else:
                self._set(written, class_name, opened, action, declared, value)
        for name in secrets:
            target = written.stored_as.get(name, name)
            self._writer.set(opened, target, self._carried.value(action, name))

    def _set(
        self,
        written: ByObject,
        class_name: str,
        opened: ObjectHandle,
        action: Action,
        declared: Property,
        value: Any,
    ) -> None:
        name = stored_name(written, action.identity, declared.name)
        if name in written.made_of:
            self._put_together(opened, name, written.made_of[name], value)
            return
        facts = self._reach.dictionary.properties(class_name).get(name)
        is_collection = facts is not None and facts.collection.lower() == "list"
        before = action.before.get(declared.name) if action.sort is Sort.CHANGE else None
        if declared.shape is Shape.PAIRS:
            replace_pairs(self._writer, opened, name, before or {}, value or {})
        elif declared.shape in {Shape.SET, Shape.LIST} and is_collection:
            replace_elements(self._writer, opened, name, elements(value), elements(before))
        elif declared.name in written.links:
            linked, opener, _name = written.links[declared.name]
            other = self._writer.made(self._writer.call(linked, opener, value).value) if value else ""
            self._writer.set(opened, name, other)
        elif declared.name == "RunAfter":
            self._writer.set(opened, name, self._guid(str(value)) if value else "")
        else:
            self._writer.set(opened, name, spelled(declared, value))

    def _part(self, written: ByObject, opened: ObjectHandle, name: str) -> ObjectHandle:
        """Return the object that a property is, a new one where there is none yet."""
        found = self._writer.get(opened, name)
        if isinstance(found, ObjectHandle):
            return found
        made = self._writer.made(self._writer.call(written.parts[name], "%New").value)
        self._writer.set(opened, name, made)
        return made

    def _set_part(
        self, class_name: str, opened: ObjectHandle, name: str, declared: Property, value: Any
    ) -> None:
        if name not in self._reach.dictionary.properties(class_name):
            raise WriteFailed(_("this release has no {name} in {place}").format(name=name, place=class_name))
        if value in (None, []):
            self._writer.set(opened, name, "")
        else:
            listed = declared.shape is Shape.SET
            self._writer.set(
                opened, name, encode_list(elements(value)) if listed else spelled(declared, value)
            )

    def _put_together(self, opened: ObjectHandle, name: str, parts: tuple[str, ...], value: Any) -> None:
        """Set the parts of what the class only shows. Raises `WriteFailed` where it has no part for a value."""
        given = elements(value) if isinstance(value, (list, tuple)) else [value]
        if len(given) > len(parts):
            raise WriteFailed(_("{name} has no property for each of these values").format(name=name))
        for place, part in enumerate(parts):
            self._writer.set(opened, part, given[place] if place < len(given) else "0")

    def _guid(self, wanted: str) -> str:
        """Return the identifier of a task on this member, by namespace and name."""
        rows = self._reach.connection.query("SELECT NameSpace, Name, JobGUID FROM %SYS.Task").records()
        for row in rows:
            if full_name(row).casefold() == wanted.casefold():
                return str(row["JobGUID"])
        raise WriteFailed(_("the task {name} that it runs after is not on this member").format(name=wanted))

    # -- statements ----------------------------------------------------------------------------------------------

    def _by_statement(self, written: ByStatement, action: Action) -> None:
        try:
            made = statements.of(written, action)
        except ValueError as error:
            raise WriteFailed(str(error)) from None
        writer = self._in(action.identity.get("Namespace", ""))
        for statement in made:
            writer.execute(statement)
            self.committed = True

    def keep_role(self, action: Action, *, held: bool) -> None:
        """See that whoever a statement named holds the role itself as it was before that: GRANT gives it, REVOKE takes it.

        A plan grants the right to pass a role on only to whoever holds it, and revokes that only from whoever does not
        (`planning.role_grants`); so what to see to follows from the step, and may be done again after an interruption.
        """
        named = statements.role_and_holder(action)
        if named is None:
            return
        role, who = named
        for holder in HOLDERS:
            answer = self._writer.call(holder.iris_class, "Exists", who, BY_REFERENCE, BY_REFERENCE)
            if str(answer.value) in {"1", "True"}:
                opened = self._writer.made(answer.returned[0])
                if replace_one(self._writer, opened, holder.roles, role, there=held):
                    self._save(ByObject(), holder.iris_class, opened, ALL)
                return
        raise WriteFailed(_("{name} is neither a user nor a role any more").format(name=who))

    def _in(self, namespace: str) -> Writer:
        """Return the writer of a connection that is in a namespace: never the one that reads and is in %SYS for good."""
        if not namespace:
            return self._writer
        if self._statements is self._writer:
            self._statements = self._elsewhere()
        if self._namespace != namespace:
            self._statements.call("%SYSTEM.Process", "SetNamespace", namespace)
            self._namespace = namespace
        return self._statements


def _declared(kind: Kind, action: Action, name: str) -> Property | None:
    return declaration(kind, action.namespace, action.identity.get("Name", ""), name)


def class_of(kind: Kind, written: ByObject, identity: Mapping[str, str]) -> str:
    """Return the class whose calls write an item."""
    if written.class_by:
        name, classes = written.class_by
        return classes[identity[name]]
    return (written.iris_class or kind.iris_class).format_map(identity)


def stored_name(written: ByObject, identity: Mapping[str, str], name: str) -> str:
    """Return how the object calls a property: a setting is the property of its section."""
    if written.iris_class.startswith("Config.{") and name == "Value":
        return ROWS.get(identity["Section"], identity["Name"])
    return written.stored_as.get(name, name)
